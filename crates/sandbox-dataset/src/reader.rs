//! Files to chunks of rows, in bounded memory.
//!
//! | file | rows |
//! | --- | --- |
//! | `.jsonl` | one per line, LF or CRLF; blank lines are skipped |
//! | `.json` that begins with `[` | the elements of the one array |
//! | `.json` whose first line ends within a value | objects one after the other, over as many lines as they like |
//! | any other `.json` | one per line |
//! | `.csv`, `.tsv` | one per record; the first names the columns, types by all values of a column, as pandas has them |
//! | `.parquet` | as they stand, each with all columns |
//! | `.txt`, `.md`, source files, `.docx` | the file is one row, `{"text": ...}` |
//! | `-` | standard input, one per line |
//!
//! Each but `.parquet` and `.docx` may be packed as `.gz` (also of several members) or `.zst` (also of several frames). A byte order mark
//! at the start is skipped. A row that spans lines is handed out as one line: white space outside its strings is taken out.
//! Rows of other forms than JSON are made into JSON rows, so that whoever works on rows needs to know nothing else:
//!
//! | parquet | JSON |
//! | --- | --- |
//! | integers, truth values, texts, lists, structs | the same; null where there is nothing |
//! | 16-, 32- and 64-bit floats | the number whose 64-bit float is the same (32 bits: the shortest that reads back); infinities and NaN null |
//! | decimals | a text with all digits, `"12.50"` |
//! | dates, times, timestamps | ISO 8601 texts: `"2024-02-29"`, `"13:45:00.250"`, `"2024-02-29T13:45:00"`, with `Z` at the end when in UTC |
//! | binary, intervals | base64 texts |
//! | UUIDs | texts with hyphens |
//! | maps | an object; a key that is no text is its JSON |

mod buffer;
mod chunk;
mod csv;
pub(crate) mod input;
mod json;
mod lines;
mod made;
#[cfg(feature = "parquet")]
mod parquet;
mod sample;
mod scan;
mod suffix;
mod text;

use std::collections::VecDeque;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::DatasetError;
use crate::format::{self, InputFormat};
use crate::mixture::MixturePlan;

use buffer::Buffer;
pub use chunk::{Chunk, RawRow};
use input::Input;
use lines::LineFramer;
pub(crate) use sample::{Index, Sample};
use text::Document;

/// How much is held in memory at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReadOptions {
    /// Bytes of rows in one chunk, about: a chunk ends with a whole row. 1 MiB unless told.
    pub chunk_bytes: usize,
    /// Rows with more bytes than this are rejected without being held. 128 MiB unless told.
    pub max_row_bytes: usize,
    /// Whether each row gets a field `__dj__suffix__` with the suffix of its file, such as `.jsonl` or `.jsonl.zst`. No unless told.
    pub suffix_field: bool,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self { chunk_bytes: 1 << 20, max_row_bytes: 128 << 20, suffix_field: false }
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
    waiting: VecDeque<(Source, u64)>,
    /// The size of the files up to the current one, with it.
    reached: u64,
    options: ReadOptions,
    current: Option<(Arc<Path>, Box<dyn Frame>)>,
    chunks: u64,
    progress: ProgressHandle,
    spare: Vec<Buffer>,
}

/// What is read when its turn comes.
#[derive(Debug)]
pub(crate) enum Source {
    File(PathBuf),
    Sample(Sample),
}

