//! The first four bytes of SHA-1, little-endian: the hash of a shingle.

use sha1::block_api::compress;

const START: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];

/// The hash of a shingle.
///
/// ```
/// use sandbox_ops::deduplicators::minhash::hash32;
/// assert_eq!(hash32(b"the quick brown fox jumps"), 1208285777);
/// ```
#[inline]
pub fn hash32(bytes: &[u8]) -> u32 {
    let mut state = START;
    let (whole, rest) = bytes.as_chunks::<64>();
    if !whole.is_empty() {
        compress(&mut state, whole);
    }
    // What remains, a bit, zeros, and the length in bits fill one block or two.
    let mut blocks = [[0_u8; 64]; 2];
    let flat = blocks.as_flattened_mut();
    let end = if rest.len() < 56 { 64 } else { 128 };
    flat[..rest.len()].copy_from_slice(rest);
    flat[rest.len()] = 0x80;
    flat[end - 8..end].copy_from_slice(&(8 * bytes.len() as u64).to_be_bytes());
    compress(&mut state, &blocks[..end / 64]);
    state[0].swap_bytes()
}

#[cfg(test)]
mod tests {
    use sha1::{Digest, Sha1};

    use super::hash32;

    #[test]
    fn every_length_is_padded_right() {
        let bytes: Vec<u8> = (0..300_u32).map(|byte| byte as u8).collect();
        for length in 0..bytes.len() {
            let digest = Sha1::digest(&bytes[..length]);
            assert_eq!(hash32(&bytes[..length]).to_le_bytes(), digest[..4], "{length}");
        }
    }
}
