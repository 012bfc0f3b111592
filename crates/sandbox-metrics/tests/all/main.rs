//! What is exported, from the events to the text.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on stops")]

mod assets;
mod conventions;
mod events;
mod left_behind;
mod openmetrics;
#[cfg(feature = "server")]
mod server;
#[cfg(target_os = "linux")]
mod system;

use std::collections::BTreeMap;

use indexmap::IndexMap;
use sandbox_core::event::{Event, JobName, Listener, PlanLine, TargetState};
use sandbox_metrics::{Build, Format, Metrics};
use serde_json::{Value, json};

fn job(name: &str) -> JobName {
    JobName { iteration: 1, pipeline: "p".into(), meta_name: name.into() }
}

fn plan_line(name: &str) -> PlanLine {
    PlanLine {
        pipeline: "p".into(),
        list: "execution_job_configs".into(),
        meta_name: name.into(),
        hook: "ProcessDataHook".into(),
        type_name: None,
        inputs: Vec::new(),
        outputs: Vec::new(),
    }
}

fn metrics() -> Metrics {
    Metrics::new(Build { version: "0.1.0".into(), commit: "abc".into() }).unwrap()
}

fn start(metrics: &Metrics, jobs: &[&str]) {
    let (project, experiment) = ("demo".to_owned(), "e".to_owned());
    metrics.event(&Event::RunStarted { project, experiment, work_dir: "out".into(), resume: false, max_iterations: 1 });
    metrics.event(&Event::Plan { jobs: jobs.iter().map(|name| plan_line(name)).collect() });
}

fn begin(metrics: &Metrics, name: &str) {
    metrics.event(&Event::JobStarted { job: job(name), hook: "ProcessDataHook".into(), type_name: None });
}

fn finish(metrics: &Metrics, name: &str, seconds: f64, rejected_rows: u64) {
    metrics.event(&Event::JobFinished { job: job(name), seconds, outputs: serde_json::Map::new(), rejected_rows });
}

/// Something of every kind of event.
fn busy() -> Metrics {
    let metrics = metrics();
    metrics.set_run_id(|| Some("20261123-061500-aabbcc.1".into()));
    start(&metrics, &["clean", "train"]);
    begin(&metrics, "clean");
    metrics.event(&Event::Progress { job: job("clean"), done: 1, total: Some(4), unit: "rows".into(), rows: None, pass: None });
    metrics.event(&Event::Report { job: job("clean"), facts: facts() });
    metrics.event(&Event::BadRow { job: job("clean"), file: "a.jsonl".into(), line: 3, reason: "invalid".into() });
    finish(&metrics, "clean", 0.5, 2);
    begin(&metrics, "train");
    let values = IndexMap::from([("loss".to_owned(), 0.5), ("grad \"norm\"\\\n".to_owned(), f64::NAN), ("epoch".to_owned(), 0.1)]);
    metrics.event(&Event::Metrics { job: job("train"), step: Some(7), values });
    for (name, value) in [("up", f64::INFINITY), ("down", f64::NEG_INFINITY), ("tiny", 1e-300), ("big", 1e300)] {
        metrics.event(&Event::Metric { job: job("train"), name: name.into(), step: None, value });
    }
    metrics.event(&Event::Watched { job: job("train"), meta_name: "train".into(), value: json!({"a.b": {"ok": true}, "text": "x"}) });
    let target = TargetState { target: "p.train.loss <= 1".into(), value: Some(0.5), met: true };
    metrics.event(&Event::Targets { iteration: 1, targets: vec![target], met: true });
    metrics
}

fn facts() -> Value {
    let reasons = json!([["below min 3", 20], ["above max 9", 5]]);
    json!({"kind": "process", "process": {"rows_in": 100, "rows_out": 75, "bytes_in": 12345, "operators": [
        {"name": "mapper", "rows_in": 100, "rows_out": 100, "changed": 9, "reasons": []},
        {"name": "filter", "rows_in": 100, "rows_out": 75, "changed": 0, "reasons": reasons},
    ]}})
}

/// The samples of a page, by name and labels as written.
fn samples(metrics: &Metrics) -> BTreeMap<String, String> {
    let text = metrics.encode(Format::Text).unwrap();
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    lines.map(|line| line.rsplit_once(' ').unwrap()).map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
