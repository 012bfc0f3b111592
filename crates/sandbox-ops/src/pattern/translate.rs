//! Python's patterns in the words of the engine used here.

use std::fmt::Write;
use std::iter::Peekable;
use std::str::Chars;

use crate::unicode::{ALPHANUMERIC, REGEX_DIGIT, REGEX_WORD, SPACE, ranges};

/// A pattern of Python's `regex` module (version 0 behaviour) as `fancy-regex` reads it.
///
/// | in Python | here |
/// | --- | --- |
/// | `\Z` is the very end; `$` the end or before a last line feed | `\z`, and the same in full |
/// | `\w`, `\d` of its own Unicode version | the same code points, listed |
/// | `[[a]`, `[a&&b]`, `[a~~b]` are plain characters | escaped |
/// | `[[:alpha:]]` knows Unicode | the Unicode property |
/// | `\<`, `\>`, `\/` ... are the characters themselves | written so |
/// | `\h` is horizontal white space, `[\b]` a backspace, `\g<1>` a back-reference | written so |
/// | `i` without regard to case is also U+0130 | a class of them |
///
/// `\b`, `\p{..}` and the POSIX classes keep the engine's version of Unicode, which lacks some thousand code points of the newest.
///
/// # Errors
/// When a class has no end, or the pattern ends in a backslash; the cause in words.
pub fn translate(pattern: &str) -> Result<String, String> {
    translate_as(pattern, false)
}

/// A pattern of Python's own `re` module as `fancy-regex` reads it: as [`translate`], but `\s` counts U+001C to U+001F,
/// `\w` is what `str.isalnum` and `_` are, and there are no POSIX classes.
///
/// # Errors
/// As for [`translate`].
pub fn translate_re(pattern: &str) -> Result<String, String> {
    translate_as(pattern, true)
}

fn translate_as(pattern: &str, is_re: bool) -> Result<String, String> {
    let mut translation = Translation {
        rest: pattern.chars().peekable(),
        out: String::with_capacity(pattern.len() + 16),
        ignore_case: has_flag(pattern, 'i'),
        multiline: has_flag(pattern, 'm'),
        is_re,
    };
    translation.run()?;
    Ok(translation.out)
}

struct Translation<'p> {
    rest: Peekable<Chars<'p>>,
    out: String,
    ignore_case: bool,
    multiline: bool,
    /// Whether it is one of the `re` module.
    is_re: bool,
}

/// One member of a class.
enum Member {
    Character(char),
    /// Already in the engine's words.
    Set(String),
}

