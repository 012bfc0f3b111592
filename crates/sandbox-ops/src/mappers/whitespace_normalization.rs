//! `whitespace_normalization_mapper`: white space of many kinds becomes U+0020.

use std::borrow::Cow;

use memchr::memchr;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Mapper, Operator};
use crate::registry::Entry;
use crate::unicode::strip;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "whitespace_normalization_mapper",
    kind: Kind::Mapper,
    summary: "Turn white space of many kinds into plain spaces",
    doc: "White space at both ends is taken off. Inside, U+0009, U+0020, U+0084, U+00A0, U+2000 to U+200D, U+202F, U+205F, \
          U+2060, U+3000 and U+FFFC each become one U+0020. Line breaks stay, and runs of spaces stay as long as they are.",
    parameters: &[],
    example: "- whitespace_normalization_mapper:\n\n\\ta\\u00a0b\\u3000\\u3000c\\nd -> a b  c\\nd",
    stats: &[],
    build,
};

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {}

/// Turns white space of many kinds into plain spaces; see [`ENTRY`].
pub struct WhitespaceNormalizationMapper {
    common: Common,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    Ok(Operator::Mapper(Box::new(WhitespaceNormalizationMapper { common: arguments.common })))
}

impl Mapper for WhitespaceNormalizationMapper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn map<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, OpError> {
        let stripped = strip(text);
        let first = if stripped.is_ascii() { memchr(b'\t', stripped.as_bytes()) } else { stripped.find(becomes_space) };
        let Some(first) = first else {
            return Ok(if stripped.len() == text.len() { Cow::Borrowed(text) } else { Cow::Owned(stripped.to_owned()) });
        };
        let (before, rest) = stripped.split_at(first);
        let mut out = String::with_capacity(stripped.len());
        out.push_str(before);
        out.extend(rest.chars().map(|character| if becomes_space(character) { ' ' } else { character }));
        Ok(Cow::Owned(out))
    }
}

/// The original's set without U+0020, which is what it becomes.
fn becomes_space(character: char) -> bool {
    matches!(
        character,
        '\t' | '\u{84}' | '\u{a0}' | '\u{2000}'..='\u{200d}' | '\u{202f}' | '\u{205f}' | '\u{2060}' | '\u{3000}' | '\u{fffc}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::testing::{check_parameters, mapped};

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
    }

    #[test]
    fn example() {
        assert_eq!(mapped(ENTRY.name, json!({}), "\ta\u{a0}b\u{3000}\u{3000}c\nd"), "a b  c\nd");
        assert_eq!(mapped(ENTRY.name, json!(null), "a\u{85}\r\u{1680}b \u{1f}"), "a\u{85}\r\u{1680}b");
        assert_eq!(mapped(ENTRY.name, json!({}), "a\tb"), "a b");
    }

    #[test]
    fn the_set_is_the_assets() {
        let asset: Value = serde_json::from_str(include_str!("../../assets/various_whitespaces.json")).unwrap();
        let members: Vec<u64> = asset["members"].as_array().unwrap().iter().map(|member| member[0].as_u64().unwrap()).collect();
        for character in '\0'..=char::MAX {
            assert_eq!(becomes_space(character) || character == ' ', members.contains(&u64::from(character)), "{character:?}");
        }
    }

    proptest! {
        #[test]
        fn twice_is_once_and_borrowed_means_unchanged(text in "([a-c \t\n]|\u{a0}|\u{3000}|\u{85}|é|\\PC){0,30}") {
            let Operator::Mapper(mapper) = build(&json!({})).unwrap() else { panic!() };
            let once = mapper.map(&text).unwrap();
            prop_assert_eq!(matches!(once, Cow::Borrowed(_)), *once == text);
            // A space made at an end is taken off only by the second time.
            let twice = mapper.map(&once).unwrap();
            prop_assert!(matches!(mapper.map(&twice).unwrap(), Cow::Borrowed(_)));
        }
    }
}
