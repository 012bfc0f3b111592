//! Rows whose hashes differ in few bits.

use std::io;

use super::keep::Keep;
use super::sorter::{Sorter, Spill};
use super::too_many_rows;
use super::union::Union;

mod blocks;
mod connect;
mod pile;
mod scan;
mod stored;

use pile::{Pile, Piled};

/// Finds rows whose 64-bit hashes differ in few bits, directly or through others.
pub struct HammingIndex {
    distance: u32,
    spill: Spill,
    rows: u32,
    /// Records of a hash and its row.
    hashes: Sorter<3>,
}

/// The number of a row that is like no other.
const UNIQUE: u32 = u32::MAX;

impl HammingIndex {
    /// Without rows. Hashes are near when at most `distance` bits differ. `blocks` is what the original looks candidates
    /// up by; here it is checked and has no effect.
    ///
    /// # Errors
    /// When `blocks` is not above `distance`, or above 64.
    pub fn new(distance: u32, blocks: u32, spill: Spill) -> io::Result<Self> {
        if blocks <= distance || blocks > 64 {
            let message = format!("expected more than {distance} and up to 64 blocks, got {blocks}");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        Ok(Self { distance, rows: 0, hashes: Sorter::new(spill.clone()), spill })
    }

    /// The next row: its hash, or none for a row that is like no other and kept.
    ///
    /// # Errors
    /// When a run cannot be written, or there are too many rows.
    pub fn push(&mut self, hash: Option<u64>) -> io::Result<()> {
        let row = self.rows;
        self.rows = row.checked_add(1).ok_or_else(too_many_rows)?;
        hash.map_or(Ok(()), |hash| self.hashes.push(pile::record((hash, row))))
    }

    /// Which rows are kept: the first of each group.
    ///
    /// # Errors
    /// When a run cannot be read or written.
    pub fn finish(self) -> io::Result<Keep> {
        let Self { distance, spill, rows, hashes } = self;
        // Equal hashes are one: the rows name it by its number.
        let mut numbers = vec![UNIQUE; rows as usize];
        let mut distinct = Pile::new(&spill);
        let (mut last, mut next) = (None, 0);
        let mut sorted = hashes.sorted()?;
        while let Some(record) = sorted.next()? {
            let (hash, row) = pile::item(record);
            if last != Some(hash) {
                distinct.push((hash, next))?;
                next += 1;
            }
            last = Some(hash);
            if let Some(number) = numbers.get_mut(row as usize) {
                *number = next - 1;
            }
        }
        drop(sorted);
        let mut union = Union::new(next as usize);
        match distinct.finish()? {
            Piled::Few(items) => connect::connect(items, distance, &mut union),
            Piled::Many(items) => stored::connect_stored(items, distance, &mut union, &spill)?,
        };
        drop(distinct);
        // In the order of the rows the first of each group comes first.
        let mut firsts = vec![UNIQUE; next as usize];
        let mut keep = Keep::all(rows as usize);
        for (row, number) in (0..rows).zip(numbers).filter(|(_, number)| *number != UNIQUE) {
            match firsts.get_mut(union.root(number) as usize) {
                Some(first) if *first == UNIQUE => *first = row,
                Some(first) => keep.drop_row(row, *first),
                None => {}
            }
        }
        Ok(keep)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn index(rows: &[Option<u64>], distance: u32) -> Vec<bool> {
        index_within(rows, distance, Spill::default())
    }

    fn index_within(rows: &[Option<u64>], distance: u32, spill: Spill) -> Vec<bool> {
        let mut index = HammingIndex::new(distance, 64, spill).unwrap();
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
    fn the_same_from_disk() {
        let folder = tempfile::tempdir().unwrap();
        let spill = || Spill { limit: 1, folder: folder.path().to_owned() };
        // Spread out; with groups that are too large for the memory themselves; compared pair by pair.
        let low = |bits: u32| clustered(14_000, 14_000, 0, 9).into_iter().map(move |hash| hash.map(|hash| hash >> (64 - bits))).collect();
        let cases: [(Vec<Option<u64>>, u32); 5] = [
            (clustered(30_000, 20_000, 6, 3), 3),
            (clustered(20_000, 15_000, 9, 7), 0),
            (low(15), 1),
            (low(40), 2),
            (clustered(9000, 9000, 0, 5), 16),
        ];
        for (rows, distance) in cases {
            let in_memory = index(&rows, distance);
            assert_eq!(index_within(&rows, distance, spill()), in_memory, "{distance}");
            assert!(in_memory.iter().filter(|kept| **kept).count() > 1 || distance == 1);
        }
        let in_order: Vec<_> = (0..50_000).map(Some).collect();
        assert_eq!(index_within(&in_order, 4, spill()).iter().filter(|kept| **kept).count(), 1);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn blocks_must_be_more_than_bits() {
        let new = |distance, blocks| HammingIndex::new(distance, blocks, Spill::default());
        assert!(new(4, 4).is_err() && new(4, 65).is_err() && new(0, 1).is_ok());
    }
}
