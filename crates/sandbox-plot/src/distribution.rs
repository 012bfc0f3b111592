//! Numbers summed up: quantiles, moments, bins.

/// What a picture of numbers needs to know of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Distribution {
    /// The statistic's name.
    pub name: String,
    /// Numbers that are finite.
    pub count: u64,
    /// Values that are no finite numbers (NaN, infinite, absent).
    pub missing: u64,
    /// The mean; NaN without numbers.
    pub mean: f64,
    /// The standard deviation of the sample (divided by n - 1); NaN with fewer than two numbers.
    pub sd: f64,
    /// All finite numbers are whole.
    pub is_whole: bool,
    /// The finite numbers in order.
    sorted: Vec<f64>,
}

/// Numbers counted by equal intervals.
#[derive(Debug, Clone, PartialEq)]
pub struct Bins {
    /// One more than counts; each interval holds its lower edge, the last both.
    pub edges: Vec<f64>,
    /// Numbers in each interval.
    pub counts: Vec<u64>,
    /// Numbers below the first edge.
    pub below: u64,
    /// Numbers above the last edge.
    pub above: u64,
}

impl Distribution {
    /// Sums up `values`.
    pub fn of(name: &str, values: &[f64]) -> Self {
        let mut sorted: Vec<f64> = values.iter().copied().filter(|value| value.is_finite()).collect();
        sorted.sort_unstable_by(f64::total_cmp);
        let count = sorted.len() as f64;
        // Scaled, so that sums of very large numbers stay finite.
        let size = sorted.first().map_or(0.0, |first| first.abs()).max(sorted.last().map_or(0.0, |last| last.abs()));
        let unit = if size > 0.0 { size } else { 1.0 };
        let mean = sorted.iter().map(|value| value / unit).sum::<f64>() / count;
        let squares = sorted.iter().map(|value| (value / unit - mean).powi(2)).sum::<f64>();
        Self {
            name: name.to_owned(),
            count: sorted.len() as u64,
            missing: (values.len() - sorted.len()) as u64,
            mean: mean * unit,
            sd: if sorted.len() > 1 { (squares / (count - 1.0)).sqrt() * unit } else { f64::NAN },
            is_whole: sorted.iter().all(|value| value.fract() == 0.0),
            sorted,
        }
    }

    /// The value below which the share `part` (0 to 1) lies, between neighbours in proportion, as pandas; NaN without numbers.
    pub fn quantile(&self, part: f64) -> f64 {
        let Some(last) = self.sorted.len().checked_sub(1) else { return f64::NAN };
        let at = part.clamp(0.0, 1.0) * last as f64;
        let index = at.floor() as usize;
        let (low, high) = (self.sorted[index], self.sorted[(index + 1).min(last)]);
        let share = at - index as f64;
        if share == 0.0 { low } else { low * (1.0 - share) + high * share }
    }

    /// The finite numbers, ascending.
    pub fn sorted(&self) -> &[f64] {
        &self.sorted
    }

    /// The part of the axis that is worth showing: all of it, unless a few far values would press the rest into one bar.
    pub(crate) fn range(&self) -> (f64, f64) {
        let (low, high) = (self.quantile(0.0), self.quantile(1.0));
        let (q_low, q_high) = (self.quantile(0.005), self.quantile(0.995));
        let width = q_high - q_low;
        // Spread that is far below the numbers' size cannot be drawn.
        if !(width > 0.0 && width.is_finite()) {
            return (low, high);
        }
        let clip =
            |end: f64, quantile: f64, sign: f64| if (end - quantile) * sign > 1.5 * width { quantile + sign * 0.25 * width } else { end };
        let (low_shown, high_shown) = (clip(low, q_low, -1.0), clip(high, q_high, 1.0));
        if self.is_whole { (low_shown.floor().max(low), high_shown.ceil().min(high)) } else { (low_shown, high_shown) }
    }

