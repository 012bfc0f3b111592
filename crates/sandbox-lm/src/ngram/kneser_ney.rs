//! Interpolated modified Kneser-Ney over words.
//!
//! With `a` the adjusted counts, `a(h·)` their sum after `h`, and `N_i(h·)` the number of words with `a(hw) = i`,
//!
//! ```text
//! P(w|h) = (a(hw) - D(a(hw))) / a(h·) + (D1 N1(h·) + D2 N2(h·) + D3 N3+(h·)) / a(h·) * P(w|h')
//! ```
//!
//! (Chen and Goodman 1998, equations 21 to 26). Adjusted counts are plain counts for the highest order; below, the number of
//! different words seen before the n-gram, except for n-grams that begin with the document, before which nothing can stand:
//! they keep their counts (as in Heafield et al. 2013). Below the empty context stands the uniform distribution over the
//! vocabulary, the unknown word and the end of the document.

use super::column::{Column, Values, width_for};
use super::counter::Run;
use super::discounts::Discounts;
use super::file::FileWriter;
use super::vocabulary::{BOUNDARY, WORD_BITS};

/// Columns per order: symbols, adjusted counts, first children; of contexts: sum of adjusted counts, ones, twos.
pub(super) const COLUMNS: usize = 6;
const MAX_ORDER: usize = 5;
/// Numbers before the counts of counts: size of the vocabulary; sum, kinds, ones and twos of the empty context.
const ROOT: usize = 5;
const WORD: u128 = (1 << WORD_BITS) - 1;

/// A context's sum of adjusted counts, and how many symbols have which.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
struct Follow {
    total: u64,
    kinds: u64,
    ones: u64,
    twos: u64,
}

/// Writes six columns per order, from the highest to the first, and then the statistics. `windows` are sorted windows of `order`
/// numbers below `size`; the same window may stand there more than once.
pub(super) fn write(file: &mut FileWriter, windows: Vec<(u128, u64)>, order: usize, size: usize) {
    let symbol = |key: u128, place: usize| ((key >> (WORD_BITS as usize * (order - 1 - place))) & WORD) as u32;
    // An end cuts a window short: what is behind it is filling.
    let length = |key: u128| (1..order).find(|place| symbol(key, *place) == BOUNDARY).map_or(order, |place| place + 1);
    let begins = Run::of_sorted(windows.iter().copied().filter(|(key, _)| symbol(*key, 0) == BOUNDARY));
    let mut below = Run::of_sorted(windows.into_iter().filter(|(key, _)| length(*key) == order));
    let mut statistics = vec![0; ROOT + 4 * order];
    let mut first = columns(file, &below, None, order == 1, size);
    counts_of_counts(&below, order, &mut statistics);
    for length_here in (1..order).rev() {
        let mut suffixes: Vec<u128> = below.keys.iter().map(|key| key & ((1 << (WORD_BITS as usize * length_here)) - 1)).collect();
        suffixes.sort_unstable();
        let continued = Run::of_equal(suffixes);
        // The boundary alone is the end, which was continued like any word.
        let begins = begins.iter().filter(|(key, _)| length_here > 1 && length(*key) >= length_here);
        let begins = Run::of_sorted(begins.map(|(key, count)| (key >> (WORD_BITS as usize * (order - length_here)), count)));
        let level = continued.merge(begins);
        first = columns(file, &level, Some(&below), length_here == 1, size);
        counts_of_counts(&level, length_here, &mut statistics);
        below = level;
    }
    let kinds = first.iter().filter(|count| **count > 0).count() as u64;
    statistics[..ROOT].copy_from_slice(&[size as u64, sum(&first), kinds, ones(&first), twos(&first)]);
    file.column(statistics.into_iter(), 8);
}

fn counts_of_counts(level: &Run<u128>, length: usize, statistics: &mut [u64]) {
    let at = ROOT + 4 * (length - 1);
    level.counts.iter().filter(|count| (1..=4).contains(*count)).for_each(|count| statistics[at + *count as usize - 1] += 1);
}

/// Writes the columns of one order, whose children are `below`; its counts, for the first order one for every number.
fn columns(file: &mut FileWriter, level: &Run<u128>, below: Option<&Run<u128>>, is_first: bool, size: usize) -> Vec<u64> {
    // The first order is dense, without symbols: a number is its own place.
    let mut dense = Vec::new();
    if is_first {
        dense.resize(size, 0);
        level.iter().for_each(|(key, count)| dense[key as usize] = count);
    }
    let mut children = Vec::new();
    if let Some(below) = below {
        let mut at = 0;
        let mut add = |key: u128| {
            children.push(at as u64);
            at += below.keys[at..].partition_point_near(|child| child >> WORD_BITS <= key);
        };
        match is_first {
            true => (0..size as u128).for_each(&mut add),
            false => level.keys.iter().copied().for_each(&mut add),
        }
        children.push(at as u64);
    }
    let symbols = if is_first { &[] } else { level.keys.as_slice() };
    file.column(symbols.iter().map(|key| (key & WORD) as u64), 4);
    file.numbers(if is_first { &dense } else { &level.counts });
    file.numbers(&children);
    let counts = below.map_or(&[][..], |below| &below.counts);
    for of in [sum, ones, twos] {
        // Computed twice rather than kept: these arrays are what would need the most memory.
        let values = children.windows(2).map(|range| of(&counts[range[0] as usize..range[1] as usize]));
        file.column(values.clone(), width_for(values));
    }
    dense
}

fn sum(counts: &[u64]) -> u64 {
    counts.iter().sum()
}

fn ones(counts: &[u64]) -> u64 {
    counts.iter().filter(|count| **count == 1).count() as u64
}

fn twos(counts: &[u64]) -> u64 {
    counts.iter().filter(|count| **count == 2).count() as u64
}

