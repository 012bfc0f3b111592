//! A pool in the making, as a file in the hidden folder.
//!
//! Whether its bytes have reached the disk is not waited for: a pool is data that its job can make again, a resumed run
//! compares what stands there with what was written, and a wait would cost more than all the rest.

use std::fs::File;
use std::io::{self, IoSlice, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use memmap2::MmapOptions;
use sandbox_dataset::Written;

use crate::error::PoolError;
use crate::observer::Work;

/// A file of rows that has no final name yet. What is written should come in large pieces.
#[derive(Debug)]
pub(crate) struct PoolFile {
    path: PathBuf,
    file: File,
    bytes: u64,
}

impl PoolFile {
    pub(crate) fn create(path: &Path) -> Result<Self, PoolError> {
        let file = File::options().create(true).truncate(true).read(true).write(true).open(path).map_err(PoolError::write(path))?;
        Ok(Self { path: path.to_owned(), file, bytes: 0 })
    }

    /// Writes rows, one per line; the last line end may be missing.
    pub(crate) fn write_rows(&mut self, rows: &[u8]) -> Result<(), PoolError> {
        let end: &[u8] = if rows.is_empty() || rows.ends_with(b"\n") { b"" } else { b"\n" };
        self.bytes += (rows.len() + end.len()) as u64;
        self.file.write_all(rows).and_then(|()| self.file.write_all(end)).map_err(PoolError::write(&self.path))
    }

    /// Writes pieces that each end with a line end, one behind the other.
    pub(crate) fn write_pieces(&mut self, pieces: &[&[u8]]) -> Result<(), PoolError> {
        let mut slices: Vec<IoSlice<'_>> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
        let mut left = slices.as_mut_slice();
        while !left.is_empty() {
            let written = match self.file.write_vectored(left) {
                Ok(0) => Err(io::ErrorKind::WriteZero.into()),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                written => written,
            };
            let written = written.map_err(PoolError::write(&self.path))?;
            IoSlice::advance_slices(&mut left, written);
            self.bytes += written as u64;
        }
        Ok(())
    }

    /// Writes whole rows at a place of their own.
    pub(crate) fn write_at(&mut self, rows: &[u8], offset: u64) -> Result<(), PoolError> {
        self.bytes = self.bytes.max(offset + rows.len() as u64);
        self.file.write_all_at(rows, offset).map_err(PoolError::write(&self.path))
    }

    /// Reads what was written: a call of the map of some of the file. The bytes are not to be held when more is written.
    #[expect(unsafe_code, reason = "half the time of a read: nothing is copied that is about to be copied again")]
    pub(crate) fn read<T>(&self, offset: u64, length: usize, look: impl FnOnce(&[u8]) -> T) -> Result<T, PoolError> {
        // SAFETY: the file stands in the hidden folder, which one run alone works in by its lock; that run writes to the file
        // through this value only, which is lent to `look` for as long as the map lives. The bytes are copied, nothing more.
        let map = unsafe { MmapOptions::new().offset(offset).len(length).populate().map(&self.file) };
        Ok(look(&map.map_err(PoolError::read(&self.path))?))
    }

    /// Where it stands until it has its name.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// How long it is.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The file is complete and has so many rows.
    pub(crate) fn finish(self, rows: u64) -> Written {
        Written { path: self.path, rows, bytes: self.bytes }
    }
}

/// How much is copied at a time, so that a run can be stopped and tells how far it is.
const STEP: u64 = 64 << 20;

/// Copies the first `length` bytes of a pool in the making to a place of another one, or behind them in the same, within the system
/// where it can do that.
pub(crate) fn copy(from: &Path, length: u64, to: &Path, offset: u64, work: &Work<'_>) -> Result<(), PoolError> {
    let source = File::open(from).map_err(PoolError::read(from))?;
    let target = File::options().write(true).open(to).map_err(PoolError::write(to))?;
    (&target).seek(SeekFrom::Start(offset)).map_err(PoolError::write(to))?;
    let mut left = length;
    while left > 0 {
        work.go_on()?;
        let step = left.min(STEP);
        let copied = io::copy(&mut (&source).take(step), &mut &target).map_err(PoolError::write(to))?;
        if copied < step {
            return Err(PoolError::read(from)(io::ErrorKind::UnexpectedEof.into()));
        }
        work.advance(step);
        left -= step;
    }
    Ok(())
}
