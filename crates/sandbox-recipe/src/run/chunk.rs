//! What a thread makes of one chunk of rows, without looking at any other.

use std::borrow::Cow;

use sandbox_dataset::{Chunk, Edits, Reject, Row, RowError, write_json_string, write_row};
use sandbox_ops::{Fingerprint, RowView, Scratch, StatValue, TextView};
use serde_json::{Map, Value};

use super::pass::{Pass, Work};
use super::reason::Reason;
use crate::error::RecipeError;

pub(crate) const STATS: &str = "__dj__stats__";
pub(crate) const META: &str = "__dj__meta__";

/// What became of the rows of one chunk, in their order.
#[derive(Default)]
pub(super) struct Done {
    /// Rows that were read, bad ones included.
    pub(super) rows_in: u64,
    /// Rows that are objects.
    pub(super) parsed: u64,
    /// Per field, rows that have it not even as null: a misspelt name is in none.
    pub(super) lacking: Vec<u64>,
    /// The fields of the first row without the text field, for the message when no row has it.
    pub(super) fields_without_text: Vec<String>,
    /// Rows whose text is null or absent.
    pub(super) without_text: u64,
    /// Rows that cannot be used, by line.
    pub(super) rejects: Vec<Reject>,
    /// One entry per row that reached the operators.
    pub(super) rows: Vec<RowDone>,
    /// The rows to write, one a line, in the order of `rows`.
    pub(super) row_bytes: Vec<u8>,
    /// Whether any row has statistics or tags.
    pub(super) has_stats: bool,
    /// Their statistics, one object a line.
    pub(super) stat_bytes: Vec<u8>,
    /// Per row and deduplicator that it reached, its digest.
    pub(super) digests: Vec<u128>,
    /// Per row, the mappers that changed it.
    pub(super) changes: Vec<u16>,
    /// For an analysis: per row, its statistics in the order of [`Pass::keys`].
    pub(super) stats: Vec<StatValue>,
    /// For an analysis: per row, statistics that the data brought along and no filter computes.
    pub(super) further: Vec<Option<Map<String, Value>>>,
    /// Bytes of rows that were read.
    pub(super) bytes: u64,
}

/// The ends of one row's parts in [`Done`], and its fate.
#[derive(Clone, Copy)]
pub(super) struct RowDone {
    pub(super) row_end: usize,
    pub(super) stat_end: usize,
    pub(super) digest_end: usize,
    pub(super) change_end: usize,
    /// The filter that dropped it, and on which side of its range the value was.
    pub(super) dropped: Option<(u16, Reason)>,
}

/// What one thread keeps from chunk to chunk.
#[derive(Default)]
pub(super) struct Worker {
    scratches: Vec<Scratch>,
    edits: Edits,
    stats: Vec<Option<StatValue>>,
}

/// One row on its way through the operators.
struct Travel<'t, 'r> {
    row: &'t Row<'r>,
    /// Whether a field's text is no longer the row's own.
    changed: Vec<bool>,
    /// Statistics that the row brought along.
    brought: Option<Map<String, Value>>,
    /// Which field a statistic was computed from, to know when it is out of date.
    computed_from: Vec<Option<usize>>,
}

impl Worker {
    /// Takes every row of `chunk` through the operators.
    pub(super) fn work(&mut self, pass: &Pass<'_>, chunk: &Chunk) -> Result<Done, RecipeError> {
        let mut done = Done { rejects: chunk.rejects().to_vec(), lacking: vec![0; pass.fields.len()], ..Done::default() };
        done.rows_in = done.rejects.len() as u64;
        self.scratches.resize_with(pass.fields.len(), Scratch::default);
        for raw in chunk.rows() {
            done.rows_in += 1;
            done.bytes += raw.bytes.len() as u64 + 1;
            if let Err(reason) = self.row(pass, raw.bytes, &mut done) {
                done.rejects.push(chunk.reject(&raw, reason));
            }
        }
        done.rejects.sort_by_key(|reject| reject.line);
        Ok(done)
    }

