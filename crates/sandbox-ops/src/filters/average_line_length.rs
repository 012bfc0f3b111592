//! `average_line_length_filter`: the mean length of lines.

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
    name: "average_line_length_filter",
    kind: Kind::Filter,
    summary: "Keep rows whose mean line length is in range",
    doc: "The statistic `avg_line_length` is the number of characters of the whole text, line breaks included, divided by the number of lines; 0.0 without lines. Lines are those of Python's `splitlines`.",
    parameters: &[
        Parameter { name: "min_len", kind: "number or null", default: "10", doc: "Smallest mean kept; null: not tested." },
        Parameter { name: "max_len", kind: "number or null", default: "9223372036854775807", doc: "Largest mean kept; null: not tested." },
    ],
    example: "- average_line_length_filter:\n    min_len: 5\n\nfirst line\\nsecond -> avg_line_length 8.5, kept\na\\nb\\n             -> avg_line_length 2.0, dropped",
    stats: &[KEY],
    build,
};

const KEY: &str = "avg_line_length";

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

/// Keeps texts whose mean line length is in range; see [`ENTRY`].
pub struct AverageLineLengthFilter {
    common: Common,
    range: Range,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let range = arguments.range(arguments.own.min_len, arguments.own.max_len);
    Ok(Operator::Filter(Box::new(AverageLineLengthFilter { range, common: arguments.common })))
}

impl Filter for AverageLineLengthFilter {
    fn common(&self) -> &Common {
        &self.common
    }

    fn stat_keys(&self) -> Vec<Cow<'static, str>> {
        vec![KEY.into()]
    }

    fn compute(&self, row: &RowView<'_>) -> Result<Stats, OpError> {
        let text = row.text()?;
        let (characters, lines) = (text.tally().characters, text.lines().count);
        Ok(StatValue::Float(if lines == 0 { 0.0 } else { characters as f64 / lines as f64 }).into())
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
        assert_eq!(judge(ENTRY.name, json!({"min_len": 5}), "first line\nsecond"), (StatValue::Float(8.5), true));
        assert_eq!(judge(ENTRY.name, json!({"min_len": 5}), "a\nb\n"), (StatValue::Float(2.0), false));
        assert_eq!(judge(ENTRY.name, json!({"min_len": 0}), ""), (StatValue::Float(0.0), true));
    }
}
