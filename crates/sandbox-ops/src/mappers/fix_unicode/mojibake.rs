//! Text that was decoded wrongly, decoded again.
//!
//! The order of attempts is that of ftfy 6.3.1 (`fix_encoding`, Robyn Speer, Apache-2.0).

use std::borrow::Cow;

use super::badness::is_bad;
use super::bytes::{decode, replace_lossy, restore_spaces};
use super::encodings::{ENCODINGS, is_hole, windows};
use super::sequences::sequences;

/// How often a part of a text may have a part of its own that is mended alone. Texts of people need one or two.
const DEEPEST: usize = 64;

/// A text without the traces of a wrong encoding.
pub(super) fn fix_encoding(text: Cow<'_, str>) -> Cow<'_, str> {
    fix_at(text, 0)
}

fn fix_at(mut text: Cow<'_, str>, depth: usize) -> Cow<'_, str> {
    while let Some(fixed) = one_step(&text, depth).filter(|fixed| *fixed != text) {
        text = Cow::Owned(fixed);
    }
    text
}

/// One step of mending; none if there is nothing to mend.
fn one_step(text: &str, depth: usize) -> Option<String> {
    if text.is_ascii() || !is_bad(text) {
        return None;
    }
    for encoding in &ENCODINGS {
        let Some(mut bytes) = encoding.encode(text) else { continue };
        if !encoding.is_mac {
            bytes = restore_spaces(bytes);
        }
        if encoding.is_sloppy {
            bytes = replace_lossy(bytes);
        }
        if let Some(fixed) = decode(bytes) {
            return Some(fixed);
        }
    }
    if let Some(fixed) = fix_parts(text, depth) {
        return Some(fixed);
    }
    let is_latin = text.chars().all(|character| character <= '\u{ff}');
    if is_latin && !text.chars().any(is_hole) {
        let fixed: String = text.chars().map(windows).collect();
        if fixed != text {
            return Some(fixed);
        }
    }
    text.chars().any(is_control).then(|| text.chars().map(windows).collect())
}

/// The text with its runs of misread UTF-8 mended one by one; none if that changes nothing.
fn fix_parts(text: &str, depth: usize) -> Option<String> {
    let mut out = String::new();
    let mut copied = 0;
    for range in sequences(text) {
        let part = &text[range.clone()];
        if part.len() < text.len() && depth < DEEPEST && is_bad(part) {
            out.push_str(&text[copied..range.start]);
            out.push_str(&fix_at(Cow::Borrowed(part), depth + 1));
            copied = range.end;
        }
    }
    out.push_str(&text[copied..]);
    (out != text).then_some(out)
}

/// The control characters of Latin-1.
pub(super) fn is_control(character: char) -> bool {
    matches!(character, '\u{80}'..='\u{9f}')
}
