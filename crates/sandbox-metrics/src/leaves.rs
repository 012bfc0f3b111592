//! The numbers in a value that was watched, by dotted name.

use serde_json::Value;

/// Nesting beyond this is not looked into.
const DEEPEST: usize = 64;

/// Calls `found` for every number and truth value of `value`, with its name: keys of maps stand behind `name` with a dot between,
/// a dot in a key is written `\.`, a backslash `\\`, an empty key `\e`, as in the run store. Texts, lists and nothing are no numbers.
pub(crate) fn each_number(name: &str, value: &Value, found: &mut impl FnMut(&str, f64)) {
    visit(&mut name.to_owned(), name.is_empty(), value, DEEPEST, found);
}

fn visit(name: &mut String, is_top: bool, value: &Value, deeper: usize, found: &mut impl FnMut(&str, f64)) {
    if let Some(number) = number(value) {
        return found(name, number);
    }
    let Value::Object(map) = value else { return };
    if deeper == 0 {
        return;
    }
    let length = name.len();
    for (key, value) in map {
        if !is_top {
            name.push('.');
        }
        push_key(name, key);
        visit(name, false, value, deeper - 1, found);
        name.truncate(length);
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::Bool(is) => Some(f64::from(u8::from(*is))),
        // How JSON says what it has no word for.
        Value::Object(map) if map.len() == 1 => match map.get("$number")?.as_str()? {
            "NaN" => Some(f64::NAN),
            "inf" => Some(f64::INFINITY),
            "-inf" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

fn push_key(name: &mut String, key: &str) {
    if key.is_empty() {
        name.push_str("\\e");
    }
    for character in key.chars() {
        if matches!(character, '.' | '\\') {
            name.push('\\');
        }
        name.push(character);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(name: &str, value: Value, expected: &[(&str, &str)]) {
        let mut found = Vec::new();
        each_number(name, &value, &mut |name, number| found.push((name.to_owned(), number.to_string())));
        let expected: Vec<_> = expected.iter().map(|(name, number)| ((*name).to_owned(), (*number).to_owned())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn names_are_those_of_the_run_store() {
        let value = json!({"loss": 0.5, "gpu": {"0": {"util": 90}}, "a.b": {"c\\": true, "": 1}, "text": "1", "list": [1], "none": null});
        check("train", value, &[("train.loss", "0.5"), ("train.gpu.0.util", "90"), (r"train.a\.b.c\\", "1"), (r"train.a\.b.\e", "1")]);
        check("score", json!(3), &[("score", "3")]);
        check("", json!({"loss": 1}), &[("loss", "1")]);
        check("x", json!({"a": {"$number": "NaN"}, "b": {"$number": "-inf"}}), &[("x.a", "NaN"), ("x.b", "-inf")]);
    }

    #[test]
    fn nesting_has_an_end() {
        let mut value = json!(1);
        for _ in 0..100 {
            value = json!({"a": value});
        }
        check("x", value, &[]);
    }
}
