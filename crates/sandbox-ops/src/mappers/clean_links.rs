//! `clean_links_mapper`: links taken out.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::substitution::{self, Substitution};
use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Mapper, Operator};
use crate::registry::Entry;

mod finder;

use finder::Links;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "clean_links_mapper",
    kind: Kind::Mapper,
    summary: "Take links out, or put something else in their place",
    doc: "The original's own pattern begins with a word and a colon (`https://`, but also `doi:10.1` and `note:see`), with `www.`, or \
          with a domain and a slash; it goes on to white space or a bracket, balanced parentheses included, and gives \
          punctuation at the end back.",
    parameters: substitution::PARAMETERS,
    example: "- clean_links_mapper:\n    repl: <URL>\n\nsee https://example.com/a_(b), or www.example.org. -> see <URL>, or <URL>.",
    stats: &[],
    build,
};

/// The original's own pattern. Its letters without regard to case are written out, as Python sees them.
const PATTERN: &str = "\\b((?:[a-zA-Z\u{130}\u{17f}\u{212a}][\\w-]+:(?:/{1,3}|[a-zA-Z\u{130}\u{17f}\u{212a}0-9%])\
    |[wW]{3}\\d{0,3}[.]\
    |[a-zA-Z\u{130}\u{17f}\u{212a}0-9.\\-]+[.][a-zA-Z\u{130}\u{17f}\u{212a}]{2,4}/)\
    (?:[^\\s()<>]+|\\(([^\\s()<>]+|(\\([^\\s()<>]+\\)))*\\))+\
    (?:\\(([^\\s()<>]+|(\\([^\\s()<>]+\\)))*\\)|[^\\s`!()\\[\\]{};:'\\\".,<>?«»“”‘’]))";

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    pattern: Option<String>,
    repl: String,
}

/// Takes links out; see [`ENTRY`].
pub struct CleanLinksMapper {
    common: Common,
    substitution: Substitution,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own: Parameters { pattern, repl }, common, .. } = Arguments::read(&ENTRY, arguments)?;
    let substitution = Substitution::new(pattern.as_deref(), &repl, PATTERN)?;
    Ok(Operator::Mapper(Box::new(CleanLinksMapper { common, substitution })))
}

impl Mapper for CleanLinksMapper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn map<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, OpError> {
        self.substitution.apply(text, || Links::of(text))
    }
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
        let text = "see https://example.com/a_(b), or www.example.org.";
        assert_eq!(mapped(ENTRY.name, json!({"repl": "<URL>"}), text), "see <URL>, or <URL>.");
        assert_eq!(mapped(ENTRY.name, json!({}), "doi:10.1 note:see 2:3 plain example.com"), "  2:3 plain example.com");
        assert_eq!(mapped(ENTRY.name, json!({"repl": r"[\1]"}), "go to http://x.org/ now"), "go to [http://x.org/] now");
        assert_eq!(mapped(ENTRY.name, json!({"pattern": "ftp://\\S+"}), "ftp://a http://b.c/"), " http://b.c/");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn matches_are_the_patterns(text in prop_oneof![
            "(http://|note:|ab:|www\\.|WwW12\\.|x\\.org/|a|b1|-|\\.|:|/|\\(|\\)|<| |é|,|\u{17f}|İ|%|«|٣|_){0,14}",
            "[aw.:/() -]{0,16}",
            "[ -~\n]{0,60}",
        ]) {
            let regex = Regex::new(PATTERN).unwrap();
            let expected: Vec<_> = regex.find_iter(&text).map(|found| found.range()).collect();
            prop_assert_eq!(Links::of(&text).collect::<Vec<_>>(), expected);
        }
    }
}
