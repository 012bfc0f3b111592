//! `suffix_filter`: rows by the suffix of the file they come from.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::{Arguments, OneOrMany};
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Filter, Kind, Operator};
use crate::registry::{Entry, Parameter};
use crate::row_view::RowView;
use crate::stat::{StatValue, Stats, only};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "suffix_filter",
    kind: Kind::Filter,
    summary: "Keep rows of files with one of some suffixes",
    doc: "The suffix stands in the field `__dj__suffix__`, which a recipe with this operator adds to every row: with its dot, in \
          the case of the file's name. `reversed_range` keeps the others.",
    parameters: &[Parameter {
        name: "suffixes",
        kind: "text or list of texts",
        default: "[]",
        doc: "The suffixes with their dots, such as `.txt`; none: all rows stay.",
    }],
    example: "- suffix_filter:\n    suffixes: [.txt, .md]\n\nnotes.txt -> kept\nnotes.TXT -> dropped",
    stats: &[],
    build,
};

/// The field with the suffix.
pub const FIELD: &str = "__dj__suffix__";

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    suffixes: OneOrMany<String>,
}

/// Keeps rows by the suffix of their file; see [`ENTRY`].
pub struct SuffixFilter {
    common: Common,
    suffixes: Vec<String>,
    reversed: bool,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let reversed = arguments.is_reversed();
    Ok(Operator::Filter(Box::new(SuffixFilter { suffixes: arguments.own.suffixes.into(), reversed, common: arguments.common })))
}

impl Filter for SuffixFilter {
    fn common(&self) -> &Common {
        &self.common
    }

    fn stat_keys(&self) -> Vec<Cow<'static, str>> {
        Vec::new()
    }

    fn compute(&self, row: &RowView<'_>) -> Result<Stats, OpError> {
        Ok(row.value(FIELD).map_or(StatValue::Null, |value| StatValue::from_json(&value)).into())
    }

    fn keep(&self, values: &[StatValue]) -> Result<bool, OpError> {
        if self.suffixes.is_empty() {
            return Ok(true);
        }
        let is_one = matches!(only(values), StatValue::Text(suffix) if self.suffixes.contains(suffix));
        Ok(is_one != self.reversed)
    }

    fn reads_text(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{check_parameters, keeps_row};

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
    }

    #[test]
    fn example() {
        let (txt, upper) = (json!({"__dj__suffix__": ".txt"}), json!({"__dj__suffix__": ".TXT"}));
        for suffixes in [json!([".txt", ".md"]), json!(".txt")] {
            assert!(keeps_row(ENTRY.name, json!({"suffixes": suffixes}), &txt).unwrap());
            assert!(!keeps_row(ENTRY.name, json!({"suffixes": suffixes}), &upper).unwrap());
            assert!(keeps_row(ENTRY.name, json!({"suffixes": suffixes, "reversed_range": true}), &upper).unwrap());
        }
        assert!(keeps_row(ENTRY.name, json!({}), &upper).unwrap());
    }
}
