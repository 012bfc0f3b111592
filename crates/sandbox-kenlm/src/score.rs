//! The sum over the words of a sentence.

use crate::bits::extends;
use crate::header::MOST_ORDER;

/// What a model has of an n-gram. All numbers are logarithms to the base 10.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Found {
    pub probability: f32,
    pub backoff: f32,
    /// Whether no longer n-gram ends with this one.
    pub independent: bool,
}

/// A structure in which n-grams are found from their last word to the left.
pub(crate) trait Search {
    /// Where an n-gram is, to find longer ones that end with it.
    type Node: Copy;

    fn order(&self) -> usize;

    /// The number of a word, 0 for unknown ones.
    fn word(&self, bytes: &[u8], word: &[u8]) -> u32;

    fn unigram(&self, bytes: &[u8], word: u32) -> (Found, Self::Node);

    /// The n-gram with one word more to the left; of order `order` + 2.
    fn middle(&self, bytes: &[u8], order: usize, word: u32, node: &mut Self::Node) -> Option<Found>;

    /// The n-gram of the highest order.
    fn longest(&self, bytes: &[u8], word: u32, node: Self::Node) -> Option<f32>;
}

/// The words before, the last one first, as far as they matter, with the backoffs of the n-grams they are.
#[derive(Debug, Clone, Copy, Default)]
struct State {
    words: [u32; MOST_ORDER],
    backoffs: [f32; MOST_ORDER],
    length: usize,
}

/// The score of a sentence between its begin and its end.
pub(crate) fn sentence(search: &impl Search, bytes: &[u8], words: impl Iterator<Item = u32>, begin: u32, end: u32) -> f32 {
    let mut state = State { length: 1, ..State::default() };
    state.words[0] = begin;
    state.backoffs[0] = search.unigram(bytes, begin).0.backoff;
    let mut sum = 0.0;
    for word in words.chain(std::iter::once(end)) {
        let (score, next) = step(search, bytes, &state, word);
        sum += score;
        state = next;
    }
    sum
}

/// The score of a word after others, and the state after it.
fn step(search: &impl Search, bytes: &[u8], before: &State, word: u32) -> (f32, State) {
    let mut after = State::default();
    let (unigram, mut node) = search.unigram(bytes, word);
    after.words[0] = word;
    after.backoffs[0] = unigram.backoff;
    after.length = usize::from(extends(unigram.backoff));
    let Found { mut probability, mut independent, .. } = unigram;
    let mut matched = 1;
    for (position, &earlier) in before.words[..before.length].iter().enumerate() {
        if independent {
            break;
        }
        if position + 2 == search.order() {
            if let Some(found) = search.longest(bytes, earlier, node) {
                probability = found;
                matched = position + 2;
            }
            break;
        }
        let Some(found) = search.middle(bytes, position, earlier, &mut node) else { break };
        after.backoffs[position + 1] = found.backoff;
        Found { probability, independent, .. } = found;
        matched = position + 2;
        if extends(found.backoff) {
            after.length = matched;
        }
    }
    if after.length > 1 {
        after.words[1..after.length].copy_from_slice(&before.words[..after.length - 1]);
    }
    let backoffs = before.backoffs[..before.length].iter().skip(matched - 1);
    (backoffs.fold(probability, |sum, backoff| sum + backoff), after)
}
