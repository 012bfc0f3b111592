//! `naive_reverse_grouper`: one row taken apart into several.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Operator, Ungrouped, Ungrouper};
use crate::python;
use crate::registry::{Entry, Parameter};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "naive_reverse_grouper",
    kind: Kind::Grouper,
    summary: "Take rows whose fields are lists apart",
    doc: "The n-th value of every list makes the n-th row. What belongs to the group as a whole, the field `__dj__batch_meta__`, is \
          taken out and may be kept in a file of its own.",
    parameters: &[Parameter {
        name: "batch_meta_export_path",
        kind: "text or null",
        default: "null",
        doc: "File for the groups' `__dj__batch_meta__`, one a line.",
    }],
    example: "- naive_reverse_grouper:\n\n{\"n\": [1, 2], \"t\": [\"a\", \"b\"]} -> {\"n\": 1, \"t\": \"a\"}, {\"n\": 2, \"t\": \"b\"}",
    stats: &[],
    build,
};

const BATCH_META: &str = "__dj__batch_meta__";

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    batch_meta_export_path: Option<String>,
}

/// Takes rows whose fields are lists apart; see [`ENTRY`].
pub struct NaiveReverseGrouper {
    common: Common,
    batch_meta: Option<String>,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own: Parameters { batch_meta_export_path: batch_meta }, common, .. } = Arguments::read(&ENTRY, arguments)?;
    Ok(Operator::Ungrouper(Box::new(NaiveReverseGrouper { common, batch_meta })))
}

impl Ungrouper for NaiveReverseGrouper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn ungroup(&self, row: &Map<String, Value>) -> Result<Ungrouped, OpError> {
        let mut ungrouped = Ungrouped::default();
        let mut length = None;
        for (name, value) in row {
            if name == BATCH_META {
                ungrouped.batch_meta = Some(value.clone());
                continue;
            }
            let Value::Array(values) = value else {
                return Err(OpError::Row(format!("field `{name}` is {}: expected a list", python::kind(value))));
            };
            let (first, wanted) = *length.get_or_insert((name, values.len()));
            if values.len() != wanted {
                return Err(OpError::Row(format!("field `{name}` has {} values and `{first}` {wanted}", values.len())));
            }
            ungrouped.rows.resize_with(wanted, Map::new);
            for (made, value) in ungrouped.rows.iter_mut().zip(values) {
                made.insert(name.clone(), value.clone());
            }
        }
        Ok(ungrouped)
    }

    fn batch_meta_path(&self) -> Option<&str> {
        self.batch_meta.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::check_parameters;

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
    }

    #[test]
    fn example() {
        let Operator::Ungrouper(ungrouper) = crate::build(ENTRY.name, &Value::Null).unwrap() else { panic!() };
        let apart = |row: Value| ungrouper.ungroup(row.as_object().unwrap());
        let ungrouped = apart(json!({"n": [1, 2], "__dj__batch_meta__": {"x": 1}, "t": ["a", "b"]})).unwrap();
        assert_eq!(Value::from_iter(ungrouped.rows.into_iter().map(Value::Object)), json!([{"n": 1, "t": "a"}, {"n": 2, "t": "b"}]));
        assert_eq!(ungrouped.batch_meta, Some(json!({"x": 1})));
        assert_eq!(apart(json!({"n": 1})).unwrap_err().to_string(), "field `n` is a number: expected a list");
        assert_eq!(apart(json!({"n": [1], "t": []})).unwrap_err().to_string(), "field `t` has 0 values and `n` 1");
    }
}
