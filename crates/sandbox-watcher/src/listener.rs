//! The events of a sandbox run, kept: the run with its pipelines, iterations and jobs, and what each of them says.

mod lineage;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sandbox_core::event::{Event, JobName, Listener};
use sandbox_core::{RecordedJob, recorded_jobs};
use serde_json::{Map, Value};

use crate::journal::record::Op;
use crate::run::{Level, Run, RunSpec};
use crate::status::Status;
use crate::watcher::Watcher;

/// Progress of a job is kept this often at most.
const SELDOM: Duration = Duration::from_millis(200);
/// The stream of lines that say how a job goes.
const SELF: &str = "job";
/// Rows that could not be used, of each job, whose places are kept.
const MOST_BAD_ROWS: u64 = 1000;

/// Turns the events of one sandbox run into the run's record in a store. It is called by the threads of the run and never makes them wait.
///
/// What a job measures ([`Event::Metric`], [`Event::Metrics`]) stands under `META_NAME.NAME`, and what it hands to the watcher ([`Event::Watched`]) under its `meta_name`; both
/// are of the job's run, and [`Reader::query`](crate::Reader::query) finds them from the whole run too.
#[derive(Debug)]
pub struct Recorder {
    watcher: Watcher,
    configs: Vec<(String, Value)>,
    tags: Vec<(String, String)>,
    state: Mutex<State>,
}

/// The hook of a job, and its component when a `type` chose it.
type What = (String, Option<String>);

#[derive(Debug, Default)]
struct State {
    run: Option<Run>,
    work_dir: PathBuf,
    pipelines: HashMap<String, Run>,
    iterations: HashMap<(String, u64), Run>,
    /// Jobs in the order in which they began. Several may have one name, in different lists: the last of them is at it.
    jobs: HashMap<JobName, Vec<Job>>,
    /// Hook and component of the jobs of each pipeline and name, in order.
    plan: HashMap<(String, String), Vec<What>>,
    failed: Option<(String, Option<String>)>,
}

#[derive(Debug)]
struct Job {
    run: Run,
    told: Option<Instant>,
    bad_rows: u64,
}

impl Recorder {
    /// For one run, into a store.
    pub fn new(watcher: Watcher) -> Self {
        Self { watcher, configs: Vec::new(), tags: Vec::new(), state: Mutex::default() }
    }

    /// With a configuration to keep, under a prefix. Secrets in it are masked.
    #[must_use]
    pub fn with_config(mut self, prefix: impl Into<String>, config: Value) -> Self {
        self.configs.push((prefix.into(), config));
        self
    }

    /// With a label.
    #[must_use]
    pub fn with_tag(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.tags.push((key.into(), value.into()));
        self
    }

    /// The run's name in the store, once it has begun.
    pub fn uid(&self) -> Option<String> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).run.as_ref().map(|run| run.uid().to_owned())
    }
}

impl Listener for Recorder {
    fn event(&self, event: &Event) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if let Event::RunStarted { project, experiment, work_dir, resume, .. } = event {
            let spec = RunSpec {
                kind: Level::Sandbox,
                name: experiment.clone(),
                project: project.clone(),
                experiment: experiment.clone(),
                work_dir: Some(work_dir.display().to_string()),
                ..RunSpec::default()
            };
            let run = self.watcher.start_run(spec);
            let configs: Vec<(&Value, &str)> = self.configs.iter().map(|(prefix, config)| (config, prefix.as_str())).collect();
            run.watch_cfgs(&configs);
            if *resume {
                run.tag([("resume", "true")]);
            }
            if !self.tags.is_empty() {
                run.tag(self.tags.clone());
            }
            *state = State { run: Some(run), work_dir: work_dir.clone(), ..State::default() };
        }
        state.take(event);
    }
}

