//! `alphanumeric_filter`: the share of letters and digits.

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
    name: "alphanumeric_filter",
    kind: Kind::Filter,
    summary: "Keep rows whose share of letters and digits is in range",
    doc: "The statistic `alnum_ratio` is the number of characters with Python's `isalnum` divided by the number of characters; 0.0 for an empty text. Combining vowel signs are not counted. With tokenization it is `alpha_token_ratio`, the number of characters with `isalpha` divided by the number of tokens of `EleutherAI/pythia-6.9b-deduped`, which may exceed 1; 0.0 without tokens.",
    parameters: &[
        Parameter {
            name: "tokenization",
            kind: "true or false",
            default: "false",
            doc: "Count letters per token instead of letters and digits per character; needs the `tokenizer.json` of `EleutherAI/pythia-6.9b-deduped`.",
        },
        Parameter { name: "min_ratio", kind: "number or null", default: "0.25", doc: "Smallest ratio kept; null: not tested." },
        Parameter {
            name: "max_ratio",
            kind: "number or null",
            default: "9223372036854775807",
            doc: "Largest ratio kept; null: not tested.",
        },
    ],
    example: "- alphanumeric_filter:\n    min_ratio: 0.4\n\nabc 12! -> alnum_ratio 0.625, kept\n----- a  -> alnum_ratio 0.14285714285714285, dropped",
    stats: &[KEY],
    build,
};

const KEY: &str = "alnum_ratio";
const KEY_OF_TOKENS: &str = "alpha_token_ratio";
/// The original takes no other.
const TOKENIZER: &str = "EleutherAI/pythia-6.9b-deduped";

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    tokenization: bool,
    min_ratio: Option<Number>,
    max_ratio: Option<Number>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { tokenization: false, min_ratio: Some(Number::Float(0.25)), max_ratio: UNLIMITED }
    }
}

/// Keeps texts whose share of letters and digits is in range; see [`ENTRY`].
pub struct AlphanumericFilter {
    common: Common,
    key: &'static str,
    range: Range,
    tokenizer: Option<Arc<Tokenizer>>,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let tokenizer = tokenizer::of_name(arguments.own.tokenization, TOKENIZER)?;
    let key = if tokenizer.is_some() { KEY_OF_TOKENS } else { KEY };
    let range = arguments.range(arguments.own.min_ratio, arguments.own.max_ratio);
    Ok(Operator::Filter(Box::new(AlphanumericFilter { key, range, tokenizer, common: arguments.common })))
}

impl Filter for AlphanumericFilter {
    fn common(&self) -> &Common {
        &self.common
    }

    fn stat_keys(&self) -> Vec<Cow<'static, str>> {
        vec![self.key.into()]
    }

    fn compute(&self, row: &RowView<'_>) -> Result<Stats, OpError> {
        let text = row.text()?;
        let tally = text.tally();
        let (count, of) = match &self.tokenizer {
            Some(tokenizer) => (tally.alphabetic, text.token_count(tokenizer)?),
            None => (tally.alphanumeric, tally.characters),
        };
        Ok(StatValue::Float(if of == 0 { 0.0 } else { count as f64 / of as f64 }).into())
    }

    fn keep(&self, values: &[StatValue]) -> Result<bool, OpError> {
        Ok(self.range.keep(only(values).number(self.key)?))
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
        assert_eq!(judge(ENTRY.name, json!({"min_ratio": 0.4}), "abc 12! "), (StatValue::Float(0.625), true));
        assert_eq!(judge(ENTRY.name, json!({"min_ratio": 0.4}), "----- a"), (StatValue::Float(1.0 / 7.0), false));
    }

    #[test]
    fn python_decides_what_is_a_letter() {
        assert_eq!(judge(ENTRY.name, json!({}), ""), (StatValue::Float(0.0), false));
        // A vowel sign is no letter for Python; superscripts and fractions are digits.
        assert_eq!(judge(ENTRY.name, json!({}), "क\u{93e}").0, StatValue::Float(0.5));
        assert_eq!(judge(ENTRY.name, json!({}), "²½十").0, StatValue::Float(1.0));
    }
}
