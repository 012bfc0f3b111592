//! `EvaluateDataHook`, `type: mse`: the mean squared error of predicted numbers.
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("rows.jsonl");
//! use sandbox_evaluators::{mse::mse, pairs::Pairs};
//! std::fs::write(&path, "{\"p\": \" 1.5 \", \"t\": 1}\n{\"p\": \"about 3\", \"t\": 3}\n")?;
//! let scored = mse(&Pairs::within([path.display().to_string()], "p", "t"), &())?;
//! assert_eq!((scored.results[0].mse, scored.results[0].format_error), (0.25, 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod number;

use std::path::PathBuf;

use async_trait::async_trait;
use sandbox_core::component::{Component, ComponentError, Entry, Finding, JobContext, JobSettings, Outcome, Paths};
use sandbox_core::hook::{Category, Side};
use serde::{Deserialize, Serialize};

use crate::pairs::component::{JobObserver, blocking, findings, missing, outcome};
use crate::pairs::{CompareError, Compared, Observer, Pairs, compare};

pub use number::python_float;

/// The mean-squared-error evaluator.
pub const ENTRY: Entry = Entry {
    category: Category::DataEvaluator,
    type_name: Some("mse"),
    summary: "The mean squared error of predicted numbers, row by row",
    doc: "`extra_configs`: `predicted_dataset_path` (a path or a list), `predicted_value_key` (dots descend, the longest \
          literal key wins), `ground_truth_dataset_path` (as many as predictions, or one for all; the predictions' own unless \
          given), `ground_truth_value_key` (the predictions' own unless given). Row k is compared with row k, up to the end of \
          the shorter dataset, which is warned about. Numbers may stand in text, in every form that Python's `float` takes. \
          Pairs in which one of both is no number, NaN or infinite are counted in `format_error` and left out. Rows that are no \
          JSON objects or lack the value are set aside; neither they nor their partners count. Returns two outputs: the \
          results (a list of `pred_path`, `gt_path`, `mse`, `format_error`) and the lowest `mse`. Watched: `min_mse`, and \
          `mse` and `format_error` by the predictions' path.",
    example: "hook: EvaluateDataHook\n\
              meta_name: mse\n\
              extra_configs:\n  \
                type: mse\n  \
                predicted_dataset_path: data/predictions.jsonl\n  \
                predicted_value_key: score\n  \
                ground_truth_value_key: truth\n\
              output: [results, min_mse]\n",
    check,
    build,
};

/// One dataset of predictions and its truth.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MeanSquaredError {
    /// The predictions, as the user wrote them.
    pub pred_path: String,
    /// The truth, as the user wrote it.
    pub gt_path: String,
    /// The mean of the squared differences, over the pairs with two numbers.
    pub mse: f64,
    /// Pairs in which one of both is no finite number.
    pub format_error: u64,
}

/// All datasets, and the best one.
#[derive(Debug, Clone, PartialEq)]
pub struct Scored {
    /// One for each dataset of predictions, in their order.
    pub results: Vec<MeanSquaredError>,
    /// The lowest error.
    pub min_mse: f64,
    /// How many pairs there were, their sums, and what was set aside.
    pub compared: Vec<Compared<Squares>>,
}

/// The squared differences of one dataset, added up.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Squares {
    /// The sum of the squared differences.
    pub sum: f64,
    /// Pairs with two numbers.
    pub numbers: u64,
    /// Pairs without.
    pub format_error: u64,
    /// The first value that is no finite number: its row, from 1, and its JSON text.
    pub first: Option<(u64, String)>,
}

/// The mean squared difference of values that are numbers to [`python_float`].
///
/// # Errors
/// As [`compare`]; a dataset without a single pair of numbers; squares that no 64-bit float holds.
pub fn mse(pairs: &Pairs, observer: &dyn Observer) -> Result<Scored, CompareError> {
    let compared = compare(pairs, read, Squares::add, observer)?;
    let results: Vec<MeanSquaredError> = compared.iter().map(mean).collect::<Result<_, _>>()?;
    let min_mse = results.iter().map(|result| result.mse).fold(f64::INFINITY, f64::min);
    Ok(Scored { results, min_mse, compared })
}

/// A number, or the beginning of what is none.
type Read = Result<f64, String>;

fn read(json: &str) -> Read {
    python_float(json).ok_or_else(|| json.chars().take(40).collect())
}

impl Squares {
    fn add(&mut self, prediction: Read, truth: Read, row: u64) {
        match (prediction, truth) {
            (Ok(prediction), Ok(truth)) => {
                self.sum += (prediction - truth).powi(2);
                self.numbers += 1;
            }
            (Err(value), _) | (_, Err(value)) => {
                self.format_error += 1;
                self.first.get_or_insert((row, value));
            }
        }
    }
}

fn mean(pair: &Compared<Squares>) -> Result<MeanSquaredError, CompareError> {
    let (squares, predicted) = (&pair.tally, || pair.predicted.clone());
    if squares.numbers == 0 {
        let (row, value) = squares.first.clone().unwrap_or_default();
        return Err(CompareError::NoNumber { predicted: predicted(), truth: pair.truth.clone(), row, value });
    }
    if !squares.sum.is_finite() {
        return Err(CompareError::TooLarge { predicted: predicted() });
    }
    Ok(MeanSquaredError {
        pred_path: predicted(),
        gt_path: pair.truth.clone(),
        mse: squares.sum / squares.numbers as f64,
        format_error: squares.format_error,
    })
}

const KEYS: &[&str] = &["predicted_dataset_path", "ground_truth_dataset_path", "predicted_value_key", "ground_truth_value_key"];

#[derive(Debug, Clone, Deserialize)]
struct Config {
    predicted_dataset_path: Paths,
    ground_truth_dataset_path: Option<Paths>,
    predicted_value_key: String,
    ground_truth_value_key: Option<String>,
}

impl Config {
    fn pairs(self) -> Pairs {
        Pairs::of(self.predicted_dataset_path, self.ground_truth_dataset_path, self.predicted_value_key, self.ground_truth_value_key)
    }
}

fn check(settings: &JobSettings) -> Vec<Finding> {
    let mut found = match settings.preview::<Config>(Side::Extra) {
        Ok(config) => config
            .map(Config::pairs)
            .map(|pairs| [findings(settings, &pairs, "value"), missing(settings, &pairs)].concat())
            .unwrap_or_default(),
        Err(findings) => findings,
    };
    found.extend(settings.unread_keys(Side::Extra, KEYS));
    found
}

fn build(settings: &JobSettings) -> Result<Box<dyn Component>, Vec<Finding>> {
    let pairs = settings.read::<Config>(Side::Extra)?.pairs();
    let mut wrong = findings(settings, &pairs, "value");
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
        let scored = blocking(move || mse(&pairs, &observer)).await?;
        Ok(outcome(job, &scored.compared, &scored.results, ("min_mse", scored.min_mse), &["mse", "format_error"]))
    }
}