    /// One row; an error is the reason to set it aside.
    fn row(&mut self, pass: &Pass<'_>, bytes: &[u8], done: &mut Done) -> Result<(), String> {
        let row = Row::parse(bytes).map_err(|error| error.to_string())?;
        done.parsed += 1;
        let mut texts: Vec<Cow<'_, str>> = Vec::with_capacity(pass.fields.len());
        for (index, name) in pass.fields.iter().enumerate() {
            match row.text(name).map_err(|error| error.to_string())? {
                Some(text) => texts.push(text),
                None => {
                    if row.get(name).is_none() {
                        done.lacking[index] += 1;
                        if done.fields_without_text.is_empty() {
                            done.fields_without_text = row.fields().map(|field| field.key.into_owned()).collect();
                        }
                    }
                    if index >= pass.optional {
                        return Err(format!("field `{name}` is missing or null"));
                    }
                    done.without_text += 1;
                    return Ok(());
                }
            }
        }
        let brought = row.get(STATS).and_then(|json| serde_json::from_str(json).ok());
        let travel = Travel { row: &row, changed: vec![false; texts.len()], computed_from: vec![None; pass.keys.len()], brought };
        self.stats.clear();
        self.stats.resize(pass.keys.len(), None);
        let texts: Vec<&str> = texts.iter().map(AsRef::as_ref).collect();
        let before = (done.row_bytes.len(), done.stat_bytes.len(), done.digests.len(), done.changes.len());
        let outcome = self.travel(pass, 0, &texts, travel, done);
        if outcome.is_err() {
            // A row that fails half-way leaves no trace but its reject.
            done.row_bytes.truncate(before.0);
            done.stat_bytes.truncate(before.1);
            done.digests.truncate(before.2);
            done.changes.truncate(before.3);
        }
        outcome
    }

    /// The operators from `first` on. A mapper that changes a text goes on in a call of its own, because the texts that
    /// are looked at live only as long as the call.
    fn travel(&mut self, pass: &Pass<'_>, first: usize, texts: &[&str], mut travel: Travel<'_, '_>, done: &mut Done) -> Result<(), String> {
        let mut scratches = std::mem::take(&mut self.scratches);
        let mut views: Vec<TextView<'_>> = texts.iter().zip(&mut scratches).map(|(text, scratch)| TextView::new(text, scratch)).collect();
        let mut end = Ok(None);
        let mut changed = None;
        for (index, placed) in pass.operators.iter().enumerate().skip(first) {
            let view = &mut views[placed.field];
            match &placed.work {
                Work::Mapper(mapper) => match mapper.map(texts[placed.field]) {
                    Ok(Cow::Borrowed(_)) => {}
                    Ok(Cow::Owned(text)) => {
                        changed = Some((index, placed.field, text));
                        break;
                    }
                    Err(error) => end = Err(error.to_string()),
                },
                Work::Filter { filter, key, reasons } => {
                    let judged = self.statistic(*filter, *key, placed.field, view, &pass.keys[*key], &mut travel).and_then(|value| {
                        let kept = !pass.judging || filter.keep(std::slice::from_ref(value)).map_err(|error| error.to_string())?;
                        Ok((!kept).then(|| reasons.reason(value)))
                    });
                    match judged {
                        Ok(None) => {}
                        Ok(Some(reason)) => end = Ok(Some((index as u16, reason))),
                        Err(error) => end = Err(error),
                    }
                }
                Work::Deduplicator(deduplicator) => {
                    if let Ok(Fingerprint::Exact(digest)) = deduplicator.fingerprint(&RowView::of_text(view)) {
                        done.digests.push(digest);
                    }
                }
                Work::None => {}
            }
            if !matches!(end, Ok(None)) {
                break;
            }
        }
        drop(views);
        self.scratches = scratches;
        if let Some((index, field, text)) = changed {
            done.changes.push(index as u16);
            travel.changed[field] = true;
            // Out of date for a later filter of the same statistic; the rows are exported with what the filter has judged.
            travel.computed_from.iter_mut().filter(|from| **from == Some(field)).for_each(|from| *from = None);
            let texts: Vec<&str> = texts.iter().enumerate().map(|(index, old)| if index == field { text.as_str() } else { old }).collect();
            return self.travel(pass, index + 1, &texts, travel, done);
        }
        let dropped = end?;
        if dropped.is_none() {
            self.write(pass, texts, &travel, done).map_err(|error| error.to_string())?;
        }
        let (row_end, stat_end) = (done.row_bytes.len(), done.stat_bytes.len());
        done.rows.push(RowDone { row_end, stat_end, digest_end: done.digests.len(), change_end: done.changes.len(), dropped });
        Ok(())
    }

    /// A filter's statistic: what was computed from this text already or came with the unchanged row, else computed now.
    fn statistic(
        &mut self,
        filter: &dyn sandbox_ops::Filter,
        key: usize,
        field: usize,
        view: &TextView<'_>,
        name: &str,
        travel: &mut Travel<'_, '_>,
    ) -> Result<&StatValue, String> {
        if travel.computed_from[key] != Some(field) || self.stats[key].is_none() {
            let brought = travel.brought.as_ref().filter(|_| !travel.changed[field]).and_then(|stats| stats.get(name));
            let value = match brought.filter(|value| !value.is_null()).map(StatValue::from_json) {
                Some(value) => value,
                None => filter
                    .compute(&RowView::of_text(view))
                    .map_err(|error| error.to_string())?
                    .into_iter()
                    .next()
                    .unwrap_or(StatValue::Null),
            };
            self.stats[key] = Some(value);
            travel.computed_from[key] = Some(field);
        }
        self.stats[key].as_ref().ok_or_else(String::new)
    }

