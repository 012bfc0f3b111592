//! The k best, with ties broken as by the C++ library's heap.

/// A score (a logarithm) and its label.
pub(crate) type Scored = (f32, u32);

/// A heap with the worst of the k best in front.
#[derive(Debug, Default)]
pub(crate) struct Best {
    heap: Vec<Scored>,
    k: usize,
}

impl Best {
    pub fn start(&mut self, k: usize) {
        self.heap.clear();
        self.k = k;
    }

    /// Whether a score is too low to get in.
    pub fn refuses(&self, score: f32) -> bool {
        self.heap.len() == self.k && self.heap.first().is_some_and(|worst| score < worst.0)
    }

    pub fn push(&mut self, scored: Scored) {
        self.heap.push(scored);
        let last = self.heap.len() - 1;
        rise(&mut self.heap, last, 0, scored);
        if self.heap.len() > self.k {
            pop(&mut self.heap);
            self.heap.pop();
        }
    }

    /// The best first.
    pub fn sorted(&mut self) -> &[Scored] {
        let mut end = self.heap.len();
        while end > 1 {
            pop(self.heap.get_mut(..end).unwrap_or_default());
            end -= 1;
        }
        &self.heap
    }
}

/// The order of the heap: whatever comes before in it is worse.
fn before(left: Scored, right: Scored) -> bool {
    left.0 > right.0
}

/// Moves a value up from a hole, to `top` at most.
fn rise(heap: &mut [Scored], mut hole: usize, top: usize, value: Scored) {
    while hole > top {
        let parent = (hole - 1) / 2;
        if !before(heap[parent], value) {
            break;
        }
        heap[hole] = heap[parent];
        hole = parent;
    }
    heap[hole] = value;
}

/// Moves the front to the end and makes a heap of the rest.
fn pop(heap: &mut [Scored]) {
    let Some(last) = heap.len().checked_sub(1).filter(|last| *last > 0) else { return };
    let value = heap[last];
    heap[last] = heap[0];
    // The hole sinks to the bottom along the better children, then the value rises from there.
    let (mut hole, mut child) = (0, 0);
    while child < (last - 1) / 2 {
        child = 2 * (child + 1);
        if before(heap[child], heap[child - 1]) {
            child -= 1;
        }
        heap[hole] = heap[child];
        hole = child;
    }
    if last.is_multiple_of(2) && child == (last - 2) / 2 {
        child = 2 * (child + 1);
        heap[hole] = heap[child - 1];
        hole = child - 1;
    }
    rise(heap, hole, 0, value);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_best_scores_in_falling_order(scores in prop::collection::vec(-5i8..5, 0..40), k in 1usize..12) {
            let mut best = Best::default();
            best.start(k);
            for (label, score) in scores.iter().enumerate() {
                if !best.refuses(f32::from(*score)) {
                    best.push((f32::from(*score), label as u32));
                }
            }
            let mut expected = scores.clone();
            expected.sort_unstable_by(|left, right| right.cmp(left));
            expected.truncate(k);
            let found: Vec<i8> = best.sorted().iter().map(|scored| scores[scored.1 as usize]).collect();
            prop_assert_eq!(found, expected);
        }
    }
}
