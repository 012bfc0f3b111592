//! Rows that were read before, byte for byte: pools to be combined have many rows in common, and a row is looked at only once.

use std::sync::Mutex;

use sandbox_dataset::{RowError, RowParser};
use xxhash_rust::xxh3::xxh3_128;

use super::identity;
use crate::observer::lock;

/// Rows that are remembered: 32 bytes each. Of many more, those that come up last.
const MOST: u64 = 1 << 18;
/// How long a row is, about.
const ROW: u64 = 512;
const SHARDS: usize = 64;
/// Where no row is remembered. Not 0: memory of zeros would be handed out twice, at the first look and at the first change.
const NONE: u128 = u128::MAX;

/// The identities of rows by hashes of their bytes.
pub(super) struct Known(Vec<Mutex<Vec<(u128, u128)>>>);

impl Known {
    /// Room for the rows of pools of so many bytes in all.
    pub(super) fn new(bytes: u64) -> Self {
        let rows = (bytes / ROW).clamp(SHARDS as u64, MOST) as usize;
        Self((0..SHARDS).map(|_| Mutex::new(vec![(NONE, 0); rows.div_ceil(SHARDS)])).collect())
    }

    /// The identity of a row; see [`identity`].
    ///
    /// # Errors
    /// What is no row.
    pub(super) fn identity(&self, parser: &mut RowParser, bytes: &[u8]) -> Result<u128, RowError> {
        let hash = xxh3_128(bytes);
        let Some(shard) = self.0.get(hash as usize % SHARDS) else { return parser.parse(bytes).map(|row| identity::of(&row)) };
        let place = |slots: &[(u128, u128)]| (hash >> 64) as usize % slots.len().max(1);
        {
            let slots = lock(shard);
            match slots.get(place(&slots)) {
                Some((known, identity)) if *known == hash && hash != NONE => return Ok(*identity),
                _ => {}
            }
        }
        let identity = identity::of(&parser.parse(bytes)?);
        let mut slots = lock(shard);
        let place = place(&slots);
        if let Some(slot) = slots.get_mut(place) {
            *slot = (hash, identity);
        }
        Ok(identity)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn remembered_rows_have_their_own_identities() {
        let (known, mut parser) = (Known::new(1000), RowParser::new());
        let rows: Vec<String> = (0..500).map(|id| format!("{{\"id\": {id}}}")).collect();
        for _ in 0..3 {
            for row in &rows {
                let expected = identity::of(&RowParser::new().parse(row.as_bytes()).unwrap());
                assert_eq!(known.identity(&mut parser, row.as_bytes()).unwrap(), expected);
                assert!(known.identity(&mut parser, &row.as_bytes()[1..]).is_err());
            }
        }
    }
}
