//! Rows whose digests are equal.

use std::io;

use hashbrown::HashSet;

use super::keep::Keep;
use super::sorter::{Sorter, Spill};
use super::too_many_rows;

const SHARDS: usize = 256;

/// A set of digests that answers at once.
///
/// It is kept in parts that grow one after the other, so that the memory never holds the whole set twice. The parts are of
/// unequal shares, the last twice the first, so that their tables double at different times: about 28 bytes a digest once there are
/// some ten thousands, where parts of equal shares would swing between 20 and 39.
pub struct ExactSet(Vec<HashSet<u128>>);

impl Default for ExactSet {
    fn default() -> Self {
        Self((0..SHARDS).map(|_| HashSet::new()).collect())
    }
}

impl ExactSet {
    /// Whether the digest was not there yet; now it is.
    pub fn insert(&mut self, digest: u128) -> bool {
        let folded = (digest >> 64) as u64 ^ digest as u64;
        let share = (folded.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as f64 / 2_f64.powi(32);
        let shard = ((1.0 + share).log2() * SHARDS as f64) as usize;
        self.0.get_mut(shard.min(SHARDS - 1)).is_some_and(|shard| shard.insert(digest))
    }

    /// How many digests.
    pub fn len(&self) -> usize {
        self.0.iter().map(HashSet::len).sum()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes of memory that the digests take.
    pub fn bytes(&self) -> usize {
        self.0.iter().map(HashSet::allocation_size).sum()
    }
}

/// Finds rows of equal digests within a limit of memory; answers at the end.
pub struct ExactIndex {
    rows: u32,
    digests: Sorter<5>,
}

impl ExactIndex {
    /// Without rows.
    pub fn new(spill: Spill) -> Self {
        Self { rows: 0, digests: Sorter::new(spill) }
    }

    /// The next row: its digest, or none for a row that is like no other.
    ///
    /// # Errors
    /// When a run cannot be written, or there are too many rows.
    pub fn push(&mut self, digest: Option<u128>) -> io::Result<()> {
        let row = self.rows;
        self.rows = row.checked_add(1).ok_or_else(too_many_rows)?;
        let Some(digest) = digest else { return Ok(()) };
        let part = |shift: u32| (digest >> shift) as u32;
        self.digests.push([part(96), part(64), part(32), part(0), row])
    }

    /// Which rows are kept: the first of each digest.
    ///
    /// # Errors
    /// When a run cannot be read or written.
    pub fn finish(self) -> io::Result<Keep> {
        let mut digests = self.digests.sorted()?;
        let mut duplicates = Vec::new();
        let mut first: Option<[u32; 5]> = None;
        while let Some(record) = digests.next()? {
            match first {
                Some(first) if first[..4] == record[..4] => duplicates.push((record[4], first[4])),
                _ => first = Some(record),
            }
        }
        drop(digests);
        duplicates.sort_unstable();
        let mut keep = Keep::all(self.rows as usize);
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

    proptest! {
        #[test]
        fn set_and_index_agree(digests in prop::collection::vec(prop::option::weighted(0.9, 0..30_u128), 0..60), shift in 0..120_u32) {
            let mut set = ExactSet::default();
            let mut index = ExactIndex::new(Spill::default());
            let mut expected = Vec::new();
            for digest in &digests {
                let digest = digest.map(|digest| digest << shift);
                expected.push(digest.is_none_or(|digest| set.insert(digest)));
                index.push(digest).unwrap();
            }
            let keep = index.finish().unwrap();
            prop_assert_eq!(keep.iter().collect::<Vec<_>>(), expected);
            prop_assert!(keep.duplicates().iter().all(|(row, root)| digests[*row as usize] == digests[*root as usize]));
        }
    }

    #[test]
    fn the_same_from_disk() {
        let folder = tempfile::tempdir().unwrap();
        let digest = |row: u64| u128::from(row.wrapping_mul(6_364_136_223_846_793_005) >> 51) << 77;
        let [mut on_disk, mut in_memory] = [Spill { limit: 1, folder: folder.path().to_owned() }, Spill::default()].map(ExactIndex::new);
        for row in 0..20_000 {
            on_disk.push(Some(digest(row))).unwrap();
            in_memory.push(Some(digest(row))).unwrap();
        }
        let keep = on_disk.finish().unwrap();
        assert_eq!(keep, in_memory.finish().unwrap());
        assert!(keep.kept() < 9000);
    }

    #[test]
    fn memory_per_digest_stays_bounded() {
        let mut set = ExactSet::default();
        let mut state = 1_u64;
        for row in 1..=200_000_usize {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            set.insert(u128::from(state) << 64 | u128::from(state.swap_bytes()));
            if row > 50_000 && row % 1000 == 0 {
                // One part of 256 may be held twice while it grows.
                let growing = set.bytes() / SHARDS * 2;
                assert!(set.bytes() + growing <= 33 * row, "{} bytes for {row} digests", set.bytes());
            }
        }
        assert_eq!(set.len(), 200_000);
    }
}
