//! The table that pandas' `describe()` makes of the statistics.

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::column::Column;
use super::numeric::{mean, quantile, standard_deviation};

/// One cell of the overall table.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A number; NaN is an empty cell.
    Number(f64),
    /// A text (the most frequent value of a text statistic).
    Text(String),
    /// The row has no meaning for this column.
    Missing,
}

/// What `overall.csv` says: one column per statistic, rows as in pandas' `describe()`.
#[derive(Debug, Clone, PartialEq)]
pub struct Overall {
    /// Names of the rows, such as `count`, `mean`, `25%`.
    pub rows: Vec<String>,
    /// Per statistic its name and one cell a row.
    pub columns: Vec<(String, Vec<Cell>)>,
}

const TEXT_ROWS: [&str; 4] = ["count", "unique", "top", "freq"];

impl Overall {
    /// Describes named columns; `percentiles` (0 to 1) are added to the usual 25, 50 and 75 %.
    ///
    /// Columns of other than numbers, texts and truth values are left out and returned by name.
    pub fn describe<'c>(columns: impl IntoIterator<Item = (&'c str, &'c Column)>, percentiles: &[f64]) -> (Self, Vec<String>) {
        let percentiles = united(percentiles);
        let labels = percentile_labels(&percentiles);
        let (mut described, mut left_out) = (Vec::new(), Vec::new());
        for (name, column) in columns {
            match column {
                Column::Numbers(values) => described.push((name, numbers(values, &percentiles, &labels))),
                Column::Texts(values) => described.push((name, texts(values))),
                Column::Other => left_out.push(name.to_owned()),
            }
        }
        let has = |row: &str| described.iter().any(|(_, cells)| cells.contains_key(row));
        let number_rows = ["mean", "std", "min"].into_iter().map(str::to_owned).chain(labels.iter().cloned()).chain(["max".to_owned()]);
        let rows: Vec<String> = TEXT_ROWS.into_iter().map(str::to_owned).chain(number_rows).filter(|row| has(row)).collect();
        let columns = described
            .into_iter()
            .map(|(name, mut cells)| {
                let in_order = rows.iter().map(|row| cells.remove(row.as_str()).unwrap_or(Cell::Missing)).collect();
                (name.to_owned(), in_order)
            })
            .collect();
        (Self { rows, columns }, left_out)
    }

    /// `{statistic: {row: value}}`, which is what the watcher is given; NaN and missing cells are null.
    pub fn to_value(&self) -> Value {
        let column = |cells: &[Cell]| -> Map<String, Value> {
            let value = |cell: &Cell| match cell {
                Cell::Number(number) => Value::from(*number),
                Cell::Text(text) => Value::from(text.as_str()),
                Cell::Missing => Value::Null,
            };
            self.rows.iter().cloned().zip(cells.iter().map(value)).collect()
        };
        self.columns.iter().map(|(name, cells)| (name.clone(), Value::Object(column(cells)))).collect::<Map<_, _>>().into()
    }
}

fn numbers(values: &[f64], percentiles: &[f64], labels: &[String]) -> HashMap<String, Cell> {
    let present: Vec<f64> = values.iter().copied().filter(|value| !value.is_nan()).collect();
    let mut sorted = present.clone();
    sorted.sort_unstable_by(f64::total_cmp);
    let mut cells: HashMap<String, Cell> = HashMap::from([
        ("count".to_owned(), Cell::Number(present.len() as f64)),
        ("mean".to_owned(), Cell::Number(mean(&present))),
        ("std".to_owned(), Cell::Number(standard_deviation(&present))),
        ("min".to_owned(), Cell::Number(sorted.first().copied().unwrap_or(f64::NAN))),
        ("max".to_owned(), Cell::Number(sorted.last().copied().unwrap_or(f64::NAN))),
    ]);
    for (label, percentile) in labels.iter().zip(percentiles) {
        cells.insert(label.clone(), Cell::Number(quantile(&sorted, *percentile)));
    }
    cells
}

fn texts(values: &[Option<String>]) -> HashMap<String, Cell> {
    let mut order: Vec<&str> = Vec::new();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for value in values.iter().flatten() {
        let count = counts.entry(value).or_insert_with(|| {
            order.push(value);
            0
        });
        *count += 1;
    }
    // Of several values as frequent as each other, the one that came first.
    let top = order.iter().rev().max_by_key(|value| counts[**value]);
    HashMap::from([
        ("count".to_owned(), Cell::Number(values.iter().flatten().count() as f64)),
        ("unique".to_owned(), Cell::Number(order.len() as f64)),
        ("top".to_owned(), top.map_or(Cell::Missing, |top| Cell::Text((*top).to_owned()))),
        ("freq".to_owned(), top.map_or(Cell::Missing, |top| Cell::Number(counts[*top] as f64))),
    ])
}

fn united(percentiles: &[f64]) -> Vec<f64> {
    let mut all: Vec<f64> = percentiles.iter().copied().chain([0.25, 0.5, 0.75]).collect();
    all.sort_unstable_by(f64::total_cmp);
    all.dedup();
    all
}

/// Labels as pandas' `format_percentiles` writes them: as many decimals as tell the percentiles apart.
fn percentile_labels(percentiles: &[f64]) -> Vec<String> {
    let percents: Vec<f64> = percentiles.iter().map(|percentile| 100.0 * percentile).collect();
    let edges = [0.0].into_iter().chain(percents.iter().copied()).chain([100.0]);
    let smallest = edges.clone().zip(edges.skip(1)).map(|(a, b)| (b - a).abs()).filter(|step| *step > 0.0).fold(f64::INFINITY, f64::min);
    let decimals = (-smallest.log10().floor()).max(1.0) as i32;
    let round = |value: f64| (value * 10f64.powi(decimals)).round_ties_even() / 10f64.powi(decimals);
    percents
        .iter()
        .map(
            |percent| {
                if (percent - percent.round()).abs() < 1e-8 { format!("{}%", percent.round()) } else { format!("{}%", round(*percent)) }
            },
        )
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_as_pandas_writes_them() {
        assert_eq!(percentile_labels(&[0.1, 0.25, 0.5, 0.75, 0.9]), ["10%", "25%", "50%", "75%", "90%"]);
        assert_eq!(percentile_labels(&[0.25, 0.5, 0.75, 0.999]), ["25%", "50%", "75%", "99.9%"]);
    }

    #[test]
    fn of_texts_the_first_of_the_most_frequent_is_top() {
        let column = Column::Texts(["b", "a", "a", "b", "c"].iter().map(|text| Some((*text).to_owned())).chain([None]).collect());
        let (overall, _) = Overall::describe([("lang", &column)], &[]);
        assert_eq!(overall.rows, ["count", "unique", "top", "freq"]);
        assert_eq!(overall.columns[0].1, [Cell::Number(5.0), Cell::Number(3.0), Cell::Text("b".into()), Cell::Number(2.0)]);
    }

    #[test]
    fn one_row_has_no_deviation() {
        let (overall, _) = Overall::describe([("n", &Column::Numbers(vec![7.0]))], &[]);
        assert_eq!(overall.rows, ["count", "mean", "std", "min", "25%", "50%", "75%", "max"]);
        assert!(matches!(overall.columns[0].1[2], Cell::Number(std) if std.is_nan()));
    }
}
