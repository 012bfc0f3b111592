//! Labels as text.

use indexmap::IndexMap;
use serde_json::value::RawValue;

/// A JSON value as the text that Python's `str` makes of it once it is loaded. A string stays as it is.
///
/// ```
/// use sandbox_evaluators::accuracy::python_str;
/// let texts = [r#""a b""#, "1", "1.0", "1e3", "1e-7", "true", "null", r#"["a", 1, {"b": null}]"#].map(python_str);
/// assert_eq!(texts, ["a b", "1", "1.0", "1000.0", "1e-07", "True", "None", "['a', 1, {'b': None}]"]);
/// ```
pub fn python_str(json: &str) -> String {
    if let Some(inner) = json.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'))
        && !inner.contains('\\')
    {
        return inner.to_owned();
    }
    match serde_json::from_str(json) {
        Ok(text) => text,
        Err(_) => {
            let mut out = String::new();
            repr(json, &mut out);
            out
        }
    }
}

/// Python's `repr`; inside of lists and maps, `str` has it too.
fn repr(json: &str, out: &mut String) {
    match json.as_bytes().first() {
        Some(b'"') => repr_text(&serde_json::from_str::<String>(json).unwrap_or_default(), out),
        Some(b'[') => {
            let items: Vec<&RawValue> = serde_json::from_str(json).unwrap_or_default();
            out.push('[');
            for (index, item) in items.into_iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                repr(item.get(), out);
            }
            out.push(']');
        }
        Some(b'{') => {
            let members: IndexMap<String, &RawValue> = serde_json::from_str(json).unwrap_or_default();
            out.push('{');
            for (index, (key, value)) in members.into_iter().enumerate() {
                out.push_str(if index > 0 { ", " } else { "" });
                repr_text(&key, out);
                out.push_str(": ");
                repr(value.get(), out);
            }
            out.push('}');
        }
        Some(b't') => out.push_str("True"),
        Some(b'f') => out.push_str("False"),
        Some(b'n') => out.push_str("None"),
        _ if json.contains(['.', 'e', 'E']) => match json.parse() {
            Ok(number) => repr_float(number, out),
            Err(_) => out.push_str(json),
        },
        _ => out.push_str(if json == "-0" { "0" } else { json }),
    }
}

/// The shortest digits that read back as the same number; with an exponent below 1e-4 and from 1e16 on.
fn repr_float(number: f64, out: &mut String) {
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        out.push_str(&format!("{number:?}"));
    } else {
        out.push_str(&format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs()));
    }
}

fn repr_text(text: &str, out: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    out.push(quote);
    for character in text.chars() {
        match character {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if character == quote => out.extend(['\\', quote]),
            _ if is_printable(character) => out.push(character),
            _ => {
                let code = u32::from(character);
                out.push_str(&match code {
                    0..=0xff => format!("\\x{code:02x}"),
                    0x100..=0xffff => format!("\\u{code:04x}"),
                    _ => format!("\\U{code:08x}"),
                });
            }
        }
    }
    out.push(quote);
}

/// Whether there is something to see, as Rust's own tables have it.
fn is_printable(character: char) -> bool {
    // Behind a letter, only what has no form of its own is escaped; alone, marks that join a letter would be too.
    matches!(character, '\'' | '"') || !['a', character].iter().collect::<String>().escape_debug().any(|escaped| escaped == '\\')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn values_have_the_words_of_python() {
        // What CPython 3.11 prints for `str(json.loads(...))`.
        for (json, expected) in [
            ("-0", "0"),
            ("-0.0", "-0.0"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("1E400", "inf"),
            ("1e16", "1e+16"),
            ("1e15", "1000000000000000.0"),
            ("123456789012345680.0", "1.2345678901234568e+17"),
            ("0.0001", "0.0001"),
            ("0.00001", "1e-05"),
            ("5e-324", "5e-324"),
            ("1.7976931348623157e308", "1.7976931348623157e+308"),
            ("false", "False"),
            (r#""\u00e9\n""#, "é\n"),
            (r#""""#, ""),
            ("[]", "[]"),
            ("{}", "{}"),
            (
                r#"["it's", "\"", "'\"", "\\", "\n\u0001\u00a0\u00ad", "é\u0301😀", "\u200b"]"#,
                r#"["it's", '"', '\'"', '\\', '\n\x01\xa0\xad', 'éé😀', '\u200b']"#,
            ),
            (r#"{"a": 1, "b": [true, 1.0], "a": 12345678901234567890123}"#, "{'a': 12345678901234567890123, 'b': [True, 1.0]}"),
        ] {
            let expected = expected.replace("éé", "é\u{301}");
            assert_eq!(python_str(json), expected, "{json}");
        }
    }

    proptest! {
        #[test]
        fn a_string_is_itself(text in any::<String>()) {
            prop_assert_eq!(python_str(&serde_json::to_string(&text).unwrap()), text);
        }

        #[test]
        fn a_number_reads_back_as_itself(number in proptest::num::f64::NORMAL) {
            let text = python_str(&serde_json::to_string(&number).unwrap());
            prop_assert_eq!(text.parse::<f64>().unwrap(), number);
            prop_assert_eq!(python_str(&text), text);
        }
    }
}
