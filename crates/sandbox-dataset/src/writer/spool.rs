//! Rows kept in a temporary file until all of them are known.

use std::env;
use std::fs::{self, File};
use std::io::{self, BufReader, BufWriter, Read, Seek, Write};
use std::path::Path;

use crate::error::DatasetError;
use crate::format;

/// Rows, each behind its length, in a file without a name: a killed run leaves nothing behind.
#[derive(Debug)]
pub(super) struct Spool(BufWriter<File>);

impl Spool {
    /// A spool on the disk on which `path` will stand.
    pub(super) fn beside(path: &Path) -> Result<Self, DatasetError> {
        let temporary = env::temp_dir();
        let folder = match path.parent() {
            _ if format::is_stream(path) => temporary.as_path(),
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        fs::create_dir_all(folder).map_err(DatasetError::write(folder))?;
        let file = tempfile::tempfile_in(folder).map_err(DatasetError::write(path))?;
        Ok(Self(BufWriter::with_capacity(1 << 20, file)))
    }

    pub(super) fn push(&mut self, row: &[u8]) -> io::Result<()> {
        self.0.write_all(&(row.len() as u64).to_le_bytes())?;
        self.0.write_all(row)
    }

    /// The rows from the first on.
    pub(super) fn read(self) -> io::Result<Spooled> {
        let mut file = self.0.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(Spooled(BufReader::with_capacity(1 << 20, file)))
    }
}

/// A spool that is read.
#[derive(Debug)]
pub(super) struct Spooled(BufReader<File>);

impl Spooled {
    /// Reads the next row; the caller knows how many there are.
    pub(super) fn next(&mut self, row: &mut Vec<u8>) -> io::Result<()> {
        let mut length = [0; 8];
        self.0.read_exact(&mut length)?;
        row.clear();
        let length = u64::from_le_bytes(length);
        match (&mut self.0).take(length).read_to_end(row)? as u64 == length {
            true => Ok(()),
            false => Err(io::ErrorKind::UnexpectedEof.into()),
        }
    }
}
