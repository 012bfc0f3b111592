//! The files that a recipe writes: rows, statistics, rejected rows.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use sandbox_dataset::{OutputFormat, RejectLog, RowWriter, ShardWriter, WriteOptions};
use sandbox_fs::{AtomicFile, FsError};
use serde_json::Value;

use super::done::NO_STATS;
use crate::config::{ExportType, Recipe};
use crate::error::RecipeError;

/// The files of one run; each gets its name at the end.
pub(super) struct Export {
    rows: Option<Rows>,
    stats: RowWriter,
    /// Rows of which no statistics were written yet, because none had any.
    without_stats: u64,
    pub(super) rejects: RejectLog,
    /// By step, the file for what belongs to its groups as a whole.
    batch_metas: BTreeMap<usize, (PathBuf, AtomicFile)>,
    /// By step, the file for all rows with the statistics so far.
    sides: BTreeMap<usize, RowWriter>,
}

/// Where the rows go.
enum Rows {
    One(RowWriter),
    Shards(ShardWriter),
}

impl Export {
    pub(super) fn begin(recipe: &Recipe, rows: bool, judging: bool) -> Result<Self, RecipeError> {
        let open = || match recipe.export_shard_size {
            0 => writer(&recipe.export_path, recipe.export_type).map(Rows::One),
            bytes => Ok(Rows::Shards(ShardWriter::create(&recipe.export_path, bytes, options(recipe.export_type))?)),
        };
        let rows = rows.then(open).transpose()?;
        let stats = writer(&recipe.stats_path(), ExportType::Jsonl)?;
        let mut batch_metas = BTreeMap::new();
        for (index, step) in recipe.process.iter().enumerate() {
            if let sandbox_ops::Operator::Ungrouper(ungrouper) = &step.operator
                && let Some(path) = ungrouper.batch_meta_path()
            {
                batch_metas.insert(index, (PathBuf::from(path), AtomicFile::create(path)?));
            }
        }
        let mut sides = BTreeMap::new();
        for (step, path) in recipe.stats_exports().into_iter().filter(|_| judging) {
            sides.insert(step, writer(&path, recipe.export_type)?);
        }
        Ok(Self { rows, stats, without_stats: 0, rejects: RejectLog::create(&recipe.rejected_path()), batch_metas, sides })
    }

    /// Rows, one a line, and their statistics, or nothing where none of them has any.
    pub(super) fn write(&mut self, rows: &[u8], stats: &[u8], count: u64) -> Result<(), RecipeError> {
        match &mut self.rows {
            Some(Rows::One(writer)) => writer.write_rows(rows, count)?,
            Some(Rows::Shards(writer)) => writer.write_rows(rows, count)?,
            None => {}
        }
        if stats.is_empty() {
            self.without_stats += count;
            return Ok(());
        }
        self.catch_up()?;
        self.stats.write_rows(stats, count)?;
        Ok(())
    }

    /// Writes a line of statistics for the rows that have none.
    fn catch_up(&mut self) -> Result<(), RecipeError> {
        for _ in 0..std::mem::take(&mut self.without_stats) {
            self.stats.write_rows(NO_STATS, 1)?;
        }
        Ok(())
    }

    /// What belongs to a group as a whole.
    pub(super) fn batch_meta(&mut self, step: usize, meta: &Value) -> Result<(), RecipeError> {
        match self.batch_metas.get_mut(&step) {
            Some((path, file)) => Ok(writeln!(file, "{meta}").map_err(FsError::io("write", path))?),
            None => Ok(()),
        }
    }

    /// A row as it reached a filter, with the statistics so far.
    pub(super) fn side(&mut self, step: usize, row: &[u8]) -> Result<(), RecipeError> {
        match self.sides.get_mut(&step) {
            Some(writer) => Ok(writer.write_rows(row, 1)?),
            None => Ok(()),
        }
    }

    /// Gives the files their names; those with the rows.
    pub(super) fn finish(mut self, recipe: &Recipe, has_stats: bool) -> Result<Vec<PathBuf>, RecipeError> {
        if has_stats {
            self.catch_up()?;
        }
        let written = match self.rows {
            Some(Rows::One(writer)) => vec![writer.finish()?],
            Some(Rows::Shards(writer)) => writer.finish()?,
            None => Vec::new(),
        };
        if has_stats {
            self.stats.finish()?;
        } else {
            drop(self.stats);
            remove_stale(&recipe.stats_path())?;
        }
        for (_, file) in self.batch_metas.into_values() {
            file.commit()?;
        }
        for (_, writer) in self.sides {
            writer.finish()?;
        }
        self.rejects.finish()?;
        Ok(written.into_iter().map(|file| file.path).collect())
    }
}

fn writer(path: &Path, export_type: ExportType) -> Result<RowWriter, RecipeError> {
    Ok(RowWriter::create(path, options(export_type))?)
}

fn options(export_type: ExportType) -> WriteOptions {
    let format = match export_type {
        ExportType::Jsonl => OutputFormat::Jsonl,
        ExportType::Json => OutputFormat::Json,
        ExportType::Parquet => OutputFormat::Parquet,
    };
    WriteOptions { format: Some(format), ..WriteOptions::default() }
}

/// Statistics of an earlier run would stand beside rows that they do not belong to.
fn remove_stale(path: &Path) -> Result<(), RecipeError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(FsError::io("remove", path)(error).into()),
        _ => Ok(()),
    }
}
