//! The three discounts of modified Kneser-Ney.

/// What is taken from counts of one, two, and three or more.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Discounts([f64; 3]);

impl Discounts {
    /// Chen and Goodman 1998, equation 26: with `n_i` the number of n-grams of count `i` and `Y = n1 / (n1 + 2 n2)`,
    /// `D1 = 1 - 2 Y n2/n1`, `D2 = 2 - 3 Y n3/n2`, `D3+ = 3 - 4 Y n4/n3`.
    ///
    /// Too little data leaves an `n_i` at zero or a discount outside `0 < D_i <= i`; then all three are 0.5, 1 and 1.5, as in
    /// KenLM. Discounts above zero are what leaves probability for the unseen.
    pub(super) fn of(counts_of_counts: [u64; 4]) -> Self {
        let [one, two, three, four] = counts_of_counts.map(|count| count as f64);
        let y = one / (one + 2.0 * two);
        let discounts = [1.0 - 2.0 * y * two / one, 2.0 - 3.0 * y * three / two, 3.0 - 4.0 * y * four / three];
        let sound = counts_of_counts.iter().all(|count| *count > 0)
            && discounts.iter().zip([1.0, 2.0, 3.0]).all(|(discount, limit)| *discount > 0.0 && *discount <= limit);
        Self(if sound { discounts } else { [0.5, 1.0, 1.5] })
    }

    /// A count without its discount.
    #[inline]
    pub(super) fn cut(&self, count: u64) -> f64 {
        match count {
            0 => 0.0,
            1 => 1.0 - self.0[0],
            2 => 2.0 - self.0[1],
            _ => count as f64 - self.0[2],
        }
    }

    /// The sum of all discounts in a context where `ones`, `twos` and `more` symbols have these counts.
    #[inline]
    pub(super) fn sum(&self, ones: u64, twos: u64, more: u64) -> f64 {
        self.0[0] * ones as f64 + self.0[1] * twos as f64 + self.0[2] * more as f64
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formula_and_its_fallback() {
        // Y = 100 / 180; D1 = 1 - 2Y*0.4, D2 = 2 - 3Y*0.5, D3 = 3 - 4Y*0.5.
        let Discounts(discounts) = Discounts::of([100, 40, 20, 10]);
        let y = 100.0 / 180.0;
        assert_eq!(discounts, [1.0 - 0.8 * y, 2.0 - 1.5 * y, 3.0 - 2.0 * y]);
        for small in [[0; 4], [5, 0, 0, 0], [3, 2, 1, 0], [10, 1, 20, 1]] {
            assert_eq!(Discounts::of(small), Discounts([0.5, 1.0, 1.5]), "{small:?}");
        }
    }
}
