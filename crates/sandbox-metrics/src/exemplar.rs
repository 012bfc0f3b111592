//! Exemplars: one example for a bucket of a histogram, which says in which run it was measured.
//!
//! A run's id is no label, since series of runs that are over would never go away. As an exemplar it costs nothing.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use prometheus::proto::LabelPair;

use crate::families::DURATIONS;

/// Names and values of an exemplar's labels together have this many characters at most, by OpenMetrics.
const LONGEST: usize = 128;

/// One measurement.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Exemplar {
    pub run_id: String,
    pub value: f64,
    /// Unix time in seconds.
    pub time: f64,
}

/// The last measurement of each bucket of the durations of jobs.
#[derive(Debug, Default)]
pub(crate) struct Exemplars(Mutex<BTreeMap<(String, usize), Exemplar>>);

impl Exemplars {
    /// Keeps a measurement under the value of the histogram's one label.
    pub fn keep(&self, hook: &str, exemplar: Exemplar) {
        if exemplar.run_id.chars().count() + "run_id".len() > LONGEST {
            return;
        }
        let bucket = DURATIONS.iter().position(|upper| exemplar.value <= *upper).unwrap_or(DURATIONS.len());
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert((hook.to_owned(), bucket), exemplar);
    }

    /// That of bucket number `bucket` of the histogram with these labels.
    pub fn get(&self, labels: &[LabelPair], bucket: usize) -> Option<Exemplar> {
        let hook = labels.first()?.value().to_owned();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(&(hook, bucket)).cloned()
    }
}
