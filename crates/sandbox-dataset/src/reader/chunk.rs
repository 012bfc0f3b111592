//! Some rows of one file.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use memchr::memchr;

use crate::reject::Reject;

use super::buffer::Buffer;

/// Some consecutive rows of one file; owns their bytes.
#[derive(Debug)]
pub struct Chunk {
    /// Its number in the whole reading, from 0.
    pub index: u64,
    /// The file in which the rows stand; of a [mixture](mod@crate::mixture), the first file of the part, see [`RawRow::file`].
    pub file: Arc<Path>,
    pub(super) buffer: Buffer,
    pub(super) lines: Lines,
    pub(super) rejects: Vec<Reject>,
    /// Lines with more bytes than this are in `rejects`.
    pub(super) limit: usize,
}

/// At which lines of the file the rows stand.
#[derive(Debug)]
pub(crate) enum Lines {
    /// The buffer is a piece of the file that begins with this line.
    From(u64),
    /// The buffer holds rows only, one per line; here is where each began.
    Each(Vec<u64>),
    /// The same for rows of several files, each with the number of its file.
    Picked(Arc<[Arc<Path>]>, Vec<(usize, u64)>),
}

/// One row as it stands in the file, not yet checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RawRow<'c> {
    /// The row without its line end.
    pub bytes: &'c [u8],
    /// The line of the file at which the row begins, from 1; of a `.parquet` file, the number of the row.
    pub line: u64,
    /// The file.
    pub file: &'c Arc<Path>,
}

impl Chunk {
    /// The rows in their order.
    pub fn rows(&self) -> impl Iterator<Item = RawRow<'_>> {
        let mut rest = self.buffer.filled();
        let mut count = 0;
        std::iter::from_fn(move || {
            while !rest.is_empty() {
                let (line, after) = memchr(b'\n', rest).map_or((rest, &rest[rest.len()..]), |end| (&rest[..end], &rest[end + 1..]));
                rest = after;
                let (file, place) = self.place(count);
                count += 1;
                let bytes = line.strip_suffix(b"\r").unwrap_or(line);
                if bytes.len() <= self.limit && !is_blank(bytes) {
                    return Some(RawRow { bytes, line: place, file });
                }
            }
            None
        })
    }

    fn place(&self, count: usize) -> (&Arc<Path>, u64) {
        match &self.lines {
            Lines::From(first) => (&self.file, first + count as u64),
            Lines::Each(lines) => (&self.file, lines.get(count).copied().unwrap_or_default()),
            Lines::Picked(files, places) => {
                let (file, line) = places.get(count).copied().unwrap_or_default();
                (files.get(file).unwrap_or(&self.file), line)
            }
        }
    }

    /// Rows that were set aside because they are too long or not framed as they should be. The chunk's
    /// [`rows`](Self::rows) are without them.
    pub fn rejects(&self) -> &[Reject] {
        &self.rejects
    }

    /// A reject of one of the rows.
    pub fn reject(&self, row: &RawRow<'_>, reason: impl fmt::Display) -> Reject {
        Reject::new(row.file, row.line, reason, row.bytes)
    }

    /// The bytes of the rows, with line ends and blank lines.
    pub fn byte_len(&self) -> usize {
        self.buffer.len()
    }
}

/// Whether there is nothing but JSON's white space.
pub(super) fn is_blank(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n'))
}
