//! Windows: every run of so many neighbouring characters or words, and how often each occurs.
//!
//! A window is known by where it first begins. An open-addressing table of such positions finds, by hash and then by
//! comparing the texts themselves, whether a window was there before; so counts are exact and nothing is copied. Texts
//! repeat phrases rather than windows: behind a window that was there before, only the next character is compared.

use std::mem::take;

use super::narrow::Narrow;
use super::words::Words;
use crate::error::OpError;

/// Counts of the windows of one text.
#[derive(Debug, Default)]
pub struct Windows {
    /// Windows in all.
    pub total: usize,
    /// Windows that differ from each other.
    pub distinct: usize,
    /// How often each window occurs that occurs more than once, in the order of their second occurrence.
    pub repeated: Vec<u32>,
    /// Where windows first begin, plus `base` and one. What an earlier text left is at most `base`, which is as good as
    /// empty: the table is never cleared.
    slots: Vec<u32>,
    base: u32,
    marks: Vec<Mark>,
    /// Where windows first begin that occur more than once.
    again: Vec<u32>,
    narrow: Narrow,
    starts: Vec<usize>,
    values: Vec<u64>,
    hashes: Vec<u64>,
}

/// What is known of the window at a position.
#[derive(Debug, Clone, Copy, Default)]
struct Mark {
    /// Where it first begins.
    first: u32,
    /// There: how often it occurs again.
    more: u32,
}

/// Odd, with bits all over: multiplying by it carries every bit into the upper ones (the golden ratio, as often).
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
const SPREAD_TOO: u64 = 0xd6e8_feb8_6659_fd93;

impl Windows {
    /// The longest text whose windows are counted: positions are 32 bits wide.
    pub const MOST_BYTES: usize = u32::MAX as usize / 2;

    pub(super) fn check(text: &str) -> Result<(), OpError> {
        let (most, found) = (Self::MOST_BYTES, text.len());
        if found > most { Err(OpError::TooLong { most, found }) } else { Ok(()) }
    }

    /// How often the window occurs that occurs most, and so on, `count` of them together.
    pub fn most_frequent(&mut self, count: usize) -> usize {
        let sum = |counts: &[u32]| counts.iter().map(|count| *count as usize).sum();
        if count >= self.repeated.len() {
            return sum(&self.repeated);
        }
        self.repeated.select_nth_unstable_by(count, |a, b| b.cmp(a));
        sum(&self.repeated[..count])
    }

    pub(super) fn count_characters(&mut self, text: &str, ascii: bool, length: usize) {
        let mut narrow = take(&mut self.narrow);
        let bytes = if ascii { Some(text.as_bytes()) } else { narrow.map(text) };
        match bytes {
            Some(bytes) if length <= 16 => self.count_narrow(bytes, length),
            _ => self.count_wide(text, length),
        }
        self.narrow = narrow;
    }

    /// Windows of characters that are one byte each.
    fn count_narrow(&mut self, bytes: &[u8], length: usize) {
        match length {
            1 => self.count_keys(bytes, length, |window| (window.first().copied().unwrap_or(0).into(), 0)),
            2..=3 => self.count_keys(bytes, length, ends::<2>),
            4..=7 => self.count_keys(bytes, length, ends::<4>),
            // The default of the original, with a length that the compiler knows.
            10 => self.count_keys(bytes, 10, ends::<8>),
            _ => self.count_keys(bytes, length, ends::<8>),
        }
    }

    /// Windows of bytes that are equal when their keys are.
    #[inline(always)]
    fn count_keys(&mut self, bytes: &[u8], length: usize, key: impl Fn(&[u8]) -> (u64, u64)) {
        let hashes = bytes.windows(length).map(|window| {
            let (low, high) = key(window);
            low.wrapping_mul(SPREAD).wrapping_add(high.wrapping_mul(SPREAD_TOO))
        });
        let key = |position: usize| key(&bytes[position..position + length]);
        self.count(hashes, |a, b| key(a) == key(b), |a, b| bytes[a + length] == bytes[b + length - 1]);
    }

    /// Windows of characters of any width or of great length.
    fn count_wide(&mut self, text: &str, length: usize) {
        let (mut starts, mut hashes) = (take(&mut self.starts), take(&mut self.hashes));
        starts.clear();
        self.values.clear();
        for (position, character) in text.char_indices() {
            starts.push(position);
            self.values.push(character.into());
        }
        starts.push(text.len());
        rolling(&self.values, length, &mut hashes);
        let values = take(&mut self.values);
        let window = |position: usize| &text.as_bytes()[starts[position]..starts[position + length]];
        let same = |a: usize, b: usize| hashes[a] == hashes[b] && window(a) == window(b);
        self.count(hashes.iter().copied(), same, |a, b| values[a + length] == values[b + length - 1]);
        (self.starts, self.values, self.hashes) = (starts, values, hashes);
    }