/// Cuts a file into stretches of rows.
trait Frame: fmt::Debug + Send {
    /// The next stretch; `None` at the end. `buffer` is memory to use, whatever is in it.
    fn next(&mut self, buffer: Buffer, file: &Arc<Path>, options: &ReadOptions) -> Result<Option<Framed>, DatasetError>;
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
        let mut waiting = VecDeque::with_capacity(files.len());
        for file in files {
            let size = if format::is_stream(file) {
                0
            } else if format::of(file).is_none() {
                return Err(DatasetError::unsupported(file));
            } else {
                fs::metadata(file).map_err(DatasetError::read(file))?.len()
            };
            waiting.push_back((Source::File(file.clone()), size));
        }
        Ok(Self::of(waiting, options))
    }

    /// A reader of the rows that a mixture takes, in their order; see [`mixture`](mod@crate::mixture).
    ///
    /// A chunk may have rows of several files of one part: [`RawRow::file`] tells which.
    pub fn open_mixture(plan: MixturePlan, options: ReadOptions) -> Self {
        Self::of(plan.into_sources().into(), options)
    }

    fn of(waiting: VecDeque<(Source, u64)>, options: ReadOptions) -> Self {
        let total = waiting.iter().map(|(_, size)| size).sum();
        let options = ReadOptions {
            chunk_bytes: options.chunk_bytes.max(1),
            max_row_bytes: options.max_row_bytes.clamp(2, usize::MAX / 4),
            ..options
        };
        let progress = ProgressHandle { read: Arc::new(AtomicU64::new(0)), total };
        Self { waiting, reached: 0, options, current: None, chunks: 0, progress, spare: Vec::new() }
    }

    /// The next rows; `None` at the end of the last file. A chunk never reaches from one file into the next. A chunk without rows
    /// comes while a file is looked through that must be known as a whole, such as a long `.csv`.
    ///
    /// # Errors
    /// A file that cannot be read, or whose packed content is damaged or cut off. The reader goes on with the next file after it.
    pub fn next_chunk(&mut self) -> Result<Option<Chunk>, DatasetError> {
        loop {
            let Some((file, opened)) = &mut self.current else {
                let Some((source, size)) = self.waiting.pop_front() else { return Ok(None) };
                self.reached += size;
                self.current = Some(match source {
                    Source::File(path) => {
                        let opened = self.begin(&path, size)?;
                        (path.into(), opened)
                    }
                    Source::Sample(mut sample) => {
                        sample.tell(Arc::clone(&self.progress.read), size);
                        (sample.first_file(), Box::new(sample))
                    }
                });
                continue;
            };
            let buffer = self.spare.pop().unwrap_or_default();
            match opened.next(buffer, file, &self.options) {
                Ok(Some(Framed { buffer, lines, rejects })) => {
                    let index = self.chunks;
                    self.chunks += 1;
                    let limit = self.options.max_row_bytes;
                    let mut chunk = Chunk { index, file: Arc::clone(file), buffer, lines, rejects, limit };
                    if self.options.suffix_field {
                        suffix::add(&mut chunk, self.spare.pop().unwrap_or_default());
                    }
                    return Ok(Some(chunk));
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

    fn begin(&self, path: &Path, size: u64) -> Result<Box<dyn Frame>, DatasetError> {
        let (form, compression) = format::of(path).ok_or_else(|| DatasetError::unsupported(path))?;
        let read = Arc::clone(&self.progress.read);
        match form {
            InputFormat::Csv => return Ok(Box::new(csv::Table::open(path, compression, b',', read, &self.options)?)),
            InputFormat::Tsv => return Ok(Box::new(csv::Table::open(path, compression, b'\t', read, &self.options)?)),
            InputFormat::Text => return Ok(Box::new(Document::Text(Input::open(path, compression, read)?))),
            InputFormat::Docx => return Ok(Box::new(Document::Docx)),
            InputFormat::Parquet => return begin_parquet(path, read, size),
            InputFormat::Jsonl | InputFormat::Json => {}
        }
        let mut input = Input::open(path, compression, read)?;
        let mut head = Buffer::default();
        head.fill(&mut input, 3)?;
        if head.filled().starts_with(b"\xef\xbb\xbf") {
            head.clear();
        }
        if form == InputFormat::Json { json::open(input, head, &self.options) } else { Ok(Box::new(LineFramer::new(input, head, 1))) }
    }
}

#[cfg(feature = "parquet")]
fn begin_parquet(path: &Path, read: Arc<AtomicU64>, size: u64) -> Result<Box<dyn Frame>, DatasetError> {
    Ok(Box::new(parquet::Columns::open(path, read, size)?))
}

#[cfg(not(feature = "parquet"))]
fn begin_parquet(path: &Path, _: Arc<AtomicU64>, _: u64) -> Result<Box<dyn Frame>, DatasetError> {
    Err(DatasetError::no_parquet(path))
}