impl Translation<'_> {
    fn run(&mut self) -> Result<(), String> {
        while let Some(character) = self.rest.next() {
            match character {
                '\\' => self.escape()?,
                '[' => self.class()?,
                '$' if !self.multiline => self.out.push_str(r"(?:\z|(?=\n\z))"),
                '(' => self.group(),
                other => self.literal_or_operator(other),
            }
        }
        Ok(())
    }

    fn literal_or_operator(&mut self, character: char) {
        match character {
            'i' | 'I' | '\u{130}' if self.ignore_case => self.out.push_str("[i\u{130}]"),
            other => self.out.push(other),
        }
    }

    /// What follows an opening bracket, up to where the pattern proper goes on: names and flags are no literals.
    fn group(&mut self) {
        self.out.push('(');
        if self.rest.peek() != Some(&'?') {
            return;
        }
        let mut before = '(';
        for character in self.rest.by_ref() {
            self.out.push(character);
            let reference = character == '=' && before == 'P';
            if matches!(character, ')' | ':' | '>' | '=' | '!' | '|' | '(') && !reference {
                break;
            }
            before = character;
        }
    }

    fn escape(&mut self) -> Result<(), String> {
        let Some(character) = self.rest.next() else { return Err("it ends with a single backslash".to_owned()) };
        match character {
            'Z' => self.out.push_str(r"\z"),
            's' if self.is_re => listed(&mut self.out, "[", SPACE, "]"),
            'S' if self.is_re => listed(&mut self.out, "[^", SPACE, "]"),
            'w' if self.is_re => listed(&mut self.out, "[_", ALPHANUMERIC, "]"),
            'W' if self.is_re => listed(&mut self.out, "[^_", ALPHANUMERIC, "]"),
            'w' => listed(&mut self.out, "[", REGEX_WORD, "]"),
            'W' => listed(&mut self.out, "[^", REGEX_WORD, "]"),
            'd' => listed(&mut self.out, "[", REGEX_DIGIT, "]"),
            'D' => listed(&mut self.out, "[^", REGEX_DIGIT, "]"),
            'h' => self.out.push_str(r"[\t\p{Zs}]"),
            'g' => self.out.push_str(r"\k"),
            letter if letter.is_ascii_alphanumeric() => {
                self.out.push('\\');
                self.out.push(letter);
                self.braces_or_name(letter);
            }
            other => plain(&mut self.out, other),
        }
        Ok(())
    }

    /// Copies what belongs to an escape: `{...}` of `\p{L}`, `<...>` of `\k<name>`.
    fn braces_or_name(&mut self, letter: char) {
        let close = match (letter, self.rest.peek()) {
            ('p' | 'P' | 'x' | 'u' | 'U', Some('{')) => '}',
            ('k', Some('<')) => '>',
            _ => return,
        };
        for character in self.rest.by_ref() {
            self.out.push(character);
            if character == close {
                break;
            }
        }
    }

    /// A class in square brackets, whose opening one has been read.
    fn class(&mut self) -> Result<(), String> {
        self.out.push('[');
        if self.rest.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        let mut first = true;
        let mut has_i = false;
        loop {
            let character = self.rest.next().ok_or("a class in `[` has no `]`")?;
            if character == ']' && !first {
                break;
            }
            first = false;
            match self.member(character)? {
                Member::Set(set) => self.out.push_str(&set),
                Member::Character(from) => {
                    let to = self.range_end()?.unwrap_or(from);
                    has_i |= ['i', 'I', '\u{130}'].iter().any(|i| (from..=to).contains(i));
                    plain(&mut self.out, from);
                    if to != from {
                        self.out.push('-');
                        plain(&mut self.out, to);
                    }
                }
            }
        }
        if has_i && self.ignore_case {
            self.out.push_str("i\u{130}");
        }
        self.out.push(']');
        Ok(())
    }

    fn member(&mut self, character: char) -> Result<Member, String> {
        match character {
            '[' if !self.is_re && self.rest.peek() == Some(&':') => Ok(self.posix().map_or(Member::Character('['), Member::Set)),
            '\\' => {
                let escaped = self.rest.next().ok_or("it ends with a single backslash")?;
                Ok(self.escaped_member(escaped))
            }
            other => Ok(Member::Character(other)),
        }
    }

    fn escaped_member(&mut self, escaped: char) -> Member {
        let mut set = String::new();
        match escaped {
            's' if self.is_re => listed(&mut set, "", SPACE, ""),
            'S' if self.is_re => listed(&mut set, "[^", SPACE, "]"),
            'w' if self.is_re => listed(&mut set, "_", ALPHANUMERIC, ""),
            'W' if self.is_re => listed(&mut set, "[^_", ALPHANUMERIC, "]"),
            'w' => listed(&mut set, "", REGEX_WORD, ""),
            'W' => listed(&mut set, "[^", REGEX_WORD, "]"),
            'd' => listed(&mut set, "", REGEX_DIGIT, ""),
            'D' => listed(&mut set, "[^", REGEX_DIGIT, "]"),
            's' => set.push_str(r"\s"),
            'S' => set.push_str(r"\S"),
            'h' => set.push_str(r"\t\p{Zs}"),
            'p' | 'P' => {
                std::mem::swap(&mut self.out, &mut set);
                self.out.push('\\');
                self.out.push(escaped);
                self.braces_or_name(escaped);
                std::mem::swap(&mut self.out, &mut set);
            }
            'x' => return self.code(2),
            'u' => return self.code(4),
            'U' => return self.code(8),
            'a' => return Member::Character('\x07'),
            'b' => return Member::Character('\x08'),
            'f' => return Member::Character('\x0c'),
            'n' => return Member::Character('\n'),
            'r' => return Member::Character('\r'),
            't' => return Member::Character('\t'),
            'v' => return Member::Character('\x0b'),
            digit @ '0'..='7' => {
                let mut code = digit.to_digit(8).unwrap_or(0);
                for _ in 0..2 {
                    let Some(next) = self.rest.next_if(|next| next.is_digit(8)) else { break };
                    code = code * 8 + next.to_digit(8).unwrap_or(0);
                }
                return Member::Character(char::from_u32(code).unwrap_or(digit));
            }
            other => return Member::Character(other),
        }
        Member::Set(set)
    }

    /// The character of `\x41`, `\u0041` or `\U00000041`, whose letter has been read.
    fn code(&mut self, digits: usize) -> Member {
        let mut ahead = self.rest.clone();
        let text: String = ahead.by_ref().take(digits).collect();
        match u32::from_str_radix(&text, 16).ok().and_then(char::from_u32) {
            Some(character) if text.len() == digits => {
                self.rest = ahead;
                Member::Character(character)
            }
            _ => Member::Character('x'),
        }
    }

    /// The end of a range, if one follows: `-` and a character that does not close the class.
    fn range_end(&mut self) -> Result<Option<char>, String> {
        let mut ahead = self.rest.clone();
        if ahead.next() != Some('-') || ahead.peek().is_none_or(|next| *next == ']') {
            return Ok(None);
        }
        let mut back = std::mem::replace(&mut self.rest, ahead);
        let next = self.rest.next().unwrap_or(']');
        match self.member(next)? {
            Member::Character(to) => Ok(Some(to)),
            // `[a-\d]`: the dash is itself.
            Member::Set(_) => {
                std::mem::swap(&mut self.rest, &mut back);
                Ok(None)
            }
        }
    }

    /// The set of `[:alpha:]`, whose opening bracket has been read; none if it is no such name.
    fn posix(&mut self) -> Option<String> {
        let mut ahead = self.rest.clone();
        ahead.next();
        let not = ahead.next_if_eq(&'^').is_some();
        let mut name = String::new();
        while let Some(letter) = ahead.next_if(char::is_ascii_lowercase) {
            name.push(letter);
        }
        if ahead.next() != Some(':') || ahead.next() != Some(']') {
            return None;
        }
        let mut set = String::new();
        match name.as_str() {
            "alpha" => set.push_str(r"\p{Alphabetic}"),
            "alnum" => set.push_str(r"\p{Alphabetic}0-9"),
            "ascii" => set.push_str(r"\x00-\x7f"),
            "digit" => set.push_str("0-9"),
            "word" => listed(&mut set, "", REGEX_WORD, ""),
            "lower" => set.push_str(r"\p{Lowercase}"),
            "upper" => set.push_str(r"\p{Uppercase}"),
            "graph" => set.push_str(r"[^\s\p{Cc}\p{Cn}]"),
            "print" => set.push_str(r"[^\s\p{Cc}\p{Cn}]\p{Zs}"),
            "punct" => set.push_str(r"[\p{P}\p{S}--\p{Alphabetic}]"),
            "space" => set.push_str(r"\s"),
            "blank" => set.push_str(r"\t\p{Zs}"),
            "cntrl" => set.push_str(r"\p{Cc}"),
            "xdigit" => set.push_str("0-9A-Fa-f"),
            _ => return None,
        }
        self.rest = ahead;
        Some(if not { format!("[^{set}]") } else { set })
    }
}

