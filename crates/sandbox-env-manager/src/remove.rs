//! How an environment goes.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use sandbox_fs::FsError;

use crate::backend::Backend;
use crate::env::Status;
use crate::error::EnvError;
use crate::index;
use crate::inspect::inspect;
use crate::lifecycle::end_strays;
use crate::state::{Marker, Phase, beside};

/// See [`Env::remove`](crate::Env::remove).
pub(crate) async fn remove<B: Backend + ?Sized>(backend: &B, force: bool) -> Result<bool, EnvError> {
    let core = backend.core();
    let prefix = &core.prefix;
    // What it was asked for does not matter here, and its file may be gone.
    let asked = crate::EnvSpec { file: None, ..core.spec.clone() }.written()?;
    let is_there = prefix.symlink_metadata().is_ok() || beside(prefix, ".state").exists();
    if !is_there {
        index::remove(&core.host, prefix);
        return Ok(false);
    }
    let found = inspect(core, &asked, false).await?;
    if !found.is_ours && !force {
        let what = found.status.detail();
        return Err(EnvError::Foreign { prefix: prefix.clone(), what });
    }
    let lock = core.lock(&beside(prefix, ".lock")).await?;
    let found = inspect(core, &asked, true).await?;
    if !found.is_ours && !force {
        return Err(EnvError::Foreign { prefix: prefix.clone(), what: found.status.detail() });
    }
    end_strays(found.marker.as_ref()).await;
    if let Some(mut marker) = found.marker {
        marker.phase = Phase::Removing;
        marker.pid = std::process::id();
        sandbox_process::tree_mark().clone_into(&mut marker.host_mark);
        marker.write(prefix)?;
    }
    clear(prefix).await?;
    Marker::remove(prefix)?;
    index::remove(&core.host, prefix);
    backend.forget();
    // Held while it loses its name: who waits for it sees that and takes the new one.
    let _ = fs::remove_file(beside(prefix, ".lock"));
    drop(lock);
    Ok(found.status != Status::Absent)
}

/// Removes whatever stands at `prefix`; of a link, the link.
pub(crate) async fn clear(prefix: &Path) -> Result<(), EnvError> {
    let path = prefix.to_owned();
    let removed = tokio::task::spawn_blocking(move || {
        let result = remove_all(&path);
        result.map_err(FsError::io("remove", &path))
    });
    Ok(removed.await.map_err(|error| FsError::io("remove", prefix)(io::Error::other(error)))??)
}

fn remove_all(path: &Path) -> io::Result<()> {
    let gone = |result: io::Result<()>| match result {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    };
    let Ok(metadata) = path.symlink_metadata() else { return Ok(()) };
    if !metadata.is_dir() {
        return gone(fs::remove_file(path));
    }
    match gone(fs::remove_dir_all(path)) {
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            // Folders that their owner may not write, as some packages have them.
            open_folders(path);
            gone(fs::remove_dir_all(path))
        }
        // A process that is just ending may have written once more.
        Err(error) if error.kind() == io::ErrorKind::DirectoryNotEmpty => gone(fs::remove_dir_all(path)),
        other => other,
    }
}

fn open_folders(folder: &Path) {
    let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o700));
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            open_folders(&entry.path());
        }
    }
}
