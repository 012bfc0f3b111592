//! Operational metrics of runs, for Prometheus: what a process is doing now, in the words and formats of its conventions.
//!
//! A [`Metrics`] listens to the events of runs and gives what a server scrapes. It keeps no history (a run store does), and adds
//! no name that comes from data: names of watched numbers are values of a label, three hundred at most ([`MOST_NAMES`]).
//!
//! ```
//! use sandbox_core::event::{Event, JobName, Listener};
//! use sandbox_metrics::{Format, Metrics};
//! let metrics = Metrics::new(Default::default())?;
//! let job = JobName { iteration: 1, pipeline: "p".into(), meta_name: "train".into() };
//! metrics.event(&Event::Metric { job, name: "loss".into(), step: Some(10), value: 0.25 });
//! let text = metrics.encode(Format::Text)?;
//! assert!(text.contains("\nsandbox_watched_value{name=\"train.loss\",pipeline=\"p\"} 0.25\n"));
//! assert!(text.contains("\nsandbox_train_step{hook=\"train\",pipeline=\"p\"} 10\n"));
//! # Ok::<(), sandbox_metrics::MetricsError>(())
//! ```
//!
//! # Why it is built this way
//!
//! *A job of a configuration is a `hook` here*: the labels `job` and `instance` belong to the server, which would rename ours.
//!
//! *A run's id is no label of a counter.* Series of runs that are over would stay for ever. It stands in `sandbox_run_info`, which
//! vanishes with the run, and in the exemplars of durations.
//!
//! *Counters begin with 0* where their labels are known, so that the first event is an increase.
//!
//! *Nothing here ends a run.* A gateway that is not there, a file that cannot be written are for the caller to warn of.

mod asked;
mod assets;
mod batch;
mod error;
mod exemplar;
mod families;
mod format;
#[cfg(feature = "server")]
mod gateway;
mod label;
mod leaves;
mod listener;
mod metrics;
#[cfg(feature = "server")]
mod server;
mod system;
mod textfile;
pub use asked::{Family, Kind, Sample};
pub use assets::{DASHBOARD, RULES};
pub use error::MetricsError;
pub use format::Format;
#[cfg(feature = "server")]
pub use gateway::Gateway;
pub use listener::MOST_NAMES;
pub use metrics::{Build, Metrics};
#[cfg(feature = "server")]
pub use server::{Server, ServerSettings};
pub use system::{GPU_APPS_QUERY, GPU_QUERY, Gpus};
pub use textfile::Textfiles;
