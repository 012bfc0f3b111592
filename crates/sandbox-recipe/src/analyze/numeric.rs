//! Sums and percentiles in the order of operations of NumPy, so that means and deviations agree to the last bit.

/// Sum of `values` as `numpy.add.reduce` forms it: eight running sums over blocks of at most 128, halves added pairwise.
///
/// Source: NumPy `pairwise_sum` in `loops_utils.h.src`.
pub(crate) fn pairwise_sum(values: &[f64]) -> f64 {
    let n = values.len();
    if n < 8 {
        return values.iter().fold(0.0, |sum, value| sum + value);
    }
    if n <= 128 {
        let mut r = [0.0; 8];
        r.copy_from_slice(&values[..8]);
        let whole = n - n % 8;
        for block in values[8..whole].chunks_exact(8) {
            for (sum, value) in r.iter_mut().zip(block) {
                *sum += value;
            }
        }
        let sum = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
        return values[whole..].iter().fold(sum, |sum, value| sum + value);
    }
    let half = n / 2 - (n / 2) % 8;
    pairwise_sum(&values[..half]) + pairwise_sum(&values[half..])
}

/// Mean of `values`; NaN when there is none.
pub(crate) fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { f64::NAN } else { pairwise_sum(values) / values.len() as f64 }
}

/// Sample standard deviation (one degree of freedom less); NaN for fewer than two values.
pub(crate) fn standard_deviation(values: &[f64]) -> f64 {
    if values.len() < 2 {
        return f64::NAN;
    }
    let mean = mean(values);
    let squares: Vec<f64> = values.iter().map(|value| (mean - value) * (mean - value)).collect();
    (pairwise_sum(&squares) / (values.len() - 1) as f64).sqrt()
}

/// The `q`-quantile (0 to 1) of ascending `sorted` values by linear interpolation; NaN when there is none.
pub(crate) fn quantile(sorted: &[f64], q: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    // pandas hands percents to NumPy, which divides them again; the detour may move the last bit.
    let position = last as f64 * (q * 100.0 / 100.0);
    let below = (position.floor() as usize).min(last);
    let (low, high) = (sorted[below], sorted[(below + 1).min(last)]);
    let (t, step) = (position - below as f64, high - low);
    if t >= 0.5 { high - step * (1.0 - t) } else { low + step * t }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_values_of_numpy() {
        // numpy: x = 0.1 * arange(1000) ** 1.5; x.sum(), x.std(ddof=1), percentile(x, 90)
        let values: Vec<f64> = (0..1000).map(|i| 0.1 * f64::from(i) * f64::from(i).sqrt()).collect();
        assert!((pairwise_sum(&values) - values.iter().sum::<f64>()).abs() < 1e-6);
        assert_eq!(quantile(&[1.0, 2.0, 3.0, 4.0], 0.25), 1.75);
        assert_eq!(quantile(&[29.0, 118.0, 129.0], 0.9), 126.8);
        assert!(quantile(&[], 0.5).is_nan());
        assert!(standard_deviation(&[1.0]).is_nan());
        assert_eq!(standard_deviation(&[1.0, 2.0, 3.0, 4.0]), 1.290_994_448_735_805_6);
    }
}
