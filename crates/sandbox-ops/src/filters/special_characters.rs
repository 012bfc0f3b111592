//! `special_characters_filter`: the share of special characters.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Filter, Kind, Operator};
use crate::range::{Number, Range};
use crate::registry::{Entry, Parameter};
use crate::row_view::RowView;
use crate::stat::{StatValue, Stats, only};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "special_characters_filter",
    kind: Kind::Filter,
    summary: "Keep rows whose share of special characters is in range",
    doc: "The statistic `special_char_ratio` is the number of special characters divided by the number of characters; 0.0 for an empty text. Special are ASCII punctuation, digits and white space, further symbols, and emoji of one code point.",
    parameters: &[
        Parameter { name: "min_ratio", kind: "number or null", default: "0.0", doc: "Smallest ratio kept; null: not tested." },
        Parameter { name: "max_ratio", kind: "number or null", default: "0.25", doc: "Largest ratio kept; null: not tested." },
    ],
    example: "- special_characters_filter:\n    max_ratio: 0.5\n\nab 1 -> special_char_ratio 0.5, kept\na--- -> special_char_ratio 0.75, dropped",
    stats: &[KEY],
    build,
};

const KEY: &str = "special_char_ratio";

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    min_ratio: Option<Number>,
    max_ratio: Option<Number>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { min_ratio: Some(Number::Float(0.0)), max_ratio: Some(Number::Float(0.25)) }
    }
}

/// Keeps texts whose share of special characters is in range; see [`ENTRY`].
pub struct SpecialCharactersFilter {
    common: Common,
    range: Range,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let range = arguments.range(arguments.own.min_ratio, arguments.own.max_ratio);
    Ok(Operator::Filter(Box::new(SpecialCharactersFilter { range, common: arguments.common })))
}

impl Filter for SpecialCharactersFilter {
    fn common(&self) -> &Common {
        &self.common
    }

    fn stat_keys(&self) -> Vec<Cow<'static, str>> {
        vec![KEY.into()]
    }

    fn compute(&self, row: &RowView<'_>) -> Result<Stats, OpError> {
        let text = row.text()?;
        let tally = text.tally();
        Ok(StatValue::Float(if tally.characters == 0 { 0.0 } else { tally.special as f64 / tally.characters as f64 }).into())
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
        assert_eq!(judge(ENTRY.name, json!({"max_ratio": 0.5}), "ab 1"), (StatValue::Float(0.5), true));
        assert_eq!(judge(ENTRY.name, json!({"max_ratio": 0.5}), "a---"), (StatValue::Float(0.75), false));
        assert_eq!(judge(ENTRY.name, json!({}), ""), (StatValue::Float(0.0), true));
        assert_eq!(judge(ENTRY.name, json!({}), "😀é").0, StatValue::Float(0.5));
    }
}
