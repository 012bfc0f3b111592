//! The original's link pattern as straight code, in time proportional to the text.
//!
//! The pattern is a head (three alternatives) and a body. Read literally it backtracks, exponentially on hostile input;
//! but each part can be decided by looking once:
//!
//! - The body is a chain of steps, each a character that is not white space, parenthesis or angle bracket, or a
//!   parenthesis with what belongs to it (one level of parentheses inside). There is only one such chain from a place, and
//!   a match ends behind its last step, the first one apart, that is a parenthesis or a character that may end a link:
//!   the longest that greedy repetition can give back to.
//! - `[a-z][\w-]+:` needs the run of `[\w-]` to end at the colon; `[a-z0-9.\-]+[.][a-z]{2,4}/` the run of
//!   `[a-z0-9.\-]` to end at the slash. Where a run ends is found once for all places in it.
//!
//! Before any of that, one search for `:`, `/` and `.` looks at their neighbours: most texts have no head at all.

use std::ops::Range;

use memchr::memchr3_iter;

use crate::unicode::{REGEX_DIGIT, REGEX_SPACE, REGEX_WORD, classes};

/// The matches in a text, from left to right.
pub(super) struct Links<'t> {
    text: &'t str,
    position: usize,
    word_run: Run,
    domain_run: Run,
}

/// A run of characters of one class that was looked at last, and the match that what follows it allows.
#[derive(Default)]
struct Run {
    start: usize,
    end: usize,
    /// Heads that begin before this place may lead to ...
    heads_before: usize,
    /// ... a match that ends here, if there is one.
    match_end: Option<usize>,
}

impl<'t> Links<'t> {
    pub fn of(text: &'t str) -> Self {
        let position = if may_have_head(text) { 0 } else { text.len() };
        Self { text, position, word_run: Run::default(), domain_run: Run::default() }
    }

    /// Where a match that begins at a place ends; `character` stands there, `before` stands before it.
    fn end_of_match(&mut self, start: usize, before: Option<char>, character: char) -> Option<usize> {
        if !is_letter(character) && !matches!(character, '0'..='9' | '.' | '-') {
            return None;
        }
        let is_word = |character: char| classes().is(character, REGEX_WORD);
        if before.is_some_and(is_word) == is_word(character) {
            return None;
        }
        self.scheme(start, character).or_else(|| self.www(start)).or_else(|| self.domain(start))
    }

    /// `[a-z][\w-]+:(?:/{1,3}|[a-z0-9%])` and a body.
    fn scheme(&mut self, start: usize, character: char) -> Option<usize> {
        if !is_letter(character) {
            return None;
        }
        let member = |character| character == '-' || classes().is(character, REGEX_WORD);
        let run = self.word_run.around(self.text, start, member, scheme_from_colon);
        run.match_end.filter(|_| start + character.len_utf8() < run.heads_before)
    }

    /// `www\d{0,3}[.]` and a body.
    fn www(&self, start: usize) -> Option<usize> {
        let rest = &self.text[start..];
        if !rest.as_bytes().first_chunk::<3>()?.eq_ignore_ascii_case(b"www") {
            return None;
        }
        let digits: usize = rest[3..].chars().take(3).take_while(|digit| classes().is(*digit, REGEX_DIGIT)).map(char::len_utf8).sum();
        rest[3 + digits..].starts_with('.').then(|| end_of_body(self.text, start + 3 + digits + 1))?
    }

    /// `[a-z0-9.\-]+[.][a-z]{2,4}/` and a body.
    fn domain(&mut self, start: usize) -> Option<usize> {
        let member = |character| is_letter(character) || matches!(character, '0'..='9' | '.' | '-');
        let run = self.domain_run.around(self.text, start, member, domain_to_slash);
        run.match_end.filter(|_| start < run.heads_before)
    }
}

impl Iterator for Links<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Range<usize>> {
        let mut before = self.text[..self.position].chars().next_back();
        let rest = &self.text[self.position..];
        for (offset, character) in rest.char_indices() {
            let start = self.position + offset;
            if let Some(end) = self.end_of_match(start, before, character) {
                self.position = end;
                return Some(start..end);
            }
            before = Some(character);
        }
        self.position = self.text.len();
        None
    }
}

impl Run {
    /// The run that a place is in, looked at once; `matches` says from its start and end what a match needs.
    fn around(
        &mut self,
        text: &str,
        place: usize,
        member: impl Fn(char) -> bool,
        matches: impl Fn(&str, usize, usize) -> (usize, Option<usize>),
    ) -> &Self {
        if !(self.start..self.end).contains(&place) {
            let rest = &text[place..];
            let end = place + rest.find(|character| !member(character)).unwrap_or(rest.len());
            let (heads_before, match_end) = matches(text, place, end);
            *self = Self { start: place, end, heads_before, match_end };
        }
        self
    }
}

