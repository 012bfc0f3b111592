//! A recipe's arguments as an operator's parameters.

use sandbox_document::{KeyPath, Misfit, did_you_mean, typed, value};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::common::{COMMON, Common, FILTER, is_common};
use crate::error::BuildError;
use crate::operator::Kind;
use crate::range::{Number, Range};
use crate::registry::Entry;

/// The arguments of one operator, sorted: its own, those of all operators, and those of all filters.
pub(crate) struct Arguments<P> {
    /// The operator's own.
    pub own: P,
    /// Those of all operators.
    pub common: Common,
    flags: Flags,
}

#[derive(Deserialize)]
#[serde(default)]
struct Flags {
    min_closed_interval: bool,
    max_closed_interval: bool,
    reversed_range: bool,
}

impl Default for Flags {
    fn default() -> Self {
        Self { min_closed_interval: true, max_closed_interval: true, reversed_range: false }
    }
}

impl<P: DeserializeOwned> Arguments<P> {
    /// Reads the arguments: an object, or null for all defaults.
    ///
    /// # Errors
    /// The first argument that the operator does not have or that has a wrong type.
    pub fn read(entry: &Entry, arguments: &Value) -> Result<Self, BuildError> {
        let empty = Map::new();
        let given = match arguments {
            Value::Null => &empty,
            Value::Object(map) => map,
            other => {
                let message = format!("`{}`: expected its parameters, got {}", entry.name, describe(other));
                let error = BuildError { path: KeyPath::root(), message, hint: None };
                return Err(error.hint(format!("parameters: {}", own_names(entry).collect::<Vec<_>>().join(", "))));
            }
        };
        let (mut own, mut common) = (Map::new(), Map::new());
        for (name, value) in given {
            if own_names(entry).any(|known| known == name) {
                own.insert(name.clone(), value.clone());
            } else if is_common(entry.kind, name) {
                common.insert(name.clone(), value.clone());
            } else {
                return Err(unknown(entry, name));
            }
        }
        let common = Value::Object(common);
        Ok(Self { own: read(&Value::Object(own))?, common: read(&common)?, flags: read(&common)? })
    }
}

impl<P> Arguments<P> {
    /// The range between two bounds, with the interval flags of these arguments.
    pub fn range(&self, min: Option<Number>, max: Option<Number>) -> Range {
        let Flags { min_closed_interval: min_closed, max_closed_interval: max_closed, reversed_range: reversed } = self.flags;
        Range { min, max, min_closed, max_closed, reversed }
    }
}

impl<P> Arguments<P> {
    /// Whether the rows that a filter would keep are dropped and the others kept.
    pub fn is_reversed(&self) -> bool {
        self.flags.reversed_range
    }
}

/// One value, or a list of them.
#[derive(Debug, Clone, serde::Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMany<T> {
    Many(Vec<T>),
    One(T),
}

impl<T> Default for OneOrMany<T> {
    fn default() -> Self {
        Self::Many(Vec::new())
    }
}

impl<T> From<OneOrMany<T>> for Vec<T> {
    fn from(values: OneOrMany<T>) -> Self {
        match values {
            OneOrMany::One(value) => vec![value],
            OneOrMany::Many(values) => values,
        }
    }
}

/// A field's name, which must be given.
pub(crate) fn wanted_field(entry: &Entry, name: String) -> Result<String, BuildError> {
    if name.is_empty() {
        return Err(BuildError::parameter("field_key", format!("`{}` needs `field_key`", entry.name))
            .hint("name the field, with dots into maps: `field_key: meta.source`"));
    }
    Ok(name)
}

fn own_names(entry: &Entry) -> impl Iterator<Item = &'static str> {
    entry.parameters.iter().map(|parameter| parameter.name)
}

fn unknown(entry: &Entry, name: &str) -> BuildError {
    let filter: &[_] = if entry.kind == Kind::Filter { FILTER } else { &[] };
    let shared = COMMON.iter().chain(filter).map(|parameter| parameter.name);
    let hint = match sandbox_document::suggest(name, own_names(entry).chain(shared)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if entry.parameters.is_empty() => format!("`{}` has no parameters of its own", entry.name),
        None => did_you_mean(name, own_names(entry)),
    };
    BuildError::parameter(name, format!("`{}` has no parameter `{name}`", entry.name)).hint(hint)
}

