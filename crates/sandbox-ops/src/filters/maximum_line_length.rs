//! `maximum_line_length_filter`: the length of the longest line.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Filter, Kind, Operator};
use crate::range::{Number, Range, UNLIMITED};
use crate::registry::{Entry, Parameter};
use crate::row_view::RowView;
use crate::stat::{StatValue, Stats, only};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "maximum_line_length_filter",
    kind: Kind::Filter,
    summary: "Keep rows whose longest line is in range",
    doc: "The statistic `max_line_length` is the number of characters of the longest line, without its break; 0 without lines. Lines are those of Python's `splitlines`.",
    parameters: &[
        Parameter { name: "min_len", kind: "number or null", default: "10", doc: "Smallest length kept; null: not tested." },
        Parameter {
            name: "max_len",
            kind: "number or null",
            default: "9223372036854775807",
            doc: "Largest length kept; null: not tested.",
        },
    ],
    example: "- maximum_line_length_filter:\n    max_len: 20\n\nfirst line\\nsecond           -> max_line_length 10, kept\none line of 25 characters -> max_line_length 25, dropped",
    stats: &[KEY],
    build,
};

const KEY: &str = "max_line_length";

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    min_len: Option<Number>,
    max_len: Option<Number>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { min_len: Some(Number::Integer(10)), max_len: UNLIMITED }
    }
}

/// Keeps texts whose longest line is in range; see [`ENTRY`].
pub struct MaximumLineLengthFilter {
    common: Common,
    range: Range,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let range = arguments.range(arguments.own.min_len, arguments.own.max_len);
    Ok(Operator::Filter(Box::new(MaximumLineLengthFilter { range, common: arguments.common })))
}

impl Filter for MaximumLineLengthFilter {
    fn common(&self) -> &Common {
        &self.common
    }

    fn stat_keys(&self) -> Vec<Cow<'static, str>> {
        vec![KEY.into()]
    }

    fn compute(&self, row: &RowView<'_>) -> Result<Stats, OpError> {
        let text = row.text()?;
        Ok(StatValue::count(text.lines().longest).into())
    }

    fn keep(&self, values: &[StatValue]) -> Result<bool, OpError> {
        Ok(self.range.keep(only(values).number(KEY)?))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{check_parameters, judge};

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
    }

    #[test]
    fn example() {
        assert_eq!(judge(ENTRY.name, json!({"max_len": 20}), "first line\nsecond"), (StatValue::Integer(10), true));
        assert_eq!(judge(ENTRY.name, json!({"max_len": 20}), "one line of 25 characters"), (StatValue::Integer(25), false));
        assert_eq!(judge(ENTRY.name, json!({}), ""), (StatValue::Integer(0), false));
    }
}
