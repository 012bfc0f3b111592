//! Look-up and assignment by dotted names.
//!
//! A dot is a way down, but it may also stand inside a key (`meta.date` may be a key of its own): at each level the
//! longest literal key wins, else the first part is the key to descend by.

use serde_json::{Map, Value};

/// The value at a dotted name, such as `pred.label`; list indexes are numbers (`results.0.mse`).
///
/// ```
/// use serde_json::json;
/// let row = json!({"meta.date": 1, "meta": {"date": 2, "x": [3]}});
/// assert_eq!(sandbox_document::value::lookup(&row, "meta.date"), Some(&json!(1)));
/// assert_eq!(sandbox_document::value::lookup(&row, "meta.x.0"), Some(&json!(3)));
/// ```
pub fn lookup<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    match value {
        Value::Object(map) => {
            let (key, rest) = longest_key(map, name)?;
            let inner = map.get(key)?;
            rest.map_or(Some(inner), |rest| lookup(inner, rest))
        }
        Value::Array(items) => {
            let (index, rest) = name.split_once('.').map_or((name, None), |(index, rest)| (index, Some(rest)));
            let inner = items.get(index.parse::<usize>().ok()?)?;
            rest.map_or(Some(inner), |rest| lookup(inner, rest))
        }
        _ => None,
    }
}

/// Writes `new` at a dotted name; missing maps on the way are made.
///
/// # Errors
/// The part of the name at which something that is not a map stands in the way.
pub fn assign(value: &mut Value, name: &str, new: Value) -> Result<(), String> {
    if value.is_null() {
        *value = Value::Object(Map::new());
    }
    if let Value::Array(items) = value {
        let (index, rest) = name.split_once('.').map_or((name, None), |(index, rest)| (index, Some(rest)));
        let inner = index.parse::<usize>().ok().and_then(|index| items.get_mut(index)).ok_or_else(|| name.to_owned())?;
        return put(inner, rest, new);
    }
    let Value::Object(map) = value else { return Err(name.to_owned()) };
    let (key, rest) = longest_key(map, name)
        .map(|(key, rest)| (key.to_owned(), rest.map(str::to_owned)))
        .unwrap_or_else(|| name.split_once('.').map_or((name.to_owned(), None), |(key, rest)| (key.to_owned(), Some(rest.to_owned()))));
    put(map.entry(key).or_insert(Value::Null), rest.as_deref(), new)
}

fn put(inner: &mut Value, rest: Option<&str>, new: Value) -> Result<(), String> {
    match rest {
        Some(rest) => assign(inner, rest, new),
        None => {
            *inner = new;
            Ok(())
        }
    }
}

/// The longest prefix of `name`, cut at dots, that is a key of `map`, and what follows it.
fn longest_key<'n>(map: &Map<String, Value>, name: &'n str) -> Option<(&'n str, Option<&'n str>)> {
    if map.contains_key(name) {
        return Some((name, None));
    }
    name.rmatch_indices('.')
        .map(|(dot, _)| (&name[..dot], &name[dot + 1..]))
        .find(|(key, _)| map.contains_key(*key))
        .map(|(key, rest)| (key, Some(rest)))
}
