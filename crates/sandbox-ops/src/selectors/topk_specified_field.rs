//! `topk_specified_field_selector`: the rows with the largest values of a field.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ranked::{WORST, by_number, check_field, how_many, number, share};
use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Operator, Selection, Selector};
use crate::python;
use crate::registry::{Entry, Parameter};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "topk_specified_field_selector",
    kind: Kind::Selector,
    summary: "Choose the rows with the largest values of a field",
    doc: "The chosen rows come from the largest to the smallest, or with `reverse: false` from the smallest to the largest; rows of \
          one value in their order. Values of a top-level field are compared as they are, so all must be numbers or all texts; \
          those below a map count as numbers: texts are read as such, lists by their mean, everything else is worst. With \
          neither number all rows stay; so do fewer than two.",
    parameters: &[
        Parameter { name: "field_key", kind: "text", default: "\"\"", doc: "The field, with dots into maps; empty: all rows stay." },
        Parameter { name: "top_ratio", kind: "number from 0 to 1 or null", default: "null", doc: "Share of the rows." },
        Parameter { name: "topk", kind: "whole number or null", default: "null", doc: "Number of rows; with `top_ratio`, the most." },
        Parameter { name: "reverse", kind: "true or false", default: "true", doc: "Whether the largest are chosen." },
    ],
    example: "- topk_specified_field_selector:\n    field_key: score\n    topk: 2\n\n0.5, 0.9, 0.1, 0.9 -> the second and the fourth row",
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

/// Chooses the rows with the largest values of a field; see [`ENTRY`].
pub struct TopkSpecifiedFieldSelector {
    common: Common,
    parameters: Parameters,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own: parameters, common, .. } = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    share("top_ratio", parameters.top_ratio)?;
    Ok(Operator::Selector(Box::new(TopkSpecifiedFieldSelector { common, parameters })))
}

impl Selector for TopkSpecifiedFieldSelector {
    fn common(&self) -> &Common {
        &self.common
    }

    fn field(&self) -> Option<&str> {
        (!self.parameters.field_key.is_empty()).then_some(&self.parameters.field_key)
    }

    fn select(&self, rows: u64, values: &[Option<Value>]) -> Result<Selection, OpError> {
        let Parameters { field_key, top_ratio, topk, reverse } = &self.parameters;
        let Some(count) = how_many(*top_ratio, *topk, rows).filter(|_| rows > 1 && !field_key.is_empty()) else {
            return Ok(Selection::All);
        };
        check_field(field_key, values)?;
        let mut chosen: Vec<u64> = (0..rows).collect();
        // Stable: rows of one value stay in their order, whichever end is wanted.
        let directed = |ordering: Ordering| if *reverse { ordering.reverse() } else { ordering };
        if field_key.contains('.') {
            // The worst comes last, whichever end is wanted.
            let worst = if *reverse { WORST } else { -WORST };
            let numbers: Vec<f64> = values.iter().map(|value| number(value.as_ref(), worst)).collect();
            chosen.sort_by(|a, b| directed(by_number(numbers[*a as usize], numbers[*b as usize])));
        } else {
            let plain: Vec<&Value> = values.iter().map(|value| value.as_ref().unwrap_or(&Value::Null)).collect();
            comparable(field_key, &plain)?;
            let order = |a: u64, b: u64| python::order(plain[a as usize], plain[b as usize]).ok().flatten().unwrap_or(Ordering::Equal);
            chosen.sort_by(|a, b| directed(order(*a, *b)));
        }
        chosen.truncate(usize::try_from(count).unwrap_or(usize::MAX));
        Ok(Selection::Rows(chosen))
    }
}

/// Values of one kind can be ordered.
fn comparable(field: &str, values: &[&Value]) -> Result<(), OpError> {
    let Some(first) = values.first() else { return Ok(()) };
    match values.iter().enumerate().find_map(|(row, value)| Some((row, value, python::order(first, value).err()?))) {
        Some((row, value, _)) => Err(OpError::Row(format!(
            "`{field}` is {} in row {} and {} in row 1: they cannot be compared",
            python::kind(value),
            row + 1,
            python::kind(first)
        ))),
        None => Ok(()),
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
        let rows = [0.5, 0.9, 0.1, 0.9].map(|score| json!({"score": score, "meta": {"score": score.to_string()}}));
        let choose = |arguments| selected(ENTRY.name, arguments, &rows).unwrap();
        assert_eq!(choose(json!({"field_key": "score", "topk": 2})), [1, 3]);
        assert_eq!(choose(json!({"field_key": "meta.score", "top_ratio": 0.75})), [1, 3, 0]);
        assert_eq!(choose(json!({"field_key": "score", "topk": 2, "reverse": false})), [2, 0]);
        assert_eq!(choose(json!({"field_key": "score"})), [0, 1, 2, 3]);
    }

    #[test]
    fn values_that_cannot_be_compared_are_told() {
        let rows = [json!({"n": 1}), json!({"n": null})];
        let error = selected(ENTRY.name, json!({"field_key": "n", "topk": 1}), &rows).unwrap_err();
        assert_eq!(error.to_string(), "`n` is null in row 2 and a number in row 1: they cannot be compared");
        let rows = [json!({"m": {"n": null}}), json!({"m": {"n": [1, 3]}}), json!({"m": {}})];
        assert_eq!(selected(ENTRY.name, json!({"field_key": "m.n", "topk": 2}), &rows).unwrap(), [1, 0]);
    }
}
