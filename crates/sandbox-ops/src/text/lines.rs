//! Lines as Python's `str.splitlines` cuts them.

use memchr::memchr_iter;

use super::tally::Tally;
use crate::unicode::{LINE_BREAK, classes};

/// How many lines a text has, and how long the longest is.
///
/// A break at the end opens no further line: `""` has none, `"\n"` has one of length 0. CR LF is one break.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Lines {
    /// Lines.
    pub count: usize,
    /// Characters of the longest line, without its break.
    pub longest: usize,
}

impl Lines {
    pub(super) fn of(text: &str, tally: &Tally) -> Self {
        if tally.unusual_breaks { Self::unusual(text) } else { Self::usual(text, tally.is_ascii()) }
    }

    /// Where U+000A is the only break.
    fn usual(text: &str, ascii: bool) -> Self {
        let bytes = text.as_bytes();
        let mut lines = Self::default();
        let mut start = 0;
        let mut add = |line: &[u8]| {
            // A character is a byte that does not go on with the one before.
            let length = if ascii { line.len() } else { line.iter().filter(|byte| **byte & 0xc0 != 0x80).count() };
            lines.count += 1;
            lines.longest = lines.longest.max(length);
        };
        for end in memchr_iter(b'\n', bytes) {
            add(&bytes[start..end]);
            start = end + 1;
        }
        if start < bytes.len() {
            add(&bytes[start..]);
        }
        lines
    }

    fn unusual(text: &str) -> Self {
        let classes = classes();
        let mut lines = Self::default();
        let mut length = 0;
        let mut open = false;
        let mut before = '\0';
        for character in text.chars() {
            if character == '\n' && before == '\r' {
                // The second half of a break.
            } else if classes.is(character, LINE_BREAK) {
                lines.count += 1;
                lines.longest = lines.longest.max(length);
                (length, open) = (0, false);
            } else {
                (length, open) = (length + 1, true);
            }
            before = character;
        }
        lines.count += usize::from(open);
        lines.longest = lines.longest.max(length);
        lines
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn lines(text: &str) -> (usize, usize) {
        let lines = Lines::of(text, &Tally::of(text));
        (lines.count, lines.longest)
    }

    #[test]
    fn as_in_python() {
        assert_eq!(lines(""), (0, 0));
        assert_eq!(lines("\n"), (1, 0));
        assert_eq!(lines("a\n\nbc"), (3, 2));
        assert_eq!(lines("a\r\nbc\r"), (2, 2));
        assert_eq!(lines("\n\r"), (2, 0));
        assert_eq!(lines("\r\r\n\n"), (3, 0));
        assert_eq!(lines("a\u{1c}b\u{1f}c\u{85}d\u{2028}éé\u{2029}"), (4, 3));
    }

    proptest! {
        #[test]
        fn both_ways_agree(text in "[a-cé☃\n]{0,40}") {
            prop_assert_eq!(Lines::unusual(&text), Lines::usual(&text, text.is_ascii()));
        }
    }
}
