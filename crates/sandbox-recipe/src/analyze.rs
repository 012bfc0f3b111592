//! The analyzer: statistics of every row, and the table that sums them up.

mod column;
mod describe;
mod numeric;
mod table;

use sandbox_fs::write_atomic;

use crate::config::Recipe;
use crate::error::RecipeError;
use crate::report::AnalysisReport;
use crate::run::{RunSettings, gather_statistics};

pub use column::Column;
pub use describe::{Cell, Overall};

/// An analysis: the overall table and where everything was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// One column per statistic.
    pub overall: Overall,
    /// Counts and paths.
    pub report: AnalysisReport,
    /// Statistics that no table describes (maps, only nulls).
    pub left_out: Vec<String>,
}

/// Computes the statistics of a recipe's filters over unchanged rows; mappers, deduplicators and bounds play no part.
///
/// Files: `NAME_stats.jsonl` beside the export, with `export_original_dataset` the rows with their statistics under
/// `export_path`, and `overall.csv` and `overall.md` in `WORK_DIR/analysis`. `None`, and no file, when no filter of the
/// recipe computes a statistic.
///
/// # Errors
/// As [`process`](crate::process).
pub fn analyze(recipe: &Recipe, settings: RunSettings<'_>) -> Result<Option<Analysis>, RecipeError> {
    if !recipe.has_filters() {
        return Ok(None);
    }
    let gathered = gather_statistics(recipe, settings)?;
    let columns = gathered.columns.iter().map(|(name, column)| (name.as_str(), column));
    let (overall, left_out) = Overall::describe(columns, &recipe.percentiles);
    let folder = recipe.work_dir.join("analysis");
    let files = [(folder.join("overall.csv"), overall.to_csv()), (folder.join("overall.md"), overall.to_markdown())];
    for (path, text) in &files {
        write_atomic(path, text.as_bytes())?;
    }
    let report = AnalysisReport {
        rows_in: gathered.rows_in,
        rows_out: gathered.rows_out,
        without_text: gathered.without_text,
        rejected: gathered.rejected,
        bytes_in: gathered.bytes,
        export_path: recipe.export_original_dataset.then(|| recipe.export_path.clone()),
        stats_path: recipe.stats_path(),
        rejected_path: (gathered.rejected > 0).then(|| recipe.rejected_path()),
        analysis: files.into_iter().map(|(path, _)| path).collect(),
    };
    Ok(Some(Analysis { overall, report, left_out }))
}