    /// Windows of words that are equal but for the case of ASCII letters.
    pub(super) fn count_words(&mut self, words: &Words, length: usize) {
        let mut hashes = take(&mut self.hashes);
        let (bytes, spans) = (words.text().as_bytes(), words.spans());
        self.values.clear();
        self.values.extend(spans.iter().map(|&(start, end)| hash_word(bytes, start, end)));
        rolling(&self.values, length, &mut hashes);
        let values = take(&mut self.values);
        let word = |index: usize| &bytes[spans[index].0..spans[index].1];
        let same_word = |a: usize, b: usize| values[a] == values[b] && word(a).eq_ignore_ascii_case(word(b));
        let same = |a: usize, b: usize| hashes[a] == hashes[b] && (0..length).all(|step| same_word(a + step, b + step));
        self.count(hashes.iter().copied(), same, |a, b| same_word(a + length, b + length - 1));
        (self.values, self.hashes) = (values, hashes);
    }

    /// Counts windows that are known by position. `same` compares two windows, `goes_on` the last items of the windows
    /// that begin one behind the first position and at the second.
    #[inline(always)]
    fn count(
        &mut self,
        hashes: impl ExactSizeIterator<Item = u64>,
        same: impl Fn(usize, usize) -> bool,
        goes_on: impl Fn(usize, usize) -> bool,
    ) {
        let windows = hashes.len();
        let size = self.prepare(windows);
        match self.slots.first_chunk_mut::<FEW>() {
            Some(slots) if windows <= FEW / 4 => fill(slots, self.base, &mut self.marks, &mut self.again, hashes, same, goes_on),
            _ => fill(&mut self.slots[..size], self.base, &mut self.marks, &mut self.again, hashes, same, goes_on),
        }
        self.repeated.extend(self.again.iter().map(|first| self.marks[*first as usize].more + 1));
        self.total = windows;
        self.distinct = windows - self.repeated.iter().map(|count| *count as usize - 1).sum::<usize>();
        self.base += windows as u32;
    }

    /// Makes room for so many windows, and says how many slots to use.
    fn prepare(&mut self, windows: usize) -> usize {
        self.repeated.clear();
        self.again.clear();
        if self.base as usize + windows >= u32::MAX as usize {
            self.slots.fill(0);
            self.base = 0;
        }
        let size = (windows * 4).next_power_of_two().max(FEW);
        if self.slots.len() < size {
            self.slots.resize(size, 0);
        }
        if self.marks.len() < windows {
            self.marks.resize(windows, Mark::default());
        }
        size
    }
}

/// So many slots serve a usual text from the fastest memory.
const FEW: usize = 8192;

/// Marks each window; `again` gets where those first begin that occur more than once. The number of slots is a power of two.
#[inline(always)]
fn fill<S: AsMut<[u32]> + ?Sized>(
    slots: &mut S,
    base: u32,
    marks: &mut [Mark],
    again: &mut Vec<u32>,
    hashes: impl ExactSizeIterator<Item = u64>,
    same: impl Fn(usize, usize) -> bool,
    goes_on: impl Fn(usize, usize) -> bool,
) {
    let slots = slots.as_mut();
    let mask = slots.len() - 1;
    let shift = 64 - slots.len().trailing_zeros();
    let marks = &mut marks[..hashes.len()];
    // Where the window before first begins, if it was there before.
    let mut known_before = None;
    for (position, hash) in hashes.enumerate() {
        let first = match known_before {
            Some(known) if goes_on(known, position) => Some(marks[known + 1].first),
            _ => {
                let mut slot = (hash >> shift) as usize & mask;
                loop {
                    let stored = slots[slot];
                    if stored <= base {
                        slots[slot] = base + 1 + position as u32;
                        break None;
                    }
                    let first = stored - base - 1;
                    if same(first as usize, position) {
                        break Some(first);
                    }
                    slot = (slot + 1) & mask;
                }
            }
        };
        known_before = first.map(|first| first as usize);
        match first {
            None => marks[position] = Mark { first: position as u32, more: 0 },
            Some(first) => {
                marks[position].first = first;
                let more = &mut marks[first as usize].more;
                if *more == 0 {
                    again.push(first);
                }
                *more += 1;
            }
        }
    }
}

