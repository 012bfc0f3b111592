//! Two analyses side by side: what became of each statistic, in numbers, words and pictures.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sandbox_dataset::{ReadOptions, Reader, RowParser, resolve_all};
use sandbox_fs::write_atomic;
use sandbox_plot::{Distribution, Page, Picture, Shift, Table, short};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::analyze::{Column, file_name, write_picture};
use crate::config::Pictures;
use crate::error::RecipeError;

/// The field of a row with its statistics.
const STATS: &str = "__dj__stats__";

/// What became of the statistics.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Comparison {
    /// Each statistic of numbers that both sides have.
    pub statistics: Vec<StatisticShift>,
    /// Statistics that only one side has.
    pub one_sided: Vec<String>,
    /// Rows of either side that could not be read or have no statistics.
    pub unusable: [u64; 2],
    /// The page with everything.
    pub page: PathBuf,
    /// The pictures.
    pub pictures: Vec<PathBuf>,
}

/// One statistic before and after.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct StatisticShift {
    /// Its name.
    pub name: String,
    /// Of the first data set.
    pub before: Moments,
    /// Of the second.
    pub after: Moments,
    /// Difference of the means in pooled standard deviations (Cohen's d).
    #[serde(serialize_with = "finite_or_null")]
    pub d: f64,
    /// The size of `d` in a word.
    pub word: &'static str,
    /// The largest difference of the shares below any value (Kolmogorov-Smirnov), 0 to 1.
    #[serde(serialize_with = "finite_or_null")]
    pub ks: f64,
}

/// Numbers summed up.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Moments {
    /// How many.
    pub count: u64,
    /// Their mean.
    #[serde(serialize_with = "finite_or_null")]
    pub mean: f64,
    /// The value in the middle.
    #[serde(serialize_with = "finite_or_null")]
    pub median: f64,
    /// The standard deviation.
    #[serde(serialize_with = "finite_or_null")]
    pub sd: f64,
}

fn finite_or_null<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    if value.is_finite() { serializer.serialize_f64(*value) } else { serializer.serialize_none() }
}

impl Moments {
    fn of(distribution: &Distribution) -> Self {
        Self { count: distribution.count, mean: distribution.mean, median: distribution.quantile(0.5), sd: distribution.sd }
    }
}

/// One side: its statistics, and rows that have none.
struct Side {
    columns: BTreeMap<String, Option<Column>>,
    unusable: u64,
}

/// Compares the statistics of two sets of rows and writes pictures and `report.html` into `folder`.
///
/// Each side is a file (or folder, or glob) of rows with `__dj__stats__`: what [`analyze`](crate::analyze()) wrote as
/// `NAME_stats.jsonl`, or rows exported with their statistics.
///
/// # Errors
/// Files that are not there or cannot be written; a side without statistics; no statistic of numbers that both have.
pub fn compare(before: &str, after: &str, folder: &Path, pictures: Pictures) -> Result<Comparison, RecipeError> {
    let (first, second) = (read(before)?, read(after)?);
    let mut one_sided: Vec<String> = first.columns.keys().filter(|name| !second.columns.contains_key(*name)).cloned().collect();
    one_sided.extend(second.columns.keys().filter(|name| !first.columns.contains_key(*name)).cloned());
    let mut others = second.columns;
    let both = first.columns.into_iter().filter_map(|(name, column)| match (column, others.remove(&name)?) {
        (Some(Column::Numbers(a)), Some(Column::Numbers(b))) => Some((Distribution::of(&name, &a), Distribution::of(&name, &b))),
        _ => None,
    });
    let both: Vec<(Distribution, Distribution)> = both.collect();
    if both.is_empty() {
        return Err(RecipeError::NothingInCommon { before: before.to_owned(), after: after.to_owned() });
    }
    let mut page = Page::new("Before and after", &format!("Before: {before}. After: {after}."));
    let statistics: Vec<StatisticShift> = both.iter().map(|(a, b)| shift(a, b)).collect();
    page.section("What moved").table(&table(&statistics)).words(
        "Cohen's d is the difference of the means in standard deviations: below 0.2 hardly any, from 0.8 large. The KS distance is the \
         largest difference of the shares of rows below any value: 0 when both are alike, 1 when they do not overlap.",
    );
    if !one_sided.is_empty() {
        page.words(&format!("Only on one side: {}.", one_sided.join(", ")));
    }
    let mut written = Vec::new();
    for ((a, b), statistic) in both.iter().zip(&statistics) {
        let picture = Picture::overlay(a, b, [before, after]);
        written.extend(write_picture(&picture, folder, &format!("{}-overlay", file_name(&a.name)), pictures)?);
        let words = format!("{}: the shift is {}", a.name, statistic.word);
        page.section(&a.name).pictures(&words, &[picture.svg()?], None);
    }
    let path = folder.join("report.html");
    write_atomic(&path, page.html().as_bytes())?;
    Ok(Comparison { statistics, one_sided, unusable: [first.unusable, second.unusable], page: path, pictures: written })
}

