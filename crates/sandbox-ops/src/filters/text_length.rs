//! `text_length_filter`: the length of the text.

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
    name: "text_length_filter",
    kind: Kind::Filter,
    summary: "Keep rows whose text length is in range",
    doc: "The statistic `text_len` is the number of characters (code points).",
    parameters: &[
        Parameter { name: "min_len", kind: "number or null", default: "10", doc: "Smallest length kept; null: not tested." },
        Parameter {
            name: "max_len",
            kind: "number or null",
            default: "9223372036854775807",
            doc: "Largest length kept; null: not tested.",
        },
    ],
    example: "- text_length_filter:\n    min_len: 5\n    max_len: 50\n\nzwölf -> text_len 5, kept\nzehn  -> text_len 4, dropped",
    stats: &[KEY],
    build,
};

const KEY: &str = "text_len";

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

/// Keeps texts whose length is in range; see [`ENTRY`].
pub struct TextLengthFilter {
    common: Common,
    range: Range,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let range = arguments.range(arguments.own.min_len, arguments.own.max_len);
    Ok(Operator::Filter(Box::new(TextLengthFilter { range, common: arguments.common })))
}

impl Filter for TextLengthFilter {
    fn common(&self) -> &Common {
        &self.common
    }

    fn stat_keys(&self) -> Vec<Cow<'static, str>> {
        vec![KEY.into()]
    }

    fn compute(&self, row: &RowView<'_>) -> Result<Stats, OpError> {
        let text = row.text()?;
        Ok(StatValue::count(text.tally().characters).into())
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
        assert_eq!(judge(ENTRY.name, json!({"min_len": 5, "max_len": 50}), "zwölf"), (StatValue::Integer(5), true));
        assert_eq!(judge(ENTRY.name, json!({"min_len": 5, "max_len": 50}), "zehn"), (StatValue::Integer(4), false));
    }

    #[test]
    fn flags_decide_about_the_bounds() {
        let keeps = |arguments| judge(ENTRY.name, arguments, "zwölf").1;
        assert!(!keeps(json!({"min_len": 5, "min_closed_interval": false})));
        assert!(keeps(json!({"min_len": 5, "reversed_range": true})));
        assert!(!keeps(json!({"min_len": 5, "reversed_range": true, "min_closed_interval": false})));
        assert!(keeps(json!({"min_len": -126.64, "max_len": "inf"})) && keeps(json!({"min_len": null})));
    }
}