impl State {
    fn take(&mut self, event: &Event) {
        match event {
            Event::JobStarted { job, hook, type_name } => self.begin(job, Some((hook.clone(), type_name.clone()))),
            Event::JobSkipped { job, .. } => self.begin(job, None),
            Event::Plan { jobs } => {
                self.plan.clear();
                for line in jobs {
                    let planned = self.plan.entry((line.pipeline.clone(), line.meta_name.clone())).or_default();
                    planned.push((line.hook.clone(), line.type_name.clone()));
                }
            }
            _ => {}
        }
        if is_told(event) {
            let value = serde_json::to_value(event).unwrap_or_default();
            let kind = value.get("event").and_then(Value::as_str).unwrap_or_default().to_owned();
            match event.job() {
                Some(job) => self.job(job, |job| job.run.event(&kind, value)),
                None => self.run.iter().for_each(|run| run.event(&kind, value.clone())),
            }
        }
        match event {
            Event::Progress { job, done, total, unit, rows, .. } => self.job(job, |job| {
                let is_last = total.is_some_and(|total| *done >= total);
                if is_last || job.told.is_none_or(|told| told.elapsed() >= SELDOM) {
                    job.told = Some(Instant::now());
                    let (run, unit) = (job.run.local(), unit.clone());
                    job.run.op(&Op::Progress { run, done: *done, total: *total, unit, rows: *rows });
                }
            }),
            Event::Metric { job, name, step, value } => {
                let name = format!("{}.{name}", job.meta_name);
                self.job(job, |job| job.run.watch_number(*step, &name, *value));
            }
            Event::Metrics { job, step, values } => {
                let name = &job.meta_name;
                self.job(job, |job| match step {
                    Some(step) => job.run.watch_at(*step, name, values),
                    None => job.run.watch(name, values),
                });
            }
            Event::Watched { job, meta_name, value } => self.job(job, |job| job.run.watch(meta_name, value)),
            Event::BadRow { job, file, line, reason } => self.job(job, |job| {
                job.bad_rows += 1;
                if job.bad_rows <= MOST_BAD_ROWS {
                    let (run, file) = (job.run.local(), file.display().to_string());
                    job.run.op(&Op::BadRow { run, file, line: *line, reason: reason.clone() });
                }
            }),
            Event::JobStarted { job, hook, type_name } => {
                let what = type_name.as_ref().map_or_else(|| hook.clone(), |type_name| format!("{hook} ({type_name})"));
                self.log(Some(job), SELF, &format!("{} started: {what}", job.meta_name));
            }
            Event::Note { job, message } => self.log(job.as_ref(), "note", message),
            Event::Warning { job, message } => self.log(job.as_ref(), "warning", message),
            Event::Report { job, facts } => self.job(job, |job| keep_report(&job.run, facts)),
            Event::JobSkipped { job, why, outputs, report } => self.job(job, |job| {
                report.iter().for_each(|facts| keep_report(&job.run, facts));
                keep_outputs(&job.run, outputs, 0);
                job.run.log_line(SELF, &format!("skipped: {why}"));
                job.run.finish(Status::Skipped);
            }),
            Event::JobFinished { job, seconds, outputs, rejected_rows } => self.job(job, |job| {
                keep_outputs(&job.run, outputs, *rejected_rows);
                job.run.log_line(SELF, &format!("done in {seconds:.2} s"));
                job.run.finish(Status::Done);
            }),
            Event::JobFailed { job, message, hint } => {
                self.failed = Some((format!("job `{}` of the pipeline `{}`: {message}", job.meta_name, job.pipeline), hint.clone()));
                self.log(Some(job), SELF, &format!("failed: {message}"));
                self.job(job, |job| job.run.finish_with(Status::Failed, Some(message), hint.as_deref()));
            }
            Event::IterationFinished { iteration } => {
                let ended = self.iterations.extract_if(|(_, number), _| number == iteration);
                ended.for_each(|(_, run)| run.finish(Status::Done));
            }
            Event::RunFinished { status, .. } => self.finish(Status::of_name(status)),
            Event::RunStarted { .. }
            | Event::Plan { .. }
            | Event::IterationStarted { .. }
            | Event::Targets { .. }
            | Event::JobRerun { .. }
            | Event::Log { .. } => {}
        }
    }