/// A character as itself, inside and outside classes.
fn plain(out: &mut String, character: char) {
    if matches!(character, '\\' | '.' | '+' | '*' | '?' | '(' | ')' | '|' | '[' | ']' | '{' | '}' | '^' | '$' | '#' | '&' | '-' | '~' | ' ')
    {
        out.push('\\');
    }
    out.push(character);
}

fn listed(out: &mut String, before: &str, class: u16, after: &str) {
    out.push_str(before);
    for (first, last) in ranges(class) {
        // Writing to a string cannot fail.
        let _ = write!(out, "\\x{{{first:x}}}-\\x{{{last:x}}}");
    }
    out.push_str(after);
}

/// Whether a flag is set anywhere; in version 0 of the `regex` module it then holds for the whole pattern.
fn has_flag(pattern: &str, flag: char) -> bool {
    pattern.match_indices("(?").any(|(start, _)| {
        let flags = pattern[start + 2..].split(['-', ':', ')']).next().unwrap_or("");
        flags.chars().all(|letter| letter.is_ascii_alphabetic()) && flags.contains(flag)
    })
}

#[cfg(test)]
mod tests {
    use fancy_regex::Regex;

    use super::*;
    use crate::unicode::classes;

    fn found(pattern: &str, text: &str) -> Vec<String> {
        let regex = Regex::new(&format!("(?s){}", translate(pattern).unwrap())).unwrap();
        regex.find_iter(text).map(|found| found.unwrap().as_str().to_owned()).collect()
    }

