//! The patterns of CPython 3.11's `html.parser`, matched at a place.

use std::sync::LazyLock;

use fancy_regex::{Captures, Regex};

use crate::error::OpError;
use crate::pattern::translate::translate_re;

/// A pattern that is matched where one looks, not searched for.
pub(super) struct Pattern {
    written: &'static str,
    regex: LazyLock<Option<Regex>>,
}

macro_rules! pattern {
    ($name:ident, $written:expr) => {
        pub(super) static $name: Pattern = Pattern { written: $written, regex: LazyLock::new(|| compile($written)) };
    };
}

pattern!(TAG, r"([a-zA-Z][^\t\n\r\f />\x00]*)(?:\s|/(?!>))*");
pattern!(ATTRIBUTE, r#"((?<=['"\s/])[^\s/>][^\s/=>]*)(\s*=+\s*('[^']*'|"[^"]*"|(?!['"])[^>\s]*))?(?:\s|/(?!>))*"#);
pattern!(
    START,
    r#"<[a-zA-Z][^\t\n\r\f />\x00]*(?:[\s/]*(?:(?<=['"\s/])[^\s/>][^\s/=>]*(?:\s*=+\s*(?:'[^']*'|"[^"]*"|(?!['"])[^>\s]*)\s*)?(?:\s|/(?!>))*)*)?\s*"#
);
pattern!(END, r"</\s*([a-zA-Z][-.a-zA-Z0-9:_]*)\s*>");
pattern!(NUMBER, r"&#(?:[0-9]+|[xX][0-9a-fA-F]+)[^0-9a-fA-F]");
pattern!(NAME, r"&([a-zA-Z][-.a-zA-Z0-9]*)[^a-zA-Z0-9]");
pattern!(SECTION, r"[a-zA-Z][-_.a-zA-Z0-9]*\s*");

fn compile(written: &str) -> Option<Regex> {
    Regex::new(&format!(r"\G(?:{})", translate_re(written).ok()?)).ok()
}

impl Pattern {
    /// The match at a place.
    ///
    /// # Errors
    /// When the engine gives up on this text.
    pub fn at<'t>(&self, text: &'t str, place: usize) -> Result<Option<Captures<'t, str>>, OpError> {
        let Some(regex) = &*self.regex else { return Ok(None) };
        regex
            .captures_from_pos(text, place)
            .map_err(|error| OpError::Pattern { pattern: self.written.to_owned(), cause: error.to_string() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_read() {
        for pattern in [&TAG, &ATTRIBUTE, &START, &END, &NUMBER, &NAME, &SECTION] {
            assert!(pattern.regex.is_some(), "{}", pattern.written);
        }
    }
}
