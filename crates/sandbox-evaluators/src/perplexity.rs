//! `EvaluateModelHook`, `type: perplexity`: held-out text under language models, in bits per byte.

mod score;

use std::path::PathBuf;

use async_trait::async_trait;
use indexmap::IndexMap;
use sandbox_core::component::{Component, ComponentError, Entry, Finding, JobContext, JobSettings, Outcome, Paths, blocking};
use sandbox_core::hook::{Category, Side};
use sandbox_document::{KeyPath, Problem};
use serde::{Deserialize, Deserializer};
use serde_json::json;

/// The perplexity evaluator.
pub const ENTRY: Entry = Entry {
    category: Category::ModelEvaluator,
    type_name: Some("perplexity"),
    summary: "Scores held-out text under language models in bits per byte, with intervals over documents",
    doc: "`extra_configs`: `model_path` (a model's file, a list, or a map from names to files), `dataset_path` (held-out \
          rows: file, directory or glob, a list, or a map from names of target sets to such), `text_key` (`text`). Returns \
          two outputs: the results (a list with one entry per model and target set: `model`, `model_path`, `target`, \
          `bits_per_byte`, `interval` (95 %, over documents), `documents`, `bytes`, `perplexity` (per symbol of the model), \
          and for every model but the first `difference` to the first with its interval from paired documents) and the lowest \
          bits per byte.",
    example: "hook: EvaluateModelHook\n\
              meta_name: held_out\n\
              extra_configs:\n  \
                type: perplexity\n  \
                model_path:\n    \
                  raw: outputs/models/raw.ngram\n    \
                  processed: outputs/models/processed.ngram\n  \
                dataset_path: data/heldout.jsonl\n\
              output: [results, bits_per_byte]\n",
    check,
    build,
};

const KEYS: &[&str] = &["model_path", "dataset_path", "text_key"];

#[derive(Debug, Clone, Deserialize)]
struct Config {
    model_path: Named,
    dataset_path: Named,
    #[serde(default = "text")]
    text_key: String,
}

fn text() -> String {
    "text".to_owned()
}

/// Paths with names: one path, a list (each named as it is written), or a map.
#[derive(Debug, Clone)]
struct Named(IndexMap<String, Vec<String>>);

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a path, a list of paths or a map from names to paths")]
        enum Written {
            One(String),
            Many(Vec<String>),
            Named(IndexMap<String, Paths>),
        }
        let itself = |path: String| (path.clone(), vec![path]);
        Ok(Self(match Written::deserialize(deserializer)? {
            Written::One(path) => [itself(path)].into(),
            Written::Many(paths) => paths.into_iter().map(itself).collect(),
            Written::Named(named) => named.into_iter().map(|(name, paths)| (name, paths.0)).collect(),
        }))
    }
}

fn check(settings: &JobSettings) -> Vec<Finding> {
    let mut findings = match settings.preview::<Config>(Side::Extra) {
        Ok(config) => config.map(|config| empty(&config).into_iter().chain(missing(settings, &config)).collect()).unwrap_or_default(),
        Err(findings) => findings,
    };
    findings.extend(settings.unread_keys(Side::Extra, KEYS));
    findings
}

/// Paths at which nothing stands and that no earlier job looks like writing.
fn missing(settings: &JobSettings, config: &Config) -> Vec<Finding> {
    let named = [("model_path", &config.model_path), ("dataset_path", &config.dataset_path)];
    let all = named.into_iter().flat_map(|(key, named)| named.0.iter().map(move |(name, paths)| (key, name, paths)));
    all.flat_map(|(key, name, paths)| match settings.is_pending(&format!("extra_configs.{key}.{name}")) {
        true => Vec::new(),
        false => settings.missing(Side::Extra, key, paths),
    })
    .collect()
}

fn empty(config: &Config) -> Vec<Finding> {
    let keys = [("model_path", &config.model_path), ("dataset_path", &config.dataset_path)];
    keys.into_iter()
        .filter(|(_, named)| named.0.is_empty() || named.0.values().any(Vec::is_empty))
        .map(|(key, _)| Finding::extra(KeyPath::root().key(key), Problem::error(format!("`{key}` names nothing"))))
        .collect()
}

fn build(settings: &JobSettings) -> Result<Box<dyn Component>, Vec<Finding>> {
    let config: Config = settings.read(Side::Extra)?;
    let findings = empty(&config);
    if findings.is_empty() { Ok(Box::new(Perplexity { config })) } else { Err(findings) }
}

struct Perplexity {
    config: Config,
}

#[async_trait]
impl Component for Perplexity {
    fn reads(&self) -> Vec<PathBuf> {
        let models = self.config.model_path.0.values().flatten().map(PathBuf::from);
        let texts = self.config.dataset_path.0.values().flat_map(|paths| sandbox_dataset::resolve(paths, &[]).unwrap_or_default());
        models.chain(texts).collect()
    }

    async fn run(&self, job: &JobContext) -> Result<Outcome, ComponentError> {
        let (config, events, stop) = (self.config.clone(), job.events.clone(), job.stop.clone());
        let scored = blocking(move || score::score_all(&config, &events, &stop)).await?;
        let lowest = scored.results.iter().map(|result| result.bits_per_byte).fold(f64::INFINITY, f64::min);
        let results = json!(scored.results);
        let watched = scored.results.iter().map(|result| {
            let name =
                if self.config.dataset_path.0.len() == 1 { result.model.clone() } else { format!("{}.{}", result.model, result.target) };
            (name, json!({"bits_per_byte": result.bits_per_byte, "perplexity": result.perplexity}))
        });
        Ok(Outcome {
            values: vec![results.clone(), lowest.into()],
            watched: Some(watched.collect::<serde_json::Map<_, _>>().into()),
            rejected_rows: scored.rejected,
            report: Some(json!({"kind": "perplexity", "results": results})),
            ..Outcome::default()
        })
    }
}
