//! The plan: a configuration in which every name leads somewhere.
//!
//! A plan is made before anything runs, and either everything in it holds or *all* that is wrong is told at once: unknown
//! hooks and types, references to what does not exist or comes later, files that cannot be loaded, and what each
//! component has to say about its configuration. A plan never changes; what an iteration makes of it is computed anew.

pub(crate) mod check;
mod reference;
mod targets;

use std::fmt;
use std::path::{Path, PathBuf};

use sandbox_document::{Document, DocumentError, KeyPath, Place, Problem};
use serde_json::Value;

pub use reference::Reference;
pub use targets::{Comparison, Target, Updater};

use crate::config::{Config, Overrides, TargetsMode};
use crate::event::PlanLine;
use crate::hook::{Hook, JobList, Side};
use crate::registry::Registry;

/// What will run, checked.
#[derive(Debug, Clone)]
pub struct Plan {
    project_name: String,
    experiment_name: String,
    work_dir: PathBuf,
    resume: bool,
    max_iterations: u64,
    mode: TargetsMode,
    pipelines: Vec<String>,
    jobs: Vec<PlannedJob>,
    targets: Vec<Target>,
    updaters: Vec<Updater>,
    warnings: Vec<Problem>,
    document: Document,
}

/// One job of the plan.
#[derive(Debug, Clone)]
pub struct PlannedJob {
    pub(crate) pipeline: String,
    pub(crate) list: JobList,
    pub(crate) index: usize,
    pub(crate) hook: &'static Hook,
    pub(crate) type_name: Option<String>,
    pub(crate) commands: Result<Vec<String>, String>,
    pub(crate) meta_name: String,
    pub(crate) dj_configs: Value,
    pub(crate) extra_configs: Value,
    pub(crate) inputs: Vec<(String, Reference)>,
    pub(crate) outputs: Option<Vec<String>>,
    /// `local`, and after it what overrides from outside the file say.
    pub(crate) local: Vec<(String, Value)>,
    pub(crate) path: KeyPath,
    pub(crate) place: Place,
}

/// Everything that keeps a configuration from running, and the warnings beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl Plan {
    /// Reads and checks a configuration file: [`Config::load`] and [`Plan::new`].
    ///
    /// # Errors
    /// All problems.
    pub fn load(path: impl AsRef<Path>, overrides: &Overrides, registry: &Registry) -> Result<Self, Problems> {
        Self::new(&Config::load(path, overrides)?, registry)
    }

    /// Checks a configuration. Paths in it are taken from the current directory.
    ///
    /// # Errors
    /// All problems, those of the configuration's form included.
    pub fn new(config: &Config, registry: &Registry) -> Result<Self, Problems> {
        check::plan(config, registry)
    }

    /// `project_name`
    pub fn project_name(&self) -> &str {
        &self.project_name
    }

    /// `experiment_name`
    pub fn experiment_name(&self) -> &str {
        &self.experiment_name
    }

    /// `work_dir`
    pub fn work_dir(&self) -> &Path {
        &self.work_dir
    }

    /// `resume`; whoever runs the plan decides by [`RunOptions::resume`](crate::RunOptions::resume).
    pub fn resume(&self) -> bool {
        self.resume
    }

    /// How many iterations at most; `None` means until the targets are met.
    pub fn max_iterations(&self) -> Option<u64> {
        (self.max_iterations > 0).then_some(self.max_iterations)
    }

    /// How many of the targets have to be met.
    pub fn targets_mode(&self) -> TargetsMode {
        self.mode
    }

    /// When to stop.
    pub fn targets(&self) -> &[Target] {
        &self.targets
    }

    /// What an iteration hands to the next.
    pub fn updaters(&self) -> &[Updater] {
        &self.updaters
    }

    /// The pipelines' names, in the order in which they run.
    pub fn pipelines(&self) -> &[String] {
        &self.pipelines
    }

    /// The jobs of all pipelines, in the order in which they run.
    pub fn jobs(&self) -> &[PlannedJob] {
        &self.jobs
    }

    /// What deserves a look before the run.
    pub fn warnings(&self) -> &[Problem] {
        &self.warnings
    }

    /// The plan as a table of contents.
    pub fn lines(&self) -> Vec<PlanLine> {
        self.jobs.iter().map(PlannedJob::line).collect()
    }

    /// The configuration's document, to find places in.
    pub fn document(&self) -> &Document {
        &self.document
    }
}

impl PlannedJob {
    /// Its pipeline.
    pub fn pipeline(&self) -> &str {
        &self.pipeline
    }

    /// The list in which it stands.
    pub fn list(&self) -> JobList {
        self.list
    }

    /// Its index in that list.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Its hook.
    pub fn hook(&self) -> &'static Hook {
        self.hook
    }

    /// The `type` of its component; `None` where the hook has one component, or where an earlier job will tell.
    pub fn type_name(&self) -> Option<&str> {
        self.type_name.as_deref()
    }

    /// The commands that it would run, as one would type them; empty for what runs in this process. A value that an earlier job
    /// will give is shown as its key in angle brackets.
    ///
    /// # Errors
    /// Why they cannot be told yet.
    pub fn commands(&self) -> Result<&[String], &str> {
        self.commands.as_deref().map_err(String::as_str)
    }

    /// Its name.
    pub fn meta_name(&self) -> &str {
        &self.meta_name
    }

    /// What it takes from earlier jobs: left-hand side and reference.
    pub fn inputs(&self) -> &[(String, Reference)] {
        &self.inputs
    }

    /// The names of its outputs; `None` names them by their index.
    pub fn outputs(&self) -> Option<&[String]> {
        self.outputs.as_deref()
    }

    /// Where it stands.
    pub fn place(&self) -> &Place {
        &self.place
    }

    /// One of its blocks as written: a path, a map, or null.
    pub fn block(&self, side: Side) -> &Value {
        match side {
            Side::Dj => &self.dj_configs,
            Side::Extra => &self.extra_configs,
        }
    }

    /// The job as a line of the table of contents.
    pub fn line(&self) -> PlanLine {
        PlanLine {
            pipeline: self.pipeline.clone(),
            list: self.list.key().to_owned(),
            meta_name: self.meta_name.clone(),
            hook: self.hook.name.to_owned(),
            type_name: self.type_name.clone(),
            inputs: self.inputs.iter().map(|(key, reference)| (key.clone(), reference.to_string())).collect(),
            outputs: self.outputs.clone().unwrap_or_default(),
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, problem) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_str("\n")?;
            }
            if problem.is_error() { write!(f, "{problem}")? } else { write!(f, "warning: {problem}")? }
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

impl From<DocumentError> for Problems {
    fn from(error: DocumentError) -> Self {
        Self(vec![match error {
            DocumentError::Syntax { place, message } => Problem::error(message).at(place),
            other => Problem::error(other.to_string()),
        }])
    }
}
