//! Characters as Python and its `regex` module see them.
//!
//! The original's numbers depend on which characters CPython 3.11 (Unicode 14) calls letters, digits and white space, and
//! these differ from Rust's: `isalnum` leaves combining vowel signs out, `isspace` counts U+001C to U+001F. So the
//! classes are tables of this crate, one bit per class in a two-stage table that is built once per process.

use std::sync::LazyLock;

mod cased;
mod letters;
pub mod lower;
mod lower_runs;
mod regex;
mod special;

/// Python's `str.isalnum`.
pub const ALPHANUMERIC: u16 = 1;
/// Python's `str.isalpha`.
pub const ALPHABETIC: u16 = 1 << 1;
/// Python's `str.isdigit`.
pub const DIGIT: u16 = 1 << 2;
/// Python's `str.isspace`, also what `str.strip` takes off.
pub const SPACE: u16 = 1 << 3;
/// Where Python's `str.splitlines` breaks.
pub const LINE_BREAK: u16 = 1 << 4;
/// The original's special characters.
pub const SPECIAL: u16 = 1 << 5;
/// `\s` of the `regex` module.
pub const REGEX_SPACE: u16 = 1 << 6;
/// `\d` of the `regex` module.
pub const REGEX_DIGIT: u16 = 1 << 7;
/// `\w` of the `regex` module.
pub const REGEX_WORD: u16 = 1 << 8;
/// `\p{P}` of the `regex` module.
pub const REGEX_PUNCTUATION: u16 = 1 << 9;
/// Counts for the final sigma of `str.lower`.
pub(crate) const CASED: u16 = 1 << 10;
/// Does not count for the final sigma of `str.lower`.
pub(crate) const CASE_IGNORABLE: u16 = 1 << 11;

static RANGES: &[(u16, &[(u32, u32)])] = &[
    (ALPHANUMERIC, letters::ALPHANUMERIC),
    (ALPHABETIC, letters::ALPHABETIC),
    (DIGIT, letters::DIGIT),
    (SPACE, letters::SPACE),
    (LINE_BREAK, letters::LINE_BREAK),
    (SPECIAL, special::SPECIAL),
    (REGEX_SPACE, regex::REGEX_SPACE),
    (REGEX_DIGIT, regex::REGEX_DIGIT),
    (REGEX_WORD, regex::REGEX_WORD),
    (REGEX_PUNCTUATION, regex::REGEX_PUNCTUATION),
    (CASED, cased::CASED),
    (CASE_IGNORABLE, cased::CASE_IGNORABLE),
];

/// The classes of all characters.
pub struct Classes {
    /// Which block holds the 256 characters that share all but the last eight bits.
    index: Vec<u8>,
    blocks: Vec<[u16; 256]>,
}

impl Classes {
    /// The classes of a character, as a set of this module's bits.
    #[inline]
    pub fn of(&self, character: char) -> u16 {
        let code = character as usize;
        self.blocks[usize::from(self.index[code >> 8])][code & 0xff]
    }

    /// Whether a character is in any of `classes`.
    #[inline]
    pub fn is(&self, character: char, classes: u16) -> bool {
        self.of(character) & classes != 0
    }
}

/// The table; take it once before a loop.
///
/// ```
/// use sandbox_ops::unicode::{ALPHANUMERIC, SPACE, classes};
/// assert!(classes().is('é', ALPHANUMERIC) && !classes().is('\u{93e}', ALPHANUMERIC));
/// assert!(classes().is('\u{1f}', SPACE));
/// ```
pub fn classes() -> &'static Classes {
    static CLASSES: LazyLock<Classes> = LazyLock::new(table);
    &CLASSES
}

/// A text without the white space at its ends, as Python's `str.strip`.
pub fn strip(text: &str) -> &str {
    let ends = [text.as_bytes().first(), text.as_bytes().last()];
    if ends.iter().all(|byte| matches!(byte, Some(0x21..=0x7e))) {
        return text;
    }
    let classes = classes();
    text.trim_matches(|character| classes.is(character, SPACE))
}

/// The value of a decimal digit of any script; none for other characters, and for digits that no number is written with.
#[cfg(any(test, feature = "media"))]
pub(crate) fn decimal_digit(character: char) -> Option<u32> {
    let code = u32::from(character);
    // Scripts have their ten digits in a row, and some have several such rows side by side.
    let (first, _) = ranges(REGEX_DIGIT).iter().find(|(first, last)| (*first..=*last).contains(&code))?;
    Some((code - first) % 10)
}

