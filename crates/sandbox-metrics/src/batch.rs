//! What a run leaves behind when its process has ended: for a Pushgateway, and for files that the node exporter reads.
//!
//! Both never forget by themselves, so what is left is by pipeline, never by run, and only what stays true afterwards: when things
//! last ended and were last done, how long they took, what became of the rows, the last values.

use prometheus::TextEncoder;
use prometheus::proto::{Metric, MetricFamily, MetricType};

use crate::error::MetricsError;
use crate::metrics::Metrics;

/// The families that are left behind.
const LEFT: [&str; 15] = [
    "sandbox_data_bytes_read_total",
    "sandbox_data_samples_dropped_total",
    "sandbox_data_samples_kept_total",
    "sandbox_data_samples_read_total",
    "sandbox_data_samples_rejected_total",
    "sandbox_job_last_completion_timestamp_seconds",
    "sandbox_job_last_duration_seconds",
    "sandbox_job_last_success_timestamp_seconds",
    "sandbox_run_last_completion_timestamp_seconds",
    "sandbox_run_last_duration_seconds",
    "sandbox_run_last_success_timestamp_seconds",
    "sandbox_train_epoch",
    "sandbox_train_last_point_timestamp_seconds",
    "sandbox_train_step",
    "sandbox_watched_value",
];

/// What a pipeline leaves behind.
#[derive(Debug, Clone)]
pub(crate) struct Left {
    pub pipeline: String,
    pub families: Vec<MetricFamily>,
}

/// What each pipeline leaves behind, sorted by name.
pub(crate) fn left(metrics: &Metrics) -> Vec<Left> {
    let families: Vec<MetricFamily> = metrics.gather().into_iter().filter(|family| LEFT.contains(&family.name())).collect();
    let all = families.iter().flat_map(|family| family.get_metric()).filter_map(|metric| value(metric, "pipeline"));
    let mut pipelines: Vec<String> = all.map(str::to_owned).collect();
    pipelines.sort();
    pipelines.dedup();
    let of = |pipeline: String| Left { families: only(&families, |metric| value(metric, "pipeline") == Some(&pipeline)), pipeline };
    pipelines.into_iter().map(of).collect()
}

/// The value of a label.
pub(crate) fn value<'m>(metric: &'m Metric, label: &str) -> Option<&'m str> {
    metric.get_label().iter().find(|pair| pair.name() == label).map(|pair| pair.value())
}

/// The families with those of their metrics that are wanted, without those that have none.
pub(crate) fn only(families: &[MetricFamily], wanted: impl Fn(&Metric) -> bool) -> Vec<MetricFamily> {
    let with = families.iter().map(|family| {
        let mut part = MetricFamily::default();
        part.set_name(family.name().to_owned());
        part.set_help(family.help().to_owned());
        part.set_field_type(family.get_field_type());
        part.set_metric(family.get_metric().iter().filter(|metric| wanted(metric)).cloned().collect());
        part
    });
    with.filter(|family| !family.get_metric().is_empty() && family.get_field_type() != MetricType::UNTYPED).collect()
}

pub(crate) fn text(families: &[MetricFamily]) -> Result<String, MetricsError> {
    TextEncoder::new().encode_to_string(families).map_err(MetricsError::Encode)
}
