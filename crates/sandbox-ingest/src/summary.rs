//! What a log says in all: one line per metric.

use indexmap::IndexMap;

use crate::record::{Record, Value};

/// How many names are kept apart.
pub const NAMES: usize = 10_000;

/// Metrics in the order of their first appearance. At most [`NAMES`] of them; what else comes is counted.
#[derive(Debug, Clone, Default)]
pub struct Summary {
    metrics: IndexMap<String, Metric>,
    dropped: u64,
}

/// One metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Metric {
    /// Numbers, NaN and infinities included.
    pub count: u64,
    /// Of them NaN.
    pub nan: u64,
    /// Of them infinite.
    pub infinite: u64,
    /// Texts under this name.
    pub texts: u64,
    /// The first number.
    pub first: Option<f64>,
    /// The last number.
    pub last: Option<f64>,
    /// The step of the last number.
    pub last_step: Option<u64>,
    /// The least number, NaN aside.
    pub min: Option<f64>,
    /// The greatest number, NaN aside.
    pub max: Option<f64>,
    /// The last text.
    pub text: Option<String>,
}

impl Metric {
    const NONE: Self =
        Self { count: 0, nan: 0, infinite: 0, texts: 0, first: None, last: None, last_step: None, min: None, max: None, text: None };

    fn number(&mut self, number: f64, step: Option<u64>) {
        self.count += 1;
        self.nan += u64::from(number.is_nan());
        self.infinite += u64::from(number.is_infinite());
        self.first.get_or_insert(number);
        (self.last, self.last_step) = (Some(number), step);
        if !number.is_nan() {
            self.min = Some(self.min.map_or(number, |min| min.min(number)));
            self.max = Some(self.max.map_or(number, |max| max.max(number)));
        }
    }
}

impl Summary {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a record in.
    pub fn add(&mut self, record: &Record) {
        for (name, value) in &record.values {
            if !self.metrics.contains_key(name) {
                if self.metrics.len() >= NAMES {
                    self.dropped += 1;
                    continue;
                }
                self.metrics.insert(name.clone(), Metric::NONE);
            }
            let Some(metric) = self.metrics.get_mut(name) else { continue };
            match value {
                Value::Number(number) => metric.number(*number, record.step),
                Value::Text(text) => {
                    metric.texts += 1;
                    // A table's cell and not a place for what is a megabyte long.
                    metric.text = Some(text.chars().take(200).collect());
                }
            }
        }
    }

    /// The metrics.
    pub fn metrics(&self) -> impl ExactSizeIterator<Item = (&str, &Metric)> {
        self.metrics.iter().map(|(name, metric)| (name.as_str(), metric))
    }

    /// Values whose names were too many.
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(name: &str, value: Value) -> Record {
        Record { line: 1, step: Some(7), wall: None, values: vec![(name.to_owned(), value)] }
    }

    #[test]
    fn nan_counts_and_decides_nothing() {
        let mut summary = Summary::new();
        for number in [2.0, f64::NAN, -1.0, f64::INFINITY] {
            summary.add(&record("loss", Value::Number(number)));
        }
        summary.add(&record("loss", Value::Text("?".into())));
        let (_, metric) = summary.metrics().next().unwrap();
        assert_eq!((metric.count, metric.nan, metric.infinite, metric.texts), (4, 1, 1, 1));
        assert_eq!((metric.first, metric.last, metric.min, metric.max), (Some(2.0), Some(f64::INFINITY), Some(-1.0), Some(f64::INFINITY)));
        assert_eq!((metric.last_step, metric.text.as_deref()), (Some(7), Some("?")));
    }

    #[test]
    fn names_are_bounded() {
        let mut summary = Summary::new();
        (0..NAMES + 5).for_each(|index| summary.add(&record(&index.to_string(), Value::Number(0.0))));
        assert_eq!((summary.metrics().len(), summary.dropped()), (NAMES, 5));
    }
}