    /// Begins a job's record, with those of its pipeline and iteration where they are missing.
    fn begin(&mut self, name: &JobName, what: Option<What>) {
        let Some(run) = &self.run else { return };
        let part = |kind, name: &str| RunSpec { kind, name: name.to_owned(), ..RunSpec::default() };
        let pipeline = self.pipelines.entry(name.pipeline.clone());
        let pipeline = pipeline.or_insert_with(|| run.child(part(Level::Pipeline, &name.pipeline)));
        let within = |spec| RunSpec { pipeline: Some(name.pipeline.clone()), iteration: Some(name.iteration), ..spec };
        let iteration = self.iterations.entry((name.pipeline.clone(), name.iteration));
        let iteration =
            iteration.or_insert_with(|| pipeline.child(within(part(Level::Iteration, &format!("iteration {}", name.iteration)))));
        let jobs = self.jobs.entry(name.clone()).or_default();
        let planned = self.plan.get(&(name.pipeline.clone(), name.meta_name.clone())).and_then(|planned| planned.get(jobs.len()));
        let (hook, type_name) = what.or_else(|| planned.cloned()).map_or((None, None), |(hook, type_name)| (Some(hook), type_name));
        let run = iteration.child(RunSpec { hook, type_name, ..within(part(Level::Job, &name.meta_name)) });
        jobs.push(Job { run, told: None, bad_rows: 0 });
    }

    /// The job of this name that is at it, begun where nobody said that it begins.
    fn job(&mut self, name: &JobName, then: impl FnOnce(&mut Job)) {
        if !self.jobs.contains_key(name) {
            self.begin(name, None);
        }
        if let Some(job) = self.jobs.get_mut(name).and_then(|jobs| jobs.last_mut()) {
            then(job);
        }
    }

    fn log(&mut self, job: Option<&JobName>, stream: &str, message: &str) {
        match job {
            Some(job) => self.job(job, |job| job.run.log_line(stream, message)),
            None => self.run.iter().for_each(|run| run.log_line(stream, message)),
        }
    }

    fn finish(&mut self, status: Status) {
        let Some(run) = self.run.take() else { return };
        let mut jobs: HashMap<JobName, std::vec::IntoIter<Job>> = self.jobs.drain().map(|(name, jobs)| (name, jobs.into_iter())).collect();
        // What is recorded there may be of an earlier run; what is of this one is in the same order.
        let recorded: Vec<(RecordedJob, Job)> = recorded_jobs(&self.work_dir)
            .into_iter()
            .filter_map(|recorded| jobs.get_mut(&recorded.job)?.next().map(|job| (recorded, job)))
            .collect();
        for (job, Job { run, .. }) in &recorded {
            run.watch_cfgs(&[(&job.dj_configs, "dj_configs"), (&job.extra_configs, "extra_configs")]);
            lineage::keep(run, job, recorded.iter().map(|(job, _)| job));
        }
        // Jobs that neither finished nor failed were cut short, and say so when they are dropped.
        drop((recorded, jobs));
        for part in self.iterations.drain().map(|(_, run)| run).chain(self.pipelines.drain().map(|(_, run)| run)) {
            part.finish(status);
        }
        let (message, hint) = self.failed.take().unzip();
        run.finish_with(status, message.as_deref(), hint.flatten().as_deref());
    }
}

fn keep_report(run: &Run, facts: &Value) {
    run.op(&Op::Report { run: run.local(), facts: facts.clone() });
}

fn keep_outputs(run: &Run, outputs: &Map<String, Value>, rejected: u64) {
    run.op(&Op::Outputs { run: run.local(), outputs: Value::Object(outputs.clone()), rejected });
}

/// Whether an event is kept as such; what comes in masses has its own place.
fn is_told(event: &Event) -> bool {
    !matches!(event, Event::Progress { .. } | Event::Metric { .. } | Event::Metrics { .. } | Event::Watched { .. } | Event::BadRow { .. })
}
