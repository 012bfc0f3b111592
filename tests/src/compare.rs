//! Comparison by value with what the Python original has written.

use std::path::Path;

use serde_json::Value;

/// What the original cuts its exported floats to: 10 decimals, so each is off by half of the last one (and a little, because
/// neither end is exact in binary).
pub const CUT: f64 = 5.1e-11;
/// Of sums over many rows: the order of the additions differs.
const RELATIVE: f64 = 1e-9;
const ABSOLUTE: f64 = 1e-12;

/// Where two values first differ, `None` when they do not.
///
/// Numbers may differ by 1e-9 of themselves or by `absolute`; a key whose value is null is a key that is not there, because
/// the original adds null for keys that other rows have; a text is compared without a leading `./`.
pub fn difference(want: &Value, got: &Value, absolute: f64) -> Option<String> {
    match (want, got) {
        (Value::Number(a), Value::Number(b)) => {
            let whole = |number: &serde_json::Number| number.is_i64() || number.is_u64();
            let near = match (a.as_f64(), b.as_f64()) {
                _ if whole(a) && whole(b) => a == b,
                (Some(a), Some(b)) => (a - b).abs() <= (RELATIVE * a.abs().max(b.abs())).max(absolute).max(ABSOLUTE),
                _ => false,
            };
            (!near).then(|| format!(": {b} instead of {a}"))
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let pairs = a.iter().zip(b).enumerate();
            pairs.into_iter().find_map(|(index, (a, b))| difference(a, b, absolute).map(|rest| format!("[{index}]{rest}")))
        }
        (Value::Object(a), Value::Object(b)) => {
            let keys = a.keys().chain(b.keys().filter(|key| !a.contains_key(*key)));
            let value = |map: &serde_json::Map<String, Value>, key: &str| map.get(key).cloned().unwrap_or(Value::Null);
            keys.into_iter().find_map(|key| difference(&value(a, key), &value(b, key), absolute).map(|rest| format!(".{key}{rest}")))
        }
        (Value::String(a), Value::String(b)) => {
            let bare = |text: &str| text.strip_prefix("./").unwrap_or(text).to_owned();
            (bare(a) != bare(b)).then(|| format!(": {b:?} instead of {a:?}"))
        }
        (a, b) => (a != b).then(|| format!(": {b} instead of {a}")),
    }
}

/// Rows of JSONL as values. Texts may hold any kind of line end but `\n`.
///
/// # Errors
/// The number of the line that is not JSON.
pub fn rows(text: &str) -> Result<Vec<Value>, String> {
    let lines = text.split('\n').enumerate().filter(|(_, line)| !line.trim().is_empty());
    lines.map(|(index, line)| serde_json::from_str(line).map_err(|error| format!("line {}: {error}", index + 1))).collect()
}

/// What differs between the text of a file that the original has written and of ours, by the kind of file; numbers of rows may
/// differ by `absolute`.
pub fn files(name: &str, want: &str, got: &str, absolute: f64) -> Option<String> {
    let kind = Path::new(name).extension().unwrap_or_default().to_string_lossy().into_owned();
    let told = |found: Result<Option<String>, String>| found.unwrap_or_else(Some).map(|what| format!("{name}{what}"));
    told(match kind.as_str() {
        "jsonl" => both(want, got, rows).map(|(mut want, mut got)| {
            if name.contains("_top_") {
                // The original's combinations come out of a hash set, in an order of chance.
                want.sort_by_cached_key(Value::to_string);
                got.sort_by_cached_key(Value::to_string);
            }
            difference(&Value::Array(want), &Value::Array(got), absolute)
        }),
        "json" => both(want, got, |text| serde_json::from_str(text).map_err(|error| error.to_string()))
            .map(|(want, got): (Value, Value)| difference(&want, &got, ABSOLUTE)),
        "yaml" => both(want, got, |text| serde_yaml::from_str(text).map_err(|error| error.to_string()))
            .map(|(want, got): (Value, Value)| difference(&want, &got, ABSOLUTE)),
        "csv" => Ok(difference(&columns(want), &columns(got), ABSOLUTE)),
        _ => Ok((want != got).then(|| ": the bytes differ".to_owned())),
    })
}

fn both<T>(want: &str, got: &str, read: impl Fn(&str) -> Result<T, String>) -> Result<(T, T), String> {
    let want = read(want).map_err(|error| format!(" (recorded): {error}"))?;
    Ok((want, read(got).map_err(|error| format!(": {error}"))?))
}

/// A table by its columns' names: the original's order of columns is one of chance.
fn columns(table: &str) -> Value {
    let mut lines = table.lines().map(|line| line.split(',').map(str::to_owned).collect::<Vec<_>>());
    let names = lines.next().unwrap_or_default();
    let rows: Vec<Vec<String>> = lines.collect();
    let cell = |cell: &String| cell.parse::<f64>().map_or_else(|_| Value::from(cell.as_str()), Value::from);
    let column = |at: usize| rows.iter().map(|row| row.get(at).map_or(Value::Null, cell)).collect::<Vec<_>>();
    names.iter().enumerate().map(|(at, name)| (name.clone(), Value::from(column(at)))).collect::<serde_json::Map<_, _>>().into()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_differs_is_named_with_its_place() {
        let told = |want: Value, got: Value| difference(&want, &got, 0.0);
        assert_eq!(told(json!({"a": 1, "b": null}), json!({"a": 1})), None);
        assert_eq!(told(json!({"a": 1}), json!({"a": 1, "b": 2})), Some(".b: 2 instead of null".to_owned()));
        assert_eq!(told(json!([1, {"a": "./x"}]), json!([1, {"a": "x"}])), None);
        assert_eq!(told(json!([1, {"a": "x"}]), json!([1, {"a": "y"}])), Some("[1].a: \"y\" instead of \"x\"".to_owned()));
        assert_eq!(told(json!([1]), json!([1, 2])), Some(": [1,2] instead of [1]".to_owned()));
        assert_eq!(told(json!(true), json!(1)), Some(": 1 instead of true".to_owned()));
        assert_eq!(
            told(json!(9007199254740993_u64), json!(9007199254740992_u64)),
            Some(": 9007199254740992 instead of 9007199254740993".to_owned())
        );
        assert_eq!(told(json!(0.1), json!(0.100_000_000_01)), None);
        assert!(told(json!(0.1), json!(0.100_000_001)).is_some());
        assert_eq!(difference(&json!(0.044_164_037_9), &json!(0.044_164_037_854_889_59), CUT), None);
    }

    #[test]
    fn files_are_compared_by_their_kind() {
        assert_eq!(files("a.csv", ",x,y\nmean,1.0,2\n", ",y,x\nmean,2.0,1\n", 0.0), None);
        assert!(files("a.csv", ",x\nmean,1\n", ",x\nmean,2\n", 0.0).is_some());
        assert_eq!(files("p_top_0_num_2.jsonl", "{\"a\":1}\n{\"a\":2}\n", "{\"a\": 2}\n{\"a\": 1}\n", 0.0), None);
        assert!(files("p.jsonl", "{\"a\":1}\n{\"a\":2}\n", "{\"a\": 2}\n{\"a\": 1}\n", 0.0).is_some());
        assert!(files("p.jsonl", "{\"a\":1}\n", "{\"a\":1}\n{\"a\":1}\n", 0.0).is_some());
        assert_eq!(files("r.yaml", "a: {b: 1.0}", "a:\n  b: 1.0\n", 0.0), None);
        assert!(files("t.md", "a", "b", 0.0).is_some());
    }
}
