//! `remove_non_chinese_character_mapper`: all but Chinese characters taken out.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Mapper, Operator};
use crate::registry::{Entry, Parameter};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "remove_non_chinese_character_mapper",
    kind: Kind::Mapper,
    summary: "Keep Chinese characters, and letters, digits and punctuation if asked",
    doc: "Chinese are U+4E00 to U+9FA5. Letters and digits are those of ASCII, punctuation is a list of 31 characters with the space \
          in it; line breaks, `?`, `;` and `:` are not.",
    parameters: &[
        Parameter { name: "keep_alphabet", kind: "true or false", default: "true", doc: "Whether a to z and A to Z stay." },
        Parameter { name: "keep_number", kind: "true or false", default: "true", doc: "Whether 0 to 9 stay." },
        Parameter { name: "keep_punc", kind: "true or false", default: "true", doc: "Whether punctuation stays." },
    ],
    example: "- remove_non_chinese_character_mapper:\n    keep_alphabet: false\n\n数据 data;2 -> 数据 2",
    stats: &[],
    build,
};

const PUNCTUATION: &str = ".， ,-。%《*》/•、&＆(—)（+）：？!！“”·";

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    keep_alphabet: bool,
    keep_number: bool,
    keep_punc: bool,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { keep_alphabet: true, keep_number: true, keep_punc: true }
    }
}

/// Keeps Chinese characters; see [`ENTRY`].
pub struct RemoveNonChineseCharacterMapper {
    common: Common,
    parameters: Parameters,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own: parameters, common, .. } = Arguments::read(&ENTRY, arguments)?;
    Ok(Operator::Mapper(Box::new(RemoveNonChineseCharacterMapper { common, parameters })))
}

impl Mapper for RemoveNonChineseCharacterMapper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn map<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, OpError> {
        let Parameters { keep_alphabet, keep_number, keep_punc } = self.parameters;
        let stays = |character: char| {
            ('\u{4e00}'..='\u{9fa5}').contains(&character)
                || (keep_alphabet && character.is_ascii_alphabetic())
                || (keep_number && character.is_ascii_digit())
                || (keep_punc && PUNCTUATION.contains(character))
        };
        if text.chars().all(stays) {
            return Ok(Cow::Borrowed(text));
        }
        Ok(Cow::Owned(text.chars().filter(|character| stays(*character)).collect()))
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
        assert_eq!(mapped(ENTRY.name, json!({"keep_alphabet": false}), "数据 data;2"), "数据 2");
        assert_eq!(mapped(ENTRY.name, json!({}), "a?b;c:d\ne“f”"), "abcde“f”");
        let none = json!({"keep_alphabet": false, "keep_number": false, "keep_punc": false});
        assert_eq!(mapped(ENTRY.name, none, "一a1， 龥龦"), "一龥");
    }
}
