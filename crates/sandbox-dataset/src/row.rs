//! The fields of a row, found lazily.
//!
//! [`Row::parse`] goes over the bytes once: they are UTF-8, they are one JSON object and nothing else, and every value
//! in it can be read. It notes where the top-level fields stand; nested ones are found when they are asked for.
//!
//! Names of fields may have dots. At each level the longest key that is a beginning of the name wins (`meta.date` may
//! be a key of its own), and what is left of the name is looked up below it; in a list, by index (`results.0.mse`).
//!
//! ```
//! use sandbox_dataset::Row;
//! let row = Row::parse(br#"{"text": "a\tb", "meta": {"n": [1.50]}, "meta.date": null}"#)?;
//! assert_eq!(row.text("text")?.as_deref(), Some("a\tb"));
//! assert_eq!(row.get("meta.n.0"), Some("1.50")); // the JSON text as it stands
//! assert_eq!(row.text("meta.date")?, None);
//! assert_eq!(row.text("meta").unwrap_err().to_string(), "field `meta` is an object");
//! assert_eq!(Row::parse(b"{\"a\": tru}").unwrap_err().to_string(), "not JSON: expected a value at column 7");
//! # Ok::<(), sandbox_dataset::RowError>(())
//! ```

mod error;
mod find;
mod json;
mod text;

use std::borrow::Cow;

use serde_json::Value;

pub use error::RowError;
pub(crate) use error::kind;
pub(crate) use find::{rest_behind, text_of_key};
pub(crate) use json::{Member, Scanner, plain_length};

/// One row: a JSON object in the bytes it was read from.
#[derive(Debug, Clone)]
pub struct Row<'a> {
    json: &'a str,
    members: Cow<'a, [Member]>,
}

/// One field of a row as it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<'a> {
    /// The key without quotes and escapes.
    pub key: Cow<'a, str>,
    /// The value's JSON text.
    pub value: &'a str,
}

/// Parses one row after the other in the same memory.
#[derive(Debug, Default)]
pub struct RowParser {
    members: Vec<Member>,
}

impl RowParser {
    /// A parser.
    pub fn new() -> Self {
        Self::default()
    }

    /// As [`Row::parse`], without an allocation per row. The row lives until the next call.
    ///
    /// # Errors
    /// As [`Row::parse`].
    pub fn parse<'a>(&'a mut self, bytes: &'a [u8]) -> Result<Row<'a>, RowError> {
        let json = json::parse(bytes, &mut self.members)?;
        Ok(Row { json, members: Cow::Borrowed(&self.members) })
    }
}

/// The length of the first line of `text`, its line feed included, when it is a row as it should be: an object that begins the line and
/// ends it, and that [`Row::parse`] takes. Where the line is anything else, a row or not, `None`.
///
/// ```
/// use sandbox_dataset::row_line;
/// assert_eq!(row_line("{\"a\": 1}\n{}\n"), Some(9));
/// assert_eq!(row_line("{\"a\": 1} \n"), None);
/// assert_eq!(row_line("{\"a\":\n1}\n"), None);
/// ```
pub fn row_line(text: &str) -> Option<usize> {
    json::line(text)
}

impl<'a> Row<'a> {
    /// Checks that the bytes are one JSON object, with white space around it at most, and finds its fields.
    ///
    /// A row is also refused when a value in it could not be read: a string with half a surrogate pair (`\ud800`), a
    /// number too large for a 64-bit float, or nesting deeper than 127.
    ///
    /// # Errors
    /// Why it is no row, in a few words.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, RowError> {
        let mut members = Vec::new();
        let json = json::parse(bytes, &mut members)?;
        Ok(Self { json, members: Cow::Owned(members) })
    }

    /// The row as it was read.
    pub fn bytes(&self) -> &'a [u8] {
        self.json.as_bytes()
    }

    /// The row as it was read.
    pub fn as_str(&self) -> &'a str {
        self.json
    }

    /// The top-level fields in their order. Of a key that stands there twice, the last one counts; here both are named.
    pub fn fields(&self) -> impl Iterator<Item = Field<'a>> + '_ {
        self.members.iter().map(|member| Field { key: text_of_key(self.json, member), value: &self.json[member.value()] })
    }

    /// The JSON text of the value under a name, which may have dots; `None` when there is no such field.
    pub fn get(&self, name: &str) -> Option<&'a str> {
        find::find(self.json, &self.members, name)
    }

    /// The text of a field; `None` when it is missing or null. It is borrowed from the row unless it has escapes.
    ///
    /// # Errors
    /// A value that is neither a string nor null, by name and kind.
    pub fn text(&self, name: &str) -> Result<Option<Cow<'a, str>>, RowError> {
        let Some(value) = self.get(name) else { return Ok(None) };
        match value.as_bytes() {
            [b'"', .., b'"'] => Ok(Some(text::unescape(&value[1..value.len() - 1]))),
            [b'n', ..] => Ok(None),
            _ => Err(RowError::Kind { name: name.into(), kind: error::kind(value) }),
        }
    }

    /// The value of a field as a tree; `None` when there is no such field.
    pub fn value(&self, name: &str) -> Option<Value> {
        // What was parsed is JSON that serde_json takes too; see the test of that.
        self.get(name).and_then(|json| serde_json::from_str(json).ok())
    }

    pub(crate) fn members(&self) -> &[Member] {
        &self.members
    }
}
