//! One process at a time: for an environment, and for a package cache of the conda family.
//!
//! `flock` is freed by the kernel with the process, however that ends. Network file systems may not know it; there, keep
//! environments and package caches on a local disk.

use std::fs::{File, TryLockError};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::time::{Duration, Instant};

use sandbox_fs::FsError;

/// Between two tries, from the first to the longest wait.
const FIRST: Duration = Duration::from_millis(2);
const LONGEST: Duration = Duration::from_millis(50);

/// A lock that is held until the value is dropped.
#[derive(Debug)]
pub(crate) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the lock on `path`, made when missing; its folder is made too. Waits for `patience`, without end when there is none.
    ///
    /// # Errors
    /// [`FsError::InUse`] when patience ends; a file that cannot be made.
    pub async fn take(path: &Path, patience: Option<Duration>) -> Result<Self, FsError> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(FsError::io("make the folder", folder))?;
        }
        let (start, mut pause) = (Instant::now(), FIRST);
        loop {
            let file = File::options().create(true).write(true).truncate(false).open(path).map_err(FsError::io("lock", path))?;
            match file.try_lock() {
                // Who removes an environment removes its lock: what was locked may have lost its name meanwhile.
                Ok(()) if is_same(&file, path) => return Ok(Self { _file: file }),
                Ok(()) => continue,
                Err(TryLockError::WouldBlock) => {}
                Err(TryLockError::Error(source)) => return Err(FsError::io("lock", path)(source)),
            }
            if patience.is_some_and(|patience| start.elapsed() >= patience) {
                return Err(FsError::InUse { path: path.to_owned() });
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST);
        }
    }
}

/// Whether somebody holds the lock now.
pub(crate) fn is_held(path: &Path) -> bool {
    let Ok(file) = File::open(path) else { return false };
    matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock))
}

fn is_same(file: &File, path: &Path) -> bool {
    let (Ok(held), Ok(named)) = (file.metadata(), path.metadata()) else { return false };
    (held.dev(), held.ino()) == (named.dev(), named.ino())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_held_lock_is_seen_and_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("new/.e.lock");
        let held = Lock::take(&path, None).await.unwrap();
        assert!(is_held(&path));
        assert!(matches!(Lock::take(&path, Some(Duration::from_millis(20))).await, Err(FsError::InUse { .. })));
        let waiting = tokio::spawn({
            let path = path.clone();
            async move { Lock::take(&path, None).await.map(|_| ()) }
        });
        tokio::time::sleep(Duration::from_millis(30)).await;
        // Removed while held, as `rm` does: who waits must not end up with a lock on a file without a name.
        std::fs::remove_file(&path).unwrap();
        drop(held);
        waiting.await.unwrap().unwrap();
        assert!(path.exists() && !is_held(&path));
    }
}
