//! Merging: pools one after the other, or mixed by weights.

mod concatenate;
mod fields;
mod mixture;

use std::path::PathBuf;

use sandbox_core::component::Entry;
use sandbox_core::hook::Category;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::component::{self, DataPoolManipulator, Flaw, Key, key, no_paths, usable};
use crate::duplication::forty_two;
use crate::error::PoolError;
use crate::inputs;
use crate::observer::{Running, Work};
use crate::paths::Paths;
use crate::staging::{About, Made, Staging};

pub use mixture::WeightBy;

/// The component.
pub const ENTRY: Entry = Entry {
    category: Category::DataPoolManipulator,
    type_name: Some("data_pool_merging"),
    summary: "Merges data pools into one, whole or mixed by weights",
    doc: "All pools one after the other are written to `EXPORT/PREFIX_merged.jsonl`, PREFIX the longest common beginning of the \
          file names (`default_prefix` when there is none). Pools may have different fields: their rows stay as they are, and a \
          note names the fields. With `weights`, one number per pool, the result is a mixture: each pool gives the share of its \
          weight, measured in rows or, with `weight_by: characters`, in characters of `text_key`. The mixture has `total` rows or \
          characters, or as many as it can have with no row more than `max_repeats` times (1). A pool gives its rows in whole \
          passes and then a random sample, drawn with `shuffle_seed`, in the pool's order. With `shuffle`, the rows of the result \
          are in random order. Returns the path.",
    example: "hook: DataPoolManipulationHook\n\
              meta_name: merge\n\
              extra_configs:\n  \
                type: data_pool_merging\n  \
                dataset_path: [outputs/web.jsonl, outputs/books.jsonl]\n  \
                export_path: outputs/merged\n  \
                weights: [3, 1]\n\
              output: merged\n",
    check: component::check::<Merging>,
    build: component::build::<Merging>,
};

/// What is merged, and how.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Merging {
    /// The pools.
    pub dataset_path: Paths,
    /// The folder of the result.
    pub export_path: PathBuf,
    /// A weight per pool; none for all rows of all pools.
    #[serde(default, deserialize_with = "weights")]
    pub weights: Option<Vec<f64>>,
    /// What the weights measure.
    #[serde(default)]
    pub weight_by: WeightBy,
    /// The field whose characters are counted.
    #[serde(default = "text")]
    pub text_key: String,
    /// Rows or characters of the mixture.
    #[serde(default)]
    pub total: Option<u64>,
    /// How often a row may be in the mixture.
    #[serde(default = "one")]
    pub max_repeats: u64,
    /// Whether the rows of the result are shuffled.
    #[serde(default)]
    pub shuffle: bool,
    /// The seed of samples and shuffle.
    #[serde(default = "forty_two")]
    pub shuffle_seed: u64,
}

fn text() -> String {
    "text".to_owned()
}

fn one() -> u64 {
    1
}

fn weights<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<f64>>, D::Error> {
    let number = |value: &Value| {
        value.as_f64().ok_or_else(|| serde::de::Error::custom(format!("expected a number or a list of numbers, not `{value}`")))
    };
    match Value::deserialize(deserializer)? {
        Value::Null => Ok(None),
        Value::Array(items) => items.iter().map(number).collect::<Result<_, _>>().map(Some),
        value => Ok(Some(vec![number(&value)?])),
    }
}

impl Merging {
    /// The pools `dataset_path` one after the other, in the folder `export_path`.
    pub fn new(dataset_path: impl Into<Paths>, export_path: impl Into<PathBuf>) -> Self {
        Self {
            dataset_path: dataset_path.into(),
            export_path: export_path.into(),
            weights: None,
            weight_by: WeightBy::Rows,
            text_key: text(),
            total: None,
            max_repeats: one(),
            shuffle: false,
            shuffle_seed: forty_two(),
        }
    }
}

impl DataPoolManipulator for Merging {
    const KEYS: &'static [Key] = &[
        Key::many("dataset_path", "", "The pool, or a list of them"),
        Key::one("export_path", "", "The folder of the result"),
        Key::many("weights", "null", "A weight per pool, for a mixture; null for all rows"),
        Key::one("weight_by", "rows", "What the weights measure: `rows` or `characters`"),
        Key::one("text_key", "text", "The field whose characters are counted"),
        Key::one("total", "null", "Rows or characters of the mixture; null for as many as it can have"),
        Key::one("max_repeats", "1", "How often a row may be in the mixture"),
        Key::one("shuffle", "false", "Whether the rows of the result are shuffled"),
        Key::one("shuffle_seed", "42", "The seed of samples and shuffle"),
    ];

    fn flaws(&self) -> Vec<Flaw> {
        let mut flaws: Vec<Flaw> = no_paths("dataset_path", &self.dataset_path).into_iter().collect();
        if let Some(weights) = &self.weights {
            flaws.extend(mixture::flaws(weights, &self.dataset_path));
        }
        for (name, is_zero) in [("total", self.total == Some(0)), ("max_repeats", self.max_repeats == 0)] {
            if is_zero {
                flaws.push(Flaw::new(key(name), format!("`{name}` is 0: nothing would be written"), "give 1 or more"));
            }
        }
        if self.weights.is_none() && (self.total.is_some() || self.max_repeats != 1) {
            let name = if self.total.is_some() { "total" } else { "max_repeats" };
            let hint = "give `weights`, one per data pool; [1, 1] takes as much of both";
            flaws.push(Flaw::new(key(name), format!("`{name}` is about mixtures, and there are no `weights`"), hint).depends_on("weights"));
        }
        flaws
    }

    fn inputs(&self) -> Vec<&Paths> {
        vec![&self.dataset_path]
    }

    fn run(&self, running: &Running<'_>) -> Result<Made, PoolError> {
        merge(self, running)
    }

    fn value(made: &Made) -> Value {
        made.paths.first().map_or(Value::Null, |path| path.to_string_lossy().into_owned().into())
    }
}

/// Merges pools into one.
///
/// # Errors
/// As [`DataPoolManipulator::run`].
pub fn merge(settings: &Merging, running: &Running<'_>) -> Result<Made, PoolError> {
    usable(settings)?;
    let work = Work::new(running);
    let inputs = inputs::find(&settings.dataset_path, &work)?;
    let staging = Staging::begin(&settings.export_path, &inputs.there, &work)?;
    let name = format!("{}_merged.jsonl", inputs::prefix(&inputs.there));
    let claim = staging.claim(&name, &inputs.there[0].path, About { operation: "merging", ..About::default() })?;
    let (parents, written) = if settings.weights.is_none() && !settings.shuffle {
        concatenate::concatenate(&inputs.there, staging.writer(claim)?, &staging, &work)?
    } else {
        if let Some(weights) = &settings.weights
            && weights.len() != inputs.named
        {
            return Err(mixture::lengths(weights.len(), inputs.named));
        }
        let mixed = mixture::mix(settings, &inputs.there, staging.writer(claim)?, &staging, &work)?;
        staging.about(claim, |about| {
            about.seed = Some(settings.shuffle_seed);
            about.details = [("taken".to_owned(), json!(mixed.taken))].into_iter().collect();
        });
        (mixed.parents, mixed.written)
    };
    staging.about(claim, |about| about.parents = parents);
    staging.written(claim, written);
    staging.commit()
}
