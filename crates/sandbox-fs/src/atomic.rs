//! Writing that is complete or absent.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::error::FsError;

/// A file that gets its name when it is complete.
///
/// What is written stands in `NAME.partial` beside it. [`commit`](Self::commit) syncs and renames; dropping without it
/// removes the partial file. The name is fixed, so what a killed run left behind is overwritten by the next one; a lock
/// on it keeps two living runs apart.
#[derive(Debug)]
pub struct AtomicFile {
    file: File,
    partial: PathBuf,
    path: PathBuf,
    committed: bool,
}

impl AtomicFile {
    /// Begins the file `path`; its folders are made when missing.
    ///
    /// # Errors
    /// A folder or file that cannot be made; a partial file that another run holds.
    pub fn create(path: impl Into<PathBuf>) -> Result<Self, FsError> {
        let path = path.into();
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            fs::create_dir_all(folder).map_err(FsError::io("make the folder", folder))?;
        }
        if path.is_dir() {
            return Err(FsError::io("write", &path)(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".partial");
        let partial = path.with_file_name(name);
        let file = File::options()
            .create(true)
            .append(false)
            .write(true)
            .truncate(false)
            .open(&partial)
            .map_err(FsError::io("write", &partial))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(FsError::InUse { path }),
            Err(TryLockError::Error(source)) => return Err(FsError::io("lock", &partial)(source)),
        }
        file.set_len(0).map_err(FsError::io("write", &partial))?;
        Ok(Self { file, partial, path, committed: false })
    }

    /// The final name.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Makes the content durable and gives the file its name.
    ///
    /// # Errors
    /// A sync or rename that the system refuses, for example for want of space.
    pub fn commit(self) -> Result<(), FsError> {
        self.file.sync_data().map_err(FsError::io("write", &self.partial))?;
        self.publish()
    }

    /// Gives the file its name without waiting until its content is durable: for what is made again if a power cut takes it.
    ///
    /// # Errors
    /// A rename that the system refuses.
    pub fn publish(mut self) -> Result<(), FsError> {
        fs::rename(&self.partial, &self.path).map_err(FsError::io("write", &self.path))?;
        self.committed = true;
        Ok(())
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if !self.committed {
            // Nothing to report to: the partial name says for itself that the file is not complete.
            let _ = fs::remove_file(&self.partial);
        }
    }
}

/// Writes a whole file at once, complete or not at all.
///
/// # Errors
/// As [`AtomicFile::create`] and [`AtomicFile::commit`].
pub fn write_atomic(path: impl Into<PathBuf>, bytes: &[u8]) -> Result<(), FsError> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes).map_err(FsError::io("write", &file.partial))?;
    file.commit()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_dropped_file_leaves_nothing_and_the_old_content_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        write_atomic(&path, b"old").unwrap();
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(b"new").unwrap();
        drop(file);
        assert_eq!(fs::read(&path).unwrap(), b"old");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn what_a_killed_run_left_is_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        fs::write(folder.path().join("a.json.partial"), b"a long half-written rest").unwrap();
        write_atomic(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
    }

    #[test]
    fn two_writers_of_one_file_are_kept_apart() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.json");
        let _first = AtomicFile::create(&path).unwrap();
        assert!(matches!(AtomicFile::create(&path), Err(FsError::InUse { .. })));
    }
}
