//! `range_specified_field_selector`: the rows between two ranks of a field's values.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ranked::{WORST, by_number, check_field, number, share};
use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Operator, Selection, Selector};
use crate::registry::{Entry, Parameter};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "range_specified_field_selector",
    kind: Kind::Selector,
    summary: "Choose the rows between two ranks of a field's values",
    doc: "Rows are ranked from the smallest value to the largest: texts are read as numbers, lists count by their mean, everything \
          else is below all. Those from the lower rank on and below the upper one come from the largest to the smallest. Without \
          any lower or any upper rank all rows stay; so do fewer than two.",
    parameters: &[
        Parameter { name: "field_key", kind: "text", default: "\"\"", doc: "The field, with dots into maps; empty: all rows stay." },
        Parameter { name: "lower_percentile", kind: "number from 0 to 1 or null", default: "null", doc: "Share of the rows below." },
        Parameter {
            name: "upper_percentile",
            kind: "number from 0 to 1 or null",
            default: "null",
            doc: "Share of the rows up to the upper end.",
        },
        Parameter { name: "lower_rank", kind: "whole number or null", default: "null", doc: "Rows below; the larger of both counts." },
        Parameter {
            name: "upper_rank",
            kind: "whole number or null",
            default: "null",
            doc: "Rows up to the upper end; the smaller of both counts.",
        },
    ],
    example: "- range_specified_field_selector:\n    field_key: score\n    lower_rank: 1\n    upper_percentile: 0.75\n\n0.5, 0.9, 0.1, 0.7 -> the fourth and the first row",
    stats: &[],
    build,
};

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    field_key: String,
    lower_percentile: Option<f64>,
    upper_percentile: Option<f64>,
    lower_rank: Option<u64>,
    upper_rank: Option<u64>,
}

/// Chooses the rows between two ranks of a field's values; see [`ENTRY`].
pub struct RangeSpecifiedFieldSelector {
    common: Common,
    parameters: Parameters,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own: parameters, common, .. } = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    share("lower_percentile", parameters.lower_percentile)?;
    share("upper_percentile", parameters.upper_percentile)?;
    Ok(Operator::Selector(Box::new(RangeSpecifiedFieldSelector { common, parameters })))
}

impl Selector for RangeSpecifiedFieldSelector {
    fn common(&self) -> &Common {
        &self.common
    }

    fn field(&self) -> Option<&str> {
        (!self.parameters.field_key.is_empty()).then_some(&self.parameters.field_key)
    }

    fn select(&self, rows: u64, values: &[Option<Value>]) -> Result<Selection, OpError> {
        let Parameters { field_key, lower_percentile, upper_percentile, lower_rank, upper_rank } = &self.parameters;
        let of_all = |share: Option<f64>| share.map(|share| (share * rows as f64) as u64);
        let lower = of_all(*lower_percentile).max(*lower_rank);
        let upper = [of_all(*upper_percentile), *upper_rank].into_iter().flatten().min();
        let (Some(lower), Some(upper)) = (lower, upper) else { return Ok(Selection::All) };
        if rows < 2 || field_key.is_empty() {
            return Ok(Selection::All);
        }
        check_field(field_key, values)?;
        let numbers: Vec<f64> = values.iter().map(|value| number(value.as_ref(), WORST)).collect();
        let mut ranked: Vec<u64> = (0..rows).collect();
        ranked.sort_by(|a, b| by_number(numbers[*a as usize], numbers[*b as usize]));
        let upper = upper.max(lower);
        ranked.truncate(usize::try_from(upper).unwrap_or(usize::MAX));
        // From the largest on, rows of one value in the order of their rank.
        ranked.sort_by(|a, b| by_number(numbers[*b as usize], numbers[*a as usize]));
        ranked.truncate(usize::try_from(upper - lower).unwrap_or(usize::MAX));
        Ok(Selection::Rows(ranked))
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
        let rows = [0.5, 0.9, 0.1, 0.7].map(|score| json!({"score": score}));
        let choose = |arguments| selected(ENTRY.name, arguments, &rows).unwrap();
        assert_eq!(choose(json!({"field_key": "score", "lower_rank": 1, "upper_percentile": 0.75})), [3, 0]);
        assert_eq!(choose(json!({"field_key": "score", "lower_rank": 1})), [0, 1, 2, 3]);
        assert_eq!(choose(json!({"field_key": "score", "lower_rank": 3, "upper_rank": 1})), [] as [u64; 0]);
    }
}
