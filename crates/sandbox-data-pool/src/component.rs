//! A manipulation as a component of the sandbox.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use sandbox_core::component::{Component, ComponentError, Finding, JobContext, JobSettings, Outcome, StopFlag, blocking};
use sandbox_core::event::JobEvents;
use sandbox_core::hook::Side;
use sandbox_dataset::{Reject, resolve};
use sandbox_document::{KeyPath, Problem};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::error::PoolError;
use crate::inputs;
use crate::observer::{Observer, Running};
use crate::paths::Paths;
use crate::staging::Made;

/// A manipulation of data pools with its settings, which are the keys of `extra_configs`.
pub trait DataPoolManipulator: DeserializeOwned + Send + Sync + 'static {
    /// The keys, for help and for messages about keys that nobody reads.
    const KEYS: &'static [Key];

    /// What is wrong with the settings, as far as they tell by themselves.
    fn flaws(&self) -> Vec<Flaw>;

    /// The pools that are read.
    fn inputs(&self) -> Vec<&Paths>;

    /// The pools of which some must be there: those that are read, unless it only looks at their names.
    fn pools(&self) -> Vec<&Paths> {
        self.inputs()
    }

    /// Does the work.
    ///
    /// # Errors
    /// Settings that cannot be used, inputs that are all missing, files that cannot be read or written. Then nothing
    /// has been written under a final name.
    fn run(&self, running: &Running<'_>) -> Result<Made, PoolError>;

    /// What the job returns.
    fn value(made: &Made) -> Value {
        made.paths.iter().map(|path| path.to_string_lossy().into_owned()).collect()
    }
}

/// A key of a manipulation's configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Key {
    /// The key.
    pub name: &'static str,
    /// What it is when it is not given; empty for a key that must be.
    pub default: &'static str,
    /// What it does, in one line.
    pub doc: &'static str,
    /// Whether it takes a list; one value may stand for a list of one.
    pub is_list: bool,
}

impl Key {
    pub(crate) const fn one(name: &'static str, default: &'static str, doc: &'static str) -> Self {
        Self { name, default, doc, is_list: false }
    }

    pub(crate) const fn many(name: &'static str, default: &'static str, doc: &'static str) -> Self {
        Self { name, default, doc, is_list: true }
    }
}

/// What is wrong with a setting.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Where.
    pub path: KeyPath,
    /// Another key that it depends on.
    pub also: Option<&'static str>,
    /// What.
    pub problem: Problem,
}

impl Flaw {
    pub(crate) fn new(path: KeyPath, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { path, also: None, problem: Problem::error(message).hint(hint) }
    }

    pub(crate) fn depends_on(self, key: &'static str) -> Self {
        Self { also: Some(key), ..self }
    }
}

pub(crate) fn key(name: &str) -> KeyPath {
    KeyPath::root().key(name)
}

/// A list of pools that names none.
pub(crate) fn no_paths(name: &'static str, paths: &Paths) -> Option<Flaw> {
    paths.0.is_empty().then(|| Flaw::new(key(name), format!("`{name}` names no data pool"), "give one path or a list of paths"))
}

/// The first flaw as an error, for callers of the library.
pub(crate) fn usable(manipulator: &impl DataPoolManipulator) -> Result<(), PoolError> {
    manipulator.flaws().into_iter().find(|flaw| flaw.problem.is_error()).map_or(Ok(()), |flaw| Err(PoolError::Setting(flaw.problem)))
}

/// [`Entry::check`](sandbox_core::component::Entry::check) of a manipulation.
pub(crate) fn check<M: DataPoolManipulator>(settings: &JobSettings) -> Vec<Finding> {
    let pending = |name: &str| settings.is_pending(&format!("{}.{name}", Side::Extra));
    let mut findings = match settings.preview::<M>(Side::Extra) {
        Ok(None) => Vec::new(),
        Ok(Some(manipulator)) => {
            let known = |flaw: &Flaw| !pending(&dotted(&flaw.path)) && !flaw.also.is_some_and(pending);
            manipulator.flaws().into_iter().filter(known).map(finding).collect()
        }
        Err(findings) => findings,
    };
    let keys: Vec<&str> = M::KEYS.iter().map(|key| key.name).collect();
    findings.extend(settings.unread_keys(Side::Extra, &keys));
    findings
}

fn dotted(path: &KeyPath) -> String {
    let steps = path.steps().iter().map(|step| match step {
        sandbox_document::Step::Key(name) => name.clone(),
        sandbox_document::Step::Index(index) => index.to_string(),
    });
    steps.collect::<Vec<_>>().join(".")
}

fn finding(flaw: Flaw) -> Finding {
    Finding::extra(flaw.path, flaw.problem)
}

/// What is wrong with the inputs before anything runs: all of a list are missing.
pub(crate) fn missing<M: DataPoolManipulator>(settings: &JobSettings) -> Option<Problem> {
    let manipulator: M = settings.read(Side::Extra).ok()?;
    let told = inputs::none_there(&manipulator.pools())?.to_string();
    let (message, hint) = told.split_once("\n  hint: ").unwrap_or((&told, ""));
    let problem = Problem::error(message);
    Some(if hint.is_empty() { problem } else { problem.hint(hint) })
}

/// [`Entry::build`](sandbox_core::component::Entry::build) of a manipulation.
pub(crate) fn build<M: DataPoolManipulator>(settings: &JobSettings) -> Result<Box<dyn Component>, Vec<Finding>> {
    let manipulator: M = settings.read(Side::Extra)?;
    let flaws = manipulator.flaws();
    if flaws.iter().any(|flaw| flaw.problem.is_error()) {
        return Err(flaws.into_iter().map(finding).collect());
    }
    Ok(Box::new(Job(Arc::new(manipulator))))
}

struct Job<M>(Arc<M>);

#[async_trait]
impl<M: DataPoolManipulator> Component for Job<M> {
    fn reads(&self) -> Vec<PathBuf> {
        let items = self.0.inputs().into_iter().flat_map(|paths| &paths.0);
        // A pool that is missing now is still an input: it may appear.
        items.flat_map(|item| resolve(std::slice::from_ref(item), &[]).unwrap_or_else(|_| vec![item.into()])).collect()
    }

    async fn run(&self, job: &JobContext) -> Result<Outcome, ComponentError> {
        let (manipulator, threads) = (self.0.clone(), job.threads);
        let observer = JobObserver { events: job.events.clone(), stop: job.stop.clone() };
        let told = |error| match error {
            PoolError::Stopped => ComponentError::Interrupted,
            error => ComponentError::told(&error),
        };
        let made = blocking(move || manipulator.run(&Running { threads, observer: &observer }).map_err(told)).await?;
        Ok(Outcome {
            values: vec![M::value(&made)],
            watched: None,
            rejected_rows: made.rejected_rows,
            report: (!made.pools.is_empty()).then(|| json!({"kind": "pools", "pools": made.pools})),
            files: made.files,
        })
    }
}

/// A manipulation told as a job's events.
struct JobObserver {
    events: JobEvents,
    stop: StopFlag,
}

impl Observer for JobObserver {
    fn progress(&self, done: u64, total: u64) {
        self.events.progress(done, Some(total), "bytes");
    }

    fn rejected(&self, reject: &Reject) {
        self.events.bad_row(&*reject.file, reject.line, &reject.reason);
    }

    fn warning(&self, message: &str) {
        self.events.warning(message);
    }

    fn note(&self, message: &str) {
        self.events.note(message);
    }

    fn stop(&self) -> bool {
        self.stop.is_set()
    }
}
