//! How many bands of how many rows a signature is cut into.

use super::quadrature::integral;

/// Bands and rows for a number of permutations: where the mean of two errors is least, the first if several are.
///
/// With `b` bands of `r` rows, texts of likeness `s` meet in a band with probability `1 - (1 - s^r)^b`. The errors are the
/// integrals of that probability below the threshold, and of its complement above.
///
/// ```
/// use sandbox_ops::deduplicators::minhash::optimal_bands;
/// assert_eq!(optimal_bands(0.7, 256), (25, 10));
/// ```
pub fn optimal_bands(threshold: f64, permutations: usize) -> (usize, usize) {
    let mut least = f64::INFINITY;
    let mut found = (1, 1);
    for bands in 1..=permutations {
        for rows in 1..=permutations / bands {
            let error = error(threshold, bands as f64, rows as f64);
            if error < least {
                (least, found) = (error, (bands, rows));
            }
        }
    }
    found
}

/// The powers, one minuses and their order are the original's, so that rounding is the same.
fn error(threshold: f64, bands: f64, rows: f64) -> f64 {
    let meet = |likeness: f64| 1.0 - (1.0 - likeness.powf(rows)).powf(bands);
    let miss = |likeness: f64| 1.0 - (1.0 - (1.0 - likeness.powf(rows)).powf(bands));
    integral(meet, 0.0, threshold) * 0.5 + integral(miss, threshold, 1.0) * 0.5
}

#[cfg(test)]
mod tests {
    use super::{error, optimal_bands};

    #[test]
    fn choice_of_scipy() {
        for line in include_str!("../../../tests/data/optimal_bands.tsv").lines().skip(1) {
            let [permutations, threshold, bands, rows, least] = line.split('\t').collect::<Vec<_>>().try_into().unwrap();
            let (bands, rows) = (bands.parse().unwrap(), rows.parse().unwrap());
            let threshold = threshold.parse().unwrap();
            assert_eq!(optimal_bands(threshold, permutations.parse().unwrap()), (bands, rows), "{line}");
            let least: f64 = least.parse().unwrap();
            assert!((error(threshold, bands as f64, rows as f64) - least).abs() <= 1e-15, "{line}");
        }
    }

    #[test]
    fn table_of_the_original() {
        let asset: serde_json::Value = serde_json::from_str(include_str!("../../../assets/minhash.json")).unwrap();
        for (key, value) in asset["optimal_bands_rows"].as_object().unwrap() {
            let (permutations, threshold) = key.split_once(',').unwrap();
            let (bands, rows) = optimal_bands(threshold.parse().unwrap(), permutations.parse().unwrap());
            assert_eq!(serde_json::json!([bands, rows]), *value, "{key}");
        }
    }
}
