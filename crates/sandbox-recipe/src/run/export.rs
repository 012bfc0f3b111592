//! The files that a recipe writes: rows, statistics, rejected rows.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use sandbox_dataset::{OutputFormat, RejectLog, RowWriter, WriteOptions};
use sandbox_fs::{AtomicFile, FsError};
use serde_json::Value;

use crate::config::{ExportType, Recipe};
use crate::error::RecipeError;

/// The files of one run; each gets its name at the end.
pub(super) struct Export {
    rows: Option<RowWriter>,
    stats: RowWriter,
    pub(super) rejects: RejectLog,
    /// By step, the file for what belongs to its groups as a whole.
    batch_metas: BTreeMap<usize, (PathBuf, AtomicFile)>,
}

impl Export {
    pub(super) fn begin(recipe: &Recipe, rows: bool) -> Result<Self, RecipeError> {
        let rows = rows.then(|| writer(&recipe.export_path, recipe.export_type)).transpose()?;
        let stats = writer(&recipe.stats_path(), ExportType::Jsonl)?;
        let mut batch_metas = BTreeMap::new();
        for (index, step) in recipe.process.iter().enumerate() {
            if let sandbox_ops::Operator::Ungrouper(ungrouper) = &step.operator
                && let Some(path) = ungrouper.batch_meta_path()
            {
                batch_metas.insert(index, (PathBuf::from(path), AtomicFile::create(path)?));
            }
        }
        Ok(Self { rows, stats, rejects: RejectLog::create(&recipe.rejected_path()), batch_metas })
    }

    /// Rows, one a line, and their statistics.
    pub(super) fn write(&mut self, rows: &[u8], stats: &[u8], count: u64) -> Result<(), RecipeError> {
        if let Some(writer) = &mut self.rows {
            writer.write_rows(rows, count)?;
        }
        self.stats.write_rows(stats, count)?;
        Ok(())
    }

    /// What belongs to a group as a whole.
    pub(super) fn batch_meta(&mut self, step: usize, meta: &Value) -> Result<(), RecipeError> {
        match self.batch_metas.get_mut(&step) {
            Some((path, file)) => Ok(writeln!(file, "{meta}").map_err(FsError::io("write", path))?),
            None => Ok(()),
        }
    }

    /// Gives the files their names.
    pub(super) fn finish(self, recipe: &Recipe, has_stats: bool) -> Result<(), RecipeError> {
        if let Some(rows) = self.rows {
            rows.finish()?;
        }
        if has_stats {
            self.stats.finish()?;
        } else {
            drop(self.stats);
            remove_stale(&recipe.stats_path())?;
        }
        for (_, file) in self.batch_metas.into_values() {
            file.commit()?;
        }
        self.rejects.finish()?;
        Ok(())
    }
}

fn writer(path: &Path, export_type: ExportType) -> Result<RowWriter, RecipeError> {
    let format = match export_type {
        ExportType::Jsonl => OutputFormat::Jsonl,
        ExportType::Json => OutputFormat::Json,
    };
    Ok(RowWriter::create(path, WriteOptions { format: Some(format), ..WriteOptions::default() })?)
}

/// Statistics of an earlier run would stand beside rows that they do not belong to.
fn remove_stale(path: &Path) -> Result<(), RecipeError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(FsError::io("remove", path)(error).into()),
        _ => Ok(()),
    }
}
