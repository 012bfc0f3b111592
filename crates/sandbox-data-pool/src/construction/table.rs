//! The statistics of a data set, a column per key, beside the places of its rows.

use sandbox_dataset::{Reject, Row, RowError, RowParser};

use crate::blocks::{Block, Done, scan};
use crate::error::PoolError;
use crate::index::{Index, Span};
use crate::observer::Work;
use crate::rejects::Rejects;
use crate::source::Source;

use super::statistics::{Rank, rank};

/// How many columns are held at a time: 8 bytes a row each. A data set with more statistics is read again for the rest.
pub(super) const AT_ONCE: usize = 4;

/// The field of the statistics.
const FIELD: &str = "__dj__stats__";

/// What the columns of a block hold beside finite numbers.
const MISSING: u64 = 0x7ff8_0000_0000_0000;
const EMPTY: u64 = MISSING | 1;
const OTHER: u64 = MISSING | 2;

/// A data set: its rows' places, the keys of its statistics, and some of their columns.
pub(super) struct Table {
    index: Index,
    keys: Vec<Known>,
}

struct Known {
    name: String,
    kind: Kind,
    column: Option<Vec<f64>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// No row has said what it is.
    Open,
    /// Numbers or lists of numbers.
    Ranked,
    /// Texts and whatever else has no rank.
    Other,
}

/// What one block has of statistics.
#[derive(Default)]
struct Columns {
    rows: Vec<(Span, u64)>,
    keys: Vec<Local>,
}

struct Local {
    name: Box<str>,
    ranks: Vec<f64>,
    has_other: bool,
}

impl Table {
    /// Reads a data set. Rows that are none, or whose statistics are of another kind than those before, are set aside.
    pub(super) fn read(source: &Source, work: &Work<'_>, rejects: &Rejects<'_>) -> Result<Self, PoolError> {
        let mut table = Self { index: Index::default(), keys: Vec::new() };
        scan_columns(source, work, |mut done| {
            let mut bad = std::mem::take(&mut done.rejects);
            table.add(done, source, &mut bad)?;
            bad.sort_by_key(|reject| reject.line);
            rejects.push_all(source, &bad)
        })?;
        Ok(table)
    }

    /// Where the rows stand.
    pub(super) fn index(&self) -> &Index {
        &self.index
    }

    pub(super) fn has_statistics(&self) -> bool {
        !self.keys.is_empty()
    }

    /// The keys that rows can be ranked by, in the order of their first appearance.
    pub(super) fn ranked(&self) -> Vec<usize> {
        (0..self.keys.len()).filter(|key| self.keys[*key].kind == Kind::Ranked).collect()
    }

    /// Takes the columns of some keys out, with their names.
    pub(super) fn take_columns(&mut self, keys: &[usize]) -> Vec<(String, Vec<f64>)> {
        keys.iter().filter_map(|key| Some((self.keys[*key].name.clone(), self.keys[*key].column.take()?))).collect()
    }

    /// Makes the columns of these keys present, by reading the data set again where one is not.
    pub(super) fn fill(&mut self, keys: &[usize], source: &Source, work: &Work<'_>) -> Result<(), PoolError> {
        let absent: Vec<usize> = keys.iter().copied().filter(|key| self.keys[*key].column.is_none()).collect();
        if absent.is_empty() {
            return Ok(());
        }
        let rows = self.index.len();
        let mut columns: Vec<Vec<f64>> = absent.iter().map(|_| Vec::with_capacity(rows)).collect();
        let mut next = 0;
        scan_columns(source, work, |done| {
            let locals: Vec<_> =
                absent.iter().map(|key| done.result.keys.iter().find(|local| *local.name == *self.keys[*key].name)).collect();
            for (row, (span, _)) in done.result.rows.iter().enumerate() {
                // A row that was set aside has no place.
                if next < rows && self.index.get(next) == *span {
                    for (column, local) in columns.iter_mut().zip(&locals) {
                        column.push(local.map_or(f64::NAN, |local| settled(local.ranks[row])));
                    }
                    next += 1;
                }
            }
            Ok(())
        })?;
        if next != rows {
            return Err(PoolError::read(&source.path)(std::io::Error::other("the file changed while it was read")));
        }
        for (key, column) in absent.into_iter().zip(columns) {
            self.keys[key].column = Some(column);
        }
        Ok(())
    }

