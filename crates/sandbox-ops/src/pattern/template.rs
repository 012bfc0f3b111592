//! Replacement templates in Python's form.

use std::iter::Peekable;
use std::str::Chars;

use fancy_regex::{Captures, Regex};

/// A replacement, read once.
pub(super) struct Template {
    parts: Vec<Part>,
}

enum Part {
    Literal(String),
    Group(usize),
}

impl Template {
    /// Reads a template for a pattern's groups.
    ///
    /// # Errors
    /// Escapes that Python refuses, and groups that the pattern does not have; the cause in words.
    pub fn parse(template: &str, regex: &Regex) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = template.chars().peekable();
        while let Some(character) = rest.next() {
            if character != '\\' {
                literal.push(character);
                continue;
            }
            if let Some(group) = escape(&mut rest, &mut literal, regex)? {
                if group >= regex.captures_len() {
                    return Err(format!("the pattern has no group {group}"));
                }
                parts.push(Part::Literal(std::mem::take(&mut literal)));
                parts.push(Part::Group(group));
            }
        }
        parts.push(Part::Literal(literal));
        Ok(Self { parts })
    }

    /// Appends the replacement of one match; a group that took no part is empty.
    pub fn expand(&self, captures: &Captures<'_, str>, out: &mut String) {
        for part in &self.parts {
            match part {
                Part::Literal(text) => out.push_str(text),
                Part::Group(group) => out.push_str(captures.get(*group).map_or("", |group| group.as_str())),
            }
        }
    }
}

/// What follows a backslash: a character for the literal, or a group.
fn escape(rest: &mut Peekable<Chars<'_>>, literal: &mut String, regex: &Regex) -> Result<Option<usize>, String> {
    let Some(character) = rest.next() else { return Err("it ends with a single backslash".to_owned()) };
    let plain = match character {
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        '\\' => '\\',
        'x' => hexadecimal(rest, 2)?,
        'u' => hexadecimal(rest, 4)?,
        'U' => hexadecimal(rest, 8)?,
        'g' => return group(rest, regex).map(Some),
        '0' => {
            let digits = take(rest, 2, |digit| digit.is_digit(8));
            octal(&digits)
        }
        '1'..='9' => {
            let mut digits = String::from(character) + &take(rest, 1, |digit| digit.is_ascii_digit());
            let third = if digits.len() == 2 { rest.peek().copied() } else { None };
            if let Some(third) = third.filter(|third| third.is_digit(8) && digits.chars().all(|digit| digit.is_digit(8))) {
                rest.next();
                digits.push(third);
                octal(&digits)
            } else {
                return digits.parse().map(Some).map_err(|_| format!("there is no group {digits}"));
            }
        }
        letter if letter.is_ascii_alphabetic() => return Err(format!("`\\{letter}` means nothing")),
        other => {
            literal.push('\\');
            other
        }
    };
    literal.push(plain);
    Ok(None)
}

/// What stands in `\g<...>`: a number or a name.
fn group(rest: &mut Peekable<Chars<'_>>, regex: &Regex) -> Result<usize, String> {
    let inside = || "`\\g` needs the group's number or name in `<` and `>`".to_owned();
    if rest.next() != Some('<') {
        return Err(inside());
    }
    let name = take(rest, usize::MAX, |character| character != '>');
    if rest.next().is_none() || name.is_empty() {
        return Err(inside());
    }
    if name.bytes().all(|byte| byte.is_ascii_digit()) {
        return name.parse().map_err(|_| format!("there is no group {name}"));
    }
    let named = regex.capture_names().position(|known| known == Some(&name));
    named.ok_or_else(|| format!("the pattern has no group `{name}`"))
}

fn take(rest: &mut Peekable<Chars<'_>>, most: usize, accept: impl Fn(char) -> bool) -> String {
    let mut taken = String::new();
    while taken.len() < most && rest.peek().is_some_and(|character| accept(*character)) {
        taken.extend(rest.next());
    }
    taken
}

fn octal(digits: &str) -> char {
    // The `regex` module keeps nine bits.
    let code = digits.chars().filter_map(|digit| digit.to_digit(8)).fold(0, |sum, digit| sum * 8 + digit);
    char::from_u32(code & 0x1ff).unwrap_or_default()
}

fn hexadecimal(rest: &mut Peekable<Chars<'_>>, length: usize) -> Result<char, String> {
    let digits = take(rest, length, |digit| digit.is_ascii_hexdigit());
    let code = u32::from_str_radix(&digits, 16).ok().filter(|_| digits.len() == length);
    code.and_then(char::from_u32).ok_or_else(|| format!("a hexadecimal escape needs {length} digits that name a character"))
}
