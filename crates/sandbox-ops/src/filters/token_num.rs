//! `token_num_filter`: the number of tokens.

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
    name: "token_num_filter",
    kind: Kind::Filter,
    summary: "Keep rows whose number of tokens is in range",
    doc: "The statistic `num_token` is the number of tokens that a tokenizer of Hugging Face cuts the text into, without those that a template adds around a text. The tokenizer is a folder with a `tokenizer.json`: a path, or a name below `DATA_JUICER_EXTERNAL_MODELS_HOME`, the models cache of Data-Juicer or the cache of Hugging Face. Nothing is downloaded.",
    parameters: &[
        Parameter {
            name: "hf_tokenizer",
            kind: "text",
            default: "\"EleutherAI/pythia-6.9b-deduped\"",
            doc: "Name or folder of the tokenizer.",
        },
        Parameter { name: "min_num", kind: "number or null", default: "10", doc: "Smallest number kept; null: not tested." },
        Parameter {
            name: "max_num",
            kind: "number or null",
            default: "9223372036854775807",
            doc: "Largest number kept; null: not tested.",
        },
    ],
    example: "- token_num_filter:\n    hf_tokenizer: EleutherAI/pythia-6.9b-deduped\n    min_num: 3\n\nThree tokens and more -> num_token 4, kept\nTwo -> num_token 1, dropped (the numbers are the tokenizer's)",
    stats: &[KEY],
    build,
};

const KEY: &str = "num_token";

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    hf_tokenizer: String,
    min_num: Option<Number>,
    max_num: Option<Number>,
}

impl Default for Parameters {
    fn default() -> Self {
        let hf_tokenizer = "EleutherAI/pythia-6.9b-deduped".to_owned();
        Self { hf_tokenizer, min_num: Some(Number::Integer(10)), max_num: UNLIMITED }
    }
}

/// Keeps texts whose number of tokens is in range; see [`ENTRY`].
pub struct TokenNumFilter {
    common: Common,
    range: Range,
    tokenizer: Arc<Tokenizer>,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let tokenizer = tokenizer::needed_of_name("hf_tokenizer", &arguments.own.hf_tokenizer)?;
    let range = arguments.range(arguments.own.min_num, arguments.own.max_num);
    Ok(Operator::Filter(Box::new(TokenNumFilter { range, tokenizer, common: arguments.common })))
}

impl Filter for TokenNumFilter {
    fn common(&self) -> &Common {
        &self.common
    }

    fn stat_keys(&self) -> Vec<Cow<'static, str>> {
        vec![KEY.into()]
    }

    fn compute(&self, row: &RowView<'_>) -> Result<Stats, OpError> {
        Ok(StatValue::count(row.text()?.token_count(&self.tokenizer)?).into())
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
    use crate::testing::check_table;

    #[test]
    fn parameters_are_those_of_the_table() {
        check_table::<Parameters>(&ENTRY);
    }

    #[cfg(feature = "hugging-face")]
    #[test]
    fn tokens_are_counted() {
        let arguments = json!({"hf_tokenizer": "../../tests/goldens/assets/models/tok_bpe", "min_num": 1, "max_num": 3});
        let (count, kept) = crate::testing::judge(ENTRY.name, arguments.clone(), "the");
        assert!(kept && matches!(count, StatValue::Integer(1..=3)), "{count:?}");
        assert_eq!(crate::testing::judge(ENTRY.name, arguments, ""), (StatValue::Integer(0), false));
    }

    #[test]
    fn a_folder_without_a_tokenizer_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().display().to_string();
        let error = build(ENTRY.name, &json!({"hf_tokenizer": place})).unwrap_err();
        assert_eq!(error.path.to_string(), "hf_tokenizer");
        assert!(
            error.to_string().starts_with(&format!("Failed to find the model `{place}`: looked at `{place}/tokenizer.json`")),
            "{error}"
        );
        assert!(error.hint.unwrap_or_default().starts_with("nothing is downloaded"));
    }
}
