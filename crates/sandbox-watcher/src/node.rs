//! A value as it was watched: JSON's shapes with numbers that JSON has not.
//!
//! Whole numbers, numbers with a fraction and truth values stay what they are, and NaN and the infinities are kept. In JSON texts of
//! the store a number that is not finite is `{"$number":"NaN"}`, `"inf"` or `"-inf"`; a map that looks like this by chance gets one
//! more `$`.

mod serialize;

use serde::Serialize;
use serde_json::{Map, Number, Value};

/// A watched value.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Nothing.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number; NaN and infinities too.
    Float(f64),
    /// A text.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// A map, in the order in which it was written.
    Map(Vec<(String, Node)>),
}

const NUMBER: &str = "$number";

impl Node {
    /// The value as it serialises. What does not serialise (a map with keys that are no texts or numbers) is the text of its error:
    /// what is watched never ends a run.
    pub fn of(value: &(impl Serialize + ?Sized)) -> Self {
        value.serialize(serialize::ToNode).unwrap_or_else(|error| Self::Text(format!("not recorded: {error}")))
    }

    /// As JSON for readers: numbers that are not finite are `null`.
    pub fn to_json(&self) -> Value {
        match self {
            Self::Null => Value::Null,
            Self::Bool(value) => Value::Bool(*value),
            Self::Int(value) => Value::from(*value),
            Self::Float(value) => Number::from_f64(*value).map_or(Value::Null, Value::Number),
            Self::Text(text) => Value::String(text.clone()),
            Self::List(items) => Value::Array(items.iter().map(Self::to_json).collect()),
            Self::Map(entries) => Value::Object(entries.iter().map(|(key, value)| (key.clone(), value.to_json())).collect()),
        }
    }

    /// As JSON for the store, from which [`from_stored`](Self::from_stored) makes the same value.
    pub(crate) fn to_stored(&self) -> Value {
        match self {
            Self::Float(value) if !value.is_finite() => {
                let word = if value.is_nan() { "NaN" } else { if *value > 0.0 { "inf" } else { "-inf" } };
                Value::Object(Map::from_iter([(NUMBER.to_owned(), Value::from(word))]))
            }
            Self::List(items) => Value::Array(items.iter().map(Self::to_stored).collect()),
            Self::Map(entries) => {
                let only = entries.len() == 1;
                let key = |key: &String| if only && is_marked(key) { format!("${key}") } else { key.clone() };
                Value::Object(entries.iter().map(|(name, value)| (key(name), value.to_stored())).collect())
            }
            other => other.to_json(),
        }
    }

    /// What [`to_stored`](Self::to_stored) made.
    pub(crate) fn from_stored(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(number) => number.as_i64().map_or_else(|| Self::Float(number.as_f64().unwrap_or(f64::NAN)), Self::Int),
            Value::String(text) => Self::Text(text),
            Value::Array(items) => Self::List(items.into_iter().map(Self::from_stored).collect()),
            Value::Object(map) => {
                if let (1, Some(Value::String(word))) = (map.len(), map.get(NUMBER)) {
                    return Self::Float(word.parse().unwrap_or(f64::NAN));
                }
                let only = map.len() == 1;
                let key = |key: String| match key.strip_prefix('$') {
                    Some(rest) if only && is_marked(rest) => rest.to_owned(),
                    _ => key,
                };
                Self::Map(map.into_iter().map(|(name, value)| (key(name), Self::from_stored(value))).collect())
            }
        }
    }
}

/// `$number`, with any number of `$`.
fn is_marked(key: &str) -> bool {
    key.starts_with('$') && key.trim_start_matches('$') == "number"
}

impl From<&Value> for Node {
    fn from(value: &Value) -> Self {
        Self::of(value)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_stay_what_they_are() {
        #[derive(Serialize)]
        struct Step {
            loss: f64,
            tokens: u64,
            done: bool,
            note: Option<&'static str>,
        }
        let node = Node::of(&Step { loss: f64::NAN, tokens: 1, done: true, note: None });
        let Node::Map(entries) = &node else { panic!("{node:?}") };
        assert!(matches!(entries[0].1, Node::Float(loss) if loss.is_nan()));
        assert_eq!((&entries[1].1, &entries[2].1, &entries[3].1), (&Node::Int(1), &Node::Bool(true), &Node::Null));
        assert_eq!(node.to_json(), json!({"loss": null, "tokens": 1, "done": true, "note": null}));
    }

    #[test]
    fn the_stored_form_comes_back() {
        let node =
            Node::of(&json!({"a": [1, 2.5, "1", null], "$number": 3, "b": {"$number": "x"}, "c": {"$$number": [{"$number": "NaN"}]}}));
        assert_eq!(Node::from_stored(node.to_stored()), node);
        let node = Node::List(vec![Node::Float(f64::INFINITY), Node::Float(f64::NEG_INFINITY)]);
        assert_eq!(Node::from_stored(node.to_stored()), node);
    }

    #[test]
    fn what_does_not_serialise_says_so() {
        let map = std::collections::HashMap::from([((1, 2), 3)]);
        let Node::Text(text) = Node::of(&map) else { panic!() };
        assert!(text.starts_with("not recorded: "), "{text}");
    }
}
