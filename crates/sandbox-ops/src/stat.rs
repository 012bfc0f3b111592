//! Statistics: what filters compute, and how they look in JSON.

use std::io::Write;
use std::ops::Deref;

use serde_json::Value;

use crate::error::OpError;
use crate::range::Number;

/// The value of one statistic of one row.
#[derive(Debug, Clone, PartialEq)]
pub enum StatValue {
    /// No value: a row of the data that has the key without a value.
    Null,
    /// True or false.
    Bool(bool),
    /// A count or length.
    Integer(i64),
    /// A ratio or mean.
    Float(f64),
    /// A word, such as a language.
    Text(String),
    /// One value per item, such as per image.
    List(Vec<StatValue>),
    /// Any other value, such as a map that was copied from a field.
    Json(Value),
}

/// The statistics of one row by one filter, one per key; most filters have one.
#[derive(Debug, Clone, PartialEq)]
pub enum Stats {
    /// One.
    One([StatValue; 1]),
    /// None or several.
    Several(Vec<StatValue>),
}

impl Deref for Stats {
    type Target = [StatValue];

    fn deref(&self) -> &[StatValue] {
        match self {
            Self::One(value) => value,
            Self::Several(values) => values,
        }
    }
}

impl From<StatValue> for Stats {
    fn from(value: StatValue) -> Self {
        Self::One([value])
    }
}

impl From<Vec<StatValue>> for Stats {
    fn from(values: Vec<StatValue>) -> Self {
        Self::Several(values)
    }
}

impl IntoIterator for Stats {
    type Item = StatValue;
    type IntoIter = Either;

    fn into_iter(self) -> Either {
        match self {
            Self::One(value) => Either::One(value.into_iter()),
            Self::Several(values) => Either::Several(values.into_iter()),
        }
    }
}

/// The values of [`Stats`] one after the other.
#[derive(Debug)]
pub enum Either {
    /// One.
    One(std::array::IntoIter<StatValue, 1>),
    /// None or several.
    Several(std::vec::IntoIter<StatValue>),
}

impl Iterator for Either {
    type Item = StatValue;

    fn next(&mut self) -> Option<StatValue> {
        match self {
            Self::One(value) => value.next(),
            Self::Several(values) => values.next(),
        }
    }
}

/// The only value of a filter with one statistic; null when there is none.
pub fn only(values: &[StatValue]) -> &StatValue {
    values.first().unwrap_or(&StatValue::Null)
}

impl StatValue {
    /// The value as the number that a range test compares; true and false count as 1 and 0, as in Python.
    ///
    /// # Errors
    /// When the value is not a number. `key` is the statistic it stands under.
    pub fn number(&self, key: &str) -> Result<Number, OpError> {
        match self {
            Self::Integer(value) => Ok(Number::from(*value)),
            Self::Float(value) => Ok(Number::from(*value)),
            Self::Bool(value) => Ok(Number::from(i64::from(*value))),
            Self::Null | Self::Text(_) | Self::List(_) | Self::Json(_) => {
                let mut found = Vec::new();
                self.write_json(&mut found);
                Err(OpError::Statistic { key: key.to_owned(), found: String::from_utf8_lossy(&found).into_owned() })
            }
        }
    }

    /// A count or length; beyond what 64 bits hold it is the largest they do.
    pub fn count(count: usize) -> Self {
        Self::Integer(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// Appends the value as JSON. Floats have Python's shortest form that reads back the same, with `.0` where whole.
    ///
    /// JSON has no NaN and no infinities: they are written as null.
    ///
    /// ```
    /// use sandbox_ops::StatValue;
    /// let mut json = Vec::new();
    /// StatValue::List(vec![StatValue::Integer(3), StatValue::Float(3.0), StatValue::Float(1e-7)]).write_json(&mut json);
    /// assert_eq!(json, b"[3,3.0,1e-07]");
    /// ```
    pub fn write_json(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => out.extend_from_slice(b"null"),
            Self::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
            // Writing to a vector cannot fail.
            Self::Integer(value) => drop(write!(out, "{value}")),
            Self::Float(value) => write_float(*value, out),
            Self::Text(text) => out.extend_from_slice(Value::from(text.as_str()).to_string().as_bytes()),
            Self::List(values) => {
                out.push(b'[');
                for (position, value) in values.iter().enumerate() {
                    if position > 0 {
                        out.push(b',');
                    }
                    value.write_json(out);
                }
                out.push(b']');
            }
            Self::Json(value) => out.extend_from_slice(value.to_string().as_bytes()),
        }
    }

    /// A value that stands in the data, such as the statistic of an earlier run.
    pub fn from_json(value: &Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(*value),
            Value::Number(number) => match number.as_i64() {
                Some(integer) => Self::Integer(integer),
                None => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            },
            Value::String(text) => Self::Text(text.clone()),
            Value::Array(values) => Self::List(values.iter().map(Self::from_json).collect()),
            Value::Object(_) => Self::Json(value.clone()),
        }
    }
}

/// Python's `repr`: shortest digits; an exponent of at least two digits below 1e-4 and from 1e16 on.
fn write_float(value: f64, out: &mut Vec<u8>) {
    if !value.is_finite() {
        out.extend_from_slice(b"null");
        return;
    }
    let magnitude = value.abs();
    if value == 0.0 || (1e-4..1e16).contains(&magnitude) {
        // Rust has the same digits, and in this range neither language uses an exponent.
        let start = out.len();
        drop(write!(out, "{value}"));
        if !out[start..].contains(&b'.') {
            out.extend_from_slice(b".0");
        }
        return;
    }
    let text = format!("{value:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
    out.extend_from_slice(format!("{digits}e{sign}{exponent:0>2}").as_bytes());
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json(value: &StatValue) -> String {
        let mut out = Vec::new();
        value.write_json(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn floats_look_as_in_python() {
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (1.0 / 3.0, "0.3333333333333333"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (1e16, "1e+16"),
            (1.25e22, "1.25e+22"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NAN, "null"),
        ];
        for (value, expected) in cases {
            assert_eq!(json(&StatValue::Float(value)), expected);
        }
    }

    #[test]
    fn what_is_no_number_says_so() {
        assert_eq!(StatValue::Bool(true).number("text_len").unwrap(), Number::Integer(1));
        let error = StatValue::Null.number("text_len").unwrap_err();
        assert_eq!(error.to_string(), "Failed to compare `text_len` with its bounds: expected a number, got null");
    }

    proptest! {
        #[test]
        fn json_reads_back(value in any::<f64>().prop_filter("finite", |value| value.is_finite()), integer in any::<i64>(), text in ".*") {
            for value in [StatValue::Float(value), StatValue::Integer(integer), StatValue::Text(text)] {
                let read = StatValue::from_json(&serde_json::from_str(&json(&value)).unwrap());
                prop_assert_eq!(read, value);
            }
        }
    }
}