    /// Adds a block behind the others.
    fn add(&mut self, done: Done<Columns>, source: &Source, bad: &mut Vec<Reject>) -> Result<(), PoolError> {
        let Done { result: Columns { rows, keys: locals }, before, .. } = done;
        let known: Vec<usize> = locals.iter().map(|local| self.know(&local.name)).collect();
        for (local, key) in locals.iter().zip(&known) {
            if self.keys[*key].kind == Kind::Open {
                self.decide(*key, local);
            }
        }
        let mut set_aside = Vec::new();
        for (local, key) in locals.iter().zip(&known).filter(|(local, key)| local.has_other && self.keys[**key].kind == Kind::Ranked) {
            set_aside.resize(rows.len(), false);
            for (row, _) in local.ranks.iter().enumerate().filter(|(_, rank)| rank.to_bits() == OTHER) {
                if !set_aside[row] {
                    set_aside[row] = true;
                    let (span, line) = rows[row];
                    let mut bytes = vec![0; span.length as usize];
                    source.read_at(span.start, &mut bytes)?;
                    let reason = format!("statistic `{}` is no number, in the rows before it is", self.keys[*key].name);
                    bad.push(Reject::new(&source.path, source.line(before + line), reason, &bytes));
                }
            }
        }
        let keeps = |row: usize| !set_aside.get(row).copied().unwrap_or(false);
        let spans: Vec<Span> = rows.iter().enumerate().filter(|(row, _)| keeps(*row)).map(|(_, (span, _))| *span).collect();
        self.index.append(&spans, source);
        if self.index.len() > u32::MAX as usize {
            return Err(PoolError::TooManyRows(source.path.to_path_buf()));
        }
        for (local, key) in locals.iter().zip(&known) {
            if let Some(column) = &mut self.keys[*key].column {
                column.reserve_exact(self.index.capacity().max(self.index.len()) - column.len());
                column.extend((0..rows.len()).filter(|row| keeps(*row)).map(|row| settled(local.ranks[row])));
            }
        }
        let total = self.index.len();
        self.keys.iter_mut().filter_map(|key| key.column.as_mut()).for_each(|column| column.resize(total, f64::NAN));
        Ok(())
    }

    /// The number of a key; a new one gets a column when there is room.
    fn know(&mut self, name: &str) -> usize {
        if let Some(key) = self.keys.iter().position(|key| key.name == name) {
            return key;
        }
        let room = self.keys.iter().filter(|key| key.column.is_some()).count() < AT_ONCE;
        let column = room.then(|| vec![f64::NAN; self.index.len()]);
        self.keys.push(Known { name: name.to_owned(), kind: Kind::Open, column });
        self.keys.len() - 1
    }

    /// The first row that says what a key holds decides.
    fn decide(&mut self, key: usize, local: &Local) {
        let known = &mut self.keys[key];
        known.kind = match local.ranks.iter().find(|rank| ![MISSING, EMPTY].contains(&rank.to_bits())) {
            None => Kind::Open,
            Some(rank) if rank.to_bits() == OTHER => Kind::Other,
            Some(_) => Kind::Ranked,
        };
        if known.kind == Kind::Other {
            known.column = None;
        }
    }
}

/// What a column says in the end: a number, or NaN.
fn settled(rank: f64) -> f64 {
    if rank.to_bits() == EMPTY {
        0.0
    } else if rank.is_nan() {
        f64::NAN
    } else {
        rank
    }
}

fn scan_columns(
    source: &Source,
    work: &Work<'_>,
    sink: impl FnMut(Done<Columns>) -> Result<(), PoolError> + Send,
) -> Result<(), PoolError> {
    let each = |(rows, statistics): &mut (RowParser, RowParser), block: &mut Block<'_>, bad: &mut Vec<Reject>| {
        let mut columns = Columns::default();
        for line in block.lines() {
            let added = rows.parse(line.bytes).and_then(|row| columns.add(&row, statistics));
            match added {
                Ok(()) => columns.rows.push((Span { start: line.offset, length: line.bytes.len() as u32 }, line.number)),
                Err(error) => bad.push(Reject::new(&source.path, line.number, error, line.bytes)),
            }
        }
        let total = columns.rows.len();
        columns.keys.iter_mut().for_each(|local| local.ranks.resize(total, f64::from_bits(MISSING)));
        Ok(columns)
    };
    scan(source, work, || (RowParser::new(), RowParser::new()), each, sink)
}

impl Columns {
    /// Notes the statistics of a row that will be the next.
    fn add(&mut self, row: &Row<'_>, parser: &mut RowParser) -> Result<(), RowError> {
        let Some(json) = row.get(FIELD).filter(|json| *json != "null") else { return Ok(()) };
        let statistics = parser.parse(json.as_bytes()).map_err(|_| RowError::other(format!("field `{FIELD}` is no object")))?;
        let number = self.rows.len();
        // Rows have their keys in the same order, mostly.
        let mut expected = 0;
        for field in statistics.fields() {
            let known = self.keys.get(expected).is_some_and(|local| *local.name == *field.key);
            let at = if known { Some(expected) } else { self.keys.iter().position(|local| *local.name == *field.key) };
            let at = at.unwrap_or_else(|| {
                self.keys.push(Local { name: field.key.into(), ranks: Vec::new(), has_other: false });
                self.keys.len() - 1
            });
            expected = at + 1;
            let local = &mut self.keys[at];
            // Of a key that stands there twice, the last one counts.
            local.ranks.resize(number, f64::from_bits(MISSING));
            local.ranks.push(match rank(field.value) {
                Rank::Number(number) => number,
                Rank::Empty => f64::from_bits(EMPTY),
                Rank::Missing => f64::from_bits(MISSING),
                Rank::Other => {
                    local.has_other = true;
                    f64::from_bits(OTHER)
                }
            });
        }
        Ok(())
    }
}
