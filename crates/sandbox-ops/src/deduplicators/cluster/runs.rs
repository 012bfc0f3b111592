//! Sorted records in a file without a name, which the system removes when it is let go of.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

const BUFFER: usize = 64 << 10;

/// Writes a run.
pub(super) struct RunWriter {
    file: BufWriter<File>,
    bytes: u64,
}

impl RunWriter {
    pub fn new(folder: &Path) -> io::Result<Self> {
        let file = tempfile::tempfile_in(folder).map_err(|error| in_folder("create", folder, &error))?;
        Ok(Self { file: BufWriter::with_capacity(BUFFER, file), bytes: 0 })
    }

    pub fn push<const N: usize>(&mut self, record: &[u32; N]) -> io::Result<()> {
        for part in record {
            self.file.write_all(&part.to_le_bytes())?;
        }
        self.bytes += 4 * N as u64;
        Ok(())
    }

    pub fn finish(self) -> io::Result<Run> {
        let mut file = self.file.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(Run { file: BufReader::with_capacity(BUFFER, file), left: self.bytes, bytes: self.bytes })
    }
}

/// A run that is read from its beginning.
pub(super) struct Run {
    file: BufReader<File>,
    left: u64,
    bytes: u64,
}

impl Run {
    /// Back to its beginning.
    pub fn rewind(&mut self) -> io::Result<()> {
        self.left = self.bytes;
        self.file.rewind()
    }

    pub fn next<const N: usize>(&mut self) -> io::Result<Option<[u32; N]>> {
        let size = 4 * N as u64;
        if self.left < size {
            return Ok(None);
        }
        self.left -= size;
        let mut record = [0; N];
        for part in &mut record {
            let mut bytes = [0; 4];
            self.file.read_exact(&mut bytes)?;
            *part = u32::from_le_bytes(bytes);
        }
        Ok(Some(record))
    }
}

fn in_folder(what: &str, folder: &Path, error: &io::Error) -> io::Error {
    io::Error::new(error.kind(), format!("Failed to {what} a temporary file in `{}`: {error}", folder.display()))
}