fn read<T: DeserializeOwned>(arguments: &Value) -> Result<T, BuildError> {
    typed(arguments).map_err(|misfit: Misfit| {
        let path = misfit.path.to_string();
        let found = value::lookup(arguments, &path).map_or_else(|| "nothing".to_owned(), describe);
        // Serde says "invalid type: string "abc", expected a number"; people read the end first.
        let message = match misfit.message.rsplit_once(", expected ") {
            Some((_, expected)) => format!("`{path}`: expected {}, got {found}", in_words(expected)),
            None => misfit.message.clone(),
        };
        BuildError { path: misfit.path, message, hint: misfit.hint }
    })
}

fn in_words(expected: &str) -> &str {
    match expected {
        "a boolean" => "true or false",
        "a string" => "text",
        "usize" | "u64" | "i64" | "u32" => "a whole number",
        "a nonzero usize" => "a whole number from 1 on",
        other => other,
    }
}

fn describe(value: &Value) -> String {
    match value {
        Value::String(_) => format!("text {value}"),
        Value::Array(_) => format!("list {value}"),
        Value::Object(_) => format!("map {value}"),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::registry::build;

    fn message(name: &str, arguments: serde_json::Value) -> (String, String, String) {
        let error = build(name, &arguments).unwrap_err();
        (error.path.to_string(), error.to_string(), error.hint.unwrap_or_default())
    }

    #[test]
    fn wrong_types_name_parameter_and_value() {
        let (path, text, _) = message("text_length_filter", json!({"min_len": "abc"}));
        assert_eq!((path.as_str(), text.as_str()), ("min_len", "`min_len`: expected a number, got text \"abc\""));
        let (_, text, _) = message("text_length_filter", json!({"max_len": true}));
        assert_eq!(text, "`max_len`: expected a number, got true");
        let (_, text, _) = message("text_length_filter", json!({"text_key": 3}));
        assert_eq!(text, "`text_key`: expected text, got 3");
        let (_, text, _) = message("text_length_filter", json!({"reversed_range": 1.5}));
        assert_eq!(text, "`reversed_range`: expected true or false, got 1.5");
        let (_, text, _) = message("character_repetition_filter", json!({"rep_len": 2.5}));
        assert_eq!(text, "`rep_len`: expected a whole number from 1 on, got 2.5");
        let (_, text, _) = message("character_repetition_filter", json!({"rep_len": 0}));
        assert_eq!(text, "`rep_len`: expected a whole number from 1 on, got 0");
        let (_, text, _) = message("character_repetition_filter", json!({"rep_len": -1}));
        assert_eq!(text, "`rep_len`: expected a whole number from 1 on, got -1");
        let (path, text, _) = message("text_length_filter", json!([1]));
        assert_eq!((path.as_str(), text.as_str()), ("", "`text_length_filter`: expected its parameters, got list [1]"));
    }

    #[test]
    fn unknown_parameters_get_the_near_miss() {
        let (path, text, hint) = message("text_length_filter", json!({"min_lenn": 1}));
        assert_eq!(path, "min_lenn");
        assert_eq!(text, "`text_length_filter` has no parameter `min_lenn`");
        assert_eq!(hint, "did you mean `min_len`?");
        let (_, _, hint) = message("text_length_filter", json!({"txt_key": 1}));
        assert_eq!(hint, "did you mean `text_key`?");
        let (_, _, hint) = message("whitespace_normalization_mapper", json!({"min_closed_interval": true}));
        assert_eq!(hint, "`whitespace_normalization_mapper` has no parameters of its own");
    }

    #[test]
    fn common_arguments_and_float_bounds_are_accepted() {
        let arguments = json!({"min_len": -126.64, "max_len": ".inf", "text_key": "body", "batch_size": 10, "num_proc": null,
            "stats_export_path": "s.jsonl", "reversed_range": true, "runtime_env": {"a": 1}});
        let operator = build("text_length_filter", &arguments).unwrap();
        assert_eq!(operator.common().text_key.as_deref(), Some("body"));
        assert_eq!(operator.common().stats_export_path.as_deref(), Some("s.jsonl"));
        assert!(build("text_length_filter", &json!({"min_len": null})).is_ok());
    }
}
