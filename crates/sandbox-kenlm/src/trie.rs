//! The trie: words sorted by hash, and bit-packed arrays by order in which the entries of a context are neighbours.

use crate::bits::{bits_at, f32_at, negative, required, u64_at};
use crate::murmur;
use crate::pointers::{Array, chopped, most_bits};
use crate::quantiser::Quantiser;
use crate::score::{Found, Search};

#[derive(Debug)]
pub(crate) struct Trie {
    /// Hashes of the words from number 1 on.
    words: usize,
    word_count: u64,
    quantiser: Option<Quantiser>,
    unigrams: usize,
    unigram_count: u64,
    middle: Vec<Packed>,
    longest: Packed,
}

/// The entries of one order: word, weights, and in all but the last order a pointer to the first entry of the next order.
#[derive(Debug, Clone, Copy)]
struct Packed {
    base: usize,
    word_bits: u32,
    weight_bits: u32,
    pointer_bits: u32,
    array: Option<Array>,
}

/// A probability, a backoff, and a pointer.
const UNIGRAM: usize = 16;
/// The most bits that are read at once.
const MOST_BITS: u32 = 57;

impl Trie {
    pub fn read(bytes: &[u8], start: usize, counts: &[u64], quantised: bool, array: bool) -> Result<Self, String> {
        Self::layout(bytes, start, counts, quantised, array).ok_or_else(|| "its counts are too large for a file".to_owned()).flatten()
    }

    fn layout(bytes: &[u8], start: usize, counts: &[u64], quantised: bool, array: bool) -> Option<Result<Self, String>> {
        let (&unigram_count, &longest_count) = (counts.first()?, counts.last()?);
        let size = |count: u64, each: usize| usize::try_from(count).ok()?.checked_mul(each);
        let words = start.checked_add(8)?;
        let after_words = words.checked_add(size(unigram_count, 8)?)?;
        let word_count = u64_at(bytes, start).unwrap_or(u64::MAX);
        if word_count > unigram_count {
            return Some(Err("it has more words than it says".to_owned()));
        }
        let quantiser = match quantised.then(|| Quantiser::read(bytes, after_words, counts.len())).transpose() {
            Ok(quantiser) => quantiser,
            Err(cause) => return Some(Err(cause)),
        };
        let (middle_bits, longest_bits) = match &quantiser {
            Some(quantiser) => (quantiser.probability_bits + quantiser.backoff_bits, quantiser.probability_bits),
            None => (63, 31),
        };
        let unigrams = quantiser.map_or(after_words, |quantiser| quantiser.end);
        // The unknown word may be one more, and the last pointer stands in one more.
        let mut end = unigrams.checked_add(size(unigram_count.checked_add(2)?, UNIGRAM)?)?;
        let most_chopped = match (array && counts.len() > 2).then(|| most_bits(bytes, end)).transpose() {
            Ok(bits) => bits,
            Err(cause) => return Some(Err(cause)),
        };
        let word_bits = required(unigram_count);
        let mut middle = Vec::new();
        for pair in counts.get(1..)?.windows(2) {
            let &[count, next] = pair else { continue };
            let entries = count.checked_add(1)?;
            let chop = most_chopped.map_or(0, |most| chopped(entries, next, most));
            let array = match most_chopped {
                Some(_) => {
                    let (array, after) = Array::new(end, next, chop)?;
                    end = after;
                    Some(array)
                }
                None => None,
            };
            let packed = Packed { base: end, word_bits, weight_bits: middle_bits, pointer_bits: required(next) - chop, array };
            end = packed.end(count)?;
            middle.push(packed);
        }
        let longest = Packed { base: end, word_bits, weight_bits: longest_bits, pointer_bits: 0, array: None };
        let end = longest.end(longest_count)?;
        if word_bits > 32 || middle.iter().any(|packed| packed.pointer_bits > MOST_BITS) {
            return None;
        }
        if end > bytes.len() {
            return Some(Err(format!("expected at least {end} bytes, got {}", bytes.len())));
        }
        Some(Ok(Self { words, word_count, quantiser, unigrams, unigram_count, middle, longest }))
    }
}

impl Packed {
    fn width(&self) -> u64 {
        u64::from(self.word_bits + self.weight_bits + self.pointer_bits)
    }

    /// Where it ends with so many entries: one more is there for the last pointer, and bytes to read beyond the last bit.
    fn end(&self, entries: u64) -> Option<usize> {
        let bits = entries.checked_add(1)?.checked_mul(self.width())?;
        self.base.checked_add(usize::try_from(bits.div_ceil(8)).ok()?)?.checked_add(8)
    }

