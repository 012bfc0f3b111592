//! Runs to and from the formats of others.
//!
//! What a run store holds goes out as files that other tools open, or to a running MLflow server, and what other tools have written
//! comes in. Everything is read and written piece by piece, so that a million points need no more memory than a thousand; a file
//! that is written is complete or absent; what a format cannot hold is counted and told in [`Exported::left_out`].
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! # let store = sandbox_watcher::store_path(folder.path());
//! use sandbox_interop::{Meter, Source, csv};
//! use sandbox_watcher::{RunSpec, Status, Watcher};
//!
//! let watcher = Watcher::open(&store)?;
//! let run = watcher.start_run(RunSpec { name: "demo".into(), ..RunSpec::default() });
//! run.watch_at(10, "train", &serde_json::json!({"loss": 0.5, "done": true}));
//! run.finish(Status::Done);
//! watcher.flush(std::time::Duration::from_secs(5));
//!
//! let reader = watcher.reader()?;
//! let source = Source::open(&reader, run.uid())?;
//! let file = folder.path().join("runs.csv");
//! let exported = csv::export(&[source], csv::Layout::Wide, &file, &mut Meter::silent())?;
//! assert_eq!(exported.values, 2);
//! let text = std::fs::read_to_string(file)?;
//! assert!(text.starts_with("run,part,step,time,train.done,train.loss\n") && text.ends_with(",true,0.5\n"), "{text}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | out | in |
//! | --- | --- | --- |
//! | [`tensorboard`] | event files: numbers as float32, texts, histograms | event files |
//! | [`csv`] | long or wide | both |
//! | [`parquet`] | one table of all values | |
//! | [`openmetrics`] | a file for `promtool tsdb create-blocks-from openmetrics` | |
//! | [`dvclive`] | `metrics.json`, `params.yaml`, `plots/metrics/*.tsv` | |
//! | [`mlflow`] | runs on a server, over its REST interface; goes on where it ended | |
//!
//! [`Source`] is a run that goes out, with its parts; [`Import`] one that comes in.

pub mod csv;
pub mod dvclive;
mod error;
mod exported;
mod import;
pub mod mlflow;
pub mod openmetrics;
pub mod parquet;
mod rows;
mod source;
pub mod tensorboard;
mod time;

pub use error::InteropError;
pub use exported::{Exported, Meter};
pub use import::{Digest, Import, Imported, Importer, digest_of_files};
pub use rows::{Cell, Row, Rows};
pub use source::{Part, Source};
