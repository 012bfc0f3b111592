//! One Parquet table of all values: what data frames and query engines read.
//!
//! | column | type | what |
//! | --- | --- | --- |
//! | `run` | text | the run's name in the store |
//! | `part` | text | the part of it, such as `main/iter_1/train`; empty for the run itself |
//! | `name` | text | the dotted name |
//! | `step` | whole number | |
//! | `time` | timestamp, microseconds, UTC | |
//! | `value` | number or null | the number; a truth value is 0 or 1 |
//! | `text` | text or null | what is no number: a text, or JSON |
//!
//! A whole number beyond 2⁵³, which the column `value` cannot hold, stands in `text` as well.

use std::path::Path;
use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::data_type::{ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::schema::parser::parse_message_type;
use sandbox_fs::AtomicFile;
use sandbox_watcher::Num;

use crate::error::InteropError;
use crate::exported::{Exported, Meter};
use crate::rows::{Cell, Row};
use crate::source::Source;

const SCHEMA: &str = "message runs {
    REQUIRED BYTE_ARRAY run (UTF8);
    REQUIRED BYTE_ARRAY part (UTF8);
    REQUIRED BYTE_ARRAY name (UTF8);
    REQUIRED INT64 step;
    REQUIRED INT64 time (TIMESTAMP(MICROS, true));
    OPTIONAL DOUBLE value;
    OPTIONAL BYTE_ARRAY text (UTF8);
}";
/// Values, and bytes of texts, in one row group.
const GROUP: usize = 128 << 10;
const GROUP_BYTES: usize = 32 << 20;

/// Writes runs into one file.
///
/// # Errors
/// A store that cannot be read, a file that cannot be written.
pub fn export(sources: &[Source<'_>], path: &Path, meter: &mut Meter<'_>) -> Result<Exported, InteropError> {
    let failed = |error: ParquetError| InteropError::io("write", path)(told(error));
    let mut exported = Exported { files: vec![path.to_owned()], ..Exported::default() };
    let properties = WriterProperties::builder().set_compression(Compression::ZSTD(ZstdLevel::default())).build();
    let schema = Arc::new(parse_message_type(SCHEMA).map_err(failed)?);
    let mut file = SerializedFileWriter::new(AtomicFile::create(path)?, schema, Arc::new(properties)).map_err(failed)?;
    let mut group = Group::default();
    let mut row = Row::default();
    for source in sources {
        let run = ByteArray::from(source.uid());
        for part in source.watched() {
            let place = ByteArray::from(part.path.as_str());
            let names: Vec<ByteArray> = part.metrics.iter().map(|metric| ByteArray::from(metric.name.as_str())).collect();
            let mut rows = source.rows(part, 0)?;
            while rows.next(&mut row)? {
                for (at, cell) in &row.values {
                    let Some(name) = names.get(*at) else { continue };
                    group.runs.push(run.clone());
                    group.parts.push(place.clone());
                    group.names.push(name.clone());
                    group.steps.push(row.step);
                    group.times.push(row.time);
                    group.add(cell);
                }
                exported.values += row.values.len() as u64;
                meter.add(row.values.len() as u64);
                if group.steps.len() >= GROUP || group.bytes >= GROUP_BYTES {
                    std::mem::take(&mut group).write(&mut file).map_err(failed)?;
                }
            }
        }
    }
    if !group.steps.is_empty() {
        group.write(&mut file).map_err(failed)?;
    }
    file.into_inner().map_err(failed)?.commit()?;
    Ok(exported)
}

/// Values that are one row group.
#[derive(Default)]
struct Group {
    runs: Vec<ByteArray>,
    parts: Vec<ByteArray>,
    names: Vec<ByteArray>,
    steps: Vec<i64>,
    times: Vec<i64>,
    values: Vec<f64>,
    has_value: Vec<i16>,
    texts: Vec<ByteArray>,
    has_text: Vec<i16>,
    bytes: usize,
}

impl Group {
    fn add(&mut self, cell: &Cell) {
        let (number, text) = match cell {
            Cell::Number(Num::Int(whole)) if whole.unsigned_abs() > 1 << 53 => (Some(*whole as f64), Some(whole.to_string())),
            Cell::Number(number) => (Some(number.as_f64()), None),
            Cell::Item(_, serde_json::Value::Null) => (None, None),
            item => (None, Some(item.text())),
        };
        self.has_value.push(number.is_some().into());
        self.values.extend(number);
        self.has_text.push(text.is_some().into());
        self.bytes += text.as_ref().map_or(0, String::len);
        self.texts.extend(text.map(|text| ByteArray::from(text.into_bytes())));
    }

    fn write(self, file: &mut SerializedFileWriter<AtomicFile>) -> Result<(), ParquetError> {
        let mut group = file.next_row_group()?;
        for column in [&self.runs, &self.parts, &self.names] {
            write::<ByteArrayType>(&mut group, column, None)?;
        }
        write::<Int64Type>(&mut group, &self.steps, None)?;
        write::<Int64Type>(&mut group, &self.times, None)?;
        write::<DoubleType>(&mut group, &self.values, Some(&self.has_value))?;
        write::<ByteArrayType>(&mut group, &self.texts, Some(&self.has_text))?;
        group.close()?;
        Ok(())
    }
}

fn write<T: DataType>(
    group: &mut SerializedRowGroupWriter<'_, AtomicFile>,
    values: &[T::T],
    present: Option<&[i16]>,
) -> Result<(), ParquetError> {
    let Some(mut column) = group.next_column()? else { return Err(ParquetError::General("a column is missing".to_owned())) };
    column.typed::<T>().write_batch(values, present, None)?;
    column.close()
}

/// The system's own error, if there is one below.
fn told(error: ParquetError) -> std::io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<std::io::Error>() {
            Ok(error) => *error,
            Err(other) => std::io::Error::other(other),
        },
        ParquetError::General(text) => std::io::Error::other(text),
        other => std::io::Error::other(other),
    }
}