trait PartitionNear<T> {
    fn partition_point_near(&self, before: impl Fn(&T) -> bool) -> usize;
}

impl<T> PartitionNear<T> for [T] {
    /// `partition_point` for a point that is likely to be near the beginning.
    fn partition_point_near(&self, before: impl Fn(&T) -> bool) -> usize {
        let mut reach = 8;
        while self.get(reach).is_some_and(&before) {
            reach *= 2;
        }
        self[..reach.min(self.len())].partition_point(before)
    }
}

/// Where a word trie stands in the model's bytes.
#[derive(Debug)]
pub(super) struct WordTrie {
    order: usize,
    columns: [[Column; COLUMNS]; MAX_ORDER],
    discounts: [Discounts; MAX_ORDER],
    /// Size of the vocabulary with the unknown word and the end.
    pub(super) size: usize,
    root: Follow,
}

impl WordTrie {
    pub(super) fn new(bytes: &[u8], order: usize, sections: &[Column]) -> Self {
        let mut columns = [[Column::default(); COLUMNS]; MAX_ORDER];
        let (levels, statistics) = sections.as_chunks::<COLUMNS>();
        for (level, columns) in levels.iter().rev().zip(&mut columns) {
            *columns = *level;
        }
        let numbers = statistics.first().copied().unwrap_or_default().of(bytes);
        let discounts = std::array::from_fn(|place| {
            let at = ROOT + 4 * place;
            Discounts::of([numbers.get(at), numbers.get(at + 1), numbers.get(at + 2), numbers.get(at + 3)])
        });
        let root = Follow { total: numbers.get(1), kinds: numbers.get(2), ones: numbers.get(3), twos: numbers.get(4) };
        Self { order: order.min(MAX_ORDER), columns, discounts, size: numbers.index(0), root }
    }

    pub(super) fn view<'a>(&self, bytes: &'a [u8]) -> WordView<'a> {
        let levels = std::array::from_fn(|place| {
            let [symbols, counts, children, totals, ones, twos] = self.columns[place].map(|column| column.of(bytes));
            Level { symbols, counts, children, totals, ones, twos, discounts: self.discounts[place] }
        });
        WordView { order: self.order, levels, size: self.size, root: self.root }
    }

    /// What does not fit together, if anything.
    pub(super) fn flaw(&self, words: usize) -> Option<String> {
        if self.size.checked_sub(2) != Some(words) {
            return Some("the vocabulary and its size do not fit together".to_owned());
        }
        (0..self.order).find_map(|place| {
            let [symbols, counts, children, contexts @ ..] = self.columns[place];
            let nodes = if place == 0 { self.size } else { symbols.items };
            let inner = place + 1 < self.order;
            let fits = counts.items == nodes
                && children.items == if inner { nodes + 1 } else { 0 }
                && contexts.iter().all(|column| column.items == if inner { nodes } else { 0 })
                && (place == 0 || symbols.width == 4);
            (!fits).then(|| format!("the arrays of order {} do not fit together", place + 1))
        })
    }
}

struct Level<'a> {
    symbols: Values<'a>,
    counts: Values<'a>,
    children: Values<'a>,
    totals: Values<'a>,
    ones: Values<'a>,
    twos: Values<'a>,
    discounts: Discounts,
}

/// A word trie ready to be asked.
pub(super) struct WordView<'a> {
    order: usize,
    levels: [Level<'a>; MAX_ORDER],
    size: usize,
    root: Follow,
}

/// The nodes of the contexts of length `1..=depth`, all of them suffixes of what came before.
#[derive(Clone, Copy, Default)]
pub(super) struct Context {
    depth: usize,
    nodes: [usize; MAX_ORDER],
}

impl WordView<'_> {
    /// The context of a document's first word.
    pub(super) fn begin(&self) -> Context {
        let mut context = Context::default();
        if self.order > 1 {
            context.depth = 1;
            context.nodes[0] = BOUNDARY as usize;
        }
        context
    }

    /// The probability of the word `number` after `context`, and the context after it.
    pub(super) fn step(&self, context: &Context, number: u32) -> (f64, Context) {
        let mut next = Context::default();
        let number = number as usize;
        let mut probability =
            interpolate(&self.levels[0].discounts, self.root, self.levels[0].counts.get(number), 1.0 / self.size.max(1) as f64);
        if self.order > 1 {
            next.nodes[0] = number;
            next.depth = 1;
        }
        let mut seen = true;
        for place in 0..context.depth.min(MAX_ORDER - 1) {
            let (level, below) = (&self.levels[place], &self.levels[place + 1]);
            let node = context.nodes[place];
            let (low, high) = (level.children.index(node), level.children.index(node + 1));
            let mut count = 0;
            if seen {
                // What was not seen after a context was not seen after a longer one either.
                match below.symbols.find(low, high, number as u32) {
                    Some(child) => {
                        count = below.counts.get(child);
                        if place + 2 < self.order {
                            next.nodes[place + 1] = child;
                            next.depth = place + 2;
                        }
                    }
                    None => seen = false,
                }
            }
            let kinds = high.saturating_sub(low) as u64;
            let follow = Follow { total: level.totals.get(node), kinds, ones: level.ones.get(node), twos: level.twos.get(node) };
            probability = interpolate(&below.discounts, follow, count, probability);
        }
        (probability, next)
    }
}

#[inline]
fn interpolate(discounts: &Discounts, follow: Follow, count: u64, lower: f64) -> f64 {
    if follow.total == 0 {
        return lower;
    }
    let more = follow.kinds.saturating_sub(follow.ones).saturating_sub(follow.twos);
    (discounts.cut(count) + discounts.sum(follow.ones, follow.twos, more) * lower) / follow.total as f64
}
