//! Interpolated Witten-Bell over bytes.
//!
//! `P(w|h) = (c(hw) + T(h) P(w|h')) / (c(h) + T(h))`, where `c` counts, `T(h)` is the number of kinds of symbols seen after `h`
//! and `h'` is `h` without its first symbol; below the empty context stands the uniform distribution over 257 symbols, the 256
//! bytes and the end of the document (Witten and Bell 1991; Chen and Goodman 1998, equation 15). Contexts that were never seen
//! leave the probability as it is.

use super::bytes::{BOUNDARY, SYMBOLS};
use super::column::{Column, Values};
use crate::score::Score;

/// Columns per order: symbols, counts, first children.
pub(super) const COLUMNS: usize = 3;
const MAX_ORDER: usize = 7;

/// Where a byte trie stands in the model's bytes.
#[derive(Debug)]
pub(super) struct ByteTrie {
    order: usize,
    columns: [[Column; COLUMNS]; MAX_ORDER],
    total: f64,
    kinds: f64,
}

impl ByteTrie {
    pub(super) fn new(bytes: &[u8], order: usize, sections: &[Column]) -> Self {
        let mut columns = [[Column::default(); COLUMNS]; MAX_ORDER];
        for (level, columns) in sections.as_chunks::<COLUMNS>().0.iter().zip(&mut columns).take(order) {
            *columns = *level;
        }
        let first = columns[0][1].of(bytes);
        let counts = (0..SYMBOLS).map(|symbol| first.get(symbol) as f64);
        Self {
            order: order.min(MAX_ORDER),
            columns,
            total: counts.clone().sum(),
            kinds: counts.filter(|count| *count > 0.0).count() as f64,
        }
    }

    pub(super) fn view<'a>(&self, bytes: &'a [u8]) -> ByteView<'a> {
        let levels = self.columns.map(|[symbols, counts, children]| Level {
            symbols: symbols.of(bytes),
            counts: counts.of(bytes),
            children: children.of(bytes),
        });
        ByteView { order: self.order, levels, total: self.total, kinds: self.kinds }
    }

    /// What does not fit together, if anything.
    pub(super) fn flaw(&self) -> Option<String> {
        (0..self.order).find_map(|place| {
            let [symbols, counts, children] = self.columns[place];
            let nodes = if place == 0 { SYMBOLS } else { symbols.items };
            let edges = if place + 1 < self.order { nodes + 1 } else { 0 };
            let fits = counts.items == nodes && children.items == edges && (place == 0 || symbols.width == 2);
            (!fits).then(|| format!("the arrays of order {} do not fit together", place + 1))
        })
    }
}

#[derive(Clone, Copy, Default)]
struct Level<'a> {
    symbols: Values<'a>,
    counts: Values<'a>,
    children: Values<'a>,
}

/// A byte trie ready to be asked.
pub(super) struct ByteView<'a> {
    order: usize,
    levels: [Level<'a>; MAX_ORDER],
    total: f64,
    kinds: f64,
}

/// The nodes of the contexts of length `1..=depth`, all of them suffixes of what came before.
#[derive(Clone, Copy, Default)]
pub(super) struct Context {
    depth: usize,
    nodes: [usize; MAX_ORDER],
}

impl ByteView<'_> {
    /// The context of a document's first symbol.
    pub(super) fn begin(&self) -> Context {
        let mut context = Context::default();
        if self.order > 1 && self.levels[0].counts.get(usize::from(BOUNDARY)) > 0 {
            context.depth = 1;
            context.nodes[0] = usize::from(BOUNDARY);
        }
        context
    }

    /// The probability of `symbol` after `context`, and the context after it.
    #[inline]
    pub(super) fn step(&self, context: &Context, symbol: u16) -> (f64, Context) {
        let mut next = Context::default();
        let mut probability = 1.0 / SYMBOLS as f64;
        let count = self.levels[0].counts.get(usize::from(symbol));
        if self.total > 0.0 {
            probability = (count as f64 + self.kinds * probability) / (self.total + self.kinds);
        }
        let mut seen = count > 0;
        if seen && self.order > 1 {
            next.nodes[0] = usize::from(symbol);
            next.depth = 1;
        }
        for place in 0..context.depth.min(MAX_ORDER - 1) {
            let (level, below) = (&self.levels[place], &self.levels[place + 1]);
            let node = context.nodes[place];
            let (low, high) = (level.children.index(node), level.children.index(node + 1));
            let kinds = high.saturating_sub(low) as f64;
            let total = level.counts.get(node) as f64;
            let mut count = 0.0;
            if seen {
                // What was not seen after a context was not seen after a longer one either.
                match below.symbols.find(low, high, u32::from(symbol)) {
                    Some(child) => {
                        count = below.counts.get(child) as f64;
                        if place + 2 < self.order {
                            next.nodes[place + 1] = child;
                            next.depth = place + 2;
                        }
                    }
                    None => seen = false,
                }
            }
            if kinds > 0.0 {
                probability = (count + kinds * probability) / (total + kinds);
            }
        }
        (probability, next)
    }

    /// The score of a document's text after a prefix.
    pub(super) fn score(&self, prefix: &[u8], text: &[u8]) -> Score {
        let mut context = self.begin();
        for byte in prefix {
            context = self.step(&context, u16::from(*byte)).1;
        }
        let mut nll = Nats::default();
        for byte in text {
            let (probability, next) = self.step(&context, u16::from(*byte));
            nll.add(probability);
            context = next;
        }
        nll.add(self.step(&context, BOUNDARY).0);
        Score { nll: nll.sum(), tokens: text.len() as u64 + 1, bytes: text.len() as u64 }
    }
}

/// A sum of negative logarithms that takes one logarithm for many factors.
pub(super) struct Nats {
    product: f64,
    sum: f64,
}

impl Default for Nats {
    fn default() -> Self {
        Self { product: 1.0, sum: 0.0 }
    }
}

impl Nats {
    #[inline]
    pub(super) fn add(&mut self, probability: f64) {
        self.product *= probability;
        // Far above the smallest normal number, 2e-308: a probability is never below 1e-30.
        if self.product < 1e-200 {
            self.sum -= self.product.ln();
            self.product = 1.0;
        }
    }

    pub(super) fn sum(&self) -> f64 {
        self.sum - self.product.ln()
    }
}
