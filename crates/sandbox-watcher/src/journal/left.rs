//! Journals that processes have left behind.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use sandbox_fs::FolderLock;

use super::{Place, frame};
use crate::error::WatchError;

/// A journal whose process is gone, locked by us.
#[derive(Debug)]
pub(crate) struct Left {
    /// The writer's name.
    pub(crate) writer: String,
    folder: PathBuf,
    /// Segments with their numbers, in order.
    segments: Vec<(u64, PathBuf)>,
    _lock: FolderLock,
}

/// All journals below `folder` that no living process holds.
pub(crate) fn all(folder: &Path) -> Result<Vec<Left>, WatchError> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(WatchError::io("read", folder)(error)),
    };
    let mut found = Vec::new();
    for entry in entries.filter_map(Result::ok).filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())) {
        let folder = entry.path();
        // Who holds it lives, or is just looking at it as we do.
        let Ok(lock) = FolderLock::take(&folder) else { continue };
        let writer = entry.file_name().to_string_lossy().into_owned();
        let segments = segments(&folder)?;
        found.push(Left { writer, folder, segments, _lock: lock });
    }
    found.sort_by(|one, other| one.writer.cmp(&other.writer));
    Ok(found)
}

fn segments(folder: &Path) -> Result<Vec<(u64, PathBuf)>, WatchError> {
    let mut segments = Vec::new();
    for entry in fs::read_dir(folder).map_err(WatchError::io("read", folder))?.filter_map(Result::ok) {
        let path = entry.path();
        if path.extension().is_none_or(|extension| extension != "segment") {
            continue;
        }
        let mut head = [0; frame::HEAD];
        let read = fs::File::open(&path).and_then(|mut file| file.read_exact(&mut head));
        if let (Ok(()), Some(number)) = (read, frame::number(&head)) {
            segments.push((number, path));
        }
    }
    segments.sort();
    Ok(segments)
}

impl Left {
    /// Hands every whole record behind `from` to `apply`, segment by segment, with the place after them.
    pub(crate) fn read(&self, from: Place, mut apply: impl FnMut(&[&[u8]], Place) -> Result<(), WatchError>) -> Result<(), WatchError> {
        for (number, path) in self.segments.iter().filter(|(number, _)| *number >= from.segment) {
            let bytes = fs::read(path).map_err(WatchError::io("read", path))?;
            let mut at = if *number == from.segment { usize::try_from(from.byte).unwrap_or(usize::MAX) } else { frame::HEAD };
            let mut records = Vec::new();
            while let Some((record, next)) = frame::read(&bytes, at, *number) {
                records.push(record);
                at = next;
            }
            apply(&records, Place { segment: *number, byte: at as u64 })?;
        }
        Ok(())
    }

    /// Removes it: all of it is in the store.
    pub(crate) fn remove(self) -> Result<(), WatchError> {
        fs::remove_dir_all(&self.folder).map_err(WatchError::io("remove", &self.folder))
    }
}
