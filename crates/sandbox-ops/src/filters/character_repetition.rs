//! `character_repetition_filter`: the share of repeated runs of characters.

use std::borrow::Cow;
use std::num::NonZeroUsize;

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
    name: "character_repetition_filter",
    kind: Kind::Filter,
    summary: "Keep rows whose share of repeated runs of characters is in range",
    doc: "All runs of `rep_len` neighbouring characters are counted, case and all. The statistic `char_rep_ratio` is the sum of the largest counts above 1, at most as many as the square root of the number of different runs, divided by the number of runs; 0.0 without runs.",
    parameters: &[
        Parameter { name: "rep_len", kind: "whole number from 1 on", default: "10", doc: "Length of the runs, in characters." },
        Parameter { name: "min_ratio", kind: "number or null", default: "0.0", doc: "Smallest ratio kept; null: not tested." },
        Parameter { name: "max_ratio", kind: "number or null", default: "0.5", doc: "Largest ratio kept; null: not tested." },
    ],
    example: "- character_repetition_filter:\n    rep_len: 2\n    max_ratio: 0.5\n\nabcab  -> char_rep_ratio 0.5, kept\nababab -> char_rep_ratio 0.6, dropped",
    stats: &[KEY],
    build,
};

const KEY: &str = "char_rep_ratio";

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    rep_len: NonZeroUsize,
    min_ratio: Option<Number>,
    max_ratio: Option<Number>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            rep_len: NonZeroUsize::new(10).unwrap_or(NonZeroUsize::MIN),
            min_ratio: Some(Number::Float(0.0)),
            max_ratio: Some(Number::Float(0.5)),
        }
    }
}

/// Keeps texts whose share of repeated runs of characters is in range; see [`ENTRY`].
pub struct CharacterRepetitionFilter {
    common: Common,
    length: usize,
    range: Range,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let range = arguments.range(arguments.own.min_ratio, arguments.own.max_ratio);
    Ok(Operator::Filter(Box::new(CharacterRepetitionFilter { length: arguments.own.rep_len.get(), range, common: arguments.common })))
}

impl Filter for CharacterRepetitionFilter {
    fn common(&self) -> &Common {
        &self.common
    }

    fn stat_keys(&self) -> Vec<Cow<'static, str>> {
        vec![KEY.into()]
    }

    fn compute(&self, row: &RowView<'_>) -> Result<Stats, OpError> {
        let text = row.text()?;
        let mut windows = text.character_windows(self.length)?;
        let most = windows.distinct.isqrt();
        let repeated = windows.most_frequent(most);
        Ok(StatValue::Float(if windows.total == 0 { 0.0 } else { repeated as f64 / windows.total as f64 }).into())
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
        assert_eq!(judge(ENTRY.name, json!({"rep_len": 2, "max_ratio": 0.5}), "abcab"), (StatValue::Float(0.5), true));
        // The runs ab (3) and ba (2), of which only the first counts: the root of 2 is 1.
        assert_eq!(judge(ENTRY.name, json!({"rep_len": 2, "max_ratio": 0.5}), "ababab"), (StatValue::Float(0.6), false));
        assert_eq!(judge(ENTRY.name, json!({}), "too short"), (StatValue::Float(0.0), true));
        assert_eq!(judge(ENTRY.name, json!({"rep_len": 3}), "ééééé").0, StatValue::Float(1.0));
    }
}