    /// The entry of a word in a range of entries sorted by word, guessed from where it lies between its neighbours.
    fn find(&self, bytes: &[u8], (mut low, mut high): (u64, u64), words: u64, word: u32) -> Option<u64> {
        let key = u64::from(word);
        let (mut below, mut above) = (0, words);
        while low < high {
            let guess = (u128::from(key.checked_sub(below)?) * u128::from(high - low)).checked_div(u128::from(above - below) + 1)?;
            let entry = low + (guess as u64).min(high - low - 1);
            let found = bits_at(bytes, self.base, entry.checked_mul(self.width())?, self.word_bits)?;
            if found < key {
                (low, below) = (entry + 1, found);
            } else if found > key {
                (high, above) = (entry, found);
            } else {
                return Some(entry);
            }
        }
        None
    }

    /// Where an entry's weights begin.
    fn weights(&self, entry: u64) -> u64 {
        entry * self.width() + u64::from(self.word_bits)
    }

    /// The range of entries of the next order that an entry points to.
    fn range(&self, bytes: &[u8], entry: u64) -> Option<(u64, u64)> {
        let at = self.weights(entry) + u64::from(self.weight_bits);
        let begin = bits_at(bytes, self.base, at, self.pointer_bits)?;
        let end = bits_at(bytes, self.base, at + self.width(), self.pointer_bits)?;
        let (high_begin, high_end) = self.array.map_or(Some((0, 0)), |array| array.high(bytes, entry))?;
        Some((high_begin << self.pointer_bits | begin, high_end << self.pointer_bits | end))
    }

    /// A number from a place on that is too wide for one read.
    fn float(&self, bytes: &[u8], at: u64, bits: u32) -> Option<f32> {
        bits_at(bytes, self.base, at, bits).map(|bits| f32::from_bits(bits as u32))
    }
}

impl Search for Trie {
    type Node = (u64, u64);

    fn order(&self) -> usize {
        self.middle.len() + 2
    }

    fn word(&self, bytes: &[u8], word: &[u8]) -> u32 {
        let hash = murmur::hash(word);
        let (mut low, mut high) = (0, self.word_count as usize);
        // Hashes are spread evenly, so the place is guessed until few are left.
        let (mut below, mut above) = (0, u64::MAX);
        while low < high {
            let share = u128::from(hash - below) * (high - low) as u128 / (u128::from(above - below) + 1);
            let place = low + (share as usize).min(high - low - 1);
            let Some(found) = u64_at(bytes, self.words + 8 * place) else { break };
            if found < hash {
                (low, below) = (place + 1, found);
            } else if found > hash {
                (high, above) = (place, found);
            } else {
                return u32::try_from(place + 1).unwrap_or(0);
            }
        }
        0
    }

    fn unigram(&self, bytes: &[u8], word: u32) -> (Found, (u64, u64)) {
        let at = self.unigrams + word as usize * UNIGRAM;
        let read = || Some((f32_at(bytes, at)?, f32_at(bytes, at + 4)?, u64_at(bytes, at + 8)?, u64_at(bytes, at + 8 + UNIGRAM)?));
        let (probability, backoff, begin, end) = read().unwrap_or_default();
        (Found { probability, backoff, independent: begin == end }, (begin, end))
    }

    fn middle(&self, bytes: &[u8], order: usize, word: u32, node: &mut (u64, u64)) -> Option<Found> {
        let packed = self.middle.get(order)?;
        let entry = packed.find(bytes, *node, self.unigram_count, word)?;
        *node = packed.range(bytes, entry)?;
        let at = packed.weights(entry);
        let (probability, backoff) = match &self.quantiser {
            Some(quantiser) => {
                let backoff = bits_at(bytes, packed.base, at, quantiser.backoff_bits)?;
                let probability = bits_at(bytes, packed.base, at + u64::from(quantiser.backoff_bits), quantiser.probability_bits)?;
                (quantiser.probability(bytes, order, probability)?, quantiser.backoff(bytes, order, backoff)?)
            }
            None => (negative(packed.float(bytes, at, 31)?), packed.float(bytes, at + 31, 32)?),
        };
        Some(Found { probability, backoff, independent: node.0 == node.1 })
    }

    fn longest(&self, bytes: &[u8], word: u32, node: (u64, u64)) -> Option<f32> {
        let entry = self.longest.find(bytes, node, self.unigram_count, word)?;
        let at = self.longest.weights(entry);
        match &self.quantiser {
            Some(quantiser) => {
                let bin = bits_at(bytes, self.longest.base, at, quantiser.probability_bits)?;
                quantiser.probability(bytes, self.middle.len(), bin)
            }
            None => self.longest.float(bytes, at, 31).map(negative),
        }
    }
}
