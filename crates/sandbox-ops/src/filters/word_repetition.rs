//! `word_repetition_filter`: the share of repeated runs of words.

use std::borrow::Cow;
use std::num::NonZeroUsize;
use std::sync::Arc;

use sandbox_tokenizer::Tokenizer;
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
use crate::tokenizer;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "word_repetition_filter",
    kind: Kind::Filter,
    summary: "Keep rows whose share of repeated runs of words is in range",
    doc: "Words are what stands between U+0020, U+000A and U+0009, in lower case, special characters taken off their ends; all runs of `rep_len` neighbouring words are counted. The statistic `word_rep_ratio` is the number of runs that occur more than once, each as often as it occurs, divided by the number of runs; 0.0 without runs. With tokenization words are the pieces of the SentencePiece model `{lang}.sp.model`.",
    parameters: &[
        Parameter {
            name: "lang",
            kind: "text",
            default: "\"en\"",
            doc: "Language of the tokenizer; without tokenization it has no effect.",
        },
        Parameter {
            name: "tokenization",
            kind: "true or false",
            default: "false",
            doc: "Count runs of tokens instead of words; needs the model `{lang}.sp.model`.",
        },
        Parameter { name: "rep_len", kind: "whole number from 1 on", default: "10", doc: "Length of the runs, in words." },
        Parameter { name: "min_ratio", kind: "number or null", default: "0.0", doc: "Smallest ratio kept; null: not tested." },
        Parameter { name: "max_ratio", kind: "number or null", default: "0.5", doc: "Largest ratio kept; null: not tested." },
    ],
    example: "- word_repetition_filter:\n    rep_len: 2\n    max_ratio: 0.4\n\nOne, two, three -> word_rep_ratio 0.0, kept\nOn, on. And on! -> word_rep_ratio 0.0, kept\nso so so        -> word_rep_ratio 1.0, dropped",
    stats: &[KEY],
    build,
};

const KEY: &str = "word_rep_ratio";

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    lang: String,
    tokenization: bool,
    rep_len: NonZeroUsize,
    min_ratio: Option<Number>,
    max_ratio: Option<Number>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            lang: "en".to_owned(),
            tokenization: false,
            rep_len: NonZeroUsize::new(10).unwrap_or(NonZeroUsize::MIN),
            min_ratio: Some(Number::Float(0.0)),
            max_ratio: Some(Number::Float(0.5)),
        }
    }
}

/// Keeps texts whose share of repeated runs of words is in range; see [`ENTRY`].
pub struct WordRepetitionFilter {
    common: Common,
    length: usize,
    range: Range,
    tokenizer: Option<Arc<Tokenizer>>,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let tokenizer = tokenizer::of_language(arguments.own.tokenization, &arguments.own.lang)?;
    let range = arguments.range(arguments.own.min_ratio, arguments.own.max_ratio);
    let length = arguments.own.rep_len.get();
    Ok(Operator::Filter(Box::new(WordRepetitionFilter { length, range, tokenizer, common: arguments.common })))
}

impl Filter for WordRepetitionFilter {
    fn common(&self) -> &Common {
        &self.common
    }

    fn stat_keys(&self) -> Vec<Cow<'static, str>> {
        vec![KEY.into()]
    }

    fn compute(&self, row: &RowView<'_>) -> Result<Stats, OpError> {
        let text = row.text()?;
        let windows = match &self.tokenizer {
            Some(tokenizer) => text.token_windows(tokenizer, self.length)?,
            None => text.word_windows(self.length)?,
        };
        let repeated: usize = windows.repeated.iter().map(|count| *count as usize).sum();
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
        let arguments = json!({"rep_len": 2, "max_ratio": 0.4});
        assert_eq!(judge(ENTRY.name, arguments.clone(), "One, two, three"), (StatValue::Float(0.0), true));
        assert_eq!(judge(ENTRY.name, arguments.clone(), "On, on. And on!"), (StatValue::Float(0.0), true));
        assert_eq!(judge(ENTRY.name, arguments, "so so so"), (StatValue::Float(1.0), false));
        assert_eq!(judge(ENTRY.name, json!({"rep_len": 1}), "A -- a, b"), (StatValue::Float(2.0 / 3.0), false));
    }
}
