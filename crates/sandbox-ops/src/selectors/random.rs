//! `random_selector`: some rows by chance, always the same.

use sandbox_dataset::permutation;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ranked::{how_many, share};
use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Operator, Selection, Selector};
use crate::registry::{Entry, Parameter};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "random_selector",
    kind: Kind::Selector,
    summary: "Choose some rows by chance",
    doc: "The chosen rows come in the order in which they were drawn: the first of NumPy's permutation with the seed 42, as in the \
          original. More rows than there are repeat all of them in that order. A share of less than one row, as in the \
          original, leaves all rows as they are; so do neither number.",
    parameters: &[
        Parameter { name: "select_ratio", kind: "number from 0 to 1 or null", default: "null", doc: "Share of the rows." },
        Parameter {
            name: "select_num",
            kind: "whole number or null",
            default: "null",
            doc: "Number of rows; with `select_ratio`, the most.",
        },
    ],
    example: "- random_selector:\n    select_num: 2\n\nten rows -> the sixth and the seventh row",
    stats: &[],
    build,
};

/// The original's seed.
const SEED: u64 = 42;

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    select_ratio: Option<f64>,
    select_num: Option<u64>,
}

/// Chooses some rows by chance; see [`ENTRY`].
pub struct RandomSelector {
    common: Common,
    ratio: Option<f64>,
    count: Option<u64>,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own: Parameters { select_ratio, select_num }, common, .. } = Arguments::read(&ENTRY, arguments)?;
    let ratio = share("select_ratio", select_ratio)?;
    Ok(Operator::Selector(Box::new(RandomSelector { common, ratio, count: select_num })))
}

impl Selector for RandomSelector {
    fn common(&self) -> &Common {
        &self.common
    }

    fn field(&self) -> Option<&str> {
        None
    }

    fn select(&self, rows: u64, _values: &[Option<Value>]) -> Result<Selection, OpError> {
        let Some(count) = how_many(self.ratio, self.count, rows).filter(|count| *count > 0 && *count != rows && rows > 1) else {
            return Ok(Selection::All);
        };
        let drawn = permutation(SEED, usize::try_from(rows).unwrap_or(usize::MAX));
        Ok(Selection::Rows(drawn.iter().cycle().map(|row| *row as u64).take(usize::try_from(count).unwrap_or(usize::MAX)).collect()))
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
        let none = vec![json!({}); 10];
        assert_eq!(selected(ENTRY.name, json!({"select_num": 2}), &none).unwrap(), [5, 6]);
        assert_eq!(selected(ENTRY.name, json!({"select_ratio": 0.5, "select_num": 2}), &none).unwrap(), [5, 6]);
        assert_eq!(selected(ENTRY.name, json!({"select_num": 25}), &none).unwrap().len(), 25);
        assert_eq!(selected(ENTRY.name, json!({"select_ratio": 0.01}), &none).unwrap().len(), 10);
        assert!(crate::build(ENTRY.name, &json!({"select_ratio": 1.5})).is_err());
    }
}
