//! One column of one row group, decoded a few rows at a time.

use parquet::column::reader::{ColumnReader, ColumnReaderImpl};
use parquet::data_type::{ByteArray, DataType, FixedLenByteArray, Int96};
use parquet::file::reader::RowGroupReader;

use super::told;
use super::value::Form;

/// A column with what is decoded of it.
pub(super) struct Leaf {
    reader: ColumnReader,
    name: String,
    form: Form,
    max_definition: i16,
    max_repetition: i16,
    /// How much of the path to the value is there, and at which list the entry goes on; empty where there is no choice.
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
    values: Values,
    entries: usize,
    entry: usize,
    value: usize,
}

/// The values that are not null.
#[derive(Debug, Default)]
pub(super) struct Values {
    pub(super) bools: Vec<bool>,
    pub(super) ints: Vec<i32>,
    pub(super) longs: Vec<i64>,
    pub(super) int96s: Vec<Int96>,
    pub(super) floats: Vec<f32>,
    pub(super) doubles: Vec<f64>,
    pub(super) bytes: Vec<ByteArray>,
    pub(super) fixed: Vec<FixedLenByteArray>,
}

impl Leaf {
    pub(super) fn open(group: &dyn RowGroupReader, column: usize) -> Result<Self, String> {
        let description = group.metadata().column(column).column_descr_ptr();
        Ok(Self {
            reader: group.get_column_reader(column).map_err(told)?,
            name: description.path().string(),
            form: Form::of(&description),
            max_definition: description.max_def_level(),
            max_repetition: description.max_rep_level(),
            definitions: Vec::new(),
            repetitions: Vec::new(),
            values: Values::default(),
            entries: 0,
            entry: 0,
            value: 0,
        })
    }

    /// Decodes the entries of the next `rows` rows in place of those before.
    pub(super) fn decode(&mut self, rows: usize) -> Result<(), String> {
        let Self { reader, definitions, repetitions, values, .. } = self;
        definitions.clear();
        repetitions.clear();
        let levels = (definitions, repetitions);
        let (found, entries) = match reader {
            ColumnReader::BoolColumnReader(reader) => decode(reader, rows, levels, &mut values.bools),
            ColumnReader::Int32ColumnReader(reader) => decode(reader, rows, levels, &mut values.ints),
            ColumnReader::Int64ColumnReader(reader) => decode(reader, rows, levels, &mut values.longs),
            ColumnReader::Int96ColumnReader(reader) => decode(reader, rows, levels, &mut values.int96s),
            ColumnReader::FloatColumnReader(reader) => decode(reader, rows, levels, &mut values.floats),
            ColumnReader::DoubleColumnReader(reader) => decode(reader, rows, levels, &mut values.doubles),
            ColumnReader::ByteArrayColumnReader(reader) => decode(reader, rows, levels, &mut values.bytes),
            ColumnReader::FixedLenByteArrayColumnReader(reader) => decode(reader, rows, levels, &mut values.fixed),
        }
        .map_err(|reason| format!("column `{}`: {reason}", self.name))?;
        if found != rows {
            return Err(format!("column `{}` ends {} rows too early", self.name, rows - found.min(rows)));
        }
        (self.entries, self.entry, self.value) = (entries, 0, 0);
        Ok(())
    }

    /// How much of the path to the value is there at the entry at hand.
    pub(super) fn definition(&self) -> i16 {
        if self.max_definition == 0 { 0 } else { self.definitions.get(self.entry).copied().unwrap_or_default() }
    }

    /// The list at which the entry at hand goes on; 0 for a new row, or when there is none.
    pub(super) fn repetition(&self) -> i16 {
        if self.max_repetition == 0 { 0 } else { self.repetitions.get(self.entry).copied().unwrap_or_default() }
    }

    /// Goes over the entry at hand; its value is none.
    pub(super) fn skip(&mut self) -> Result<(), String> {
        if self.entry >= self.entries {
            return Err(format!("column `{}` has fewer entries than its neighbours", self.name));
        }
        self.entry += 1;
        Ok(())
    }

    /// Writes the value of the entry at hand; what cannot be written goes to `fault`.
    pub(super) fn write(&mut self, out: &mut Vec<u8>, fault: &mut Option<String>) -> Result<(), String> {
        let is_value = self.definition() == self.max_definition;
        self.skip()?;
        if !is_value {
            out.extend_from_slice(b"null");
            return Ok(());
        }
        let place = self.value;
        self.value += 1;
        match self.form.write(&self.values, place, out) {
            Some(Ok(())) => {}
            Some(Err(reason)) => {
                out.extend_from_slice(b"null");
                fault.get_or_insert_with(|| format!("column `{}` {reason}", self.name));
            }
            None => return Err(format!("column `{}` has fewer values than entries", self.name)),
        }
        Ok(())
    }
}

fn decode<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    rows: usize,
    (definitions, repetitions): (&mut Vec<i16>, &mut Vec<i16>),
    values: &mut Vec<T::T>,
) -> Result<(usize, usize), String> {
    values.clear();
    let (mut found, mut entries) = (0, 0);
    while found < rows {
        let (records, _, levels) = reader.read_records(rows - found, Some(definitions), Some(repetitions), values).map_err(told)?;
        if records == 0 {
            break;
        }
        found += records;
        entries += levels;
    }
    Ok((found, entries))
}
