//! `perplexity_filter`: how surprising a text is for a language model.

use std::borrow::Cow;
use std::sync::Arc;

use sandbox_kenlm::Model;
use sandbox_tokenizer::Tokenizer;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::models::Shared;
use crate::operator::{Filter, Kind, Operator};
use crate::range::{Number, Range};
use crate::registry::{Entry, Parameter};
use crate::row_view::RowView;
use crate::stat::{StatValue, Stats, only};
use crate::tokenizer;
use crate::unicode::{LINE_BREAK, SPACE, classes};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "perplexity_filter",
    kind: Kind::Filter,
    summary: "Keep rows whose perplexity under a language model is in range",
    doc: "The text is cut into the pieces of the SentencePiece model `{lang}.sp.model`, which the KenLM model `{lang}.arpa.bin` (binary or ARPA text) scores as one sentence. The statistic `perplexity` is 10 to the power of minus the mean logarithm per piece, the end of the sentence being one, rounded to one decimal; 0.0 for an empty text. The models lie in the current folder, below `DATA_JUICER_EXTERNAL_MODELS_HOME` or in the models cache of Data-Juicer. Nothing is downloaded.",
    parameters: &[
        Parameter { name: "lang", kind: "text", default: "\"en\"", doc: "Language of the two models." },
        Parameter { name: "min_ppl", kind: "number or null", default: "0", doc: "Smallest perplexity kept; null: not tested." },
        Parameter { name: "max_ppl", kind: "number or null", default: "1500", doc: "Largest perplexity kept; null: not tested." },
    ],
    example: "- perplexity_filter:\n    lang: en\n    max_ppl: 1000\n\nShe opened the door.  -> perplexity 412.3, kept\nDoor opened the she.  -> perplexity 2210.8, dropped (the numbers are the models')",
    stats: &[KEY],
    build,
};

const KEY: &str = "perplexity";
static MODELS: Shared<Model> = Shared::new();

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    lang: String,
    min_ppl: Option<Number>,
    max_ppl: Option<Number>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { lang: "en".to_owned(), min_ppl: Some(Number::Integer(0)), max_ppl: Some(Number::Integer(1500)) }
    }
}

/// Keeps texts whose perplexity is in range; see [`ENTRY`].
pub struct PerplexityFilter {
    common: Common,
    range: Range,
    tokenizer: Arc<Tokenizer>,
    model: Arc<Model>,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let lang = &arguments.own.lang;
    let tokenizer = tokenizer::needed_of_language("lang", lang)?;
    let model = MODELS.get("lang", &format!("{lang}.arpa.bin"), |path| Model::open(path))?;
    let range = arguments.range(arguments.own.min_ppl, arguments.own.max_ppl);
    Ok(Operator::Filter(Box::new(PerplexityFilter { range, tokenizer, model, common: arguments.common })))
}

/// The perplexity of a text of tokens, line by line.
fn perplexity(model: &Model, tokens: &str) -> Result<f64, OpError> {
    let classes = classes();
    let (mut score, mut length) = (0.0, 0usize);
    // Tokens have no line breaks unless the tokenizer lets them through; CR LF is one.
    for part in tokens.split_inclusive(|character| classes.is(character, LINE_BREAK)) {
        let line = part.trim_end_matches(|character| classes.is(character, LINE_BREAK));
        if part == "\n" && length > 0 && follows_return(tokens, part) {
            continue;
        }
        score += f64::from(model.score(line));
        length += line.split(|character| classes.is(character, SPACE)).filter(|word| !word.is_empty()).count() + 1;
    }
    if length == 0 {
        return Ok(0.0);
    }
    let perplexity = 10f64.powf(-score / length as f64);
    if !perplexity.is_finite() {
        return Err(OpError::Row(format!("Failed to compute `{KEY}`: 10 to the power of {} is too large", -score / length as f64)));
    }
    // Rust's decimals are rounded half to even on the value itself, as Python's.
    Ok(format!("{perplexity:.1}").parse().unwrap_or(perplexity))
}

/// Whether a part of a text comes right after a carriage return.
fn follows_return(text: &str, part: &str) -> bool {
    let start = part.as_ptr() as usize - text.as_ptr() as usize;
    text.as_bytes().get(start.wrapping_sub(1)) == Some(&b'\r')
}

impl Filter for PerplexityFilter {
    fn common(&self) -> &Common {
        &self.common
    }

    fn stat_keys(&self) -> Vec<Cow<'static, str>> {
        vec![KEY.into()]
    }

    fn compute(&self, row: &RowView<'_>) -> Result<Stats, OpError> {
        let tokens = row.text()?.spaced_tokens(&self.tokenizer)?;
        Ok(StatValue::Float(perplexity(&self.model, &tokens)?).into())
    }

    fn keep(&self, values: &[StatValue]) -> Result<bool, OpError> {
        Ok(self.range.keep(only(values).number(KEY)?))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::registry::build;
    use crate::testing::{check_table, judge};

    /// From the folder of this crate, where its tests run.
    const LANG: &str = "../../tests/goldens/assets/models/dj_models/en";

    #[test]
    fn parameters_are_those_of_the_table() {
        check_table::<Parameters>(&ENTRY);
    }

    #[test]
    fn texts_of_the_language_are_less_surprising() {
        let of = |text: &str| match judge(ENTRY.name, json!({"lang": LANG}), text) {
            (StatValue::Float(value), _) => value,
            other => panic!("{other:?}"),
        };
        assert_eq!(of(""), 0.0);
        assert!(of("She sold 48 clips in April.") < of("qzx wvk 48 ßøł"));
        assert!(!judge(ENTRY.name, json!({"lang": LANG, "max_ppl": 1}), "She sold 48 clips in April.").1);
    }

    #[test]
    fn lines_count_by_themselves() {
        let model = Model::open(format!("{LANG}.arpa.bin")).unwrap();
        let one = perplexity(&model, "a").unwrap();
        for text in ["a\na", "a\r\na\r\n", "a\u{2028}a\n"] {
            assert_eq!(perplexity(&model, text).unwrap(), one, "{text:?}");
        }
        assert_ne!(perplexity(&model, "a\n\na").unwrap(), one);
    }

    #[test]
    fn a_missing_model_is_told_with_every_place() {
        let error = build(ENTRY.name, &json!({"lang": "../sandbox-tokenizer/tests/data/en"})).unwrap_err();
        assert_eq!(error.path.to_string(), "lang");
        assert!(
            error.to_string().starts_with("Failed to find the model `../sandbox-tokenizer/tests/data/en.arpa.bin`: looked at "),
            "{error}"
        );
    }
}
