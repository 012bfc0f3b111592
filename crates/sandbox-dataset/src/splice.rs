//! Changes written into a row's bytes.
//!
//! [`Edits`] collects what shall change in one row, [`write_row`] writes the row with it. A value that is replaced stays in
//! its place, a new field goes to the end in the style of the row (`"a": 1` or `"a":1`), and every other byte is as it was.
//!
//! ```
//! use sandbox_dataset::{Edits, Row, write_row};
//! let row = Row::parse(br#"{"text": "old", "n": 1.50, "meta": {"a":1}}"#)?;
//! let mut edits = Edits::new();
//! edits.set_text("text", "say \"new\"");
//! edits.set("meta.title", b"null");
//! edits.set("stats", b"{\"words\": 2}");
//! let mut out = Vec::new();
//! write_row(&row, &edits, &mut out)?;
//! assert_eq!(out, br#"{"text": "say \"new\"", "n": 1.50, "meta": {"a":1,"title":null}, "stats": {"words": 2}}"#);
//! # Ok::<(), sandbox_dataset::RowError>(())
//! ```

mod object;
mod string;

use std::ops::Range;

use serde::Serialize;

use crate::row::{Row, RowError};

use object::Change;
pub use string::write_json_string;

/// Changes of one row, in the order in which they were asked for. Cleared, it serves the next row without allocating.
///
/// Names may have dots, with the meaning that they have in [`Row::get`]; where nothing has the name, the part before the
/// first dot is the key to make, and below it a map with the rest.
#[derive(Debug, Clone, Default)]
pub struct Edits {
    names: String,
    values: Vec<u8>,
    edits: Vec<Edit>,
}

#[derive(Debug, Clone)]
struct Edit {
    name: Range<usize>,
    /// The new value; none to remove the field.
    value: Option<Range<usize>>,
}

impl Edits {
    /// No changes.
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets all changes and keeps the memory.
    pub fn clear(&mut self) {
        self.names.clear();
        self.values.clear();
        self.edits.clear();
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Sets a field to a JSON text, which is written as it is: it must be valid and without line breaks.
    pub fn set(&mut self, name: &str, json: &[u8]) {
        let start = self.values.len();
        self.values.extend_from_slice(json);
        self.push(name, Some(start));
    }

    /// Sets a field to a string.
    pub fn set_text(&mut self, name: &str, text: &str) {
        let start = self.values.len();
        write_json_string(text, &mut self.values);
        self.push(name, Some(start));
    }

    /// Sets a field to anything that has a JSON form: a number, a list, a [`serde_json::Value`].
    ///
    /// # Errors
    /// A value without such a form, for example a map whose keys are lists.
    pub fn set_value<T: Serialize + ?Sized>(&mut self, name: &str, value: &T) -> Result<(), RowError> {
        let start = self.values.len();
        if let Err(error) = serde_json::to_writer(&mut self.values, value) {
            self.values.truncate(start);
            return Err(RowError::other(format!("field `{name}` has no JSON form: {error}")));
        }
        self.push(name, Some(start));
        Ok(())
    }

    /// Takes a field out, if it is there.
    pub fn remove(&mut self, name: &str) {
        self.push(name, None);
    }

    /// A change whose value, if any, was written from `start` on.
    fn push(&mut self, name: &str, start: Option<usize>) {
        let name_start = self.names.len();
        self.names.push_str(name);
        self.edits.push(Edit { name: name_start..self.names.len(), value: start.map(|start| start..self.values.len()) });
    }

    fn changes(&self) -> impl Iterator<Item = Change<'_>> {
        self.edits
            .iter()
            .map(|edit| Change { name: &self.names[edit.name.clone()], value: edit.value.clone().map(|value| &self.values[value]) })
    }
}

/// Appends the row with these changes to `out`, without a line end. On an error, `out` is as it was.
///
/// # Errors
/// A name that leads through something that is neither a map nor null, or to an index that a list does not have.
pub fn write_row(row: &Row<'_>, edits: &Edits, out: &mut Vec<u8>) -> Result<(), RowError> {
    if edits.is_empty() {
        out.extend_from_slice(row.bytes());
        return Ok(());
    }
    let changes: Vec<Change<'_>> = edits.changes().collect();
    let before = out.len();
    let result = object::write(row.as_str(), row.members(), &changes, out);
    if result.is_err() {
        out.truncate(before);
    }
    result
}
