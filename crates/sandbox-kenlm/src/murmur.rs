//! MurmurHash64A, by Austin Appleby in the public domain: the hash by which words are known.

const MULTIPLIER: u64 = 0xc6a4_a793_5bd1_e995;

/// The hash of a word with seed 0.
pub(crate) fn hash(word: &[u8]) -> u64 {
    let mut hash = (word.len() as u64).wrapping_mul(MULTIPLIER);
    let (blocks, rest) = word.as_chunks::<8>();
    for block in blocks {
        let mut part = u64::from_le_bytes(*block).wrapping_mul(MULTIPLIER);
        part = (part ^ (part >> 47)).wrapping_mul(MULTIPLIER);
        hash = (hash ^ part).wrapping_mul(MULTIPLIER);
    }
    if !rest.is_empty() {
        let last = rest.iter().rev().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        hash = (hash ^ last).wrapping_mul(MULTIPLIER);
    }
    hash = (hash ^ (hash >> 47)).wrapping_mul(MULTIPLIER);
    hash ^ (hash >> 47)
}
