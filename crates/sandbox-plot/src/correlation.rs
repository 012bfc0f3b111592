//! Pearson's correlation between columns of the same rows.

/// Correlations of every two columns.
#[derive(Debug, Clone, PartialEq)]
pub struct Correlation {
    /// The columns' names.
    pub names: Vec<String>,
    /// Row by row; NaN where a column does not vary or fewer than two rows have both.
    pub values: Vec<f64>,
}

impl Correlation {
    /// Correlates columns of equal length; rows where one of two values is not finite do not count for these two.
    pub fn of(columns: &[(&str, &[f64])]) -> Self {
        let names = columns.iter().map(|(name, _)| (*name).to_owned()).collect();
        let count = columns.len();
        let mut values = vec![f64::NAN; count * count];
        for (i, (_, a)) in columns.iter().enumerate() {
            for (j, (_, b)) in columns.iter().enumerate().skip(i) {
                let r = pearson(a, b);
                values[i * count + j] = r;
                values[j * count + i] = r;
            }
        }
        Self { names, values }
    }

    /// The correlation of columns `i` and `j`.
    pub fn at(&self, i: usize, j: usize) -> f64 {
        self.values.get(i * self.names.len() + j).copied().unwrap_or(f64::NAN)
    }
}

/// In one pass, with running means, as pandas does it: no cancellation of large sums.
fn pearson(a: &[f64], b: &[f64]) -> f64 {
    let (mut n, mut mean_a, mut mean_b, mut var_a, mut var_b, mut together) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0);
    for (&x, &y) in a.iter().zip(b) {
        if x.is_finite() && y.is_finite() {
            n += 1.0;
            let (dx, dy) = (x - mean_a, y - mean_b);
            mean_a += dx / n;
            mean_b += dy / n;
            var_a += (x - mean_a) * dx;
            var_b += (y - mean_b) * dy;
            together += (x - mean_a) * dy;
        }
    }
    // The product of the roots is less exact, and the only one where the product of the sums has no number.
    let product = (var_a * var_b).sqrt();
    let scale = if product.is_normal() { product } else { var_a.sqrt() * var_b.sqrt() };
    if n < 2.0 || scale == 0.0 || !scale.is_finite() { f64::NAN } else { (together / scale).clamp(-1.0, 1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_pandas_counts() {
        let (a, b, c) = ([1.0, 2.0, 3.0, 4.0], [2.0, 1.0, 4.0, f64::NAN], [5.0; 4]);
        let correlation = Correlation::of(&[("a", &a), ("b", &b), ("c", &c)]);
        // pd.DataFrame(...).corr(): 0.6546536707079772
        assert!((correlation.at(0, 1) - 0.654_653_670_707_977_2).abs() < 1e-15);
        assert_eq!(correlation.at(0, 0), 1.0);
        assert_eq!(correlation.at(1, 0), correlation.at(0, 1));
        assert!(correlation.at(2, 2).is_nan() && correlation.at(0, 2).is_nan());
    }
}
