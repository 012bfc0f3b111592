//! Runs of elsewhere into a store: all of one or nothing, and none twice.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use sandbox_watcher::reader::{RunFilter, RunInfo};
use sandbox_watcher::{Level, Run, RunSpec, Status, WatchError, Watched, Watcher};
use xxhash_rust::xxh3::Xxh3Default;

use crate::error::InteropError;

/// Labels of a run that came from elsewhere: from where, in which format, and with which content.
const SOURCE: &str = "source";
const FORMAT: &str = "source_format";
const DIGEST: &str = "source_digest";

/// Values that may be on their way into the store.
const ON_THE_WAY: u64 = 200_000;
/// How long the store may take to be made, and for these values.
const BEGINNING: Duration = Duration::from_secs(10);
const PATIENCE: Duration = Duration::from_secs(120);

/// Takes runs into a store.
#[derive(Debug)]
pub struct Importer {
    watcher: Watcher,
    /// The project of the runs.
    pub project: String,
    /// Their experiment.
    pub experiment: String,
    /// Whether a run with the same content gives way.
    pub replace: bool,
}

/// A run that comes in. One that is dropped without [`finish`](Self::finish) is taken out again.
#[derive(Debug)]
pub struct Import<'i> {
    importer: &'i Importer,
    what: Incoming,
    run: Option<Run>,
    digest: Option<String>,
    gives_way: Vec<String>,
    values: u64,
    waiting: u64,
    last: Option<i64>,
    dropped: BTreeMap<String, u64>,
    dropped_before: BTreeMap<String, u64>,
    is_live: bool,
}

#[derive(Debug)]
struct Incoming {
    name: String,
    source: String,
    format: &'static str,
}

/// A run that came in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Its name in the store.
    pub run: String,
    /// The name that it was given.
    pub name: String,
    /// Values that came in.
    pub values: u64,
    /// Runs in whose place it is.
    pub replaced: Vec<String>,
    /// What did not come in, by reason.
    pub left_out: BTreeMap<String, u64>,
    /// What is worth knowing, such as a file that is cut off.
    pub notes: Vec<String>,
}

impl Importer {
    /// Opens the store, making it when it is missing.
    ///
    /// # Errors
    /// A store that cannot be made or written; one of a newer format.
    pub fn open(store: &Path) -> Result<Self, InteropError> {
        let watcher = Watcher::open(store)?;
        // A new one is made a moment later, behind our back; what is there already is looked at soon.
        let end = Instant::now() + BEGINNING;
        while let Err(error) = watcher.reader() {
            if !matches!(error, WatchError::Foreign { .. }) || Instant::now() >= end {
                return Err(error.into());
            }
            std::thread::sleep(Duration::from_millis(1));
        }
        Ok(Self { watcher, project: String::new(), experiment: String::new(), replace: false })
    }

    /// The store's file.
    pub fn store(&self) -> &Path {
        self.watcher.path()
    }

    /// Begins a run. With a digest of what comes in, one that is in the store already is refused before anything is read.
    ///
    /// # Errors
    /// What is already there, without [`replace`](Self::replace); a store that cannot be read.
    pub fn begin(&self, name: &str, source: &str, format: &'static str, digest: Option<String>) -> Result<Import<'_>, InteropError> {
        let what = Incoming { name: name.to_owned(), source: source.to_owned(), format };
        let gives_way = digest.as_deref().map_or_else(|| Ok(Vec::new()), |digest| self.same(&what, digest))?;
        Ok(Import {
            importer: self,
            what,
            run: None,
            digest,
            gives_way,
            values: 0,
            waiting: 0,
            last: None,
            dropped: BTreeMap::new(),
            dropped_before: self.watcher.health().dropped,
            is_live: false,
        })
    }

    /// The runs that have this content and give way to what comes in.
    fn same(&self, what: &Incoming, digest: &str) -> Result<Vec<String>, InteropError> {
        let filter = RunFilter { tags: vec![(DIGEST.to_owned(), digest.to_owned())], levels: Level::ALL.to_vec(), ..RunFilter::default() };
        let there: Vec<RunInfo> = self.watcher.reader()?.runs(&filter)?;
        // What did not come to its end is no copy.
        let is_whole = |run: &&RunInfo| !matches!(run.status, Status::Aborted | Status::Crashed);
        if let Some(run) = there.iter().find(is_whole).filter(|_| !self.replace) {
            return Err(InteropError::Known { name: what.source.clone(), run: run.uid.clone() });
        }
        if let Some(run) = there.iter().find(|run| run.status == Status::Running) {
            return Err(WatchError::StillRunning { run: run.uid.clone() }.into());
        }
        Ok(there.into_iter().map(|run| run.uid).collect())
    }
}

impl Import<'_> {
    /// What comes in is as new as its writing: rows without a time are of now, and they may be read at once.
    pub fn live(mut self) -> Self {
        self.is_live = true;
        self
    }

