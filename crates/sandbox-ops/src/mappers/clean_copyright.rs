//! `clean_copyright_mapper`: notices of copyright at the head of source files taken out.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr2_iter, memmem};
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
    name: "clean_copyright_mapper",
    kind: Kind::Mapper,
    summary: "Take the copyright notice out of source files",
    doc: "If the text has a comment `/* ... */`, wherever it stands, only the first one is looked at: it is cut out if it has \
          the word copyright in any case, else the text stays as it is. A text without such a comment loses its leading \
          lines that begin with `//`, `#` or `--` or are empty, so Markdown headings and preprocessor lines go too.",
    parameters: &[],
    example: "- clean_copyright_mapper:\n\n/* Copyright 2020 */\\nint a; -> \\nint a;\n# by me\\n\\nx = 1 -> x = 1",
    stats: &[],
    build,
};

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {}

/// Takes copyright notices out; see [`ENTRY`].
pub struct CleanCopyrightMapper {
    common: Common,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    Ok(Operator::Mapper(Box::new(CleanCopyrightMapper { common: arguments.common })))
}

impl Mapper for CleanCopyrightMapper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn map<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, OpError> {
        let mut edits = Edits::of(text);
        match first_comment(text) {
            Some(comment) if mentions_copyright(&text.as_bytes()[comment.clone()]) => edits.take(comment),
            Some(_) => {}
            None => match leading_lines(text) {
                0 => {}
                end => edits.take(0..end),
            },
        }
        Ok(edits.done())
    }
}

/// The first match of `/\*[^*]*\*+(?:[^/*][^*]*\*+)*/`: up to the first end after the first beginning.
fn first_comment(text: &str) -> Option<Range<usize>> {
    let start = memmem::find(text.as_bytes(), b"/*")?;
    let end = memmem::find(&text.as_bytes()[start + 2..], b"*/")?;
    Some(start..start + 2 + end + 2)
}

/// `(?i)copyright`, in which Python's `i` is also U+0130.
fn mentions_copyright(comment: &[u8]) -> bool {
    let continues = |rest: &[u8]| {
        let Some((_, after)) = rest.split_at_checked(4).filter(|(before, _)| before.eq_ignore_ascii_case(b"opyr")) else { return false };
        let after = after.strip_prefix(b"i").or_else(|| after.strip_prefix(b"I")).or_else(|| after.strip_prefix("\u{130}".as_bytes()));
        after.and_then(|after| after.get(..3)).is_some_and(|end| end.eq_ignore_ascii_case(b"ght"))
    };
    memchr2_iter(b'c', b'C', comment).any(|at| continues(&comment[at + 1..]))
}

/// Where the first line begins that is neither empty nor a comment.
fn leading_lines(text: &str) -> usize {
    let mut end = 0;
    for line in text.split_inclusive('\n') {
        if !line.starts_with(['#', '\n']) && !line.starts_with("//") && !line.starts_with("--") {
            break;
        }
        end += line.len();
    }
    end
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
        let check = |text: &str, expected: &str| assert_eq!(mapped(ENTRY.name, json!({}), text), expected);
        check("/* Copyright 2020 */\nint a;", "\nint a;");
        check("# by me\n\nx = 1", "x = 1");
        check("// a\nint b; /* c */ /* copyright */", "// a\nint b; /* c */ /* copyright */");
        check("# only\n--\n//", "");
        check(" # indented\n#", " # indented\n#");
        check("\na", "a");
        check("/* open copyright", "/* open copyright");
        check("a /* COPYR\u{130}GHT **/ b", "a  b");
    }

    proptest! {
        #[test]
        fn comments_are_the_patterns(text in r"(/\*|\*/|\*|/|a|\n){0,14}") {
            let regex = Regex::new(r"/\*[^*]*\*+(?:[^/*][^*]*\*+)*/").unwrap();
            prop_assert_eq!(first_comment(&text), regex.find(&text).map(|found| found.range()));
        }

        #[test]
        fn the_word_is_the_patterns(text in "(c|C|copy|R|r|i|I|\u{130}|ght|GHT|copyright){0,9}") {
            let regex = Regex::new("(?i)copyr[i\u{130}]ght").unwrap();
            prop_assert_eq!(mentions_copyright(text.as_bytes()), regex.is_match(&text));
        }
    }
}
