//! Rows that are set aside: told, counted, and kept in a file beside the outputs.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use sandbox_dataset::{Reject, RejectLog};

use crate::error::PoolError;
use crate::inputs::base_name;
use crate::observer::{Observer, lock};
use crate::source::Source;

/// The rejects of one manipulation: one `NAME_rejected.jsonl` per name of an input.
pub(crate) struct Rejects<'o> {
    folder: PathBuf,
    observer: &'o dyn Observer,
    logs: Mutex<BTreeMap<String, RejectLog>>,
}

impl<'o> Rejects<'o> {
    /// Files are collected in `folder`.
    pub(crate) fn new(folder: &Path, observer: &'o dyn Observer) -> Self {
        Self { folder: folder.to_owned(), observer, logs: Mutex::default() }
    }

    pub(crate) fn push_all(&self, source: &Source, rejects: &[Reject]) -> Result<(), PoolError> {
        if rejects.is_empty() {
            return Ok(());
        }
        let mut logs = lock(&self.logs);
        let name = file_name(&source.path);
        let path = self.folder.join(&name);
        let log = logs.entry(name).or_insert_with(|| RejectLog::create(&path));
        for reject in rejects {
            self.observer.rejected(reject);
            log.push(reject)?;
        }
        Ok(())
    }

    /// Completes the files: their names and how many rows were set aside.
    pub(crate) fn finish(self) -> Result<(Vec<String>, u64), PoolError> {
        let mut count = 0;
        let logs = self.logs.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
        let mut names = Vec::new();
        for (name, log) in logs {
            count += log.finish()?;
            names.push(name);
        }
        Ok((names, count))
    }
}

/// The name of the file for rejects of an input.
pub(crate) fn file_name(input: &Path) -> String {
    format!("{}_rejected.jsonl", base_name(input))
}
