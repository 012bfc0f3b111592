//! Answered rows, written in the order of the data set.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sandbox_core::component::ComponentError;
use sandbox_dataset::{Edits, Row, RowWriter, write_row};
use serde_json::Value;

use super::super::journal::Journal;
use super::{Inferred, failed};

/// The field with the error of a row that has no answer.
const ERROR_KEY: &str = "infer_error";

/// One output and its journal.
pub(super) struct Output {
    writer: RowWriter,
    journal: Journal,
    key: String,
    waiting: BTreeMap<u64, (Vec<u8>, Result<Value, String>)>,
    written: u64,
    answered: bool,
}

impl Output {
    pub(super) fn create(path: &Path, key: &str, journal: Journal) -> Result<Self, ComponentError> {
        let writer = RowWriter::create(path, Default::default()).map_err(failed)?;
        Ok(Self { writer, journal, key: key.to_owned(), waiting: BTreeMap::new(), written: 0, answered: false })
    }

    pub(super) fn journal(&mut self) -> &mut Journal {
        &mut self.journal
    }

    pub(super) fn written(&self) -> u64 {
        self.written
    }

    pub(super) fn answered_one(&mut self) {
        self.answered = true;
    }

    pub(super) fn has_answers(&self) -> bool {
        self.answered
    }

    /// Into the journal.
    pub(super) fn push(&mut self, row: u64, hash: u64, text: &str) -> Result<(), ComponentError> {
        let pushed = self.journal.push(row, hash, text);
        pushed.map_err(|error| ComponentError::failed(format!("Failed to write `{}`: {error}", self.journal.path().display())))
    }

    /// Until it is this row's turn.
    pub(super) fn keep(&mut self, number: u64, row: Vec<u8>, value: Result<Value, String>) {
        self.waiting.insert(number, (row, value));
    }

    /// Writes the rows whose turn it is.
    pub(super) fn flush(&mut self, tally: &mut Inferred, last: &mut Option<String>) -> Result<(), ComponentError> {
        let (mut edits, mut out) = (Edits::new(), Vec::new());
        while let Some((bytes, value)) = self.waiting.remove(&self.written) {
            edits.clear();
            match value {
                Ok(value) => {
                    edits.set_value(&self.key, &value).map_err(failed)?;
                    edits.remove(ERROR_KEY);
                }
                Err(reason) => {
                    edits.set(&self.key, b"null");
                    edits.set_text(ERROR_KEY, &reason);
                    tally.failed += 1;
                    *last = Some(reason);
                }
            }
            out.clear();
            Row::parse(&bytes).and_then(|row| write_row(&row, &edits, &mut out)).map_err(failed)?;
            self.writer.write_row(&out).map_err(failed)?;
            self.written += 1;
            tally.rows += 1;
        }
        Ok(())
    }

    /// Completes the output. The journal stays until the other files of the data set are complete too.
    pub(super) fn finish(self) -> Result<PathBuf, ComponentError> {
        self.writer.finish().map_err(failed)?;
        Ok(self.journal.path().to_owned())
    }
}
