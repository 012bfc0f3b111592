//! Rows that wait between two passes, in a file of their own.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use sandbox_fs::FsError;

use super::luggage::Luggage;
use crate::error::RecipeError;

/// Bytes that are collected before the file is written to.
const BUFFER: usize = 1 << 20;
/// Bytes that are read to say where an example stood.
const LOOKED_THROUGH: u64 = 64 << 20;

/// Rows with their luggage, one a line. The file goes when this does.
#[derive(Debug)]
pub(super) struct Spool {
    path: PathBuf,
    /// How many rows there are.
    pub(super) rows: u64,
    /// Where each row begins, and behind the last one the end; empty unless they were asked for.
    offsets: Vec<u64>,
}

/// A [`Spool`] in the making.
#[derive(Debug)]
pub(super) struct SpoolWriter {
    spool: Spool,
    file: BufWriter<File>,
    notes_offsets: bool,
    end: u64,
}

impl SpoolWriter {
    /// Begins a spool. With `offsets` its rows can be read in any order.
    pub(super) fn create(path: PathBuf, offsets: bool) -> Result<Self, RecipeError> {
        if let Some(folder) = path.parent().filter(|folder| !folder.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder).map_err(FsError::io("make the folder", folder))?;
        }
        let file = File::create(&path).map_err(FsError::io("write", &path))?;
        let spool = Spool { path, rows: 0, offsets: Vec::new() };
        Ok(Self { spool, file: BufWriter::with_capacity(BUFFER, file), notes_offsets: offsets, end: 0 })
    }

    /// Appends one row, given with its line's end.
    pub(super) fn push(&mut self, line: &[u8]) -> Result<(), RecipeError> {
        if self.notes_offsets {
            self.spool.offsets.push(self.end);
        }
        self.end += line.len() as u64;
        self.spool.rows += 1;
        self.file.write_all(line).map_err(FsError::io("write", &self.spool.path))?;
        Ok(())
    }

    /// The spool, ready to be read.
    pub(super) fn finish(mut self) -> Result<Spool, RecipeError> {
        self.file.flush().map_err(FsError::io("write", &self.spool.path))?;
        if self.notes_offsets {
            self.spool.offsets.push(self.end);
        }
        Ok(self.spool)
    }
}

impl Spool {
    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Where two rows, the first in order and the other, stood in the data: (that of the other, that of the first). `None` when
    /// they are too far back to look for.
    pub(super) fn places(&self, (kept, row): (u64, u64), files: &[PathBuf]) -> Result<Option<(String, String)>, RecipeError> {
        let file = File::open(&self.path).map_err(FsError::io("read", &self.path))?;
        let mut lines = BufReader::with_capacity(BUFFER, file.take(LOOKED_THROUGH));
        let (mut found, mut line) = ([None, None], Vec::new());
        for number in 0..=kept.max(row) {
            line.clear();
            let bytes = lines.read_until(b'\n', &mut line).map_err(FsError::io("read", &self.path))?;
            if bytes == 0 || line.last() != Some(&b'\n') {
                return Ok(None);
            }
            for (place, wanted) in found.iter_mut().zip([row, kept]) {
                if number == wanted {
                    let (_, luggage) = Luggage::split(line.trim_ascii_end());
                    *place = Some(luggage.place(files));
                }
            }
        }
        let [row, kept] = found;
        Ok(row.zip(kept))
    }

    /// Reads rows by their numbers.
    pub(super) fn rows_by_number(&self) -> Result<RowsByNumber<'_>, RecipeError> {
        let file = File::open(&self.path).map_err(FsError::io("read", &self.path))?;
        Ok(RowsByNumber { spool: self, file: BufReader::with_capacity(1 << 16, file), at: 0, line: Vec::new() })
    }
}

impl Drop for Spool {
    fn drop(&mut self) {
        // Nothing to report to: the next run of the recipe overwrites what stays behind.
        let _ = std::fs::remove_file(&self.path);
    }
}

/// Rows of a spool in any order.
pub(super) struct RowsByNumber<'s> {
    pub(super) spool: &'s Spool,
    file: BufReader<File>,
    at: u64,
    line: Vec<u8>,
}

impl RowsByNumber<'_> {
    /// The line of a row, with its end.
    pub(super) fn get(&mut self, row: u64) -> Result<&[u8], RecipeError> {
        let offsets = &self.spool.offsets;
        let place = |index: u64| usize::try_from(index).ok().and_then(|index| offsets.get(index)).copied().unwrap_or(self.at);
        let (start, end) = (place(row), place(row + 1));
        if start != self.at {
            self.file.seek(SeekFrom::Start(start)).map_err(FsError::io("read", &self.spool.path))?;
        }
        self.line.resize(usize::try_from(end.saturating_sub(start)).unwrap_or(0), 0);
        self.file.read_exact(&mut self.line).map_err(FsError::io("read", &self.spool.path))?;
        self.at = end;
        Ok(&self.line)
    }
}
