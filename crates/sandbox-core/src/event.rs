//! What a run says while it runs.
//!
//! Logic never prints: it emits events. Progress bars, JSON lines, log files and the watcher are readers of the one
//! stream; each is a [`Listener`]. As JSON, an event is one object whose `event` key names its kind:
//!
//! ```
//! use sandbox_core::event::{Event, JobName};
//! let job = JobName { iteration: 1, pipeline: "p".into(), meta_name: "train".into() };
//! let event = Event::Metric { job, name: "loss".into(), step: Some(10), value: 0.25 };
//! assert_eq!(
//!     serde_json::to_string(&event)?,
//!     r#"{"event":"metric","job":{"iteration":1,"pipeline":"p","meta_name":"train"},"name":"loss","step":10,"value":0.25}"#
//! );
//! # Ok::<(), serde_json::Error>(())
//! ```

mod sink;

use std::fmt;
use std::path::PathBuf;

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use sink::{EventSink, JobEvents, Listener};

/// A pass of a job that goes over its rows several times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pass {
    /// Which one, from 1 on.
    pub number: u32,
    /// How many there are.
    pub of: u32,
}

impl fmt::Display for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "pass {} of {}", self.number, self.of)
    }
}

/// Something that happened, in the order in which it happened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Event {
    /// The first event of a run.
    RunStarted {
        /// `project_name`
        project: String,
        /// `experiment_name`
        experiment: String,
        /// The folder of context infos, logs and state.
        work_dir: PathBuf,
        /// Whether what is recorded there is taken up.
        resume: bool,
        /// How many iterations at most; 0 means until the targets are met.
        max_iterations: u64,
    },
    /// What will run, once per iteration.
    Plan {
        /// The jobs in the order in which they run.
        jobs: Vec<PlanLine>,
    },
    /// An iteration begins.
    IterationStarted {
        /// Its number, from 1.
        iteration: u64,
    },
    /// A job begins.
    JobStarted {
        /// The job.
        job: JobName,
        /// Its hook.
        hook: String,
        /// Its component, when a `type` chose it.
        type_name: Option<String>,
    },
    /// A job's recorded result was taken over.
    JobSkipped {
        /// The job.
        job: JobName,
        /// Why, such as `unchanged`.
        why: String,
        /// Its recorded outputs.
        outputs: Map<String, Value>,
        /// Its recorded report.
        report: Option<Value>,
    },
    /// A job is recorded but must run again; `job_started` follows.
    JobRerun {
        /// The job.
        job: JobName,
        /// Why, such as ``its configuration changed: `dj_configs.np` ``.
        why: String,
    },
    /// How far a job is.
    Progress {
        /// The job.
        job: JobName,
        /// How much is done.
        done: u64,
        /// Of how much, when it is known.
        total: Option<u64>,
        /// Of what, such as `rows` or `steps`.
        unit: String,
        /// Rows that were read so far, where the job filters rows.
        rows: Option<u64>,
        /// Which pass over its rows the job is at, when it takes several; all other numbers are of this pass alone.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pass: Option<Pass>,
    },
    /// One number that a job measured.
    Metric {
        /// The job.
        job: JobName,
        /// The metric, such as `loss`.
        name: String,
        /// The step it belongs to.
        step: Option<u64>,
        /// The number; not finite values are `null` in JSON.
        #[serde(deserialize_with = "null_is_nan")]
        value: f64,
    },
    /// Numbers that a job measured together, such as those of one line of a training's log: one row, one step.
    Metrics {
        /// The job.
        job: JobName,
        /// The step they belong to.
        step: Option<u64>,
        /// Each metric and its number; not finite values are `null` in JSON.
        #[serde(deserialize_with = "nulls_are_nan")]
        values: IndexMap<String, f64>,
    },
    /// What a job's program prints goes to this file, all of it and in order.
    Log {
        /// The job.
        job: JobName,
        /// The file; it grows while the program runs.
        file: PathBuf,
    },
    /// A result was handed to the watcher.
    Watched {
        /// The job.
        job: JobName,
        /// The name to query it by.
        meta_name: String,
        /// The result.
        value: Value,
    },
    /// A row could not be used and was kept aside.
    BadRow {
        /// The job.
        job: JobName,
        /// The file that holds it.
        file: PathBuf,
        /// Its line, from 1.
        line: u64,
        /// Why.
        reason: String,
    },
    /// Something worth knowing.
    Note {
        /// The job, when it is about one.
        job: Option<JobName>,
        /// The words.
        message: String,
    },
    /// Something worth a look; the run goes on.
    Warning {
        /// The job, when it is about one.
        job: Option<JobName>,
        /// The words.
        message: String,
    },
    /// Facts for the final table.
    Report {
        /// The job.
        job: JobName,
        /// The facts.
        facts: Value,
    },
    /// A job has finished and is recorded.
    JobFinished {
        /// The job.
        job: JobName,
        /// How long it took.
        seconds: f64,
        /// Its outputs by name.
        outputs: Map<String, Value>,
        /// Rows that could not be used.
        rejected_rows: u64,
    },
    /// A job has failed; the run ends.
    JobFailed {
        /// The job.
        job: JobName,
        /// Why.
        message: String,
        /// What to do about it.
        hint: Option<String>,
    },
    /// The targets after an iteration.
    Targets {
        /// The iteration.
        iteration: u64,
        /// Each target and how it stands.
        targets: Vec<TargetState>,
        /// Whether they are met, by `iter_targets_mode`.
        met: bool,
    },
    /// An iteration has ended.
    IterationFinished {
        /// Its number, from 1.
        iteration: u64,
    },
    /// The last event of a run.
    RunFinished {
        /// How it ended: `done`, `targets_not_met`, `interrupted` or `failed`.
        status: String,
        /// How long it took.
        seconds: f64,
        /// Files and folders that its jobs wrote.
        written: Vec<PathBuf>,
    },
}

