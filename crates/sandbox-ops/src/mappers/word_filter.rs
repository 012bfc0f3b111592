//! Texts word by word: lines, parts between tabs, words between spaces.

use std::borrow::Cow;

use crate::unicode::{SPECIAL, classes};

/// The text with only the words that are wanted. Separators are put together anew, as the original does: one space between
/// words, one tab between parts, one line break between lines, and what has no words left is gone.
pub(super) fn keep_words<'t>(text: &'t str, mut is_wanted: impl FnMut(&str) -> bool) -> Cow<'t, str> {
    let mut out = String::with_capacity(text.len());
    let mut has_line = false;
    for line in text.split('\n') {
        let mut has_part = false;
        for part in line.split('\t') {
            let mut has_word = false;
            for word in part.split(' ').filter(|word| !word.is_empty()) {
                if !is_wanted(word) {
                    continue;
                }
                if has_word {
                    out.push(' ');
                } else if has_part {
                    out.push('\t');
                } else if has_line {
                    out.push('\n');
                }
                out.push_str(word);
                (has_word, has_part, has_line) = (true, true, true);
            }
        }
    }
    if out == text { Cow::Borrowed(text) } else { Cow::Owned(out) }
}

/// A word without the special characters at its ends.
pub(super) fn core(word: &str) -> &str {
    let classes = classes();
    word.trim_matches(|character| classes.is(character, SPECIAL))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_put_together_anew() {
        assert_eq!(keep_words(" a  b\t\tc \n\n d\t ", |_| true), "a b\tc\nd");
        assert_eq!(keep_words("a x\tx\tb\nx\nc", |word| word != "x"), "a\tb\nc");
        assert!(matches!(keep_words("a b\nc\td", |_| true), Cow::Borrowed(_)));
        assert_eq!(core("(a-b)!"), "a-b");
    }
}
