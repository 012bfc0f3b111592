//! A folder with pools, and what is said while they are worked on.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use sandbox_data_pool::{Observer, Paths, Running};
use sandbox_dataset::Reject;
use tempfile::TempDir;

/// A temporary folder with pools in it.
pub struct Folder(TempDir);

impl Folder {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// Writes a file and returns its path.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.0.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, content).unwrap();
        path.display().to_string()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Everything below a folder, hidden files too, sorted.
    pub fn files(&self, name: &str) -> Vec<String> {
        fn below(folder: &Path, root: &Path, found: &mut Vec<String>) {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() { below(&path, root, found) } else { found.push(path.strip_prefix(root).unwrap().display().to_string()) }
            }
        }
        let (root, mut found) = (self.path(name), Vec::new());
        below(&root, &root, &mut found);
        found.sort();
        found
    }

    /// A message without the folder's own path.
    pub fn told(&self, message: impl ToString) -> String {
        message.to_string().replace(&format!("{}/", self.0.path().display()), "")
    }
}

pub fn paths(paths: &[String]) -> Paths {
    paths.iter().cloned().collect()
}

pub fn read(path: impl AsRef<Path>) -> String {
    fs::read_to_string(path).unwrap()
}

/// The lines of a file.
pub fn rows(path: impl AsRef<Path>) -> Vec<String> {
    read(path).lines().map(str::to_owned).collect()
}

/// Keeps what is said.
#[derive(Default)]
pub struct Heard {
    pub words: Mutex<Vec<String>>,
    pub stop: bool,
}

impl Heard {
    pub fn running(&self) -> Running<'_> {
        Running { threads: 2, observer: self }
    }

    pub fn all(&self) -> Vec<String> {
        self.words.lock().unwrap().clone()
    }
}

impl Observer for Heard {
    fn rejected(&self, reject: &Reject) {
        self.words.lock().unwrap().push(format!("rejected {reject}"));
    }

    fn warning(&self, message: &str) {
        self.words.lock().unwrap().push(format!("warning {message}"));
    }

    fn note(&self, message: &str) {
        self.words.lock().unwrap().push(format!("note {message}"));
    }

    fn stop(&self) -> bool {
        self.stop
    }
}
