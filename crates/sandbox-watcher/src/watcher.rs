//! A store that is open for writing.

mod remove;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use xxhash_rust::xxh3::xxh3_64;

use crate::clock::{compact_time, wall};
use crate::error::WatchError;
use crate::identity::Identity;
use crate::journal::Journal;
use crate::journal::record::{self, Op};
use crate::reader::Reader;
use crate::run::{Run, RunSpec};
use crate::store::{self, journals};
use crate::writer::{Control, Writer, recover};

/// How long the end of a process may wait for the store. What is not in it by then is in the journal, and goes in at the next opening.
const PATIENCE: Duration = Duration::from_secs(2);

/// A store that is open for writing: one for a process and a project. Cheap to clone.
///
/// Runs are started with [`start_run`](Self::start_run). When the last clone and the last run are gone, what is in the journal is brought into
/// the store, for two seconds at most.
#[derive(Debug, Clone)]
pub struct Watcher {
    inner: Arc<Inner>,
}

#[derive(Debug)]
pub(crate) struct Inner {
    path: PathBuf,
    pub(crate) journal: Arc<Journal>,
    control: Arc<Control>,
    pub(crate) began: Instant,
    next_run: AtomicU64,
    id: String,
}

/// How the store keeps up.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Health {
    /// Records that could not be kept, by reason.
    pub dropped: BTreeMap<String, u64>,
    /// Bytes of records that wait in memory because the disk is slow.
    pub waiting_bytes: usize,
    /// What the database refuses at the moment.
    pub trouble: Option<String>,
}

impl Watcher {
    /// Opens the store at `path`, making it when it is missing and bringing it up to date when it is older.
    ///
    /// What processes that are gone have left in their journals is brought in, a moment later.
    ///
    /// # Errors
    /// A folder or file that cannot be made or written; a store of a newer format; a file that is no store.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, WatchError> {
        let path = path.as_ref();
        let connection = store::open(path)?;
        let identity = Identity::of_this_process();
        let id = new_id(&identity);
        let journal = Arc::new(Journal::create(&journals(path).join(&id))?);
        let control = Arc::new(Control::default());
        let writer =
            Writer { connection, path: path.to_owned(), journal: journal.clone(), control: control.clone(), id: id.clone(), identity };
        let thread = std::thread::Builder::new().name("watch-store".to_owned()).spawn(move || writer.run());
        thread.map_err(WatchError::io("start a thread for", path))?;
        let inner = Inner { path: path.to_owned(), journal, control, began: Instant::now(), next_run: AtomicU64::new(1), id };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Brings into the store what processes that are gone have left in their journals, and gives their number. Opening does that too.
    /// Afterwards the file alone is the store: before, a copy needs SQLite's `-wal` file beside it.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn recover(path: impl AsRef<Path>) -> Result<usize, WatchError> {
        let path = path.as_ref();
        if !path.exists() {
            return Err(WatchError::Missing { path: path.to_owned() });
        }
        let mut connection = store::open(path)?;
        store::prepare(&mut connection, path)?;
        let recovered = recover(&mut connection, path);
        store::complete(&connection);
        Ok(recovered)
    }

    /// Removes runs with their parts and all that is kept of them, and gives how many runs and parts that were.
    ///
    /// # Errors
    /// A run that is not there, or that is still running: then none is removed; a store that cannot be written.
    pub fn remove(path: impl AsRef<Path>, runs: &[String]) -> Result<usize, WatchError> {
        remove::remove(path.as_ref(), runs)
    }

    /// Starts a run.
    pub fn start_run(&self, spec: RunSpec) -> Run {
        self.inner.clone().start_run(spec)
    }

    /// The store's file.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// A reader of the store. It sees what has been committed: [`flush`](Self::flush) first for what was watched just now.
    ///
    /// # Errors
    /// A file that is gone.
    pub fn reader(&self) -> Result<Reader, WatchError> {
        Reader::open(&self.inner.path)
    }

    /// Waits until what was watched so far can be read; false when that takes longer than `limit`.
    pub fn flush(&self, limit: Duration) -> bool {
        let deadline = Instant::now() + limit;
        while self.inner.journal.waiting() > 0 {
            if Instant::now() >= deadline {
                return false;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        self.inner.control.flush(self.inner.journal.end(), deadline.saturating_duration_since(Instant::now()))
    }

    /// How the store keeps up.
    pub fn health(&self) -> Health {
        Health { dropped: self.inner.journal.dropped(), waiting_bytes: self.inner.journal.waiting(), trouble: self.inner.control.trouble() }
    }
}

impl Inner {
    pub(crate) fn start_run(self: Arc<Self>, spec: RunSpec) -> Run {
        let local = self.next_run.fetch_add(1, Ordering::Relaxed);
        let uid = format!("{}.{local}", self.id);
        Run::start(self, local, uid, spec)
    }

    pub(crate) fn op(&self, op: &Op) {
        let mut bytes = Vec::new();
        record::write_op(&mut bytes, op);
        if !bytes.is_empty() {
            self.journal.append(&bytes);
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.control.close(PATIENCE);
    }
}

/// The name of a writer: the time of day and four letters that keep processes of one second apart.
fn new_id(identity: &Identity) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_nanos());
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let seed = format!("{identity:?} {nanos} {count}");
    format!("{}-{:06x}", compact_time(wall()), xxh3_64(seed.as_bytes()) & 0x00ff_ffff)
}
