//! What a job calls: the trait that keeps the crates apart.
//!
//! ```text
//!  YAML ──► config ──► plan ──► pipeline ──► registry ──► dyn Component
//!          (as written) (every    ▲    │ JobContext         ┌──┴─────────┬───────────┐
//!                      reference  │    ▼                 executors   evaluators   data pools
//!                      resolved)  Outcome ◄─────────────────┴────────────┴───────────┘
//!                                   │ after every job, atomically      │ Event
//!                                   ▼                                  ▼
//!                          context_infos.json, state.json      progress bars · watcher · JSON lines
//! ```
//!
//! Executors, evaluators and data-pool manipulations live in crates that know this one and not each other; the
//! command line puts their entries into one [`Registry`](crate::registry::Registry). Everything that the pipeline knows
//! about a component is its [`Kind`] (what to list, check and build; an [`Entry`] of a table as a rule) and [`Component`] (what to run).

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use sandbox_document::{KeyPath, Problem};
use serde_json::Value;

use crate::hook::{Category, Side};

pub use crate::settings::JobSettings;
pub use crate::stop::StopFlag;
pub use crate::support::{Paths, blocking};
pub use crate::task::JobContext;

/// Something that does a job's work, built from checked settings.
///
/// Building must not do: [`Entry::build`] parses and checks, [`run`](Self::run) acts. What waits is async; what
/// computes for long belongs on `tokio::task::spawn_blocking`.
#[async_trait]
pub trait Component: Send + Sync {
    /// Files and folders whose content the result depends on; when one changes, a resumed run does not skip the job.
    fn reads(&self) -> Vec<PathBuf>;

    /// Does the work. It looks at [`JobContext::stop`] now and then and returns [`ComponentError::Interrupted`] when it is set.
    ///
    /// # Errors
    /// Why the job failed, with a hint where there is one.
    async fn run(&self, job: &JobContext) -> Result<Outcome, ComponentError>;
}

/// One line of a registry: a component's name, words and functions.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The kind of component.
    pub category: Category,
    /// The `type` that chooses it; `None` for the component that a hook calls without one.
    pub type_name: Option<&'static str>,
    /// What it does, in one line.
    pub summary: &'static str,
    /// What it does in full, with its keys: Markdown for the reference pages.
    pub doc: &'static str,
    /// YAML of a whole job that uses it.
    pub example: &'static str,
    /// Looks for mistakes before anything runs. Nothing is done here, and keys that earlier jobs will fill
    /// ([`JobSettings::is_pending`]) are not complained about.
    pub check: fn(&JobSettings) -> Vec<Finding>,
    /// Makes the component when all values are present.
    pub build: fn(&JobSettings) -> Built,
}

/// A component as a registry knows it: an [`Entry`] of a crate's table, or one that was read from a file.
pub trait Kind: fmt::Debug + Send + Sync {
    /// The kind of component.
    fn category(&self) -> Category;
    /// The `type` that chooses it; `None` for the component that a hook calls without one.
    fn type_name(&self) -> Option<&str>;
    /// What it does, in one line.
    fn summary(&self) -> &str;
    /// What it does in full, with its keys: Markdown for the reference pages.
    fn doc(&self) -> &str;
    /// YAML of a whole job that uses it.
    fn example(&self) -> &str;
    /// Looks for mistakes before anything runs, as [`Entry::check`] does.
    fn check(&self, settings: &JobSettings) -> Vec<Finding>;
    /// Makes the component when all values are present.
    ///
    /// # Errors
    /// All that keeps it from being built.
    fn build(&self, settings: &JobSettings) -> Built;
    /// The commands that a job of this pipeline and name would run, as one would type them; empty for what runs in this process.
    ///
    /// # Errors
    /// Why they cannot be told.
    fn commands(&self, _settings: &JobSettings, _work_dir: &Path, _pipeline: &str, _name: &str) -> Result<Vec<String>, String> {
        Ok(Vec::new())
    }
}

impl Kind for Entry {
    fn category(&self) -> Category {
        self.category
    }

    fn type_name(&self) -> Option<&str> {
        self.type_name
    }

    fn summary(&self) -> &str {
        self.summary
    }

    fn doc(&self) -> &str {
        self.doc
    }

    fn example(&self) -> &str {
        self.example
    }

    fn check(&self, settings: &JobSettings) -> Vec<Finding> {
        (self.check)(settings)
    }

    fn build(&self, settings: &JobSettings) -> Built {
        (self.build)(settings)
    }
}

/// A component, or all that keeps it from being built.
pub type Built = Result<Box<dyn Component>, Vec<Finding>>;

/// A problem inside a job's configuration. The pipeline adds the file, the line and the job's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The block.
    pub side: Side,
    /// The key inside the block.
    pub path: KeyPath,
    /// What is wrong there.
    pub problem: Problem,
}

impl Finding {
    /// A problem at a key of `dj_configs`.
    pub fn dj(path: KeyPath, problem: Problem) -> Self {
        Self { side: Side::Dj, path, problem }
    }

    /// A problem at a key of `extra_configs`.
    pub fn extra(path: KeyPath, problem: Problem) -> Self {
        Self { side: Side::Extra, path, problem }
    }
}

/// What a component returns.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// The outputs, in the order of the names in the job's `output`.
    pub values: Vec<Value>,
    /// What a watched hook hands to the watcher; without it, the values.
    pub watched: Option<Value>,
    /// Files or folders written.
    pub files: Vec<PathBuf>,
    /// Rows that could not be used and were kept aside.
    pub rejected_rows: u64,
    /// Facts for the final table; kept with the record and shown again when the job is skipped on resume.
    pub report: Option<Value>,
}

impl Outcome {
    /// The outcome of a job that returns one value.
    pub fn value(value: impl Into<Value>) -> Self {
        Self { values: vec![value.into()], ..Self::default() }
    }

    /// The outcome of a job that writes files and returns their paths.
    pub fn paths(files: Vec<PathBuf>) -> Self {
        let paths: Vec<Value> = files.iter().map(|file| file.to_string_lossy().into_owned().into()).collect();
        Self { values: vec![paths.into()], files, ..Self::default() }
    }
}

/// Why a component has no outcome.
#[derive(Debug, thiserror::Error)]
pub enum ComponentError {
    /// The work failed.
    #[error("{message}")]
    Failed {
        /// What failed, beginning with "Failed to" where it is an action.
        message: String,
        /// What to do about it.
        hint: Option<String>,
        /// The cause.
        source: Option<Box<dyn Error + Send + Sync>>,
    },
    /// [`JobContext::stop`] was set and the work was left where it was.
    #[error("interrupted")]
    Interrupted,
    /// The work did not end in the time it was given.
    #[error("not done after {} s", .0.as_secs())]
    TimedOut(Duration),
}

impl ComponentError {
    /// A failure in words.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::Failed { message: message.into(), hint: None, source: None }
    }

    /// A failure with the error that caused it.
    pub fn caused(message: impl Into<String>, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Failed { message: message.into(), hint: None, source: Some(source.into()) }
    }

    /// An error of another crate in its own words; a hint on a line of its own goes into its own place.
    pub fn told(error: &dyn Error) -> Self {
        let text = error.to_string();
        match text.split_once("\n  hint: ") {
            Some((message, hint)) => Self::failed(message).hint(hint),
            None => Self::failed(text),
        }
    }

    /// With what to do about it.
    #[must_use]
    pub fn hint(self, words: impl Into<String>) -> Self {
        match self {
            Self::Failed { message, source, .. } => Self::Failed { message, hint: Some(words.into()), source },
            other => other,
        }
    }
}
