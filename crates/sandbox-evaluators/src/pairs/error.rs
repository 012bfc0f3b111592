//! What keeps predictions and truth from being compared.

use std::path::PathBuf;

use sandbox_dataset::DatasetError;
use sandbox_document::suggest;

/// How many names a message lists.
const LISTED: usize = 20;

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum CompareError {
    /// An empty list of predictions.
    #[error("there are no predictions: the list of datasets is empty")]
    Nothing,
    /// Lists that cannot be paired.
    #[error(
        "the datasets cannot be paired: {predicted} of predictions, {truth} of the truth\n  hint: give one truth for each, or one for all"
    )]
    Counts {
        /// How many datasets of predictions there are.
        predicted: usize,
        /// How many of the truth.
        truth: usize,
    },
    /// Paths at which nothing stands.
    #[error("Failed to find `{}`{}", paths.join("`, `"), near.as_ref().map(|near| format!("\n  hint: did you mean `{}`?", near.display())).unwrap_or_default())]
    Missing {
        /// All of them, as they were written.
        paths: Vec<String>,
        /// What stands beside the first one that has a near miss.
        near: Option<PathBuf>,
    },
    /// A dataset that cannot be read.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A field that not one row has.
    #[error("no row of `{path}` has the field `{key}`{}", fields_and_near(key, fields))]
    NoKey {
        /// The field.
        key: String,
        /// The dataset, as it was written.
        path: String,
        /// The fields of the first rows.
        fields: Vec<String>,
    },
    /// Empty datasets, or bad rows all over.
    #[error("no row of `{predicted}` can be compared with one of `{truth}`{}", first.as_ref().map(|first| format!("\n  hint: the first bad row is {first}")).unwrap_or_default())]
    NoPair {
        /// The predictions, as they were written.
        predicted: String,
        /// The truth, as it was written.
        truth: String,
        /// The first row that was set aside.
        first: Option<String>,
    },
    /// Values that are no numbers all over.
    #[error("no pair of rows of `{predicted}` and `{truth}` has two numbers: there is nothing to average\n  hint: row {row} has `{value}`")]
    NoNumber {
        /// The predictions, as they were written.
        predicted: String,
        /// The truth, as it was written.
        truth: String,
        /// The first row with a value that is no number, from 1.
        row: u64,
        /// That value's JSON text, its beginning when it is long.
        value: String,
    },
    /// Differences whose squares no 64-bit float holds.
    #[error("the squared errors of `{predicted}` are too large for a 64-bit float")]
    TooLarge {
        /// The predictions, as they were written.
        predicted: String,
    },
    /// [`Observer::stop`](super::Observer::stop) said so.
    #[error("interrupted")]
    Stopped,
}

/// ``, there are `a`, `b` `` and the near miss as a hint.
fn fields_and_near(key: &str, fields: &[String]) -> String {
    let near = suggest(key, fields.iter().map(String::as_str)).map(|near| format!("\n  hint: did you mean `{near}`?")).unwrap_or_default();
    match fields {
        [] => format!(": its rows have no fields{near}"),
        fields => {
            let listed = fields.iter().take(LISTED).map(|field| format!("`{field}`")).collect::<Vec<_>>().join(", ");
            let more = fields.len().saturating_sub(LISTED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!(", there are {listed}{more}{near}")
        }
    }
}
