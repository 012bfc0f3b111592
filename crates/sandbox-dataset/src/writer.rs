//! Rows to a file that is complete or absent.

use std::fmt;
use std::fs;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use flate2::write::GzEncoder;
use sandbox_fs::AtomicFile;

use crate::error::DatasetError;
use crate::format::{self, Compression, OutputFormat};

/// How much is collected before the file is written to.
const BUFFER: usize = 1 << 20;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WriteOptions {
    /// The form; none to take it from the file's suffix.
    pub format: Option<OutputFormat>,
    /// How hard to pack: 0 to 9 for `.gz` (6 unless told), 1 to 22 for `.zst` (3 unless told). What is beyond counts as the limit.
    pub level: Option<i32>,
}

/// What was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The file.
    pub path: PathBuf,
    /// Rows in it.
    pub rows: u64,
    /// Bytes on disk, packed if the file is.
    pub bytes: u64,
}

/// A file of rows in the making. It gets its name in [`finish`](Self::finish); dropped without, it leaves nothing behind.
///
/// Whether it is packed, the end of its name says. JSON lines are one row per line; an array has one row per line too,
/// and `[]` when there are none.
#[derive(Debug)]
pub struct RowWriter {
    path: PathBuf,
    format: OutputFormat,
    sink: Sink,
    rows: u64,
    bytes: u64,
}

enum Sink {
    Plain(BufWriter<AtomicFile>),
    Gzip(BufWriter<GzEncoder<AtomicFile>>),
    Zstd(BufWriter<zstd::Encoder<'static, AtomicFile>>),
}

impl RowWriter {
    /// Begins the file; its folders are made when missing.
    ///
    /// # Errors
    /// A suffix that is not known, unless the form is given; a file that cannot be made or that another run is writing.
    pub fn create(path: &Path, options: WriteOptions) -> Result<Self, DatasetError> {
        let format = options.format.or_else(|| Some(format::of(path)?.0));
        let format = format.ok_or_else(|| DatasetError::Unsupported { name: path.display().to_string() })?;
        let file = AtomicFile::create(path)?;
        let sink = match Compression::of(path) {
            Compression::None => Sink::Plain(BufWriter::with_capacity(BUFFER, file)),
            Compression::Gzip => {
                let level = flate2::Compression::new(options.level.unwrap_or(6).clamp(0, 9).unsigned_abs());
                Sink::Gzip(BufWriter::with_capacity(BUFFER, GzEncoder::new(file, level)))
            }
            Compression::Zstd => {
                let encoder = zstd::Encoder::new(file, options.level.unwrap_or(3).clamp(1, 22)).map_err(DatasetError::write(path))?;
                Sink::Zstd(BufWriter::with_capacity(BUFFER, encoder))
            }
        };
        Ok(Self { path: path.to_owned(), format, sink, rows: 0, bytes: 0 })
    }

    /// Writes one row, given without its line end.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write_row(&mut self, row: &[u8]) -> Result<(), DatasetError> {
        let (before, after): (&[u8], &[u8]) = match self.format {
            OutputFormat::Jsonl => (b"", b"\n"),
            OutputFormat::Json if self.rows == 0 => (b"[\n", b""),
            OutputFormat::Json => (b",\n", b""),
        };
        self.rows += 1;
        self.put(before)?;
        self.put(row)?;
        self.put(after)
    }

    /// Writes `count` rows that stand one per line; the last line end may be missing.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write_rows(&mut self, rows: &[u8], count: u64) -> Result<(), DatasetError> {
        let Some(&last) = rows.last() else { return Ok(()) };
        if self.format == OutputFormat::Json {
            let rows = rows.strip_suffix(b"\n").unwrap_or(rows);
            return rows.split(|&byte| byte == b'\n').try_for_each(|row| self.write_row(row));
        }
        self.rows += count;
        self.put(rows)?;
        if last == b'\n' { Ok(()) } else { self.put(b"\n") }
    }

    /// Rows so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Bytes so far, before packing.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Completes the file and gives it its name.
    ///
    /// # Errors
    /// A file that cannot be written or renamed.
    pub fn finish(mut self) -> Result<Written, DatasetError> {
        match self.format {
            OutputFormat::Jsonl => {}
            OutputFormat::Json if self.rows == 0 => self.put(b"[]\n")?,
            OutputFormat::Json => self.put(b"\n]\n")?,
        }
        let Self { path, sink, rows, .. } = self;
        let file = match sink {
            Sink::Plain(plain) => unbuffer(plain),
            Sink::Gzip(gzip) => unbuffer(gzip).and_then(GzEncoder::finish),
            Sink::Zstd(zstd) => unbuffer(zstd).and_then(zstd::Encoder::finish),
        };
        file.map_err(DatasetError::write(&path))?.commit()?;
        let bytes = fs::metadata(&path).map_err(DatasetError::read(&path))?.len();
        Ok(Written { path, rows, bytes })
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), DatasetError> {
        self.bytes += bytes.len() as u64;
        let result = match &mut self.sink {
            Sink::Plain(plain) => plain.write_all(bytes),
            Sink::Gzip(gzip) => gzip.write_all(bytes),
            Sink::Zstd(zstd) => zstd.write_all(bytes),
        };
        result.map_err(DatasetError::write(&self.path))
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
