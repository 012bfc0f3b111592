//! Words: what stands between blanks, with special characters taken off the ends.

use crate::unicode::lower::push_lower;
use crate::unicode::{SPECIAL, classes};

/// The words of a text. Two forms share this type: words as they are, and words in lower case.
#[derive(Debug, Default)]
pub struct Words {
    text: String,
    /// Where each word begins and ends in `text`, in bytes.
    spans: Vec<(usize, usize)>,
}

impl Words {
    /// How many words.
    pub fn len(&self) -> usize {
        self.spans.len()
    }

    /// Whether there is no word.
    pub fn is_empty(&self) -> bool {
        self.spans.is_empty()
    }

    /// The word at a position.
    #[inline]
    pub fn get(&self, position: usize) -> Option<&str> {
        self.spans.get(position).and_then(|&(start, end)| self.text.get(start..end))
    }

    /// Where the words begin and end in [`text`](Self::text), in bytes.
    pub(super) fn spans(&self) -> &[(usize, usize)] {
        &self.spans
    }

    /// What the words are parts of.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The words in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        self.spans.iter().filter_map(|&(start, end)| self.text.get(start..end))
    }

    /// Becomes the words of a text.
    pub(super) fn split(&mut self, text: &str) {
        self.text.clear();
        self.text.push_str(text);
        self.spans.clear();
        find(text, &mut self.spans);
    }

    /// Becomes words that were found otherwise, special characters taken off their ends, in lower case before if so wanted.
    pub(super) fn take<'w>(&mut self, words: impl Iterator<Item = &'w str>, lower: bool) {
        let classes = classes();
        self.text.clear();
        self.spans.clear();
        for word in words {
            let start = self.text.len();
            if lower {
                push_lower(word, &mut self.text);
            } else {
                self.text.push_str(word);
            }
            let edge = |character| classes.is(character, SPECIAL);
            let from_core = self.text[start..].trim_start_matches(edge);
            let start = self.text.len() - from_core.len();
            let length = from_core.trim_end_matches(edge).len();
            if length > 0 {
                self.spans.push((start, start + length));
            }
        }
    }

    /// Becomes the words of an ASCII text in lower case, which changes no border.
    pub(super) fn lower_ascii(&mut self, words: &Self) {
        self.text.clone_from(&words.text);
        self.text.make_ascii_lowercase();
        self.spans.clone_from(&words.spans);
    }

    /// Becomes the words of a text, each in lower case before its special characters are taken off.
    pub(super) fn split_lower(&mut self, text: &str) {
        self.text.clear();
        self.spans.clear();
        // Lower case first: Ⓜ is special and ⓜ is not. Only a sigma looks beyond itself, and no further than its word.
        if text.contains('Σ') {
            for word in text.split([' ', '\n', '\t']).filter(|word| !word.is_empty()) {
                push_lower(word, &mut self.text);
                self.text.push(' ');
            }
        } else {
            push_lower(text, &mut self.text);
        }
        find(&self.text, &mut self.spans);
    }
}

/// Appends where words begin and end: from the first character that is not special to the last, if there is one.
///
/// U+0020, U+000A and U+0009 alone separate words, special characters are their edges and all others their cores. Cores
/// and separators of 64 bytes at a time are bits of two numbers, in which the next border is found by counting zeros.
fn find(text: &str, spans: &mut Vec<(usize, usize)>) {
    let mut open: Option<(usize, usize)> = None;
    let mut carried = 0;
    let (blocks, rest) = text.as_bytes().as_chunks::<BLOCK>();
    let mut last = [b' '; BLOCK];
    last[..rest.len()].copy_from_slice(rest);
    for (number, block) in blocks.iter().chain(std::iter::once(&last)).enumerate() {
        let base = number * BLOCK;
        let (mut cores, mut separators, wide) = masks(block);
        if wide != 0 || carried != 0 {
            let (own, next) = wide_cores(text, base, wide);
            cores |= own | carried;
            carried = next;
        }
        loop {
            match open {
                Some((start, end)) => {
                    // All bits below the separator; without one, all.
                    let before = separators & separators.wrapping_neg();
                    let inside = cores & before.wrapping_sub(1);
                    let end = if inside == 0 { end } else { base + BLOCK - inside.leading_zeros() as usize };
                    if separators == 0 {
                        open = Some((start, end));
                        break;
                    }
                    spans.push((start, end));
                    open = None;
                    cores &= !before.wrapping_sub(1);
                    separators &= separators - 1;
                }
                None if cores == 0 => break,
                None => {
                    let first = cores.trailing_zeros() as usize;
                    open = Some((base + first, base + first + 1));
                    separators &= u64::MAX << first;
                }
            }
        }
    }
    spans.extend(open);
}

