//! The analyzer: statistics of every row, and the table that sums them up.

mod column;
mod describe;
mod numeric;
mod pictures;
mod row_means;
mod table;

use sandbox_fs::write_atomic;
use serde_json::{Map, Value};

use crate::config::Recipe;
use crate::error::RecipeError;
use crate::report::AnalysisReport;
use crate::run::{RunSettings, gather_statistics};

pub use column::Column;
pub use describe::{Cell, Overall};
pub(crate) use pictures::{file_name, write as write_picture};
pub(crate) use row_means::RowMeans;

/// An analysis: the overall table and where everything was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Analysis {
    /// One column per statistic.
    pub overall: Overall,
    /// Counts and paths.
    pub report: AnalysisReport,
    /// Statistics that no table describes (maps, only nulls).
    pub left_out: Vec<String>,
    /// Per statistic of numbers how many lie where, as `{edges, counts, below, above}`; empty where nothing is drawn.
    pub histograms: Map<String, Value>,
}

/// Computes the statistics of a recipe's filters over unchanged rows; mappers, deduplicators and bounds play no part.
///
/// Files: `NAME_stats.jsonl` beside the export, with `export_original_dataset` the rows with their statistics under
/// `export_path`, and in `WORK_DIR/analysis` `overall.csv`, `overall.md`, the pictures and `report.html`. `None`, and no file,
/// when no filter of the recipe computes a statistic.
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
    let mut report = AnalysisReport {
        rows_in: gathered.rows_in,
        rows_out: gathered.rows_out,
        without_text: gathered.without_text,
        rejected: gathered.rejected,
        bytes_in: gathered.bytes,
        export_path: recipe.export_original_dataset.then(|| recipe.export_path.clone()),
        stats_path: recipe.stats_path(),
        rejected_path: (gathered.rejected > 0).then(|| recipe.rejected_path()),
        analysis: files.into_iter().map(|(path, _)| path).collect(),
        pictures: Vec::new(),
    };
    let histograms = if recipe.pictures.any() {
        let drawn = pictures::draw(recipe, gathered.columns, &gathered.row_means, &overall, &report, &|| settings.observer.stop())?;
        report.analysis.push(drawn.page);
        report.pictures = drawn.files;
        drawn.histograms
    } else {
        Map::new()
    };
    Ok(Some(Analysis { overall, report, left_out, histograms }))
}
