//! `frequency_specified_field_selector`: rows with the most frequent values of a field.

use std::cmp::Reverse;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ranked::{check_field, how_many, share};
use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Operator, Selection, Selector};
use crate::python;
use crate::range::Number;
use crate::registry::{Entry, Parameter};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "frequency_specified_field_selector",
    kind: Kind::Selector,
    summary: "Choose the rows with the most frequent values of a field",
    doc: "Rows with the same value (a text, a number or null; 1, 1.0 and true are the same) are a group. The groups are ordered by \
          size, those of one size by first appearance, and the first ones are put one after the other. With neither number all \
          rows stay; so do fewer than two.",
    parameters: &[
        Parameter { name: "field_key", kind: "text", default: "\"\"", doc: "The field, with dots into maps; empty: all rows stay." },
        Parameter { name: "top_ratio", kind: "number from 0 to 1 or null", default: "null", doc: "Share of the distinct values." },
        Parameter { name: "topk", kind: "whole number or null", default: "null", doc: "Number of values; with `top_ratio`, the most." },
        Parameter { name: "reverse", kind: "true or false", default: "true", doc: "Whether the most frequent come first." },
    ],
    example: "- frequency_specified_field_selector:\n    field_key: label\n    topk: 1\n\na, b, b, c -> the second and the third row",
    stats: &[],
    build,
};

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    field_key: String,
    top_ratio: Option<f64>,
    topk: Option<u64>,
    reverse: bool,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { field_key: String::new(), top_ratio: None, topk: None, reverse: true }
    }
}

/// Chooses the rows with the most frequent values of a field; see [`ENTRY`].
pub struct FrequencySpecifiedFieldSelector {
    common: Common,
    parameters: Parameters,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own: parameters, common, .. } = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    share("top_ratio", parameters.top_ratio)?;
    Ok(Operator::Selector(Box::new(FrequencySpecifiedFieldSelector { common, parameters })))
}

impl Selector for FrequencySpecifiedFieldSelector {
    fn common(&self) -> &Common {
        &self.common
    }

    fn field(&self) -> Option<&str> {
        (!self.parameters.field_key.is_empty()).then_some(&self.parameters.field_key)
    }

    fn select(&self, rows: u64, values: &[Option<Value>]) -> Result<Selection, OpError> {
        let Parameters { field_key, top_ratio, topk, reverse } = &self.parameters;
        if rows < 2 || field_key.is_empty() {
            return Ok(Selection::All);
        }
        check_field(field_key, values)?;
        let mut places = HashMap::new();
        let mut groups: Vec<Vec<u64>> = Vec::new();
        for (row, value) in (0..).zip(values) {
            let place = *places.entry(identity(field_key, value.as_ref())?).or_insert_with(|| {
                groups.push(Vec::new());
                groups.len() - 1
            });
            groups[place].push(row);
        }
        let Some(count) = how_many(*top_ratio, *topk, groups.len() as u64) else { return Ok(Selection::All) };
        if *reverse {
            groups.sort_by_key(|group| Reverse(group.len()));
        } else {
            groups.sort_by_key(Vec::len);
        }
        Ok(Selection::Rows(groups.into_iter().take(usize::try_from(count).unwrap_or(usize::MAX)).flatten().collect()))
    }
}

/// What makes two values the same: equal numbers of any form have one identity.
fn identity(field: &str, value: Option<&Value>) -> Result<String, OpError> {
    let value = value.unwrap_or(&Value::Null);
    match (value, python::number(value)) {
        (_, Some(Number::Float(number))) if number.fract() == 0.0 && number.abs() < 1e18 => Ok(format!("{}", number as i128)),
        (_, Some(number)) => Ok(number.to_string()),
        (Value::Null | Value::String(_), None) => Ok(value.to_string()),
        _ => Err(OpError::Row(format!("`{field}` is {}: expected a text, a number or null", python::kind(value)))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{check_parameters, selected};

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
    }

    #[test]
    fn example() {
        let rows = ["a", "b", "b", "c"].map(|label| json!({"label": label}));
        let choose = |arguments| selected(ENTRY.name, arguments, &rows).unwrap();
        assert_eq!(choose(json!({"field_key": "label", "topk": 1})), [1, 2]);
        assert_eq!(choose(json!({"field_key": "label", "topk": 1, "reverse": false})), [0]);
        assert_eq!(choose(json!({"field_key": "label", "top_ratio": 0.7})), [1, 2, 0]);
        assert_eq!(choose(json!({"field_key": "label"})), [0, 1, 2, 3]);
        let rows = [json!({"n": "1"}), json!({"n": 1}), json!({"n": 1.0}), json!({"n": true})];
        assert_eq!(selected(ENTRY.name, json!({"field_key": "n", "topk": 1}), &rows).unwrap(), [1, 2, 3]);
    }
}