const BLOCK: usize = 64;

/// Which bytes of a block are cores, separators, and parts of characters beyond ASCII.
fn masks(block: &[u8; BLOCK]) -> (u64, u64, u64) {
    let (mut cores, mut separators) = ([0u8; BLOCK], [0u8; BLOCK]);
    let mut all = 0;
    for (index, &byte) in block.iter().enumerate() {
        let letter = u8::from((byte | 0x20).wrapping_sub(b'a') < 26);
        let blank = u8::from(byte.wrapping_sub(b'\t') < 5);
        let printable = u8::from(byte.wrapping_sub(b' ') < 95);
        cores[index] = (letter | ((printable | blank) ^ 1)) & ((byte >> 7) ^ 1);
        separators[index] = u8::from(byte == b' ') | u8::from(byte.wrapping_sub(b'\t') < 2);
        all |= byte;
    }
    let wide = if all < 0x80 { 0 } else { bits(&block.map(|byte| byte >> 7)) };
    (bits(&cores), bits(&separators), wide)
}

/// 64 bytes of 0 and 1 as bits, the first byte lowest.
fn bits(bytes: &[u8; BLOCK]) -> u64 {
    let eight = |chunk: &[u8; 8]| u64::from_le_bytes(*chunk).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    bytes.as_chunks::<8>().0.iter().enumerate().fold(0, |sum, (index, chunk)| sum | eight(chunk) << (8 * index))
}

/// The bytes of a block's characters beyond ASCII that are no special characters, and those that reach into the next block.
fn wide_cores(text: &str, base: usize, mut wide: u64) -> (u64, u64) {
    let classes = classes();
    let mut cores = 0u128;
    while wide != 0 {
        let first = wide.trailing_zeros();
        wide &= wide - 1;
        // None for bytes inside a character.
        let Some(character) = text.get(base + first as usize..).and_then(|rest| rest.chars().next()) else { continue };
        if !classes.is(character, SPECIAL) {
            cores |= ((1u128 << character.len_utf8()) - 1) << first;
        }
    }
    (cores as u64, (cores >> BLOCK) as u64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::text::{Scratch, TextView};

    /// The definition, word for word.
    fn by_definition(text: &str, lower: bool) -> Vec<String> {
        let mut words = Vec::new();
        for word in text.split([' ', '\n', '\t']) {
            let mut whole = String::new();
            if lower {
                push_lower(word, &mut whole)
            } else {
                whole.push_str(word)
            }
            let stripped = whole.trim_matches(|character| classes().is(character, SPECIAL));
            if !stripped.is_empty() {
                words.push(stripped.to_owned());
            }
        }
        words
    }

    fn both(text: &str) -> (Vec<String>, Vec<String>) {
        let mut scratch = Scratch::default();
        let view = TextView::new(text, &mut scratch);
        let refined = view.refined_words().iter().map(str::to_owned).collect();
        (view.words().iter().map(str::to_owned).collect(), refined)
    }

    #[test]
    fn only_three_characters_separate() {
        assert_eq!(both("A\u{a0}b\r\nc\u{3000}d\te").0, ["A\u{a0}b", "c\u{3000}d", "e"]);
        assert_eq!(both("(Hello), 'wor-ld'! 12 --").1, ["hello", "wor-ld"]);
        assert_eq!(both("ΟΔΟΣ ΟΔΟΣ").1, ["οδος", "οδος"]);
        assert_eq!(both("Ⓜ"), (vec![], vec!["ⓜ".to_owned()]));
    }

    proptest! {
        #[test]
        fn as_defined(text in prop_oneof!["[ -~\n\t\r]{0,120}", "([a-zA-Z]{0,4}|[ \t\n☃ⓂΣİé　★'.!]|\\PC){0,30}"]) {
            prop_assert_eq!(both(&text), (by_definition(&text, false), by_definition(&text, true)));
        }
    }
}