/// The first and the last `N` bytes of a window of `N` to `2 * N` bytes: all of it.
#[inline(always)]
fn ends<const N: usize>(window: &[u8]) -> (u64, u64) {
    let number = |bytes: &[u8; N]| {
        let mut wide = [0; 8];
        wide[..N].copy_from_slice(bytes);
        u64::from_le_bytes(wide)
    };
    (window.first_chunk().map_or(0, number), window.last_chunk().map_or(0, number))
}

/// The hash of every window of `length` values: a polynomial, so that one step costs the same for any length.
fn rolling(values: &[u64], length: usize, hashes: &mut Vec<u64>) {
    hashes.clear();
    let out_of_window = SPREAD.wrapping_pow(u32::try_from(length).unwrap_or(u32::MAX));
    let mut sum = 0u64;
    for (position, value) in values.iter().enumerate() {
        sum = sum.wrapping_add(*value).wrapping_mul(SPREAD);
        if position + 1 >= length {
            hashes.push(sum.wrapping_mul(SPREAD_TOO) ^ sum.rotate_left(32));
            sum = sum.wrapping_sub(values[position + 1 - length].wrapping_mul(out_of_window));
        }
    }
}

/// A hash that is the same for words that differ in the case of ASCII letters only.
fn hash_word(bytes: &[u8], start: usize, end: usize) -> u64 {
    const FOLD: u64 = u64::from_ne_bytes([0x20; 8]);
    let eight = |position: usize| match bytes[position..].first_chunk() {
        Some(chunk) => u64::from_le_bytes(*chunk) | FOLD,
        None => bytes[position..].iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte)) | FOLD,
    };
    let mut hash = (end - start) as u64;
    let mut position = start;
    while end - position > 8 {
        hash = (hash ^ eight(position)).wrapping_mul(SPREAD).rotate_left(29);
        position += 8;
    }
    let last = eight(position) << (8 * (8 - (end - position)));
    (hash ^ last).wrapping_mul(SPREAD).rotate_left(29)
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use proptest::prelude::*;

    use super::*;
    use crate::text::{Scratch, TextView};

    /// Total, distinct, and the counts above 1, descending.
    fn by_definition<T: std::hash::Hash + Eq>(items: &[T], length: usize) -> (usize, usize, Vec<u32>) {
        let mut counts: HashMap<&[T], u32> = HashMap::new();
        items.windows(length).for_each(|window| *counts.entry(window).or_default() += 1);
        let mut repeated: Vec<u32> = counts.values().copied().filter(|count| *count > 1).collect();
        repeated.sort_unstable_by(|a, b| b.cmp(a));
        ((items.len() + 1).saturating_sub(length), counts.len(), repeated)
    }

    fn sorted(windows: &Windows) -> (usize, usize, Vec<u32>) {
        let mut repeated = windows.repeated.clone();
        repeated.sort_unstable_by(|a, b| b.cmp(a));
        (windows.total, windows.distinct, repeated)
    }

    proptest! {
        #[test]
        fn counts_are_exact(text in prop_oneof!["[ab]{0,80}", "[a-c é]{0,80}", "(ab|cd é|\n| ){0,40}", "(abcdefghijklmnopqrst ){0,5}\\PC{0,5}", "([一-龟]{150}){0,2}"], length in 1usize..22) {
            let mut scratch = Scratch::default();
            let view = TextView::new(&text, &mut scratch);
            let characters: Vec<char> = text.chars().collect();
            prop_assert_eq!(sorted(&view.character_windows(length).unwrap()), by_definition(&characters, length));
            let words: Vec<String> = view.refined_words().iter().map(str::to_owned).collect();
            prop_assert_eq!(sorted(&view.word_windows(length).unwrap()), by_definition(&words, length));
        }

        #[test]
        fn most_frequent_is_the_head_of_the_sorted_counts(text in "[a-f]{0,200}", length in 1usize..3, count in 0usize..12) {
            let mut scratch = Scratch::default();
            let view = TextView::new(&text, &mut scratch);
            let mut windows = view.character_windows(length).unwrap();
            let (_, _, repeated) = sorted(&windows);
            prop_assert_eq!(windows.most_frequent(count), repeated.iter().take(count).map(|count| *count as usize).sum::<usize>());
        }
    }
}
