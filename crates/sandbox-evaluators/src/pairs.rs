//! Predictions beside the truth: two datasets, row by row.
//!
//! Row k of the predictions belongs to row k of the truth, up to the end of the shorter one. A row that cannot be used (no
//! JSON object, or without the field) is set aside with its place; it keeps its position, so the rows behind it keep their
//! partners. Blank lines are no rows. Where predictions and truth are fields of the same dataset, it is read once.
//!
//! [`compare`] walks the pairs and adds them up; [`accuracy`](crate::accuracy) and [`mse`](crate::mse) say what is added.
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("rows.jsonl");
//! use sandbox_evaluators::pairs::{Pairs, compare};
//! std::fs::write(&path, "{\"p\": 1, \"t\": 1}\nbroken\n{\"p\": 1, \"t\": 2}\n")?;
//! let pairs = Pairs::within([path.display().to_string()], "p", "t");
//! let compared = compare(&pairs, str::len, |pairs: &mut u64, _, _, _| *pairs += 1, &())?;
//! assert_eq!((compared[0].tally, compared[0].rejected), (2, 1));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod column;
pub(crate) mod component;
mod error;
mod watch;

use std::path::PathBuf;

use sandbox_dataset::{DatasetError, Reject, resolve};

use column::Column;
pub use error::CompareError;
pub use watch::Observer;
use watch::Watch;

/// What is compared with what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pairs {
    /// Datasets of predictions: each a file, a folder or a pattern.
    pub predicted: Vec<String>,
    /// The truth for each of them, or one for all.
    pub truth: Vec<String>,
    /// The field of the predictions; dots descend, the longest literal key wins.
    pub predicted_key: String,
    /// The field of the truth.
    pub truth_key: String,
}

/// What came of one dataset of predictions and its truth.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared<S> {
    /// The predictions, as the user wrote them.
    pub predicted: String,
    /// The truth, as the user wrote it.
    pub truth: String,
    /// What was added up.
    pub tally: S,
    /// Rows of the predictions and of the truth, with those that were set aside.
    pub rows: [u64; 2],
    /// Pairs of which both rows could be used.
    pub pairs: u64,
    /// Rows that were set aside, on either side.
    pub rejected: u64,
    /// The first hundred of them on each side.
    pub rejects: Vec<Reject>,
}

impl Pairs {
    /// Predictions and truth that are fields of the same datasets.
    ///
    /// ```
    /// let pairs = sandbox_evaluators::pairs::Pairs::within(["a.jsonl"], "pred.label", "gold");
    /// assert_eq!(pairs.truth, ["a.jsonl"]);
    /// ```
    pub fn within<P: Into<String>>(datasets: impl IntoIterator<Item = P>, predicted_key: &str, truth_key: &str) -> Self {
        let predicted: Vec<String> = datasets.into_iter().map(Into::into).collect();
        Self { truth: predicted.clone(), predicted, predicted_key: predicted_key.to_owned(), truth_key: truth_key.to_owned() }
    }

    /// Each dataset of predictions with its truth.
    ///
    /// # Errors
    /// No predictions at all, or another number of truths than one or as many.
    pub fn each(&self) -> Result<Vec<(&str, &str)>, CompareError> {
        let counts = (self.predicted.len(), self.truth.len());
        match counts {
            (0, _) => Err(CompareError::Nothing),
            (many, 1) => Ok(self.predicted.iter().map(String::as_str).zip(std::iter::repeat_n(self.truth[0].as_str(), many)).collect()),
            (predicted, truth) if predicted != truth => Err(CompareError::Counts { predicted, truth }),
            _ => Ok(self.predicted.iter().map(String::as_str).zip(self.truth.iter().map(String::as_str)).collect()),
        }
    }
}

/// Walks all pairs of rows in bounded memory. `read` makes something of a field's JSON text; `add` takes what it made of the
/// prediction and of the truth, and the number of the row, from 1.
///
/// # Errors
/// Datasets that do not fit together, are not there or cannot be read; a field that no row has; not a single pair.
pub fn compare<T, S: Default>(
    pairs: &Pairs,
    read: fn(&str) -> T,
    add: impl Fn(&mut S, T, T, u64),
    observer: &dyn Observer,
) -> Result<Vec<Compared<S>>, CompareError> {
    let each = pairs.each()?;
    let files = find(&each)?;
    let mut watch = Watch::new(observer, &files);
    let mut all = Vec::with_capacity(each.len());
    for (&(predicted, truth), [predicted_files, truth_files]) in each.iter().zip(&files) {
        let keys = [pairs.predicted_key.as_str(), pairs.truth_key.as_str()];
        let mut tally = S::default();
        let mut count = 0;
        let mut add = |prediction, truth, row| {
            count += 1;
            add(&mut tally, prediction, truth, row);
        };
        let mut columns = if predicted_files == truth_files {
            let mut both = Column::open(predicted_files, &keys, read)?;
            while let Some(row) = both.next()? {
                if let Some([Some(prediction), Some(truth)]) = row {
                    add(prediction, truth, both.rows());
                }
                watch.look(both.rows(), || both.bytes_read())?;
            }
            vec![both]
        } else {
            let (mut left, mut right) = (Column::open(predicted_files, &keys[..1], read)?, Column::open(truth_files, &keys[1..], read)?);
            // Behind the end of the shorter one the other is read on: its length and its bad rows are worth knowing.
            loop {
                let rows = (left.next()?, right.next()?);
                match rows {
                    (None, None) => break,
                    (Some(Some([Some(prediction), _])), Some(Some([Some(truth), _]))) => add(prediction, truth, left.rows()),
                    _ => {}
                }
                watch.look(left.rows().max(right.rows()), || left.bytes_read() + right.bytes_read())?;
            }
            vec![left, right]
        };
        watch.done(columns.iter().map(Column::bytes_read).sum());
        for (column, path) in columns.iter().zip([predicted, truth]) {
            if let Some((key, fields)) = column.missing_key() {
                return Err(CompareError::NoKey { key: key.to_owned(), path: path.to_owned(), fields });
            }
        }
        let rejects: Vec<Reject> = columns.iter_mut().flat_map(Column::take_rejects).collect();
        if count == 0 {
            return Err(CompareError::NoPair {
                predicted: predicted.to_owned(),
                truth: truth.to_owned(),
                first: rejects.first().map(ToString::to_string),
            });
        }
        let rejected = columns.iter().map(Column::rejected).sum();
        let rows = [columns[0].rows(), columns[columns.len() - 1].rows()];
        all.push(Compared { predicted: predicted.to_owned(), truth: truth.to_owned(), tally, rows, pairs: count, rejected, rejects });
    }
    Ok(all)
}

/// The files of each pair; all paths at which nothing stands are named at once.
fn find(each: &[(&str, &str)]) -> Result<Vec<[Vec<PathBuf>; 2]>, CompareError> {
    let (mut files, mut missing, mut hint) = (Vec::with_capacity(each.len()), Vec::new(), None);
    for (predicted, truth) in each {
        let mut both = [Vec::new(), Vec::new()];
        for (path, found) in [predicted, truth].into_iter().zip(&mut both) {
            match resolve(&[(*path).to_owned()], &[]) {
                Ok(resolved) => *found = resolved,
                Err(DatasetError::Missing { path, near }) => {
                    let path = path.display().to_string();
                    if !missing.contains(&path) {
                        missing.push(path);
                        hint = hint.or(near);
                    }
                }
                Err(error) => return Err(error.into()),
            }
        }
        files.push(both);
    }
    if missing.is_empty() { Ok(files) } else { Err(CompareError::Missing { paths: missing, near: hint }) }
}
