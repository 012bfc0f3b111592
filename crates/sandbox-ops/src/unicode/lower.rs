//! Lower case as Python's `str.lower`.

use super::lower_runs::RUNS;
use super::{CASE_IGNORABLE, CASED, classes};

/// Appends the lower-case form of a text, as Python's `str.lower`: full mappings, and the final sigma.
///
/// The context of a sigma is this text alone, so lowering a text and lowering its words may differ.
///
/// ```
/// let mut out = String::new();
/// sandbox_ops::unicode::lower::push_lower("İSTANBUL ΟΔΟΣ ΟΔΟΣ.", &mut out);
/// assert_eq!(out, "i\u{307}stanbul οδος οδος.");
/// ```
pub fn push_lower(text: &str, out: &mut String) {
    if text.is_ascii() {
        push_ascii(text, out);
        return;
    }
    out.reserve(text.len());
    let mut copied = 0;
    for (position, character) in text.char_indices().filter(|(_, character)| !character.is_ascii()) {
        push_ascii(&text[copied..position], out);
        copied = position + character.len_utf8();
        match character {
            '\u{130}' => out.push_str("i\u{307}"),
            'Σ' if is_final(text, position) => out.push('ς'),
            _ => out.push(lower(character)),
        }
    }
    push_ascii(&text[copied..], out);
}

fn push_ascii(text: &str, out: &mut String) {
    let start = out.len();
    out.push_str(text);
    out[start..].make_ascii_lowercase();
}

/// Whether a sigma at a byte position ends its word: a cased character before it, none after it.
fn is_final(text: &str, position: usize) -> bool {
    let classes = classes();
    let counts = |character: &char| !classes.is(*character, CASE_IGNORABLE);
    let cased = |character: char| classes.is(character, CASED);
    let after = position + 'Σ'.len_utf8();
    text[..position].chars().rev().find(counts).is_some_and(cased) && !text[after..].chars().find(counts).is_some_and(cased)
}

/// The lower-case form of one character, where it is one character.
fn lower(character: char) -> char {
    let code = character as u32;
    let next = RUNS.partition_point(|&(first, ..)| first <= code);
    match next.checked_sub(1).and_then(|position| RUNS.get(position)) {
        Some(&(first, last, step, delta)) if code <= last && (code - first).is_multiple_of(step) => {
            code.checked_add_signed(delta).and_then(char::from_u32).unwrap_or(character)
        }
        _ => character,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lowered(text: &str) -> String {
        let mut out = String::new();
        push_lower(text, &mut out);
        out
    }

    #[test]
    fn table_equals_the_asset() {
        let asset: serde_json::Value = serde_json::from_str(include_str!("../../assets/py_lower.json")).unwrap();
        for character in '\0'..=char::MAX {
            let expected = match &asset["map"][(character as u32).to_string()] {
                serde_json::Value::Array(codes) => {
                    codes.iter().map(|code| char::from_u32(u32::try_from(code.as_u64().unwrap()).unwrap()).unwrap()).collect()
                }
                _ => character.to_string(),
            };
            assert_eq!(lowered(&character.to_string()), expected);
        }
    }

    #[test]
    fn final_sigma_skips_what_has_no_case() {
        assert_eq!(lowered("ΑΣ"), "ας");
        assert_eq!(lowered("ΑΣΑ"), "ασα");
        assert_eq!(lowered("Σ"), "σ");
        assert_eq!(lowered("Α'Σ'"), "α'ς'");
        assert_eq!(lowered("Α Σ"), "α σ");
        assert_eq!(lowered("ΑΣ'Α"), "ασ'α");
    }
}
