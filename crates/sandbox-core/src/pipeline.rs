//! One job after the other: prepare, skip or run, record.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use indexmap::IndexMap;
use sandbox_document::{Document, KeyPath, Problem};
use sandbox_fs::FsError;
use serde_json::{Map, Value};
use tokio::task::JoinSet;

use crate::component::{Component, ComponentError, JobContext, JobSettings, Kind, Outcome};
use crate::context::find_output;
use crate::error::{JobError, RunError, chain};
use crate::event::{Event, JobEvents, JobName};
use crate::hook::Side;
use crate::iterate::RunOptions;
use crate::panic::words;
use crate::plan::check::{place_of, placed};
use crate::plan::{Plan, PlannedJob, Problems, Reference};
use crate::prepare::{Load, Misplaced, Prepared};
use crate::record::{LoadedBlock, MadeFrom, Record, Stamp};
use crate::registry::Registry;
use crate::resume::{Earlier, Ledger};

/// What the jobs of a run share.
pub(crate) struct Pipeline<'r> {
    pub(crate) plan: &'r Plan,
    pub(crate) registry: &'r Registry,
    pub(crate) options: &'r RunOptions,
    pub(crate) ledger: Ledger,
    /// What was last watched, by `meta_name`.
    pub(crate) watched: Arc<IndexMap<String, Value>>,
    /// Which jobs of `ledger.done` were taken over.
    pub(crate) skipped: Vec<bool>,
}

/// Whether to go on after a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Flow {
    GoOn,
    Stop,
}

/// A component, with what it was made from.
struct Ready {
    component: Box<dyn Component>,
    made_from: MadeFrom,
    loaded: Vec<LoadedBlock>,
    reads: Vec<PathBuf>,
}

