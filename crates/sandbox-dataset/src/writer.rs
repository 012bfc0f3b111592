//! Rows to a file that is complete or absent, or to standard output.

#[cfg(feature = "parquet")]
mod parquet;
mod shards;
mod sink;
mod spool;

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::DatasetError;
use crate::format::{self, OutputFormat};

pub use shards::ShardWriter;
use sink::{Sink, Target};

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct WriteOptions {
    /// The form; none to take it from the file's suffix.
    pub format: Option<OutputFormat>,
    /// How hard to pack: 0 to 9 for `.gz` (6 unless told), 1 to 22 for `.zst` (3 unless told). What is beyond counts as the limit.
    /// `.parquet` is packed with Snappy unless told, else with Zstandard of this level.
    pub level: Option<i32>,
    /// What becomes of values of several kinds in one column of `.parquet`.
    pub mixed: MixedTypes,
}

/// What becomes of values of several kinds in one column, such as texts and numbers. Integers among fractions are no such
/// case as long as no digit is lost, and null fits every column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MixedTypes {
    /// The first value that does not fit ends the writing, with both rows named.
    #[default]
    Refuse,
    /// The whole column is written as the JSON texts of its values.
    JsonText,
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
/// and `[]` when there are none. The path `-` is standard output, in JSON lines unless a form is given; what went there
/// cannot be taken back.
///
/// For `.parquet` the types of the columns follow from all rows, which are kept in a temporary file beside the result until then:
///
/// | JSON | column |
/// | --- | --- |
/// | text, true and false | string, boolean |
/// | integers | int64; uint64 when one needs it |
/// | fractions, or integers among fractions | double |
/// | lists, objects | list, struct with all keys that occur |
/// | nothing but null | null |
/// | objects that are all empty | string, `{}` |
///
/// Everything may be null, and a key that is absent is. Rows with more than 20,000 columns in all are refused: their keys are data.
#[derive(Debug)]
pub struct RowWriter {
    path: PathBuf,
    body: Body,
    rows: u64,
    bytes: u64,
}

#[derive(Debug)]
enum Body {
    Lines(Sink),
    Array(Sink),
    #[cfg(feature = "parquet")]
    Table(Box<parquet::Table>),
}

/// A file that has all its bytes and not yet its name.
struct Complete {
    path: PathBuf,
    target: Target,
    rows: u64,
}

impl Complete {
    fn commit(self) -> Result<Written, DatasetError> {
        let bytes = self.target.commit(&self.path)?;
        Ok(Written { path: self.path, rows: self.rows, bytes })
    }
}

impl RowWriter {
    /// Begins the file; its folders are made when missing.
    ///
    /// # Errors
    /// A suffix that is not known, unless the form is given; a file that cannot be made or that another run is writing.
    pub fn create(path: &Path, options: WriteOptions) -> Result<Self, DatasetError> {
        let format = options.format.or_else(|| format::of_output(path));
        let format = format.ok_or_else(|| DatasetError::UnsupportedOutput { name: path.display().to_string() })?;
        let body = match format {
            OutputFormat::Jsonl => Body::Lines(Sink::create(path, options.level)?),
            OutputFormat::Json => Body::Array(Sink::create(path, options.level)?),
            #[cfg(feature = "parquet")]
            OutputFormat::Parquet => Body::Table(Box::new(parquet::Table::create(path, options)?)),
            #[cfg(not(feature = "parquet"))]
            OutputFormat::Parquet => return Err(DatasetError::no_parquet(path)),
        };
        Ok(Self { path: path.to_owned(), body, rows: 0, bytes: 0 })
    }

    /// Writes one row, given without its line end.
    ///
    /// # Errors
    /// A file that cannot be written; for `.parquet`, a row that is no JSON object or does not fit the rows before it.
    pub fn write_row(&mut self, row: &[u8]) -> Result<(), DatasetError> {
        let (before, after): (&[u8], &[u8]) = match &mut self.body {
            Body::Lines(_) => (b"", b"\n"),
            Body::Array(_) if self.rows == 0 => (b"[\n", b""),
            Body::Array(_) => (b",\n", b""),
            #[cfg(feature = "parquet")]
            Body::Table(table) => {
                table.write_row(row)?;
                self.rows += 1;
                self.bytes += row.len() as u64 + 1;
                return Ok(());
            }
        };
        self.rows += 1;
        self.put(before)?;
        self.put(row)?;
        self.put(after)
    }

    /// Writes `count` rows that stand one per line; the last line end may be missing.
    ///
    /// # Errors
    /// As [`write_row`](Self::write_row).
    pub fn write_rows(&mut self, rows: &[u8], count: u64) -> Result<(), DatasetError> {
        let Some(&last) = rows.last() else { return Ok(()) };
        if !matches!(self.body, Body::Lines(_)) {
            return each_line(rows).try_for_each(|row| self.write_row(row));
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
    pub fn finish(self) -> Result<Written, DatasetError> {
        self.complete()?.commit()
    }

    fn complete(mut self) -> Result<Complete, DatasetError> {
        if matches!(self.body, Body::Array(_)) {
            self.put(if self.rows == 0 { b"[]\n" } else { b"\n]\n" })?;
        }
        let Self { path, body, rows, .. } = self;
        let target = match body {
            Body::Lines(sink) | Body::Array(sink) => sink.finish().map_err(DatasetError::write(&path))?,
            #[cfg(feature = "parquet")]
            Body::Table(table) => table.finish()?,
        };
        Ok(Complete { path, target, rows })
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), DatasetError> {
        self.bytes += bytes.len() as u64;
        match &mut self.body {
            Body::Lines(sink) | Body::Array(sink) => sink.write_all(bytes).map_err(DatasetError::write(&self.path)),
            #[cfg(feature = "parquet")]
            Body::Table(_) => Ok(()),
        }
    }
}

fn each_line(rows: &[u8]) -> impl Iterator<Item = &[u8]> {
    let is_empty = rows.is_empty();
    rows.strip_suffix(b"\n").unwrap_or(rows).split(|&byte| byte == b'\n').filter(move |_| !is_empty)
}
