//! `stopwords_filter`: the share of stopwords.

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
    name: "stopwords_filter",
    kind: Kind::Filter,
    summary: "Keep rows whose share of stopwords is in range",
    doc: "Words are what stands between U+0020, U+000A and U+0009, in lower case, special characters taken off their ends; what is made of special characters only is left out. The statistic `stopwords_ratio` is the number of words that stand in the list of `lang` divided by the number of words; 0.0 without words. Lists are JSON files `*stopwords*.json` that map languages to words; they are compared as they are, so that a word with capitals is never met. Nothing is downloaded. With tokenization words are the pieces of the SentencePiece model `{lang}.sp.model`. With `use_words_aug` runs of words count as words too, which also makes the number of words larger.",
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
        Parameter { name: "min_ratio", kind: "number or null", default: "0.3", doc: "Smallest ratio kept; null: not tested." },
        Parameter { name: "max_ratio", kind: "number or null", default: "1.0", doc: "Largest ratio kept; null: not tested." },
        Parameter {
            name: "stopwords_dir",
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
    example: "- stopwords_filter:\n    stopwords_dir: words # {\"en\": [\"is\", \"the\", \"on\"]}\n    min_ratio: 0.4\n\nThe cat is on the mat -> stopwords_ratio 0.6666666666666666, kept\nCheap watches here     -> stopwords_ratio 0.0, dropped",
    stats: &[KEY],
    build,
};

const KEY: &str = "stopwords_ratio";

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    lang: String,
    tokenization: bool,
    min_ratio: Option<Number>,
    max_ratio: Option<Number>,
    stopwords_dir: Option<String>,
    use_words_aug: bool,
    words_aug_group_sizes: Vec<NonZeroUsize>,
    words_aug_join_char: String,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            lang: "en".to_owned(),
            tokenization: false,
            min_ratio: Some(Number::Float(0.3)),
            max_ratio: Some(Number::Float(1.0)),
            stopwords_dir: None,
            use_words_aug: false,
            words_aug_group_sizes: NonZeroUsize::new(2).into_iter().collect(),
            words_aug_join_char: String::new(),
        }
    }
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let own = &arguments.own;
    let list = WordList::find("stopwords", "stopwords_dir", own.stopwords_dir.as_deref(), &own.lang)?;
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

    fn folder(lists: &str) -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("stopwords.json"), lists).unwrap();
        let place = folder.path().display().to_string();
        (folder, place)
    }

    #[test]
    fn example() {
        let (_folder, place) = folder(r#"{"en": ["is", "the", "on"]}"#);
        let arguments = json!({"stopwords_dir": place, "min_ratio": 0.4});
        assert_eq!(judge(ENTRY.name, arguments.clone(), "The cat is on the mat"), (StatValue::Float(4.0 / 6.0), true));
        assert_eq!(judge(ENTRY.name, arguments.clone(), "Cheap watches here"), (StatValue::Float(0.0), false));
        assert_eq!(judge(ENTRY.name, arguments, "-- 12"), (StatValue::Float(0.0), false));
    }

    #[test]
    fn runs_of_words_count_too() {
        let (_folder, place) = folder(r#"{"zh": ["二个", "a-b-c"]}"#);
        let mut arguments = json!({"lang": "zh", "stopwords_dir": place, "use_words_aug": true, "words_aug_group_sizes": [2, 3]});
        // Four words, three runs of two, two of three.
        assert_eq!(judge(ENTRY.name, arguments.clone(), "二 个 人 人").0, StatValue::Float(1.0 / 9.0));
        arguments["words_aug_join_char"] = json!("-");
        assert_eq!(judge(ENTRY.name, arguments.clone(), "a b c").0, StatValue::Float(1.0 / 6.0));
        assert_eq!(judge(ENTRY.name, arguments.clone(), "a").0, StatValue::Float(0.0));
        arguments["words_aug_group_sizes"] = json!([0]);
        assert!(build(ENTRY.name, &arguments).unwrap_err().to_string().contains("a whole number from 1 on"));
    }
}
