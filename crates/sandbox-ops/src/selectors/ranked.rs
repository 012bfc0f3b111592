//! What selectors by a field share: how many rows, and values as numbers.

use std::cmp::Ordering;

use serde_json::Value;

use crate::error::{BuildError, OpError};
use crate::python;

/// The value of rows that have no number where the largest are wanted: below all others.
pub(super) const WORST: f64 = -9_223_372_036_854_775_807.0;

/// How many to take: `ratio` of all, at most `count`; `None` when neither says so.
pub(super) fn how_many(ratio: Option<f64>, count: Option<u64>, all: u64) -> Option<u64> {
    let ratio = ratio.filter(|ratio| *ratio != 0.0);
    let count = count.filter(|count| *count != 0);
    // Cut off as the original does: the product of two doubles, then its whole part.
    let share = ratio.map(|ratio| (ratio * all as f64) as u64);
    match (share, count) {
        (Some(share), Some(count)) => Some(share.min(count)),
        (share, count) => share.or(count),
    }
}

/// A share of all rows.
pub(super) fn share(name: &str, value: Option<f64>) -> Result<Option<f64>, BuildError> {
    match value {
        Some(value) if !(0.0..=1.0).contains(&value) => {
            Err(BuildError::parameter(name, format!("`{name}`: expected a number from 0 to 1, got {value}")))
        }
        value => Ok(value),
    }
}

/// A value as a number: texts as Python's `float` reads them, lists by their mean, everything else as `worst`.
pub(super) fn number(value: Option<&Value>, worst: f64) -> f64 {
    match value {
        Some(Value::Array(items)) => {
            let numbers: Option<Vec<f64>> = items.iter().map(python::float).collect();
            match numbers {
                Some(numbers) if !numbers.is_empty() => numbers.iter().sum::<f64>() / numbers.len() as f64,
                _ => worst,
            }
        }
        Some(value) => python::float(value).unwrap_or(worst),
        None => worst,
    }
}

/// The order of numbers; NaN counts as equal to everything, as in a comparison that says no both ways.
pub(super) fn by_number(a: f64, b: f64) -> Ordering {
    a.partial_cmp(&b).unwrap_or(Ordering::Equal)
}

/// A field that no row has is a slip of the pen.
pub(super) fn check_field(field: &str, values: &[Option<Value>]) -> Result<(), OpError> {
    if values.iter().all(Option::is_none) && !values.is_empty() {
        return Err(OpError::Row(format!("no row has the field `{field}`")));
    }
    Ok(())
}
