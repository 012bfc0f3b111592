//! What a row carries from one pass to the next beside its fields.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// Stands between a row and its luggage: JSON has no such byte.
pub(super) const BORDER: u8 = 0x1f;

/// What a row carries from one pass to the next. It travels behind the row in the same line.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Luggage {
    /// The file in which the row stood, by its place among the recipe's files, and the line.
    #[serde(rename = "f", skip_serializing_if = "is_default")]
    pub(super) file: usize,
    #[serde(rename = "l")]
    pub(super) line: u64,
    /// The statistics that it has.
    #[serde(rename = "s", skip_serializing_if = "Vec::is_empty")]
    pub(super) stats: Vec<Packed>,
    /// Fields whose text is no longer what the statistics in the data were computed from.
    #[serde(rename = "c", skip_serializing_if = "Vec::is_empty")]
    pub(super) changed: Vec<usize>,
    /// Whether any field may be another than in the data, whichever `changed` names.
    #[serde(rename = "a", skip_serializing_if = "is_default")]
    pub(super) all_changed: bool,
    /// The statistics by name, for examples that people look at.
    #[serde(rename = "n", skip_serializing_if = "Option::is_none")]
    pub(super) named_stats: Option<Value>,
    /// `__dj__meta__`, when an operator added to it.
    #[serde(rename = "m", skip_serializing_if = "Option::is_none")]
    pub(super) meta: Option<Value>,
    /// The deduplicators' columns, when they are exported.
    #[serde(rename = "h", skip_serializing_if = "Map::is_empty")]
    pub(super) hashes: Map<String, Value>,
}

/// A statistic: its slot, what it was computed from unless that has changed, its value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Packed(pub(super) usize, pub(super) Option<usize>, pub(super) Value);

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Luggage {
    /// Appends it behind a row in `out`, with the line's end.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.push(BORDER);
        // Maps with text keys always have a JSON form.
        let start = out.len();
        if serde_json::to_writer(&mut *out, self).is_err() {
            out.truncate(start);
            out.extend_from_slice(b"{}");
        }
        out.push(b'\n');
    }

    /// Where the row stood, in words: `line 7`, or with its file when there are several.
    pub(super) fn place(&self, files: &[PathBuf]) -> String {
        match files {
            [] | [_] => format!("line {}", self.line),
            files => format!("`{}:{}`", files.get(self.file).map_or_else(String::new, |file| file.display().to_string()), self.line),
        }
    }

    /// The row and its luggage in a line.
    pub(super) fn split(line: &[u8]) -> (&[u8], Self) {
        match memchr::memrchr(BORDER, line) {
            Some(border) => (&line[..border], serde_json::from_slice(&line[border + 1..]).unwrap_or_default()),
            None => (line, Self::default()),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_packed_is_unpacked() {
        let luggage = Luggage { line: 7, stats: vec![Packed(2, None, json!(["a\u{1f}", 2.0]))], ..Luggage::default() };
        let mut line = b"{\"text\": \"a\"}".to_vec();
        luggage.write(&mut line);
        let (row, unpacked) = Luggage::split(line.strip_suffix(b"\n").unwrap());
        assert_eq!(row, b"{\"text\": \"a\"}");
        assert_eq!((unpacked.line, unpacked.stats), (7, luggage.stats));
    }
}
