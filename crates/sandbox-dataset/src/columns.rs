//! What the fields of many rows have in common: the columns of a table.

use indexmap::IndexMap;
use serde_json::{Map, Value};

/// More columns than this are taken for data that stands in the keys.
const MOST: usize = 20_000;

/// A column as all rows so far have it.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) kind: Kind,
    /// The row that said first what it is, from 1.
    row: u64,
    /// How many values are not null.
    values: u64,
    /// Bytes of all texts.
    text_bytes: u64,
}

/// What a column holds.
#[derive(Debug, Clone)]
pub(crate) enum Kind {
    /// Nothing but nulls so far.
    Null,
    Bool,
    Integer(Integers),
    Float,
    Text,
    /// Values of several kinds, each as its JSON text.
    Json,
    List(Box<Column>),
    Struct(IndexMap<String, Column>),
}

/// What the integers of a column need.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Integers {
    negative: bool,
    /// Larger than a signed 64-bit integer.
    pub(crate) large: bool,
    /// Not the same as a 64-bit float.
    inexact: bool,
}

/// Why a value does not fit its column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Clash {
    pub(crate) column: String,
    pub(crate) found: &'static str,
    pub(crate) expected: &'static str,
    pub(crate) first_row: u64,
}

/// Why a row fits no table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Misfit {
    Clash(Clash),
    TooMany,
}

/// Goes through rows.
#[derive(Debug, Default)]
pub(crate) struct Columns {
    pub(crate) fields: IndexMap<String, Column>,
    pub(crate) rows: u64,
    count: usize,
    /// Whether a column of several kinds becomes JSON texts.
    as_json: bool,
}

impl Columns {
    pub(crate) fn new(as_json: bool) -> Self {
        Self { as_json, ..Self::default() }
    }

    /// Takes one more row into account.
    pub(crate) fn add(&mut self, row: &Map<String, Value>) -> Result<(), Misfit> {
        self.rows += 1;
        let mut place = Place { row: self.rows, path: Vec::new(), count: &mut self.count, as_json: self.as_json };
        add_fields(&mut self.fields, row, &mut place)
    }

    /// How many bytes the rows take in memory as an Arrow table.
    pub(crate) fn bytes(&self) -> u64 {
        self.fields.values().map(|column| column.bytes(self.rows)).sum()
    }
}

struct Place<'a> {
    row: u64,
    path: Vec<&'a str>,
    count: &'a mut usize,
    as_json: bool,
}

fn add_fields<'a>(fields: &mut IndexMap<String, Column>, values: &'a Map<String, Value>, place: &mut Place<'a>) -> Result<(), Misfit> {
    for (key, value) in values {
        place.path.push(key);
        match fields.get_mut(key) {
            Some(column) => column.add(value, place)?,
            None => {
                *place.count += 1;
                if *place.count > MOST {
                    return Err(Misfit::TooMany);
                }
                let mut column = Column::new();
                column.add(value, place)?;
                fields.insert(key.clone(), column);
            }
        }
        place.path.pop();
    }
    Ok(())
}

impl Column {
    fn new() -> Self {
        Self { kind: Kind::Null, row: 0, values: 0, text_bytes: 0 }
    }

