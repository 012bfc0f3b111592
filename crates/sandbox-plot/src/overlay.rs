//! The same statistic of two data sets on the same bins.

use crate::canvas::{Anchor, Drawing, FIRST, INK, Panel, Pen, SECOND};
use crate::distribution::{Bins, Distribution};
use crate::histogram::ends;
use crate::scale::short;

/// Two outlines; heights are shares of each data set, so that sizes do not matter.
pub(crate) struct Overlay<'d> {
    pub(crate) before: &'d Distribution,
    pub(crate) after: &'d Distribution,
    pub(crate) names: [&'d str; 2],
}

/// How far two distributions are from each other.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Shift {
    /// Difference of the means, after minus before.
    pub mean: f64,
    /// Difference of the medians, after minus before.
    pub median: f64,
    /// Cohen's d: the difference of the means in pooled standard deviations.
    pub d: f64,
    /// Kolmogorov's and Smirnov's distance: the largest difference of the shares below any value, 0 to 1.
    pub ks: f64,
}

impl Shift {
    /// Compares two distributions; NaN where one has no numbers.
    pub fn of(before: &Distribution, after: &Distribution) -> Self {
        let (n, m) = (before.count as f64, after.count as f64);
        let squares = (n - 1.0).max(0.0) * not_nan(before.sd).powi(2) + (m - 1.0).max(0.0) * not_nan(after.sd).powi(2);
        let pooled = (squares / (n + m - 2.0)).sqrt();
        let mean = after.mean - before.mean;
        let d = if mean == 0.0 { 0.0 } else { mean / pooled };
        Self { mean, median: after.quantile(0.5) - before.quantile(0.5), d, ks: ks(before.sorted(), after.sorted()) }
    }

    /// The size of `d` in a word, by Cohen's own limits (0.2, 0.5, 0.8).
    pub fn word(&self) -> &'static str {
        match self.d.abs() {
            d if d.is_nan() => "not known",
            d if d < 0.2 => "hardly any",
            d if d < 0.5 => "small",
            d if d < 0.8 => "medium",
            _ => "large",
        }
    }
}

fn not_nan(value: f64) -> f64 {
    if value.is_nan() { 0.0 } else { value }
}

fn ks(a: &[f64], b: &[f64]) -> f64 {
    if a.is_empty() || b.is_empty() {
        return f64::NAN;
    }
    let (mut i, mut j, mut far) = (0, 0, 0.0_f64);
    while i < a.len() && j < b.len() {
        let value = a[i].min(b[j]);
        i += a[i..].iter().take_while(|x| **x == value).count();
        j += b[j..].iter().take_while(|x| **x == value).count();
        far = far.max((i as f64 / a.len() as f64 - j as f64 / b.len() as f64).abs());
    }
    far
}

impl Overlay<'_> {
    /// Both on the bins that suit the two together.
    pub(crate) fn bins(&self) -> [Bins; 2] {
        let both: Vec<f64> = self.before.sorted().iter().chain(self.after.sorted()).copied().collect();
        let edges = Distribution::of("", &both).bins().edges;
        [self.before.count_in(edges.clone()), self.after.count_in(edges)]
    }
}

impl Drawing for Overlay<'_> {
    fn title(&self) -> String {
        self.before.name.clone()
    }

    fn size(&self) -> (u32, u32) {
        (760, 460)
    }

    fn draw(&self, pen: &mut dyn Pen) {
        let shift = Shift::of(self.before, self.after);
        let bins = self.bins();
        let signed = |value: f64| format!("{}{}", if value > 0.0 { "+" } else { "" }, short(value));
        let moved = format!(
            "median {} → {} ({}) · mean {} → {} · Cohen's d {} ({}) · KS {}",
            short(self.before.quantile(0.5)),
            short(self.after.quantile(0.5)),
            signed(shift.median),
            short(self.before.mean),
            short(self.after.mean),
            signed(shift.d),
            shift.word(),
            short(shift.ks)
        );
        let beyond: u64 = bins.iter().map(|bins| bins.below + bins.above).sum();
        let beyond = if beyond > 0 { format!("{} far values are outside of the picture", short(beyond as f64)) } else { String::new() };
        let panel = Panel::of(self.size()).head(pen, &self.before.name, &[&moved, &beyond]);
        if self.before.count + self.after.count == 0 {
            return;
        }
        let share = |count: u64, of: &Distribution| 100.0 * count as f64 / of.count.max(1) as f64;
        let parts = [(&bins[0], self.before, FIRST), (&bins[1], self.after, SECOND)];
        let most = parts.iter().flat_map(|(bins, of, _)| bins.counts.iter().map(|count| share(*count, of))).fold(1e-9, f64::max);
        let label = format!("{}  (height: share of the rows in %)", self.before.name);
        let panel = Panel { top: panel.top + 22.0, height: panel.height - 22.0, ..panel };
        let (x, y) = panel.axes(pen, ends(&bins[0]), most, &label);
        for (index, (bins, of, color)) in parts.into_iter().enumerate() {
            let mut outline = vec![(x.from, y.from)];
            for (pair, count) in bins.edges.windows(2).zip(&bins.counts) {
                let top = y.at(share(*count, of));
                outline.extend([(x.at(pair[0]), top), (x.at(pair[1]), top)]);
            }
            outline.push((x.to, y.from));
            pen.area(&outline, color, 0.3);
            pen.line(&outline, color, 2);
            let left = panel.left + 72.0 + 330.0 * index as f64;
            pen.rect((left, panel.top - 18.0), (left + 16.0, panel.top - 6.0), color, 0.6);
            let name = format!("{}: {} values", crate::canvas::cut(self.names[index], 190.0, 13), short(of.count as f64));
            pen.text(&name, (left + 24.0, panel.top - 12.0), Anchor::Start, 13, INK);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shifts_as_scipy_counts() {
        let (a, b) = (Distribution::of("x", &[1.0, 2.0, 3.0, 4.0]), Distribution::of("x", &[2.0, 3.0, 4.0, 5.0, 6.0]));
        let shift = Shift::of(&a, &b);
        // scipy.stats.ks_2samp([1, 2, 3, 4], [2, 3, 4, 5, 6]).statistic
        assert!((shift.ks - 0.4).abs() < 1e-15);
        assert_eq!((shift.mean, shift.median), (1.5, 1.5));
        assert!((shift.d - 1.5 / (15.0_f64 / 7.0).sqrt()).abs() < 1e-15);
        assert_eq!(shift.word(), "large");
        assert!(Shift::of(&a, &Distribution::of("x", &[])).ks.is_nan());
        assert_eq!(Shift::of(&a, &a).d, 0.0);
    }
}
