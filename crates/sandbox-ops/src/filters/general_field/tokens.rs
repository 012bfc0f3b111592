//! A condition as words.

/// One word of a condition.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Name(String),
    Integer(i64),
    Float(f64),
    Text(String),
    Sign(&'static str),
}

/// A word and the column at which it begins, from 1.
pub(super) type Placed = (Token, usize);

/// Longer signs first.
const SIGNS: [&str; 26] = [
    "<=", ">=", "==", "!=", "**", "//", "<<", ">>", ":=", "<", ">", "(", ")", ".", "-", "+", "*", "/", "%", "[", "]", "{", "}", ",", "=",
    "!",
];

/// The words of a condition.
pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, String> {
    let characters: Vec<char> = text.chars().collect();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(first) = characters.get(at).copied() {
        let start = at;
        let column = start + 1;
        if first.is_whitespace() {
            at += 1;
        } else if first.is_ascii_digit() || (first == '.' && characters.get(at + 1).is_some_and(char::is_ascii_digit)) {
            while characters.get(at).is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '_'))
                || (characters.get(at).is_some_and(|c| matches!(c, '+' | '-'))
                    && matches!(characters.get(at - 1), Some('e' | 'E'))
                    && !is_hex(&characters[start..at]))
            {
                at += 1;
            }
            let word: String = characters[start..at].iter().collect();
            out.push((number(&word).ok_or_else(|| format!("`{word}` at column {column} is no number"))?, column));
        } else if first == '_' || first.is_alphabetic() {
            while characters.get(at).is_some_and(|c| *c == '_' || c.is_alphanumeric()) {
                at += 1;
            }
            let word: String = characters[start..at].iter().collect();
            match characters.get(at) {
                Some(quote @ ('\'' | '"')) if matches!(word.as_str(), "r" | "R" | "u" | "U") => {
                    let (value, end) = string(&characters, at, *quote, matches!(word.as_str(), "r" | "R"))?;
                    out.push((Token::Text(value), column));
                    at = end;
                }
                _ => out.push((Token::Name(word), column)),
            }
        } else if matches!(first, '\'' | '"') {
            let (value, end) = string(&characters, at, first, false)?;
            out.push((Token::Text(value), column));
            at = end;
        } else {
            let rest: String = characters[at..].iter().take(2).collect();
            let sign = SIGNS
                .iter()
                .find(|sign| rest.starts_with(**sign))
                .ok_or_else(|| format!("`{first}` at column {column} is not understood"))?;
            out.push((Token::Sign(sign), column));
            at += sign.len();
        }
    }
    Ok(out)
}

fn is_hex(word: &[char]) -> bool {
    matches!(word, ['0', 'x' | 'X', ..])
}

fn number(word: &str) -> Option<Token> {
    let plain = word.replace('_', "");
    let lower = plain.to_ascii_lowercase();
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        if let Some(digits) = lower.strip_prefix(prefix) {
            return i64::from_str_radix(digits, radix).ok().map(Token::Integer);
        }
    }
    if lower.bytes().all(|byte| byte.is_ascii_digit()) {
        return lower.parse().ok().map(Token::Integer).or_else(|| lower.parse().ok().map(Token::Float));
    }
    let is_float = lower.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'+' | b'-'));
    is_float.then(|| lower.parse().ok().map(Token::Float)).flatten()
}

/// The text that begins with the quote at `at`, and the place behind it.
fn string(characters: &[char], at: usize, quote: char, is_raw: bool) -> Result<(String, usize), String> {
    let unfinished = || format!("the text that begins at column {} has no end", at + 1);
    let mut out = String::new();
    let mut next = at + 1;
    loop {
        let character = *characters.get(next).ok_or_else(unfinished)?;
        next += 1;
        if character == quote {
            return Ok((out, next));
        }
        if character != '\\' {
            out.push(character);
            continue;
        }
        let escaped = *characters.get(next).ok_or_else(unfinished)?;
        next += 1;
        let code = |digits: usize| {
            let word: String = characters.get(next..next + digits)?.iter().collect();
            char::from_u32(u32::from_str_radix(&word, 16).ok()?)
        };
        let plain = match escaped {
            _ if is_raw => None,
            'n' => Some(('\n', 0)),
            't' => Some(('\t', 0)),
            'r' => Some(('\r', 0)),
            '\\' | '\'' | '"' => Some((escaped, 0)),
            'x' => code(2).map(|c| (c, 2)),
            'u' => code(4).map(|c| (c, 4)),
            'U' => code(8).map(|c| (c, 8)),
            _ => None,
        };
        match plain {
            Some((character, digits)) => {
                out.push(character);
                next += digits;
            }
            None => out.extend(['\\', escaped]),
        }
    }
}
