//! How many characters of which class, in one pass.

use crate::unicode::{ALPHABETIC, ALPHANUMERIC, LINE_BREAK, SPECIAL, classes};

/// How many characters a text has, and how many of some classes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Tally {
    /// Characters (code points).
    pub characters: usize,
    /// Characters with Python's `isalnum`.
    pub alphanumeric: usize,
    /// Characters with Python's `isalpha`.
    pub alphabetic: usize,
    /// Characters of the original's special set.
    pub special: usize,
    /// Bytes of UTF-8.
    pub bytes: usize,
    /// Whether a line break other than U+000A occurs.
    pub unusual_breaks: bool,
}

/// So many that the counters of a block fit into a byte.
const BLOCK: usize = 64;

impl Tally {
    /// Counts in blocks: those of ASCII only without a look-up, the others character by character.
    pub(super) fn of(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut tally = Self { bytes: bytes.len(), ..Self::default() };
        let mut position = 0;
        while position < bytes.len() {
            let end = bytes.len().min(position + BLOCK);
            let block = match bytes[position..].first_chunk::<BLOCK>() {
                Some(block) => tally.add_ascii(block),
                None => tally.add_ascii(&bytes[position..end]),
            };
            position = if block { end } else { tally.add_characters(text, position, end) };
        }
        tally
    }

    /// Whether one character is one byte in all of the text.
    pub fn is_ascii(&self) -> bool {
        self.bytes == self.characters
    }

    /// Adds a block if it is ASCII.
    #[inline(always)]
    fn add_ascii<B: AsRef<[u8]> + ?Sized>(&mut self, block: &B) -> bool {
        let (mut all, mut letters, mut digits, mut special, mut unusual) = (0u8, 0u8, 0u8, 0u8, 0u8);
        let block = block.as_ref();
        for &byte in block {
            let letter = u8::from((byte | 0x20).wrapping_sub(b'a') < 26);
            let digit = u8::from(byte.wrapping_sub(b'0') < 10);
            let blank = u8::from(byte.wrapping_sub(b'\t') < 5);
            let printable = u8::from(byte.wrapping_sub(b' ') < 95);
            all |= byte;
            letters += letter;
            digits += digit;
            special += (printable & (letter ^ 1)) | blank;
            unusual |= (blank & u8::from(byte > b'\n')) | u8::from(byte.wrapping_sub(0x1c) < 3);
        }
        if all >= 0x80 {
            return false;
        }
        self.characters += block.len();
        self.alphanumeric += usize::from(letters) + usize::from(digits);
        self.alphabetic += usize::from(letters);
        self.special += usize::from(special);
        self.unusual_breaks |= unusual != 0;
        true
    }

    /// Adds the characters that begin in `start..end`, and says where the next one begins.
    fn add_characters(&mut self, text: &str, start: usize, end: usize) -> usize {
        let classes = classes();
        let mut next = start;
        for character in text[start..].chars() {
            if next >= end {
                break;
            }
            let set = classes.of(character);
            self.characters += 1;
            self.alphanumeric += usize::from(set & ALPHANUMERIC != 0);
            self.alphabetic += usize::from(set & ALPHABETIC != 0);
            self.special += usize::from(set & SPECIAL != 0);
            self.unusual_breaks |= set & LINE_BREAK != 0 && character != '\n';
            next += character.len_utf8();
        }
        next
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one_by_one(text: &str) -> Tally {
        let mut tally = Tally { bytes: text.len(), ..Tally::default() };
        tally.add_characters(text, 0, text.len());
        tally
    }

    #[test]
    fn every_ascii_character_alone() {
        for byte in 0..=0x7f_u8 {
            let text = char::from(byte).to_string();
            assert_eq!(Tally::of(&text), one_by_one(&text), "{byte:#x}");
        }
    }

    proptest! {
        #[test]
        fn blocks_count_as_characters_do(text in prop_oneof!["[ -~\n\r\t]{0,300}", "([ -~]{0,90}|\\PC|\\p{Cc}){0,8}"]) {
            prop_assert_eq!(Tally::of(&text), one_by_one(&text));
        }
    }
}
