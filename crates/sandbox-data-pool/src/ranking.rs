//! Ranking: pools ordered by metrics. Nothing is read but the metrics, and nothing is written.

mod compare;

use std::path::PathBuf;

use sandbox_core::component::Entry;
use sandbox_core::hook::Category;
use sandbox_document::value::lookup;
use serde::Deserialize;
use serde_json::Value;

use crate::component::{self, DataPoolManipulator, Flaw, Key, key, no_paths, usable};
use crate::error::{PoolError, ticked};
use crate::inputs;
use crate::observer::{Running, Work};
use crate::paths::{Paths, one_or_many};
use crate::staging::Made;

/// The component.
pub const ENTRY: Entry = Entry {
    category: Category::GeneralProbe,
    type_name: Some("data_pool_ranking"),
    summary: "Orders data pools by metrics",
    doc: "`dataset_path` and `metrics` are lists of one length: what was measured with each pool. Pools are sorted by the values \
          under `ranking_keys` (dotted), the first key first; keys that the first metric does not have are reported and ignored. \
          Without keys, the metrics themselves are compared. The largest come first unless `descending` is false; ties keep their \
          order. `top_n` keeps the first N. Returns the paths in their new order; pools that are missing are reported and left out.",
    example: "hook: GeneralProbeHook\n\
              meta_name: rank\n\
              extra_configs:\n  \
                type: data_pool_ranking\n  \
                dataset_path: [outputs/pools/a.jsonl, outputs/pools/b.jsonl]\n  \
                metrics: [{score: 0.3}, {score: 0.7}]\n  \
                ranking_keys: [score]\n  \
                top_n: 1\n\
              output: best\n",
    check: component::check::<Ranking>,
    build: component::build::<Ranking>,
};

/// What is ranked, and by what.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Ranking {
    /// The pools.
    pub dataset_path: Paths,
    /// What was measured with each pool.
    #[serde(deserialize_with = "one_or_many")]
    pub metrics: Vec<Value>,
    /// What to compare of the metrics.
    #[serde(default, deserialize_with = "keys")]
    pub ranking_keys: Vec<String>,
    /// Whether the largest comes first.
    #[serde(default = "yes")]
    pub descending: bool,
    /// How many to keep.
    #[serde(default)]
    pub top_n: Option<u64>,
}

fn yes() -> bool {
    true
}

fn keys<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    Ok(Option::<Paths>::deserialize(deserializer)?.unwrap_or_default().0)
}

impl Ranking {
    /// The pools `dataset_path` by their metrics, the largest first.
    pub fn new(dataset_path: impl Into<Paths>, metrics: Vec<Value>) -> Self {
        Self { dataset_path: dataset_path.into(), metrics, ranking_keys: Vec::new(), descending: true, top_n: None }
    }

    /// The keys that the first metric has.
    fn keys_there(&self) -> Vec<&str> {
        let first = self.metrics.first().unwrap_or(&Value::Null);
        self.ranking_keys.iter().map(String::as_str).filter(|key| lookup(first, key).is_some()).collect()
    }
}

impl DataPoolManipulator for Ranking {
    const KEYS: &'static [Key] = &[
        Key::many("dataset_path", "", "The pools"),
        Key::many("metrics", "", "What was measured with each pool: numbers, or maps of them"),
        Key::many("ranking_keys", "[]", "What to compare of the metrics, the first key first; dots descend"),
        Key::one("descending", "true", "Whether the largest comes first"),
        Key::one("top_n", "null", "How many pools to return"),
    ];

    fn flaws(&self) -> Vec<Flaw> {
        let mut flaws: Vec<Flaw> = no_paths("dataset_path", &self.dataset_path).into_iter().collect();
        // A folder or pattern stands for several pools: how many, the run will see.
        let is_plain = self.dataset_path.0.iter().all(|path| !path.contains(['*', '?', '[', '{']) && !std::path::Path::new(path).is_dir());
        if is_plain && self.metrics.len() != self.dataset_path.0.len() {
            let message = lengths(self.metrics.len(), self.dataset_path.0.len());
            flaws.push(Flaw::new(key("metrics"), message, ONE_EACH).depends_on("dataset_path"));
        }
        if self.top_n == Some(0) {
            flaws.push(Flaw::new(key("top_n"), "`top_n` is 0: no pool would be left", "null keeps all"));
        }
        flaws.extend(compare::flaws(&self.metrics, &self.keys_there()).into_iter().map(|flaw| flaw.depends_on("ranking_keys")));
        flaws
    }

    fn inputs(&self) -> Vec<&Paths> {
        Vec::new()
    }

    fn pools(&self) -> Vec<&Paths> {
        vec![&self.dataset_path]
    }

    fn run(&self, running: &Running<'_>) -> Result<Made, PoolError> {
        Ok(Made { paths: rank(self, running)?, ..Made::default() })
    }
}

const ONE_EACH: &str = "one metric per data pool, in the same order";

fn lengths(metrics: usize, pools: usize) -> String {
    let s = |count: usize| if count == 1 { "" } else { "s" };
    format!("`metrics` has {metrics} value{} for {pools} data pool{}", s(metrics), s(pools))
}

/// Pools in the order of their metrics.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let pools: Vec<String> = ["a", "b"].iter().map(|name| folder.path().join(format!("{name}.jsonl")).display().to_string()).collect();
/// # pools.iter().try_for_each(|pool| std::fs::write(pool, ""))?;
/// use sandbox_data_pool::{Ranking, Running, rank};
/// let metrics = vec![serde_json::json!(0.25), serde_json::json!(0.5)];
/// let ranked = rank(&Ranking::new(pools.into_iter().collect::<sandbox_data_pool::Paths>(), metrics), &Running::default())?;
/// assert!(ranked[0].ends_with("b.jsonl"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// Metrics that cannot be compared, or are not as many as the pools; pools that are all missing.
pub fn rank(settings: &Ranking, running: &Running<'_>) -> Result<Vec<PathBuf>, PoolError> {
    usable(settings)?;
    let work = Work::new(running);
    let inputs = inputs::find(&settings.dataset_path, &work)?;
    if inputs.named != settings.metrics.len() {
        return Err(PoolError::setting(lengths(settings.metrics.len(), inputs.named), ONE_EACH));
    }
    let keys = settings.keys_there();
    let ignored: Vec<String> = settings.ranking_keys.iter().filter(|key| !keys.contains(&key.as_str())).cloned().collect();
    if !ignored.is_empty() {
        let instead = if keys.is_empty() { ": the metrics themselves are compared" } else { "" };
        work.observer.warning(&format!("the first metric has no {}: ignored{instead}", ticked(&ignored)));
    }
    let mut ranked: Vec<(Vec<&Value>, PathBuf)> =
        inputs.there.into_iter().map(|input| (compare::values(&settings.metrics[input.number], &keys), input.path)).collect();
    ranked.sort_by(|(a, _), (b, _)| {
        let order = compare::values_order(a, b);
        if settings.descending { order.reverse() } else { order }
    });
    let top = settings.top_n.and_then(|top| usize::try_from(top).ok()).unwrap_or(usize::MAX);
    Ok(ranked.into_iter().take(top).map(|(_, path)| path).collect())
}
