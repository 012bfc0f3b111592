//! Bytes to records: quotes, delimiters and line ends.

use memchr::{memchr, memchr_iter, memchr3};

use crate::error::DatasetError;
use crate::reader::buffer::Buffer;
use crate::reader::input::Input;

/// How much is read at a time.
const BLOCK: usize = 1 << 17;
/// How many bytes of a record are kept as they stand, for a reject.
const RAW: usize = 4096;
/// A record with more fields than this counts as too long, whatever its bytes.
const FIELDS: usize = 1 << 22;

/// One record; its memory serves the next one.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// The fields without quotes, one behind the other.
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// The line at which it begins, from 1.
    pub(super) line: u64,
    /// Its first bytes as they stand in the file.
    pub(super) raw: Vec<u8>,
    /// What is wrong with it.
    pub(super) fault: Option<Fault>,
    quoted: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fault {
    TooLong,
    Unclosed,
}

impl Record {
    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    /// About how many bytes of the file it took.
    pub(super) fn size(&self) -> u64 {
        (self.bytes.len() + self.ends.len()).max(self.raw.len()) as u64
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = &[u8]> {
        let mut start = 0;
        self.ends.iter().map(move |&end| {
            let field = &self.bytes[start..end];
            start = end;
            field
        })
    }

    fn clear(&mut self, line: u64) {
        self.bytes.clear();
        self.ends.clear();
        self.raw.clear();
        (self.line, self.fault, self.quoted) = (line, None, false);
    }

    /// A line of nothing but blanks is no record.
    fn is_blank(&self) -> bool {
        self.ends.len() == 1 && !self.quoted && self.fault.is_none() && self.bytes.iter().all(|byte| matches!(byte, b' ' | b'\t'))
    }

    fn keep_raw(&mut self, bytes: &[u8]) {
        let room = RAW.saturating_sub(self.raw.len()).min(bytes.len());
        self.raw.extend_from_slice(&bytes[..room]);
    }
}

/// Cuts an input into records as the original's reader does: a quote counts at the beginning of a field only, a doubled
/// one within quotes is a quote, what follows a closing quote belongs to the field; CR, LF and CRLF end a record.
#[derive(Debug)]
pub(super) struct Tokens {
    input: Input,
    block: Buffer,
    at: usize,
    delimiter: u8,
    limit: usize,
    line: u64,
    /// The last byte was a CR: a LF now belongs to it.
    after_cr: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Begin,
    Plain,
    Quoted,
    /// Behind a quote within quotes.
    Closing,
}

impl Tokens {
    pub(super) fn new(mut input: Input, delimiter: u8, limit: usize) -> Result<Self, DatasetError> {
        let mut block = Buffer::default();
        block.fill(&mut input, 3)?;
        let at = if block.filled().starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
        Ok(Self { input, block, at, delimiter, limit, line: 1, after_cr: false })
    }

    /// The next record that is not blank; `false` at the end.
    pub(super) fn next(&mut self, record: &mut Record) -> Result<bool, DatasetError> {
        loop {
            if !self.record(record)? {
                return Ok(false);
            }
            if !record.is_blank() {
                return Ok(true);
            }
        }
    }

    fn record(&mut self, record: &mut Record) -> Result<bool, DatasetError> {
        if !self.skip_line_ends()? {
            return Ok(false);
        }
        record.clear(self.line);
        let mut state = State::Begin;
        let mut length = 0;
        loop {
            if !self.refill()? {
                if state == State::Quoted {
                    record.fault = record.fault.or(Some(Fault::Unclosed));
                }
                record.ends.push(record.bytes.len());
                return Ok(true);
            }
            let rest = &self.block.filled()[self.at..];
            let (mut taken, mut ended) = (0, false);
            while let Some(&byte) = rest.get(taken) {
                match state {
                    State::Quoted => {
                        let end = memchr(b'"', &rest[taken..]).map_or(rest.len(), |end| taken + end);
                        let inside = &rest[taken..end];
                        self.line += memchr_iter(b'\n', inside).count() as u64;
                        record.bytes.extend_from_slice(inside);
                        taken = end;
                        if taken < rest.len() {
                            taken += 1;
                            state = State::Closing;
                        }
                    }
                    State::Closing if byte == b'"' => {
                        record.bytes.push(b'"');
                        taken += 1;
                        state = State::Quoted;
                    }
                    State::Begin if byte == b'"' => {
                        record.quoted = true;
                        taken += 1;
                        state = State::Quoted;
                    }
                    _ => {
                        let end = memchr3(self.delimiter, b'\n', b'\r', &rest[taken..]).map_or(rest.len(), |end| taken + end);
                        record.bytes.extend_from_slice(&rest[taken..end]);
                        state = State::Plain;
                        taken = end;
                        match rest.get(end) {
                            Some(&byte) if byte == self.delimiter => {
                                record.ends.push(record.bytes.len());
                                taken += 1;
                                state = State::Begin;
                            }
                            Some(_) => {
                                ended = true;
                                break;
                            }
                            None => {}
                        }
                    }
                }
            }
            record.keep_raw(&rest[..taken]);
            self.at += taken;
            length += taken;
            if ended {
                record.ends.push(record.bytes.len());
            }
            if length > self.limit || record.ends.len() > FIELDS || record.fault.is_some() {
                record.fault = Some(Fault::TooLong);
                record.bytes.clear();
                record.ends.clear();
            }
            if ended {
                return Ok(true);
            }
        }
    }

    /// Goes to the first byte of a record; `false` at the end of the input.
    fn skip_line_ends(&mut self) -> Result<bool, DatasetError> {
        while self.refill()? {
            match self.block.filled()[self.at] {
                b'\n' => {
                    self.line += u64::from(!self.after_cr);
                    self.after_cr = false;
                }
                b'\r' => {
                    self.line += 1;
                    self.after_cr = true;
                }
                _ => {
                    self.after_cr = false;
                    return Ok(true);
                }
            }
            self.at += 1;
        }
        Ok(false)
    }

    /// Whether there are bytes to look at, read now if need be.
    fn refill(&mut self) -> Result<bool, DatasetError> {
        if self.at == self.block.len() {
            self.block.clear();
            self.at = 0;
            self.block.fill(&mut self.input, BLOCK)?;
        }
        Ok(self.at < self.block.len())
    }
}
