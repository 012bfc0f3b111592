//! Rows taken apart into columns (Dremel's record shredding).

use std::io::Write;
use std::sync::Arc;

use indexmap::IndexMap;
use parquet::basic::{ConvertedType, LogicalType, Repetition, Type as Physical};
use parquet::column::writer::ColumnWriter;
use parquet::data_type::ByteArray;
use parquet::errors::ParquetError;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::types::Type;
use serde_json::{Map, Value};

use crate::columns::{Column, Columns, Kind};

/// Columns that are filled.
pub(super) struct Shredder {
    fields: Vec<Field>,
    leaves: Vec<Leaf>,
}

struct Field {
    name: String,
    shape: Shape,
    /// The columns below it.
    first: usize,
    end: usize,
}

enum Shape {
    Null,
    Bool,
    Integer { large: bool },
    Float,
    Text,
    Json,
    List(Box<Field>),
    Struct(Vec<Field>),
}

/// The entries of one column.
#[derive(Default)]
struct Leaf {
    definitions: Vec<i16>,
    repetitions: Vec<i16>,
    bools: Vec<bool>,
    longs: Vec<i64>,
    doubles: Vec<f64>,
    bytes: Vec<ByteArray>,
}

/// Where in a row we are: what of the path is there, which list goes on, and how many lists there are above.
#[derive(Clone, Copy)]
struct Place {
    definition: i16,
    repetition: i16,
    lists: i16,
}

impl Shredder {
    pub(super) fn new(columns: &Columns) -> Self {
        let mut count = 0;
        let fields = fields(&columns.fields, &mut count);
        Self { fields, leaves: (0..count).map(|_| Leaf::default()).collect() }
    }

    pub(super) fn schema(&self) -> Result<Type, ParquetError> {
        let fields = self.fields.iter().map(Field::schema).collect::<Result<_, _>>()?;
        Type::group_type_builder("schema").with_fields(fields).build()
    }

    pub(super) fn add(&mut self, row: &Map<String, Value>) {
        for field in &self.fields {
            field.add(row.get(&field.name), Place { definition: 0, repetition: 0, lists: 0 }, &mut self.leaves);
        }
    }

    /// Writes what was added as a row group.
    pub(super) fn write<W: Write + Send>(&mut self, file: &mut SerializedFileWriter<W>) -> Result<(), ParquetError> {
        let mut group = file.next_row_group()?;
        for leaf in &mut self.leaves {
            let Some(mut column) = group.next_column()? else { break };
            let (definitions, repetitions) = (Some(&leaf.definitions[..]), Some(&leaf.repetitions[..]));
            match column.untyped() {
                ColumnWriter::BoolColumnWriter(writer) => writer.write_batch(&leaf.bools, definitions, repetitions)?,
                ColumnWriter::Int32ColumnWriter(writer) => writer.write_batch(&[], definitions, repetitions)?,
                ColumnWriter::Int64ColumnWriter(writer) => writer.write_batch(&leaf.longs, definitions, repetitions)?,
                ColumnWriter::DoubleColumnWriter(writer) => writer.write_batch(&leaf.doubles, definitions, repetitions)?,
                ColumnWriter::ByteArrayColumnWriter(writer) => writer.write_batch(&leaf.bytes, definitions, repetitions)?,
                _ => return Err(ParquetError::General("a column of a type that is not written".to_owned())),
            };
            column.close()?;
            leaf.clear();
        }
        group.close()?;
        Ok(())
    }
}

fn fields(columns: &IndexMap<String, Column>, count: &mut usize) -> Vec<Field> {
    columns.iter().map(|(name, column)| Field::new(name, column, count)).collect()
}

impl Field {
    fn new(name: &str, column: &Column, count: &mut usize) -> Self {
        let first = *count;
        let mut leaf = |shape| {
            *count += 1;
            shape
        };
        let shape = match &column.kind {
            Kind::Null => leaf(Shape::Null),
            Kind::Bool => leaf(Shape::Bool),
            Kind::Integer(integers) => leaf(Shape::Integer { large: integers.large }),
            Kind::Float => leaf(Shape::Float),
            Kind::Text => leaf(Shape::Text),
            Kind::Json => leaf(Shape::Json),
            // There are no structs without fields.
            Kind::Struct(columns) if columns.is_empty() => leaf(Shape::Json),
            Kind::List(element) => Shape::List(Box::new(Self::new("element", element, count))),
            Kind::Struct(columns) => Shape::Struct(fields(columns, count)),
        };
        Self { name: name.to_owned(), shape, first, end: *count }
    }

