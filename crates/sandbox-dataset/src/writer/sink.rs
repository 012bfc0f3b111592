//! Where bytes go: a file that is complete or absent, or standard output; packed or not.

use std::fmt;
use std::fs;
use std::io::{self, BufWriter, Stdout, Write};
use std::path::Path;

use flate2::write::GzEncoder;
use sandbox_fs::AtomicFile;

use crate::error::DatasetError;
use crate::format::{self, Compression};

/// How much is collected before the file is written to.
const BUFFER: usize = 1 << 20;

/// The unpacked end.
#[derive(Debug)]
pub(super) enum Target {
    File(AtomicFile),
    /// With the number of bytes so far.
    Stream(Stdout, u64),
}

impl Target {
    pub(super) fn create(path: &Path) -> Result<Self, DatasetError> {
        Ok(if format::is_stream(path) { Self::Stream(io::stdout(), 0) } else { Self::File(AtomicFile::create(path)?) })
    }

    /// Gives a file its name; returns its bytes.
    pub(super) fn commit(self, path: &Path) -> Result<u64, DatasetError> {
        match self {
            Self::File(file) => {
                file.commit()?;
                Ok(fs::metadata(path).map_err(DatasetError::read(path))?.len())
            }
            Self::Stream(mut stream, bytes) => {
                stream.flush().map_err(DatasetError::write(path))?;
                Ok(bytes)
            }
        }
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Stream(stream, count) => {
                let written = stream.write(bytes)?;
                *count += written as u64;
                Ok(written)
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Stream(stream, _) => stream.flush(),
        }
    }
}

/// The end that may pack.
pub(super) enum Sink {
    Plain(BufWriter<Target>),
    Gzip(BufWriter<GzEncoder<Target>>),
    Zstd(BufWriter<zstd::Encoder<'static, Target>>),
}

impl Sink {
    pub(super) fn create(path: &Path, level: Option<i32>) -> Result<Self, DatasetError> {
        let target = Target::create(path)?;
        Ok(match Compression::of(path) {
            Compression::None => Self::Plain(BufWriter::with_capacity(BUFFER, target)),
            Compression::Gzip => {
                let level = flate2::Compression::new(level.unwrap_or(6).clamp(0, 9).unsigned_abs());
                Self::Gzip(BufWriter::with_capacity(BUFFER, GzEncoder::new(target, level)))
            }
            Compression::Zstd => {
                let encoder = zstd::Encoder::new(target, level.unwrap_or(3).clamp(1, 22)).map_err(DatasetError::write(path))?;
                Self::Zstd(BufWriter::with_capacity(BUFFER, encoder))
            }
        })
    }

    /// Writes what is still held back.
    pub(super) fn finish(self) -> io::Result<Target> {
        match self {
            Self::Plain(plain) => unbuffer(plain),
            Self::Gzip(gzip) => unbuffer(gzip).and_then(GzEncoder::finish),
            Self::Zstd(zstd) => unbuffer(zstd).and_then(zstd::Encoder::finish),
        }
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(plain) => plain.write(bytes),
            Self::Gzip(gzip) => gzip.write(bytes),
            Self::Zstd(zstd) => zstd.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(plain) => plain.flush(),
            Self::Gzip(gzip) => gzip.flush(),
            Self::Zstd(zstd) => zstd.flush(),
        }
    }
}

fn unbuffer<W: Write>(buffer: BufWriter<W>) -> io::Result<W> {
    buffer.into_inner().map_err(io::IntoInnerError::into_error)
}

impl fmt::Debug for Sink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Plain(_) => "Plain",
            Self::Gzip(_) => "Gzip",
            Self::Zstd(_) => "Zstd",
        })
    }
}
