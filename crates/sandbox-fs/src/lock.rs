//! One run per folder.

use std::fs::{self, File, TryLockError};
use std::path::Path;

use crate::error::FsError;

/// A folder that this process alone works in, until the value is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct FolderLock {
    _file: File,
}

impl FolderLock {
    /// Takes the folder, making it when missing. The lock stands on the file `.lock` in it.
    ///
    /// # Errors
    /// [`FsError::InUse`] while another process has it; a folder that cannot be made or written.
    pub fn take(folder: &Path) -> Result<Self, FsError> {
        fs::create_dir_all(folder).map_err(FsError::io("make the folder", folder))?;
        let path = folder.join(".lock");
        let file = File::options().create(true).write(true).truncate(false).open(&path).map_err(FsError::io("lock", &path))?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(FsError::InUse { path: folder.to_owned() }),
            Err(TryLockError::Error(source)) => Err(FsError::io("lock", &path)(source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_folder_is_refused_until_it_is_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let first = FolderLock::take(folder.path()).unwrap();
        assert!(matches!(FolderLock::take(folder.path()), Err(FsError::InUse { .. })));
        drop(first);
        FolderLock::take(folder.path()).unwrap();
    }
}