    fn schema(&self) -> Result<Arc<Type>, ParquetError> {
        let leaf = |physical, converted, logical| {
            let builder = Type::primitive_type_builder(&self.name, physical).with_repetition(Repetition::OPTIONAL);
            builder.with_converted_type(converted).with_logical_type(logical).build()
        };
        let built = match &self.shape {
            Shape::Null => leaf(Physical::INT32, ConvertedType::NONE, Some(LogicalType::Unknown)),
            Shape::Bool => leaf(Physical::BOOLEAN, ConvertedType::NONE, None),
            Shape::Integer { large: false } => leaf(Physical::INT64, ConvertedType::NONE, None),
            Shape::Integer { large: true } => leaf(Physical::INT64, ConvertedType::UINT_64, Some(LogicalType::integer(64, false))),
            Shape::Float => leaf(Physical::DOUBLE, ConvertedType::NONE, None),
            Shape::Text | Shape::Json => leaf(Physical::BYTE_ARRAY, ConvertedType::UTF8, Some(LogicalType::String)),
            Shape::List(element) => {
                let repeated = Type::group_type_builder("list").with_repetition(Repetition::REPEATED);
                let repeated = repeated.with_fields(vec![element.schema()?]).build()?;
                let builder = Type::group_type_builder(&self.name).with_repetition(Repetition::OPTIONAL);
                let builder = builder.with_converted_type(ConvertedType::LIST).with_logical_type(Some(LogicalType::List));
                builder.with_fields(vec![Arc::new(repeated)]).build()
            }
            Shape::Struct(fields) => {
                let fields = fields.iter().map(Self::schema).collect::<Result<_, _>>()?;
                Type::group_type_builder(&self.name).with_repetition(Repetition::OPTIONAL).with_fields(fields).build()
            }
        };
        Ok(Arc::new(built?))
    }

    fn add(&self, value: Option<&Value>, place: Place, leaves: &mut [Leaf]) {
        let there = Place { definition: place.definition + 1, ..place };
        match (&self.shape, value) {
            (Shape::Struct(fields), Some(Value::Object(values))) => {
                fields.iter().for_each(|field| field.add(values.get(&field.name), there, leaves));
            }
            (Shape::List(_), Some(Value::Array(values))) if values.is_empty() => self.push_empty(there, leaves),
            (Shape::List(element), Some(Value::Array(values))) => {
                let lists = place.lists + 1;
                for (number, value) in values.iter().enumerate() {
                    let repetition = if number == 0 { place.repetition } else { lists };
                    element.add(Some(value), Place { definition: there.definition + 1, repetition, lists }, leaves);
                }
            }
            (shape, Some(value)) if !value.is_null() => {
                let Some(leaf) = leaves.get_mut(self.first) else { return };
                let is_pushed = match (shape, value) {
                    (Shape::Bool, Value::Bool(value)) => {
                        leaf.bools.push(*value);
                        true
                    }
                    (Shape::Integer { .. }, Value::Number(value)) => {
                        let long = value.as_i64().or_else(|| value.as_u64().map(u64::cast_signed));
                        leaf.longs.extend(long);
                        long.is_some()
                    }
                    (Shape::Float, Value::Number(value)) => {
                        leaf.doubles.extend(value.as_f64());
                        value.as_f64().is_some()
                    }
                    (Shape::Text, Value::String(text)) => {
                        leaf.bytes.push(text.as_bytes().to_vec().into());
                        true
                    }
                    (Shape::Json, value) => {
                        leaf.bytes.push(value.to_string().into_bytes().into());
                        true
                    }
                    _ => false,
                };
                leaf.push(if is_pushed { there } else { place });
            }
            _ => self.push_empty(place, leaves),
        }
    }

    /// All columns below learn that the path ends here.
    fn push_empty(&self, place: Place, leaves: &mut [Leaf]) {
        leaves.get_mut(self.first..self.end).unwrap_or_default().iter_mut().for_each(|leaf| leaf.push(place));
    }
}

impl Leaf {
    fn push(&mut self, place: Place) {
        self.definitions.push(place.definition);
        self.repetitions.push(place.repetition);
    }

    fn clear(&mut self) {
        self.definitions.clear();
        self.repetitions.clear();
        self.bools.clear();
        self.longs.clear();
        self.doubles.clear();
        self.bytes.clear();
    }
}
