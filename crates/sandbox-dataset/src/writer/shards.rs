//! Rows to several files of about one size.

use std::path::{Path, PathBuf};

use crate::columns::Columns;
use crate::error::DatasetError;
use crate::format::{self, Compression, OutputFormat};

use super::spool::Spool;
use super::{RowWriter, WriteOptions, Written};

/// So many files are given their names together, when all are complete; of more, each when it is.
const TOGETHER: u64 = 256;

/// Rows that are written to as many files as their size asks for.
///
/// Rows of `bytes` in all become min(⌊`bytes` / `shard_bytes`⌋ + 1, rows) files, at least one. Each gets rows that stand
/// together, the first (rows mod files) of them one more than the others. They are called
/// `<folder>/<base>-<i>-of-<n>.<suffix>`: the base is the name up to its first dot, `i` counts from 0, both
/// numbers have one digit more than `n` needs, and the suffix is that of the form, with `.gz` or `.zst` if the path has it.
///
/// The bytes are those that the values take in memory as a table, as Data-Juicer has it, and not those of the files: a
/// number is 8, a text its UTF-8 bytes and 4, a list 4 and its elements, true or false an eighth; keys and punctuation
/// are nothing. Texts that are dates count as texts; columns of several kinds as JSON texts.
///
/// Until [`finish`](Self::finish) the rows stand in a temporary file without a name beside the result. Files of an earlier
/// run with another number of shards are left alone.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// use sandbox_dataset::{ShardWriter, WriteOptions};
/// let mut writer = ShardWriter::create(&folder.path().join("out.jsonl"), 40, WriteOptions::default())?;
/// for text in ["one", "two", "three", "four", "five"] {
///     writer.write_row(format!("{{\"text\":\"{text}\"}}").as_bytes())?;
/// }
/// let names: Vec<_> = writer.finish()?.iter().map(|file| file.path.file_name().unwrap().to_owned()).collect();
/// assert_eq!(names, ["out-00-of-02.jsonl", "out-01-of-02.jsonl"]); // 5 texts with 19 bytes, 6 ends of 4: 43
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ShardWriter {
    path: PathBuf,
    shard_bytes: u64,
    options: WriteOptions,
    format: OutputFormat,
    spool: Spool,
    columns: Columns,
    /// Bytes of rows that are no table.
    other_bytes: u64,
    rows: u64,
    bytes: u64,
}

impl ShardWriter {
    /// Begins the rows that will stand in files called after `path`.
    ///
    /// # Errors
    /// A suffix that is not known, unless the form is given; standard output; a folder that cannot be made.
    pub fn create(path: &Path, shard_bytes: u64, options: WriteOptions) -> Result<Self, DatasetError> {
        let format = options.format.or_else(|| format::of_output(path)).filter(|_| !format::is_stream(path));
        let format = format.ok_or_else(|| DatasetError::UnsupportedOutput { name: path.display().to_string() })?;
        let spool = Spool::beside(path)?;
        let (path, shard_bytes) = (path.to_owned(), shard_bytes.max(1));
        Ok(Self { path, shard_bytes, options, format, spool, columns: Columns::new(true), other_bytes: 0, rows: 0, bytes: 0 })
    }

    /// Takes one row, given without its line end.
    ///
    /// # Errors
    /// A full disk.
    pub fn write_row(&mut self, row: &[u8]) -> Result<(), DatasetError> {
        self.rows += 1;
        self.bytes += row.len() as u64 + 1;
        let is_counted = serde_json::from_slice(row).is_ok_and(|row| self.columns.add(&row).is_ok());
        if !is_counted {
            self.other_bytes += row.len() as u64;
        }
        self.spool.push(row).map_err(DatasetError::write(&self.path))
    }

    /// Takes rows that stand one per line; the last line end may be missing.
    ///
    /// # Errors
    /// A full disk.
    pub fn write_rows(&mut self, rows: &[u8], _count: u64) -> Result<(), DatasetError> {
        super::each_line(rows).try_for_each(|row| self.write_row(row))
    }

    /// Rows so far.
    pub fn rows(&self) -> u64 {
        self.rows
    }

    /// Bytes so far, before packing.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Writes the files.
    ///
    /// # Errors
    /// A file that cannot be written or renamed; for `.parquet`, rows that fit no table.
    pub fn finish(self) -> Result<Vec<Written>, DatasetError> {
        let size = self.columns.bytes() + self.other_bytes;
        let count = (size / self.shard_bytes + 1).min(self.rows.max(1));
        let (each, more) = (self.rows / count, self.rows % count);
        let mut rows = self.spool.read().map_err(DatasetError::read(&self.path))?;
        let (mut complete, mut written) = (Vec::new(), Vec::new());
        let mut row = Vec::new();
        for number in 0..count {
            let path = name(&self.path, self.format, number, count);
            let mut writer = RowWriter::create(&path, WriteOptions { format: Some(self.format), ..self.options })?;
            for _ in 0..each + u64::from(number < more) {
                rows.next(&mut row).map_err(DatasetError::read(&self.path))?;
                writer.write_row(&row)?;
            }
            complete.push(writer.complete()?);
            if count > TOGETHER {
                complete.drain(..).try_for_each(|file| file.commit().map(|file| written.push(file)))?;
            }
        }
        complete.into_iter().try_for_each(|file| file.commit().map(|file| written.push(file)))?;
        Ok(written)
    }
}

fn name(path: &Path, format: OutputFormat, number: u64, count: u64) -> PathBuf {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let base = name.split('.').next().unwrap_or_default();
    let width = count.to_string().len() + 1;
    let suffix = match format {
        OutputFormat::Jsonl => "jsonl",
        OutputFormat::Json => "json",
        OutputFormat::Parquet => "parquet",
    };
    let packed = match Compression::of(path) {
        Compression::Gzip if format != OutputFormat::Parquet => ".gz",
        Compression::Zstd if format != OutputFormat::Parquet => ".zst",
        _ => "",
    };
    path.with_file_name(format!("{base}-{number:0width$}-of-{count:0width$}.{suffix}{packed}"))
}
