//! What operators of pictures, sounds and videos share: the row's list of paths, `any` or `all`, and ranges of each.

mod base64;
pub(crate) mod images;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use sandbox_media::video::{self, Stream};
use sandbox_media::{Cause, MediaError};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::OpError;
use crate::range::{Number, Range};
use crate::registry::Parameter;
use crate::row_view::RowView;
use crate::stat::StatValue;
use crate::unicode::{ALPHABETIC, DIGIT, classes, decimal_digit};

/// Whether one good item is enough.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum AnyOrAll {
    #[default]
    Any,
    All,
}

pub(crate) const ANY_OR_ALL: Parameter = Parameter {
    name: "any_or_all",
    kind: "`any` or `all`",
    default: "\"any\"",
    doc: "Whether one item in range keeps the row, or all have to be. A row without items is kept.",
};

impl AnyOrAll {
    /// Whether a row with these items is kept; the first item that cannot be judged is an error.
    pub fn keep(self, mut items: impl ExactSizeIterator<Item = Result<bool, OpError>>) -> Result<bool, OpError> {
        if items.len() == 0 {
            return Ok(true);
        }
        let wanted = self == Self::Any;
        let found = items.try_fold(false, |found, item| Ok::<_, OpError>(found | (item? == wanted)))?;
        Ok(found == wanted)
    }

    /// The same of a statistic that is a list of numbers.
    pub fn keep_numbers(self, key: &'static str, value: &StatValue, range: &Range) -> Result<bool, OpError> {
        self.keep(numbers(key, value)?.iter().map(|number| Ok(range.keep(*number))))
    }
}

/// The numbers of a statistic that is a list of them.
pub(crate) fn numbers(key: &'static str, value: &StatValue) -> Result<Vec<Number>, OpError> {
    match value {
        StatValue::List(values) => values.iter().map(|value| value.number(key)).collect(),
        other => match other.to_json() {
            Value::Array(values) => values.iter().map(|value| StatValue::from_json(value).number(key)).collect(),
            _ => Err(OpError::Statistic { key: key.to_owned(), found: other.to_json().to_string() }),
        },
    }
}

/// The paths that a row lists under a field; none where the field is missing or null.
pub(crate) fn paths(row: &RowView<'_>, field: &str) -> Result<Vec<String>, OpError> {
    let wrong = |found: &Value| OpError::Row(format!("field `{field}`: expected a list of paths, got {found}"));
    match row.value(field) {
        None | Some(Value::Null) => Ok(Vec::new()),
        Some(Value::Array(items)) => items.iter().map(|item| item.as_str().map(str::to_owned).ok_or_else(|| wrong(item))).collect(),
        Some(other) => Err(wrong(&other)),
    }
}

/// What is found at each of a row's paths; a path that is there several times is looked at once.
pub(crate) fn each<T: Clone>(row: &RowView<'_>, field: &str, look: impl Fn(&str) -> Result<T, MediaError>) -> Result<Vec<T>, OpError> {
    each_at(row, field, |_, path| look(path).map_err(|error| OpError::Row(error.to_string())))
}

/// The same, with the place of the path in the list.
fn each_at<T: Clone>(row: &RowView<'_>, field: &str, look: impl Fn(usize, &str) -> Result<T, OpError>) -> Result<Vec<T>, OpError> {
    let paths = paths(row, field)?;
    let mut places: HashMap<&str, usize> = HashMap::with_capacity(paths.len());
    let mut found: Vec<T> = Vec::with_capacity(paths.len());
    for (index, path) in paths.iter().enumerate() {
        let before = found.get(*places.entry(path).or_insert(index)).cloned();
        found.push(match before {
            Some(before) => before,
            None => look(index, path)?,
        });
    }
    Ok(found)
}

/// The distinct paths that a row lists, in order of first appearance.
pub(crate) fn distinct_paths(row: &RowView<'_>, field: &str) -> Result<Vec<String>, OpError> {
    let mut paths = paths(row, field)?;
    let mut seen = HashSet::new();
    paths.retain(|path| seen.insert(path.clone()));
    Ok(paths)
}

