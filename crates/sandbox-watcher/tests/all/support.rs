//! A store in a folder of its own, and this test program as another process.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sandbox_watcher::reader::{History, Range};
use sandbox_watcher::{Reader, Run, RunSpec, Watcher, store_path};
use tempfile::TempDir;

/// Where a child finds its store, and other things that it is told.
const STORE: &str = "DJ_SANDBOX_TEST_STORE";
const WORD: &str = "DJ_SANDBOX_TEST_WORD";

pub struct Store {
    _folder: TempDir,
    pub path: PathBuf,
}

impl Store {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { path: store_path(folder.path()), _folder: folder }
    }

    pub fn open(&self) -> Watcher {
        Watcher::open(&self.path).unwrap()
    }

    pub fn reader(&self) -> Reader {
        Reader::open(&self.path).unwrap()
    }
}

pub fn start(watcher: &Watcher) -> Run {
    watcher.start_run(RunSpec { name: "r".into(), project: "p".into(), experiment: "e".into(), ..RunSpec::default() })
}

#[track_caller]
pub fn flush(watcher: &Watcher) {
    assert!(watcher.flush(Duration::from_secs(20)), "{:?}", watcher.health());
}

/// Every number of a series.
#[track_caller]
pub fn history(reader: &Reader, run: &str, name: &str) -> History {
    reader.history(run, name, &Range::default()).unwrap().unwrap()
}

/// Starts the test `name` of this program, which is ignored unless it is started so, as a process of its own.
pub fn child(name: &str, store: &Path, word: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--ignored", "--nocapture", "--test-threads=1"])
        .env(STORE, store)
        .env(WORD, word)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// What a child was told; nothing when the test was not started as one.
pub fn told() -> Option<(PathBuf, String)> {
    Some((std::env::var_os(STORE)?.into(), std::env::var(WORD).ok()?))
}
