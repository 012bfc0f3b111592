//! `specified_field_filter`: rows whose field has one of some values.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::{Arguments, wanted_field};
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Filter, Kind, Operator};
use crate::python;
use crate::registry::{Entry, Parameter};
use crate::row_view::RowView;
use crate::stat::{StatValue, Stats, only};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "specified_field_filter",
    kind: Kind::Filter,
    summary: "Keep rows whose field has one of some values",
    doc: "The statistic is the value itself, under the field's whole name. A list is kept when each of its elements is one of the \
          values (so an empty one always is), any other value when it is one of them. Values are compared as Python does: 1, 1.0 \
          and true are equal. With a text as `target_value`, a value is kept that is part of it. `reversed_range` keeps the others.",
    parameters: &[
        Parameter { name: "field_key", kind: "text", default: "\"\"", doc: "The field, with dots into maps; must be given." },
        Parameter { name: "target_value", kind: "list of values, or text", default: "[]", doc: "The values; none: all rows stay." },
    ],
    example: "- specified_field_filter:\n    field_key: meta.language\n    target_value: [en, de]\n\nen -> kept\nfr -> dropped",
    stats: &[],
    build,
};

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    field_key: String,
    target_value: Value,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { field_key: String::new(), target_value: Value::Array(Vec::new()) }
    }
}

/// Keeps rows whose field has one of some values; see [`ENTRY`].
pub struct SpecifiedFieldFilter {
    common: Common,
    field: String,
    targets: Targets,
    reversed: bool,
}

enum Targets {
    All,
    OneOf(Vec<Value>),
    PartOf(String),
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let reversed = arguments.is_reversed();
    let targets = match arguments.own.target_value {
        Value::Null => Targets::All,
        Value::Array(values) if values.is_empty() => Targets::All,
        Value::Array(values) => Targets::OneOf(values),
        Value::String(text) if text.is_empty() => Targets::All,
        Value::String(text) => Targets::PartOf(text),
        other => Targets::OneOf(vec![other]),
    };
    let field = wanted_field(&ENTRY, arguments.own.field_key)?;
    Ok(Operator::Filter(Box::new(SpecifiedFieldFilter { field, targets, reversed, common: arguments.common })))
}

impl Filter for SpecifiedFieldFilter {
    fn common(&self) -> &Common {
        &self.common
    }

    fn stat_keys(&self) -> Vec<Cow<'static, str>> {
        vec![self.field.clone().into()]
    }

    fn compute(&self, row: &RowView<'_>) -> Result<Stats, OpError> {
        let value = row.value(&self.field).ok_or_else(|| OpError::Row(format!("field `{}` is missing", self.field)))?;
        Ok(StatValue::Json(value).into())
    }

    fn keep(&self, values: &[StatValue]) -> Result<bool, OpError> {
        let value = only(values).to_json();
        let elements = match &value {
            Value::Array(elements) => elements.as_slice(),
            other => std::slice::from_ref(other),
        };
        let is_kept = match &self.targets {
            Targets::All => return Ok(true),
            Targets::OneOf(targets) => elements.iter().all(|element| targets.iter().any(|target| python::equal(target, element))),
            Targets::PartOf(text) => {
                let part = |element: &Value| match element {
                    Value::String(part) => Ok(text.contains(part)),
                    other => Err(OpError::Row(format!("field `{}` is {}: expected a text", self.field, python::kind(other)))),
                };
                elements.iter().map(part).collect::<Result<Vec<_>, _>>()?.into_iter().all(|is_part| is_part)
            }
        };
        Ok(is_kept != self.reversed)
    }

    fn reads_text(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{judge_row, keeps_row};

    #[test]
    fn example() {
        let keeps = |target: Value, row: Value| {
            keeps_row(ENTRY.name, json!({"field_key": "meta.language", "target_value": target}), &json!({"meta": row}))
        };
        assert!(keeps(json!(["en", "de"]), json!({"language": "en"})).unwrap());
        assert!(!keeps(json!(["en", "de"]), json!({"language": "fr"})).unwrap());
        assert!(keeps(json!(["en", "de"]), json!({"language": []})).unwrap());
        assert!(keeps(json!([1]), json!({"language": [true, 1.0]})).unwrap());
        assert!(keeps(json!("en de"), json!({"language": "de"})).unwrap());
        assert!(keeps(json!("en de"), json!({"language": null})).is_err());
        assert!(keeps(json!([null]), json!({"language": null})).unwrap());
        assert_eq!(keeps(json!([1]), json!({})).unwrap_err().to_string(), "field `meta.language` is missing");
        let (stats, kept) = judge_row(
            ENTRY.name,
            json!({"field_key": "a.b", "target_value": [{"x": 1}], "reversed_range": true}),
            &json!({"a": {"b": {"x": 1.0}}}),
        )
        .unwrap();
        assert_eq!(stats, [("a.b".to_owned(), StatValue::Json(json!({"x": 1.0})))]);
        assert!(!kept);
        let error = crate::build(ENTRY.name, &json!({})).unwrap_err();
        assert_eq!(error.to_string(), "`specified_field_filter` needs `field_key`");
    }
}
