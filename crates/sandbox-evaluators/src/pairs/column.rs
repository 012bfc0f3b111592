//! One dataset, of which one or two fields are read.

use std::collections::VecDeque;
use std::path::PathBuf;

use indexmap::IndexSet;
use sandbox_dataset::{Chunk, DatasetError, RawRow, ReadOptions, Reader, Reject, Row, RowError, RowParser};
use serde_json::Value;

/// How many rejects are kept for messages; all are counted.
const KEPT: usize = 100;
/// In how many rows the names of fields are looked for.
const LOOKED_AT: u64 = 100;

/// The fields' values row by row; what cannot be used is set aside and keeps its position.
pub(super) struct Column<'k, T> {
    reader: Reader,
    parser: RowParser,
    fields: Fields<'k, T>,
    /// Of the chunk at hand, what was not handed out yet.
    waiting: VecDeque<Slot<T>>,
    rows: u64,
    rejects: Vec<Reject>,
    rejected: u64,
}

/// The values under the keys; none when the row was set aside.
type Slot<T> = Option<[Option<T>; 2]>;

struct Fields<'k, T> {
    keys: &'k [&'k str],
    read: fn(&str) -> T,
    /// How many rows have each.
    found: [u64; 2],
    parsed: u64,
    /// What other fields there are.
    names: IndexSet<String>,
}

impl<'k, T> Column<'k, T> {
    /// With one key or two.
    pub(super) fn open(files: &[PathBuf], keys: &'k [&'k str], read: fn(&str) -> T) -> Result<Self, DatasetError> {
        let reader = Reader::open(files, ReadOptions::default())?;
        let fields = Fields { keys, read, found: [0; 2], parsed: 0, names: IndexSet::new() };
        Ok(Self { reader, parser: RowParser::new(), fields, waiting: VecDeque::new(), rows: 0, rejects: Vec::new(), rejected: 0 })
    }

    /// The next row; `Some(None)` is one that was set aside, `None` the end.
    pub(super) fn next(&mut self) -> Result<Option<Slot<T>>, DatasetError> {
        while self.waiting.is_empty() {
            let Some(chunk) = self.reader.next_chunk()? else { return Ok(None) };
            self.take(&chunk);
            self.reader.recycle(chunk);
        }
        self.rows += 1;
        Ok(self.waiting.pop_front())
    }

    fn take(&mut self, chunk: &Chunk) {
        let mut unframed = chunk.rejects().iter().peekable();
        for raw in chunk.rows() {
            while let Some(reject) = unframed.next_if(|reject| reject.line < raw.line) {
                self.set_aside(reject.clone());
            }
            match self.parser.parse(raw.bytes).and_then(|row| self.fields.of(&row)) {
                Ok(values) => self.waiting.push_back(Some(values)),
                Err(error) => self.reject(chunk, &raw, &error),
            }
        }
        unframed.for_each(|reject| self.set_aside(reject.clone()));
    }

    fn reject(&mut self, chunk: &Chunk, raw: &RawRow<'_>, error: &RowError) {
        self.set_aside(chunk.reject(raw, error));
    }

    fn set_aside(&mut self, reject: Reject) {
        self.waiting.push_back(None);
        self.rejected += 1;
        if self.rejects.len() < KEPT {
            self.rejects.push(reject);
        }
    }

    /// Rows so far, with those that were set aside.
    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn bytes_read(&self) -> u64 {
        self.reader.progress().bytes_read
    }

    pub(super) fn rejected(&self) -> u64 {
        self.rejected
    }

    pub(super) fn take_rejects(&mut self) -> Vec<Reject> {
        std::mem::take(&mut self.rejects)
    }

    /// A key that not one row has, and the fields that there are.
    pub(super) fn missing_key(&self) -> Option<(&'k str, Vec<String>)> {
        let Fields { keys, found, parsed, names, .. } = &self.fields;
        let (key, _) = keys.iter().zip(found).find(|(_, found)| **found == 0).filter(|_| *parsed > 0)?;
        Some((key, names.iter().cloned().collect()))
    }
}

impl<T> Fields<'_, T> {
    fn of(&mut self, row: &Row<'_>) -> Result<[Option<T>; 2], RowError> {
        self.parsed += 1;
        let mut values = [None, None];
        let mut missing = None;
        for ((key, value), found) in self.keys.iter().zip(&mut values).zip(&mut self.found) {
            match row.get(key) {
                Some(json) => {
                    *found += 1;
                    *value = Some((self.read)(json));
                }
                None => missing = missing.or(Some(key)),
            }
        }
        let Some(key) = missing else { return Ok(values) };
        if self.parsed <= LOOKED_AT
            && let Ok(row) = serde_json::from_slice(row.bytes())
        {
            name_leaves(&row, "", &mut self.names);
        }
        Err(RowError::other(format!("field `{key}` is missing")))
    }
}

/// The dotted names of what is no map.
fn name_leaves(value: &Value, name: &str, names: &mut IndexSet<String>) {
    match value {
        Value::Object(map) if !map.is_empty() || name.is_empty() => map.iter().for_each(|(key, inner)| {
            let inner_name = if name.is_empty() { key.clone() } else { format!("{name}.{key}") };
            name_leaves(inner, &inner_name, names);
        }),
        _ => {
            names.insert(name.to_owned());
        }
    }
}
