//! Words and labels, and the rows of the input matrix that a text stands for.

use std::io::Read;

use crate::arguments::Arguments;
use crate::source::{Result, Source};

mod buckets;
mod ngrams;

pub(crate) use buckets::Buckets;

/// The token that ends every text.
const END: &[u8] = b"</s>";
/// How labels begin; models do not say it.
const LABEL: &[u8] = b"__label__";
const NONE: u32 = u32::MAX;

/// The vocabulary of a model.
#[derive(Debug)]
pub(crate) struct Dictionary {
    words: usize,
    labels: Vec<String>,
    /// Words and labels, end to end, and where each ends.
    text: Vec<u8>,
    ends: Vec<usize>,
    /// Open addressing over the words and labels: numbers of entries, or [`NONE`].
    slots: Vec<u32>,
    word_ngrams: usize,
    shortest: usize,
    longest: usize,
    buckets: Buckets,
}

/// What a file says of its dictionary.
pub(crate) struct FromFile {
    pub dictionary: Dictionary,
    pub label_counts: Vec<i64>,
    /// Whether rows of n-grams were left out.
    pub pruned: bool,
    /// How many rows it can ask for.
    pub rows: u64,
}

impl Dictionary {
    pub fn read(source: &mut Source<impl Read>, arguments: &Arguments) -> Result<FromFile> {
        let (size, words, labels) = (source.i32()?, source.i32()?, source.i32()?);
        let _tokens = source.i64()?;
        let pruned = source.i64()?;
        // An entry is at least an end, a count and a kind.
        let size = source.count(size.into(), 10)?;
        let (words, labels) = (source.count(words.into(), 10)?, source.count(labels.into(), 10)?);
        if words + labels != size || labels == 0 {
            return Err(format!("{words} words and {labels} labels are not {size} entries"));
        }
        let mut text = Vec::new();
        let mut ends = Vec::with_capacity(size);
        let (mut names, mut label_counts) = (Vec::with_capacity(labels), Vec::with_capacity(labels));
        for entry in 0..size {
            let start = text.len();
            loop {
                match source.byte()? {
                    0 => break,
                    byte => text.push(byte),
                }
            }
            let count = source.i64()?;
            let is_label = source.flag()?;
            if is_label != (entry >= words) {
                return Err("its words and labels are mixed up".to_owned());
            }
            if is_label {
                names.push(String::from_utf8_lossy(&text[start..]).into_owned());
                label_counts.push(count);
            }
            ends.push(text.len());
        }
        let buckets = Buckets::read(source, pruned, arguments.buckets)?;
        let rows = words as u64 + buckets.rows();
        let mut dictionary = Self {
            words,
            labels: names,
            text,
            ends,
            slots: vec![NONE; (size * 2).next_power_of_two()],
            word_ngrams: arguments.word_ngrams,
            shortest: usize::try_from(arguments.shortest).unwrap_or(0),
            longest: usize::try_from(arguments.longest).unwrap_or(0),
            buckets,
        };
        for entry in 0..size {
            let slot = dictionary.slot(dictionary.entry(entry), ngrams::hash(dictionary.entry(entry)));
            dictionary.slots[slot] = entry as u32;
        }
        Ok(FromFile { dictionary, label_counts, pruned: pruned >= 0, rows })
    }

    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    fn entry(&self, entry: usize) -> &[u8] {
        let start = entry.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.text[start..self.ends[entry]]
    }

    /// The slot of a word, or the free one where it would be. At most half of the slots are taken.
    fn slot(&self, word: &[u8], hash: u32) -> usize {
        let mask = self.slots.len() - 1;
        let mut slot = hash as usize & mask;
        while self.slots[slot] != NONE && self.entry(self.slots[slot] as usize) != word {
            slot = (slot + 1) & mask;
        }
        slot
    }

    /// Gives the rows of a text and of its end to `add`: those of its words in order, then those of its runs of words.
    /// `hashes` and `word` are memory.
    pub fn rows(&self, text: &[u8], hashes: &mut Vec<u32>, word: &mut Vec<u8>, add: &mut impl FnMut(u32)) {
        hashes.clear();
        // A line ends the text, and so does the token that stands for its end.
        let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let space = |byte: &u8| matches!(byte, b' ' | b'\r' | b'\t' | 0x0b | 0x0c | 0);
        let tokens = line.split(space).filter(|token| !token.is_empty());
        let until = tokens.clone().position(|token| token == END).unwrap_or(usize::MAX);
        for token in tokens.take(until).chain(std::iter::once(END)) {
            let hash = ngrams::hash(token);
            match self.slots[self.slot(token, hash)] {
                NONE if token.starts_with(LABEL) => continue,
                NONE => {}
                entry if entry as usize >= self.words => continue,
                entry => add(entry),
            }
            hashes.push(hash);
            if token != END && self.longest > 0 {
                word.clear();
                word.push(b'<');
                word.extend_from_slice(token);
                word.push(b'>');
                ngrams::of_characters(word, self.shortest, self.longest, |hash| self.add_bucket(hash, add));
            }
        }
        ngrams::of_words(hashes, self.word_ngrams, |hash| {
            self.add_bucket((hash % self.buckets.modulus()) as u32, add);
        });
    }

    #[inline]
    fn add_bucket(&self, hash: u32, add: &mut impl FnMut(u32)) {
        if let Some(row) = self.buckets.row(hash) {
            add(self.words as u32 + row);
        }
    }
}