impl Pipeline<'_> {
    /// Runs or skips the job `at` of the plan. `updates` are what the last iteration hands to it.
    pub(crate) async fn job(&mut self, iteration: u64, at: usize, updates: &[(String, Value)]) -> Result<Flow, RunError> {
        if self.options.stop.is_set() {
            return Ok(Flow::Stop);
        }
        let plan = self.plan;
        let job = &plan.jobs()[at];
        let name = JobName { iteration, pipeline: job.pipeline.clone(), meta_name: job.meta_name.clone() };
        let failed = |source: JobError| RunError::Job { job: name.clone(), place: job.place.clone(), source: Box::new(source) };
        let earlier = self.ledger.take(&name, job.list);
        let ready = self.ready(iteration, job, updates, earlier.as_ref()).map_err(failed)?;
        if let Some(earlier) = earlier {
            match self.why_not(&earlier, &ready).await? {
                None => {
                    self.take_over(earlier.record);
                    return Ok(Flow::GoOn);
                }
                Some(why) => self.options.events.emit(&Event::JobRerun { job: name.clone(), why }),
            }
        }
        let type_name = ready.made_from.type_name.clone();
        self.options.events.emit(&Event::JobStarted { job: name.clone(), hook: job.hook.name.to_owned(), type_name });
        let started = Instant::now();
        // What is read is stamped before the work: a change during it must not go unnoticed.
        let reads = ready.reads.clone();
        let reads = blocking(move || Stamp::take(reads)).await?;
        let context = self.context(job, &name);
        let queried = context.queried.clone();
        let outcome = match run_apart(ready.component, context).await {
            Err(JobError::Component(ComponentError::Interrupted)) => return Ok(Flow::Stop),
            // What fails after the wish to stop fails because of it, such as a child process that is gone.
            Err(error) if self.options.stop.is_set() => {
                let message = format!("it failed while the run was stopping: {}", chain(&error));
                self.options.events.emit(&Event::Warning { job: Some(name), message });
                return Ok(Flow::Stop);
            }
            other => other.map_err(failed)?,
        };
        if self.options.strict && outcome.rejected_rows > 0 {
            let error = ComponentError::failed(format!("{} rows could not be used", outcome.rejected_rows));
            return Err(failed(error.hint("without `--strict` such rows are set aside and counted").into()));
        }
        let outputs = name_outputs(job, outcome.values, &JobEvents::new(self.options.events.clone(), name.clone())).map_err(failed)?;
        let watched = job.hook.watched.then(|| outcome.watched.unwrap_or_else(|| watched_by_default(&outputs)));
        let files = outcome.files;
        let files = blocking(move || Stamp::take(files)).await?;
        let record = Record {
            iteration,
            pipeline: name.pipeline.clone(),
            list: job.list,
            index: job.index,
            meta_name: name.meta_name.clone(),
            made_from: ready.made_from,
            loaded: ready.loaded,
            queried: std::mem::take(&mut *queried.lock().unwrap_or_else(PoisonError::into_inner)),
            reads,
            files,
            outputs,
            watched,
            report: outcome.report,
            rejected_rows: outcome.rejected_rows,
            seconds: started.elapsed().as_secs_f64(),
        };
        self.ledger.ran(record.clone());
        self.skipped.push(false);
        blocking(self.ledger.save()).await?;
        self.tell(record);
        Ok(Flow::GoOn)
    }

    /// The component of a job, built from its resolved configuration.
    fn ready(&self, iteration: u64, job: &PlannedJob, updates: &[(String, Value)], earlier: Option<&Earlier>) -> Result<Ready, JobError> {
        let mut inputs = Vec::new();
        for (key, reference) in &job.inputs {
            inputs.push((key.clone(), Some(self.output(reference)?.clone())));
        }
        let document = self.plan.document();
        let problems = |misplaced: Vec<Misplaced>| {
            let place = |path: KeyPath| document.place(&job.path.join(&path));
            Problems(
                misplaced
                    .into_iter()
                    .map(|one| Problem { place: one.problem.place.clone().or(Some(place(one.path))), ..one.problem })
                    .collect(),
            )
        };
        let mut prepared = Prepared::new(job, updates, &inputs, &mut |path| {
            // A later recorded job has overwritten this file: what counts is what it said when this job ran.
            let recorded = earlier.filter(|earlier| self.ledger.excuses(earlier, Path::new(path)));
            match recorded.and_then(|earlier| earlier.record.loaded.iter().find(|loaded| loaded.path == path)) {
                Some(loaded) => Ok(Load::Recorded(loaded.value.clone())),
                None => Document::read(path).map(|document| Load::Document(Box::new(document))),
            }
        })
        .map_err(problems)?;
        prepared.enter_iteration(job.hook, iteration);
        let settings = JobSettings::new(prepared.dj.clone(), prepared.extra.clone()).with_threads(self.options.threads);
        let type_name = settings.get("extra_configs.type").and_then(Value::as_str);
        let at = |side: Side, path: &KeyPath| place_of(document, job, &prepared, side, path);
        let entry = self
            .registry
            .choose(job.hook, type_name)
            .map_err(|problem| Problems(vec![problem.at(at(Side::Extra, &KeyPath::root().key("type")))]))?;
        let (component, reads) = build(entry, &settings, &|finding| placed(finding, &at))?;
        let loaded = Side::ALL.into_iter().filter_map(|side| {
            let file = prepared.file(side)?;
            Some(LoadedBlock { side, path: file.path.clone(), value: file.value.clone() })
        });
        let loaded = loaded.collect();
        let made_from = MadeFrom {
            hook: job.hook.name.to_owned(),
            type_name: entry.type_name().map(str::to_owned),
            output: job.outputs.clone(),
            dj_configs: prepared.dj,
            extra_configs: prepared.extra,
        };
        Ok(Ready { component, made_from, loaded, reads })
    }

    /// The value of a reference in the iteration that is running.
    fn output(&self, reference: &Reference) -> Result<&Value, JobError> {
        let start = self.ledger.done.len() / self.plan.jobs().len() * self.plan.jobs().len();
        let found = self.ledger.done.get(start + reference.job).ok_or("the job has not run");
        let value = found.and_then(|record| find_output(&record.outputs, &reference.output).ok_or("the job returned no such output"));
        value.map_err(|message| JobError::Input { reference: reference.to_string(), message: message.to_owned() })
    }

    /// Why an earlier record does not hold, in words; `None` when it does.
    async fn why_not(&self, earlier: &Earlier, ready: &Ready) -> Result<Option<String>, FsError> {
        let record = earlier.record.clone();
        let stamped = record.reads.iter().chain(&record.files);
        let excused: Vec<PathBuf> = stamped.map(|stamp| stamp.path.clone()).filter(|path| self.ledger.excuses(earlier, path)).collect();
        let (now, reads, watched) = (ready.made_from.clone(), ready.reads.clone(), self.watched.clone());
        blocking(move || Ok(record.why_not(&now, &reads, &watched, &|path| excused.iter().any(|one| one == path)))).await
    }

    fn take_over(&mut self, record: Record) {
        self.watch(&record);
        self.options.events.emit(&Event::JobSkipped {
            job: record.name(),
            why: "unchanged".to_owned(),
            outputs: record.outputs.clone(),
            report: record.report.clone(),
        });
        self.ledger.skipped(record);
        self.skipped.push(true);
    }

    fn watch(&mut self, record: &Record) {
        if let Some(value) = &record.watched {
            Arc::make_mut(&mut self.watched).insert(record.meta_name.clone(), value.clone());
        }
    }

    /// Tells what a job that has just been recorded came to.
    fn tell(&mut self, record: Record) {
        self.watch(&record);
        let (events, job) = (&self.options.events, record.name());
        if let Some(value) = record.watched {
            events.emit(&Event::Watched { job: job.clone(), meta_name: job.meta_name.clone(), value });
        }
        if let Some(facts) = record.report {
            events.emit(&Event::Report { job: job.clone(), facts });
        }
        events.emit(&Event::JobFinished { job, seconds: record.seconds, outputs: record.outputs, rejected_rows: record.rejected_rows });
    }

    fn context(&self, job: &PlannedJob, name: &JobName) -> JobContext {
        JobContext {
            work_dir: self.plan.work_dir().to_owned(),
            iteration: name.iteration,
            pipeline: name.pipeline.clone(),
            meta_name: name.meta_name.clone(),
            hook: job.hook,
            events: JobEvents::new(self.options.events.clone(), name.clone()),
            stop: self.options.stop.clone(),
            threads: self.options.threads,
            strict: self.options.strict,
            watched: self.watched.clone(),
            queried: Arc::new(Mutex::default()),
        }
    }
}

