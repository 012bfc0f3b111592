//! `words_num_filter`: the number of words.

use std::borrow::Cow;
use std::sync::Arc;

use sandbox_tokenizer::Tokenizer;
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
use crate::tokenizer;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "words_num_filter",
    kind: Kind::Filter,
    summary: "Keep rows whose number of words is in range",
    doc: "The statistic `num_words` is the number of words: what stands between U+0020, U+000A and U+0009 and is not made of special characters only. Other white space does not separate words. With tokenization words are the pieces of the SentencePiece model `{lang}.sp.model`.",
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
            doc: "Count tokens instead of words; needs the model `{lang}.sp.model`.",
        },
        Parameter { name: "min_num", kind: "number or null", default: "10", doc: "Smallest number kept; null: not tested." },
        Parameter {
            name: "max_num",
            kind: "number or null",
            default: "9223372036854775807",
            doc: "Largest number kept; null: not tested.",
        },
    ],
    example: "- words_num_filter:\n    min_num: 3\n\nTen words, or so. -> num_words 4, kept\nTwo -- words      -> num_words 2, dropped",
    stats: &[KEY],
    build,
};

const KEY: &str = "num_words";

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    lang: String,
    tokenization: bool,
    min_num: Option<Number>,
    max_num: Option<Number>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { lang: "en".to_owned(), tokenization: false, min_num: Some(Number::Integer(10)), max_num: UNLIMITED }
    }
}

/// Keeps texts whose number of words is in range; see [`ENTRY`].
pub struct WordsNumFilter {
    common: Common,
    range: Range,
    tokenizer: Option<Arc<Tokenizer>>,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let tokenizer = tokenizer::of_language(arguments.own.tokenization, &arguments.own.lang)?;
    let range = arguments.range(arguments.own.min_num, arguments.own.max_num);
    Ok(Operator::Filter(Box::new(WordsNumFilter { range, tokenizer, common: arguments.common })))
}

impl Filter for WordsNumFilter {
    fn common(&self) -> &Common {
        &self.common
    }

    fn stat_keys(&self) -> Vec<Cow<'static, str>> {
        vec![KEY.into()]
    }

    fn compute(&self, row: &RowView<'_>) -> Result<Stats, OpError> {
        let text = row.text()?;
        let words = match &self.tokenizer {
            Some(tokenizer) => text.token_words(tokenizer)?,
            None => text.words(),
        };
        Ok(StatValue::count(words.len()).into())
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
        assert_eq!(judge(ENTRY.name, json!({"min_num": 3}), "Ten words, or so."), (StatValue::Integer(4), true));
        assert_eq!(judge(ENTRY.name, json!({"min_num": 3}), "Two -- words"), (StatValue::Integer(2), false));
        assert_eq!(judge(ENTRY.name, json!({"lang": "zh"}), "a\u{a0}b\u{3000}c 123"), (StatValue::Integer(1), false));
    }
}