    /// Appends a kept row and its statistics.
    fn write(&mut self, pass: &Pass<'_>, texts: &[&str], travel: &Travel<'_, '_>, done: &mut Done) -> Result<(), RowError> {
        let has_stats = !pass.keys.is_empty() || travel.brought.is_some();
        let meta = travel.row.get(META);
        done.has_stats |= has_stats || meta.is_some();
        // One line for every row, so that both files go line by line; without any statistics the file is not kept.
        done.stat_bytes.extend_from_slice(b"{\"__dj__stats__\": ");
        let stats_start = done.stat_bytes.len();
        self.write_stats(pass, travel, &mut done.stat_bytes);
        let stats = stats_start..done.stat_bytes.len();
        if let Some(meta) = meta {
            done.stat_bytes.extend_from_slice(b", \"__dj__meta__\": ");
            done.stat_bytes.extend_from_slice(meta.as_bytes());
        }
        done.stat_bytes.extend_from_slice(b"}\n");
        if !pass.judging {
            done.stats.extend(self.stats.iter().map(|value| value.clone().unwrap_or(StatValue::Null)));
            let further = travel.brought.as_ref().map(|stats| {
                stats.iter().filter(|(name, _)| !pass.keys.contains(name)).map(|(name, value)| (name.clone(), value.clone())).collect()
            });
            done.further.push(further);
        }
        if !pass.output.rows {
            return Ok(());
        }
        self.edits.clear();
        for ((name, text), changed) in pass.fields.iter().zip(texts).zip(&travel.changed) {
            if *changed {
                self.edits.set_text(name, text);
            }
        }
        if pass.output.stats_in_rows && has_stats {
            self.edits.set(STATS, &done.stat_bytes[stats]);
        } else if !pass.output.stats_in_rows {
            for name in [STATS, META] {
                if travel.row.get(name).is_some() {
                    self.edits.remove(name);
                }
            }
        }
        if pass.output.hashes_in_rows {
            let first = done.rows.last().map_or(0, |row| row.digest_end);
            for (index, digest) in pass.deduplicators().zip(&done.digests[first..]) {
                if let Work::Deduplicator(deduplicator) = &pass.operators[index].work {
                    self.edits.set_text("__dj__hash", &format!("{digest:032x}"));
                    let _ = deduplicator;
                }
            }
        }
        write_row(travel.row, &self.edits, &mut done.row_bytes)?;
        done.row_bytes.push(b'\n');
        Ok(())
    }

    /// `{"alnum_ratio": 0.8, "text_len": 12}`: all statistics in the order of their names.
    fn write_stats(&self, pass: &Pass<'_>, travel: &Travel<'_, '_>, out: &mut Vec<u8>) {
        let computed = pass.keys.iter().zip(&self.stats).filter_map(|(key, value)| Some((key.as_str(), value.as_ref()?)));
        out.push(b'{');
        let mut first = true;
        let mut name = |key: &str, out: &mut Vec<u8>| {
            out.extend_from_slice(if std::mem::take(&mut first) { b"" } else { b", " });
            write_json_string(key, out);
            out.extend_from_slice(b": ");
        };
        match &travel.brought {
            None => {
                for (key, value) in computed {
                    name(key, out);
                    write_value(value, pass.output.decimals, out);
                }
            }
            Some(brought) => {
                let is_computed = |key: &str| pass.keys.iter().zip(&self.stats).any(|(name, value)| name == key && value.is_some());
                let mut all: Vec<(&str, Vec<u8>)> = brought
                    .iter()
                    .filter(|(key, _)| !is_computed(key))
                    .map(|(key, value)| (key.as_str(), value.to_string().into_bytes()))
                    .collect();
                all.extend(computed.map(|(key, value)| {
                    let mut json = Vec::new();
                    write_value(value, pass.output.decimals, &mut json);
                    (key, json)
                }));
                all.sort_unstable_by_key(|(key, _)| *key);
                for (key, json) in all {
                    name(key, out);
                    out.extend_from_slice(&json);
                }
            }
        }
        out.push(b'}');
    }
}

/// A statistic as JSON, with at most this many decimals.
fn write_value(value: &StatValue, decimals: Option<usize>, out: &mut Vec<u8>) {
    match (value, decimals) {
        (StatValue::Float(number), Some(decimals)) => {
            let cut = format!("{number:.decimals$}").parse().unwrap_or(*number);
            StatValue::Float(cut).write_json(out);
        }
        _ => value.write_json(out),
    }
}
