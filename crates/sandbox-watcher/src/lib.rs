//! What runs say, kept: a store of runs that the caller never waits for and that a kill does not hurt.
//!
//! One SQLite file for a project, `.dj-sandbox/runs.db` in its `work_dir` ([`store_path`]), holds its runs with their parts (pipelines, iterations, jobs,
//! trials), what was watched in them, their configurations, logs, reports, and what was made from what. There is no server, no account, and no
//! connection to anywhere.
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! # let path = sandbox_watcher::store_path(folder.path());
//! use sandbox_watcher::reader::Range;
//! use sandbox_watcher::{RunSpec, Status, Watcher};
//! use serde_json::json;
//!
//! let watcher = Watcher::open(&path)?;
//! let run = watcher.start_run(RunSpec { name: "demo".into(), ..RunSpec::default() });
//! for step in 0..100 {
//!     run.watch_at(step, "train", &json!({"loss": 1.0 / (step + 1) as f64, "lr": 1e-4}));
//! }
//! run.finish(Status::Done);
//! watcher.flush(std::time::Duration::from_secs(5));
//!
//! let reader = watcher.reader()?;
//! assert_eq!(reader.query(run.uid(), "train")?, Some(json!({"loss": 0.01, "lr": 1e-4})));
//! let history = reader.history(run.uid(), "train.loss", &Range { buckets: 10, ..Range::default() })?.unwrap();
//! assert_eq!((history.count, history.buckets.len()), (100, 10));
//! assert_eq!(history.buckets[0].high.unwrap().value, 1.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Why it is built this way
//!
//! *The caller never waits for the disk.* [`Run::watch`] encodes its values and stores them into a mapped file whose room is taken: a few hundred
//! nanoseconds, no call to the system. One thread brings the file's records into the database, five times a second, another one keeps
//! empty files ready. A database that is locked, a disk that is stuck or full only makes the journal longer; when even that has no room left,
//! records are dropped and counted by reason ([`Health`]), and the run goes on.
//!
//! *A kill loses nothing.* What is in the mapped file belongs to the system. Whoever opens the store next finds the journal of a process that is
//! gone by its lock, and brings in what is not yet in the store; each record goes in exactly once, because the place up to which a journal has been
//! applied stands in the same transaction. A power cut can lose the last second.
//!
//! *Several processes may write.* Each has its own journal and its own short transactions, and waits for the others behind the callers' backs.
//!
//! *A status is not a claim.* A run says that it is running, and which process of which boot of which machine does it; readers look whether
//! that process is there. So a killed run is `crashed` at once, not `running` for ever.
//!
//! *Numbers are kept as they are*, NaN and infinities too, packed in blocks of a few thousand (see `chunk.rs`), and read without gaps: a bucket
//! of a downsampled series has its smallest and largest number.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `watcher`, `run`, `listener` | writing: a store, a run, the events of a sandbox run |
//! | [`reader`] | reading |
//! | `node`, `flatten`, `value`, `chunk` | values: their kinds, their names, their bytes |
//! | `journal`, `writer`, `apply` | the way into the database |
//! | `store`, `store/schema/*.sql` | the database and its formats |

mod apply;
mod artifact;
mod bytes;
mod chunk;
mod clock;
mod error;
mod flatten;
mod identity;
mod journal;
mod listener;
mod mask;
mod node;
pub mod reader;
mod run;
mod status;
mod store;
mod value;
mod watcher;
mod writer;

pub use artifact::Artifact;
pub use chunk::Num;
pub use clock::compact_time;
pub use error::WatchError;
pub use flatten::{flatten, unflatten};
pub use identity::Identity;
pub use listener::Recorder;
pub use mask::{MASK, is_secret, mask_secrets};
pub use node::Node;
pub use reader::Reader;
pub use run::{Goal, Level, Run, RunSpec};
pub use status::Status;
pub use store::{STORE_FILE, STORE_FOLDER, store_path};
pub use value::{Histogram, Kind, Table, Watched};
pub use watcher::{Health, Watcher};