fn shift(a: &Distribution, b: &Distribution) -> StatisticShift {
    let shift = Shift::of(a, b);
    StatisticShift { name: a.name.clone(), before: Moments::of(a), after: Moments::of(b), d: shift.d, word: shift.word(), ks: shift.ks }
}

fn table(statistics: &[StatisticShift]) -> Table {
    let head = ["statistic", "mean", "→", "median", "→", "sd", "→", "Cohen's d", "shift", "KS distance"].map(str::to_owned).to_vec();
    let row = |one: &StatisticShift| {
        let (a, b) = (one.before, one.after);
        let numbers = [a.mean, b.mean, a.median, b.median, a.sd, b.sd, one.d].map(short);
        [one.name.clone()].into_iter().chain(numbers).chain([one.word.to_owned(), short(one.ks)]).collect()
    };
    Table { head, rows: statistics.iter().map(row).collect() }
}

fn read(path: &str) -> Result<Side, RecipeError> {
    let files = resolve_all(&[path.to_owned()], &[])?.files;
    let mut reader = Reader::open(&files, ReadOptions::default())?;
    let mut parser = RowParser::new();
    let mut side = Side { columns: BTreeMap::new(), unusable: 0 };
    while let Some(chunk) = reader.next_chunk()? {
        side.unusable += chunk.rejects().len() as u64;
        for raw in chunk.rows() {
            match parser.parse(raw.bytes).ok().and_then(|row| row.value(STATS)) {
                Some(Value::Object(stats)) => {
                    for (name, value) in &stats {
                        match side.columns.get_mut(name) {
                            Some(column) => Column::push(column, Some(value)),
                            None => Column::push(side.columns.entry(name.clone()).or_default(), Some(value)),
                        }
                    }
                }
                _ => side.unusable += 1,
            }
        }
        reader.recycle(chunk);
    }
    if side.columns.is_empty() { Err(RecipeError::NoStatistics { path: path.to_owned() }) } else { Ok(side) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(folder: &Path, name: &str, values: &[f64]) -> String {
        let path = folder.join(name);
        let lines: String = values.iter().map(|value| format!("{{\"__dj__stats__\": {{\"n\": {value}, \"lang\": \"en\"}}}}\n")).collect();
        std::fs::write(&path, lines).unwrap();
        path.to_string_lossy().into_owned()
    }

    #[test]
    fn what_moved_is_told_and_drawn() {
        let folder = tempfile::tempdir().unwrap();
        let before = rows(folder.path(), "a.jsonl", &[1.0, 2.0, 3.0, 4.0]);
        let after = rows(folder.path(), "b.jsonl", &[2.0, 3.0, 4.0, 5.0, 6.0]);
        let out = folder.path().join("out");
        let comparison = compare(&before, &after, &out, Pictures { png: true, svg: true }).unwrap();
        let [one] = comparison.statistics.as_slice() else { panic!("{comparison:?}") };
        assert_eq!((one.name.as_str(), one.before.mean, one.after.mean, one.word), ("n", 2.5, 4.0, "large"));
        assert!((one.ks - 0.4).abs() < 1e-15);
        assert_eq!(comparison.pictures, [out.join("n-overlay.png"), out.join("n-overlay.svg")]);
        assert!(std::fs::read_to_string(comparison.page).unwrap().contains("the shift is large"));
    }

    #[test]
    fn rows_without_statistics_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.jsonl");
        std::fs::write(&path, "{\"text\": \"x\"}\n").unwrap();
        let error = compare(&path.to_string_lossy(), &path.to_string_lossy(), folder.path(), Pictures::default()).unwrap_err();
        assert!(error.to_string().contains("no row of") && error.to_string().contains("dj-sandbox analyze"), "{error}");
    }
}
