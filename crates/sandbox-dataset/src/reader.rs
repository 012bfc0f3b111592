//! Files to chunks of rows, in bounded memory.
//!
//! | file | rows |
//! | --- | --- |
//! | `.jsonl` | one per line, LF or CRLF; blank lines are skipped |
//! | `.json` that begins with `[` | the elements of the one array |
//! | `.json` whose first line ends within a value | objects one after the other, over as many lines as they like |
//! | any other `.json` | one per line |
//!
//! Each may be packed as `.gz` (also of several members) or `.zst` (also of several frames). A byte order mark at the start is skipped. A row
//! that spans lines is handed out as one line: white space outside its strings is taken out.

mod buffer;
mod chunk;
mod input;
mod json;
mod lines;
mod scan;

use std::collections::VecDeque;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::DatasetError;
use crate::format::{self, OutputFormat};

use buffer::Buffer;
pub use chunk::{Chunk, RawRow};
use input::Input;
use json::Opened;
use lines::LineFramer;

/// How much is held in memory at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadOptions {
    /// Bytes of rows in one chunk, about: a chunk ends with a whole row. 1 MiB unless told.
    pub chunk_bytes: usize,
    /// Rows with more bytes than this are rejected without being held. 128 MiB unless told.
    pub max_row_bytes: usize,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { chunk_bytes: 1 << 20, max_row_bytes: 128 << 20 }
    }
}

/// How far a reading is, in bytes on disk (so of packed files, packed bytes).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Bytes taken from the files so far.
    pub bytes_read: u64,
    /// The size of all files when the reader was opened.
    pub bytes_total: u64,
}

/// [`Reader::progress`] for another thread.
#[derive(Debug, Clone)]
pub struct ProgressHandle {
    read: Arc<AtomicU64>,
    total: u64,
}

impl ProgressHandle {
    /// How far the reader is now.
    pub fn get(&self) -> Progress {
        Progress { bytes_read: self.read.load(Ordering::Relaxed), bytes_total: self.total }
    }
}

/// Reads files one after the other, a chunk at a time.
#[derive(Debug)]
pub struct Reader {
    /// With their sizes.
    waiting: VecDeque<(PathBuf, u64)>,
    /// The size of the files up to the current one, with it.
    reached: u64,
    options: ReadOptions,
    current: Option<(Arc<Path>, Opened)>,
    chunks: u64,
    progress: ProgressHandle,
    spare: Vec<Buffer>,
}

/// What a framer makes of one stretch of a file.
struct Framed {
    buffer: Buffer,
    lines: chunk::Lines,
    rejects: Vec<crate::Reject>,
}

impl Reader {
    /// A reader of these files in this order. Each is opened when its turn comes.
    ///
    /// # Errors
    /// A file that is not there or whose suffix is not known.
    pub fn open(files: &[PathBuf], options: ReadOptions) -> Result<Self, DatasetError> {
        let mut total = 0;
        let mut waiting = VecDeque::with_capacity(files.len());
        for file in files {
            if format::of(file).is_none() {
                return Err(DatasetError::Unsupported { name: file.display().to_string() });
            }
            let size = fs::metadata(file).map_err(DatasetError::read(file))?.len();
            waiting.push_back((file.clone(), size));
            total += size;
        }
        let options = ReadOptions { chunk_bytes: options.chunk_bytes.max(1), max_row_bytes: options.max_row_bytes.max(2) };
        let progress = ProgressHandle { read: Arc::new(AtomicU64::new(0)), total };
        Ok(Self { waiting, reached: 0, options, current: None, chunks: 0, progress, spare: Vec::new() })
    }

    /// The next rows; `None` at the end of the last file. A chunk never reaches from one file into the next.
    ///
    /// # Errors
    /// A file that cannot be read, or whose packed content is damaged or cut off. The reader goes on with the next file after it.
    pub fn next_chunk(&mut self) -> Result<Option<Chunk>, DatasetError> {
        loop {
            let Some((file, opened)) = &mut self.current else {
                let Some((path, size)) = self.waiting.pop_front() else { return Ok(None) };
                self.reached += size;
                let opened = self.begin(&path)?;
                self.current = Some((path.into(), opened));
                continue;
            };
            let buffer = self.spare.pop().unwrap_or_default();
            match opened.next(buffer, file, &self.options) {
                Ok(Some(Framed { buffer, lines, rejects })) => {
                    let index = self.chunks;
                    self.chunks += 1;
                    let limit = self.options.max_row_bytes;
                    return Ok(Some(Chunk { index, file: Arc::clone(file), buffer, lines, rejects, limit }));
                }
                Ok(None) => {
                    self.current = None;
                    // What stands behind the end of an array is not read, but the file is done.
                    self.progress.read.store(self.reached, Ordering::Relaxed);
                }
                Err(error) => {
                    self.current = None;
                    return Err(error);
                }
            }
        }
    }

    /// Gives a chunk's memory back, for the next one.
    pub fn recycle(&mut self, chunk: Chunk) {
        self.spare.push(chunk.buffer);
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        self.progress.get()
    }

    /// For whoever shows how far it is while the reader is lent to [`for_each_chunk`](crate::for_each_chunk).
    pub fn progress_handle(&self) -> ProgressHandle {
        self.progress.clone()
    }

    fn begin(&self, path: &Path) -> Result<Opened, DatasetError> {
        let (form, compression) = format::of(path).ok_or_else(|| DatasetError::Unsupported { name: path.display().to_string() })?;
        let mut input = Input::open(path, compression, Arc::clone(&self.progress.read))?;
        let mut head = Buffer::default();
        head.fill(&mut input, 3)?;
        if head.filled().starts_with(b"\xef\xbb\xbf") {
            head.clear();
        }
        match form {
            OutputFormat::Jsonl => Ok(Opened::Lines(LineFramer::new(input, head, 1))),
            OutputFormat::Json => json::open(input, head, &self.options),
        }
    }
}