    /// Results recorded from the `regex` module of Python.
    #[test]
    fn as_in_python() {
        let cases: &[(&str, &str, &[&str])] = &[
            (r"\h", "a \tf", &[" ", "\t"]),
            ("[[:alpha:]]", "a1é²", &["a", "é"]),
            ("[[:^alpha:]]", "a1", &["1"]),
            ("[[:punct:]]", "a!😀\u{fffd}€Ⓐ_1", &["!", "😀", "\u{fffd}", "€", "_"]),
            ("[[:^punct:]]", "a!Ⓐ", &["a", "Ⓐ"]),
            ("[x[:digit:]y]", "1٣x", &["1", "x"]),
            ("[[:alnum:]]", "a1٣Ⓐ²", &["a", "1", "Ⓐ"]),
            ("[[:graph:]]", "a \u{a0}\u{200b}\x01́", &["a", "\u{200b}", "\u{301}"]),
            ("[[:print:]]", "a \t\u{a0}\u{2028}", &["a", " ", "\u{a0}"]),
            ("[[:ascii:]]+", "aé\x7f", &["a", "\x7f"]),
            ("[[:cntrl:][:blank:]]", "a\t\u{3000}\n\u{85}", &["\t", "\u{3000}", "\n", "\u{85}"]),
            ("[[a]", "[a]", &["[", "a"]),
            ("[a&&b]", "a&b", &["a", "&", "b"]),
            (r"\<a\>", "<a>", &["<a>"]),
            (r"[\b]", "\u{8}b", &["\u{8}"]),
            ("x{", "x{", &["x{"]),
            ("[]a]", "]a", &["]", "a"]),
            ("[^]a]", "]ab", &["b"]),
            ("[a-]", "a-", &["a", "-"]),
            ("(?m)^b$", "a\nb\n", &["b"]),
            ("(?i)k", "\u{212a}", &["\u{212a}"]),
            ("(?i)\u{130}", "i", &["i"]),
            ("(?i)ss", "ß", &[]),
            (r"[\w--a]", "ab-", &["a", "b", "-"]),
            (r"[\x41-\u0043]+", "ABCD", &["ABC"]),
            (r"(?P<i>i)(?P=i)", "ii", &["ii"]),
            (r"(?<=i)x(?<!y)", "ix", &["x"]),
            (r"\/\-\'\:", "/-':", &["/-':"]),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(found(pattern, text), *expected, "{pattern}");
        }
    }

    #[test]
    fn word_and_digit_are_those_of_the_tables() {
        for (pattern, class) in [(r"^\w$", REGEX_WORD), (r"^[\d]$", REGEX_DIGIT), (r"^\s$", crate::unicode::REGEX_SPACE)] {
            let regex = Regex::new(&translate(pattern).unwrap()).unwrap();
            for character in '\0'..=char::MAX {
                let expected = classes().is(character, class);
                // A line feed may follow the `$`.
                assert_eq!(regex.is_match(character.encode_utf8(&mut [0; 4])).unwrap(), expected, "{pattern} {character:?}");
            }
        }
    }
}
