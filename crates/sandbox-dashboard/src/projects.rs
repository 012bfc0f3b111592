//! The stores that are shown, by names that are no paths.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use sandbox_watcher::{Reader, WatchError};

/// A store and how it is called in addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Project {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

/// All of them; each has one open reader, which answers one question at a time.
#[derive(Debug)]
pub(crate) struct Projects {
    all: Vec<(Project, Mutex<Option<Reader>>)>,
}

impl Projects {
    pub(crate) fn new(paths: Vec<PathBuf>) -> Self {
        Self { all: paths.into_iter().map(|path| (project(path), Mutex::new(None))).collect() }
    }

    pub(crate) fn list(&self) -> impl Iterator<Item = &Project> {
        self.all.iter().map(|(project, _)| project)
    }

    pub(crate) fn find(&self, id: &str) -> Option<&Project> {
        self.list().find(|project| project.id == id)
    }

    /// Asks the store of a project; `None` when there is no such project.
    pub(crate) fn ask<T>(&self, id: &str, question: impl FnOnce(&Reader) -> Result<T, WatchError>) -> Option<Result<T, WatchError>> {
        let (project, reader) = self.all.iter().find(|(project, _)| project.id == id)?;
        let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
        if reader.is_none() {
            match Reader::open(&project.path) {
                Ok(open) => *reader = Some(open),
                Err(error) => return Some(Err(error)),
            }
        }
        let answer = question(reader.as_ref()?);
        if answer.is_err() {
            // A store that was moved away and made anew is found again.
            *reader = None;
        }
        Some(answer)
    }
}

fn project(path: PathBuf) -> Project {
    let whole = path.canonicalize().unwrap_or_else(|_| path.clone());
    let id = format!("{:08x}", xxhash_rust::xxh3::xxh3_64(whole.as_os_str().as_encoded_bytes()) as u32);
    // The store lies in a hidden folder of the folder that people know.
    let folder = whole.ancestors().skip(1).find(|folder| !is_hidden(folder));
    let name = folder.and_then(Path::file_name).map_or_else(|| "project".to_owned(), |name| name.to_string_lossy().into_owned());
    Project { id, name, path }
}

fn is_hidden(folder: &Path) -> bool {
    folder.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_is_called_by_its_folder() {
        let one = project(PathBuf::from("/data/outputs/demo/.dj-sandbox/runs.db"));
        assert_eq!(one.name, "demo");
        assert_eq!(one.id.len(), 8);
        assert_ne!(one.id, project(PathBuf::from("/data/outputs/other/.dj-sandbox/runs.db")).id);
    }
}
