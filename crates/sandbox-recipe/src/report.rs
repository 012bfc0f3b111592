//! What a run of a recipe did, in numbers.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What processing a recipe did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProcessReport {
    /// Rows that were read, bad ones included.
    pub rows_in: u64,
    /// Rows that were exported.
    pub rows_out: u64,
    /// Rows left out at load because their text is null or absent.
    pub without_text: u64,
    /// Rows that could not be used and stand in `rejected_path`.
    pub rejected: u64,
    /// Each operator in order.
    pub operators: Vec<OperatorReport>,
    /// Bytes of rows that were read, uncompressed.
    pub bytes_in: u64,
    /// The exported rows.
    pub export_path: PathBuf,
    /// Their statistics, when a filter computed any.
    pub stats_path: Option<PathBuf>,
    /// The rows that could not be used, when there are any.
    pub rejected_path: Option<PathBuf>,
    /// The files with the rows: the one of `export_path`, or its shards.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub shards: Vec<PathBuf>,
    /// Examples of what operators did, when `open_tracer` asks for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub traces: Vec<PathBuf>,
    /// All rows with the statistics so far, of filters with a `stats_export_path`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub stats_exports: Vec<PathBuf>,
}

/// What one operator did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OperatorReport {
    /// Its name.
    pub name: String,
    /// Rows that reached it.
    pub rows_in: u64,
    /// Rows that left it.
    pub rows_out: u64,
    /// Rows whose text it changed.
    pub changed: u64,
    /// Rows that it made beyond those it was given, by cutting or repeating rows.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub added: u64,
    /// Of the rows that it dropped, those that it could not work on.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub rejected: u64,
    /// Why rows were dropped, with their number.
    pub reasons: Vec<(String, u64)>,
}

/// What an analysis did.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AnalysisReport {
    /// Rows that were read, bad ones included.
    pub rows_in: u64,
    /// Rows that were analysed.
    pub rows_out: u64,
    /// Rows left out at load because their text is null or absent.
    pub without_text: u64,
    /// Rows that could not be used and stand in `rejected_path`.
    pub rejected: u64,
    /// Bytes of rows that were read, uncompressed.
    pub bytes_in: u64,
    /// The rows with their statistics, when `export_original_dataset` asks for them.
    pub export_path: Option<PathBuf>,
    /// The statistics of each row.
    pub stats_path: PathBuf,
    /// The rows that could not be used, when there are any.
    pub rejected_path: Option<PathBuf>,
    /// `overall.csv`, `overall.md` and, where pictures are drawn, `report.html`.
    pub analysis: Vec<PathBuf>,
    /// The pictures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pictures: Vec<PathBuf>,
}

fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl ProcessReport {
    /// Rows that could not be used whatever the operators do.
    pub fn unreadable(&self) -> u64 {
        self.rejected.saturating_sub(self.operators.iter().map(|operator| operator.rejected).sum())
    }

    /// Every file that was written.
    pub fn files(&self) -> Vec<PathBuf> {
        [Some(&self.export_path), self.stats_path.as_ref(), self.rejected_path.as_ref()]
            .into_iter()
            .flatten()
            .chain(&self.traces)
            .chain(&self.stats_exports)
            .cloned()
            .collect()
    }
}

impl AnalysisReport {
    /// Every file that was written.
    pub fn files(&self) -> Vec<PathBuf> {
        let rows = [self.export_path.as_ref(), Some(&self.stats_path), self.rejected_path.as_ref()];
        rows.into_iter().flatten().chain(&self.analysis).cloned().collect()
    }
}
