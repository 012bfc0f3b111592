//! `clean_email_mapper`: email addresses taken out.

use std::borrow::Cow;
use std::ops::Range;

use memchr::memchr_iter;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::substitution::{self, Substitution};
use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Mapper, Operator};
use crate::registry::Entry;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "clean_email_mapper",
    kind: Kind::Mapper,
    summary: "Take email addresses out, or put something else in their place",
    doc: "The original's own pattern is `[A-Za-z0-9.\\-+_]+@[a-z0-9.\\-+_]+\\.[a-z]+`; only lower-case domains match.",
    parameters: substitution::PARAMETERS,
    example: "- clean_email_mapper:\n    repl: <EMAIL>\n\nwrite to j.doe@example.com now -> write to <EMAIL> now",
    stats: &[],
    build,
};

/// The original's own pattern.
const PATTERN: &str = r"[A-Za-z0-9.\-+_]+@[a-z0-9.\-+_]+\.[a-z]+";

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    pattern: Option<String>,
    repl: String,
}

/// Takes email addresses out; see [`ENTRY`].
pub struct CleanEmailMapper {
    common: Common,
    substitution: Substitution,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own: Parameters { pattern, repl }, common, .. } = Arguments::read(&ENTRY, arguments)?;
    let substitution = Substitution::new(pattern.as_deref(), &repl, PATTERN)?;
    Ok(Operator::Mapper(Box::new(CleanEmailMapper { common, substitution })))
}

impl Mapper for CleanEmailMapper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn map<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, OpError> {
        self.substitution.apply(text, || addresses(text))
    }
}

/// The matches of the original's own pattern.
///
/// The name before an `@` is the whole run of its characters; the domain is the run after it, cut behind the letters
/// that follow its last dot with letters behind it.
fn addresses(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut free = 0;
    memchr_iter(b'@', bytes).filter_map(move |at| {
        let before = bytes.get(free..at)?;
        let name = before.iter().rev().take_while(|byte| is_domain(byte.to_ascii_lowercase())).count();
        let domain = &bytes[at + 1..];
        let domain = &domain[..domain.iter().take_while(|byte| is_domain(**byte)).count()];
        let dot = domain.windows(2).rposition(|pair| pair[0] == b'.' && pair[1].is_ascii_lowercase()).filter(|dot| *dot > 0)?;
        if name == 0 {
            return None;
        }
        let letters = domain[dot + 1..].iter().take_while(|byte| byte.is_ascii_lowercase()).count();
        free = at + 1 + dot + 1 + letters;
        Some(at - name..free)
    })
}

fn is_domain(byte: u8) -> bool {
    matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'.' | b'-' | b'+' | b'_')
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
        assert_eq!(mapped(ENTRY.name, json!({"repl": "<EMAIL>"}), "write to j.doe@example.com now"), "write to <EMAIL> now");
        assert_eq!(mapped(ENTRY.name, json!({}), "JANE@EXAMPLE.COM JANE@example.com!"), "JANE@EXAMPLE.COM !");
        assert_eq!(mapped(ENTRY.name, json!({"repl": r"<\g<0>>"}), "a@b.c1@d.ef"), "<a@b.c><1@d.ef>");
        assert_eq!(mapped(ENTRY.name, json!({"pattern": "r'([a-z]+)@'", "repl": r"\1 at "}), "jane@x.org"), "jane at x.org");
    }

    proptest! {
        #[test]
        fn matches_are_the_patterns(text in "([aZ0.@_+é -]|@[a-z]{1,2}\\.[a-z]{1,2}|[a-z]\\.){0,24}") {
            let regex = Regex::new(PATTERN).unwrap();
            let expected: Vec<_> = regex.find_iter(&text).map(|found| found.range()).collect();
            prop_assert_eq!(addresses(&text).collect::<Vec<_>>(), expected);
        }
    }
}
