//! The words of a few lines as Punkt cuts them, and what is to be known of each.

use crate::unicode::lower::push_lower;
use crate::unicode::{ALPHANUMERIC, CASED, REGEX_DIGIT, SPACE, classes, strip};

/// What stands for every number.
pub(super) const NUMBER: &str = "##number##";

/// A word, or a mark on its own.
pub(super) struct Token<'t> {
    pub text: &'t str,
    /// The word in lower case, or [`NUMBER`].
    pub form: String,
    pub is_break: bool,
    pub is_abbreviation: bool,
}

impl<'t> Token<'t> {
    pub fn new(text: &'t str) -> Self {
        let mut form = String::new();
        push_lower(text, &mut form);
        if is_number(&form) {
            NUMBER.clone_into(&mut form);
        }
        Self { text, form, is_break: false, is_abbreviation: false }
    }

    /// The form without a last period.
    pub fn stem(&self) -> &str {
        if self.form.len() > 1 { self.form.strip_suffix('.').unwrap_or(&self.form) } else { &self.form }
    }

    /// The form, without a last period if that ends a sentence.
    pub fn stem_if_break(&self) -> &str {
        if self.is_break { self.stem() } else { &self.form }
    }

    /// Two periods or more, and nothing else.
    pub fn is_ellipsis(&self) -> bool {
        self.text.len() > 1 && self.text.bytes().all(|byte| byte == b'.')
    }

    /// One letter and a period.
    pub fn is_initial(&self) -> bool {
        let mut letters = self.text.chars();
        letters.next().is_some_and(is_letter) && letters.as_str() == "."
    }

    pub fn starts_upper(&self) -> bool {
        // The second test keeps characters out that are younger than the Unicode of the original.
        self.text.chars().next().is_some_and(|first| first.is_uppercase() && classes().is(first, CASED))
    }

    pub fn starts_lower(&self) -> bool {
        self.text.chars().next().is_some_and(|first| first.is_lowercase() && classes().is(first, CASED))
    }
}

/// `[^\W\d]` of Python.
fn is_letter(character: char) -> bool {
    character == '_' || classes().of(character) & (ALPHANUMERIC | REGEX_DIGIT) == ALPHANUMERIC
}

/// `-?[\.,]?\d[\d,\.-]*\.?` of Python.
fn is_number(form: &str) -> bool {
    let is_digit =
        |character: char| character.is_ascii_digit() || classes().of(character) & REGEX_DIGIT != 0 && classes().is(character, ALPHANUMERIC);
    let rest = form.strip_prefix('-').unwrap_or(form);
    let rest = rest.strip_prefix(['.', ',']).unwrap_or(rest);
    rest.starts_with(is_digit) && rest.chars().all(|character| is_digit(character) || matches!(character, ',' | '.' | '-'))
}

/// The tokens of a text, line by line.
pub(super) fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    text.split('\n').filter(|line| !strip(line).is_empty()).flat_map(|rest| Words { rest }).map(Token::new)
}

struct Words<'t> {
    rest: &'t str,
}

impl<'t> Iterator for Words<'t> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        self.rest = self.rest.trim_start_matches(is_space);
        let first = self.rest.chars().next()?;
        let length = marks(self.rest).unwrap_or_else(|| if starts_word(first) { word(self.rest) } else { first.len_utf8() });
        let (token, rest) = self.rest.split_at(length);
        self.rest = rest;
        Some(token)
    }
}

/// The length of `\-{2,}|\.{2,}|(?:\.\s){2,}\.` at the start of a text.
fn marks(text: &str) -> Option<usize> {
    let first = text.bytes().next().filter(|byte| matches!(byte, b'-' | b'.'))?;
    let run = text.bytes().take_while(|byte| *byte == first).count();
    if run > 1 {
        return Some(run);
    }
    if first == b'-' {
        return None;
    }
    // Where the last period stands that a period and white space precede twice.
    let (mut end, mut pairs, mut found) = (0, 0, None);
    while let Some(rest) = text[end..].strip_prefix('.') {
        if pairs > 1 {
            found = Some(end + 1);
        }
        let Some(space) = rest.chars().next().filter(|next| is_space(*next)) else { break };
        end += 1 + space.len_utf8();
        pairs += 1;
    }
    found
}

/// Whether [`marks`] finds something, without looking for its end.
fn starts_marks(text: &str) -> bool {
    let spaced = |text: &str| {
        let mut rest = text;
        for _ in 0..2 {
            let mut characters = rest.chars();
            if characters.next() != Some('.') || !characters.next().is_some_and(is_space) {
                return false;
            }
            rest = characters.as_str();
        }
        rest.starts_with('.')
    };
    text.starts_with("--") || text.starts_with("..") || spaced(text)
}

/// The length of a word, at least its first character: up to where white space or a mark ends it.
fn word(text: &str) -> usize {
    let ends = |rest: &str, character: char| is_space(character) || ends_word(character) || starts_marks(rest);
    for (position, character) in text.char_indices().skip(1) {
        let rest = &text[position..];
        if ends(rest, character) {
            return position;
        }
        if let Some(after) = rest.strip_prefix(',')
            && after.chars().next().is_none_or(|next| ends(after, next))
        {
            return position;
        }
    }
    text.len()
}

fn starts_word(character: char) -> bool {
    !matches!(character, '(' | '"' | '`' | '{' | '[' | ':' | ';' | '&' | '#' | '*' | '@' | ')' | '}' | ']' | '-' | ',')
}

/// What never stands within a word.
pub(super) fn ends_word(character: char) -> bool {
    matches!(character, ')' | '"' | ';' | '}' | ']' | '*' | ':' | '@' | '\'' | '(' | '{' | '[' | '?' | '!')
}

pub(super) fn is_space(character: char) -> bool {
    if character.is_ascii() { matches!(character, ' ' | '\t'..='\r' | '\x1c'..='\x1f') } else { classes().is(character, SPACE) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_punkts() {
        let words = |text| tokens(text).map(|token| token.text.to_owned()).collect::<Vec<_>>().join("|");
        assert_eq!(words("Hello, world: (a.b) it's 5,000."), "Hello|,|world|:|(|a.b|)|it|'s|5,000.");
        assert_eq!(words("wait... no -- -x . . . y. z --"), "wait|...|no|--|-|x|. . .|y.|z|--");
        assert_eq!(words(". . x . . .. .\u{a0}.\u{3000}.\u{3000}."), ".|.|x|. . .|. .\u{a0}.\u{3000}.\u{3000}.");
        assert_eq!(words("a,b, c,\"d,\n\ne"), "a,b|,|c|,|\"|d|,|e");
    }

    #[test]
    fn numbers_have_one_form() {
        for (text, form) in [("5.", NUMBER), ("-1,000.5", NUMBER), (".5-", NUMBER), ("٣", NUMBER), ("5a", "5a"), ("--5", "--5"), ("²", "²")]
        {
            assert_eq!(Token::new(text).form, form);
        }
    }
}
