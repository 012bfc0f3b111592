//! The texts of one field, row by row in order: what language models read.

use std::path::PathBuf;

use crate::error::DatasetError;
use crate::reader::{Chunk, Progress, ReadOptions, Reader};
use crate::reject::Reject;
use crate::row::Row;

/// How many rejects are kept for messages; all are counted.
const KEPT: usize = 100;

/// The texts of one field, in the order of the rows. Rows whose field is null or absent are left out; rows that cannot be
/// used are set aside.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("rows.jsonl");
/// std::fs::write(&path, "{\"text\": \"one\"}\n{\"text\": null}\nbroken\n{\"text\": \"two\"}\n")?;
/// let mut texts = sandbox_dataset::Texts::open(&[path], "text")?;
/// let mut all = Vec::new();
/// while let Some(text) = texts.next_text()? {
///     all.push(text.to_owned());
/// }
/// assert_eq!(all, ["one", "two"]);
/// assert_eq!(texts.rejected(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Texts {
    reader: Reader,
    field: String,
    /// The texts of the chunk at hand, and how many of them were handed out.
    texts: Vec<String>,
    next: usize,
    rejects: Vec<Reject>,
    rejected: u64,
}

impl Texts {
    /// The texts under `field` (dotted names descend) of these files.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn open(files: &[PathBuf], field: &str) -> Result<Self, DatasetError> {
        let reader = Reader::open(files, ReadOptions::default())?;
        Ok(Self { reader, field: field.to_owned(), texts: Vec::new(), next: 0, rejects: Vec::new(), rejected: 0 })
    }

    /// The next text; `None` after the last.
    ///
    /// # Errors
    /// As [`Reader::next_chunk`].
    pub fn next_text(&mut self) -> Result<Option<&str>, DatasetError> {
        while self.next == self.texts.len() {
            let Some(chunk) = self.reader.next_chunk()? else { return Ok(None) };
            self.take(&chunk);
            self.reader.recycle(chunk);
        }
        self.next += 1;
        Ok(self.texts.get(self.next - 1).map(String::as_str))
    }

    fn take(&mut self, chunk: &Chunk) {
        self.next = 0;
        self.texts.clear();
        let mut rejects = chunk.rejects().to_vec();
        for row in chunk.rows() {
            match Row::parse(row.bytes).and_then(|row| row.text(&self.field)) {
                Ok(text) => self.texts.extend(text.map(String::from)),
                Err(error) => rejects.push(chunk.reject(&row, error)),
            }
        }
        rejects.sort_by_key(|reject| reject.line);
        self.rejected += rejects.len() as u64;
        let room = KEPT.saturating_sub(self.rejects.len());
        self.rejects.extend(rejects.into_iter().take(room));
    }

    /// How far the reading is.
    pub fn progress(&self) -> Progress {
        self.reader.progress()
    }

    /// The first hundred rows that were set aside.
    pub fn rejects(&self) -> &[Reject] {
        &self.rejects
    }

    /// How many rows were set aside.
    pub fn rejected(&self) -> u64 {
        self.rejected
    }
}
