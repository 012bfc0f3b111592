//! Counting windows in bounded memory.
//!
//! Windows are packed into integers so that their order is the order of their symbols. They collect in a block; a full block
//! is sorted and counted into a [`Run`] of distinct windows, and runs of like size are merged, so that every window is
//! merged a logarithmic number of times. What is kept is the distinct windows and one block, whatever the amount of text;
//! the result does not depend on where blocks ended.

use std::mem;

/// A packed window.
pub(super) trait Key: Copy + Ord {
    /// Sorts a block. `symbols` is the length of a window.
    fn sort(block: &mut Vec<Self>, scratch: &mut Vec<Self>, symbols: usize);
}

/// Bits of a symbol in a `u64` window: 256 bytes and the boundary of documents.
pub(super) const BYTE_BITS: u32 = 9;

impl Key for u64 {
    /// Radix sort from the last symbol to the first, one symbol a pass.
    fn sort(block: &mut Vec<Self>, scratch: &mut Vec<Self>, symbols: usize) {
        const BUCKETS: usize = 1 << BYTE_BITS;
        if block.len() < BUCKETS {
            return block.sort_unstable();
        }
        scratch.clear();
        scratch.resize(block.len(), 0);
        for pass in 0..symbols {
            let bucket = |key: u64| (key >> (pass as u32 * BYTE_BITS)) as usize % BUCKETS;
            let mut places = [0usize; BUCKETS];
            block.iter().for_each(|key| places[bucket(*key)] += 1);
            let mut next = 0;
            for place in &mut places {
                next += mem::replace(place, next);
            }
            for key in block.iter() {
                let place = &mut places[bucket(*key)];
                scratch[*place] = *key;
                *place += 1;
            }
            mem::swap(block, scratch);
        }
    }
}

impl Key for u128 {
    fn sort(block: &mut Vec<Self>, _: &mut Vec<Self>, _: usize) {
        block.sort_unstable();
    }
}

/// Distinct windows in ascending order with their counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run<K> {
    pub(super) keys: Vec<K>,
    pub(super) counts: Vec<u64>,
}

impl<K> Default for Run<K> {
    fn default() -> Self {
        Self { keys: Vec::new(), counts: Vec::new() }
    }
}

impl<K: Copy + Ord> Run<K> {
    fn with_capacity(items: usize) -> Self {
        Self { keys: Vec::with_capacity(items), counts: Vec::with_capacity(items) }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (K, u64)> {
        self.keys.iter().copied().zip(self.counts.iter().copied())
    }

    /// Counts keys in ascending order; equal neighbours add up.
    pub(super) fn of_sorted(pairs: impl Iterator<Item = (K, u64)>) -> Self {
        let mut run = Self::default();
        pairs.for_each(|(key, count)| run.push(key, count));
        run
    }

    /// Counts equal neighbours among keys in ascending order.
    pub(super) fn of_equal(mut keys: Vec<K>) -> Self {
        let counts = keys.chunk_by(K::eq).map(|same| same.len() as u64).collect();
        keys.dedup();
        Self { keys, counts }
    }

    #[inline]
    fn push(&mut self, key: K, count: u64) {
        match self.counts.last_mut() {
            Some(last) if self.keys.last() == Some(&key) => *last += count,
            _ => {
                self.keys.push(key);
                self.counts.push(count);
            }
        }
    }

    pub(super) fn merge(self, other: Self) -> Self {
        if self.keys.is_empty() || other.keys.is_empty() {
            return if self.keys.is_empty() { other } else { self };
        }
        let mut merged = Self::with_capacity(self.keys.len() + other.keys.len());
        let (mut i, mut j) = (0, 0);
        while i < self.keys.len() && j < other.keys.len() {
            let (left, right) = (self.keys[i], other.keys[j]);
            let count = if left <= right { self.counts[i] } else { 0 } + if right <= left { other.counts[j] } else { 0 };
            merged.keys.push(left.min(right));
            merged.counts.push(count);
            i += usize::from(left <= right);
            j += usize::from(right <= left);
        }
        merged.keys.extend_from_slice(&self.keys[i..]);
        merged.counts.extend_from_slice(&self.counts[i..]);
        merged.keys.extend_from_slice(&other.keys[j..]);
        merged.counts.extend_from_slice(&other.counts[j..]);
        merged
    }
}

/// Windows on their way to counts.
#[derive(Debug)]
pub(super) struct Counter<K> {
    symbols: usize,
    limit: usize,
    block: Vec<K>,
    scratch: Vec<K>,
    runs: Vec<Run<K>>,
    total: Run<K>,
}

impl<K: Key> Counter<K> {
    /// A counter of windows of `symbols` symbols, `limit` windows a block.
    pub(super) fn new(symbols: usize, limit: usize) -> Self {
        Self { symbols, limit: limit.max(1), block: Vec::new(), scratch: Vec::new(), runs: Vec::new(), total: Run::default() }
    }

    pub(super) fn push(&mut self, key: K) {
        self.block.push(key);
        if self.block.len() >= self.limit {
            self.flush();
        }
    }

    /// Pushes the windows of `items`, each made from the window before.
    pub(super) fn extend<T: Copy>(&mut self, items: &[T], mut window: impl FnMut(T) -> K) {
        let mut rest = items;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(self.limit - self.block.len()));
            self.block.extend(now.iter().map(|item| window(*item)));
            rest = later;
            if self.block.len() >= self.limit {
                self.flush();
            }
        }
    }

    /// All counts so far.
    pub(super) fn merged(&mut self) -> &Run<K> {
        self.flush();
        while let Some(run) = self.runs.pop() {
            self.total = mem::take(&mut self.total).merge(run);
        }
        &self.total
    }

    fn flush(&mut self) {
        if self.block.is_empty() {
            return;
        }
        K::sort(&mut self.block, &mut self.scratch, self.symbols);
        let distinct = 1 + self.block.windows(2).filter(|pair| pair[0] != pair[1]).count();
        let mut run = Run::with_capacity(distinct);
        for same in self.block.chunk_by(K::eq) {
            run.keys.extend(same.first());
            run.counts.push(same.len() as u64);
        }
        self.block.clear();
        while let Some(last) = self.runs.pop_if(|last| last.keys.len() <= 2 * run.keys.len()) {
            run = last.merge(run);
        }
        self.runs.push(run);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_do_not_show_in_the_result() {
        let keys: Vec<u64> = (0..5000u64).map(|i| i.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 55 | (i % 7) << 9).collect();
        let mut expected = keys.clone();
        expected.sort_unstable();
        let expected = Run::of_sorted(expected.into_iter().map(|key| (key, 1)));
        for limit in [1, 3, 64, 700, 10_000] {
            let mut counter = Counter::new(2, limit);
            counter.extend(&keys[..1000], |key| key);
            keys[1000..].iter().for_each(|key| counter.push(*key));
            assert_eq!(*counter.merged(), expected, "blocks of {limit}");
        }
    }

    #[test]
    fn counting_goes_on_after_a_look() {
        let mut counter = Counter::<u128>::new(1, 2);
        [3, 1, 3].into_iter().for_each(|key| counter.push(key));
        assert_eq!(*counter.merged(), Run { keys: vec![1, 3], counts: vec![1, 2] });
        [3, 2].into_iter().for_each(|key| counter.push(key));
        assert_eq!(*counter.merged(), Run { keys: vec![1, 2, 3], counts: vec![1, 1, 3] });
    }
}