impl Event {
    /// The job that the event is about.
    pub fn job(&self) -> Option<&JobName> {
        match self {
            Self::JobStarted { job, .. }
            | Self::JobSkipped { job, .. }
            | Self::JobRerun { job, .. }
            | Self::Progress { job, .. }
            | Self::Metric { job, .. }
            | Self::Metrics { job, .. }
            | Self::Log { job, .. }
            | Self::Watched { job, .. }
            | Self::BadRow { job, .. }
            | Self::Report { job, .. }
            | Self::JobFinished { job, .. }
            | Self::JobFailed { job, .. } => Some(job),
            Self::Note { job, .. } | Self::Warning { job, .. } => job.as_ref(),
            Self::RunStarted { .. }
            | Self::Plan { .. }
            | Self::IterationStarted { .. }
            | Self::Targets { .. }
            | Self::IterationFinished { .. }
            | Self::RunFinished { .. } => None,
        }
    }
}

/// Which job, in which iteration.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct JobName {
    /// The iteration, from 1.
    pub iteration: u64,
    /// The pipeline.
    pub pipeline: String,
    /// The job's `meta_name`.
    pub meta_name: String,
}

impl fmt::Display for JobName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.pipeline, self.meta_name)
    }
}

/// One job in the table of contents of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanLine {
    /// The pipeline.
    pub pipeline: String,
    /// The job list's key.
    pub list: String,
    /// The job's `meta_name`.
    pub meta_name: String,
    /// Its hook.
    pub hook: String,
    /// Its component, when a `type` chooses it.
    pub type_name: Option<String>,
    /// Left-hand sides and references, as written.
    pub inputs: Vec<(String, String)>,
    /// The outputs' names, when they are given.
    pub outputs: Vec<String>,
}

/// How one target stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TargetState {
    /// The target as written.
    pub target: String,
    /// The output's value; `None` when no job has this output.
    pub value: Option<f64>,
    /// Whether it is met.
    pub met: bool,
}

/// JSON has no NaN; it is written as `null` and read back as itself.
fn null_is_nan<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

fn nulls_are_nan<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<IndexMap<String, f64>, D::Error> {
    let values = IndexMap::<String, Option<f64>>::deserialize(deserializer)?;
    Ok(values.into_iter().map(|(name, value)| (name, value.unwrap_or(f64::NAN))).collect())
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn events_reach_every_listener_with_their_job() {
        let seen: Arc<Mutex<Vec<Event>>> = Arc::default();
        let sink = || {
            let seen = seen.clone();
            EventSink::new(move |event: &Event| seen.lock().unwrap().push(event.clone()))
        };
        let job = JobName { iteration: 2, pipeline: "p".into(), meta_name: "m".into() };
        JobEvents::new(EventSink::all(vec![sink(), sink(), EventSink::none()]), job.clone()).note("hello");
        let seen = seen.lock().unwrap();
        assert_eq!(seen.len(), 2);
        assert_eq!(seen[0].job(), Some(&job));
    }

    #[test]
    fn a_metric_that_is_not_a_number_survives_json() {
        let job = JobName { iteration: 1, pipeline: "p".into(), meta_name: "m".into() };
        let text = serde_json::to_string(&Event::Metric { job, name: "loss".into(), step: None, value: f64::NAN }).unwrap();
        let Event::Metric { value, .. } = serde_json::from_str(&text).unwrap() else { panic!("{text}") };
        assert!(value.is_nan());
    }

    #[test]
    fn metrics_measured_together_survive_json() {
        let job = JobName { iteration: 1, pipeline: "p".into(), meta_name: "m".into() };
        let values = IndexMap::from([("loss".to_owned(), 0.5), ("grad_norm".to_owned(), f64::NAN)]);
        let text = serde_json::to_string(&Event::Metrics { job, step: Some(3), values }).unwrap();
        let Event::Metrics { values, step: Some(3), .. } = serde_json::from_str(&text).unwrap() else { panic!("{text}") };
        assert!(values["loss"] == 0.5 && values["grad_norm"].is_nan());
        assert_eq!(values.keys().collect::<Vec<_>>(), ["loss", "grad_norm"]);
    }
}
