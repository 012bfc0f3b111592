//! Rows to columns: `.parquet`.

mod shred;

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parquet::basic::{Compression, ZstdLevel};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use serde_json::{Map, Value};

use crate::columns::{Columns, Misfit};
use crate::error::DatasetError;

use super::sink::Target;
use super::spool::{Spool, Spooled};
use super::{MixedTypes, WriteOptions};

use shred::Shredder;

/// Bytes of rows in one row group, about.
const GROUP: usize = 64 << 20;

/// A file whose rows are gathered.
#[derive(Debug)]
pub(super) struct Table {
    path: PathBuf,
    target: Target,
    level: Option<i32>,
    spool: Spool,
    columns: Columns,
}

impl Table {
    pub(super) fn create(path: &Path, options: WriteOptions) -> Result<Self, DatasetError> {
        let target = Target::create(path)?;
        let columns = Columns::new(options.mixed == MixedTypes::JsonText);
        Ok(Self { path: path.to_owned(), target, level: options.level, spool: Spool::beside(path)?, columns })
    }

    pub(super) fn write_row(&mut self, row: &[u8]) -> Result<(), DatasetError> {
        let number = self.columns.rows + 1;
        let fields: Map<String, Value> = serde_json::from_slice(row).map_err(|error| DatasetError::Table {
            path: self.path.clone(),
            row: number,
            reason: format!("no JSON object: {error}"),
        })?;
        self.columns.add(&fields).map_err(|misfit| DatasetError::Table {
            path: self.path.clone(),
            row: number,
            reason: match misfit {
                Misfit::Clash(clash) => {
                    format!("column `{}` is {} here and {} in row {}", clash.column, clash.found, clash.expected, clash.first_row)
                }
                Misfit::TooMany => "the rows so far have more than 20000 columns in all".to_owned(),
            },
        })?;
        self.spool.push(row).map_err(DatasetError::write(&self.path))
    }

    pub(super) fn finish(self) -> Result<Target, DatasetError> {
        let Self { path, target, level, spool, columns } = self;
        if columns.rows > 0 && columns.fields.is_empty() {
            return Err(DatasetError::Table { path, row: 1, reason: "no row has a key, so there are no columns".to_owned() });
        }
        let mut rows = spool.read().map_err(DatasetError::read(&path))?;
        write(target, level, &mut rows, &columns).map_err(DatasetError::write(&path))
    }
}

fn write(target: Target, level: Option<i32>, rows: &mut Spooled, columns: &Columns) -> io::Result<Target> {
    let compression = match level.map(|level| ZstdLevel::try_new(level.clamp(1, 22))) {
        None => Compression::SNAPPY,
        Some(level) => Compression::ZSTD(level.map_err(told)?),
    };
    let properties = WriterProperties::builder().set_compression(compression).build();
    let mut shredder = Shredder::new(columns);
    let mut file = SerializedFileWriter::new(target, Arc::new(shredder.schema().map_err(told)?), Arc::new(properties)).map_err(told)?;
    let mut row = Vec::new();
    let mut bytes = 0;
    for _ in 0..columns.rows {
        rows.next(&mut row)?;
        shredder.add(&serde_json::from_slice(&row)?);
        bytes += row.len();
        if bytes >= GROUP {
            shredder.write(&mut file).map_err(told)?;
            bytes = 0;
        }
    }
    if bytes > 0 {
        shredder.write(&mut file).map_err(told)?;
    }
    file.into_inner().map_err(told)
}

/// The system's own error, if there is one below.
fn told(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(other) => io::Error::other(other),
        },
        ParquetError::General(text) => io::Error::other(text),
        other => io::Error::other(other),
    }
}
