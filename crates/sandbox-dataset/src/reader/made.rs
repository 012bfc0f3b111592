//! Rows that are made of what a file holds, as the rows of a chunk.

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::reject::Reject;

use super::buffer::Buffer;
use super::chunk::Lines;
use super::lines::too_long;
use super::{Framed, ReadOptions};

/// A stretch of a file in the making.
pub(super) struct Made<'a> {
    buffer: Buffer,
    lines: Vec<u64>,
    rejects: Vec<Reject>,
    file: &'a Arc<Path>,
    options: &'a ReadOptions,
}

impl<'a> Made<'a> {
    pub(super) fn new(mut buffer: Buffer, file: &'a Arc<Path>, options: &'a ReadOptions) -> Self {
        buffer.clear();
        Self { buffer, lines: Vec::new(), rejects: Vec::new(), file, options }
    }

    /// Whether it is time for the next chunk.
    pub(super) fn is_full(&self) -> bool {
        self.buffer.len() >= self.options.chunk_bytes || self.rejects.len() > self.options.chunk_bytes / 64
    }

    /// Adds the row that `write` appends, without a line break.
    pub(super) fn row(&mut self, line: u64, write: impl FnOnce(&mut Vec<u8>)) {
        let start = self.buffer.len();
        self.buffer.append(write);
        let row = &self.buffer.filled()[start..];
        if row.len() > self.options.max_row_bytes {
            self.rejects.push(too_long(self.file, line, row, self.options.max_row_bytes));
            self.buffer.truncate(start);
        } else {
            self.lines.push(line);
            self.buffer.push(b"\n");
        }
    }

    pub(super) fn reject(&mut self, line: u64, reason: impl fmt::Display, bytes: &[u8]) {
        self.rejects.push(Reject::new(self.file, line, reason, bytes));
    }

    pub(super) fn too_long(&mut self, line: u64, bytes: &[u8]) {
        self.rejects.push(too_long(self.file, line, bytes, self.options.max_row_bytes));
    }

    /// A stretch without rows: the file is still being looked through.
    pub(super) fn nothing_yet(self) -> Framed {
        Framed { buffer: self.buffer, lines: Lines::Each(Vec::new()), rejects: Vec::new() }
    }

    /// What was made; `None` when there is nothing.
    pub(super) fn finish(self) -> Option<Framed> {
        let Self { buffer, lines, rejects, .. } = self;
        (!lines.is_empty() || !rejects.is_empty()).then_some(Framed { buffer, lines: Lines::Each(lines), rejects })
    }
}
