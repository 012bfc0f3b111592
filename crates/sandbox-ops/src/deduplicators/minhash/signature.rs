//! A text's signature: per permutation the least value over its shingles; and the bands that it is cut into.

use xxhash_rust::xxh3::xxh3_64;

use super::permutations::Permutations;
use super::sha1::hash32;
use crate::deduplicators::shingles::Shingler;
use crate::error::OpError;
use crate::text::Scratch;

/// How many hashes are collected before they are permuted: they stay in the first level of cache.
const BATCH: usize = 2048;
/// How many slots remember which hash was last collected; a power of two.
const SEEN: usize = 4096;

/// The minima of a text, one per permutation; none when it has no shingle.
///
/// # Errors
/// When the text cannot be cut into shingles.
pub fn signature(shingler: &Shingler, permutations: &Permutations, text: &str, scratch: &Scratch) -> Result<Option<Vec<u32>>, OpError> {
    let mut hashes = scratch.hashes.borrow_mut();
    let mut batch = Batch { permutations, memory: &mut hashes, minima: vec![u32::MAX; permutations.len()], any: false };
    batch.begin();
    shingler.each(text, scratch, |shingle| batch.push(hash32(shingle)))?;
    batch.lower();
    Ok(batch.any.then_some(batch.minima))
}

/// Collects hashes, leaving out what was just seen: a shingle counts once, and a set is not needed for that.
struct Batch<'b> {
    permutations: &'b Permutations,
    /// The slots of what was seen, then the collected hashes.
    memory: &'b mut Vec<u32>,
    minima: Vec<u32>,
    any: bool,
}

impl Batch<'_> {
    fn begin(&mut self) {
        // A slot holds no hash that belongs elsewhere: 1 does not belong to slot 0, nor 0 to any other.
        self.memory.clear();
        self.memory.resize(SEEN, 0);
        if let Some(first) = self.memory.first_mut() {
            *first = 1;
        }
    }

    #[inline]
    fn push(&mut self, hash: u32) {
        self.any = true;
        if let Some(slot) = self.memory.get_mut(hash as usize % SEEN) {
            if *slot == hash {
                return;
            }
            *slot = hash;
        }
        self.memory.push(hash);
        if self.memory.len() == SEEN + BATCH {
            self.lower();
        }
    }

    fn lower(&mut self) {
        if let Some(hashes) = self.memory.get(SEEN..) {
            self.permutations.lower(hashes, &mut self.minima);
        }
        self.memory.truncate(SEEN);
    }
}

/// A hash per band of `rows` minima.
pub fn band_hashes(minima: &[u32], bands: usize, rows: usize) -> Vec<u64> {
    let mut bytes = Vec::with_capacity(4 * rows);
    let hash = |band: &[u32]| {
        bytes.clear();
        bytes.extend(band.iter().flat_map(|minimum| minimum.to_le_bytes()));
        xxh3_64(&bytes)
    };
    minima.chunks_exact(rows.max(1)).take(bands).map(hash).collect()
}

/// The bands as the original keeps them: each minimum as eight bytes, the highest first.
pub fn band_bytes(minima: &[u32], bands: usize, rows: usize) -> impl Iterator<Item = Vec<u8>> + '_ {
    let bytes = |band: &[u32]| band.iter().flat_map(|minimum| u64::from(*minimum).to_be_bytes()).collect();
    minima.chunks_exact(rows.max(1)).take(bands).map(bytes)
}
