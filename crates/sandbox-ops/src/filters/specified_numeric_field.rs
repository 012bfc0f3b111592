//! `specified_numeric_field_filter`: rows whose field is a number in range.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::{Arguments, wanted_field};
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Filter, Kind, Operator};
use crate::python;
use crate::range::{Number, Range, UNLIMITED};
use crate::registry::{Entry, Parameter};
use crate::row_view::RowView;
use crate::stat::{StatValue, Stats, only};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "specified_numeric_field_filter",
    kind: Kind::Filter,
    summary: "Keep rows whose field is a number in range",
    doc: "The statistic is the value itself, under the field's whole name. A text counts as the number that Python's `float` reads \
          in it, true as 1. What is no number is dropped, `reversed_range` or not. As in the original that goes for 0 and false \
          too: `min_value: 0` keeps what is above 0.",
    parameters: &[
        Parameter { name: "field_key", kind: "text", default: "\"\"", doc: "The field, with dots into maps; must be given." },
        Parameter {
            name: "min_value",
            kind: "number or null",
            default: "-9223372036854775807",
            doc: "Smallest value kept; null: not tested.",
        },
        Parameter {
            name: "max_value",
            kind: "number or null",
            default: "9223372036854775807",
            doc: "Largest value kept; null: not tested.",
        },
    ],
    example: "- specified_numeric_field_filter:\n    field_key: meta.stars\n    min_value: 10\n\n12 -> kept\n\" 1e1 \" -> kept\n\"many\" -> dropped",
    stats: &[],
    build,
};

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    field_key: String,
    min_value: Option<Number>,
    max_value: Option<Number>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { field_key: String::new(), min_value: Some(Number::Integer(-9_223_372_036_854_775_807)), max_value: UNLIMITED }
    }
}

/// Keeps rows whose field is a number in range; see [`ENTRY`].
pub struct SpecifiedNumericFieldFilter {
    common: Common,
    field: String,
    range: Range,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let range = arguments.range(arguments.own.min_value, arguments.own.max_value);
    let field = wanted_field(&ENTRY, arguments.own.field_key)?;
    Ok(Operator::Filter(Box::new(SpecifiedNumericFieldFilter { field, range, common: arguments.common })))
}

impl Filter for SpecifiedNumericFieldFilter {
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
        match &value {
            Value::Array(_) | Value::Object(_) if python::truth(&value) => {
                Err(OpError::Row(format!("field `{}` is {}: expected a number", self.field, python::kind(&value))))
            }
            _ if !python::truth(&value) => Ok(false),
            _ => Ok(python::float(&value).is_some_and(|number| self.range.keep(number))),
        }
    }

    fn reads_text(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::keeps_row;

    #[test]
    fn example() {
        let keeps = |value: Value, more: Value| {
            let mut arguments = json!({"field_key": "meta.stars", "min_value": 10});
            arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            keeps_row(ENTRY.name, arguments, &json!({"meta": {"stars": value}}))
        };
        assert!(keeps(json!(12), json!({})).unwrap() && keeps(json!(" 1e1 "), json!({})).unwrap());
        assert!(!keeps(json!("many"), json!({})).unwrap() && !keeps(json!("many"), json!({"reversed_range": true})).unwrap());
        assert!(!keeps(json!(0), json!({"min_value": 0})).unwrap() && keeps(json!(true), json!({"min_value": 0})).unwrap());
        assert!(!keeps(json!("nan"), json!({})).unwrap() && keeps(json!("nan"), json!({"reversed_range": true})).unwrap());
        assert!(keeps(json!([1]), json!({})).is_err() && !keeps(json!([]), json!({})).unwrap());
    }
}
