//! `EvaluateDataHook`, `type: accuracy`: the share of predicted labels that are the true ones.
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("rows.jsonl");
//! use sandbox_evaluators::{accuracy::accuracy, pairs::Pairs};
//! std::fs::write(&path, "{\"pred\": {\"label\": \"1\"}, \"gold\": 1}\n{\"pred\": {\"label\": \"b\"}, \"gold\": \"a\"}\n")?;
//! let scored = accuracy(&Pairs::within([path.display().to_string()], "pred.label", "gold"), &())?;
//! assert_eq!(scored.max_accuracy, 0.5); // labels are compared as text: `"1"` is `1`
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod label;

use std::path::PathBuf;

use async_trait::async_trait;
use sandbox_core::component::{Component, ComponentError, Entry, Finding, JobContext, JobSettings, Outcome, Paths};
use sandbox_core::hook::{Category, Side};
use serde::{Deserialize, Serialize};

use crate::pairs::component::{JobObserver, blocking, findings, missing, outcome};
use crate::pairs::{CompareError, Compared, Observer, Pairs, compare};

pub use label::python_str;

/// The accuracy evaluator.
pub const ENTRY: Entry = Entry {
    category: Category::DataEvaluator,
    type_name: Some("accuracy"),
    summary: "The share of predicted labels that are the true ones, row by row",
    doc: "`extra_configs`: `predicted_dataset_path` (a path or a list), `predicted_label_key` (dots descend, the longest \
          literal key wins), `ground_truth_dataset_path` (as many as predictions, or one for all; the predictions' own unless \
          given), `ground_truth_label_key` (the predictions' own unless given). Row k is compared with row k, up to the end of \
          the shorter dataset, which is warned about. Labels are compared as text, in Python's words: `1` is \"1\", `1.0` is \
          \"1.0\", `true` is \"True\", `null` is \"None\". Rows that are no JSON objects or lack the label are set aside; neither \
          they nor their partners count. Returns two outputs: the results (a list of `pred_path`, `gt_path`, `accuracy`) \
          and the highest accuracy. Watched: `max_accuracy`, and `accuracy` by the predictions' path.",
    example: "hook: EvaluateDataHook\n\
              meta_name: acc\n\
              extra_configs:\n  \
                type: accuracy\n  \
                predicted_dataset_path: data/predictions.jsonl\n  \
                predicted_label_key: pred.label\n  \
                ground_truth_label_key: gold\n\
              output: [results, max_accuracy]\n",
    check,
    build,
};

/// One dataset of predictions and its truth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Accuracy {
    /// The predictions, as the user wrote them.
    pub pred_path: String,
    /// The truth, as the user wrote it.
    pub gt_path: String,
    /// The share of equal labels, from 0 to 1.
    pub accuracy: f64,
}

/// All datasets, and the best one.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// One for each dataset of predictions, in their order.
    pub results: Vec<Accuracy>,
    /// The highest accuracy.
    pub max_accuracy: f64,
    /// How many pairs there were, how many labels were equal, and what was set aside.
    pub compared: Vec<Compared<u64>>,
}

/// The share of equal labels, compared as [`python_str`].
///
/// # Errors
/// As [`compare`].
pub fn accuracy(pairs: &Pairs, observer: &dyn Observer) -> Result<Scored, CompareError> {
    let add = |equal: &mut u64, prediction: String, truth: String, _| *equal += u64::from(prediction == truth);
    let compared = compare(pairs, python_str, add, observer)?;
    let results: Vec<Accuracy> = compared
        .iter()
        .map(|pair| Accuracy {
            pred_path: pair.predicted.clone(),
            gt_path: pair.truth.clone(),
            accuracy: pair.tally as f64 / pair.pairs as f64,
        })
        .collect();
    let max_accuracy = results.iter().map(|result| result.accuracy).fold(0.0, f64::max);
    Ok(Scored { results, max_accuracy, compared })
}

const KEYS: &[&str] = &["predicted_dataset_path", "ground_truth_dataset_path", "predicted_label_key", "ground_truth_label_key"];

#[derive(Debug, Clone, Deserialize)]
struct Config {
    predicted_dataset_path: Paths,
    ground_truth_dataset_path: Option<Paths>,
    predicted_label_key: String,
    ground_truth_label_key: Option<String>,
}

impl Config {
    fn pairs(self) -> Pairs {
        Pairs::of(self.predicted_dataset_path, self.ground_truth_dataset_path, self.predicted_label_key, self.ground_truth_label_key)
    }
}

fn check(settings: &JobSettings) -> Vec<Finding> {
    let mut found = match settings.preview::<Config>(Side::Extra) {
        Ok(config) => config
            .map(Config::pairs)
            .map(|pairs| [findings(settings, &pairs, "label"), missing(settings, &pairs)].concat())
            .unwrap_or_default(),
        Err(findings) => findings,
    };
    found.extend(settings.unread_keys(Side::Extra, KEYS));
    found
}

fn build(settings: &JobSettings) -> Result<Box<dyn Component>, Vec<Finding>> {
    let pairs = settings.read::<Config>(Side::Extra)?.pairs();
    let mut wrong = findings(settings, &pairs, "label");
    wrong.retain(|finding| finding.problem.is_error());
    if wrong.is_empty() { Ok(Box::new(Evaluator { pairs })) } else { Err(wrong) }
}

struct Evaluator {
    pairs: Pairs,
}

#[async_trait]
impl Component for Evaluator {
    fn reads(&self) -> Vec<PathBuf> {
        self.pairs.reads()
    }

    async fn run(&self, job: &JobContext) -> Result<Outcome, ComponentError> {
        let (pairs, observer) = (self.pairs.clone(), JobObserver::of(job));
        let scored = blocking(move || accuracy(&pairs, &observer)).await?;
        Ok(outcome(job, &scored.compared, &scored.results, ("max_accuracy", scored.max_accuracy), &["accuracy"]))
    }
}
