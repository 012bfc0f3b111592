//! Runs with what was measured in them, as the pages know them. A thousand runs have tens of thousands of numbers: they go from the store
//! into the answer's text without a tree of JSON between.

use sandbox_watcher::reader::{Range, RunInfo, Summary};
use sandbox_watcher::{Reader, Status};
use serde::{Serialize, Serializer};
use serde_json::Value;

use super::number;

/// A run.
#[derive(Debug, Serialize)]
pub(super) struct Row {
    id: String,
    name: String,
    project: String,
    status: Status,
    started: i64,
    ended: Option<i64>,
    seconds: f64,
    tags: Vec<String>,
    message: Option<String>,
    hint: Option<String>,
    jobs_done: u64,
    jobs_total: u64,
    summary: Summaries,
}

impl Row {
    /// With how many jobs are done and have begun; `whole` is whether more than the last numbers are told.
    pub(super) fn new(reader: &Reader, mut info: RunInfo, (jobs_done, jobs_total): (u64, u64), whole: bool) -> Self {
        let tag = |(key, value): (&String, &String)| if value.is_empty() { key.clone() } else { format!("{key}={value}") };
        let name = [&info.experiment, &info.name, &info.project].into_iter().find(|name| !name.is_empty()).unwrap_or(&info.uid);
        let name = name.clone();
        let tags = info.tags.iter().map(tag).collect();
        let summary = Summaries::of(reader, &mut info, whole);
        Self {
            id: info.uid,
            name,
            project: info.project,
            status: info.status,
            started: info.started / 1000,
            ended: info.ended.map(|ended| ended / 1000),
            seconds: info.seconds,
            tags,
            message: info.message,
            hint: info.hint,
            jobs_done,
            jobs_total,
            summary,
        }
    }
}

/// What was measured, by name.
#[derive(Debug)]
pub(super) struct Summaries(Vec<(String, Numbers)>);

impl Serialize for Summaries {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, numbers)| (name, numbers)))
    }
}

#[derive(Debug, Serialize)]
struct Numbers {
    last: Value,
    count: u64,
    #[serde(flatten)]
    more: Option<Box<More>>,
}

#[derive(Debug, Serialize)]
struct More {
    first: Option<f64>,
    min: Option<f64>,
    min_step: Option<i64>,
    max: Option<f64>,
    max_step: Option<i64>,
    best: Option<f64>,
    nan: u64,
}

impl Summaries {
    /// Takes the metrics out of `info`.
    pub(super) fn of(reader: &Reader, info: &mut RunInfo, whole: bool) -> Self {
        let metrics = std::mem::take(&mut info.metrics);
        let one = |summary: Summary| {
            let more = whole.then(|| {
                Box::new(More {
                    first: summary.first.map(|(value, _)| value),
                    min: summary.low.map(|(value, _)| value),
                    min_step: summary.low.map(|(_, step)| step),
                    max: summary.high.map(|(value, _)| value),
                    max_step: summary.high.map(|(_, step)| step),
                    best: summary.best().map(|(value, _)| value),
                    nan: summary.nans,
                })
            });
            let numbers = Numbers { last: last(reader, &info.uid, &summary), count: summary.count, more };
            (summary.name, numbers)
        };
        Self(metrics.into_iter().filter(|summary| summary.count > 0).map(one).collect())
    }
}

/// The last value; which of those that JSON does not have it is, the series knows.
fn last(reader: &Reader, uid: &str, summary: &Summary) -> Value {
    match &summary.last {
        Some(last) => last.clone(),
        None if !summary.kind.is_number() => Value::Null,
        None => {
            let range = Range { from: Some(summary.last_step), ..Range::default() };
            let history = reader.history(uid, &summary.name, &range).ok().flatten();
            history.and_then(|history| history.points.last().map(|point| number(point.value))).unwrap_or_else(|| "nan".into())
        }
    }
}