/// The first video stream of a file.
pub(crate) fn stream(path: &str) -> Result<Stream, MediaError> {
    let none = || MediaError { name: path.to_owned(), cause: Cause::Content(Cow::Borrowed("it has no video stream with a size")) };
    video::video(path)?.stream.filter(|stream| stream.width > 0 && stream.height > 0).ok_or_else(none)
}

/// The size of a file in bytes.
pub(crate) fn file_size(path: &str) -> Result<u64, MediaError> {
    let failed = |cause| MediaError { name: path.to_owned(), cause };
    let facts = std::fs::metadata(path).map_err(|error| failed(Cause::Io(error)))?;
    if facts.is_dir() {
        return Err(failed(Cause::Content(Cow::Borrowed("it is a folder"))));
    }
    Ok(facts.len())
}

/// Bytes in words, as the original reads them: the digits of any script together are the number, the letters together the
/// unit, and nothing else counts. So `1.5 KB` is 15 KB. Every thousand is 1024, with `KB` as with `KiB`.
pub(crate) fn bytes_in_words(text: &str) -> Result<Number, String> {
    const UNITS: &str = "KB, MB, GB, TB, PB, EB, ZB, YB, KiB, MiB, GiB, TiB, PiB, EiB, ZiB, YiB";
    let wrong = || format!("expected a size such as `20`, `20 KB` or `1500 MiB` (units: {UNITS}), got `{text}`");
    let classes = classes();
    let unit: String = text.chars().filter(|c| classes.is(*c, ALPHABETIC)).flat_map(char::to_lowercase).collect();
    let power = match unit.as_str() {
        "" => 0,
        "kb" | "kib" => 10,
        "mb" | "mib" => 20,
        "gb" | "gib" => 30,
        "tb" | "tib" => 40,
        "pb" | "pib" => 50,
        "eb" | "eib" => 60,
        "zb" | "zib" => 70,
        "yb" | "yib" => 80,
        _ => return Err(wrong()),
    };
    let mut number = None;
    for digit in text.chars().filter(|c| classes.is(*c, DIGIT)) {
        // `\u{b2}` and the like are digits, but no number is written with them.
        let value = decimal_digit(digit).ok_or_else(wrong)?;
        // No file reaches the end of i128, whatever the number.
        number = Some(number.unwrap_or(0_i128).saturating_mul(10).saturating_add(value.into()));
    }
    number.map(|number| Number::Integer(number.saturating_mul(1 << power))).ok_or_else(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_in_words() {
        let bytes = |text: &str| bytes_in_words(text).unwrap();
        assert_eq!(bytes("200"), Number::Integer(200));
        assert_eq!(bytes(" 20 kb"), Number::Integer(20 << 10));
        assert_eq!(bytes("1TB"), Number::Integer(1 << 40));
        assert_eq!(bytes("2YB"), Number::Integer(2 << 80));
        assert_eq!((bytes("1.5 KiB"), bytes("-1 kB"), bytes("K1,0B0")), (bytes("15kb"), bytes("1kb"), bytes("100kb")));
        assert_eq!((bytes("\u{663}\u{ff12} kb"), bytes("\u{1d7d9}\u{1d7ff}mb")), (bytes("32kb"), bytes("19mb")));
        assert_eq!(bytes(&"9".repeat(60)), Number::Integer(i128::MAX));
        for wrong in ["", "kb", "10 Bytes", "10b", "1 xb", "1 kb kb", ".", "1\u{b2}kb"] {
            assert!(bytes_in_words(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn no_items_are_kept() {
        let keep = |word: AnyOrAll, items: &[bool]| word.keep(items.iter().map(|item| Ok(*item))).unwrap();
        assert!(keep(AnyOrAll::Any, &[]) && keep(AnyOrAll::All, &[]));
        assert!(keep(AnyOrAll::Any, &[false, true]) && !keep(AnyOrAll::All, &[false, true]));
        assert!(!keep(AnyOrAll::Any, &[false]) && keep(AnyOrAll::All, &[true]));
    }
}
