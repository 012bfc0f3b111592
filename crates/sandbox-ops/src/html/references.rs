//! Character references in a text: `html.unescape` of Python.

use std::borrow::Cow;

use memchr::memchr_iter;

use super::entities::entity;

/// The longest name that is looked at.
const LONGEST: usize = 32;

/// A text with all its character references decoded, those without a semicolon too.
pub(crate) fn unescape(text: &str) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    for start in memchr_iter(b'&', text.as_bytes()) {
        if start < copied {
            continue;
        }
        let Some((value, length)) = reference(&text[start + 1..]) else { continue };
        out.push_str(&text[copied..start]);
        out.push_str(&value);
        copied = start + 1 + length;
    }
    if copied == 0 {
        return Cow::Borrowed(text);
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// What a reference at the start of a text (behind its `&`) stands for, and how many bytes it takes.
fn reference(text: &str) -> Option<(Cow<'static, str>, usize)> {
    if let Some(rest) = text.strip_prefix('#') {
        let (value, length) = number(rest)?;
        return Some((value.map_or(Cow::Borrowed(""), |value| Cow::Owned(value.to_string())), 1 + length));
    }
    let ends = |character: char| matches!(character, '\t' | '\n' | '\x0c' | ' ' | '<' | '&' | '#' | ';');
    let mut lengths: Vec<usize> = Vec::with_capacity(LONGEST);
    for (position, character) in text.char_indices().take(LONGEST) {
        if ends(character) {
            break;
        }
        lengths.push(position + character.len_utf8());
    }
    let whole = *lengths.last()?;
    if text[whole..].starts_with(';') {
        let value = entity(&text[..=whole]).map(|value| (Cow::Borrowed(value), whole + 1));
        if value.is_some() {
            return value;
        }
    } else {
        lengths.pop();
        if let Some(value) = entity(&text[..whole]) {
            return Some((Cow::Borrowed(value), whole));
        }
    }
    // The longest name that the text begins with, of two characters or more.
    lengths.iter().skip(1).rev().find_map(|length| entity(&text[..*length]).map(|value| (Cow::Borrowed(value), *length)))
}

/// What `65;` or `x41` (behind `&#`) stands for, and its length; a character that must not be is no character at all.
pub(crate) fn number(text: &str) -> Option<(Option<char>, usize)> {
    let (digits, radix) = text.strip_prefix(['x', 'X']).map_or((text, 10), |digits| (digits, 16));
    let count = digits.bytes().take_while(|byte| char::from(*byte).is_digit(radix)).count();
    if count == 0 {
        return None;
    }
    let code = digits[..count].bytes().fold(0u32, |code, digit| {
        let digit = char::from(digit).to_digit(radix).unwrap_or(0);
        code.saturating_mul(radix).saturating_add(digit)
    });
    let length = text.len() - digits.len() + count;
    let length = if text[length..].starts_with(';') { length + 1 } else { length };
    Some((character(code), length))
}

fn character(code: u32) -> Option<char> {
    match code {
        0 => Some('\u{fffd}'),
        0x80..=0x9f => WINDOWS.get(code as usize - 0x80).copied(),
        0xd800..=0xdfff | 0x11_0000.. => Some('\u{fffd}'),
        0x1..=0x8 | 0xb | 0xe..=0x1f | 0x7f | 0xfdd0..=0xfdef => None,
        _ if code & 0xfffe == 0xfffe => None,
        _ => char::from_u32(code),
    }
}

/// U+0080 to U+009F as the bytes of Windows-1252.
static WINDOWS: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}', '‘', '’', '“', '”', '•', '–',
    '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

#[cfg(test)]
mod tests {
    use super::*;

    /// Results recorded from Python's `html.unescape`.
    #[test]
    fn as_in_python() {
        for (text, expected) in [
            ("a & b &amp; &ampx &notit; &notin; &nosuch; &", "a & b & &x ¬it; ∉ &nosuch; &"),
            ("&#65;&#x41&#X41;&#0;&#128;&#129;&#xD800;&#x110000;&#99999999999999999999;", "AAA\u{fffd}€\u{81}\u{fffd}\u{fffd}\u{fffd}"),
            ("&#1;|&#xfffe;|&#x1ffff;|&#;|&#x;|&#xg", "|||&#;|&#x;|&#xg"),
            ("&amp;lt; &&lt; &CounterClockwiseContourIntegral;", "&lt; &< ∳"),
            ("&l &lt&gt&LT;", "&l <><"),
            ("&ltaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;", "<aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa;"),
            ("&eacute&É;&écute", "é&É;&écute"),
        ] {
            assert_eq!(unescape(text), expected);
        }
    }
}
