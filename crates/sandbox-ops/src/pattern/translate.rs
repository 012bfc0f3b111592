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
/// What cannot be said in the engine's words is refused and never means something else: graphemes (`\X`), lists (`\L`), characters by
/// name (`\N{...}`), recursion, branch reset, fuzzy matching, and flags other than `i`, `m`, `s`, `u`, `x`.
///
/// # Errors
/// When Python refuses the pattern too, or when it is refused here; the cause in words.
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
                '(' => self.group()?,
                '{' => self.brace()?,
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
    fn group(&mut self) -> Result<(), String> {
        if self.rest.peek() == Some(&'*') {
            return Err("verbs such as `(*SKIP)` are not supported here".to_owned());
        }
        if self.rest.next_if_eq(&'?').is_none() {
            self.out.push('(');
            return Ok(());
        }
        let after = self.rest.clone().nth(1);
        match self.rest.peek() {
            // A comment is as if it were not there.
            Some('#') => {
                self.rest.by_ref().find(|character| *character == ')').ok_or("a comment `(?#` has no `)`")?;
                return Ok(());
            }
            Some('|') => return Err("branch reset `(?|` is not supported here: name the groups".to_owned()),
            Some('&' | 'R' | '0'..='9' | '+') => return Err("recursion into a group is not supported here".to_owned()),
            Some('P') if after == Some('>') => return Err("recursion into a group is not supported here".to_owned()),
            _ => self.flags()?,
        }
        self.out.push_str("(?");
        let mut before = '?';
        for character in self.rest.by_ref() {
            self.out.push(character);
            let reference = character == '=' && before == 'P';
            if matches!(character, ')' | ':' | '>' | '=' | '!' | '(') && !reference {
                break;
            }
            before = character;
        }
        Ok(())
    }

    /// Looks whether what follows `(?` are flags, and whether all of them can be had.
    fn flags(&mut self) -> Result<(), String> {
        let flags: String = self.rest.clone().take_while(|character| character.is_ascii_alphanumeric() || *character == '-').collect();
        let ends = self.rest.clone().nth(flags.len());
        if flags.is_empty() || !matches!(ends, Some(')' | ':')) {
            return Ok(());
        }
        match flags.chars().find(|flag| !matches!(flag, 'i' | 'm' | 's' | 'u' | 'x' | '-')) {
            Some(flag) => Err(format!("the flag `{flag}` in `(?{flags}` is not supported here; `i`, `m`, `s`, `u` and `x` are")),
            None => Ok(()),
        }
    }

    /// An opening brace: of a count, of a fuzzy match, or itself.
    fn brace(&mut self) -> Result<(), String> {
        let within: String = self.rest.clone().take_while(|character| *character != '}').collect();
        let is_closed = self.rest.clone().nth(within.chars().count()).is_some();
        let mut bounds = within.splitn(2, ',');
        let (low, high) = (bounds.next().unwrap_or(""), bounds.next());
        let is_number = |bound: &str| bound.bytes().all(|byte| byte.is_ascii_digit());
        let is_count = is_closed && is_number(low) && high.is_none_or(is_number) && !(low.is_empty() && high.is_none_or(str::is_empty));
        if is_count {
            // The engine wants the lower bound.
            self.out.push_str(if low.is_empty() { "{0" } else { "{" });
        } else if !self.is_re && is_closed && within.contains('<') || matches!(within.as_str(), "e" | "i" | "d" | "s") && is_closed {
            return Err(format!("fuzzy matching `{{{within}}}` is not supported here"));
        } else {
            self.out.push_str(r"\{");
        }
        Ok(())
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
            'A' | 'B' | 'S' | 'b' | 's' => self.out.extend(['\\', character]),
            'x' | 'u' | 'U' => {
                let character = self.code(character)?;
                self.literal(character);
            }
            'a' | 'f' | 'n' | 'r' | 't' | 'v' => plain(&mut self.out, control(character)),
            '0' => {
                let character = self.octal('0')?;
                self.literal(character);
            }
            // Three octal digits are a character, fewer a reference to a group.
            '1'..='7' if self.rest.clone().take(2).filter(|digit| digit.is_digit(8)).count() == 2 => {
                let character = self.octal(character)?;
                self.literal(character);
            }
            '1'..='9' => self.out.extend(['\\', character]),
            other if self.is_re && other.is_ascii_alphabetic() => return Err(refused(other)),
            'G' | 'K' | 'z' => self.out.extend(['\\', character]),
            'h' => self.out.push_str(r"[\t\p{Zs}]"),
            'm' => self.edge("(?!", "(?="),
            'M' => self.edge("(?=", "(?!"),
            'R' => self.out.push_str(r"(?>\r\n|[\n\x0b\x0c\r\x{85}\x{2028}\x{2029}])"),
            'g' => {
                self.out.push_str(r"\k");
                self.through('<', '>');
            }
            'p' | 'P' => {
                self.out.extend(['\\', character]);
                self.through('{', '}');
            }
            'N' if self.rest.peek() != Some(&'{') => self.out.push('N'),
            letter if letter.is_ascii_alphabetic() => return Err(refused(letter)),
            other => plain(&mut self.out, other),
        }
        Ok(())
    }

    /// The edge of a word: what must hold for the character before, and what for the one after.
    fn edge(&mut self, before: &str, after: &str) {
        self.out.push_str(if before == "(?!" { "(?<!" } else { "(?<=" });
        listed(&mut self.out, "[", REGEX_WORD, "])");
        self.out.push_str(after);
        listed(&mut self.out, "[", REGEX_WORD, "])");
    }

    /// A character that was written as an escape, outside of a class.
    fn literal(&mut self, character: char) {
        match character {
            'i' | 'I' | '\u{130}' => self.literal_or_operator(character),
            other => plain(&mut self.out, other),
        }
    }

    /// Copies what belongs to an escape: `{...}` of `\p{L}`, `<...>` of `\g<name>`.
    fn through(&mut self, open: char, close: char) {
        if self.rest.peek() == Some(&open) {
            for character in self.rest.by_ref() {
                self.out.push(character);
                if character == close {
                    break;
                }
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
                self.escaped_member(escaped)
            }
            other => Ok(Member::Character(other)),
        }
    }

    fn escaped_member(&mut self, escaped: char) -> Result<Member, String> {
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
            'h' if !self.is_re => set.push_str(r"\t\p{Zs}"),
            'p' | 'P' if !self.is_re => {
                std::mem::swap(&mut self.out, &mut set);
                self.out.extend(['\\', escaped]);
                self.through('{', '}');
                std::mem::swap(&mut self.out, &mut set);
            }
            'x' | 'u' | 'U' => return self.code(escaped).map(Member::Character),
            'a' | 'b' | 'f' | 'n' | 'r' | 't' | 'v' => return Ok(Member::Character(control(escaped))),
            digit @ '0'..='7' => return self.octal(digit).map(Member::Character),
            'N' if !self.is_re && self.rest.peek() != Some(&'{') => return Ok(Member::Character('N')),
            other if other.is_ascii_alphanumeric() => return Err(refused(other)),
            other => return Ok(Member::Character(other)),
        }
        Ok(Member::Set(set))
    }

    /// The character of `\x41`, `\u0041` or `\U00000041`, whose letter has been read.
    fn code(&mut self, letter: char) -> Result<char, String> {
        let digits = match letter {
            'x' => 2,
            'u' => 4,
            _ => 8,
        };
        let text: String = self.rest.by_ref().take(digits).collect();
        let is_whole = text.len() == digits && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        let code = u32::from_str_radix(&text, 16).ok().filter(|_| is_whole);
        let code = code.ok_or_else(|| format!("`\\{letter}` wants {digits} hexadecimal digits"))?;
        char::from_u32(code).ok_or_else(|| format!("`\\{letter}{text}` is no character"))
    }

    /// The character of up to three octal digits, the first of which has been read.
    fn octal(&mut self, first: char) -> Result<char, String> {
        let mut code = first.to_digit(8).unwrap_or(0);
        for _ in 0..2 {
            let Some(next) = self.rest.next_if(|next| next.is_digit(8)) else { break };
            code = code * 8 + next.to_digit(8).unwrap_or(0);
        }
        char::from_u32(code).filter(|_| code <= 0o377 || !self.is_re).ok_or_else(|| format!("`\\{code:o}` is above `\\377`"))
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

/// Why an escape is not taken.
fn refused(letter: char) -> String {
    match letter {
        'X' => "graphemes `\\X` are not supported here".to_owned(),
        'L' => "named lists `\\L<...>` are not supported here".to_owned(),
        'N' => "characters by name, `\\N{...}`, are not supported here: write the character, or its number as in `\\u00e9`".to_owned(),
        other => format!("bad escape `\\{other}`"),
    }
}

/// The character of `\n` and its like.
fn control(letter: char) -> char {
    match letter {
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        _ => '\x0b',
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
            (r"a(?# x:[ )+", "aaA", &["aa"]),
            (r"\mfoo\M", "foo food foo", &["foo", "foo"]),
            (r"a\Kb", "ab", &["b"]),
            (r"\R", "\r\n\u{2028}", &["\r\n", "\u{2028}"]),
            (r"\N", "N", &["N"]),
            (r"\101\x41\u0041\U00000041", "AAAA", &["AAAA"]),
            (r"\0\01", "\0\x01", &["\0\x01"]),
            (r"(?i)\x69", "I\u{130}", &["I", "\u{130}"]),
            (r"(a)\1", "aa", &["aa"]),
            ("a{,2}b", "aab", &["aab"]),
            ("a{2}+a", "aaa", &["aaa"]),
            ("a{,}", "a{,}", &["a{,}"]),
            ("{a}", "{a}", &["{a}"]),
            (r"[\N\7]", "N\x07", &["N", "\x07"]),
            (r"\pL+", "ab1", &["ab"]),
        ];
        for (pattern, text, expected) in cases {
            assert_eq!(found(pattern, text), *expected, "{pattern}");
        }
    }

    /// What Python refuses, and what it knows and is not here: neither means something else.
    #[test]
    fn refused_and_never_mistaken() {
        let both =
            [r"\y", r"\e", r"\Q", r"\k<a>", r"[\e]", r"\x4", r"\x{41}", r"\u12", r"\UFFFFFFFF", r"[\xZZ]", r"[\8]", r"(?U)a", r"(?R)?a"];
        let ours = [
            r"\X",
            r"\L<words>",
            r"\N{DIGIT ONE}",
            r"[\N{DIGIT ONE}]",
            "(?|a|b)",
            "(?P<n>a)(?P>n)",
            "(?P<n>a)(?&n)",
            "(a)(?1)",
            "(*SKIP)a",
            "(?a)a",
            "(?V1)a",
            "(?r:a)",
            "(?:foo){e<=1}",
            "(?:foo){i<2,d<1}",
            "(?:foo){e}",
        ];
        for pattern in both.iter().chain(&ours) {
            assert!(translate(pattern).is_err(), "{pattern}: {:?}", translate(pattern));
        }
        for pattern in both.iter().chain(&[r"\h", r"\p{L}", r"\m", r"\G", r"\N", r"\z", r"[\h]", r"\777"]) {
            assert!(translate_re(pattern).is_err(), "{pattern}: {:?}", translate_re(pattern));
        }
        assert!(translate(r"\N{DIGIT ONE}").unwrap_err().contains("by name"));
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
