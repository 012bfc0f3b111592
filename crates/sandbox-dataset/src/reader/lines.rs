//! One row per line.

use std::path::Path;
use std::sync::Arc;

use memchr::{memchr, memchr_iter, memrchr};

use crate::error::DatasetError;
use crate::reject::Reject;

use super::buffer::Buffer;
use super::chunk::Lines;
use super::input::Input;
use super::{Frame, Framed, ReadOptions};

/// Cuts an input into pieces that end with a line.
#[derive(Debug)]
pub(crate) struct LineFramer {
    input: Input,
    /// What was read of the line that the last piece left out.
    carry: Buffer,
    /// The line at which the next piece begins.
    line: u64,
    /// Within a line that was rejected for its length.
    skipping: bool,
}

impl LineFramer {
    /// `head` is what was already read; it begins with line `line`.
    pub(crate) fn new(input: Input, head: Buffer, line: u64) -> Self {
        Self { input, carry: head, line, skipping: false }
    }
}

impl Frame for LineFramer {
    fn next(&mut self, mut buffer: Buffer, file: &Arc<Path>, options: &ReadOptions) -> Result<Option<Framed>, DatasetError> {
        let limit = options.max_row_bytes;
        buffer.clear();
        buffer.push(self.carry.filled());
        self.carry.clear();
        let mut rejects = Vec::new();
        let mut until = options.chunk_bytes;
        let mut searched = 0;
        loop {
            let more = buffer.fill(&mut self.input, until)?;
            if self.skipping {
                match memchr(b'\n', buffer.filled()) {
                    Some(end) => {
                        buffer.discard(end + 1);
                        self.line += 1;
                        self.skipping = false;
                    }
                    None if more => {
                        buffer.clear();
                        continue;
                    }
                    None => {
                        buffer.clear();
                        self.skipping = false;
                    }
                }
                searched = 0;
            }
            if let Some(end) = memrchr(b'\n', &buffer.filled()[searched..]).filter(|_| more) {
                let cut = searched + end + 1;
                self.carry.push(&buffer.filled()[cut..]);
                buffer.truncate(cut);
                break;
            }
            if !more {
                break;
            }
            searched = buffer.len();
            // One byte more than a row may have: it can be the CR of the line end.
            if buffer.len() > limit + 1 {
                rejects.push(too_long(file, self.line, buffer.filled(), limit));
                buffer.clear();
                (self.skipping, searched, until) = (true, 0, options.chunk_bytes);
            } else if buffer.len() >= until {
                until = (buffer.len() * 2).min(limit + 2);
            }
        }
        if buffer.len() == 0 && rejects.is_empty() {
            return Ok(None);
        }
        let first = self.line;
        if buffer.len() > limit {
            reject_long_lines(buffer.filled(), first, file, limit, &mut rejects);
        }
        self.line += memchr_iter(b'\n', buffer.filled()).count() as u64;
        Ok(Some(Framed { buffer, lines: Lines::From(first), rejects }))
    }
}

fn reject_long_lines(bytes: &[u8], first: u64, file: &Arc<Path>, limit: usize, rejects: &mut Vec<Reject>) {
    for (line, number) in bytes.split(|&byte| byte == b'\n').zip(first..) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if line.len() > limit {
            rejects.push(too_long(file, number, line, limit));
        }
    }
}

pub(super) fn too_long(file: &Arc<Path>, line: u64, bytes: &[u8], limit: usize) -> Reject {
    Reject::new(file, line, format_args!("longer than {limit} bytes"), bytes)
}
