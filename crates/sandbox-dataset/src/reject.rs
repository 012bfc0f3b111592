//! Rows set aside: counted, with their place and the reason, and kept so that people can repair them.

use std::borrow::Cow;
use std::fmt;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sandbox_fs::AtomicFile;
use serde::Serialize;

use crate::error::DatasetError;

/// How many bytes of a rejected row are kept.
const EXCERPT: usize = 4096;

/// A row that was set aside. Displays as `path:line: reason`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    /// The file in which the row stands.
    pub file: Arc<Path>,
    /// The line at which it begins, from 1.
    pub line: u64,
    /// Why, in a few words.
    pub reason: String,
    /// The first 4 KiB of the row's bytes as they stand in the file.
    pub bytes_excerpt: Vec<u8>,
}

impl Reject {
    /// A reject of a row with these bytes, of which the first 4 KiB are kept.
    pub fn new(file: &Arc<Path>, line: u64, reason: impl fmt::Display, bytes: &[u8]) -> Self {
        let bytes_excerpt = bytes[..bytes.len().min(EXCERPT)].to_vec();
        Self { file: Arc::clone(file), line, reason: reason.to_string(), bytes_excerpt }
    }
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}", self.file.display(), self.line, self.reason)
    }
}

/// A file of rejects, one JSON object per line: `{"file", "line", "reason", "row"}`.
///
/// It is made at the first reject and gets its name in [`finish`](Self::finish); where there is no reject, there is no file.
#[derive(Debug)]
pub struct RejectLog {
    path: PathBuf,
    file: Option<BufWriter<AtomicFile>>,
    count: u64,
}

#[derive(Serialize)]
struct Line<'a> {
    file: Cow<'a, str>,
    line: u64,
    reason: &'a str,
    row: Cow<'a, str>,
}

impl RejectLog {
    /// A log that will stand at `path`. Nothing is touched yet.
    pub fn create(path: &Path) -> Self {
        Self { path: path.to_owned(), file: None, count: 0 }
    }

    /// Notes one row. What is not UTF-8 in it is written as replacement characters.
    ///
    /// # Errors
    /// A file that cannot be made or written.
    pub fn push(&mut self, reject: &Reject) -> Result<(), DatasetError> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(BufWriter::with_capacity(1 << 16, AtomicFile::create(&self.path)?)),
        };
        let line = Line {
            file: reject.file.to_string_lossy(),
            line: reject.line,
            reason: &reject.reason,
            row: String::from_utf8_lossy(&reject.bytes_excerpt),
        };
        serde_json::to_writer(&mut *file, &line)
            .map_err(io::Error::from)
            .and_then(|()| file.write_all(b"\n"))
            .map_err(DatasetError::write(&self.path))?;
        self.count += 1;
        Ok(())
    }

    /// How many rows were noted.
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Gives the file its name and returns the number of rejects. Without any, a file that an earlier run left is removed.
    ///
    /// # Errors
    /// A file that cannot be written, renamed or removed.
    pub fn finish(self) -> Result<u64, DatasetError> {
        match self.file {
            Some(file) => {
                let file = file.into_inner().map_err(|error| DatasetError::write(&self.path)(error.into_error()))?;
                file.commit()?;
            }
            None => match fs::remove_file(&self.path) {
                Err(error) if !matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                    return Err(DatasetError::write(&self.path)(error));
                }
                _ => {}
            },
        }
        Ok(self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reject_is_kept_with_its_place_and_text() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejected.jsonl");
        let mut log = RejectLog::create(&path);
        let file: Arc<Path> = Path::new("data.jsonl").into();
        let reject = Reject::new(&file, 381, "field `text` is a number", b"{\"text\": 7, \"x\": \"\xff\"}");
        assert_eq!(reject.to_string(), "data.jsonl:381: field `text` is a number");
        log.push(&reject).unwrap();
        log.push(&Reject::new(&file, 400, "too long", &[b'a'; 10_000])).unwrap();
        assert_eq!((log.count(), path.exists()), (2, false));
        assert_eq!(log.finish().unwrap(), 2);
        let text = fs::read_to_string(&path).unwrap();
        let first: serde_json::Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
        let expected = serde_json::json!({"file": "data.jsonl", "line": 381, "reason": "field `text` is a number", "row": "{\"text\": 7, \"x\": \"\u{fffd}\"}"});
        assert_eq!(first, expected);
        assert!(text.len() < 4096 + 400);
    }

    #[test]
    fn without_rejects_there_is_no_file_and_a_stale_one_goes() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rejected.jsonl");
        assert_eq!(RejectLog::create(&path).finish().unwrap(), 0);
        fs::write(&path, "old").unwrap();
        assert_eq!(RejectLog::create(&path).finish().unwrap(), 0);
        assert!(!path.exists());
        assert_eq!(RejectLog::create(&folder.path().join("no/folder/x")).finish().unwrap(), 0);
    }
}
