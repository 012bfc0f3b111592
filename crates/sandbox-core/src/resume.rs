//! The state of a run on disk, complete after every job.
//!
//! `WORK_DIR/.dj-sandbox/state.json` holds one record per finished job. It is written before the context infos: a run
//! killed between the two loses nothing, because the context infos are made from the records.

use std::path::{Path, PathBuf};

use sandbox_fs::{FolderLock, FsError, write_atomic};
use serde::{Deserialize, Serialize};

use crate::context;
use crate::error::RunError;
use crate::event::JobName;
use crate::hook::JobList;
use crate::record::{Record, overlap};

/// Changes whenever an older state cannot be read or does not mean the same any more.
const FORMAT: u32 = 1;

#[derive(Serialize)]
struct StateRef<'s> {
    format: u32,
    records: Vec<&'s Record>,
}

#[derive(Deserialize)]
struct State {
    records: Vec<Record>,
}

#[derive(Deserialize)]
struct Header {
    format: u32,
}

/// The records of this run, and those of the run that it goes on from.
#[derive(Debug)]
pub(crate) struct Ledger {
    work_dir: PathBuf,
    /// The finished jobs of this run, in order: run or taken over.
    pub(crate) done: Vec<Record>,
    /// The recorded jobs of the earlier run; a job that has been reached is taken out.
    old: Vec<Option<Record>>,
    /// Where the records begin that no job of this run has reached.
    reached: usize,
    /// What jobs of this run have written anew.
    written: Vec<PathBuf>,
    _lock: FolderLock,
}

/// The earlier run's record of a job, and its position among the others.
#[derive(Debug, Clone)]
pub(crate) struct Earlier {
    pub(crate) record: Record,
    position: usize,
}

impl Ledger {
    /// Takes the work dir; with `resume`, takes up what is recorded there. The second value says why nothing could be.
    pub(crate) fn open(work_dir: &Path, resume: bool) -> Result<(Self, Option<String>), RunError> {
        let lock = FolderLock::take(&folder(work_dir)).map_err(|error| match error {
            FsError::InUse { .. } => RunError::InUse(work_dir.to_owned()),
            other => other.into(),
        })?;
        let (records, warning) = if resume { read(&state_file(work_dir)) } else { (Vec::new(), None) };
        let old = records.into_iter().map(Some).collect();
        let ledger = Self { work_dir: work_dir.to_owned(), done: Vec::new(), old, reached: 0, written: Vec::new(), _lock: lock };
        Ok((ledger, warning))
    }

    /// Takes out the earlier record of a job.
    pub(crate) fn take(&mut self, name: &JobName, list: JobList) -> Option<Earlier> {
        let position = self.old.iter().position(|record| record.as_ref().is_some_and(|record| record.is_of(name, list)))?;
        self.reached = self.reached.max(position + 1);
        let record = self.old[position].take()?;
        Some(Earlier { record, position })
    }

    /// Whether a path may differ from its stamp in an earlier record, because a later recorded job wrote it again.
    pub(crate) fn excuses(&self, earlier: &Earlier, path: &Path) -> bool {
        let later = self.old.iter().skip(earlier.position + 1).flatten();
        later.into_iter().any(|record| record.wrote(path)) && !self.written.iter().any(|written| overlap(written, path))
    }

    /// Adds a job that has just run.
    pub(crate) fn ran(&mut self, record: Record) {
        self.written.extend(record.files.iter().map(|file| file.path.clone()));
        self.done.push(record);
    }

    /// Adds a job whose earlier record holds.
    pub(crate) fn skipped(&mut self, record: Record) {
        self.done.push(record);
    }

    /// Forgets what no job of the finished run has reached.
    pub(crate) fn forget_the_rest(&mut self) {
        self.old.clear();
    }

    /// The writing of state and context infos, to be run where blocking is allowed.
    pub(crate) fn save(&self) -> impl FnOnce() -> Result<PathBuf, FsError> + Send + 'static {
        let rest = self.old.iter().skip(self.reached).flatten();
        let state = StateRef { format: FORMAT, records: self.done.iter().chain(rest).collect() };
        let state = serde_json::to_vec(&state);
        let infos = context::to_json(self.done.iter().map(|record| context::Entry {
            iteration: record.iteration,
            pipeline: &record.pipeline,
            meta_name: &record.meta_name,
            outputs: &record.outputs,
        }));
        let work_dir = self.work_dir.clone();
        move || {
            let path = state_file(&work_dir);
            // A path that is not UTF-8 has no form in JSON.
            let state = state.map_err(|error| FsError::io("write", &path)(error.into()))?;
            write_atomic(path, &state)?;
            context::write(&work_dir, &infos)
        }
    }
}

/// The records of the last run in a work dir; none when they cannot be read.
pub(crate) fn records(work_dir: &Path) -> Vec<Record> {
    read(&state_file(work_dir)).0
}

/// The records of a state file; none and a warning when there is a file that does not hold them.
fn read(path: &Path) -> (Vec<Record>, Option<String>) {
    let text = match std::fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return (Vec::new(), None),
        Err(error) => return (Vec::new(), Some(format!("Failed to read `{}`: {error}; starting over", path.display()))),
    };
    let broken = |reason: String| (Vec::new(), Some(format!("`{}` cannot be taken up: {reason}; starting over", path.display())));
    match serde_json::from_slice::<Header>(&text) {
        Err(error) => broken(error.to_string()),
        Ok(header) if header.format != FORMAT => broken(format!("it is of version {}, this program writes {FORMAT}", header.format)),
        Ok(_) => match serde_json::from_slice::<State>(&text) {
            Err(error) => broken(error.to_string()),
            Ok(state) => (state.records, None),
        },
    }
}

fn folder(work_dir: &Path) -> PathBuf {
    work_dir.join(".dj-sandbox")
}

fn state_file(work_dir: &Path) -> PathBuf {
    folder(work_dir).join("state.json")
}
