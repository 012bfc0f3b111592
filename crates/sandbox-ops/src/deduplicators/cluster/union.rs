//! Disjoint sets of numbers; the smallest of a set is its root (Tarjan 1975, with path halving).

/// The sets.
pub(super) struct Union(Vec<u32>);

impl Union {
    /// Every number below `count` by itself.
    pub fn new(count: usize) -> Self {
        Self((0..count).map(|number| number as u32).collect())
    }

    /// The smallest number of a set.
    #[inline]
    pub fn root(&mut self, number: u32) -> u32 {
        let parents = &mut self.0;
        let mut at = number as usize;
        while parents[at] as usize != at {
            parents[at] = parents[parents[at] as usize];
            at = parents[at] as usize;
        }
        at as u32
    }

    /// Makes two sets one.
    #[inline]
    pub fn join(&mut self, x: u32, y: u32) {
        let (x, y) = (self.root(x), self.root(y));
        self.0[x.max(y) as usize] = x.min(y);
    }
}
