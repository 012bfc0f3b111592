//! Rows whose hashes differ in few bits.

use std::io;

use super::keep::Keep;
use super::too_many_rows;
use super::union::Union;

mod blocks;
mod connect;
mod scan;

/// Finds rows whose 64-bit hashes differ in few bits, directly or through others.
pub struct HammingIndex {
    distance: u32,
    hashes: Vec<u64>,
    /// Rows that are like no other.
    unique: Vec<u32>,
}

impl HammingIndex {
    /// Without rows. Hashes are near when at most `distance` bits differ. `blocks` is what the original looks candidates
    /// up by; here it is checked and has no effect.
    ///
    /// # Errors
    /// When `blocks` is not above `distance`, or above 64.
    pub fn new(distance: u32, blocks: u32) -> io::Result<Self> {
        if blocks <= distance || blocks > 64 {
            let message = format!("expected more than {distance} and up to 64 blocks, got {blocks}");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        Ok(Self { distance, hashes: Vec::new(), unique: Vec::new() })
    }

    /// The next row: its hash, or none for a row that is like no other and kept.
    ///
    /// # Errors
    /// When there are too many rows.
    pub fn push(&mut self, hash: Option<u64>) -> io::Result<()> {
        if hash.is_none() {
            self.unique.push(u32::try_from(self.hashes.len()).map_err(|_| too_many_rows())?);
        }
        self.hashes.push(hash.unwrap_or_default());
        Ok(())
    }

    /// Which rows are kept: the first of each group.
    ///
    /// # Errors
    /// When there are too many rows.
    pub fn finish(self) -> io::Result<Keep> {
        let rows = u32::try_from(self.hashes.len()).map_err(|_| too_many_rows())?;
        let mut pairs: Vec<(u64, u32)> = self.hashes.into_iter().zip(0..rows).collect();
        let mut unique = self.unique.into_iter().peekable();
        pairs.retain(|(_, row)| unique.next_if_eq(row).is_none());
        pairs.sort_unstable();
        let mut distinct: Vec<(u64, u32)> = Vec::new();
        let mut first_rows = Vec::new();
        for (hash, row) in &pairs {
            if distinct.last().is_none_or(|(last, _)| last != hash) {
                distinct.push((*hash, first_rows.len() as u32));
                first_rows.push(*row);
            }
        }
        let mut union = Union::new(distinct.len());
        connect::connect(&mut distinct, self.distance, &mut union);
        drop(distinct);
        let mut least = first_rows.clone();
        for (number, row) in (0..).zip(&first_rows) {
            let root = union.root(number) as usize;
            least[root] = least[root].min(*row);
        }
        let mut duplicates = Vec::new();
        let mut number = 0;
        let mut last = None;
        for (hash, row) in pairs {
            number += u32::from(last.is_some_and(|last| last != hash));
            last = Some(hash);
            let root = least[union.root(number) as usize];
            if root != row {
                duplicates.push((row, root));
            }
        }
        duplicates.sort_unstable();
        let mut keep = Keep::all(rows as usize);
        for (row, root) in duplicates {
            keep.drop_row(row, root);
        }
        Ok(keep)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn index(rows: &[Option<u64>], distance: u32) -> Vec<bool> {
        let mut index = HammingIndex::new(distance, 64).unwrap();
        rows.iter().for_each(|row| index.push(*row).unwrap());
        let keep = index.finish().unwrap();
        assert!(keep.duplicates().iter().all(|(row, root)| root < row && keep.keeps(*root as usize)));
        keep.iter().collect()
    }

    fn by_brute_force(rows: &[Option<u64>], distance: u32) -> Vec<bool> {
        let mut union = Union::new(rows.len());
        for (x, left) in rows.iter().enumerate() {
            for (y, right) in rows.iter().enumerate().skip(x) {
                if let (Some(left), Some(right)) = (left, right)
                    && (left ^ right).count_ones() <= distance
                {
                    union.join(x as u32, y as u32);
                }
            }
        }
        (0..rows.len() as u32).map(|row| union.root(row) == row).collect()
    }

    /// Hashes around a few centres, within `spread` bits.
    fn clustered(count: usize, centres: u64, spread: u32, seed: u64) -> Vec<Option<u64>> {
        let mut state = seed | 1;
        let mut random = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.wrapping_mul(0x2545_f491_4f6c_dd1d)
        };
        let mut row = || {
            let mut hash = (random() % centres).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            (0..random() % u64::from(spread + 1)).for_each(|_| hash ^= 1 << (random() >> 58));
            (random() % 50 != 0).then_some(hash)
        };
        (0..count).map(|_| row()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn as_by_brute_force(seed in any::<u64>(), count in 0..2500_usize, centres in 1..2000_u64, spread in 0..20_u32, distance in 0..12_u32) {
            let rows = clustered(count, centres, spread, seed);
            prop_assert_eq!(index(&rows, distance), by_brute_force(&rows, distance));
        }
    }

    #[test]
    fn far_distances() {
        let rows = clustered(1500, 1500, 0, 5);
        for distance in [16, 20, 24, 32, 63] {
            assert_eq!(index(&rows, distance), by_brute_force(&rows, distance), "{distance}");
        }
    }

    #[test]
    fn skewed_hashes_end_soon() {
        let started = std::time::Instant::now();
        let in_order: Vec<_> = (0..100_000).map(Some).collect();
        assert_eq!(index(&in_order, 4).iter().filter(|kept| **kept).count(), 1);
        // Each pair differs in at least 6 bits: the number and its parities, far from any other within 4.
        let apart = |number: u64| (number.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 21).rotate_left(7);
        let shared: Vec<_> = (0..50_000).map(|number| Some(apart(number))).collect();
        let kept = index(&shared, 2);
        assert!(kept.iter().filter(|kept| **kept).count() > 1);
        assert!(started.elapsed().as_secs() < 60);
    }

    #[test]
    fn blocks_must_be_more_than_bits() {
        assert!(HammingIndex::new(4, 4).is_err() && HammingIndex::new(4, 65).is_err() && HammingIndex::new(0, 1).is_ok());
    }
}
