//! Telling whether a file is still the one it was.

use std::fs::{self, File};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::Xxh3;

use crate::error::FsError;

/// Files up to this size are compared by their whole content; larger ones by time and size, with samples in the digest.
const WHOLE: u64 = 256 << 20;
const BLOCK: u64 = 4 << 20;

/// What a file (or a folder's files) was at a moment: enough to see later whether it changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStamp {
    /// The file or folder.
    pub path: PathBuf,
    /// Bytes in all.
    pub bytes: u64,
    /// Time of the last change, in nanoseconds since 1970: when it and the size are the same, the content is not read again.
    pub modified: u64,
    /// XXH3 of the content, in hexadecimal.
    pub digest: String,
}

impl FileStamp {
    /// The stamp of what stands at `path` now; `None` when nothing does.
    ///
    /// # Errors
    /// A file that is there but cannot be read.
    pub fn take(path: &Path) -> Result<Option<Self>, FsError> {
        let files = files_under(path)?;
        if files.is_empty() && !path.exists() {
            return Ok(None);
        }
        let mut hash = Xxh3::new();
        for file in &files {
            if file != path {
                hash.update(file.strip_prefix(path).unwrap_or(file).as_os_str().as_encoded_bytes());
            }
            hash_file(file, &mut hash).map_err(FsError::io("read", file))?;
        }
        let (bytes, modified) = quick(&files)?;
        Ok(Some(Self { path: path.to_owned(), bytes, modified, digest: format!("{:032x}", hash.digest128()) }))
    }

    /// Whether the content is still this. Size and time decide when both are unchanged, else the content is read.
    ///
    /// # Errors
    /// A file that is there but cannot be read.
    pub fn is_current(&self) -> Result<bool, FsError> {
        let files = files_under(&self.path)?;
        if files.is_empty() && !self.path.exists() {
            return Ok(false);
        }
        let (bytes, modified) = quick(&files)?;
        if bytes != self.bytes {
            return Ok(false);
        }
        if modified == self.modified {
            return Ok(true);
        }
        // Of a large file only samples were read: they cannot say that nothing else changed.
        let is_whole = self.bytes <= WHOLE;
        Ok(is_whole && Self::take(&self.path)?.is_some_and(|now| now.digest == self.digest))
    }
}

fn files_under(path: &Path) -> Result<Vec<PathBuf>, FsError> {
    if !path.is_dir() {
        return Ok(path.exists().then(|| path.to_owned()).into_iter().collect());
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).map_err(FsError::io("read", path))? {
        let entry = entry.map_err(FsError::io("read", path))?;
        files.extend(files_under(&entry.path())?);
    }
    files.sort();
    Ok(files)
}

fn quick(files: &[PathBuf]) -> Result<(u64, u64), FsError> {
    let (mut bytes, mut modified) = (0, 0);
    for file in files {
        let metadata = fs::metadata(file).map_err(FsError::io("read", file))?;
        bytes += metadata.len();
        let time = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        modified = modified.max(time.map_or(0, |time| u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)));
    }
    Ok((bytes, modified))
}

fn hash_file(path: &Path, hash: &mut Xxh3) -> std::io::Result<()> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    hash.update(&size.to_le_bytes());
    let blocks = if size <= WHOLE { vec![(0, size)] } else { vec![(0, BLOCK), (size / 2, BLOCK), (size - BLOCK, BLOCK)] };
    let mut buffer = vec![0; 1 << 18];
    for (start, length) in blocks {
        file.seek(SeekFrom::Start(start))?;
        let mut block = (&mut file).take(length);
        loop {
            let read = block.read(&mut buffer)?;
            if read == 0 {
                break;
            }
            hash.update(&buffer[..read]);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rewritten_file_with_the_same_content_is_current() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        fs::write(&path, b"one").unwrap();
        let stamp = FileStamp::take(&path).unwrap().unwrap();
        fs::write(&path, b"one").unwrap();
        assert!(stamp.is_current().unwrap());
        fs::write(&path, b"two").unwrap();
        File::options().write(true).open(&path).unwrap().set_modified(UNIX_EPOCH).unwrap();
        assert!(!stamp.is_current().unwrap());
        fs::remove_file(&path).unwrap();
        assert!(!stamp.is_current().unwrap());
        assert_eq!(FileStamp::take(&path).unwrap(), None);
    }

    #[test]
    fn a_folder_is_stamped_with_all_its_files() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), b"one").unwrap();
        let stamp = FileStamp::take(folder.path()).unwrap().unwrap();
        fs::write(folder.path().join("b"), b"two").unwrap();
        assert!(!stamp.is_current().unwrap());
    }
}