    /// The run's name in the store, once there is something in it.
    pub fn run(&self) -> Option<&str> {
        self.run.as_ref().map(Run::uid)
    }

    /// Takes one row: what was measured together.
    ///
    /// # Errors
    /// A store that does not take what has come so far.
    pub fn row<'v>(
        &mut self,
        step: Option<i64>,
        time: Option<i64>,
        values: impl IntoIterator<Item = (&'v str, Watched)>,
    ) -> Result<(), InteropError> {
        let run = self.run.get_or_insert_with(|| started(self.importer, &self.what, time));
        let mut count = 0;
        run.watch_row(step, time, values.into_iter().inspect(|_| count += 1));
        self.last = self.last.max(time);
        self.values += count;
        self.waiting += count;
        if self.waiting >= ON_THE_WAY {
            self.settle()?;
        }
        Ok(())
    }

    /// Counts what has no place in a run.
    pub fn leave_out(&mut self, reason: &str, count: u64) {
        if count > 0 {
            *self.dropped.entry(reason.to_owned()).or_default() += count;
        }
    }

    /// Waits until what has come so far is in the store.
    fn settle(&mut self) -> Result<(), InteropError> {
        self.waiting = 0;
        if self.importer.watcher.flush(PATIENCE) {
            return Ok(());
        }
        let reason = self.importer.watcher.health().trouble.unwrap_or_else(|| format!("it has not been written for {PATIENCE:?}"));
        Err(InteropError::NotTaken { reason })
    }

    /// Ends the run. Now the runs are removed in whose place it is. `digest` is that of the content, where it is known only now.
    ///
    /// # Errors
    /// A store that does not take it; content that is there already: then the run is taken out again.
    pub fn finish(mut self, digest: Option<String>) -> Result<Imported, InteropError> {
        if let Some(digest) = digest.filter(|_| self.digest.is_none()) {
            self.gives_way = self.importer.same(&self.what, &digest)?;
            self.digest = Some(digest);
        }
        let run = self.run.get_or_insert_with(|| started(self.importer, &self.what, None));
        let uid = run.uid().to_owned();
        run.tag(self.digest.iter().map(|digest| (DIGEST, digest.as_str())));
        match self.last {
            Some(last) if !self.is_live => run.finish_at(Status::Done, last),
            _ => run.finish(Status::Done),
        }
        self.settle()?;
        for (reason, count) in self.importer.watcher.health().dropped {
            let before = self.dropped_before.get(&reason).copied().unwrap_or(0);
            self.leave_out(&reason, count.saturating_sub(before));
        }
        let replaced = std::mem::take(&mut self.gives_way);
        if !replaced.is_empty() {
            Watcher::remove(self.importer.store(), &replaced)?;
        }
        self.run = None;
        Ok(Imported {
            run: uid,
            name: self.what.name.clone(),
            values: self.values,
            replaced,
            left_out: std::mem::take(&mut self.dropped),
            notes: Vec::new(),
        })
    }
}

impl Drop for Import<'_> {
    fn drop(&mut self) {
        let Some(run) = self.run.take() else { return };
        run.finish(Status::Aborted);
        // What cannot be removed now says by its status that it is not whole, and gives way to the next one.
        if self.importer.watcher.flush(PATIENCE) {
            let _ = Watcher::remove(self.importer.store(), &[run.uid().to_owned()]);
        }
    }
}

fn started(importer: &Importer, what: &Incoming, time: Option<i64>) -> Run {
    let spec = RunSpec {
        name: what.name.clone(),
        project: importer.project.clone(),
        experiment: importer.experiment.clone(),
        started: time,
        ..RunSpec::default()
    };
    let run = importer.watcher.start_run(spec);
    run.tag([(SOURCE, what.source.as_str()), (FORMAT, what.format)]);
    run
}

/// A digest of content, by which it is known again.
#[derive(Clone, Default)]
pub struct Digest(Xxh3Default);

impl std::fmt::Debug for Digest {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Digest")
    }
}

impl Digest {
    /// Takes more of the content.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// The digest of all of it: XXH3 with 128 bits, in hexadecimal.
    pub fn finish(&self) -> String {
        format!("{:032x}", self.0.digest128())
    }
}

/// The digest of files, one after the other.
///
/// # Errors
/// A file that cannot be read.
pub fn digest_of_files(paths: &[PathBuf]) -> Result<String, InteropError> {
    let mut digest = Digest::default();
    let mut buffer = vec![0; 256 << 10];
    for path in paths {
        let mut file = File::open(path).map_err(InteropError::io("read", path))?;
        loop {
            let count = file.read(&mut buffer).map_err(InteropError::io("read", path))?;
            if count == 0 {
                break;
            }
            digest.update(buffer.get(..count).unwrap_or_default());
        }
        // Where one ends matters too.
        let length = file.stream_position().map_err(InteropError::io("read", path))?;
        if paths.len() > 1 {
            digest.update(&length.to_le_bytes());
        }
    }
    Ok(digest.finish())
}
