//! What needs all rows before any can go on: deduplicators of similar rows, selectors, groupers.

use hashbrown::HashMap;
use sandbox_dataset::{Row, write_json_string};
use sandbox_ops::{Deduplicator, Operator, Selection, Selector};
use serde_json::Value;

use super::done::Answer;
use super::keep::Keep;
use super::luggage::Luggage;
use super::similar::{Clusters, Settings};
use super::spool::{Spool, SpoolWriter};
use crate::error::RecipeError;

/// What a barrier gathers while the rows of the pass before it come in.
pub(super) enum Waiting<'r> {
    Duplicates { clusters: Clusters, rows: u64 },
    Selector { selector: &'r dyn Selector, values: Vec<Value>, rows: u64 },
    Groups { groups: Vec<Vec<u64>>, places: HashMap<String, usize>, rows: u64 },
}

/// What becomes of the rows behind a barrier.
pub(super) enum Decision {
    /// Some go on, in their order. With the first row of each that was dropped, if wanted: (first, dropped).
    Keep { keep: Keep, dropped: u64, pairs: Vec<(u64, u64)> },
    /// All go on.
    All,
    /// These go on, in this order.
    Rows(Vec<u64>),
    /// Each of these becomes one row.
    Groups(Vec<Vec<u64>>),
}

impl<'r> Waiting<'r> {
    /// The barrier of an operator.
    pub(super) fn at(operator: &'r Operator, settings: impl FnOnce(&dyn Deduplicator) -> Settings) -> Option<Self> {
        match operator {
            Operator::Deduplicator(deduplicator) => {
                Some(Self::Duplicates { clusters: Clusters::new(deduplicator.likeness(), settings(deduplicator.as_ref())), rows: 0 })
            }
            Operator::Selector(selector) => Some(Self::Selector { selector: selector.as_ref(), values: Vec::new(), rows: 0 }),
            Operator::Grouper(_) => Some(Self::Groups { groups: Vec::new(), places: HashMap::new(), rows: 0 }),
            _ => None,
        }
    }

    /// Whether rows are read again in another order than they were written in.
    pub(super) fn reorders(&self) -> bool {
        !matches!(self, Self::Duplicates { .. })
    }

    /// The next row's answer.
    pub(super) fn take(&mut self, answer: Answer) -> Result<(), RecipeError> {
        match (self, answer) {
            (Self::Duplicates { clusters, rows }, Answer::Fingerprint(fingerprint, rank)) => {
                clusters.push(&fingerprint, rank).map_err(RecipeError::spill)?;
                *rows += 1;
            }
            (Self::Selector { selector, values, rows }, Answer::Value(value)) => {
                if selector.field().is_some() {
                    values.push(value);
                }
                *rows += 1;
            }
            (Self::Groups { groups, places, rows }, Answer::Key(key)) => {
                let place = *places.entry(key).or_insert_with(|| {
                    groups.push(Vec::new());
                    groups.len() - 1
                });
                if let Some(group) = groups.get_mut(place) {
                    group.push(*rows);
                }
                *rows += 1;
            }
            _ => {}
        }
        Ok(())
    }

    /// What becomes of the rows, now that all are known. With at most so many pairs of duplicates.
    pub(super) fn decide(self, name: &str, pairs: usize) -> Result<Decision, RecipeError> {
        match self {
            Self::Duplicates { clusters, rows } => {
                let found = clusters.finish().map_err(RecipeError::spill)?;
                let mut keep = Keep::all(rows);
                let mut dropped = 0;
                let mut examples = Vec::new();
                for (row, root) in found {
                    keep.drop_row(row);
                    dropped += 1;
                    if examples.len() < pairs {
                        examples.push((root, row));
                    }
                }
                Ok(Decision::Keep { keep, dropped, pairs: examples })
            }
            Self::Selector { selector, values, rows } => {
                match selector.select(rows, &values).map_err(|cause| RecipeError::Operator { name: name.to_owned(), cause })? {
                    Selection::All => Ok(Decision::All),
                    Selection::Rows(rows) => Ok(Decision::Rows(rows)),
                }
            }
            Self::Groups { groups, .. } => Ok(Decision::Groups(groups)),
        }
    }
}

/// The rows of a spool in another order.
pub(super) fn reorder(spool: &Spool, rows: &[u64], mut out: SpoolWriter) -> Result<Spool, RecipeError> {
    let mut source = spool.rows_by_number()?;
    for row in rows {
        out.push(source.get(*row)?)?;
    }
    out.finish()
}

/// One row per group: every field is the list of its rows' values, null where a row lacks it.
pub(super) fn regroup(spool: &Spool, groups: &[Vec<u64>], mut out: SpoolWriter) -> Result<Spool, RecipeError> {
    let mut source = spool.rows_by_number()?;
    let mut line = Vec::new();
    for group in groups {
        let mut columns: Vec<(String, Vec<u8>, usize)> = Vec::new();
        let mut luggage = Luggage::default();
        for (index, number) in group.iter().enumerate() {
            let text = source.get(*number)?;
            let (bytes, carried) = Luggage::split(text.strip_suffix(b"\n").unwrap_or(text));
            if index == 0 {
                (luggage.file, luggage.line) = (carried.file, carried.line);
            }
            let Ok(row) = Row::parse(bytes) else { continue };
            for field in row.fields() {
                let known = columns.iter().position(|(name, ..)| *name == field.key);
                let column = known.unwrap_or_else(|| {
                    columns.push((field.key.into_owned(), Vec::new(), 0));
                    columns.len() - 1
                });
                let (name, values, filled) = &mut columns[column];
                // Of a key that stands twice in a row the last one counts.
                if *filled > index {
                    continue;
                }
                fill(values, filled, index);
                push(values, filled, row.get(name).unwrap_or(field.value).as_bytes());
            }
        }
        line.clear();
        line.push(b'{');
        for (position, (name, values, filled)) in columns.iter_mut().enumerate() {
            if position > 0 {
                line.extend_from_slice(b", ");
            }
            fill(values, filled, group.len());
            write_json_string(name, &mut line);
            line.extend_from_slice(b": [");
            line.extend_from_slice(values);
            line.push(b']');
        }
        line.push(b'}');
        luggage.write(&mut line);
        out.push(&line)?;
    }
    out.finish()
}

fn push(values: &mut Vec<u8>, filled: &mut usize, json: &[u8]) {
    if *filled > 0 {
        values.extend_from_slice(b", ");
    }
    values.extend_from_slice(json);
    *filled += 1;
}

fn fill(values: &mut Vec<u8>, filled: &mut usize, to: usize) {
    while *filled < to {
        push(values, filled, b"null");
    }
}
