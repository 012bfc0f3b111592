//! Which blocks of bits hashes are brought together by.

/// The bits cut into blocks, of which some must be equal.
pub(super) struct Blocks {
    blocks: Vec<u64>,
    equal: u32,
}

impl Blocks {
    /// The blocks of these bits by which the work is expected to be least, if any are better than comparing all pairs.
    pub fn cheapest(bits: u64, distance: u32, size: f64) -> Option<Self> {
        let count = bits.count_ones();
        let mut least = size * size / 2.0;
        let mut found = None;
        for blocks in distance + 1..=count.min(distance + 12) {
            let equal = blocks - distance;
            // Blocks differ in length by one; the shorter ones decide.
            let matched = f64::from(equal * (count / blocks));
            let tables = (0..equal).map(|index| f64::from(blocks - index) / f64::from(index + 1)).product::<f64>();
            let work = tables * (Self::sorting(size) + size * size / 2.0 / matched.exp2());
            if work < least {
                (least, found) = (work, Some((blocks, equal)));
            }
        }
        found.map(|(blocks, equal)| Self { blocks: cut(bits, blocks), equal })
    }

    /// What sorting costs, in comparisons of hashes.
    pub fn sorting(size: f64) -> f64 {
        4.0 * size * size.log2().max(1.0)
    }

    /// The bits of every choice of blocks that are to be equal.
    pub fn masks(&self) -> impl Iterator<Item = u64> + '_ {
        let count = self.blocks.len() as u32;
        let first = (1_u128 << self.equal) - 1;
        // The next larger number with as many ones.
        let next = |choice: &u128| {
            let lowest = choice & choice.wrapping_neg();
            let ripple = choice + lowest;
            Some(ripple | (((choice ^ ripple) >> 2) / lowest))
        };
        let choices = std::iter::successors(Some(first), next).take_while(move |choice| *choice < 1 << count);
        choices.map(|choice| {
            let chosen = self.blocks.iter().enumerate().filter(|(block, _)| choice >> block & 1 == 1);
            chosen.map(|(_, bits)| bits).sum()
        })
    }
}

/// Bits dealt out to blocks in turn.
fn cut(bits: u64, blocks: u32) -> Vec<u64> {
    let mut cut = vec![0; blocks as usize];
    let set = (0..64).filter(|bit| bits >> bit & 1 == 1);
    for (bit, block) in set.zip((0..cut.len()).cycle()) {
        cut[block] |= 1 << bit;
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_choice_once() {
        let blocks = Blocks { blocks: cut(0xff0f, 6), equal: 2 };
        let masks: std::collections::HashSet<u64> = blocks.masks().collect();
        assert_eq!((masks.len(), blocks.masks().count()), (15, 15));
        assert_eq!(blocks.blocks.iter().sum::<u64>(), 0xff0f);
        assert!(masks.iter().all(|mask| mask.count_ones() == 4));
    }

    #[test]
    fn blocks_are_chosen_by_size() {
        let chosen = |size: f64| Blocks::cheapest(u64::MAX, 4, size).map(|blocks| blocks.blocks.len());
        assert_eq!(chosen(20.0), None);
        assert_eq!((chosen(1e5), chosen(1e7)), (Some(5), Some(6)));
    }
}