    /// Bins for a picture: as many as the root of the count, from 10 to 80; whole numbers of a short range one each.
    pub fn bins(&self) -> Bins {
        let (low, high) = self.range();
        let root = (self.count as f64).sqrt().floor().clamp(10.0, 80.0);
        if self.is_whole && high - low < 60.0 {
            let edges = (0..=(high - low) as usize + 1).map(|index| low - 0.5 + index as f64).collect();
            return self.count_in(edges);
        }
        let count = if self.is_whole { whole_bins(high - low, root) } else { root as usize };
        let step = high / count as f64 - low / count as f64;
        let edges: Vec<f64> = (0..=count).map(|index| if index == count { high } else { low + step * index as f64 }).collect();
        if edges.is_sorted_by(|a, b| a < b) { self.count_in(edges) } else { self.count_in(vec![low, high]) }
    }

    /// The numbers counted by the intervals between ascending `edges`.
    pub fn count_in(&self, edges: Vec<f64>) -> Bins {
        let before = |edge: f64| self.sorted.partition_point(|value| *value < edge) as u64;
        let up_to = |edge: f64| self.sorted.partition_point(|value| *value <= edge) as u64;
        let mut ends: Vec<u64> = edges.iter().map(|edge| before(*edge)).collect();
        let (below, above) = match (edges.first(), edges.last()) {
            (Some(first), Some(last)) => (before(*first), self.count - up_to(*last)),
            _ => (0, 0),
        };
        if let Some(last) = ends.last_mut() {
            *last = self.count - above;
        }
        let counts = ends.windows(2).map(|pair| pair[1] - pair[0]).collect();
        Bins { edges, counts, below, above }
    }
}

/// How many bins, so that each holds equally many whole numbers; uneven ones look like a comb.
fn whole_bins(span: f64, wanted: f64) -> usize {
    let width = (span / wanted).ceil().max(1.0);
    (span / width).ceil().max(1.0) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_and_moments() {
        let some = Distribution::of("a", &[4.0, 1.0, f64::NAN, 3.0, 2.0, f64::INFINITY]);
        assert_eq!((some.count, some.missing, some.mean), (4, 2, 2.5));
        assert_eq!([0.0, 0.25, 0.5, 1.0].map(|part| some.quantile(part)), [1.0, 1.75, 2.5, 4.0]);
        assert!((some.sd - 1.290_994_448_735_805_6).abs() < 1e-15);
        assert!(Distribution::of("b", &[]).quantile(0.5).is_nan());
        assert_eq!(Distribution::of("c", &[f64::MAX, f64::MAX]).mean, f64::MAX);
    }

    #[test]
    fn every_number_is_counted_once() {
        let sets: [&[f64]; 6] =
            [&[], &[1.0], &[2.5; 40], &[1e-300, 2e-300], &[f64::MIN, 0.0, f64::MAX], &[-5.0, -4.5, 100.0, 1.0, 1.0, 1.0, 1.0]];
        for values in sets {
            let distribution = Distribution::of("x", values);
            let bins = distribution.bins();
            assert_eq!(bins.counts.iter().sum::<u64>() + bins.below + bins.above, values.len() as u64, "{values:?}");
            assert_eq!(bins.edges.len(), bins.counts.len() + 1, "{values:?}");
        }
    }

    #[test]
    fn far_values_do_not_press_the_rest_together() {
        let mut values: Vec<f64> = (0..2000).map(|index| f64::from(index % 100) / 10.0).collect();
        values.push(1e6);
        let distribution = Distribution::of("x", &values);
        let bins = distribution.bins();
        assert_eq!(bins.above, 1);
        assert!(bins.edges.last().unwrap() < &20.0);
    }

    #[test]
    fn whole_numbers_get_bars_of_their_own() {
        let bins = Distribution::of("x", &[3.0, 4.0, 4.0, 6.0]).bins();
        assert_eq!(bins.edges, [2.5, 3.5, 4.5, 5.5, 6.5]);
        assert_eq!(bins.counts, [1, 2, 0, 1]);
    }
}
