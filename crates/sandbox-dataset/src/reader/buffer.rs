//! A byte buffer that is filled from an input and used again without being cleared.

use crate::error::DatasetError;

use super::input::Input;

/// Bytes up to `end` are filled; what is after them is initialised memory for the next filling.
#[derive(Debug, Default)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    end: usize,
}

impl Buffer {
    pub(crate) fn filled(&self) -> &[u8] {
        &self.bytes[..self.end]
    }

    pub(crate) fn len(&self) -> usize {
        self.end
    }

    pub(crate) fn clear(&mut self) {
        self.end = 0;
    }

    pub(crate) fn truncate(&mut self, end: usize) {
        self.end = self.end.min(end);
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.reserve(self.end + bytes.len());
        self.bytes[self.end..self.end + bytes.len()].copy_from_slice(bytes);
        self.end += bytes.len();
    }

    /// Lets `write` append to what is filled.
    pub(crate) fn append(&mut self, write: impl FnOnce(&mut Vec<u8>)) {
        self.bytes.truncate(self.end);
        write(&mut self.bytes);
        self.end = self.bytes.len();
    }

    /// Takes the first `count` bytes out.
    pub(crate) fn discard(&mut self, count: usize) {
        self.bytes.copy_within(count..self.end, 0);
        self.end -= count;
    }

    /// Reads until `until` bytes are filled; `false` when the input ended.
    pub(crate) fn fill(&mut self, input: &mut Input, until: usize) -> Result<bool, DatasetError> {
        self.reserve(until);
        while self.end < until && !input.ended() {
            self.end += input.read(&mut self.bytes[self.end..until])?;
        }
        Ok(!input.ended())
    }

    fn reserve(&mut self, length: usize) {
        if self.bytes.len() < length {
            self.bytes.resize(length, 0);
        }
    }
}
