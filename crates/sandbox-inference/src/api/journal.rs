//! Answers on disk before all of them are there.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// One answer, by the row's number and what was asked.
#[derive(Serialize, Deserialize)]
struct Line<'a> {
    row: u64,
    question: u64,
    #[serde(borrow)]
    answer: std::borrow::Cow<'a, str>,
}

/// A file with a line for each answer; a line that a killed run left unfinished is dropped.
pub(super) struct Journal {
    path: PathBuf,
    file: File,
    kept: HashMap<u64, (u64, String)>,
}

/// What tells questions apart: everything that is sent, and where to.
pub(super) fn question(url: &str, body: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64_with_seed(body, xxhash_rust::xxh3::xxh3_64(url.as_bytes()))
}

impl Journal {
    pub(super) fn open(path: PathBuf) -> io::Result<Self> {
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
        let (mut kept, mut good, mut line) = (HashMap::new(), 0_u64, Vec::new());
        let mut reader = BufReader::new(&file);
        loop {
            line.clear();
            let read = reader.read_until(b'\n', &mut line)?;
            let Some(text) = line.strip_suffix(b"\n") else { break };
            let Ok(entry) = serde_json::from_slice::<Line<'_>>(text) else { break };
            kept.insert(entry.row, (entry.question, entry.answer.into_owned()));
            good += read as u64;
        }
        file.set_len(good)?;
        file.seek(SeekFrom::End(0))?;
        Ok(Self { path, file, kept })
    }

    /// The answer that an earlier run got to the same question.
    pub(super) fn take(&mut self, row: u64, question: u64) -> Option<String> {
        self.kept.remove(&row).filter(|(asked, _)| *asked == question).map(|(_, answer)| answer)
    }

    /// Keeps an answer: in one write, so that a killed process has it or not.
    pub(super) fn push(&mut self, row: u64, question: u64, answer: &str) -> io::Result<()> {
        let mut line = serde_json::to_vec(&Line { row, question, answer: answer.into() })?;
        line.push(b'\n');
        self.file.write_all(&line)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unfinished_line_is_dropped_and_written_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let mut journal = Journal::open(path.clone()).unwrap();
        journal.push(0, 7, "a \"quoted\" \n answer").unwrap();
        journal.file.write_all(b"{\"row\":1,\"question\":8,\"ans").unwrap();
        let mut journal = Journal::open(path.clone()).unwrap();
        assert_eq!(journal.take(0, 7).as_deref(), Some("a \"quoted\" \n answer"));
        assert_eq!(journal.take(1, 8), None);
        journal.push(1, 8, "b").unwrap();
        let mut journal = Journal::open(path).unwrap();
        assert_eq!(journal.take(0, 99), None, "another question");
        assert_eq!(journal.take(1, 8).as_deref(), Some("b"));
    }
}
