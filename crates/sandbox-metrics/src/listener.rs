//! Events become numbers.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::PoisonError;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use sandbox_core::event::{Event, JobName, Listener};
use serde_json::Value;

use crate::exemplar::Exemplar;
use crate::label::{LONGEST, label};
use crate::leaves::each_number;
use crate::metrics::{Inner, Metrics};

/// Watched numbers of a process that are exported; the names beyond are counted.
pub const MOST_NAMES: usize = 300;
/// Names that are told apart when they are counted as dropped.
const MOST_COUNTED: usize = 1_000_000;

/// What must be known from one event to the next.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// The run that goes on.
    pub run: Option<ActiveRun>,
    jobs: HashMap<JobName, ActiveJob>,
    names: HashSet<(String, String)>,
    dropped_names: HashSet<u64>,
}

#[derive(Debug)]
pub(crate) struct ActiveRun {
    pub experiment: String,
    pub pipelines: BTreeSet<String>,
}

#[derive(Debug)]
struct ActiveJob {
    began: Instant,
    bad_rows: u64,
}

impl Listener for Metrics {
    fn event(&self, event: &Event) {
        self.inner.take(event);
    }
}

/// The Unix time.
pub(crate) fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

impl Inner {
    fn take(&self, event: &Event) {
        let all = &self.families;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::RunStarted { experiment, .. } => {
                state.jobs.clear();
                state.run = Some(ActiveRun { experiment: experiment.clone(), pipelines: BTreeSet::new() });
            }
            Event::Plan { jobs } => {
                for line in jobs {
                    // A series that begins with 0 has an increase when something happens; one that begins with 1 has none.
                    let (pipeline, hook) = (label(&line.pipeline), label(&line.meta_name));
                    let labels = [pipeline.as_ref(), hook.as_ref()];
                    for family in [&all.jobs_started, &all.job_failures, &all.jobs_skipped, &all.samples_rejected, &all.train_points] {
                        family.with_label_values(&labels);
                    }
                    all.jobs_in_progress.with_label_values(&labels);
                    all.job_duration.with_label_values(&labels[1..]);
                    all.iterations.with_label_values(&labels[..1]);
                    if let Some(run) = &mut state.run {
                        run.pipelines.insert(pipeline.into_owned());
                    }
                }
            }
            Event::JobStarted { job, .. } => {
                let labels = Labels::of(job);
                all.jobs_started.with_label_values(&labels.both()).inc();
                all.job_progress.with_label_values(&labels.both()).set(0.0);
                if state.jobs.insert(job.clone(), ActiveJob { began: Instant::now(), bad_rows: 0 }).is_none() {
                    all.jobs_in_progress.with_label_values(&labels.both()).inc();
                }
            }
            Event::JobSkipped { job, .. } => all.jobs_skipped.with_label_values(&Labels::of(job).both()).inc(),
            Event::Progress { job, done, total: Some(total), .. } if *total > 0 => {
                let part = (*done as f64 / *total as f64).min(1.0);
                all.job_progress.with_label_values(&Labels::of(job).both()).set(part);
            }
            Event::Metric { job, name, step, value } => self.measured(&mut state, job, *step, [(name.as_str(), *value)].into_iter()),
            Event::Metrics { job, step, values } => {
                self.measured(&mut state, job, *step, values.iter().map(|(name, value)| (name.as_str(), *value)));
            }
            Event::Watched { job, meta_name, value } => {
                each_number(meta_name, value, &mut |name, number| self.watched(&mut state, &job.pipeline, name, number));
            }
            Event::BadRow { job, .. } => {
                if let Some(active) = state.jobs.get_mut(job) {
                    active.bad_rows += 1;
                }
                all.samples_rejected.with_label_values(&Labels::of(job).both()).inc();
            }
            Event::Warning { .. } => all.warnings.inc(),
            Event::Report { job, facts } => self.report(job, facts),
            Event::JobFinished { job, seconds, rejected_rows, .. } => {
                let labels = Labels::of(job);
                let active = self.ended(&mut state, job, Some(*seconds));
                all.job_last_success.with_label_values(&labels.both()).set(now());
                all.job_progress.with_label_values(&labels.both()).set(1.0);
                // Rows that were not told one by one.
                let told = active.map_or(0, |active| active.bad_rows);
                all.samples_rejected.with_label_values(&labels.both()).inc_by(rejected_rows.saturating_sub(told));
            }
            Event::JobFailed { job, .. } => {
                all.job_failures.with_label_values(&Labels::of(job).both()).inc();
                self.ended(&mut state, job, None);
            }
            Event::Targets { targets, .. } => {
                for target in targets {
                    let name = label(&target.target);
                    all.target_met.with_label_values(&[name.as_ref()]).set(f64::from(u8::from(target.met)));
                    if let Some(value) = target.value {
                        all.target_value.with_label_values(&[name.as_ref()]).set(value);
                    }
                }
            }
            Event::IterationFinished { .. } => {
                for pipeline in state.run.iter().flat_map(|run| &run.pipelines) {
                    all.iterations.with_label_values(&[pipeline.as_str()]).inc();
                }
            }
            Event::RunFinished { status, seconds, .. } => {
                for (job, _) in state.jobs.drain() {
                    all.jobs_in_progress.with_label_values(&Labels::of(&job).both()).dec();
                }
                let end = now();
                for pipeline in state.run.take().iter().flat_map(|run| &run.pipelines) {
                    let labels = [pipeline.as_str()];
                    all.run_last_duration.with_label_values(&labels).set(*seconds);
                    all.run_last_completion.with_label_values(&labels).set(end);
                    if matches!(status.as_str(), "done" | "targets_not_met") {
                        all.run_last_success.with_label_values(&labels).set(end);
                    }
                }
            }
            Event::Progress { .. } | Event::IterationStarted { .. } | Event::JobRerun { .. } | Event::Log { .. } | Event::Note { .. } => {}
        }
    }

    /// Counts a job's end, done or failed.
    fn ended(&self, state: &mut State, job: &JobName, seconds: Option<f64>) -> Option<ActiveJob> {
        let (all, labels) = (&self.families, Labels::of(job));
        let active = state.jobs.remove(job);
        if active.is_some() {
            all.jobs_in_progress.with_label_values(&labels.both()).dec();
        }
        let seconds = seconds.or_else(|| active.as_ref().map(|active| active.began.elapsed().as_secs_f64()));
        if let Some(seconds) = seconds {
            all.job_duration.with_label_values(&[labels.hook.as_str()]).observe(seconds);
            all.job_last_duration.with_label_values(&labels.both()).set(seconds);
            if let Some(run_id) = self.run_id() {
                self.exemplars.keep(&labels.hook, Exemplar { run_id, value: seconds, time: now() });
            }
        }
        all.job_last_completion.with_label_values(&labels.both()).set(now());
        active
    }

    fn measured<'v>(&self, state: &mut State, job: &JobName, step: Option<u64>, values: impl Iterator<Item = (&'v str, f64)>) {
        let (all, labels) = (&self.families, Labels::of(job));
        let mut points = 0;
        for (name, value) in values {
            points += 1;
            if name == "epoch" {
                all.train_epoch.with_label_values(&labels.both()).set(value);
            }
            self.watched(state, &job.pipeline, &format!("{}.{name}", job.meta_name), value);
        }
        if let Some(step) = step {
            all.train_step.with_label_values(&labels.both()).set(step as f64);
        }
        all.train_points.with_label_values(&labels.both()).inc_by(points);
        all.train_last_point.with_label_values(&labels.both()).set(now());
    }

    /// The last value of a number, unless there are too many names already.
    fn watched(&self, state: &mut State, pipeline: &str, name: &str, value: f64) {
        let (pipeline, name) = (label(pipeline).into_owned(), name.to_owned());
        let key = (pipeline, name);
        let is_known = state.names.contains(&key);
        if !is_known && (state.names.len() >= MOST_NAMES || key.1.len() > LONGEST) {
            let mut hasher = DefaultHasher::new();
            key.hash(&mut hasher);
            if state.dropped_names.len() < MOST_COUNTED && state.dropped_names.insert(hasher.finish()) {
                self.families.names_dropped.inc();
            }
            return;
        }
        self.families.watched.with_label_values(&[key.0.as_str(), label(&key.1).as_ref()]).set(value);
        if !is_known {
            state.names.insert(key);
        }
    }

    /// What became of the rows, from the report of a recipe.
    fn report(&self, job: &JobName, facts: &Value) {
        let Some(report) = facts.get("kind").and_then(Value::as_str).and_then(|kind| facts.get(kind)) else { return };
        let (all, pipeline) = (&self.families, label(&job.pipeline));
        if let Some(bytes) = report.get("bytes_in").and_then(Value::as_u64) {
            all.bytes_read.with_label_values(&[pipeline.as_ref()]).inc_by(bytes);
        }
        for operator in report.get("operators").and_then(Value::as_array).into_iter().flatten() {
            let Some(op) = operator.get("name").and_then(Value::as_str).map(label) else { continue };
            let labels = [pipeline.as_ref(), op.as_ref()];
            let count = |key: &str| operator.get(key).and_then(Value::as_u64).unwrap_or(0);
            let reasons = operator.get("reasons").and_then(Value::as_array).into_iter().flatten();
            let dropped = reasons.filter_map(|reason| reason.get(1).and_then(Value::as_u64)).sum();
            all.samples_read.with_label_values(&labels).inc_by(count("rows_in"));
            all.samples_kept.with_label_values(&labels).inc_by(count("rows_out"));
            all.samples_dropped.with_label_values(&labels).inc_by(dropped);
        }
    }
}

/// The labels of a job.
struct Labels {
    pipeline: String,
    hook: String,
}

impl Labels {
    fn of(job: &JobName) -> Self {
        Self { pipeline: label(&job.pipeline).into_owned(), hook: label(&job.meta_name).into_owned() }
    }

    fn both(&self) -> [&str; 2] {
        [self.pipeline.as_str(), self.hook.as_str()]
    }
}
