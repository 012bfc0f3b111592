//! A whole run: iterations until the last one, or until the targets are met.

use std::num::NonZero;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use sandbox_document::KeyPath;
use serde_json::{Map, Value};

use crate::config::TargetsMode;
use crate::context::{CONTEXT_INFOS, find_output};
use crate::error::{RunError, chain};
use crate::event::{Event, EventSink, JobName, TargetState};
use crate::hook::JobList;
use crate::pipeline::{Flow, Pipeline, blocking};
use crate::plan::{Plan, Target};
use crate::registry::Registry;
use crate::resume::Ledger;
use crate::stop::StopFlag;

/// How to run a plan.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// Take up what is recorded in the work dir.
    pub resume: bool,
    /// Where to say what happens.
    pub events: EventSink,
    /// Set by whoever wants the run to stop.
    pub stop: StopFlag,
    /// How many threads a job may use.
    pub threads: usize,
    /// Fail at the first row that cannot be used instead of setting it aside.
    pub strict: bool,
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RunStatus {
    /// Every iteration ran, or the targets were met.
    Done,
    /// Every iteration ran, and the targets were not met.
    TargetsNotMet,
    /// It was asked to stop; what is finished is recorded.
    Interrupted,
}

/// What a run came to.
#[derive(Debug, Clone)]
pub struct RunReport {
    /// How it ended.
    pub status: RunStatus,
    /// Rows that could not be used, in all jobs.
    pub rejected_rows: u64,
    /// Every finished job, in order.
    pub records: Vec<JobReport>,
    /// The file of the context infos.
    pub context_infos: PathBuf,
    /// Files and folders that the jobs wrote, each once.
    pub written: Vec<PathBuf>,
    /// How many iterations were begun.
    pub iterations: u64,
    /// How long it took.
    pub seconds: f64,
}

/// One finished job.
#[derive(Debug, Clone, PartialEq)]
pub struct JobReport {
    /// The job.
    pub job: JobName,
    /// The list in which it stands.
    pub list: JobList,
    /// Its hook.
    pub hook: String,
    /// Its component, when a `type` chose it.
    pub type_name: Option<String>,
    /// Whether its recorded result was taken over.
    pub skipped: bool,
    /// How long it took when it ran.
    pub seconds: f64,
    /// Its outputs by name.
    pub outputs: Map<String, Value>,
    /// Files and folders that it wrote.
    pub files: Vec<PathBuf>,
    /// Rows that it could not use.
    pub rejected_rows: u64,
    /// Its facts for the final table.
    pub report: Option<Value>,
}

/// Runs a plan. It needs a tokio runtime around it.
///
/// The plan's warnings come first as events. A run that is asked to stop ends well, with [`RunStatus::Interrupted`].
///
/// # Errors
/// A job that fails, targets that cannot be compared, a work dir that is in use or cannot be written.
pub async fn run(plan: &Plan, registry: &Registry, options: RunOptions) -> Result<RunReport, RunError> {
    let started = Instant::now();
    let result = iterate(plan, registry, &options, started).await;
    let (status, written) = match &result {
        Ok(report) => (report.status.name(), report.written.clone()),
        Err(error) => {
            if let RunError::Job { job, source, .. } = error {
                options.events.emit(&Event::JobFailed {
                    job: job.clone(),
                    message: chain(source.as_ref()),
                    hint: error.hint().map(str::to_owned),
                });
            }
            ("failed", Vec::new())
        }
    };
    options.events.emit(&Event::RunFinished { status: status.to_owned(), seconds: started.elapsed().as_secs_f64(), written });
    result
}

async fn iterate(plan: &Plan, registry: &Registry, options: &RunOptions, started: Instant) -> Result<RunReport, RunError> {
    let events = &options.events;
    events.emit(&Event::RunStarted {
        project: plan.project_name().to_owned(),
        experiment: plan.experiment_name().to_owned(),
        work_dir: plan.work_dir().to_owned(),
        resume: options.resume,
        max_iterations: plan.max_iterations().unwrap_or(0),
    });
    plan.warnings().iter().for_each(|warning| events.emit(&Event::Warning { job: None, message: warning.to_string() }));
    events.emit(&Event::Plan { jobs: plan.lines() });
    let (ledger, warning) = Ledger::open(plan.work_dir(), options.resume)?;
    if let Some(message) = warning {
        events.emit(&Event::Warning { job: None, message });
    }
    let mut pipeline = Pipeline { plan, registry, options, ledger, watched: Arc::default(), skipped: Vec::new() };
    let mut status = RunStatus::Done;
    let mut iteration = 0;
    while plan.max_iterations().is_none_or(|last| iteration < last) {
        iteration += 1;
        events.emit(&Event::IterationStarted { iteration });
        let updates = updates(&pipeline)?;
        for at in 0..plan.jobs().len() {
            let own: Vec<(String, Value)> =
                updates.iter().filter(|(job, ..)| *job == at).map(|(_, key, value)| (key.clone(), value.clone())).collect();
            if pipeline.job(iteration, at, &own).await? == Flow::Stop {
                if !pipeline.ledger.done.is_empty() {
                    blocking(pipeline.ledger.save()).await?;
                }
                return Ok(report(&pipeline, RunStatus::Interrupted, iteration, started));
            }
        }
        let met = targets_met(&pipeline, iteration)?;
        events.emit(&Event::IterationFinished { iteration });
        status = if met == Some(false) { RunStatus::TargetsNotMet } else { RunStatus::Done };
        if met == Some(true) {
            break;
        }
    }
    pipeline.ledger.forget_the_rest();
    blocking(pipeline.ledger.save()).await?;
    Ok(report(&pipeline, status, iteration, started))
}

