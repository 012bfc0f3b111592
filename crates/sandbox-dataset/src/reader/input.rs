//! The bytes of one file, unpacked and counted.

use std::env;
use std::fmt;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use flate2::bufread::MultiGzDecoder;
use tempfile::NamedTempFile;

use crate::error::DatasetError;
use crate::format::{self, Compression};

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
        if format::is_stream(path) {
            return Ok(Self { path: path.to_owned(), bytes: Box::new(Counted { file: io::stdin(), read }), ended: false });
        }
        let file = open_file(path)?;
        Self::unpack(path, file, compression, read)
    }

    /// The same bytes twice, to be read one after the other; the second reading is counted. What is no plain file, such as a pipe, is
    /// kept in a temporary file for it.
    pub(crate) fn open_twice(path: &Path, compression: Compression, read: Arc<AtomicU64>) -> Result<[Self; 2], DatasetError> {
        let [first, second] = seekable(path)?;
        let first = Self::unpack(path, first, compression, Arc::default())?;
        Ok([first, Self::unpack(path, second, compression, read)?])
    }

    fn unpack(path: &Path, file: File, compression: Compression, read: Arc<AtomicU64>) -> Result<Self, DatasetError> {
        let metadata = file.metadata().map_err(DatasetError::read(path))?;
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

    /// All bytes; `None` when there are more than `limit`.
    pub(crate) fn read_all(self, limit: usize) -> Result<Option<Vec<u8>>, DatasetError> {
        let Self { path, bytes, .. } = self;
        let mut all = Vec::new();
        bytes.take(limit as u64 + 1).read_to_end(&mut all).map_err(DatasetError::read(&path))?;
        Ok((all.len() <= limit).then_some(all))
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

fn open_file(path: &Path) -> Result<File, DatasetError> {
    let file = File::open(path).map_err(DatasetError::read(path))?;
    if file.metadata().map_err(DatasetError::read(path))?.is_dir() {
        return Err(DatasetError::read(path)(io::Error::from(io::ErrorKind::IsADirectory)));
    }
    Ok(file)
}

/// Two handles to a file in which one can go back and forth: the file itself, or a temporary copy of what can be read only once.
pub(crate) fn seekable(path: &Path) -> Result<[File; 2], DatasetError> {
    let mut file = open_file(path)?;
    if file.metadata().map_err(DatasetError::read(path))?.is_file() {
        return Ok([file, open_file(path)?]);
    }
    let mut copy = NamedTempFile::new().map_err(DatasetError::write(&env::temp_dir()))?;
    io::copy(&mut file, &mut copy).map_err(DatasetError::read(path))?;
    let reopened = |_| copy.reopen().map_err(DatasetError::read(copy.path()));
    Ok([reopened(0)?, reopened(1)?])
}

/// A file that tells how much was read from it.
struct Counted<R> {
    file: R,
    read: Arc<AtomicU64>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
        let count = self.file.read(bytes)?;
        self.read.fetch_add(count as u64, Ordering::Relaxed);
        Ok(count)
    }
}
