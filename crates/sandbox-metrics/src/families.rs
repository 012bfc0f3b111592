//! The families of metrics: names, labels, and what each means. One table, from which the registry is filled.
//!
//! Names follow the conventions of Prometheus: base units in the plural at the end, `_total` for counters, times as Unix
//! times, no part of a name that comes from data. `job` and `instance` are labels of the server's own, so a job of a
//! configuration stands under `hook`.

use prometheus::core::Collector;
use prometheus::{GaugeVec, HistogramOpts, HistogramVec, IntCounter, IntCounterVec, IntGaugeVec, Opts, Registry};

use crate::error::MetricsError;

/// Upper bounds of durations, in seconds: a tenth of a second to nearly two hours.
pub(crate) const DURATIONS: [f64; 9] = [0.1, 0.4, 1.6, 6.4, 25.6, 102.4, 409.6, 1638.4, 6553.6];
/// The family that carries exemplars.
pub(crate) const JOB_DURATION: &str = "sandbox_job_duration_seconds";

macro_rules! families {
    ($($(#[$doc:meta])* $field:ident: $kind:ident = $name:literal [$($label:literal),*] $help:literal;)*) => {
        /// Every family that events fill.
        pub(crate) struct Families {
            $($(#[$doc])* pub $field: $kind,)*
        }

        impl Families {
            /// Makes all of them known to `registry`.
            pub fn new(registry: &Registry) -> Result<Self, MetricsError> {
                Ok(Self { $($field: registered(registry, $name, $kind::make($name, $help, &[$($label),*]))?,)* })
            }
        }
    };
}

families! {
    jobs_started: IntCounterVec = "sandbox_jobs_started_total" ["pipeline", "hook"] "Jobs that began to run.";
    job_failures: IntCounterVec = "sandbox_job_failures_total" ["pipeline", "hook"] "Jobs that failed.";
    jobs_skipped: IntCounterVec = "sandbox_jobs_skipped_total" ["pipeline", "hook"] "Jobs whose recorded result was taken over.";
    jobs_in_progress: IntGaugeVec = "sandbox_jobs_in_progress" ["pipeline", "hook"] "Jobs that run now.";
    job_progress: GaugeVec = "sandbox_job_progress_ratio" ["pipeline", "hook"] "How much of the running job is done, where it knows.";
    job_duration: HistogramVec = "sandbox_job_duration_seconds" ["hook"] "How long jobs took, those that failed included.";
    job_last_duration: GaugeVec = "sandbox_job_last_duration_seconds" ["pipeline", "hook"] "How long the job took the last time.";
    job_last_success: GaugeVec = "sandbox_job_last_success_timestamp_seconds" ["pipeline", "hook"] "When the job was last done.";
    job_last_completion: GaugeVec = "sandbox_job_last_completion_timestamp_seconds" ["pipeline", "hook"] "When the job last ended, done or failed.";
    run_last_duration: GaugeVec = "sandbox_run_last_duration_seconds" ["pipeline"] "How long the run of the pipeline took the last time, all its pipelines together.";
    run_last_success: GaugeVec = "sandbox_run_last_success_timestamp_seconds" ["pipeline"] "When a run of the pipeline was last done.";
    run_last_completion: GaugeVec = "sandbox_run_last_completion_timestamp_seconds" ["pipeline"] "When a run of the pipeline last ended, in whatever way.";
    iterations: IntCounterVec = "sandbox_iterations_total" ["pipeline"] "Iterations that ended.";
    samples_read: IntCounterVec = "sandbox_data_samples_read_total" ["pipeline", "op"] "Rows that reached the operator.";
    samples_kept: IntCounterVec = "sandbox_data_samples_kept_total" ["pipeline", "op"] "Rows that left the operator.";
    samples_dropped: IntCounterVec = "sandbox_data_samples_dropped_total" ["pipeline", "op"] "Rows that the operator dropped.";
    samples_rejected: IntCounterVec = "sandbox_data_samples_rejected_total" ["pipeline", "hook"] "Rows that could not be used and were set aside.";
    bytes_read: IntCounterVec = "sandbox_data_bytes_read_total" ["pipeline"] "Bytes of rows that were read.";
    train_step: GaugeVec = "sandbox_train_step" ["pipeline", "hook"] "The step of the last point that the job measured.";
    train_epoch: GaugeVec = "sandbox_train_epoch" ["pipeline", "hook"] "The epoch that the job is at, where it says so.";
    train_points: IntCounterVec = "sandbox_train_points_total" ["pipeline", "hook"] "Numbers that the job measured while it ran.";
    train_last_point: GaugeVec = "sandbox_train_last_point_timestamp_seconds" ["pipeline", "hook"] "When the job last measured a number.";
    watched: GaugeVec = "sandbox_watched_value" ["pipeline", "name"] "The last value of each watched number.";
    names_dropped: IntCounter = "sandbox_watcher_names_dropped_total" [] "Watched names that are not exported because there are too many or they are too long.";
    target_value: GaugeVec = "sandbox_target_value" ["target"] "The value that the target is about, after the last iteration.";
    target_met: GaugeVec = "sandbox_target_met" ["target"] "Whether the target was met after the last iteration: 1 or 0.";
    warnings: IntCounter = "sandbox_warnings_total" [] "Warnings of the run.";
}

/// A kind of family that is made from its words.
trait Make: Collector + Clone + Sized + 'static {
    fn make(name: &str, help: &str, labels: &[&str]) -> prometheus::Result<Self>;
}

macro_rules! make {
    ($($kind:ident)*) => {
        $(impl Make for $kind {
            fn make(name: &str, help: &str, labels: &[&str]) -> prometheus::Result<Self> {
                Self::new(Opts::new(name, help), labels)
            }
        })*
    };
}

make! { IntCounterVec IntGaugeVec GaugeVec }

impl Make for IntCounter {
    fn make(name: &str, help: &str, _labels: &[&str]) -> prometheus::Result<Self> {
        Self::new(name, help)
    }
}

impl Make for HistogramVec {
    fn make(name: &str, help: &str, labels: &[&str]) -> prometheus::Result<Self> {
        Self::new(HistogramOpts::new(name, help).buckets(DURATIONS.to_vec()), labels)
    }
}

fn registered<C: Make>(registry: &Registry, name: &str, made: prometheus::Result<C>) -> Result<C, MetricsError> {
    let failed = |cause| MetricsError::Register { family: name.to_owned(), cause };
    let made = made.map_err(failed)?;
    registry.register(Box::new(made.clone())).map_err(failed)?;
    Ok(made)
}
