//! The probing format: a hash table for the words, an array of unigrams, a hash table for each further order.

use crate::bits::{f32_at, is_negative, negative, u32_at};
use crate::header::Kind;
use crate::murmur;
use crate::score::{Found, Search};
use crate::table::{Table, combine};

/// Where the parts lie.
#[derive(Debug)]
pub(crate) struct Probing {
    pub words: Table,
    pub unigrams: usize,
    pub unigram_count: u64,
    /// Bytes of a probability with its backoff, and its rest cost if there is one.
    pub weights: usize,
    pub middle: Vec<Table>,
    pub longest: Table,
    pub end: usize,
}

/// Bytes of the vocabulary's head: a version, and the number of words.
pub(crate) const VOCABULARY_HEAD: usize = 8;

impl Probing {
    /// The layout for counts of n-grams, from a byte on; `None` if no file is so large.
    pub fn layout(start: usize, kind: Kind, multiplier: f32, counts: &[u64]) -> Option<Self> {
        let weights = if kind == (Kind::Probing { rest: true }) { 12 } else { 8 };
        let (&unigram_count, longer) = counts.split_first()?;
        let (&longest, middle) = longer.split_last()?;
        let (words, unigrams) = Table::new(start.checked_add(VOCABULARY_HEAD)?, unigram_count, multiplier, 4)?;
        // One more than there are, in case the unknown word is not among them.
        let size = usize::try_from(unigram_count.checked_add(1)?).ok()?.checked_mul(weights)?;
        let mut end = unigrams.checked_add(size)?;
        let mut tables = Vec::new();
        for &count in middle {
            let (table, next) = Table::new(end, count, multiplier, weights)?;
            tables.push(table);
            end = next;
        }
        let (longest, end) = Table::new(end, longest, multiplier, 4)?;
        Some(Self { words, unigrams, unigram_count, weights, middle: tables, longest, end })
    }

    fn weights(&self, bytes: &[u8], at: usize) -> Option<Found> {
        let (probability, backoff) = (f32_at(bytes, at)?, f32_at(bytes, at + 4)?);
        // The sign notes whether the n-gram has extensions to the left.
        Some(Found { probability: negative(probability), backoff, independent: is_negative(probability) })
    }
}

impl Search for Probing {
    type Node = u64;

    fn order(&self) -> usize {
        self.middle.len() + 2
    }

    fn word(&self, bytes: &[u8], word: &[u8]) -> u32 {
        let index = self.words.find(bytes, murmur::hash(word)).ok().and_then(|at| u32_at(bytes, at));
        index.filter(|index| u64::from(*index) <= self.unigram_count).unwrap_or(0)
    }

    fn unigram(&self, bytes: &[u8], word: u32) -> (Found, u64) {
        let found = self.weights(bytes, self.unigrams + word as usize * self.weights);
        (found.unwrap_or_default(), word.into())
    }

    fn middle(&self, bytes: &[u8], order: usize, word: u32, node: &mut u64) -> Option<Found> {
        *node = combine(*node, word);
        let at = self.middle.get(order)?.find(bytes, *node).ok()?;
        self.weights(bytes, at)
    }

    fn longest(&self, bytes: &[u8], word: u32, node: u64) -> Option<f32> {
        f32_at(bytes, self.longest.find(bytes, combine(node, word)).ok()?)
    }
}
