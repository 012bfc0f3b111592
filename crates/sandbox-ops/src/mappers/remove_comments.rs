//! `remove_comments_mapper`: comments of LaTeX texts taken out.

use std::borrow::Cow;

use memchr::{memchr, memchr_iter};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::edits::{Edits, then};
use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Mapper, Operator};
use crate::registry::{Entry, Parameter};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "remove_comments_mapper",
    kind: Kind::Mapper,
    summary: "Take comments out of LaTeX texts",
    doc: "Inline: from the character before a `%` to the end of the line, unless that character is a backslash or nothing follows \
          the `%`. As in the original that character goes too, be it a letter or the line break before a line of comment. \
          Multiline: then lines that begin with `%` go, with their line breaks.",
    parameters: &[
        Parameter { name: "doc_type", kind: "text", default: "\"tex\"", doc: "Has no effect: the only kind is `tex`." },
        Parameter { name: "inline", kind: "true or false", default: "true", doc: "Take out comments behind text." },
        Parameter { name: "multiline", kind: "true or false", default: "true", doc: "Take out lines that are comments." },
    ],
    example: "- remove_comments_mapper:\n\n%one\\ntwo %three\\n50\\% four -> two\\n50\\% four",
    stats: &[],
    build,
};

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    doc_type: String,
    inline: bool,
    multiline: bool,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { doc_type: "tex".to_owned(), inline: true, multiline: true }
    }
}

/// Takes comments out; see [`ENTRY`].
pub struct RemoveCommentsMapper {
    common: Common,
    inline: bool,
    multiline: bool,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own: Parameters { inline, multiline, .. }, common, .. } = Arguments::read(&ENTRY, arguments)?;
    Ok(Operator::Mapper(Box::new(RemoveCommentsMapper { common, inline, multiline })))
}

impl Mapper for RemoveCommentsMapper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn map<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, OpError> {
        let text = if self.inline { without_inline(text) } else { Cow::Borrowed(text) };
        Ok(if self.multiline { then(text, without_lines) } else { text })
    }
}

/// `(?m)[^\\]%.+$` taken out.
fn without_inline(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut edits = Edits::of(text);
    let mut free = 0;
    for at in memchr_iter(b'%', bytes) {
        let before = text.get(free..at).and_then(|before| before.chars().next_back());
        let Some(before) = before.filter(|before| *before != '\\') else { continue };
        if bytes.get(at + 1).is_none_or(|next| *next == b'\n') {
            continue;
        }
        free = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length);
        edits.take(at - before.len_utf8()..free);
    }
    edits.done()
}

/// `(?m)^%.*\n?` taken out.
fn without_lines(text: &str) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut edits = Edits::of(text);
    let mut free = 0;
    for at in memchr_iter(b'%', bytes) {
        if at >= free && (at == 0 || bytes[at - 1] == b'\n') {
            free = memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length + 1);
            edits.take(at..free);
        }
    }
    edits.done()
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
        assert_eq!(mapped(ENTRY.name, json!({}), "%one\ntwo %three\n50\\% four"), "two\n50\\% four");
        assert_eq!(mapped(ENTRY.name, json!({}), "a\n%joins\nb"), "a\nb");
        assert_eq!(mapped(ENTRY.name, json!({"inline": false}), "a%b\n%c\n%"), "a%b\n");
        assert_eq!(mapped(ENTRY.name, json!({"multiline": false}), "%a\nb%\nc%d"), "%a\nb%\n");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn both_are_the_patterns(text in "(%|%|\n|a|é|\\\\|\r){0,20}") {
            let replaced = |pattern, text: &str| Regex::new(pattern).unwrap().replace_all(text, "").into_owned();
            prop_assert_eq!(without_inline(&text).into_owned(), replaced(r"(?m)[^\\]%.+$", &text));
            prop_assert_eq!(without_lines(&text).into_owned(), replaced(r"(?m)^%.*\n?", &text));
        }
    }
}
