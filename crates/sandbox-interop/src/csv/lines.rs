//! Lines of CSV, one at a time, in bounded memory.

use std::io::Read;
use std::path::Path;

use csv_core::{ReadRecordResult, Reader};

use crate::error::InteropError;

/// Bytes of one line, and its fields. A quote that is never closed makes a line of all that follows.
const LONGEST: usize = 64 << 20;
const MOST_FIELDS: usize = 200_000;

/// Reads lines.
pub(super) struct Lines<'p, R> {
    input: R,
    path: &'p Path,
    reader: Reader,
    buffer: Vec<u8>,
    begin: usize,
    filled: usize,
    output: Vec<u8>,
    ends: Vec<usize>,
    length: usize,
    fields: usize,
    /// Where the line began that was read last, from 1.
    pub(super) number: u64,
}

impl<'p, R: Read> Lines<'p, R> {
    pub(super) fn new(input: R, path: &'p Path) -> Self {
        let (buffer, output, ends) = (vec![0; 256 << 10], vec![0; 64 << 10], vec![0; 64]);
        Self { input, path, reader: Reader::new(), buffer, begin: 0, filled: 0, output, ends, length: 0, fields: 0, number: 0 }
    }

    /// Reads the next line; false at the end.
    pub(super) fn next(&mut self) -> Result<bool, InteropError> {
        (self.length, self.fields) = (0, 0);
        self.number = self.reader.line();
        loop {
            if self.begin == self.filled {
                self.begin = 0;
                self.filled = self.read()?;
            }
            let input = self.buffer.get(self.begin..self.filled).unwrap_or_default();
            let output = self.output.get_mut(self.length..).unwrap_or_default();
            let ends = self.ends.get_mut(self.fields..).unwrap_or_default();
            let (result, read, written, ended) = self.reader.read_record(input, output, ends);
            self.begin += read;
            self.length += written;
            self.fields += ended;
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::OutputFull => grow(&mut self.output, LONGEST).map_err(|()| self.too_long("longer than 64 MiB"))?,
                ReadRecordResult::OutputEndsFull => {
                    grow(&mut self.ends, MOST_FIELDS).map_err(|()| self.too_long("of more than 200000 fields"))?;
                }
                ReadRecordResult::Record => return Ok(true),
                ReadRecordResult::End => return Ok(false),
            }
        }
    }

    /// The fields of the line that was read last; bytes that are no UTF-8 are replaced.
    pub(super) fn fields(&self) -> impl Iterator<Item = std::borrow::Cow<'_, str>> {
        let mut begin = 0;
        self.ends.iter().take(self.fields).map(move |end| {
            let bytes = self.output.get(begin..*end).unwrap_or_default();
            begin = *end;
            String::from_utf8_lossy(bytes)
        })
    }

    /// An error in the line that was read last.
    pub(super) fn wrong(&self, reason: impl Into<String>) -> InteropError {
        InteropError::Malformed { path: self.path.to_owned(), place: self.number.max(1), reason: reason.into() }
    }

    fn too_long(&self, how: &str) -> InteropError {
        self.wrong(format!("a line {how}: is a quote not closed?"))
    }

    fn read(&mut self) -> Result<usize, InteropError> {
        loop {
            match self.input.read(&mut self.buffer) {
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                read => return read.map_err(InteropError::io("read", self.path)),
            }
        }
    }
}

fn grow<T: Clone + Default>(room: &mut Vec<T>, most: usize) -> Result<(), ()> {
    if room.len() >= most {
        return Err(());
    }
    room.resize((room.len() * 2).min(most), T::default());
    Ok(())
}