/// `:(?:/{1,3}|[a-z0-9%])` and a body, behind a run of `[\w-]`.
fn scheme_from_colon(text: &str, _: usize, end: usize) -> (usize, Option<usize>) {
    let Some(rest) = text[end..].strip_prefix(':') else { return (end, None) };
    let slashes = rest.bytes().take(3).take_while(|byte| *byte == b'/').count();
    let body = end + 1;
    if slashes > 0 {
        return (end, (1..=slashes).rev().find_map(|slashes| end_of_body(text, body + slashes)));
    }
    let first = rest.chars().next().filter(|first| is_letter(*first) || first.is_ascii_digit() || *first == '%');
    (end, first.and_then(|first| end_of_body(text, body + first.len_utf8())))
}

/// `[.][a-z]{2,4}` at the end of a run of `[a-z0-9.\-]`, and `/` and a body behind it.
fn domain_to_slash(text: &str, start: usize, end: usize) -> (usize, Option<usize>) {
    let Some(dot) = memchr::memrchr(b'.', &text.as_bytes()[start..end]).map(|dot| start + dot) else { return (start, None) };
    let last = &text[dot + 1..end];
    let fits = last.chars().all(is_letter) && (2..=4).contains(&last.chars().take(5).count()) && text[end..].starts_with('/');
    (dot, if fits { end_of_body(text, end + 1) } else { None })
}

/// `[a-z]` without regard to case, as Python sees it.
fn is_letter(character: char) -> bool {
    character.is_ascii_alphabetic() || matches!(character, '\u{130}' | '\u{17f}' | '\u{212a}')
}

/// Where the body that begins at a place ends, if there is one.
fn end_of_body(text: &str, start: usize) -> Option<usize> {
    let mut end = None;
    let mut position = start;
    while let Some(character) = text[position..].chars().next() {
        let (next, may_end) = match character {
            '(' => match end_of_parenthesis(text, position) {
                Some(next) => (next, true),
                None => break,
            },
            _ if !goes_on(character) => break,
            _ => (position + character.len_utf8(), !is_given_back(character)),
        };
        if may_end && position > start {
            end = Some(next);
        }
        position = next;
    }
    end
}

/// Behind the parenthesis that opens at a place, when it closes; it may hold parentheses with at least one character.
fn end_of_parenthesis(text: &str, open: usize) -> Option<usize> {
    let mut inner = None;
    for (offset, character) in text[open + 1..].char_indices() {
        let position = open + 1 + offset;
        match (character, inner) {
            ('(', None) => inner = Some(position),
            (')', None) => return Some(position + 1),
            (')', Some(opened)) if position > opened + 1 => inner = None,
            (character, _) if goes_on(character) => {}
            _ => return None,
        }
    }
    None
}

/// `[^\s()<>]`.
fn goes_on(character: char) -> bool {
    !matches!(character, '(' | ')' | '<' | '>') && !classes().is(character, REGEX_SPACE)
}

/// What goes on but cannot be the last character: ``[`!\[\]{};:'".,?«»“”‘’]``.
fn is_given_back(character: char) -> bool {
    matches!(character, '`' | '!' | '[' | ']' | '{' | '}' | ';' | ':' | '\'' | '"' | '.' | ',' | '?' | '«' | '»' | '“' | '”' | '‘' | '’')
}

/// Whether a head may stand anywhere: false only if there is none.
fn may_have_head(text: &str) -> bool {
    let bytes = text.as_bytes();
    let word = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | 0x80..);
    memchr3_iter(b':', b'/', b'.', bytes).any(|at| {
        let (before, behind) = (&bytes[..at], bytes.get(at + 1).copied().unwrap_or(0));
        match bytes[at] {
            b':' => at >= 2 && word(before[at - 1]) && (behind == b'/' || behind == b'%' || word(behind)),
            b'/' => {
                let letters = before.iter().rev().take(5).take_while(|byte| byte.is_ascii_alphabetic()).count();
                let end = before.len() - letters;
                letters <= 4 && end > 0 && (before[end - 1] >= 0x80 || letters >= 2 && before[end - 1] == b'.')
            }
            _ => {
                let digits = before.iter().rev().take(3).take_while(|byte| byte.is_ascii_digit()).count();
                let rest = &before[..before.len() - digits];
                rest.last().is_some_and(|byte| *byte >= 0x80) || rest.last_chunk::<3>().is_some_and(|www| www.eq_ignore_ascii_case(b"www"))
            }
        }
    })
}
