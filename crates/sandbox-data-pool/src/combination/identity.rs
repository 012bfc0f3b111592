//! When two rows are the same row.
//!
//! Rows are compared as values. What does *not* tell them apart: white space, the order of keys at any level, how a text
//! is escaped or a number written (`1.50`, `1.5`, `15e-1`), and a field that is null instead of missing, because a loader
//! that gives all rows of a file the same fields makes no difference there. What does: `1` and `1.0`, which such a loader
//! keeps apart as integer and float, and `true` and `1`. Of a key that stands in an object twice, the last one counts.

use memchr::memchr;
use sandbox_dataset::Row;
use xxhash_rust::xxh3::xxh3_128_with_seed;

/// The identity of a row: equal for equal values, and different for different ones as far as 128 bits go.
pub(super) fn of(row: &Row<'_>) -> u128 {
    fields(row, &mut Vec::with_capacity(256))
}

// One seed per kind of value.
const TEXT: u64 = 1;
const INTEGER: u64 = 2;
const FRACTION: u64 = 3;
const WORD: u64 = 4;
const LIST: u64 = 5;
const OBJECT: u64 = 6;

fn value(json: &str, scratch: &mut Vec<u8>) -> u128 {
    match json.as_bytes().first() {
        Some(b'"') => text(json, scratch),
        Some(b'{') => object(json, scratch),
        Some(b'[') => list(json, scratch),
        Some(b'-' | b'0'..=b'9') => number(json),
        _ => xxh3_128_with_seed(json.as_bytes(), WORD),
    }
}

fn text(json: &str, scratch: &mut Vec<u8>) -> u128 {
    let inner = &json.as_bytes()[1..json.len() - 1];
    let Some(mut escape) = memchr(b'\\', inner) else { return xxh3_128_with_seed(inner, TEXT) };
    let (from, mut rest) = (scratch.len(), inner);
    loop {
        scratch.extend_from_slice(&rest[..escape]);
        scratch.push(match rest.get(escape + 1) {
            Some(b'n') => b'\n',
            Some(b't') => b'\t',
            Some(b'r') => b'\r',
            Some(b'b') => 0x08,
            Some(b'f') => 0x0c,
            Some(plain @ (b'"' | b'\\' | b'/')) => *plain,
            // Numbers of characters are rare, and come in pairs.
            _ => {
                scratch.truncate(from);
                let text = serde_json::from_str::<String>(json);
                return xxh3_128_with_seed(text.as_ref().map_or(inner, |text| text.as_bytes()), TEXT);
            }
        });
        rest = &rest[escape + 2..];
        match memchr(b'\\', rest) {
            Some(next) => escape = next,
            None => {
                scratch.extend_from_slice(rest);
                return finish(scratch, from, TEXT);
            }
        }
    }
}

fn number(json: &str) -> u128 {
    if json.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E')) {
        let bits = json.parse::<f64>().unwrap_or(f64::NAN).to_bits();
        return xxh3_128_with_seed(&bits.to_le_bytes(), FRACTION);
    }
    let digits = if json == "-0" { "0" } else { json };
    xxh3_128_with_seed(digits.as_bytes(), INTEGER)
}

fn object(json: &str, scratch: &mut Vec<u8>) -> u128 {
    match Row::parse(json.as_bytes()) {
        Ok(row) => fields(&row, scratch),
        Err(_) => xxh3_128_with_seed(json.as_bytes(), OBJECT),
    }
}

fn fields(row: &Row<'_>, scratch: &mut Vec<u8>) -> u128 {
    let mut members: Vec<(u128, Option<u128>)> = row
        .fields()
        .map(|field| {
            let held = (field.value != "null").then(|| value(field.value, scratch));
            (xxh3_128_with_seed(field.key.as_bytes(), TEXT), held)
        })
        .collect();
    // Stable, so that of equal keys the last one comes last.
    members.sort_by_key(|(key, _)| *key);
    let from = scratch.len();
    for (index, (key, held)) in members.iter().enumerate() {
        let is_last = members.get(index + 1).is_none_or(|(next, _)| next != key);
        if let (true, Some(held)) = (is_last, held) {
            scratch.extend_from_slice(&key.to_le_bytes());
            scratch.extend_from_slice(&held.to_le_bytes());
        }
    }
    finish(scratch, from, OBJECT)
}

fn list(json: &str, scratch: &mut Vec<u8>) -> u128 {
    let from = scratch.len();
    let mut rest = json[1..json.len() - 1].trim_ascii();
    while !rest.is_empty() {
        let (item, after) = rest.split_at(end_of_value(rest.as_bytes()));
        // What is deeper uses the scratch behind `from` and gives it back.
        let identity = value(item.trim_ascii(), scratch);
        scratch.extend_from_slice(&identity.to_le_bytes());
        rest = after.strip_prefix(',').unwrap_or_default().trim_ascii_start();
    }
    finish(scratch, from, LIST)
}

fn finish(scratch: &mut Vec<u8>, from: usize, kind: u64) -> u128 {
    let identity = xxh3_128_with_seed(&scratch[from..], kind);
    scratch.truncate(from);
    identity
}

/// Where the first value of a list's inside ends: at the comma behind it, or at the end.
fn end_of_value(bytes: &[u8]) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                at += 1;
                while let Some(byte) = bytes.get(at).filter(|byte| **byte != b'"') {
                    at += if *byte == b'\\' { 2 } else { 1 };
                }
            }
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            b',' if depth == 0 => return at,
            _ => {}
        }
        at += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(a: &str, b: &str, same: bool) {
        let identity = |json: &str| of(&Row::parse(json.as_bytes()).unwrap());
        assert_eq!(identity(a) == identity(b), same, "{a} and {b}");
    }

    #[test]
    fn the_form_makes_no_difference() {
        check(r#"{"a": 1, "b": [2, {"c": 3, "d": 4}]}"#, r#"{"b":[2,{"d":4,"c":3}],"a":1}"#, true);
        check(r#"{"a": "\u00e4\n"}"#, "{\"a\": \"ä\\n\"}", true);
        check(r#"{"a": "x\u000ay\u002f\""}"#, r#"{"a": "x\ny\/\u0022"}"#, true);
        check(r#"{"a": "x\ny\/\""}"#, r#"{"a": "x\u000ay/\u0022"}"#, true);
        check(r#"{"a": 1.50}"#, r#"{"a": 15e-1}"#, true);
        check(r#"{"a": 1, "b": null}"#, r#"{"a": 1}"#, true);
        check(r#"{"a": 7, "a": 1}"#, r#"{"a": 1}"#, true);
        check(r#"{"a": 7, "a": null}"#, r#"{}"#, true);
    }

    #[test]
    fn the_value_does() {
        check(r#"{"a": 1}"#, r#"{"a": 1.0}"#, false);
        check(r#"{"a": 1}"#, r#"{"a": "1"}"#, false);
        check(r#"{"a": [1, 2]}"#, r#"{"a": [2, 1]}"#, false);
        check(r#"{"a": [1, 2]}"#, r#"{"a": [[1], 2]}"#, false);
        check(r#"{"a": [null]}"#, r#"{"a": []}"#, false);
        check(r#"{"a": {}}"#, r#"{"a": []}"#, false);
        check(r#"{"a": "b", "c": "d"}"#, r#"{"a": "d", "c": "b"}"#, false);
        check(r#"{"a": ["],", "b"]}"#, r#"{"a": ["]", ",b"]}"#, false);
    }
}
