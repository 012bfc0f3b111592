//! Rows picked by their number: an index of where each stands, and the reading of some of them in any order.

use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use memchr::memchr;

use crate::error::DatasetError;
use crate::format::{self, Compression, InputFormat};
use crate::reject::Reject;

use super::buffer::Buffer;
use super::chunk::{Lines, is_blank};
use super::lines::too_long;
use super::{Frame, Framed, ReadOptions, Reader};

/// Where the rows of some files stand: 8 bytes a row.
#[derive(Debug)]
pub(crate) struct Index {
    files: Vec<IndexedFile>,
    rejects: Vec<Reject>,
}

#[derive(Debug)]
struct IndexedFile {
    path: Arc<Path>,
    /// The file itself when its rows stand in it as lines, else a temporary copy of the rows.
    lines: File,
    /// The first byte of each row, and the end of the last.
    starts: Vec<u64>,
    /// The rows at which the number of the line is not one more than that of the row before, with that number.
    places: Vec<(usize, u64)>,
    is_copy: bool,
}

impl Index {
    /// Looks through the files once. Rows that are plain lines stay where they are; others are copied to a temporary file.
    pub(crate) fn of(files: &[PathBuf], options: ReadOptions, stop: &dyn Fn() -> bool) -> Result<Self, DatasetError> {
        let mut index = Self { files: Vec::with_capacity(files.len()), rejects: Vec::new() };
        for path in files {
            let is_lines = format::of(path) == Some((InputFormat::Jsonl, Compression::None)) && path.is_file();
            let look = if is_lines { lines_of } else { copy_of };
            let file = look(path, options, &mut index.rejects, stop)?;
            index.files.push(file);
        }
        Ok(index)
    }

    pub(crate) fn rows(&self) -> usize {
        self.files.iter().map(IndexedFile::rows).sum()
    }

    /// Whether all rows can be read again from the files themselves.
    pub(crate) fn is_repeatable(&self) -> bool {
        self.files.iter().all(|file| file.path.is_file())
    }
}

impl IndexedFile {
    fn new(path: &Path, lines: File, is_copy: bool) -> Self {
        Self { path: path.into(), lines, starts: Vec::new(), places: Vec::new(), is_copy }
    }

    fn rows(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    fn push(&mut self, start: u64, line: u64) {
        let row = self.starts.len();
        if self.places.is_empty() || self.line(row) != line {
            self.places.push((row, line));
        }
        self.starts.push(start);
    }

    fn line(&self, row: usize) -> u64 {
        let at = self.places.partition_point(|&(first, _)| first <= row).saturating_sub(1);
        self.places.get(at).map_or(0, |&(first, line)| line + (row - first) as u64)
    }

    /// Appends the bytes of a row, with a line feed.
    fn read(&mut self, row: usize, limit: usize, out: &mut Buffer) -> io::Result<()> {
        let (Some(&start), Some(&end)) = (self.starts.get(row), self.starts.get(row + 1)) else { return Ok(()) };
        self.lines.seek(SeekFrom::Start(start))?;
        // What is between the row and the next one may be blank, or a row that was set aside for its length.
        let length = (end - start).min(limit as u64 + 2);
        let before = out.len();
        let mut result = Ok(0);
        out.append(|bytes| result = (&self.lines).take(length).read_to_end(bytes));
        result?;
        let read = &out.filled()[before..];
        let end = memchr(b'\n', read).unwrap_or(read.len());
        if end == 0 {
            return Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the file has changed while it was read"));
        }
        let end = if read[..end].ends_with(b"\r") { end - 1 } else { end };
        out.truncate(before + end);
        out.push(b"\n");
        Ok(())
    }
}

fn lines_of(path: &Path, options: ReadOptions, rejects: &mut Vec<Reject>, stop: &dyn Fn() -> bool) -> Result<IndexedFile, DatasetError> {
    let failed = |error| DatasetError::read(path)(error);
    let mut file = IndexedFile::new(path, File::open(path).map_err(failed)?, false);
    let mut input = File::open(path).map_err(failed)?;
    let mut block = vec![0; 1 << 20];
    let mut line = Line { start: 0, number: 1, length: 0, blank: true, last: 0, head: Vec::new() };
    let mut at = 0_u64;
    loop {
        if stop() {
            return Err(DatasetError::Stopped);
        }
        let count = match input.read(&mut block) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            count => count.map_err(failed)?,
        };
        let mut rest = &block[..count];
        if at == 0 && rest.starts_with(b"\xef\xbb\xbf") {
            rest = &rest[3..];
            (at, line.start) = (3, 3);
        }
        while !rest.is_empty() {
            let end = memchr(b'\n', rest);
            let piece = &rest[..end.unwrap_or(rest.len())];
            line.add(piece);
            at += piece.len() as u64;
            rest = &rest[piece.len()..];
            if end.is_some() {
                at += 1;
                rest = &rest[1..];
                line.end(at, &mut file, options.max_row_bytes, rejects);
            }
        }
        if count == 0 {
            line.end(at, &mut file, options.max_row_bytes, rejects);
            file.starts.push(at);
            return Ok(file);
        }
    }
}

