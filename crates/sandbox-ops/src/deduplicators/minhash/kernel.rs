//! The innermost loops: portable, and with AVX2 or AVX-512 where the processor has it. All give the same bits.

use std::array;

use super::permutations::{Eight, LANES};

/// How many [`Eight`]s are worked on for one pass over the hashes.
pub(super) const GROUP: usize = 4;

/// Lowers `found` to the least `remainder + 1` of each permutation (see `permutations`).
pub(super) type Lowest = fn(&[Eight], &[u32], &mut [[u32; LANES]; GROUP]);

/// The fastest loop for this processor.
pub(super) fn best() -> Lowest {
    #[cfg(target_arch = "x86_64")]
    {
        if is_x86_feature_detected!("avx512f") {
            return x86::avx512;
        }
        if is_x86_feature_detected!("avx2") {
            return x86::avx2;
        }
    }
    portable
}

/// For every processor.
pub(super) fn portable(eights: &[Eight], hashes: &[u32], found: &mut [[u32; LANES]; GROUP]) {
    for (eight, found) in eights.iter().zip(found) {
        for hash in hashes {
            let sum = |half: usize, lane: usize| u64::from(*hash).wrapping_mul(eight.a_low[half][lane]).wrapping_add(eight.b[half][lane]);
            let [first, second] = array::from_fn(|half| array::from_fn::<_, 4, _>(|lane| sum(half, lane)));
            let order = [first[0], first[1], second[0], second[1], first[2], first[3], second[2], second[3]];
            for lane in 0..LANES {
                let high = ((order[lane] >> 32) as u32).wrapping_add(hash.wrapping_mul(eight.a_high[lane]));
                found[lane] = found[lane].min((order[lane] as u32).wrapping_add(high >> 29).wrapping_add(1));
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::*;

    use super::{Eight, GROUP, LANES};

    pub(super) fn avx2(eights: &[Eight], hashes: &[u32], found: &mut [[u32; LANES]; GROUP]) {
        let (pairs, rest) = eights.as_chunks::<2>();
        let (into, into_rest) = found.split_at_mut(2 * pairs.len());
        for (pair, found) in pairs.iter().zip(into.as_chunks_mut::<2>().0) {
            // SAFETY: `best` takes this function only where the processor has AVX2.
            unsafe { avx2_of(pair, hashes, found) };
        }
        for (eight, found) in rest.iter().zip(into_rest) {
            // SAFETY: as above.
            unsafe { avx2_of(&[*eight], hashes, std::array::from_mut(found)) };
        }
    }

    #[target_feature(enable = "avx2")]
    fn avx2_of<const N: usize>(eights: &[Eight; N], hashes: &[u32], found: &mut [[u32; LANES]; N]) {
        let four = |lanes: &[u64; 4]| _mm256_set_epi64x(lanes[3] as i64, lanes[2] as i64, lanes[1] as i64, lanes[0] as i64);
        let eight = |lanes: &[u32; 8]| {
            let [a, b, c, d, e, f, g, h] = lanes.map(|lane| lane as i32);
            _mm256_setr_epi32(a, b, c, d, e, f, g, h)
        };
        let a_low = eights.map(|eight| [four(&eight.a_low[0]), four(&eight.a_low[1])]);
        let b = eights.map(|eight| [four(&eight.b[0]), four(&eight.b[1])]);
        let a_high = eights.map(|numbers| eight(&numbers.a_high));
        let mut least = [_mm256_set1_epi32(-1); N];
        let ones = _mm256_set1_epi32(-1);
        for hash in hashes {
            let hash = _mm256_set1_epi32(*hash as i32);
            for of in 0..N {
                let sum = |half: usize| _mm256_add_epi64(_mm256_mul_epu32(hash, a_low[of][half]), b[of][half]);
                let (first, second) = (_mm256_castsi256_ps(sum(0)), _mm256_castsi256_ps(sum(1)));
                let low = _mm256_castps_si256(_mm256_shuffle_ps::<0b10_00_10_00>(first, second));
                let high = _mm256_castps_si256(_mm256_shuffle_ps::<0b11_01_11_01>(first, second));
                let high = _mm256_add_epi32(high, _mm256_mullo_epi32(hash, a_high[of]));
                let value = _mm256_add_epi32(low, _mm256_srli_epi32::<29>(high));
                least[of] = _mm256_min_epu32(least[of], _mm256_sub_epi32(value, ones));
            }
        }
        for (least, found) in least.into_iter().zip(found) {
            let mut lanes = [0_i32; LANES];
            // SAFETY: the array is 32 bytes, and this store asks for no alignment.
            unsafe { _mm256_storeu_si256((&raw mut lanes).cast(), least) };
            for (found, lane) in found.iter_mut().zip(lanes) {
                *found = (*found).min(lane as u32);
            }
        }
    }

    pub(super) fn avx512(eights: &[Eight], hashes: &[u32], found: &mut [[u32; LANES]; GROUP]) {
        let padded = std::array::from_fn(|index| eights.get(index).copied().unwrap_or_default());
        // SAFETY: `best` takes this function only where the processor has AVX-512F.
        unsafe { avx512_of(&padded, hashes, found) };
    }

    #[target_feature(enable = "avx512f")]
    fn avx512_of(eights: &[Eight; GROUP], hashes: &[u32], found: &mut [[u32; LANES]; GROUP]) {
        let four = |x: &[u64; 4], y: &[u64; 4]| {
            let [a, b, c, d] = x.map(|lane| lane as i64);
            let [e, f, g, h] = y.map(|lane| lane as i64);
            _mm512_setr_epi64(a, b, c, d, e, f, g, h)
        };
        let sixteen = |x: &[u32; 8], y: &[u32; 8]| {
            let [a, b, c, d, e, f, g, h] = x.map(|lane| lane as i32);
            let [i, j, k, l, m, n, o, p] = y.map(|lane| lane as i32);
            _mm512_setr_epi32(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p)
        };
        let pairs: [[&Eight; 2]; GROUP / 2] = std::array::from_fn(|pair| [&eights[2 * pair], &eights[2 * pair + 1]]);
        let a_low = pairs.map(|[x, y]| [four(&x.a_low[0], &y.a_low[0]), four(&x.a_low[1], &y.a_low[1])]);
        let b = pairs.map(|[x, y]| [four(&x.b[0], &y.b[0]), four(&x.b[1], &y.b[1])]);
        let a_high = pairs.map(|[x, y]| sixteen(&x.a_high, &y.a_high));
        let ones = _mm512_set1_epi32(-1);
        let mut least = [ones; GROUP / 2];
        for hash in hashes {
            let hash = _mm512_set1_epi32(*hash as i32);
            for of in 0..GROUP / 2 {
                let sum = |half: usize| _mm512_add_epi64(_mm512_mul_epu32(hash, a_low[of][half]), b[of][half]);
                let (first, second) = (_mm512_castsi512_ps(sum(0)), _mm512_castsi512_ps(sum(1)));
                let low = _mm512_castps_si512(_mm512_shuffle_ps::<0b10_00_10_00>(first, second));
                let high = _mm512_castps_si512(_mm512_shuffle_ps::<0b11_01_11_01>(first, second));
                let high = _mm512_add_epi32(high, _mm512_mullo_epi32(hash, a_high[of]));
                let value = _mm512_add_epi32(low, _mm512_srli_epi32::<29>(high));
                least[of] = _mm512_min_epu32(least[of], _mm512_sub_epi32(value, ones));
            }
        }
        for (least, found) in least.into_iter().zip(found.as_chunks_mut::<2>().0) {
            let mut lanes = [0_u32; 2 * LANES];
            // SAFETY: the array is 64 bytes, and this store asks for no alignment.
            unsafe { _mm512_storeu_si512((&raw mut lanes).cast(), least) };
            for (found, lane) in found.iter_mut().flatten().zip(lanes) {
                *found = (*found).min(lane);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[cfg(target_arch = "x86_64")]
    fn for_this_processor() -> Vec<Lowest> {
        let mut all: Vec<Lowest> = Vec::new();
        if is_x86_feature_detected!("avx2") {
            all.push(x86::avx2);
        }
        if is_x86_feature_detected!("avx512f") {
            all.push(x86::avx512);
        }
        all
    }

    #[cfg(not(target_arch = "x86_64"))]
    fn for_this_processor() -> Vec<Lowest> {
        Vec::new()
    }

    fn eight() -> impl Strategy<Value = Eight> {
        let four = || any::<[[u32; 4]; 2]>().prop_map(|low| low.map(|four| four.map(u64::from)));
        (four(), any::<[[u64; 4]; 2]>(), any::<[u32; 8]>()).prop_map(|(a_low, b, a_high)| Eight { a_low, b, a_high })
    }

    proptest! {
        #[test]
        fn all_loops_give_the_same_bits(eights in prop::collection::vec(eight(), 0..=GROUP), hashes in prop::collection::vec(any::<u32>(), 0..20)) {
            let mut expected = [[u32::MAX; LANES]; GROUP];
            portable(&eights, &hashes, &mut expected);
            for lowest in for_this_processor() {
                let mut found = [[u32::MAX; LANES]; GROUP];
                lowest(&eights, &hashes, &mut found);
                prop_assert_eq!(&found[..eights.len()], &expected[..eights.len()]);
            }
        }
    }
}
