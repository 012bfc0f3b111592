//! The permutations: `((h * a + b) mod 2^64) mod (2^61 - 1)` of a 32-bit hash, its low 32 bits, the least over all hashes.
//!
//! The product wraps at 64 bits before the remainder is taken; that is the original's arithmetic, not that of a universal
//! hash family. With `x = h * a + b` and `t` its three highest bits, the remainder is `(x mod 2^61) + t`, less `2^61 - 1`
//! where that is reached. It is reached when bits 3 to 60 are all ones, which happens once in 2^58 times. So the loops
//! leave that step out and take the least of `remainder + 1`, in 32 bits: whatever was wrong, or wrapped, is then 8 or
//! less, and a least value this small is computed again by definition ([`Permutations::exact`]).

use super::kernel;
use super::mersenne::Mersenne;

const PRIME: u64 = (1 << 61) - 1;
/// How many permutations the loops work on at a time.
pub(super) const LANES: usize = 8;

/// The numbers of eight permutations, as the loops want them.
///
/// A product with a 32-bit hash is that of the low half of `a`, plus that of its high half in the upper 32 bits.
#[derive(Debug, Clone, Copy, Default)]
#[repr(C, align(32))]
pub(super) struct Eight {
    /// Low halves of `a`, one per 64 bits: of the permutations 0, 1, 4, 5 and then 2, 3, 6, 7, so that taking the halves of
    /// the sums apart gives the order 0 to 7.
    pub a_low: [[u64; 4]; 2],
    /// `b`, in the same order.
    pub b: [[u64; 4]; 2],
    /// High halves of `a`, of the permutations 0 to 7.
    pub a_high: [u32; LANES],
}

/// The permutations of the original's seed.
#[derive(Debug, Clone)]
pub struct Permutations {
    factors: Vec<(u64, u64)>,
    eights: Vec<Eight>,
}

impl Permutations {
    /// The first `count` permutations.
    pub fn new(count: usize) -> Self {
        let mut random = Mersenne::new(42);
        let factors: Vec<_> = (0..count).map(|_| (random.between(1, PRIME - 1), random.between(0, PRIME - 1))).collect();
        let eights = factors.chunks(LANES).map(eight).collect();
        Self { factors, eights }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.factors.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.factors.is_empty()
    }

    /// The factors `a` and `b` in order.
    pub fn factors(&self) -> &[(u64, u64)] {
        &self.factors
    }

    /// Lowers `minima`, one per permutation, to what these hashes are mapped to. Begin with [`u32::MAX`].
    ///
    /// A run of hashes should fit the first level of cache, since all are gone through for every few permutations.
    pub fn lower(&self, hashes: &[u32], minima: &mut [u32]) {
        if hashes.is_empty() {
            return;
        }
        let lowest = kernel::best();
        for ((eights, factors), minima) in
            self.eights.chunks(kernel::GROUP).zip(self.factors.chunks(kernel::GROUP * LANES)).zip(minima.chunks_mut(kernel::GROUP * LANES))
        {
            let mut found = [[u32::MAX; LANES]; kernel::GROUP];
            lowest(eights, hashes, &mut found);
            for ((found, factors), minimum) in found.iter().flatten().zip(factors).zip(minima) {
                let least = if *found > 8 { found - 1 } else { Self::exact(*factors, hashes) };
                *minimum = least.min(*minimum);
            }
        }
    }

    /// The least value of one permutation, by definition.
    fn exact((a, b): (u64, u64), hashes: &[u32]) -> u32 {
        hashes.iter().map(|hash| (u64::from(*hash).wrapping_mul(a).wrapping_add(b) % PRIME) as u32).min().unwrap_or(u32::MAX)
    }
}

fn eight(factors: &[(u64, u64)]) -> Eight {
    let at = |permutation: usize| factors.get(permutation).copied().unwrap_or_default();
    let mut eight = Eight::default();
    for (half, order) in [[0, 1, 4, 5], [2, 3, 6, 7]].iter().enumerate() {
        for (lane, permutation) in order.iter().enumerate() {
            let (a, b) = at(*permutation);
            eight.a_low[half][lane] = a & u64::from(u32::MAX);
            eight.b[half][lane] = b;
        }
    }
    for (permutation, high) in eight.a_high.iter_mut().enumerate() {
        *high = (at(permutation).0 >> 32) as u32;
    }
    eight
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn factors_are_those_of_numpy() {
        let asset: serde_json::Value = serde_json::from_str(include_str!("../../../assets/minhash.json")).unwrap();
        let column = |name: &str| asset[name].as_array().unwrap().iter().map(|value| value.as_u64().unwrap()).collect::<Vec<_>>();
        let expected: Vec<_> = column("a").into_iter().zip(column("b")).collect();
        assert_eq!(Permutations::new(expected.len()).factors(), expected);
    }

    fn by_definition(permutations: &Permutations, hashes: &[u32]) -> Vec<u32> {
        permutations.factors.iter().map(|factors| Permutations::exact(*factors, hashes)).collect()
    }

    #[test]
    fn remainders_at_the_edge_are_exact() {
        // x = 2^61 - 1 + k for every t, reached by b alone.
        for t in 0..8_u64 {
            for k in 0..12_u64 {
                let b = (t << 61).wrapping_add(PRIME - t - 2).wrapping_add(k);
                let factors = vec![(0, b); 3];
                let permutations = Permutations { eights: factors.chunks(LANES).map(eight).collect(), factors };
                let mut minima = [u32::MAX; 3];
                permutations.lower(&[7, 9], &mut minima);
                assert_eq!(minima, [(b % PRIME) as u32; 3], "{t} {k}");
            }
        }
    }

    proptest! {
        #[test]
        fn loops_agree_with_the_definition(hashes in prop::collection::vec(any::<u32>(), 0..40), count in 1..300_usize) {
            let permutations = Permutations::new(count);
            let mut minima = vec![u32::MAX; count];
            let (first, second) = hashes.split_at(hashes.len() / 3);
            permutations.lower(first, &mut minima);
            permutations.lower(second, &mut minima);
            prop_assert_eq!(minima, by_definition(&permutations, &hashes));
        }
    }
}