    fn add<'a>(&mut self, value: &'a Value, place: &mut Place<'a>) -> Result<(), Misfit> {
        if value.is_null() {
            return Ok(());
        }
        self.values += 1;
        if matches!(self.kind, Kind::Null) {
            self.row = place.row;
            self.kind = match value {
                Value::Null => Kind::Null,
                Value::Bool(_) => Kind::Bool,
                Value::Number(number) if number.is_f64() => Kind::Float,
                Value::Number(_) => Kind::Integer(Integers::default()),
                Value::String(_) => Kind::Text,
                Value::Array(_) => Kind::List(Box::new(Self::new())),
                Value::Object(_) => Kind::Struct(IndexMap::new()),
            };
        }
        match (&mut self.kind, value) {
            (Kind::Bool, Value::Bool(_)) => Ok(()),
            (Kind::Text, Value::String(text)) => {
                self.text_bytes += text.len() as u64;
                Ok(())
            }
            (Kind::Float, Value::Number(number)) if number.is_f64() || is_exact(number) => Ok(()),
            (Kind::Integer(integers), Value::Number(number)) if number.is_f64() => {
                if integers.inexact {
                    return self.clash(value, place);
                }
                self.kind = Kind::Float;
                Ok(())
            }
            (Kind::Integer(integers), Value::Number(number)) => {
                integers.negative |= number.as_i64().is_some_and(|number| number < 0);
                integers.large |= number.as_i64().is_none();
                integers.inexact |= !is_exact(number);
                if integers.negative && integers.large {
                    return self.clash(value, place);
                }
                Ok(())
            }
            (Kind::List(element), Value::Array(values)) => {
                place.path.push("[]");
                let added = values.iter().try_for_each(|value| element.add_slot(value, place));
                place.path.pop();
                added
            }
            (Kind::Struct(fields), Value::Object(values)) => add_fields(fields, values, place),
            (Kind::Json, value) => {
                self.text_bytes += value.to_string().len() as u64;
                Ok(())
            }
            _ => self.clash(value, place),
        }
    }

    /// An element of a list; nulls take a place too.
    fn add_slot<'a>(&mut self, value: &'a Value, place: &mut Place<'a>) -> Result<(), Misfit> {
        if value.is_null() {
            self.row = if self.row == 0 { place.row } else { self.row };
        }
        self.add(value, place)
    }

    fn clash(&mut self, value: &Value, place: &Place<'_>) -> Result<(), Misfit> {
        if place.as_json {
            self.kind = Kind::Json;
            return Ok(());
        }
        let column = place.path.join(".").replace(".[]", "[]");
        Err(Misfit::Clash(Clash { column, found: name_of(value), expected: self.kind.name(), first_row: self.row }))
    }

    /// How many bytes `slots` values, nulls among them, take as an Arrow array.
    fn bytes(&self, slots: u64) -> u64 {
        let marks = if self.values < slots && !matches!(self.kind, Kind::Null) { slots.div_ceil(8) } else { 0 };
        marks
            + match &self.kind {
                Kind::Null => 0,
                Kind::Bool => slots.div_ceil(8),
                Kind::Integer(_) | Kind::Float => 8 * slots,
                Kind::Text | Kind::Json => 4 * (slots + 1) + self.text_bytes,
                Kind::List(element) => 4 * (slots + 1) + element.bytes(element.values),
                Kind::Struct(fields) => fields.values().map(|column| column.bytes(slots)).sum(),
            }
    }
}

impl Kind {
    fn name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool => "true or false",
            Self::Integer(Integers { inexact: true, .. }) => "an integer of more than 53 bits",
            Self::Integer(_) => "an integer",
            Self::Float => "a fraction",
            Self::Text | Self::Json => "a text",
            Self::List(_) => "a list",
            Self::Struct(_) => "an object",
        }
    }
}

fn name_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(number) if number.is_f64() => "a fraction",
        Value::Number(number) if is_exact(number) => "an integer",
        Value::Number(_) => "an integer of more than 53 bits",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// Whether an integer is the same as a 64-bit float.
fn is_exact(number: &serde_json::Number) -> bool {
    let integer = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
    integer.is_none_or(|integer| (integer as f64) as i128 == integer)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn add(columns: &mut Columns, rows: &[&str]) -> Result<(), Misfit> {
        rows.iter().try_for_each(|row| columns.add(&serde_json::from_str(row).unwrap()))
    }

    #[test]
    fn what_does_not_fit_is_told_with_its_column_and_both_rows() {
        for (rows, column, found, expected) in [
            (["{\"a\":null}", "{\"a\":1}", "{\"a\":\"x\"}"], "a", "a text", "an integer"),
            (["{}", "{\"a\":{\"b\":[1]}}", "{\"a\":{\"b\":[[]]}}"], "a.b[]", "a list", "an integer"),
            (["{}", "{\"a\":9007199254740993}", "{\"a\":0.5}"], "a", "a fraction", "an integer of more than 53 bits"),
            (
                ["{}", "{\"a\":-1}", "{\"a\":18446744073709551615}"],
                "a",
                "an integer of more than 53 bits",
                "an integer of more than 53 bits",
            ),
        ] {
            let clash = Clash { column: column.into(), found, expected, first_row: 2 };
            assert_eq!(add(&mut Columns::new(false), &rows), Err(Misfit::Clash(clash)));
            let mut columns = Columns::new(true);
            assert_eq!(add(&mut columns, &rows), Ok(()));
        }
    }

    #[test]
    fn bytes_are_those_of_arrow() {
        let mut columns = Columns::new(true);
        add(&mut columns, &["{\"t\":\"abc\",\"n\":1}", "{\"t\":\"\u{e9}\",\"n\":2}", "{\"t\":\"\",\"n\":3}"]).unwrap();
        assert_eq!(columns.bytes(), (4 * 4 + 5) + 3 * 8);
        let mut columns = Columns::new(true);
        add(&mut columns, &["{\"l\":[1,2]}", "{}"]).unwrap();
        assert_eq!(columns.bytes(), 1 + 4 * 3 + 2 * 8);
    }

    #[test]
    fn keys_that_are_data_are_no_columns() {
        let mut columns = Columns::new(true);
        let row = (0..=MOST).map(|key| (key.to_string(), Value::from(1))).collect();
        assert_eq!(columns.add(&row), Err(Misfit::TooMany));
    }
}
