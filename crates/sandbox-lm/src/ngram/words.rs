//! Word windows counted, and a word model's parts.
//!
//! Words outside the vocabulary are predicted as the unknown word and then spelt, byte by byte and with an end, by a
//! Witten-Bell model of the words that were seen only once, so that every text has a finite probability. Spelling gives a
//! little of its probability to words of the vocabulary, which never come that way: likelihoods of texts sum to less than one
//! by that much, never to more.

use super::bytes::ByteCounts;
use super::column::Column;
use super::counter::Counter;
use super::file::FileWriter;
use super::kneser_ney::{self, WordTrie};
use super::segment::tokens;
use super::vocabulary::{self, BOUNDARY, UNKNOWN, Vocabulary, WORD_BITS, Words};
use super::witten_bell::{ByteTrie, Nats};
use crate::score::Score;

/// The order of the model that spells.
pub(super) const SPELLING_ORDER: usize = 5;

/// Counts of word n-grams under provisional numbers.
#[derive(Debug)]
pub(super) struct WordCounts {
    order: usize,
    block: usize,
    words: Words,
    counter: Counter<u128>,
}

impl WordCounts {
    /// `block` is the number of windows that are sorted at a time.
    pub(super) fn new(order: usize, block: usize) -> Self {
        Self { order, block, words: Words::default(), counter: Counter::new(order, block) }
    }

    /// Counts one document. Windows are those of [`ByteCounts`], with words for bytes.
    pub(super) fn add(&mut self, text: &str) -> u64 {
        let mask = (1u128 << (WORD_BITS as usize * self.order)) - 1;
        let (mut key, mut symbols) = (0, 0);
        let mut push = |number: u32| {
            key = (key << WORD_BITS | u128::from(number)) & mask;
            symbols += 1;
            if symbols >= self.order {
                self.counter.push(key);
            }
        };
        push(BOUNDARY);
        tokens(text).for_each(|token| push(self.words.number(token)));
        (1..self.order).for_each(|place| push(if place == 1 { BOUNDARY } else { 0 }));
        // Without the beginning; the end of the document is a prediction like any other.
        (symbols + 1 - self.order) as u64
    }

    /// Writes vocabulary, spelling model and n-grams; for the last time, the counts are given up on the way.
    pub(super) fn write(&mut self, file: &mut FileWriter, last: bool) {
        let (numbers, size) = self.words.write(file);
        let mut spelling = ByteCounts::new(SPELLING_ORDER, self.block);
        self.words.rare().into_iter().for_each(|word| spelling.add(word));
        spelling.write(file);
        let renumber = |key: u128| {
            (0..self.order).fold(0, |sum, place| {
                let shift = WORD_BITS as usize * place;
                let number = (key >> shift) as usize & ((1 << WORD_BITS) - 1);
                sum | u128::from(numbers[number]) << shift
            })
        };
        let mut windows: Vec<(u128, u64)> = self.counter.merged().iter().map(|(key, count)| (renumber(key), count)).collect();
        if last {
            self.counter = Counter::new(self.order, self.block);
        }
        windows.sort_unstable_by_key(|(key, _)| *key);
        kneser_ney::write(file, windows, self.order, size);
    }
}

/// Where the parts of a word model stand.
#[derive(Debug)]
pub(super) struct WordModel {
    vocabulary: [Column; vocabulary::COLUMNS],
    spelling: ByteTrie,
    pub(super) trie: WordTrie,
}

impl WordModel {
    pub(super) fn new(bytes: &[u8], order: usize, sections: &[Column]) -> Self {
        let (vocabulary, rest) = sections.split_first_chunk().map_or(Default::default(), |(first, rest)| (*first, rest));
        let (spelling, rest) = rest.split_at_checked(SPELLING_ORDER * super::witten_bell::COLUMNS).unwrap_or_default();
        Self { vocabulary, spelling: ByteTrie::new(bytes, SPELLING_ORDER, spelling), trie: WordTrie::new(bytes, order, rest) }
    }

    pub(super) fn flaw(&self) -> Option<String> {
        let [ends, text, table] = self.vocabulary;
        if text.width != 1 || table.width != 4 || ends.items >= table.items.max(1) {
            return Some("the arrays of the vocabulary do not fit together".to_owned());
        }
        self.trie.flaw(ends.items).or_else(|| self.spelling.flaw())
    }

    pub(super) fn vocabulary<'a>(&self, bytes: &'a [u8]) -> Vocabulary<'a> {
        Vocabulary::new(bytes, &self.vocabulary)
    }

    /// The score of a document's text after a prefix; both are cut into words on their own.
    pub(super) fn score(&self, bytes: &[u8], prefix: &str, text: &str) -> Score {
        let (trie, vocabulary, spelling) = (self.trie.view(bytes), self.vocabulary(bytes), self.spelling.view(bytes));
        let mut context = trie.begin();
        for token in tokens(prefix) {
            context = trie.step(&context, vocabulary.number(token)).1;
        }
        let mut nll = Nats::default();
        let mut spelt = 0.0;
        let mut count = 1;
        for token in tokens(text) {
            let number = vocabulary.number(token);
            let (probability, next) = trie.step(&context, number);
            nll.add(probability);
            if number == UNKNOWN {
                spelt += spelling.score(&[], token.as_bytes()).nll;
            }
            context = next;
            count += 1;
        }
        nll.add(trie.step(&context, BOUNDARY).0);
        Score { nll: nll.sum() + spelt, tokens: count, bytes: text.len() as u64 }
    }

    /// The probability of every number after a prefix.
    pub(super) fn next(&self, bytes: &[u8], prefix: &str) -> Vec<f64> {
        let (trie, vocabulary) = (self.trie.view(bytes), self.vocabulary(bytes));
        let context = tokens(prefix).fold(trie.begin(), |context, token| trie.step(&context, vocabulary.number(token)).1);
        (0..self.trie.size as u32).map(|number| trie.step(&context, number).0).collect()
    }
}
