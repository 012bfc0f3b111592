//! What becomes of single characters: controls, ligatures, widths, quotation marks, line breaks.
//!
//! Which characters, and into what, is ftfy 6.3.1's (`ftfy/chardata.py`, Robyn Speer, Apache-2.0).

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use super::encodings::windows;
use super::mojibake::is_control;
use crate::unicode::{ALPHANUMERIC, REGEX_DIGIT, classes};

/// A text with every character as it should be, without terminal escapes.
pub(super) fn fix_characters(text: Cow<'_, str>) -> Cow<'_, str> {
    remove(escapes(replace(text)))
}

fn replace(text: Cow<'_, str>) -> Cow<'_, str> {
    let Some(first) = text.char_indices().find(|(_, character)| changes(*character)).map(|(position, _)| position) else { return text };
    let (before, rest) = text.split_at(first);
    let mut out = String::with_capacity(text.len());
    out.push_str(before);
    let mut rest = rest.chars();
    while let Some(character) = rest.next() {
        match character {
            '\r' => {
                if rest.as_str().starts_with('\n') {
                    rest.next();
                }
                out.push('\n');
            }
            character if changes(character) => push_replaced(character, &mut out),
            character => out.push(character),
        }
    }
    Cow::Owned(out)
}

fn changes(character: char) -> bool {
    match character {
        '\r' => true,
        '\0'..='\x7f' => false,
        '\u{80}'..='\u{9f}' => true,
        'Ĳ' | 'ĳ' | 'ŉ' | '\u{1c4}'..='\u{1cc}' | '\u{1f1}'..='\u{1f3}' | '\u{2bc}' => true,
        '\u{2018}'..='\u{201f}' | '\u{2028}' | '\u{2029}' | '\u{3000}' => true,
        '\u{fb00}'..='\u{fb06}' | '\u{ff01}'..='\u{ffef}' => true,
        _ => false,
    }
}

fn push_replaced(character: char, out: &mut String) {
    let character = if is_control(character) { windows(character) } else { character };
    let replacement = match character {
        'Ĳ' => "IJ",
        'ĳ' => "ij",
        // The apostrophe of the original's table becomes a straight one at once.
        'ŉ' => "'n",
        'Ǳ' => "DZ",
        'ǲ' => "Dz",
        'ǳ' => "dz",
        'Ǆ' => "DŽ",
        'ǅ' => "Dž",
        'ǆ' => "dž",
        'Ǉ' => "LJ",
        'ǈ' => "Lj",
        'ǉ' => "lj",
        'Ǌ' => "NJ",
        'ǋ' => "Nj",
        'ǌ' => "nj",
        'ﬀ' => "ff",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        'ﬃ' => "ffi",
        'ﬄ' => "ffl",
        'ﬅ' => "ſt",
        'ﬆ' => "st",
        '\u{3000}' => " ",
        '\u{2bc}' | '\u{2018}'..='\u{201b}' => "'",
        '\u{201c}'..='\u{201f}' => "\"",
        '\u{2028}' | '\u{2029}' | '\u{85}' => "\n",
        '\u{ff01}'..='\u{ff5e}' => {
            out.extend(char::from_u32(character as u32 - 0xfee0));
            return;
        }
        '\u{ff5f}'..='\u{ffef}' => {
            out.extend(std::iter::once(character).nfkc());
            return;
        }
        other => {
            out.push(other);
            return;
        }
    };
    out.push_str(replacement);
}

/// Without `ESC [`, digits and semicolons, and a letter: colours and the like.
fn escapes(text: Cow<'_, str>) -> Cow<'_, str> {
    let mut out = String::new();
    let mut copied = 0;
    for (start, _) in text.match_indices("\x1b[") {
        let rest = &text[start + 2..];
        let is_code = |character: char| {
            character == ';'
                || character.is_ascii_digit()
                || classes().of(character) & (REGEX_DIGIT | ALPHANUMERIC) == (REGEX_DIGIT | ALPHANUMERIC)
        };
        let letter = rest.trim_start_matches(is_code);
        if letter.starts_with(|character: char| character.is_ascii_alphabetic()) {
            out.push_str(&text[copied..start]);
            copied = text.len() - letter.len() + 1;
        }
    }
    if copied == 0 {
        return text;
    }
    out.push_str(&text[copied..]);
    Cow::Owned(out)
}

/// Without control characters that nobody meant to write.
fn remove(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.chars().any(is_removed) { Cow::Owned(text.chars().filter(|character| !is_removed(*character)).collect()) } else { text }
}

/// Control characters that a text is better off without.
pub(super) fn is_removed(character: char) -> bool {
    matches!(
        character,
        '\0'..='\x08' | '\x0b' | '\x0e'..='\x1f' | '\x7f' | '\u{206a}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffc}'
    )
}
