//! Which file a program's name means.

use std::ffi::OsStr;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::error::ProcessError;

/// The file that `program` means: a path from `folder` on, or a name that is looked for in the folders of `path`.
///
/// # Errors
/// [`ProcessError::NotFound`] and [`ProcessError::NotExecutable`].
pub fn find_program(program: &OsStr, path: Option<&OsStr>, folder: &Path) -> Result<PathBuf, ProcessError> {
    let missing = |searched| ProcessError::NotFound { program: program.to_string_lossy().into_owned(), searched };
    if program.is_empty() {
        return Err(missing(Vec::new()));
    }
    if program.as_encoded_bytes().contains(&b'/') {
        let file = folder.join(program);
        return match file.metadata() {
            Err(_) => Err(missing(Vec::new())),
            Ok(_) if !is_executable(&file) => Err(ProcessError::NotExecutable { path: file }),
            Ok(_) => Ok(file),
        };
    }
    let searched: Vec<PathBuf> = path.map(|path| std::env::split_paths(path).map(|entry| folder.join(entry)).collect()).unwrap_or_default();
    let files = searched.iter().map(|entry| entry.join(program)).filter(|file| file.is_file());
    let mut refused = None;
    for file in files {
        if is_executable(&file) {
            return Ok(file);
        }
        refused.get_or_insert(file);
    }
    Err(refused.map_or_else(|| missing(searched), |path| ProcessError::NotExecutable { path }))
}

/// Every executable file of this name in the folders of `path`, in their order.
pub fn candidates(name: &str, path: Option<&OsStr>) -> Vec<PathBuf> {
    let folders = path.map(|path| std::env::split_paths(path).collect::<Vec<_>>()).unwrap_or_default();
    folders.iter().filter(|folder| folder.is_absolute()).map(|folder| folder.join(name)).filter(|file| is_executable(file)).collect()
}

fn is_executable(file: &Path) -> bool {
    file.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}
