//! The bytes of one file, unpacked and counted.

use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;

use crate::error::DatasetError;
use crate::format::Compression;

/// How much of a packed file is read at a time.
const PACKED: usize = 1 << 17;
/// The largest window that a Zstandard file may ask for, as a power of two (`zstd --long=31`).
const WINDOW_LOG: u32 = 31;

/// An open file.
pub(crate) struct Input {
    path: PathBuf,
    bytes: Box<dyn Read + Send>,
    ended: bool,
}

impl Input {
    pub(crate) fn open(path: &Path, compression: Compression, read: Arc<AtomicU64>) -> Result<Self, DatasetError> {
        let file = File::open(path).map_err(DatasetError::read(path))?;
        let metadata = file.metadata().map_err(DatasetError::read(path))?;
        if metadata.is_dir() {
            return Err(DatasetError::read(path)(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        let empty = metadata.is_file() && metadata.len() == 0;
        let file = Counted { file, read };
        let bytes: Box<dyn Read + Send> = match compression {
            // An empty file has no rows, packed or not; decoders take it for a truncated one.
            _ if empty => Box::new(io::empty()),
            Compression::None => Box::new(file),
            Compression::Gzip => Box::new(MultiGzDecoder::new(BufReader::with_capacity(PACKED, file))),
            Compression::Zstd => {
                let mut decoder = zstd::Decoder::with_buffer(BufReader::with_capacity(PACKED, file)).map_err(DatasetError::read(path))?;
                decoder.window_log_max(WINDOW_LOG).map_err(DatasetError::read(path))?;
                Box::new(decoder)
            }
        };
        Ok(Self { path: path.to_owned(), bytes, ended: false })
    }

    pub(crate) fn ended(&self) -> bool {
        self.ended
    }

    /// Reads into `bytes`, which is not empty; 0 is the end.
    pub(crate) fn read(&mut self, bytes: &mut [u8]) -> Result<usize, DatasetError> {
        loop {
            match self.bytes.read(bytes) {
                Ok(count) => {
                    self.ended = count == 0;
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(DatasetError::read(&self.path)(error)),
            }
        }
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Input").field("path", &self.path).field("ended", &self.ended).finish_non_exhaustive()
    }
}

/// A file that tells how much was read from it.
struct Counted {
    file: File,
    read: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(bytes)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
