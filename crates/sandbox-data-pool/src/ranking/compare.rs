//! Metrics compared as Python compares tuples.

use std::cmp::Ordering;

use sandbox_document::KeyPath;
use sandbox_document::value::lookup;
use serde_json::Value;

use crate::component::{Flaw, key};

/// What is compared of a metric: the values of the keys, or the metric itself.
pub(super) fn values<'m>(metric: &'m Value, keys: &[&str]) -> Vec<&'m Value> {
    if keys.is_empty() { vec![metric] } else { keys.iter().filter_map(|key| lookup(metric, key)).collect() }
}

/// The order of two metrics; what cannot be compared was refused by [`flaws`].
pub(super) fn values_order(a: &[&Value], b: &[&Value]) -> Ordering {
    let pairs = a.iter().zip(b).map(|(a, b)| order(a, b).unwrap_or(Ordering::Equal));
    pairs.into_iter().find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
}

fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::String(a), Value::String(b)) => Some(a.cmp(b)),
        (Value::Array(a), Value::Array(b)) => {
            for (a, b) in a.iter().zip(b) {
                match order(a, b)? {
                    Ordering::Equal => {}
                    other => return Some(other),
                }
            }
            Some(a.len().cmp(&b.len()))
        }
        (Value::Number(a), Value::Number(b)) if let (Some(a), Some(b)) = (a.as_i64(), b.as_i64()) => Some(a.cmp(&b)),
        _ => number(a)?.partial_cmp(&number(b)?),
    }
}

/// A number; booleans count as 0 and 1.
fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        value => value.as_f64(),
    }
}

/// The metrics that cannot be compared, one flaw each. NaN has no place in JSON values: it comes as null.
pub(super) fn flaws(metrics: &[Value], keys: &[&str]) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    for (index, metric) in metrics.iter().enumerate() {
        let at = key("metrics").index(index);
        let compared: Vec<(KeyPath, Option<&Value>)> = match keys {
            [] => vec![(at, Some(metric))],
            keys => keys.iter().map(|key| (key.split('.').fold(at.clone(), |path, part| path.key(part)), lookup(metric, key))).collect(),
        };
        for (number, (path, value)) in compared.into_iter().enumerate() {
            let first = metrics.first().and_then(|first| values(first, keys).get(number).copied());
            if let Some(flaw) = flaw(path, value, first) {
                flaws.push(flaw);
            }
        }
    }
    flaws
}

fn flaw(path: KeyPath, value: Option<&Value>, first: Option<&Value>) -> Option<Flaw> {
    let (told, hint) = match value {
        None => (format!("`{path}` is missing: the metric cannot be ranked"), "every metric needs the `ranking_keys`"),
        Some(value) if has_nan(value) => {
            (format!("`{path}` is NaN or null: it cannot be ranked"), "leave the pool out, or measure it again")
        }
        Some(Value::Object(_)) => (format!("`{path}` is a map: it cannot be ranked"), "set `ranking_keys` to the numbers in it"),
        Some(value) if first.is_some_and(|first| order(value, first).is_none()) => (
            format!("`{path}` is {}, but {} in the first metric: they cannot be compared", kind(value), first.map_or("", kind)),
            "use values of one kind",
        ),
        Some(_) => return None,
    };
    Some(Flaw::new(path, told, hint))
}

fn has_nan(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Number(number) => !number.as_f64().is_some_and(f64::is_finite),
        // As YAML that was turned into text writes it.
        Value::String(text) => matches!(text.trim_start_matches(['+', '-']).to_ascii_lowercase().as_str(), "nan" | ".nan"),
        Value::Array(items) => items.iter().any(has_nan),
        _ => false,
    }
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a map",
    }
}
