//! Values as Python sees them: truth, equality, order, numbers.

use std::cmp::Ordering;

use serde_json::Value;

use crate::range::Number;
use crate::unicode::{REGEX_DIGIT, classes, strip};

/// Whether Python takes the value for true.
pub(crate) fn truth(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => *flag,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(map) => !map.is_empty(),
    }
}

/// A number as it is; true and false count as 1 and 0.
pub(crate) fn number(value: &Value) -> Option<Number> {
    match value {
        Value::Bool(flag) => Some(Number::Integer((*flag).into())),
        Value::Number(number) => Some(match (number.as_i64(), number.as_u64()) {
            (Some(integer), _) => Number::Integer(integer.into()),
            (None, Some(integer)) => Number::Integer(integer.into()),
            _ => Number::Float(number.as_f64()?),
        }),
        _ => None,
    }
}

/// `a == b`: numbers and truth values by value, lists and maps by what is in them.
pub(crate) fn equal(a: &Value, b: &Value) -> bool {
    if let (Some(a), Some(b)) = (number(a), number(b)) {
        return a == b;
    }
    match (a, b) {
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| equal(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, value)| b.get(key).is_some_and(|other| equal(value, other)))
        }
        _ => a == b,
    }
}

/// The order of two values, as `<` and `>` see it: `Err` where Python raises, `Ok(None)` where neither holds (NaN).
pub(crate) fn order(a: &Value, b: &Value) -> Result<Option<Ordering>, String> {
    if let (Some(a), Some(b)) = (number(a), number(b)) {
        return Ok(a.partial_cmp(&b));
    }
    match (a, b) {
        (Value::String(a), Value::String(b)) => Ok(Some(a.cmp(b))),
        (Value::Array(a), Value::Array(b)) => match a.iter().zip(b).find(|(a, b)| !equal(a, b)) {
            Some((a, b)) => order(a, b),
            None => Ok(Some(a.len().cmp(&b.len()))),
        },
        _ => Err(format!("{} and {} have no order", kind(a), kind(b))),
    }
}

/// A value's kind in words.
pub(crate) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}

/// What `float()` makes of a value; `None` where it raises.
pub(crate) fn float(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(flag) => Some(f64::from(u8::from(*flag))),
        Value::Number(number) => number.as_f64(),
        Value::String(text) => float_of_text(text),
        _ => None,
    }
}

/// What `float()` makes of a text: white space around it, underscores between digits and decimal digits of all scripts are fine.
fn float_of_text(text: &str) -> Option<f64> {
    let mut plain = String::with_capacity(text.len());
    let characters: Vec<char> = strip(text).chars().map(|character| decimal(character).unwrap_or(character)).collect();
    for (index, character) in characters.iter().enumerate() {
        let is_digit = |index: Option<usize>| index.and_then(|index| characters.get(index)).is_some_and(char::is_ascii_digit);
        match character {
            '_' if is_digit(index.checked_sub(1)) && is_digit(Some(index + 1)) => {}
            '_' => return None,
            _ => plain.push(*character),
        }
    }
    let unsigned = plain.strip_prefix(['+', '-']).unwrap_or(&plain).to_ascii_lowercase();
    let is_number = unsigned.starts_with(|first: char| first.is_ascii_digit() || first == '.')
        && unsigned.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'+' | b'-'));
    match unsigned.as_str() {
        "inf" | "infinity" | "nan" => plain.to_ascii_lowercase().parse().ok(),
        _ if is_number => plain.parse().ok(),
        _ => None,
    }
}

/// A decimal digit of any script as one of ASCII.
fn decimal(character: char) -> Option<char> {
    if character.is_ascii() || !classes().is(character, REGEX_DIGIT) {
        return None;
    }
    // Digits stand in runs of ten, each from zero on.
    let before = (1..).take_while(|back| {
        u32::from(character).checked_sub(*back).and_then(char::from_u32).is_some_and(|other| classes().is(other, REGEX_DIGIT))
    });
    char::from_digit((before.count() % 10) as u32, 10)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_as_python_reads_them() {
        for (text, wanted) in [
            (" 7 ", 7.0),
            ("٣", 3.0),
            ("1_000", 1000.0),
            ("-1e3", -1000.0),
            (".5", 0.5),
            ("5.", 5.0),
            ("Infinity", f64::INFINITY),
            ("𝟙𝟚", 12.0),
        ] {
            assert_eq!(float(&json!(text)), Some(wanted), "{text}");
        }
        assert!(float(&json!("NaN")).is_some_and(f64::is_nan));
        for text in ["", "_1", "1__0", "1_", "0x10", "1,5", "e5", "infinite", "1 2", "--1"] {
            assert_eq!(float(&json!(text)), None, "{text}");
        }
    }

    #[test]
    fn equality_and_order() {
        assert!(equal(&json!(1), &json!(true)) && equal(&json!([1.0]), &json!([1])) && !equal(&json!("1"), &json!(1)));
        assert_eq!(order(&json!([1, 2]), &json!([1, 2.5])), Ok(Some(Ordering::Less)));
        assert_eq!(order(&json!("a"), &json!(1)).unwrap_err(), "a text and a number have no order");
        assert!(!truth(&json!(0.0)) && truth(&json!("0")) && !truth(&json!({})));
    }
}
