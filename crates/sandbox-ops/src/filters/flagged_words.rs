//! `flagged_words_filter`: the share of flagged words.

use std::num::NonZeroUsize;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::listed_words::{ListedWordsFilter, Runs};
use crate::arguments::Arguments;
use crate::error::BuildError;
use crate::operator::{Kind, Operator};
use crate::range::Number;
use crate::registry::{Entry, Parameter};
use crate::tokenizer;
use crate::word_list::WordList;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "flagged_words_filter",
    kind: Kind::Filter,
    summary: "Keep rows whose share of flagged words is in range",
    doc: "Words are what stands between U+0020, U+000A and U+0009, in lower case, special characters taken off their ends; what is made of special characters only is left out. The statistic `flagged_words_ratio` is the number of words that stand in the list of `lang` divided by the number of words; 0.0 without words. Lists are JSON files `*flagged_words*.json` that map languages to words; they are compared as they are, so that a word with capitals is never met. Nothing is downloaded. With tokenization words are the pieces of the SentencePiece model `{lang}.sp.model`. With `use_words_aug` runs of words count as words too, which also makes the number of words larger.",
    parameters: &[
        Parameter {
            name: "lang",
            kind: "text",
            default: "\"en\"",
            doc: "Language of the list, and of the tokenizer; `all`: the words of all languages.",
        },
        Parameter {
            name: "tokenization",
            kind: "true or false",
            default: "false",
            doc: "Look at tokens instead of words; needs the model `{lang}.sp.model`.",
        },
        Parameter { name: "min_ratio", kind: "number or null", default: "0.0", doc: "Smallest ratio kept; null: not tested." },
        Parameter { name: "max_ratio", kind: "number or null", default: "0.045", doc: "Largest ratio kept; null: not tested." },
        Parameter {
            name: "flagged_words_dir",
            kind: "text or null",
            default: "null",
            doc: "Folder with the lists; null: `DATA_JUICER_ASSETS_CACHE`, or else `~/.cache/data_juicer/assets`.",
        },
        Parameter {
            name: "use_words_aug",
            kind: "true or false",
            default: "false",
            doc: "Look at runs of neighbouring words too, for languages that are written without blanks.",
        },
        Parameter {
            name: "words_aug_group_sizes",
            kind: "list of whole numbers from 1 on",
            default: "[2]",
            doc: "Lengths of these runs, in words.",
        },
        Parameter { name: "words_aug_join_char", kind: "text", default: "\"\"", doc: "What stands between the words of a run." },
    ],
    example: "- flagged_words_filter:\n    flagged_words_dir: words # {\"en\": [\"darn\"]}\n    max_ratio: 0.2\n\nDarn, the cat is on the mat -> flagged_words_ratio 0.14285714285714285, kept\nDarn, darn!                 -> flagged_words_ratio 1.0, dropped",
    stats: &[KEY],
    build,
};

const KEY: &str = "flagged_words_ratio";

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    lang: String,
    tokenization: bool,
    min_ratio: Option<Number>,
    max_ratio: Option<Number>,
    flagged_words_dir: Option<String>,
    use_words_aug: bool,
    words_aug_group_sizes: Vec<NonZeroUsize>,
    words_aug_join_char: String,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            lang: "en".to_owned(),
            tokenization: false,
            min_ratio: Some(Number::Float(0.0)),
            max_ratio: Some(Number::Float(0.045)),
            flagged_words_dir: None,
            use_words_aug: false,
            words_aug_group_sizes: NonZeroUsize::new(2).into_iter().collect(),
            words_aug_join_char: String::new(),
        }
    }
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let own = &arguments.own;
    let list = WordList::find("flagged_words", "flagged_words_dir", own.flagged_words_dir.as_deref(), &own.lang)?;
    let tokenizer = tokenizer::of_language(own.tokenization, &own.lang)?;
    let runs = Runs::new(own.use_words_aug, &own.words_aug_group_sizes, &own.words_aug_join_char);
    let range = arguments.range(own.min_ratio, own.max_ratio);
    Ok(Operator::Filter(Box::new(ListedWordsFilter { key: KEY, range, tokenizer, list, runs, common: arguments.common })))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::registry::build;
    use crate::stat::StatValue;
    use crate::testing::{check_table, judge};

    #[test]
    fn parameters_are_those_of_the_table() {
        check_table::<Parameters>(&ENTRY);
    }

    #[test]
    fn example() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("flagged_words.json"), r#"{"en": ["darn"]}"#).unwrap();
        let arguments = json!({"flagged_words_dir": folder.path().display().to_string(), "max_ratio": 0.2});
        assert_eq!(judge(ENTRY.name, arguments.clone(), "Darn, the cat is on the mat"), (StatValue::Float(1.0 / 7.0), true));
        assert_eq!(judge(ENTRY.name, arguments, "Darn, darn!"), (StatValue::Float(1.0), false));
        let error = build(ENTRY.name, &json!({"flagged_words_dir": "no/such/folder"})).unwrap_err();
        assert_eq!(error.path.to_string(), "flagged_words_dir");
    }
}
