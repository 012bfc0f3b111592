//! `remove_words_with_incorrect_substrings_mapper`: words with some substrings taken out.

use std::borrow::Cow;
use std::sync::Arc;

use sandbox_tokenizer::{Pieces, Tokenizer};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::word_filter::{core, keep_words};
use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Mapper, Operator};
use crate::registry::{Entry, Parameter};
use crate::tokenizer;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "remove_words_with_incorrect_substrings_mapper",
    kind: Kind::Mapper,
    summary: "Take out words that contain some substrings",
    doc: "The substrings are looked for in the word without the special characters at its ends, so `//` at an end is not found. Words \
          stand between spaces, tabs and line breaks; these are put together anew, even when no word goes: one between two words, none \
          around, no empty line. With tokenization the pieces of the SentencePiece model are looked at; when one goes, the others are \
          put together without spaces, as in the original.",
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
            doc: "Look at tokens instead of words; needs the model `{lang}.sp.model`.",
        },
        Parameter {
            name: "substrings",
            kind: "list of texts or null",
            default: "null",
            doc: "The substrings; null: http, www, .com, href and //.",
        },
    ],
    example: "- remove_words_with_incorrect_substrings_mapper:\n\nread https://a.org or www.b.net now -> read or now",
    stats: &[],
    build,
};

const USUAL: [&str; 5] = ["http", "www", ".com", "href", "//"];

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    lang: String,
    tokenization: bool,
    substrings: Option<Vec<String>>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { lang: "en".to_owned(), tokenization: false, substrings: None }
    }
}

/// Takes out words that contain some substrings; see [`ENTRY`].
pub struct RemoveWordsWithIncorrectSubstringsMapper {
    common: Common,
    substrings: Vec<String>,
    tokenizer: Option<Arc<Tokenizer>>,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own: Parameters { lang, tokenization, substrings }, common, .. } = Arguments::read(&ENTRY, arguments)?;
    let tokenizer = tokenizer::of_language(tokenization, &lang)?;
    let substrings = substrings.unwrap_or_else(|| USUAL.map(str::to_owned).into());
    Ok(Operator::Mapper(Box::new(RemoveWordsWithIncorrectSubstringsMapper { common, substrings, tokenizer })))
}

impl RemoveWordsWithIncorrectSubstringsMapper {
    fn is_wanted(&self, word: &str) -> bool {
        let core = core(word);
        !self.substrings.iter().any(|substring| core.contains(substring.as_str()))
    }

    fn by_tokens<'t>(&self, tokenizer: &Tokenizer, text: &'t str) -> Result<Cow<'t, str>, OpError> {
        let mut pieces = Pieces::default();
        tokenizer.pieces(text, &mut pieces).map_err(|error| OpError::Tokens(error.to_string()))?;
        let words: Vec<String> = pieces.iter().map(|piece| piece.replace('\u{2581}', "")).collect();
        let kept: Vec<&str> = words.iter().map(String::as_str).filter(|word| self.is_wanted(word)).collect();
        Ok(if kept.len() == words.len() { Cow::Borrowed(text) } else { Cow::Owned(kept.concat()) })
    }
}

impl Mapper for RemoveWordsWithIncorrectSubstringsMapper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn map<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, OpError> {
        match &self.tokenizer {
            Some(tokenizer) => self.by_tokens(tokenizer, text),
            None => Ok(keep_words(text, |word| self.is_wanted(word))),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{check_parameters, mapped};

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
    }

    #[test]
    fn example() {
        assert_eq!(mapped(ENTRY.name, json!({}), "read https://a.org or www.b.net now"), "read or now");
        assert_eq!(mapped(ENTRY.name, json!({}), "a//b c// //d"), "c// //d");
        assert_eq!(mapped(ENTRY.name, json!({"substrings": ["ad"]}), "bad  good\n"), "good");
        assert_eq!(mapped(ENTRY.name, json!({"substrings": []}), "bad  good"), "bad good");
    }
}
