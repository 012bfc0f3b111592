//! What the metrics of a run must be, worked out from its events and not with the crate that is tested.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
use serde_json::Value;

/// A series: its name and its labels, sorted.
pub(super) type Series = (String, BTreeMap<String, String>);

/// All numbers that follow from the events alone. Times of day do not.
pub(super) fn numbers(events: &[Value]) -> Result<BTreeMap<Series, f64>> {
    let mut numbers = Numbers::default();
    for event in events {
        numbers.take(event).with_context(|| format!("{event}"))?;
    }
    Ok(numbers.0)
}

#[derive(Default)]
struct Numbers(BTreeMap<Series, f64>);

impl Numbers {
    fn at(&mut self, name: &str, labels: &[(&str, &str)]) -> &mut f64 {
        let labels = labels.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.0.entry((name.to_owned(), labels)).or_default()
    }

    fn take(&mut self, event: &Value) -> Result<()> {
        let text = |path: &str| event.pointer(path).and_then(Value::as_str).with_context(|| format!("no `{path}`"));
        let number = |path: &str| event.pointer(path).and_then(Value::as_f64).with_context(|| format!("no `{path}`"));
        let of_job = || -> Result<[(&str, &str); 2]> { Ok([("pipeline", text("/job/pipeline")?), ("hook", text("/job/meta_name")?)]) };
        match text("/event")? {
            "plan" => {
                for job in list(event, "/jobs") {
                    let part = |key: &str| job.get(key).and_then(Value::as_str).unwrap_or_default();
                    let labels = [("pipeline", part("pipeline")), ("hook", part("meta_name"))];
                    for name in ["jobs_started_total", "job_failures_total", "jobs_in_progress", "train_points_total"] {
                        self.at(&format!("sandbox_{name}"), &labels);
                    }
                }
            }
            "job_started" => *self.at("sandbox_jobs_started_total", &of_job()?) += 1.0,
            "job_failed" => *self.at("sandbox_job_failures_total", &of_job()?) += 1.0,
            "job_finished" => {
                *self.at("sandbox_job_last_duration_seconds", &of_job()?) = number("/seconds")?;
                *self.at("sandbox_data_samples_rejected_total", &of_job()?) += number("/rejected_rows")?;
                let hook = [("hook", text("/job/meta_name")?)];
                *self.at("sandbox_job_duration_seconds_count", &hook) += 1.0;
                *self.at("sandbox_job_duration_seconds_sum", &hook) += number("/seconds")?;
            }
            "metric" => {
                let step = number("/step").ok();
                self.measured(&of_job()?, text("/name")?, number("/value").unwrap_or(f64::NAN), step);
            }
            "metrics" => {
                for (name, value) in event.get("values").and_then(Value::as_object).context("no values")? {
                    self.measured(&of_job()?, name, value.as_f64().unwrap_or(f64::NAN), number("/step").ok());
                }
            }
            "watched" => self.watched(text("/job/pipeline")?, text("/meta_name")?, event.get("value").unwrap_or(&Value::Null)),
            "report" => {
                let pipeline = text("/job/pipeline")?;
                let report = event.pointer(&format!("/facts/{}", text("/facts/kind")?)).unwrap_or(&Value::Null);
                if let Some(bytes) = report.get("bytes_in").and_then(Value::as_f64) {
                    *self.at("sandbox_data_bytes_read_total", &[("pipeline", pipeline)]) += bytes;
                }
                for operator in list(report, "/operators") {
                    let labels = [("pipeline", pipeline), ("op", operator.get("name").and_then(Value::as_str).context("no name")?)];
                    let rows = |key: &str| operator.get(key).and_then(Value::as_f64).context("no rows");
                    let dropped: f64 = list(operator, "/reasons").filter_map(|reason| reason.pointer("/1")?.as_f64()).sum();
                    *self.at("sandbox_data_samples_read_total", &labels) += rows("rows_in")?;
                    *self.at("sandbox_data_samples_kept_total", &labels) += rows("rows_out")?;
                    *self.at("sandbox_data_samples_dropped_total", &labels) += dropped;
                }
            }
            "iteration_finished" => *self.at("sandbox_iterations_total", &[("pipeline", "demo")]) += 1.0,
            "run_finished" => *self.at("sandbox_run_last_duration_seconds", &[("pipeline", "demo")]) = number("/seconds")?,
            _ => {}
        }
        Ok(())
    }

    fn measured(&mut self, job: &[(&str, &str); 2], name: &str, value: f64, step: Option<f64>) {
        *self.at("sandbox_train_points_total", job) += 1.0;
        if let Some(step) = step {
            *self.at("sandbox_train_step", job) = step;
        }
        let name = format!("{}.{name}", job[1].1);
        *self.at("sandbox_watched_value", &[job[0], ("name", &name)]) = value;
    }

    fn watched(&mut self, pipeline: &str, name: &str, value: &Value) {
        match value {
            Value::Number(number) => {
                *self.at("sandbox_watched_value", &[("pipeline", pipeline), ("name", name)]) = number.as_f64().unwrap_or(f64::NAN);
            }
            Value::Object(map) => map.iter().for_each(|(key, value)| self.watched(pipeline, &format!("{name}.{key}"), value)),
            _ => {}
        }
    }
}

fn list<'v>(value: &'v Value, path: &str) -> impl Iterator<Item = &'v Value> {
    value.pointer(path).and_then(Value::as_array).into_iter().flatten()
}

/// How `found` differs from what is expected; sums of several numbers may differ by their rounding.
pub(super) fn differences(expected: &BTreeMap<Series, f64>, found: &BTreeMap<Series, f64>) -> Vec<String> {
    let is_same = |a: f64, b: f64| a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-12 * a.abs();
    let mut lines = Vec::new();
    for (series, value) in expected {
        let there = found.get(series);
        if !there.is_some_and(|there| is_same(*value, *there)) {
            lines.push(format!("{}{:?} is {there:?} and not {value}", series.0, series.1));
        }
    }
    // Nothing may be there that nobody said.
    let families = ["sandbox_watched_value", "sandbox_data_samples_read_total", "sandbox_jobs_started_total", "sandbox_train_step"];
    let more = found.keys().filter(|series| families.contains(&series.0.as_str()) && !expected.contains_key(*series));
    lines.extend(more.map(|(name, labels)| format!("{name}{labels:?} was never said")));
    lines
}
