//! Words and their numbers.
//!
//! While training, every distinct token has a provisional number in order of appearance. The model keeps the tokens that were
//! seen at least twice, numbered by falling count and then by bytes, so that numbers do not depend on the order of documents;
//! 0 is the unknown word, 1 the boundary of documents.

use std::hash::BuildHasher;

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};

use super::column::{Column, Values};
use super::file::FileWriter;

/// The number of every word outside the vocabulary.
pub(super) const UNKNOWN: u32 = 0;
/// The number of a document's beginning and end.
pub(super) const BOUNDARY: u32 = 1;
/// The first word's number.
const FIRST: u32 = 2;
/// Ends of words, their text, the hash table.
pub(super) const COLUMNS: usize = 3;
/// Bits of a number in a window.
pub(super) const WORD_BITS: u32 = 25;
/// Tokens from this count on are in the vocabulary.
const KEEP: u64 = 2;

/// Distinct tokens and their counts.
#[derive(Debug, Default)]
pub(super) struct Words {
    text: Vec<u8>,
    ends: Vec<usize>,
    counts: Vec<u64>,
    table: HashTable<u32>,
    hasher: DefaultHashBuilder,
}

impl Words {
    /// The provisional number of one more occurrence of `token`; unknown when the numbers are used up (33 million tokens).
    #[inline]
    pub(super) fn number(&mut self, token: &str) -> u32 {
        let Self { text, ends, counts, table, hasher } = self;
        let word = |index: u32| {
            let index = index as usize;
            let start = index.checked_sub(1).map_or(0, |before| ends[before]);
            &text[start..ends[index]]
        };
        let entry =
            table.entry(hasher.hash_one(token.as_bytes()), |index| word(*index) == token.as_bytes(), |index| hasher.hash_one(word(*index)));
        match entry {
            Entry::Occupied(entry) => {
                let index = *entry.get();
                counts[index as usize] += 1;
                FIRST + index
            }
            Entry::Vacant(entry) => {
                let index = counts.len() as u32;
                if FIRST + index >= 1 << WORD_BITS {
                    return UNKNOWN;
                }
                entry.insert(index);
                text.extend_from_slice(token.as_bytes());
                ends.push(text.len());
                counts.push(1);
                FIRST + index
            }
        }
    }

    fn word(&self, index: usize) -> &[u8] {
        let start = index.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[index]]
    }

    /// The tokens that stay outside, in order of bytes.
    pub(super) fn rare(&self) -> Vec<&[u8]> {
        let mut rare: Vec<&[u8]> =
            (0..self.counts.len()).filter(|index| self.counts[*index] < KEEP).map(|index| self.word(index)).collect();
        rare.sort_unstable();
        rare
    }

    /// Writes the vocabulary; the model's number for each provisional number, and how many numbers the model has.
    pub(super) fn write(&self, file: &mut FileWriter) -> (Vec<u32>, usize) {
        let mut kept: Vec<usize> = (0..self.counts.len()).filter(|index| self.counts[*index] >= KEEP).collect();
        kept.sort_unstable_by(|a, b| self.counts[*b].cmp(&self.counts[*a]).then_with(|| self.word(*a).cmp(self.word(*b))));
        let mut numbers = vec![UNKNOWN; self.counts.len() + FIRST as usize];
        numbers[BOUNDARY as usize] = BOUNDARY;
        let (mut text, mut ends) = (Vec::new(), Vec::with_capacity(kept.len()));
        let mut table = vec![u64::from(UNKNOWN); (kept.len() * 2).next_power_of_two()];
        for (number, index) in (FIRST..).zip(&kept) {
            numbers[*index + FIRST as usize] = number;
            text.extend_from_slice(self.word(*index));
            ends.push(text.len() as u64);
            let mut place = hash(self.word(*index)) as usize;
            while table[place % table.len()] != u64::from(UNKNOWN) {
                place = place.wrapping_add(1);
            }
            let place = place % table.len();
            table[place] = u64::from(number);
        }
        file.numbers(&ends);
        file.text(&text);
        file.column(table.into_iter(), 4);
        (numbers, kept.len() + FIRST as usize)
    }
}

/// A model's vocabulary, ready to be asked.
#[derive(Clone, Copy)]
pub(super) struct Vocabulary<'a> {
    ends: Values<'a>,
    text: &'a [u8],
    table: Values<'a>,
    places: usize,
}

impl<'a> Vocabulary<'a> {
    pub(super) fn new(bytes: &'a [u8], columns: &[Column; COLUMNS]) -> Self {
        let [ends, text, table] = columns;
        Self { ends: ends.of(bytes), text: text.of(bytes).bytes, table: table.of(bytes), places: table.items }
    }

    /// The number of a token, [`UNKNOWN`] for what is outside.
    #[inline]
    pub(super) fn number(&self, token: &str) -> u32 {
        let first = hash(token.as_bytes()) as usize;
        for step in 0..self.places {
            let number = self.table.get(first.wrapping_add(step) % self.places) as u32;
            if number == UNKNOWN || self.word(number) == Some(token.as_bytes()) {
                return number;
            }
        }
        UNKNOWN
    }

    /// The word of a number; `None` for the unknown word, the boundary, and what is not a number.
    #[inline]
    pub(super) fn word(&self, number: u32) -> Option<&'a [u8]> {
        let index = number.checked_sub(FIRST)? as usize;
        let start = index.checked_sub(1).map_or(0, |before| self.ends.index(before));
        self.text.get(start..self.ends.index(index))
    }
}

/// FNV-1a with its bits mixed once more: the same on every machine, for the table in the file.
#[inline]
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let hash = bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash: u64, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3));
    (hash ^ hash >> 32).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 8
}
