//! What moved between two analyses.

use sandbox_recipe::Comparison;

use super::number::figure;
use super::table;

/// A line per statistic: means, medians, and how large the shift is.
pub fn comparison(comparison: &Comparison) -> String {
    let mut rows = table::table(&["statistic", ">mean", ">-> after", ">median", ">-> after", ">Cohen's d", "shift", ">KS distance"]);
    let cell = |value: f64| if value.is_nan() { "–".to_owned() } else { figure(value) };
    for one in &comparison.statistics {
        let numbers = [one.before.mean, one.after.mean, one.before.median, one.after.median, one.d].map(cell);
        rows.add_row([one.name.clone()].into_iter().chain(numbers).chain([one.word.to_owned(), cell(one.ks)]));
    }
    table::text(&rows)
}
