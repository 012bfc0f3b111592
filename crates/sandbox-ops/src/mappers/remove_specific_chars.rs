//! `remove_specific_chars_mapper`: some characters taken out.

use std::borrow::Cow;
use std::collections::HashSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::{Arguments, OneOrMany};
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Mapper, Operator};
use crate::pattern::Replacer;
use crate::registry::{Entry, Parameter};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "remove_specific_chars_mapper",
    kind: Kind::Mapper,
    summary: "Take some characters out",
    doc: "As in the original the characters become a class of a regular expression, joined with `|`: with two or more of them `|` \
          goes too, a `^` in the first place means all others, and `]`, `-` and `\\` have their meaning in a class.",
    parameters: &[Parameter {
        name: "chars_to_remove",
        kind: "text or list of texts, or null",
        default: "\"◆●■►▼▲▴∆▻▷❖♡□\"",
        doc: "The characters, one after the other or as a list; none: nothing changes.",
    }],
    example: "- remove_specific_chars_mapper:\n    chars_to_remove: aeiou\n\nso few vowels -> s fw vwls",
    stats: &[],
    build,
};

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    chars_to_remove: Option<OneOrMany<String>>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { chars_to_remove: Some(OneOrMany::One("◆●■►▼▲▴∆▻▷❖♡□".to_owned())) }
    }
}

/// Takes characters out; see [`ENTRY`].
pub struct RemoveSpecificCharsMapper {
    common: Common,
    unwanted: Unwanted,
}

enum Unwanted {
    Nothing,
    These(HashSet<char>),
    Class(Box<Replacer>),
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own: Parameters { chars_to_remove }, common, .. } = Arguments::read(&ENTRY, arguments)?;
    let items: Vec<String> = match chars_to_remove {
        None => Vec::new(),
        Some(OneOrMany::One(text)) => text.chars().map(String::from).collect(),
        Some(OneOrMany::Many(items)) => items,
    };
    let joined = items.join("|");
    let unwanted = if joined.is_empty() {
        Unwanted::Nothing
    } else if joined.contains(['[', ']', '\\', '-', '^', '&', '~']) {
        // `[` and doubled signs mean nothing more in the original's classes.
        let class = format!("[{}]", joined.replace('[', "\\[").replace('&', "\\&").replace('~', "\\~"));
        let replacer = Replacer::deleter("chars_to_remove", &class)?;
        Unwanted::Class(Box::new(replacer))
    } else {
        Unwanted::These(joined.chars().collect())
    };
    Ok(Operator::Mapper(Box::new(RemoveSpecificCharsMapper { common, unwanted })))
}

impl Mapper for RemoveSpecificCharsMapper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn map<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, OpError> {
        match &self.unwanted {
            Unwanted::Nothing => Ok(Cow::Borrowed(text)),
            Unwanted::These(characters) if !text.chars().any(|character| characters.contains(&character)) => Ok(Cow::Borrowed(text)),
            Unwanted::These(characters) => Ok(Cow::Owned(text.chars().filter(|character| !characters.contains(character)).collect())),
            Unwanted::Class(replacer) => Ok(replacer.replace_all(text)?.filter(|new| new != text).map_or(Cow::Borrowed(text), Cow::Owned)),
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
        assert_eq!(mapped(ENTRY.name, json!({"chars_to_remove": "aeiou"}), "so few vowels"), "s fw vwls");
        assert_eq!(mapped(ENTRY.name, json!({}), "◆ one ● two"), " one  two");
        assert_eq!(mapped(ENTRY.name, json!({"chars_to_remove": ["ab", "c"]}), "a|b|c|d"), "d");
        assert_eq!(mapped(ENTRY.name, json!({"chars_to_remove": "a"}), "a|b"), "|b");
        assert_eq!(mapped(ENTRY.name, json!({"chars_to_remove": ["^a"]}), "abca"), "aa");
        assert_eq!(mapped(ENTRY.name, json!({"chars_to_remove": ["a-c"]}), "a-bcd"), "-d");
        assert_eq!(mapped(ENTRY.name, json!({"chars_to_remove": "[x"}), "[x]|y"), "]y");
        for nothing in [json!(""), json!(null), json!([])] {
            assert_eq!(mapped(ENTRY.name, json!({"chars_to_remove": nothing}), "a|b"), "a|b");
        }
    }
}