/// What the last iteration hands to jobs of the next: job, left-hand side, value.
fn updates(pipeline: &Pipeline) -> Result<Vec<(usize, String, Value)>, RunError> {
    let Some(last) = last_iteration(pipeline) else { return Ok(Vec::new()) };
    let mut updates = Vec::new();
    for updater in pipeline.plan.updaters() {
        let source = &updater.source;
        let value = find_output(&pipeline.ledger.done[last + source.job].outputs, &source.output).ok_or_else(|| RunError::Updater {
            source_name: source.to_string(),
            place: pipeline.plan.document().place(&KeyPath::root().key("iter_updater").key(source.to_string())),
            message: "the job returned no such output".to_owned(),
        })?;
        updates.extend(updater.jobs.iter().map(|job| (*job, updater.key.clone(), value.clone())));
    }
    Ok(updates)
}

/// Where the records of the last complete iteration begin.
fn last_iteration(pipeline: &Pipeline) -> Option<usize> {
    pipeline.ledger.done.len().checked_sub(pipeline.plan.jobs().len()).filter(|_| !pipeline.plan.jobs().is_empty())
}

/// Whether the targets are met; `None` when there are none.
fn targets_met(pipeline: &Pipeline, iteration: u64) -> Result<Option<bool>, RunError> {
    let plan = pipeline.plan;
    let (Some(last), false) = (last_iteration(pipeline), plan.targets().is_empty()) else { return Ok(None) };
    let mut targets = Vec::new();
    for target in plan.targets() {
        let value = target_value(pipeline, target, last)?;
        targets.push(TargetState { target: target.to_string(), value, met: value.is_some_and(|value| target.is_met_by(value)) });
    }
    let met = match plan.targets_mode() {
        TargetsMode::All => targets.iter().all(|target| target.met),
        TargetsMode::Any => targets.iter().any(|target| target.met),
    };
    pipeline.options.events.emit(&Event::Targets { iteration, targets, met });
    Ok(Some(met))
}

fn target_value(pipeline: &Pipeline, target: &Target, last: usize) -> Result<Option<f64>, RunError> {
    let Some(reference) = &target.output else { return Ok(None) };
    let failed = |message: String| RunError::Target { target: target.to_string(), place: target.place.clone(), message };
    let outputs = &pipeline.ledger.done[last + reference.job].outputs;
    let value =
        find_output(outputs, &reference.output).ok_or_else(|| failed(format!("the job returned no output `{}`", reference.output)))?;
    let number = value.as_f64().ok_or_else(|| failed(format!("the output `{}` is not a number but {value}", reference.output)))?;
    Ok(Some(number))
}

fn report(pipeline: &Pipeline, status: RunStatus, iterations: u64, started: Instant) -> RunReport {
    let done = &pipeline.ledger.done;
    let mut written: Vec<PathBuf> = Vec::new();
    for file in done.iter().flat_map(|record| &record.files) {
        if !written.contains(&file.path) {
            written.push(file.path.clone());
        }
    }
    let records = done.iter().zip(&pipeline.skipped).map(|(record, skipped)| JobReport {
        job: record.name(),
        list: record.list,
        hook: record.made_from.hook.clone(),
        type_name: record.made_from.type_name.clone(),
        skipped: *skipped,
        seconds: record.seconds,
        outputs: record.outputs.clone(),
        files: record.files.iter().map(|file| file.path.clone()).collect(),
        rejected_rows: record.rejected_rows,
        report: record.report.clone(),
    });
    RunReport {
        status,
        rejected_rows: done.iter().map(|record| record.rejected_rows).sum(),
        records: records.collect(),
        context_infos: pipeline.plan.work_dir().join(CONTEXT_INFOS),
        written,
        iterations,
        seconds: started.elapsed().as_secs_f64(),
    }
}

impl Default for RunOptions {
    /// A fresh run on all cores that nobody listens to.
    fn default() -> Self {
        let threads = std::thread::available_parallelism().map_or(1, NonZero::get);
        Self { resume: false, events: EventSink::none(), stop: StopFlag::new(), threads, strict: false }
    }
}

impl RunStatus {
    /// The status in events: `done`, `targets_not_met` or `interrupted`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::TargetsNotMet => "targets_not_met",
            Self::Interrupted => "interrupted",
        }
    }
}
