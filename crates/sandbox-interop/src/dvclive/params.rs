//! Configurations as YAML that every reader takes for the same, whichever version of YAML it goes by.

use serde_json::{Map, Number, Value};

/// A map as YAML, one key a line; lists stand on their line.
pub(super) fn yaml(map: &Map<String, Value>) -> String {
    let mut out = String::new();
    block(map, 0, &mut out);
    out
}

fn block(map: &Map<String, Value>, deep: usize, out: &mut String) {
    for (name, value) in map {
        out.push_str(&"  ".repeat(deep));
        out.push_str(&key(name));
        out.push(':');
        match value {
            Value::Object(inner) if !inner.is_empty() => {
                out.push('\n');
                block(inner, deep + 1, out);
            }
            other => {
                out.push(' ');
                flow(other, out);
                out.push('\n');
            }
        }
    }
}

fn flow(value: &Value, out: &mut String) {
    match value {
        Value::Number(value) => out.push_str(&number(value)),
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                flow(item, out);
            }
            out.push(']');
        }
        Value::Object(map) => {
            out.push('{');
            for (at, (name, item)) in map.iter().enumerate() {
                out.push_str(if at > 0 { ", " } else { "" });
                out.push_str(&format!("{}: ", Value::from(name.as_str())));
                flow(item, out);
            }
            out.push('}');
        }
        // Texts in quotes: `yes`, `1e5` and `12:30` are other things to older readers.
        other => out.push_str(&other.to_string()),
    }
}

/// With a dot and a sign where there is an exponent: older readers take `1e-5` for a text.
fn number(value: &Number) -> String {
    let text = value.to_string();
    match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => {
            let mantissa = if mantissa.contains('.') { mantissa.to_owned() } else { format!("{mantissa}.0") };
            let exponent = if exponent.starts_with(['-', '+']) { exponent.to_owned() } else { format!("+{exponent}") };
            format!("{mantissa}e{exponent}")
        }
        None => text,
    }
}

fn key(name: &str) -> String {
    let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
        && !matches!(name.to_ascii_lowercase().as_str(), "y" | "n" | "yes" | "no" | "on" | "off" | "true" | "false" | "null");
    if is_plain { name.to_owned() } else { Value::from(name).to_string() }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_same_to_every_reader() {
        let value =
            json!({"train": {"lr": 1e-7, "name": "yes", "big": 1e300, "k": 3, "none": {}}, "no": [1, {"a b": null}, "1e5"], "a: b": true});
        let text = yaml(value.as_object().unwrap());
        let expected = "train:\n  lr: 1.0e-7\n  name: \"yes\"\n  big: 1.0e+300\n  k: 3\n  none: {}\n\"no\": [1, {\"a b\": null}, \"1e5\"]\n\"a: b\": true\n";
        assert_eq!(text, expected);
        assert_eq!(serde_yaml::from_str::<Value>(&text).unwrap(), value);
    }
}