/// A line that is being read.
struct Line {
    start: u64,
    number: u64,
    length: usize,
    blank: bool,
    last: u8,
    /// Its first bytes, for a reject.
    head: Vec<u8>,
}

impl Line {
    fn add(&mut self, piece: &[u8]) {
        self.blank = self.blank && is_blank(piece);
        self.length += piece.len();
        self.last = piece.last().copied().unwrap_or(self.last);
        let room = 256_usize.saturating_sub(self.head.len()).min(piece.len());
        self.head.extend_from_slice(&piece[..room]);
    }

    fn end(&mut self, next: u64, file: &mut IndexedFile, limit: usize, rejects: &mut Vec<Reject>) {
        let length = self.length - usize::from(self.length > 0 && self.last == b'\r');
        if length > limit {
            rejects.push(too_long(&file.path, self.number, &self.head, limit));
        } else if !self.blank {
            file.push(self.start, self.number);
        }
        self.head.clear();
        (self.start, self.number, self.length, self.blank) = (next, self.number + 1, 0, true);
    }
}

fn copy_of(path: &Path, options: ReadOptions, rejects: &mut Vec<Reject>, stop: &dyn Fn() -> bool) -> Result<IndexedFile, DatasetError> {
    let copied = |error| DatasetError::write(&std::env::temp_dir())(error);
    let mut copy = BufWriter::with_capacity(1 << 20, tempfile::tempfile().map_err(copied)?);
    let mut file = IndexedFile::new(path, copy.get_ref().try_clone().map_err(copied)?, true);
    let mut reader = Reader::open(&[path.to_owned()], ReadOptions { suffix_field: false, ..options })?;
    let mut at = 0;
    while let Some(mut chunk) = reader.next_chunk()? {
        if stop() {
            return Err(DatasetError::Stopped);
        }
        rejects.append(&mut chunk.rejects);
        for row in chunk.rows() {
            file.push(at, row.line);
            copy.write_all(row.bytes).and_then(|()| copy.write_all(b"\n")).map_err(copied)?;
            at += row.bytes.len() as u64 + 1;
        }
        reader.recycle(chunk);
    }
    file.starts.push(at);
    copy.flush().map_err(copied)?;
    Ok(file)
}

/// Rows of an index in some order.
#[derive(Debug)]
pub(crate) struct Sample {
    index: Index,
    files: Arc<[Arc<Path>]>,
    /// The number of the first row of each file.
    firsts: Vec<usize>,
    /// Numbers of rows; begun again from the start as long as rows are wanted.
    order: Vec<usize>,
    taken: u64,
    wanted: u64,
    progress: Option<(Arc<AtomicU64>, u64)>,
}

impl Sample {
    /// The first `wanted` rows of `order`, repeated as often as it takes.
    pub(crate) fn new(index: Index, order: Vec<usize>, wanted: u64) -> Self {
        let files = index.files.iter().map(|file| Arc::clone(&file.path)).collect();
        let firsts = index
            .files
            .iter()
            .scan(0, |first, file| {
                let this = *first;
                *first += file.rows();
                Some(this)
            })
            .collect();
        let wanted = if order.is_empty() { 0 } else { wanted };
        Self { index, files, firsts, order, taken: 0, wanted, progress: None }
    }

    /// The counter that is to show how much of `size` bytes is read.
    pub(super) fn tell(&mut self, read: Arc<AtomicU64>, size: u64) {
        self.progress = Some((read, size));
    }

    pub(super) fn first_file(&self) -> Arc<Path> {
        self.files.first().cloned().unwrap_or_else(|| Path::new("").into())
    }
}

impl Frame for Sample {
    fn next(&mut self, mut buffer: Buffer, _: &Arc<Path>, options: &ReadOptions) -> Result<Option<Framed>, DatasetError> {
        buffer.clear();
        let mut places = Vec::new();
        let before = self.taken;
        while self.taken < self.wanted && buffer.len() < options.chunk_bytes {
            let Some(&row) = self.order.get((self.taken % self.order.len() as u64) as usize) else { break };
            let number = self.firsts.partition_point(|&first| first <= row).saturating_sub(1);
            let first = self.firsts.get(number).copied().unwrap_or_default();
            let Some(file) = self.index.files.get_mut(number) else { break };
            if let Err(error) = file.read(row - first, options.max_row_bytes, &mut buffer) {
                let path = if file.is_copy { std::env::temp_dir() } else { file.path.to_path_buf() };
                self.taken = self.wanted;
                return Err(DatasetError::read(&path)(error));
            }
            places.push((number, file.line(row - first)));
            self.taken += 1;
        }
        if let Some((read, size)) = &self.progress {
            let part = |taken: u64| (u128::from(*size) * u128::from(taken) / u128::from(self.wanted.max(1))) as u64;
            read.fetch_add(part(self.taken) - part(before), Ordering::Relaxed);
        }
        let rejects = std::mem::take(&mut self.index.rejects);
        let is_something = !places.is_empty() || !rejects.is_empty();
        Ok(is_something.then(|| Framed { buffer, lines: Lines::Picked(Arc::clone(&self.files), places), rejects }))
    }
}
