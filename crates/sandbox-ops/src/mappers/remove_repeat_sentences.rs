//! `remove_repeat_sentences_mapper`: sentences that were there before taken out.

use std::borrow::Cow;
use std::sync::LazyLock;

use hashbrown::HashSet;
use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Mapper, Operator};
use crate::registry::{Entry, Parameter};
use crate::unicode::lower::push_lower;
use crate::unicode::strip;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "remove_repeat_sentences_mapper",
    kind: Kind::Mapper,
    summary: "Take out sentences that were there before in the text",
    doc: "Lines are cut behind `.`, `!`, `?` and their full-width and Chinese kin. Sentences are compared without white space at \
          their ends and, unless told otherwise, without all but ASCII letters and digits, Chinese characters, tabs and spaces; \
          what is then shorter than the minimum always stays. So sentences in other scripts are never taken out.",
    parameters: &[
        Parameter { name: "lowercase", kind: "true or false", default: "false", doc: "Whether upper and lower case are equal." },
        Parameter {
            name: "ignore_special_character",
            kind: "true or false",
            default: "true",
            doc: "Whether punctuation and other characters are left out of the comparison.",
        },
        Parameter {
            name: "min_repeat_sentence_length",
            kind: "whole number",
            default: "2",
            doc: "Shorter sentences stay, in characters that are compared.",
        },
    ],
    example: "- remove_repeat_sentences_mapper:\n\nIt rains. It pours. It rains! -> It rains. It pours.",
    stats: &[],
    build,
};

/// Where lines are cut, one after the other: a line break goes between the two groups. The last class is the original's, in
/// which `{`, `6`, `}`, `2` and `…` are characters like others.
static CUTS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    ["([.。!！？?])([^’”])", r"(\.{6})([^’”])", "(…{2})([^’”])", "([.。!！？?{6}…2][’”])([^’”])"]
        .into_iter()
        .filter_map(|cut| Regex::new(cut).ok())
        .collect()
});

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    lowercase: bool,
    ignore_special_character: bool,
    min_repeat_sentence_length: usize,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { lowercase: false, ignore_special_character: true, min_repeat_sentence_length: 2 }
    }
}

/// Takes out sentences that were there before; see [`ENTRY`].
pub struct RemoveRepeatSentencesMapper {
    common: Common,
    parameters: Parameters,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own: parameters, common, .. } = Arguments::read(&ENTRY, arguments)?;
    Ok(Operator::Mapper(Box::new(RemoveRepeatSentencesMapper { common, parameters })))
}

impl RemoveRepeatSentencesMapper {
    /// What a sentence is compared by.
    fn key(&self, sentence: &str) -> String {
        let sentence = strip(sentence);
        let mut key = String::with_capacity(sentence.len());
        if self.parameters.lowercase {
            push_lower(sentence, &mut key);
        } else {
            key.push_str(sentence);
        }
        if self.parameters.ignore_special_character {
            key.retain(|character| character.is_ascii_alphanumeric() || matches!(character, '\n' | '\t' | ' ' | '\u{4e00}'..='\u{9fa5}'));
        }
        key
    }
}

impl Mapper for RemoveRepeatSentencesMapper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn map<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, OpError> {
        let mut seen = HashSet::new();
        let mut out = String::with_capacity(text.len());
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                out.push('\n');
            }
            if line.is_empty() {
                continue;
            }
            let mut cut = Cow::Borrowed(line);
            for pattern in CUTS.iter() {
                if let Cow::Owned(further) = pattern.replace_all(&cut, "$1\n$2") {
                    cut = Cow::Owned(further);
                }
            }
            for sentence in cut.split('\n') {
                let key = self.key(sentence);
                if key.chars().count() < self.parameters.min_repeat_sentence_length || seen.insert(key) {
                    out.push_str(sentence);
                }
            }
        }
        Ok(if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) })
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
        assert_eq!(CUTS.len(), 4);
    }

    #[test]
    fn example() {
        assert_eq!(mapped(ENTRY.name, json!({}), "It rains. It pours. It rains!"), "It rains. It pours.");
        assert_eq!(mapped(ENTRY.name, json!({}), "It rains.\nit rains.\n\nIt rains."), "It rains.\nit rains.\n\n");
        assert_eq!(mapped(ENTRY.name, json!({"lowercase": true}), "It rains.\nit rains."), "It rains.\n");
        assert_eq!(mapped(ENTRY.name, json!({}), "Да. Да. 是的。是的。"), "Да. Да. 是的。");
        assert_eq!(mapped(ENTRY.name, json!({"ignore_special_character": false}), "a b. a b! a b."), "a b. a b!");
        assert_eq!(mapped(ENTRY.name, json!({"min_repeat_sentence_length": 3}), "ab. ab."), "ab. ab.");
    }
}
