//! `punctuation_normalization_mapper`: punctuation of other scripts becomes ASCII.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::edits::Edits;
use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Mapper, Operator};
use crate::registry::Entry;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "punctuation_normalization_mapper",
    kind: Kind::Mapper,
    summary: "Turn typographic and full-width punctuation into ASCII",
    doc: "Thirty-four characters are replaced, each on its own, some by several: U+2014 becomes ` - `, U+2026 becomes `...`. As in \
          the original the full-width digit one (U+FF11) becomes a quotation mark, and U+2018 stays while U+2019 becomes `'`.",
    parameters: &[],
    example: "- punctuation_normalization_mapper:\n\n“好”，yes… -> \"好\",yes...",
    stats: &[],
    build,
};

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {}

/// Turns punctuation into ASCII; see [`ENTRY`].
pub struct PunctuationNormalizationMapper {
    common: Common,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    Ok(Operator::Mapper(Box::new(PunctuationNormalizationMapper { common: arguments.common })))
}

impl Mapper for PunctuationNormalizationMapper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn map<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, OpError> {
        let mut edits = Edits::of(text);
        if text.is_ascii() {
            return Ok(edits.done());
        }
        for (at, character) in text.char_indices() {
            if let Some(replacement) = replacement(character) {
                edits.put(at..at + character.len_utf8(), replacement);
            }
        }
        Ok(edits.done())
    }
}

/// What takes the place of a character, if it is in the original's table.
fn replacement(character: char) -> Option<&'static str> {
    if character.is_ascii() {
        return None;
    }
    Some(match character {
        '，' | '、' => ",",
        '。' => ".",
        '„' | '”' | '“' | '«' | '»' | '１' | '」' | '「' | '《' | '》' => "\"",
        '´' | '’' => "'",
        '∶' | '：' => ":",
        '？' => "?",
        '！' => "!",
        '（' => "(",
        '）' => ")",
        '；' => ";",
        '–' | '━' | '►' => "-",
        '—' => " - ",
        '．' => ". ",
        '～' => "~",
        '…' => "...",
        '〈' => "<",
        '〉' => ">",
        '【' => "[",
        '】' => "]",
        '％' => "%",
        _ => return None,
    })
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
        assert_eq!(mapped(ENTRY.name, json!({}), "“好”，yes…"), "\"好\",yes...");
        assert_eq!(mapped(ENTRY.name, json!({}), "a—b ‘c’ １．"), "a - b ‘c' \". ");
        assert_eq!(mapped(ENTRY.name, json!({}), "plain, é"), "plain, é");
    }

    #[test]
    fn the_table_is_the_assets() {
        let asset: Value = serde_json::from_str(include_str!("../../assets/punctuation_map.json")).unwrap();
        for character in '\0'..=char::MAX {
            let expected = asset["map"].get(character.to_string()).map(|to| to.as_str().unwrap());
            assert_eq!(replacement(character), expected, "{character:?}");
        }
    }
}
