//! The words of the domain: configuration, plan, hooks, components, pipeline, context infos, events.
//!
//! A sandbox experiment is a YAML file of *jobs*. This crate turns it into a checked plan, runs the plan job by job, lets
//! each job call one *component*, keeps what the components return, and says what happens. It knows no concrete
//! component: those are registered from outside, and this is all there is to one:
//!
//! ```
//! use std::path::PathBuf;
//! use async_trait::async_trait;
//! use sandbox_core::component::{Component, ComponentError, Entry, JobContext, Outcome};
//! use sandbox_core::config::{Config, Overrides};
//! use sandbox_core::hook::{Category, Side};
//! use sandbox_core::plan::Plan;
//! use sandbox_core::registry::Registry;
//! use sandbox_core::{RunOptions, RunStatus, run};
//! use sandbox_document::{Document, Format};
//!
//! /// Counts the characters of a text.
//! #[derive(serde::Deserialize)]
//! struct Count {
//!     text: String,
//! }
//!
//! #[async_trait]
//! impl Component for Count {
//!     fn reads(&self) -> Vec<PathBuf> {
//!         Vec::new()
//!     }
//!
//!     async fn run(&self, job: &JobContext) -> Result<Outcome, ComponentError> {
//!         let count = self.text.chars().count();
//!         job.events.note(format!("{count} characters"));
//!         Ok(Outcome::value(count))
//!     }
//! }
//!
//! let mut registry = Registry::new();
//! registry.register(Entry {
//!     category: Category::DataEvaluator,
//!     type_name: Some("count"),
//!     summary: "Counts the characters of `text`",
//!     doc: "",
//!     example: "hook: EvaluateDataHook\nextra_configs: {type: count, text: hello}",
//!     check: |settings| settings.preview::<Count>(Side::Extra).err().unwrap_or_default(),
//!     build: |settings| Ok(Box::new(settings.read::<Count>(Side::Extra)?)),
//! })?;
//!
//! # let folder = tempfile::tempdir()?;
//! let yaml = "
//! max_iter_num: 5
//! iter_targets: anonymous.size.characters >= 10
//! iter_updater: {anonymous.size.characters: anonymous.size.extra_configs.last}
//! evaluation_job_configs:
//! - hook: EvaluateDataHook
//!   meta_name: size
//!   output: characters
//!   extra_configs: {type: count, text: hello world}
//! ";
//! let mut overrides = Overrides::new();
//! overrides.set("work_dir", folder.path().to_string_lossy().into(), "--work_dir");
//! let config = Config::from_document(Document::parse("sandbox.yaml", yaml, Format::Yaml)?, &overrides);
//! let plan = Plan::new(&config, &registry)?;
//!
//! let runtime = tokio::runtime::Builder::new_current_thread().build()?;
//! let report = runtime.block_on(run(&plan, &registry, RunOptions::default()))?;
//! assert_eq!(report.status, RunStatus::Done);
//! assert_eq!(report.iterations, 1);
//! assert!(std::fs::read_to_string(report.context_infos)?.contains("\"characters\": 11"));
//!
//! // A misspelt key stops everything before the first job.
//! let wrong = yaml.replace("text:", "txt:");
//! let config = Config::from_document(Document::parse("sandbox.yaml", &wrong, Format::Yaml)?, &overrides);
//! let problems = Plan::new(&config, &registry).unwrap_err();
//! assert_eq!(problems.to_string(), "sandbox.yaml:9: job `size`: missing key `text`");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Following a run
//!
//! | stop | what happens there |
//! | --- | --- |
//! | [`config`] | the document is read; every mistake of form is collected, nothing is looked up |
//! | [`plan`] | every name is resolved, every file loaded, every component asked to [check](component::Entry::check); all problems at once, or a [`Plan`](plan::Plan) that never changes |
//! | [`run`] | iterations until the last one, or until the targets are met |
//! | per job | blocks loaded, updates, `local` and `input` written, `export_path` moved into the [iteration's directory](iteration_path); the component [built](component::Entry::build) and [run](component::Component::run) on a task of its own |
//! | after each job | state and `context_infos.json` are written, each complete or not at all |
//! | [`event`] | everything that was said on the way |
//!
//! [`hook`] holds the twelve hooks as a table, [`registry`] the components of a build, [`component`] the trait between
//! this crate and all others.
//!
//! # Going on after the end of a run
//!
//! `WORK_DIR/.dj-sandbox/state.json` has a record of every finished job: its resolved configuration, stamps of the files that
//! it read and wrote, the watched values that it asked for, and its results. With [`RunOptions::resume`] a job is skipped
//! when all of that is as it was; else it runs again, and the event says what has changed. A file that a later job wrote
//! again (iterations often rewrite one recipe) is no change: the record knows what it said at the time.
//!
//! # What never happens here
//!
//! Nothing is printed, no process is started, no socket opened; no panic of a component ends the process; a plan with
//! errors runs nothing; an output is never looked up by `eval`.

pub mod component;
pub mod config;
mod context;
mod error;
pub mod event;
pub mod hook;
mod iterate;
mod panic;
mod paths;
mod pipeline;
pub mod plan;
mod prepare;
mod record;
mod recorded;
pub mod registry;
mod resume;
mod settings;
mod stop;
mod support;
mod task;

pub use error::{JobError, RunError, chain};
pub use iterate::{JobReport, RunOptions, RunReport, RunStatus, run};
pub use paths::iteration_path;
pub use recorded::{RecordedJob, recorded_jobs};
