//! What a column holds, by all of its values: the rules of pandas.

use std::io::Write;

use crate::splice::write_json_string;

/// The words that stand for nothing, quoted or not.
const NULLS: [&[u8]; 18] = [
    b"",
    b"#N/A",
    b"#N/A N/A",
    b"#NA",
    b"-1.#IND",
    b"-1.#QNAN",
    b"-NaN",
    b"-nan",
    b"1.#IND",
    b"1.#QNAN",
    b"<NA>",
    b"N/A",
    b"NA",
    b"NULL",
    b"NaN",
    b"None",
    b"n/a",
    b"nan",
];

/// Whether a field is null.
pub(super) fn is_null(field: &[u8]) -> bool {
    field.len() <= 8 && (field == b"null" || NULLS.contains(&field))
}

/// What all values of a column are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ColumnType {
    Integer,
    Float,
    Bool,
    Text,
}

/// Gathers what a column's values have in common.
#[derive(Debug, Clone)]
pub(super) struct Evidence {
    nulls: bool,
    values: bool,
    /// What first kept a value from being a signed, and an unsigned, 64-bit integer.
    signed: Option<Obstacle>,
    unsigned: Option<Obstacle>,
    negative: bool,
    /// All integers are the same as 64-bit floats.
    exact: bool,
    floats: bool,
    bools: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Obstacle {
    NoInteger,
    TooLarge,
}

impl Default for Evidence {
    fn default() -> Self {
        Self { nulls: false, values: false, signed: None, unsigned: None, negative: false, exact: true, floats: true, bools: true }
    }
}

impl Evidence {
    pub(super) fn add(&mut self, field: &[u8]) {
        if is_null(field) {
            self.nulls = true;
            return;
        }
        self.values = true;
        if self.signed.is_none() || self.unsigned.is_none() {
            self.add_integer(field);
        }
        self.floats = self.floats && float(field).is_some();
        self.bools = self.bools && boolean(field).is_some();
    }

    fn add_integer(&mut self, field: &[u8]) {
        let integer = integer(field);
        let unsigned = match &integer {
            // The original looks no further than the sign.
            _ if field.trim_ascii_start().starts_with(b"-") => {
                self.negative = true;
                None
            }
            None => Some(Obstacle::NoInteger),
            Some(Integer::Small(_) | Integer::Large(_)) => None,
            Some(Integer::Beyond) => Some(Obstacle::TooLarge),
        };
        let signed = match integer {
            None => Some(Obstacle::NoInteger),
            Some(Integer::Small(number)) => {
                self.exact = self.exact && (number as f64) as i128 == i128::from(number);
                None
            }
            Some(Integer::Large(_) | Integer::Beyond) => Some(Obstacle::TooLarge),
        };
        self.signed = self.signed.or(signed);
        self.unsigned = self.unsigned.or(unsigned);
    }

