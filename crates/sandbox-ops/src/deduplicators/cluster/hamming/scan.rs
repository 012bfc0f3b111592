//! Which hashes of a list are near one: the innermost loop, for processors with and without an instruction that counts bits.

/// How many are compared before asking whether any was near.
const CHUNK: usize = 64;

/// Calls `found` with the place of each hash that differs from `hash` in at most `distance` bits, in order.
pub(super) fn near(hash: u64, hashes: &[u64], distance: u32, mut found: impl FnMut(usize)) {
    let any = any_near();
    for (number, chunk) in hashes.chunks(CHUNK).enumerate() {
        if any(hash, chunk, distance) {
            for (place, other) in chunk.iter().enumerate() {
                if (hash ^ other).count_ones() <= distance {
                    found(number * CHUNK + place);
                }
            }
        }
    }
}

type AnyNear = fn(u64, &[u64], u32) -> bool;

fn any_near() -> AnyNear {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512vpopcntdq") {
            // SAFETY: the processor has just been asked for both.
            return |hash, chunk, distance| unsafe { with_avx512(hash, chunk, distance) };
        }
        if is_x86_feature_detected!("popcnt") {
            // SAFETY: the processor has just been asked for it.
            return |hash, chunk, distance| unsafe { with_popcnt(hash, chunk, distance) };
        }
    }
    portable
}

#[inline(always)]
fn portable(hash: u64, chunk: &[u64], distance: u32) -> bool {
    let distance = u64::from(distance);
    chunk.iter().fold(0, |any, other| any | u64::from(u64::from((hash ^ other).count_ones()) <= distance)) != 0
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vpopcntdq")]
fn with_avx512(hash: u64, chunk: &[u64], distance: u32) -> bool {
    portable(hash, chunk, distance)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "popcnt")]
fn with_popcnt(hash: u64, chunk: &[u64], distance: u32) -> bool {
    portable(hash, chunk, distance)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn as_defined(hashes in prop::collection::vec(any::<u64>().prop_map(|hash| hash & 0xffff), 0..300), distance in 0..10_u32) {
            let mut places = Vec::new();
            near(0x5555, &hashes, distance, |place| places.push(place));
            let is_near = |place: &usize| (hashes[*place] ^ 0x5555).count_ones() <= distance;
            prop_assert_eq!(places, (0..hashes.len()).filter(is_near).collect::<Vec<_>>());
        }
    }
}
