//! `clean_ip_mapper`: IP addresses taken out.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr2_iter;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::substitution::{self, Substitution};
use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Mapper, Operator};
use crate::registry::Entry;
use crate::unicode::{REGEX_DIGIT, classes};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "clean_ip_mapper",
    kind: Kind::Mapper,
    summary: "Take IP addresses out, or put something else in their place",
    doc: "Addresses are four numbers from 0 to 255 with dots between them, or eight groups of one to four hexadecimal digits \
          with colons between them. What stands before and after does not matter, as in the original: 256.1.1.1 loses \
          56.1.1.1, and 1.2.3.4.5 leaves .5. Short forms such as ::1 are no addresses to it.",
    parameters: substitution::PARAMETERS,
    example: "- clean_ip_mapper:\n    repl: <IP>\n\nping 192.168.0.1 twice -> ping <IP> twice",
    stats: &[],
    build,
};

/// The original's own pattern.
const PATTERN: &str = r"(?:(?:1[0-9][0-9]\.)|(?:2[0-4][0-9]\.)|(?:25[0-5]\.)|(?:[1-9][0-9]\.)|(?:[0-9]\.)){3}(?:(?:1[0-9][0-9])|(?:2[0-4][0-9])|(?:25[0-5])|(?:[1-9][0-9])|(?:[0-9]))|([\da-fA-F]{1,4}:){7}[\da-fA-F]{1,4}";

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    pattern: Option<String>,
    repl: String,
}

/// Takes IP addresses out; see [`ENTRY`].
pub struct CleanIpMapper {
    common: Common,
    substitution: Substitution,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own: Parameters { pattern, repl }, common, .. } = Arguments::read(&ENTRY, arguments)?;
    let substitution = Substitution::new(pattern.as_deref(), &repl, PATTERN)?;
    Ok(Operator::Mapper(Box::new(CleanIpMapper { common, substitution })))
}

impl Mapper for CleanIpMapper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn map<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, OpError> {
        self.substitution.apply(text, || addresses(text))
    }
}

/// The matches of the original's own pattern, each found at its first dot or colon.
fn addresses(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut free = 0;
    memchr2_iter(b'.', b':', bytes).filter_map(move |at| {
        let before = text.get(free..at).filter(|before| !before.is_empty())?;
        let (length, rest) = if bytes[at] == b'.' {
            (last_number(before.as_bytes())?, dotted(&bytes[at + 1..])?)
        } else {
            let group: usize = before.chars().rev().take(4).take_while(|character| is_hexadecimal(*character)).map(char::len_utf8).sum();
            (Some(group).filter(|group| *group > 0)?, with_colons(&text[at + 1..])?)
        };
        free = at + 1 + rest;
        Some(at - length..free)
    })
}

/// How many bytes at the end are a number up to 255.
fn last_number(before: &[u8]) -> Option<usize> {
    (1..=3).rev().find(|length| before.len().checked_sub(*length).is_some_and(|start| number(&before[start..]) == Some(*length)))
}

/// How many bytes at the beginning are a number up to 255, as many as can be.
fn number(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'1', b'0'..=b'9', b'0'..=b'9', ..] | [b'2', b'0'..=b'4', b'0'..=b'9', ..] | [b'2', b'5', b'0'..=b'5', ..] => Some(3),
        [b'1'..=b'9', b'0'..=b'9', ..] => Some(2),
        [b'0'..=b'9', ..] => Some(1),
        _ => None,
    }
}

/// The length of three numbers with dots between them.
fn dotted(bytes: &[u8]) -> Option<usize> {
    let mut end = 0;
    for part in 0..3 {
        if part > 0 {
            bytes.get(end).filter(|byte| **byte == b'.')?;
            end += 1;
        }
        end += number(&bytes[end..])?;
    }
    Some(end)
}

/// The length of seven groups of hexadecimal digits with colons between them.
fn with_colons(text: &str) -> Option<usize> {
    let mut end = 0;
    for part in 0..7 {
        if part > 0 {
            text.as_bytes().get(end).filter(|byte| **byte == b':')?;
            end += 1;
        }
        let group: usize = text[end..].chars().take(4).take_while(|character| is_hexadecimal(*character)).map(char::len_utf8).sum();
        end += Some(group).filter(|group| *group > 0)?;
    }
    Some(end)
}

/// `[\da-fA-F]`, in which `\d` is any script's digit.
fn is_hexadecimal(character: char) -> bool {
    character.is_ascii_hexdigit() || !character.is_ascii() && classes().is(character, REGEX_DIGIT)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;
    use serde_json::json;

    use super::*;
    use crate::testing::{check_parameters, mapped};

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
    }

    #[test]
    fn example() {
        assert_eq!(mapped(ENTRY.name, json!({"repl": "<IP>"}), "ping 192.168.0.1 twice"), "ping <IP> twice");
        assert_eq!(mapped(ENTRY.name, json!({}), "256.1.1.1 1.2.3.4.5 1.2.3"), "2 .5 1.2.3");
        assert_eq!(mapped(ENTRY.name, json!({}), "2001:db8:85a3:0:0:8a2e:370:7334, ::1"), ", ::1");
        assert_eq!(mapped(ENTRY.name, json!({"repl": r"[\1]"}), "1:2:3:4:5:6:7:8 1.1.1.1"), "[7:] []");
        assert_eq!(mapped(ENTRY.name, json!({"pattern": r"\d+"}), "1.2"), ".");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]
        #[test]
        fn matches_are_the_patterns(text in prop_oneof![
            "(0|1|2|5|9|25|249|255|256|\\.|\\.|\\.){0,24}",
            "([0-9]{1,3}\\.){3,5}[0-9.]{0,4}",
            "((a|F|0|9|g|٣|é|12|ab)?[0-9a-f٣]{0,3}:){5,12}(a|F|0|9|g|٣|:|\\.|1\\.1\\.1\\.1){0,6}",
        ]) {
            let regex = Regex::new(PATTERN).unwrap();
            let expected: Vec<_> = regex.find_iter(&text).map(|found| found.range()).collect();
            prop_assert_eq!(addresses(&text).collect::<Vec<_>>(), expected);
        }
    }
}