    /// Integers, floats, truth values, texts: the first that fits all values. Integers among nulls are floats, as in a
    /// table without nullable integers, unless one of them would lose digits.
    pub(super) fn column_type(&self) -> ColumnType {
        let other = if self.floats {
            ColumnType::Float
        } else if self.bools {
            ColumnType::Bool
        } else {
            ColumnType::Text
        };
        match (self.signed, self.unsigned) {
            _ if !self.values => ColumnType::Text,
            (None, _) if self.nulls && self.exact => ColumnType::Float,
            (None, _) => ColumnType::Integer,
            (Some(Obstacle::NoInteger), _) | (_, Some(Obstacle::NoInteger)) => other,
            (_, None) if !self.negative && !self.nulls => ColumnType::Integer,
            _ => ColumnType::Text,
        }
    }
}

/// Appends a field that is valid UTF-8 as JSON.
pub(super) fn write(field: &str, column: ColumnType, out: &mut Vec<u8>) {
    if is_null(field.as_bytes()) {
        out.extend_from_slice(b"null");
        return;
    }
    // A `Vec` takes all that is written to it.
    let _ = match column {
        ColumnType::Text => {
            write_json_string(field, out);
            Ok(())
        }
        ColumnType::Bool => write!(out, "{}", boolean(field.as_bytes()).unwrap_or_default()),
        ColumnType::Integer => match integer(field.as_bytes()) {
            Some(Integer::Small(number)) => write!(out, "{number}"),
            Some(Integer::Large(number)) => write!(out, "{number}"),
            _ => write!(out, "null"),
        },
        // JSON has no infinity.
        ColumnType::Float => match float(field.as_bytes()).and_then(serde_json::Number::from_f64) {
            Some(number) => write!(out, "{number}"),
            None => write!(out, "null"),
        },
    };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Integer {
    Small(i64),
    Large(u64),
    Beyond,
}

/// A sign and digits, white space around them.
fn integer(field: &[u8]) -> Option<Integer> {
    let text = trim(field);
    let (negative, digits) = match text.split_first()? {
        (b'-', rest) => (true, rest),
        (b'+', rest) => (false, rest),
        _ => (false, text),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut size = 0_u64;
    for digit in digits {
        match size.checked_mul(10).and_then(|size| size.checked_add(u64::from(digit - b'0'))) {
            Some(next) => size = next,
            None => return Some(Integer::Beyond),
        }
    }
    Some(match (negative, i64::try_from(size)) {
        (false, Ok(size)) => Integer::Small(size),
        (true, _) if size <= i64::MIN.unsigned_abs() => Integer::Small(0_i64.wrapping_sub_unsigned(size)),
        (false, Err(_)) => Integer::Large(size),
        (true, _) => Integer::Beyond,
    })
}

/// A decimal number or a word for infinity, white space around it.
fn float(field: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(trim(field)).ok()?;
    let number: f64 = text.parse().ok()?;
    let is_decimal = text.bytes().any(|byte| byte.is_ascii_digit());
    // Numbers that are too large are texts, and so are words for what is no number.
    (if is_decimal { number.is_finite() } else { number.is_infinite() && text.len() == field.len() }).then_some(number)
}

fn boolean(field: &[u8]) -> Option<bool> {
    if field.eq_ignore_ascii_case(b"true") { Some(true) } else { field.eq_ignore_ascii_case(b"false").then_some(false) }
}

/// Without C's white space at both ends.
fn trim(field: &[u8]) -> &[u8] {
    let is_space = |byte: &u8| byte.is_ascii_whitespace() || *byte == 0x0b;
    let start = field.iter().position(|byte| !is_space(byte)).unwrap_or(field.len());
    let end = field.iter().rposition(|byte| !is_space(byte)).map_or(start, |last| last + 1);
    &field[start..end]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(fields: &[&str], expect: &str) {
        let mut evidence = Evidence::default();
        fields.iter().for_each(|field| evidence.add(field.as_bytes()));
        let mut out = Vec::new();
        for field in fields {
            write(field, evidence.column_type(), &mut out);
            out.push(b' ');
        }
        assert_eq!(String::from_utf8(out).unwrap().trim_end(), expect, "{fields:?}");
    }

    /// Each line is what pandas 2.3.3 made of the column.
    #[test]
    fn columns_are_typed_as_by_pandas() {
        check(&["007"], "7");
        check(&["1", "007", "x"], r#""1" "007" "x""#);
        check(&["1", "", "3"], "1.0 null 3.0");
        check(&["18446744073709551615", "1"], "18446744073709551615 1");
        check(&["18446744073709551615", ""], r#""18446744073709551615" null"#);
        check(&["18446744073709551615", "-1"], r#""18446744073709551615" "-1""#);
        check(&["18446744073709551616"], r#""18446744073709551616""#);
        check(&["123456789012345678901234", "1.5"], r#""123456789012345678901234" "1.5""#);
        check(&["1.5", "123456789012345678901234"], "1.5 1.2345678901234569e+23");
        check(&["9223372036854775808", "1.5"], "9.223372036854776e+18 1.5");
        check(&["-9223372036854775808", "0"], "-9223372036854775808 0");
        check(&["-9223372036854775809"], r#""-9223372036854775809""#);
        check(&["-9223372036854775809", "1.5"], "-9.223372036854776e+18 1.5");
        check(&[" 5 ", "+6", "1\t", "\u{b}7"], "5 6 1 7");
        check(&["5.", ".5", "1e5", "1E-3 ", "-0.0"], "5.0 0.5 100000.0 0.001 -0.0");
        for word in ["1e", "1e+", "e5", ".", "-", "+", "1_0", "0x10", "- 5", "5 5", "--1", "1.5.2", "1d5", ".e5", "nan ", "+nan", "1e400"] {
            check(&[word, "1"], &format!("{word:?} \"1\""));
        }
        check(&["True", "FALSE", "tRUE"], "true false true");
        check(&["True", ""], "true null");
        check(&["True", "1"], r#""True" "1""#);
        check(&["TRUE", " true"], r#""TRUE" " true""#);
        check(&["", "NA", "None", "null", "-1.#IND"], "null null null null null");
        check(&["-1e-400"], "-0.0");
    }

    /// Where pandas would lose something: digits of an integer beside a null, and infinity, which JSON cannot say.
    #[test]
    fn integers_beside_nulls_keep_their_digits() {
        check(&["9007199254740993", ""], "9007199254740993 null");
        check(&["9007199254740992", ""], "9007199254740992.0 null");
        check(&["inf", "-Infinity", "1"], "null null 1.0");
        check(&["infinity", "x"], r#""infinity" "x""#);
    }
}
