//! Tables of texts: `.csv` and `.tsv`.
//!
//! The first record names the columns. What a column holds is decided over the whole file, so it is read twice; what can
//! be read only once is kept in a temporary file. A record with more fields than there are columns, with a byte that is
//! not UTF-8, or with a quote that is never closed is rejected; one with fewer has nulls at its end.

mod tokens;
mod types;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use crate::error::DatasetError;
use crate::format::Compression;
use crate::splice::write_json_string;

use super::buffer::Buffer;
use super::input::Input;
use super::made::Made;
use super::{Frame, Framed, ReadOptions};

use tokens::{Fault, Record, Tokens};
use types::{ColumnType, Evidence};

/// Bytes after which the first reading pauses, so that whoever waits for rows can stop.
const STEP: u64 = 8 << 20;

/// A table whose columns are known once its first reading is over.
#[derive(Debug)]
pub(super) struct Table {
    typing: Option<Typing>,
    tokens: Tokens,
    /// `"name":` of each column, and what it holds.
    columns: Vec<(Vec<u8>, ColumnType)>,
    record: Record,
}

impl Table {
    pub(super) fn open(
        path: &Path,
        compression: Compression,
        delimiter: u8,
        read: Arc<AtomicU64>,
        options: &ReadOptions,
    ) -> Result<Self, DatasetError> {
        let limit = options.max_row_bytes;
        let [first, second] = Input::open_twice(path, compression, read)?;
        let mut records = Tokens::new(first, delimiter, limit)?;
        let mut record = Record::default();
        let names = if records.next(&mut record)? { header(&record, path)? } else { Vec::new() };
        let evidence = vec![Evidence::default(); names.len()];
        let mut tokens = Tokens::new(second, delimiter, limit)?;
        tokens.next(&mut record)?;
        Ok(Self { typing: Some(Typing { records, names, evidence }), tokens, columns: Vec::new(), record })
    }
}

/// The first reading, which finds out what the columns hold.
#[derive(Debug)]
struct Typing {
    records: Tokens,
    names: Vec<String>,
    evidence: Vec<Evidence>,
}

impl Typing {
    /// Goes on for some bytes; whether it is over.
    fn step(&mut self, record: &mut Record) -> Result<bool, DatasetError> {
        let mut bytes = 0;
        while bytes < STEP {
            if !self.records.next(record)? {
                return Ok(true);
            }
            bytes += record.size();
            if fault(record, self.names.len()).is_none() {
                let mut fields = record.fields();
                self.evidence.iter_mut().for_each(|column| column.add(fields.next().unwrap_or_default()));
            }
        }
        Ok(false)
    }

    fn columns(self) -> Vec<(Vec<u8>, ColumnType)> {
        let key = |name: String| {
            let mut key = Vec::new();
            write_json_string(&name, &mut key);
            key.push(b':');
            key
        };
        self.names.into_iter().map(key).zip(self.evidence.iter().map(Evidence::column_type)).collect()
    }
}

impl Frame for Table {
    fn next(&mut self, buffer: Buffer, file: &Arc<Path>, options: &ReadOptions) -> Result<Option<Framed>, DatasetError> {
        let mut made = Made::new(buffer, file, options);
        if let Some(mut typing) = self.typing.take() {
            if !typing.step(&mut self.record)? {
                self.typing = Some(typing);
                return Ok(Some(made.nothing_yet()));
            }
            self.columns = typing.columns();
        }
        while !made.is_full() && self.tokens.next(&mut self.record)? {
            let record = &self.record;
            match fault(record, self.columns.len()) {
                None => made.row(record.line, |out| write_row(record, &self.columns, out)),
                Some(_) if record.fault == Some(Fault::TooLong) => made.too_long(record.line, &record.raw),
                Some(reason) => made.reject(record.line, reason, &record.raw),
            }
        }
        Ok(made.finish())
    }
}

/// Why a record is no row.
fn fault(record: &Record, columns: usize) -> Option<String> {
    match record.fault {
        Some(Fault::TooLong) => return Some("too long".to_owned()),
        Some(Fault::Unclosed) => return Some("a quote is opened and not closed until the end of the file".to_owned()),
        None => {}
    }
    if record.len() > columns {
        return Some(format!("{} fields where the first line names {columns}", record.len()));
    }
    let number = record.fields().position(|field| std::str::from_utf8(field).is_err())?;
    Some(format!("field {} is not UTF-8", number + 1))
}

fn write_row(record: &Record, columns: &[(Vec<u8>, ColumnType)], out: &mut Vec<u8>) {
    let mut fields = record.fields();
    let mut before = b'{';
    for (key, column) in columns {
        out.push(before);
        before = b',';
        out.extend_from_slice(key);
        let field = fields.next().and_then(|field| std::str::from_utf8(field).ok()).unwrap_or_default();
        types::write(field, *column, out);
    }
    out.push(b'}');
}

/// The names of the columns. One that is empty is called by its number, one that is there twice gets a number: so does the original.
fn header(record: &Record, path: &Path) -> Result<Vec<String>, DatasetError> {
    if let Some(reason) = fault(record, usize::MAX) {
        return Err(DatasetError::Content { path: path.to_owned(), reason: format!("line {}: {reason}", record.line) });
    }
    let named = record.fields().enumerate().map(|(number, field)| match field {
        b"" => format!("Unnamed: {number}"),
        field => String::from_utf8_lossy(field).into_owned(),
    });
    let mut names: Vec<String> = named.collect();
    let given: HashSet<String> = names.iter().cloned().collect();
    let mut taken = HashSet::new();
    // The number to try next for each name, so that a thousand columns of one name take a thousand steps.
    let mut next = HashMap::new();
    for name in &mut names {
        if taken.insert(name.clone()) {
            continue;
        }
        let base = name.clone();
        let number = next.entry(base.clone()).or_insert(1_u64);
        loop {
            let other = format!("{base}.{number}");
            *number += 1;
            if !given.contains(&other) && taken.insert(other.clone()) {
                *name = other;
                break;
            }
        }
    }
    Ok(names)
}
