//! One pass over the rows of a recipe: read, work, judge, write.
//!
//! Threads take chunks of rows through all operators at once. What needs to know all rows, the deduplicators' sets of
//! digests, is asked where the chunks' results come together in the order of the rows; so the result does not depend on
//! the number of threads, and only digests stay in memory.

mod chunk;
mod gather;
mod pass;
mod reason;

use std::path::{Path, PathBuf};

use sandbox_dataset::{Ended, OutputFormat, ReadOptions, Reader, RejectLog, RowWriter, WriteOptions, for_each_chunk, resolve};

use crate::config::{ExportType, Recipe};
use crate::error::RecipeError;
use crate::observe::Observer;
use crate::report::{OperatorReport, ProcessReport};
use chunk::Worker;
use gather::Gather;
use pass::{Pass, Work};

pub(crate) use gather::Columns;

/// How a recipe is run.
#[derive(Clone, Copy)]
pub struct RunSettings<'o> {
    /// Threads; the recipe's `np` when not given.
    pub threads: Option<usize>,
    /// End at the first row that cannot be used instead of setting it aside.
    pub strict: bool,
    /// The longest row in bytes; longer ones are set aside.
    pub max_row_bytes: usize,
    /// Who watches.
    pub observer: &'o dyn Observer,
}

impl Default for RunSettings<'_> {
    fn default() -> Self {
        Self { threads: None, strict: false, max_row_bytes: ReadOptions::default().max_row_bytes, observer: &() }
    }
}

/// Takes all rows of a recipe through its operators and exports those that are kept.
///
/// Files: the export, `NAME_stats.jsonl` when filters computed statistics, `NAME_rejected.jsonl` when rows could not be
/// used. All are complete or absent.
///
/// # Errors
/// Rows that cannot be found, read or written; no row with the text field; with `strict`, the first row that cannot be used.
pub fn process(recipe: &Recipe, settings: RunSettings<'_>) -> Result<ProcessReport, RecipeError> {
    let pass = Pass::process(recipe);
    let files = sources(recipe, &pass)?;
    let mut gather = Gather::new(&pass, recipe, settings)?;
    go(recipe, &files, settings, &pass, &mut gather)?;
    let counted = gather.finish(recipe)?;
    let mut rows_in = counted.rows_in - counted.rejected - counted.without_text;
    let operators = pass
        .operators
        .iter()
        .zip(&recipe.process)
        .zip(counted.operators)
        .map(|((placed, step), counts)| {
            let words = |reason: usize| match &placed.work {
                Work::Filter { reasons, .. } => reasons.words(reason as u8).to_owned(),
                _ => "seen before".to_owned(),
            };
            let reasons =
                counts.dropped.iter().enumerate().filter(|(_, rows)| **rows > 0).map(|(reason, rows)| (words(reason), *rows)).collect();
            let report = OperatorReport {
                name: step.name().to_owned(),
                rows_in,
                rows_out: rows_in - counts.dropped.iter().sum::<u64>(),
                changed: counts.changed,
                reasons,
            };
            rows_in = report.rows_out;
            report
        })
        .collect();
    Ok(ProcessReport {
        rows_in: counted.rows_in,
        rows_out: counted.rows_out,
        without_text: counted.without_text,
        rejected: counted.rejected,
        operators,
        bytes_in: counted.bytes,
        export_path: recipe.export_path.clone(),
        stats_path: counted.has_stats.then(|| recipe.stats_path()),
        rejected_path: (counted.rejected > 0).then(|| recipe.rejected_path()),
    })
}

/// What an analysis gathers: counts, and the statistics of all rows.
pub(crate) struct Gathered {
    pub(crate) rows_in: u64,
    pub(crate) rows_out: u64,
    pub(crate) without_text: u64,
    pub(crate) rejected: u64,
    pub(crate) bytes: u64,
    pub(crate) columns: Columns,
}

/// The statistics of all rows, written and gathered; nothing is judged.
pub(crate) fn gather_statistics(recipe: &Recipe, settings: RunSettings<'_>) -> Result<Gathered, RecipeError> {
    let pass = Pass::analyze(recipe);
    let files = sources(recipe, &pass)?;
    let mut gather = Gather::new(&pass, recipe, settings)?;
    go(recipe, &files, settings, &pass, &mut gather)?;
    let columns = gather.take_columns();
    let counted = gather.finish(recipe)?;
    Ok(Gathered {
        rows_in: counted.rows_in,
        rows_out: counted.rows_out,
        without_text: counted.without_text,
        rejected: counted.rejected,
        bytes: counted.bytes,
        columns,
    })
}

/// The files to read, found before anything is written.
fn sources(recipe: &Recipe, pass: &Pass<'_>) -> Result<Vec<PathBuf>, RecipeError> {
    let files = resolve(&recipe.dataset_path, &recipe.suffixes)?;
    let outputs = [recipe.stats_path(), recipe.rejected_path()].into_iter().chain(pass.output.rows.then(|| recipe.export_path.clone()));
    match outputs.into_iter().find_map(|output| same_file(&files, &output)) {
        Some(path) => Err(RecipeError::ExportIsInput { path }),
        None => Ok(files),
    }
}

fn go(recipe: &Recipe, files: &[PathBuf], settings: RunSettings<'_>, pass: &Pass<'_>, gather: &mut Gather<'_>) -> Result<(), RecipeError> {
    let options = ReadOptions { max_row_bytes: settings.max_row_bytes, ..ReadOptions::default() };
    let mut reader = Reader::open(files, options)?;
    let progress = reader.progress_handle();
    let stop = || settings.observer.stop();
    let threads = settings.threads.unwrap_or(recipe.np);
    let ended = for_each_chunk(
        &mut reader,
        threads,
        &stop,
        Worker::default,
        |worker, chunk| worker.work(pass, chunk),
        |done| gather.take(done, progress.get()),
    )?;
    match ended {
        Ended::Completed => Ok(()),
        Ended::Stopped => Err(RecipeError::Stopped),
    }
}

fn same_file(files: &[PathBuf], export: &Path) -> Option<PathBuf> {
    let export = export.canonicalize().ok()?;
    files.iter().find(|file| file.canonicalize().is_ok_and(|file| file == export)).cloned()
}

fn writer(path: &Path, export_type: ExportType) -> Result<RowWriter, RecipeError> {
    let format = match export_type {
        ExportType::Jsonl => OutputFormat::Jsonl,
        ExportType::Json => OutputFormat::Json,
    };
    Ok(RowWriter::create(path, WriteOptions { format: Some(format), ..WriteOptions::default() })?)
}

fn reject_log(recipe: &Recipe) -> RejectLog {
    RejectLog::create(&recipe.rejected_path())
}