/// Builds a component; a panic in it is the component's bug, not the end of the process.
fn build(
    entry: &dyn Kind,
    settings: &JobSettings,
    placed: &dyn Fn(crate::component::Finding) -> Problem,
) -> Result<(Box<dyn Component>, Vec<PathBuf>), JobError> {
    let built = catch_unwind(AssertUnwindSafe(|| {
        entry.build(settings).map(|component| {
            let reads = component.reads();
            (component, reads)
        })
    }));
    match built {
        Ok(Ok(ready)) => Ok(ready),
        Ok(Err(findings)) => Err(Problems(findings.into_iter().map(placed).collect()).into()),
        Err(panic) => Err(JobError::Panicked(words(panic.as_ref()))),
    }
}

/// Runs a component on a task of its own, which ends with this future and takes a panic with it.
async fn run_apart(component: Box<dyn Component>, context: JobContext) -> Result<Outcome, JobError> {
    let mut task = JoinSet::new();
    task.spawn(async move { component.run(&context).await });
    match task.join_next().await {
        Some(Ok(outcome)) => Ok(outcome?),
        Some(Err(error)) if error.is_panic() => Err(JobError::Panicked(words(error.into_panic().as_ref()))),
        _ => Err(ComponentError::Interrupted.into()),
    }
}

/// Work on files, off the thread that waits for others.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, FsError> + Send + 'static) -> Result<T, FsError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => Err(FsError::io("work on files in", Path::new("."))(std::io::Error::other(error))),
    }
}

/// Values to names: the job's, or the indexes.
fn name_outputs(job: &PlannedJob, mut values: Vec<Value>, events: &JobEvents) -> Result<Map<String, Value>, JobError> {
    if let [Value::Array(items)] = values.as_mut_slice()
        && items.len() == 1
    {
        values = std::mem::take(items);
    }
    match &job.outputs {
        None => Ok(values.into_iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect()),
        Some(names) if values.is_empty() && !names.is_empty() => {
            events.warning("it returned nothing, so its `output` names have no values");
            Ok(Map::new())
        }
        Some(names) if names.len() != values.len() => Err(JobError::Outputs { names: names.clone(), got: values.len() }),
        Some(names) => Ok(names.iter().cloned().zip(values).collect()),
    }
}

/// One value as it is, several by name.
fn watched_by_default(outputs: &Map<String, Value>) -> Value {
    match outputs.values().next() {
        Some(value) if outputs.len() == 1 => value.clone(),
        _ => Value::Object(outputs.clone()),
    }
}
