//! All files below a folder.

use std::collections::HashSet;
use std::fs;
use std::path::{Path, PathBuf};

use crate::error::DatasetError;

/// All files below a folder, sorted by path, without those whose name or folder begins with a dot. Links are followed, each folder is
/// visited once.
pub(super) fn files_below(folder: &Path) -> Result<Vec<PathBuf>, DatasetError> {
    let mut files = Vec::new();
    descend(folder, &mut HashSet::new(), &mut files)?;
    files.sort();
    Ok(files)
}

fn descend(folder: &Path, visited: &mut HashSet<PathBuf>, files: &mut Vec<PathBuf>) -> Result<(), DatasetError> {
    if !visited.insert(folder.canonicalize().map_err(DatasetError::read(folder))?) {
        return Ok(());
    }
    let mut entries = Vec::new();
    for entry in fs::read_dir(folder).map_err(DatasetError::read(folder))? {
        let entry = entry.map_err(DatasetError::read(folder))?;
        if !entry.file_name().as_encoded_bytes().starts_with(b".") {
            entries.push(entry.path());
        }
    }
    entries.sort();
    for path in entries {
        if path.is_dir() {
            descend(&path, visited, files)?;
        } else if path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}