/// The inclusive ranges of code points in a class.
pub(crate) fn ranges(class: u16) -> &'static [(u32, u32)] {
    RANGES.iter().find(|(bit, _)| *bit == class).map_or(&[], |(_, ranges)| ranges)
}

fn table() -> Classes {
    let mut flat = vec![0u16; 0x11_0000];
    for &(class, ranges) in RANGES {
        for &(first, last) in ranges {
            flat[first as usize..=last as usize].iter_mut().for_each(|set| *set |= class);
        }
    }
    let mut blocks: Vec<[u16; 256]> = Vec::new();
    let index = flat.as_chunks::<256>().0.iter().map(|block| position(&mut blocks, block)).collect();
    Classes { index, blocks }
}

/// Where an equal block stands; most of the 4352 are one of a few, and all different ones are fewer than 256 (tested).
fn position(blocks: &mut Vec<[u16; 256]>, block: &[u16; 256]) -> u8 {
    let found = blocks.iter().rposition(|known| known == block).unwrap_or_else(|| {
        blocks.push(*block);
        blocks.len() - 1
    });
    u8::try_from(found).unwrap_or(u8::MAX)
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn asset(text: &str, key: &str) -> Vec<(u32, u32)> {
        let asset: Value = serde_json::from_str(text).unwrap();
        let number = |value: &Value| u32::try_from(value.as_u64().unwrap()).unwrap();
        let range =
            |value: &Value| value.as_array().map_or_else(|| (number(value), number(value)), |pair| (number(&pair[0]), number(&pair[1])));
        asset[key].as_array().unwrap().iter().map(range).collect()
    }

    #[test]
    fn digits_of_all_scripts_have_values() {
        assert!(ranges(REGEX_DIGIT).iter().all(|(first, last)| (last - first) % 10 == 9));
        for (character, value) in [('0', 0), ('9', 9), ('\u{663}', 3), ('\u{ff12}', 2), ('\u{1d7d8}', 0), ('\u{1d7ff}', 9)] {
            assert_eq!(decimal_digit(character), Some(value), "{character}");
        }
        assert!(['a', '\u{b2}', '\u{2460}', '\u{bc}'].iter().all(|character| decimal_digit(*character).is_none()));
    }

    #[test]
    fn tables_equal_the_assets() {
        let unicode = include_str!("../assets/unicode_classes.json");
        let cased = include_str!("../assets/py_cased.json");
        let special = include_str!("../assets/special_characters.json");
        let sources = [
            (ALPHANUMERIC, unicode, "py_isalnum"),
            (ALPHABETIC, unicode, "py_isalpha"),
            (DIGIT, unicode, "py_isdigit"),
            (SPACE, unicode, "py_isspace_strip_re_s"),
            (LINE_BREAK, unicode, "splitlines_breaks"),
            (SPECIAL, special, "single_code_points"),
            (REGEX_SPACE, unicode, "regex_s"),
            (REGEX_DIGIT, unicode, "regex_d"),
            (REGEX_WORD, unicode, "regex_w"),
            (REGEX_PUNCTUATION, unicode, "regex_p_P"),
            (CASED, cased, "cased"),
            (CASE_IGNORABLE, cased, "case_ignorable"),
        ];
        assert_eq!(sources.len(), RANGES.len());
        assert!(classes().blocks.len() < 256);
        for (class, text, key) in sources {
            let ranges = asset(text, key);
            let expected: std::collections::HashSet<u32> = ranges.iter().flat_map(|&(first, last)| first..=last).collect();
            for character in '\0'..=char::MAX {
                assert_eq!(classes().is(character, class), expected.contains(&(character as u32)), "{key} {character:?}");
            }
        }
    }

    #[test]
    fn strip_is_pythons() {
        assert_eq!(strip("\u{1f}\u{3000} a b\u{a0}\n"), "a b");
        assert_eq!(strip("\u{200b}a\u{feff}"), "\u{200b}a\u{feff}");
        assert_eq!((strip(""), strip(" \t"), strip("x")), ("", "", "x"));
    }
}
