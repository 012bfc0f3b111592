//! What the cleaning mappers share: the original's own pattern found by hand-written code, or the user's by an engine.

use std::borrow::Cow;
use std::ops::Range;

use crate::error::{BuildError, OpError};
use crate::pattern::Replacer;
use crate::registry::Parameter;

/// The parameters of a cleaning mapper.
pub(super) static PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "pattern",
        kind: "regular expression or null",
        default: "null",
        doc: "What to look for instead; Python's syntax, `.` matches line breaks too.",
    },
    Parameter {
        name: "repl",
        kind: "text",
        default: "\"\"",
        doc: "What to put in place of each match; Python's template: `\\1` is the first group.",
    },
];

/// How matches are found and what takes their place.
pub(super) enum Substitution {
    /// The original's own pattern and a replacement without escapes.
    Own(String),
    /// A pattern of the user's, or a replacement with groups.
    Pattern(Box<Replacer>),
}

impl Substitution {
    pub fn new(pattern: Option<&str>, repl: &str, own: &str) -> Result<Self, BuildError> {
        match pattern {
            None if !repl.contains('\\') => Ok(Self::Own(repl.to_owned())),
            pattern => Replacer::new(pattern.unwrap_or(own), repl).map(|replacer| Self::Pattern(Box::new(replacer))),
        }
    }

    /// The text with all matches replaced; `own` finds those of the original's own pattern.
    pub fn apply<'t, M: Iterator<Item = Range<usize>>>(&self, text: &'t str, own: impl FnOnce() -> M) -> Result<Cow<'t, str>, OpError> {
        let repl = match self {
            Self::Own(repl) => repl,
            Self::Pattern(replacer) => return Ok(replacer.replace_all(text)?.map_or(Cow::Borrowed(text), Cow::Owned)),
        };
        let mut out = String::new();
        let mut copied = 0;
        for found in own() {
            out.push_str(&text[copied..found.start]);
            out.push_str(repl);
            copied = found.end;
        }
        if copied == 0 {
            return Ok(Cow::Borrowed(text));
        }
        out.push_str(&text[copied..]);
        Ok(if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) })
    }
}
