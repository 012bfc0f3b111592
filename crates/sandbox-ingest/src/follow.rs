//! A log that is still being written.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

/// How much is read at once.
const CHUNK: usize = 256 << 10;

/// Asks a file for what was added to it. Never waits: who follows asks again after a moment.
#[derive(Debug)]
pub struct FileFollower {
    path: PathBuf,
    file: File,
    position: u64,
    buffer: Vec<u8>,
}

/// What a file has to say.
#[derive(Debug, PartialEq, Eq)]
pub enum Added<'b> {
    /// Bytes that are new.
    Bytes(&'b [u8]),
    /// Nothing for now.
    Nothing,
    /// The file is shorter than it was, or another one has its name: it is read from its beginning.
    Restarted,
}

impl FileFollower {
    /// Begins at the beginning of the file.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn open(path: impl Into<PathBuf>) -> io::Result<Self> {
        let path = path.into();
        let file = File::open(&path)?;
        Ok(Self { path, file, position: 0, buffer: vec![0; CHUNK] })
    }

    /// What has been added since the last time.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn added(&mut self) -> io::Result<Added<'_>> {
        let count = self.file.read(&mut self.buffer)?;
        if count > 0 {
            self.position += count as u64;
            return Ok(Added::Bytes(self.buffer.get(..count).unwrap_or_default()));
        }
        let metadata = self.file.metadata()?;
        if metadata.is_file() && metadata.len() < self.position {
            self.file.seek(SeekFrom::Start(0))?;
            self.position = 0;
            return Ok(Added::Restarted);
        }
        // Logs are rotated: a file that is renamed has been read to its end when a new one has its name.
        if let Ok(named) = std::fs::metadata(&self.path)
            && !is_same(&metadata, &named)
        {
            self.file = File::open(&self.path)?;
            self.position = 0;
            return Ok(Added::Restarted);
        }
        Ok(Added::Nothing)
    }

    /// Whether another process has the file open for writing; `None` where that cannot be told.
    pub fn has_writer(&self) -> Option<bool> {
        writer(&self.path)
    }
}

#[cfg(unix)]
fn is_same(one: &std::fs::Metadata, other: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same(_: &std::fs::Metadata, _: &std::fs::Metadata) -> bool {
    true
}

/// Looks through the open files of all processes that may be looked at. `Some(false)` is certain only for one's own processes,
/// so it counts only after `Some(true)`.
#[cfg(target_os = "linux")]
fn writer(path: &Path) -> Option<bool> {
    use std::os::unix::fs::MetadataExt;
    let wanted = std::fs::metadata(path).ok().map(|file| (file.dev(), file.ino()))?;
    let processes = std::fs::read_dir("/proc").ok()?.flatten();
    let is_process = |name: &std::ffi::OsStr| name.to_str().is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
    for process in processes.filter(|process| is_process(&process.file_name())) {
        let Ok(open) = std::fs::read_dir(process.path().join("fd")) else { continue };
        for descriptor in open.flatten() {
            let Ok(file) = std::fs::metadata(descriptor.path()) else { continue };
            if (file.dev(), file.ino()) == wanted && is_writing(&process.path(), &descriptor.file_name()) {
                return Some(true);
            }
        }
    }
    Some(false)
}

/// The last octal digit of the flags is how the file was opened: 1 to write, 2 to do both.
#[cfg(target_os = "linux")]
fn is_writing(process: &Path, descriptor: &std::ffi::OsStr) -> bool {
    let info = std::fs::read_to_string(process.join("fdinfo").join(descriptor)).unwrap_or_default();
    let flags = info.lines().find_map(|line| line.strip_prefix("flags:"));
    flags.is_some_and(|flags| flags.trim().ends_with(['1', '2']))
}

#[cfg(not(target_os = "linux"))]
fn writer(_: &Path) -> Option<bool> {
    None
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn all(follower: &mut FileFollower) -> Vec<String> {
        let mut said = Vec::new();
        loop {
            match follower.added().unwrap() {
                Added::Bytes(bytes) => said.push(String::from_utf8_lossy(bytes).into_owned()),
                Added::Restarted => said.push("again".to_owned()),
                Added::Nothing => return said,
            }
        }
    }

    #[test]
    fn growth_truncation_and_rotation() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let mut file = File::create(&path).unwrap();
        let mut follower = FileFollower::open(&path).unwrap();
        file.write_all(b"one\n").unwrap();
        assert_eq!(all(&mut follower), ["one\n"]);
        file.write_all(b"two\n").unwrap();
        assert_eq!(all(&mut follower), ["two\n"]);
        file.set_len(0).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        assert_eq!(all(&mut follower), ["again"]);
        file.write_all(b"three\n").unwrap();
        assert_eq!(all(&mut follower), ["three\n"]);
        std::fs::rename(&path, folder.path().join("log.1")).unwrap();
        std::fs::write(&path, "four\n").unwrap();
        assert_eq!(all(&mut follower), ["again", "four\n"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_writer_is_seen_while_it_has_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        let file = File::create(&path).unwrap();
        let follower = FileFollower::open(&path).unwrap();
        assert_eq!(follower.has_writer(), Some(true));
        drop(file);
        assert_eq!(follower.has_writer(), Some(false));
    }
}
