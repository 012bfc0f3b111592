//! The values of a `.json` file: elements of one array, or objects one after the other.

use std::path::Path;
use std::sync::Arc;

use memchr::{memchr, memchr_iter};

use crate::error::DatasetError;
use crate::reject::Reject;
use crate::row::{Row, RowError};

use super::buffer::Buffer;
use super::chunk::Lines;
use super::input::Input;
use super::lines::{LineFramer, too_long};
use super::scan::{Between, Scan, compact};
use super::{Frame, Framed, ReadOptions};

/// Looks at the beginning of a `.json` file. `head` is what was already read.
pub(super) fn open(mut input: Input, mut head: Buffer, options: &ReadOptions) -> Result<Box<dyn Frame>, DatasetError> {
    let mut line = 1;
    let mut until = options.chunk_bytes.max(head.len());
    loop {
        let more = head.fill(&mut input, until)?;
        let blank = head.filled().iter().position(|byte| !byte.is_ascii_whitespace()).unwrap_or(head.len());
        line += memchr_iter(b'\n', &head.filled()[..blank]).count() as u64;
        head.discard(blank);
        if head.filled().first() == Some(&b'[') {
            return Ok(Box::new(ValueFramer::new(input, head, 1, line, Between::Commas)));
        }
        let end = memchr(b'\n', head.filled());
        if more && end.is_none() && head.len() <= options.max_row_bytes {
            until = (head.len() * 2).max(until);
            continue;
        }
        let first = &head.filled()[..end.unwrap_or(head.len())];
        return Ok(match Row::parse(first) {
            Err(RowError::Syntax { runs_on: true, .. }) if first.len() <= options.max_row_bytes => {
                Box::new(ValueFramer::new(input, head, 0, line, Between::Space))
            }
            _ => Box::new(LineFramer::new(input, head, line)),
        });
    }
}

/// Cuts an input into values.
#[derive(Debug)]
pub(super) struct ValueFramer {
    input: Input,
    /// What was read and is not yet handed out.
    pending: Buffer,
    /// Where in `pending` the value begins that is looked at, or what is not looked at yet.
    start: usize,
    /// How far in `pending` the scan is.
    at: usize,
    /// The line at which `start` stands.
    line: u64,
    between: Between,
    state: State,
    scan: Scan,
    scratch: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before a value.
    Outside,
    /// In a value that begins with `pending`.
    Inside,
    /// In a value that was rejected for its length.
    Skipping,
    /// Behind the `]`.
    Closed,
    Done,
}

impl Frame for ValueFramer {
    fn next(&mut self, mut buffer: Buffer, file: &Arc<Path>, options: &ReadOptions) -> Result<Option<Framed>, DatasetError> {
        buffer.clear();
        let mut out = Out { buffer, lines: Vec::new(), rejects: Vec::new(), file, limit: options.max_row_bytes };
        while self.state != State::Done && out.buffer.len() < options.chunk_bytes {
            if self.at < self.pending.len() {
                self.step(&mut out);
                continue;
            }
            if self.state != State::Inside {
                self.consume(self.at);
            } else if self.at - self.start > out.limit {
                out.rejects.push(too_long(file, self.line, self.value(self.at), out.limit));
                self.consume(self.at);
                self.state = State::Skipping;
            }
            self.pending.discard(self.start);
            (self.at, self.start) = (self.at - self.start, 0);
            let until = self.pending.len() + options.chunk_bytes;
            self.pending.fill(&mut self.input, until)?;
            if self.at == self.pending.len() {
                self.end(&mut out);
            }
        }
        let Out { buffer, lines, rejects, .. } = out;
        Ok((!lines.is_empty() || !rejects.is_empty()).then_some(Framed { buffer, lines: Lines::Each(lines), rejects }))
    }
}

impl ValueFramer {
    fn new(input: Input, pending: Buffer, start: usize, line: u64, between: Between) -> Self {
        Self { input, pending, start, at: start, line, between, state: State::Outside, scan: Scan::default(), scratch: Vec::new() }
    }

    /// One step over what is pending.
    fn step(&mut self, out: &mut Out<'_>) {
        let rest = &self.pending.filled()[self.at..];
        match self.state {
            State::Outside | State::Closed => {
                let skip = |byte: &u8| {
                    byte.is_ascii_whitespace() || *byte == b',' && self.between == Between::Commas && self.state == State::Outside
                };
                let blank = rest.iter().position(|byte| !skip(byte)).unwrap_or(rest.len());
                let Some(&byte) = rest.get(blank) else {
                    self.at += blank;
                    return;
                };
                self.consume(self.at + blank);
                match (self.state, byte) {
                    // Something within the array closed it too early: what follows the comma is still worth reading.
                    (State::Closed, b',') => (self.at, self.state) = (self.start + 1, State::Outside),
                    (State::Closed, _) => {
                        out.reject(self.line, "text after the end of the array", self.value(self.pending.len()));
                        self.state = State::Done;
                    }
                    (_, b']') if self.between == Between::Commas => (self.at, self.state) = (self.start + 1, State::Closed),
                    _ => {
                        self.scan.restart();
                        self.state = State::Inside;
                    }
                }
            }
            State::Inside | State::Skipping => {
                let first = self.state == State::Inside && self.at == self.start;
                let Some(length) = self.scan.advance(rest, first, self.between) else {
                    self.at = self.pending.len();
                    return;
                };
                let end = self.at + length;
                if self.state == State::Inside {
                    out.push(self.line, &self.pending.filled()[self.start..end], &mut self.scratch);
                }
                self.consume(end);
                self.state = State::Outside;
            }
            State::Done => {}
        }
    }

    /// The input is at its end.
    fn end(&mut self, out: &mut Out<'_>) {
        let in_array = self.between == Between::Commas;
        match self.state {
            State::Inside if in_array => out.reject(self.line, "the file ends within this row", self.value(self.pending.len())),
            State::Inside => out.push(self.line, &self.pending.filled()[self.start..], &mut self.scratch),
            State::Outside if in_array => out.reject(self.line, "the file ends before the array does", b""),
            _ => {}
        }
        self.state = State::Done;
    }

    /// What is pending up to `end`.
    fn value(&self, end: usize) -> &[u8] {
        &self.pending.filled()[self.start..end]
    }

    /// Goes on behind `end`.
    fn consume(&mut self, end: usize) {
        self.line += memchr_iter(b'\n', self.value(end)).count() as u64;
        (self.start, self.at) = (end, end);
    }
}

/// The chunk in the making.
struct Out<'f> {
    buffer: Buffer,
    lines: Vec<u64>,
    rejects: Vec<Reject>,
    file: &'f Arc<Path>,
    limit: usize,
}

impl Out<'_> {
    fn push(&mut self, line: u64, value: &[u8], scratch: &mut Vec<u8>) {
        if value.len() > self.limit {
            return self.rejects.push(too_long(self.file, line, value, self.limit));
        }
        let value = value.trim_ascii_end();
        if memchr::memchr2(b'\n', b'\r', value).is_none() {
            self.buffer.push(value);
        } else {
            scratch.clear();
            if !compact(value, scratch) {
                return self.reject(line, "a line ends within a string", value);
            }
            self.buffer.push(scratch);
        }
        self.buffer.push(b"\n");
        self.lines.push(line);
    }

    fn reject(&mut self, line: u64, reason: &str, bytes: &[u8]) {
        self.rejects.push(Reject::new(self.file, line, reason, bytes));
    }
}
