//! Bytes with a length and a position: a file, or what is in memory.

use std::fs::File;
use std::io::{BufReader, Cursor, Read, Seek, SeekFrom};

use crate::error::{Cause, MediaError};

trait Medium: Read + Seek {}

impl<T: Read + Seek> Medium for T {}

/// What is read. No length that the bytes claim is believed beyond the length they have.
pub(crate) struct Source<'a> {
    reader: BufReader<Box<dyn Medium + 'a>>,
    at: u64,
    len: u64,
}

impl<'a> Source<'a> {
    /// A file of this machine.
    pub fn open(path: &str) -> Result<Self, MediaError> {
        if path.split_once("://").is_some_and(|(scheme, _)| scheme.chars().all(|c| c.is_ascii_alphanumeric())) {
            return Err(Cause::from("it is a remote address, and nothing is downloaded: put the file on this machine").about(path));
        }
        let open = || {
            // Asked before it is opened: a pipe that no one writes to would be waited for.
            let facts = std::fs::metadata(path)?;
            if !facts.is_file() {
                return Err(Cause::from(if facts.is_dir() { "it is a folder" } else { "it is no regular file" }));
            }
            let file = File::open(path)?;
            let reader: Box<dyn Medium> = Box::new(file);
            Ok(Self { reader: BufReader::with_capacity(1 << 15, reader), at: 0, len: facts.len() })
        };
        open().map_err(|cause| cause.about(path))
    }

    /// Bytes in memory.
    pub fn bytes(bytes: &'a [u8]) -> Self {
        let reader: Box<dyn Medium + 'a> = Box::new(Cursor::new(bytes));
        // One byte, so that the buffer in between costs nothing.
        Self { reader: BufReader::with_capacity(1 << 10, reader), at: 0, len: bytes.len() as u64 }
    }

    pub fn len(&self) -> u64 {
        self.len
    }

    pub fn position(&self) -> u64 {
        self.at
    }

    /// Bytes from here to the end.
    pub fn left(&self) -> u64 {
        self.len.saturating_sub(self.at)
    }

    pub fn seek(&mut self, to: u64) -> Result<(), Cause> {
        if to > self.len {
            return Err(Cause::cut_off());
        }
        match i64::try_from(i128::from(to) - i128::from(self.at)) {
            Ok(way) => self.reader.seek_relative(way)?,
            Err(_) => drop(self.reader.seek(SeekFrom::Start(to))?),
        }
        self.at = to;
        Ok(())
    }

    pub fn skip(&mut self, bytes: u64) -> Result<(), Cause> {
        self.seek(self.at.checked_add(bytes).ok_or_else(Cause::cut_off)?)
    }

    pub fn read(&mut self, into: &mut [u8]) -> Result<(), Cause> {
        self.reader.read_exact(into)?;
        self.at += into.len() as u64;
        Ok(())
    }

    pub fn array<const N: usize>(&mut self) -> Result<[u8; N], Cause> {
        let mut array = [0; N];
        self.read(&mut array)?;
        Ok(array)
    }

    /// The next bytes, as many as asked for.
    pub fn vector(&mut self, bytes: u64) -> Result<Vec<u8>, Cause> {
        if bytes > self.left() {
            return Err(Cause::cut_off());
        }
        let mut vector = vec![0; usize::try_from(bytes).map_err(|_| "a part of it does not fit into memory")?];
        self.read(&mut vector)?;
        Ok(vector)
    }

    /// The next bytes, fewer where the end is near.
    pub fn up_to(&mut self, bytes: u64) -> Result<Vec<u8>, Cause> {
        self.vector(bytes.min(self.left()))
    }

    /// Hands on the next bytes in pieces, fewer where the end is near.
    pub fn hand_on(&mut self, bytes: u64, sink: &mut dyn FnMut(&[u8])) -> Result<(), Cause> {
        let mut left = bytes.min(self.left());
        let mut piece = [0; 1 << 14];
        while left > 0 {
            let size = usize::try_from(left).map_or(piece.len(), |left| left.min(piece.len()));
            let piece = piece.get_mut(..size).unwrap_or_default();
            self.read(piece)?;
            sink(piece);
            left -= size as u64;
        }
        Ok(())
    }
}
