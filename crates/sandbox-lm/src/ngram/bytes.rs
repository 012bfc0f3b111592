//! Byte windows counted, and their trie written.
//!
//! A document `x1 … xm` is the sequence `# x1 … xm #` where `#` (256) is the boundary: as context it is the beginning, as
//! prediction the end. A window begins at every symbol but the last, and is cut short at the end; shorter n-grams are the
//! beginnings of windows, so the sorted windows are the trie. The first symbol's window counts the end's unigram: there are
//! as many beginnings as ends.

use super::counter::{BYTE_BITS, Counter};
use super::file::FileWriter;

/// The symbol of a document's beginning and end.
pub(super) const BOUNDARY: u16 = 256;
/// 256 bytes and the boundary.
pub(super) const SYMBOLS: usize = 257;

/// Counts of byte n-grams.
#[derive(Debug)]
pub(super) struct ByteCounts {
    order: usize,
    counter: Counter<u64>,
}

#[derive(Default)]
struct Level {
    symbols: Vec<u16>,
    counts: Vec<u64>,
    children: Vec<u64>,
}

impl ByteCounts {
    /// `block` is the number of windows that are sorted at a time.
    pub(super) fn new(order: usize, block: usize) -> Self {
        Self { order, counter: Counter::new(order, block) }
    }

    /// Counts one document.
    pub(super) fn add(&mut self, text: &[u8]) {
        let mask = (1u64 << (BYTE_BITS * self.order as u32)) - 1;
        let mut key = 0;
        let mut shift = |symbol: u16| {
            key = (key << BYTE_BITS | u64::from(symbol)) & mask;
            key
        };
        // The first window is complete with the symbol number `order`.
        let first = shift(BOUNDARY);
        if self.order == 1 {
            self.counter.push(first);
            return self.counter.extend(text, |byte| shift(u16::from(byte)));
        }
        let (head, body) = text.split_at(text.len().min(self.order - 2));
        head.iter().for_each(|byte| _ = shift(u16::from(*byte)));
        self.counter.extend(body, |byte| shift(u16::from(byte)));
        let tail = (0..self.order - 1).map(|place| if place == 0 { BOUNDARY } else { 0 });
        for (place, symbol) in tail.enumerate() {
            let window = shift(symbol);
            if text.len() + 2 + place >= self.order {
                self.counter.push(window);
            }
        }
    }

    /// Writes three columns per order: symbols, counts, first children. The first order is dense, without symbols.
    pub(super) fn write(&mut self, file: &mut FileWriter) {
        let order = self.order;
        let mut levels: Vec<Level> = (0..order).map(|_| Level::default()).collect();
        levels[0].counts = vec![0; SYMBOLS];
        let mut before: Option<u64> = None;
        for (key, count) in self.counter.merged().iter() {
            let symbol = |place: usize| (key >> (BYTE_BITS as usize * (order - 1 - place))) & ((1 << BYTE_BITS) - 1);
            let length = (1..order).find(|place| symbol(*place) == u64::from(BOUNDARY)).map_or(order, |place| place + 1);
            let same = before.map_or(0, |before| {
                let unlike = 64 - (before ^ key).leading_zeros() as usize;
                order - unlike.div_ceil(BYTE_BITS as usize)
            });
            before = Some(key);
            for place in same..length {
                let next = levels.get(place + 1).map(|next| next.symbols.len() as u64);
                let level = &mut levels[place];
                if place == 0 {
                    // Symbols that never began a window have no children: they begin where the next one does.
                    level.children.resize(symbol(0) as usize + 1, next.unwrap_or_default());
                } else {
                    level.symbols.push(symbol(place) as u16);
                    level.counts.push(0);
                    level.children.extend(next);
                }
            }
            levels[0].counts[symbol(0) as usize] += count;
            for level in &mut levels[1..length] {
                if let Some(total) = level.counts.last_mut() {
                    *total += count;
                }
            }
        }
        for place in 0..order {
            let next = levels.get(place + 1).map_or(0, |next| next.symbols.len() as u64);
            let level = &mut levels[place];
            level.children.resize(if place + 1 < order { level.counts.len() + 1 } else { 0 }, next);
            file.column(level.symbols.iter().map(|symbol| u64::from(*symbol)), 2);
            file.numbers(&level.counts);
            file.numbers(&level.children);
            *level = Level::default();
        }
    }
}
