//! What a thread makes of one chunk of rows, without looking at any other.

use sandbox_dataset::{Chunk, Edits, Reject, Row, RowError, write_json_string, write_row};
use sandbox_ops::{Scratch, StatValue};
use serde_json::Value;

use super::done::Done;
use super::index;
use super::luggage::{self, Luggage};
use super::media;
use super::pass::{Pass, Source};
use super::travel::Travel;

pub(crate) const STATS: &str = "__dj__stats__";
pub(crate) const META: &str = "__dj__meta__";

/// What one thread keeps from chunk to chunk.
#[derive(Default)]
pub(super) struct Worker {
    pub(super) scratches: Vec<Scratch>,
    pub(super) edits: Edits,
    /// The statistics of the row at hand, by slot.
    pub(super) stats: Vec<Option<StatValue>>,
    /// The values that a filter judges.
    pub(super) values: Vec<StatValue>,
}

/// Why a row is set aside, and the operator that refused it.
pub(super) struct Refused {
    pub(super) reason: String,
    pub(super) step: Option<u16>,
}

impl Worker {
    /// Takes every row of `chunk` through the operators. `file` is the place of its file among the recipe's.
    pub(super) fn work(&mut self, pass: &Pass<'_>, files: &[std::sync::Arc<std::path::Path>], chunk: &Chunk) -> Done {
        let mut done = Done { lacking: vec![0; pass.fields.len()], has_index: vec![false; pass.index_keys.len()], ..Done::default() };
        done.rejects = chunk.rejects().iter().map(|reject| (reject.clone(), None)).collect();
        self.scratches.resize_with(pass.fields.len(), Scratch::default);
        let from_files = matches!(pass.source, Source::Files);
        if from_files {
            done.rows_in = done.rejects.len() as u64;
            done.taken = done.rows_in;
        }
        let needs_place = from_files && pass.output.spool;
        let mut file = 0;
        for raw in chunk.rows() {
            let (bytes, luggage) = match &pass.source {
                Source::Files => {
                    done.rows_in += 1;
                    done.bytes += raw.bytes.len() as u64 + 1;
                    if needs_place && files.get(file).is_none_or(|known| **known != **raw.file) {
                        file = files.iter().position(|known| **known == **raw.file).unwrap_or(0);
                    }
                    (raw.bytes, Luggage { file, line: raw.line, ..Luggage::default() })
                }
                Source::Spool(Some(keep)) if !keep.has(raw.line - 1) => continue,
                Source::Spool(_) => Luggage::split(raw.bytes),
            };
            done.taken += 1;
            let (file, line, mark) = (luggage.file, luggage.line, done.mark());
            let begun = match index::numbered(bytes, &pass.index, raw.line - 1, &mut self.edits) {
                Ok(numbered) => self.begin(pass, numbered.as_deref().unwrap_or(bytes), luggage, 0, &mut done),
                Err(error) => Err(error.into()),
            };
            if let Err(refused) = begun {
                done.back_to(mark);
                let reject = match files.get(file).filter(|_| !from_files) {
                    Some(file) => Reject::new(file, line, refused.reason, bytes),
                    None => chunk.reject(&raw, refused.reason),
                };
                done.rejects.push((reject, refused.step));
            }
        }
        done.rejects.sort_by_key(|(reject, _)| reject.line);
        done
    }

    /// One row from the operator at `first` on; an error is the reason to set it aside.
    pub(super) fn begin(&mut self, pass: &Pass<'_>, bytes: &[u8], luggage: Luggage, first: usize, done: &mut Done) -> Result<(), Refused> {
        let mut row = Row::parse(bytes)?;
        let absolute;
        if let Some((folder, keys)) = &pass.media
            && let Some(changed) = media::absolute(&row, folder, keys, &mut self.edits)?
        {
            absolute = changed;
            row = Row::parse(&absolute)?;
        }
        for (has, key) in done.has_index.iter_mut().zip(pass.index_keys) {
            *has = *has || row.get(key).is_some();
        }
        let at_load = matches!(pass.source, Source::Files) && first == 0;
        done.parsed += u64::from(at_load);
        let mut texts = Vec::with_capacity(pass.fields.len());
        for (index, name) in pass.fields.iter().enumerate() {
            let is_optional = at_load && index < pass.optional;
            if !pass.looked_at[index] && !is_optional {
                texts.push(None);
                continue;
            }
            let text = match row.text(name) {
                // Behind a grouper a text may be a list; whoever wants the text will say so.
                Err(_) if !at_load => None,
                text => text?,
            };
            if text.is_none() && at_load && row.get(name).is_none() {
                done.lacking[index] += 1;
                if done.fields_without_text.is_empty() {
                    done.fields_without_text = row.fields().map(|field| field.key.into_owned()).collect();
                }
            }
            if text.is_none() && is_optional {
                done.without_text += 1;
                return Ok(());
            }
            texts.push(text);
        }
        let texts: Vec<Option<&str>> = texts.iter().map(Option::as_deref).collect();
        let brought = row.value(STATS);
        let mut travel = Travel {
            row: &row,
            changed: vec![false; texts.len()],
            distrusted: vec![false; texts.len()],
            computed_from: vec![None; pass.layout.keys.len()],
            brought,
            meta: None,
            luggage,
        };
        self.stats.clear();
        self.stats.resize(pass.layout.keys.len(), None);
        self.unpack(&mut travel);
        self.travel(pass, first, &texts, travel, done)
    }

    /// Takes up what an earlier pass knew of the row.
    fn unpack(&mut self, travel: &mut Travel<'_, '_>) {
        for packed in std::mem::take(&mut travel.luggage.stats) {
            let luggage::Packed(slot, from, value) = packed;
            if let (Some(stat), Some(known)) = (self.stats.get_mut(slot), travel.computed_from.get_mut(slot)) {
                *stat = Some(StatValue::from_json(&value));
                *known = from;
            }
        }
        for field in std::mem::take(&mut travel.luggage.changed) {
            if let Some(distrusted) = travel.distrusted.get_mut(field) {
                *distrusted = true;
            }
        }
        if travel.luggage.all_changed {
            travel.distrusted.fill(true);
        }
        travel.meta = travel.luggage.meta.take();
    }

    /// Appends a kept row and its statistics.
    pub(super) fn write(
        &mut self,
        pass: &Pass<'_>,
        texts: &[Option<&str>],
        travel: &Travel<'_, '_>,
        done: &mut Done,
    ) -> Result<(), RowError> {
        if pass.output.spool {
            return self.write_spool(pass, texts, travel, done);
        }
        let has_stats = !pass.layout.keys.is_empty() || travel.brought.is_some();
        let meta = travel.meta_json();
        if has_stats || meta.is_some() {
            done.begin_stats();
        }
        // One line for every row, so that both files go line by line; without any statistics the file is not kept.
        let mut stats = 0..0;
        if done.has_stats {
            done.stat_bytes.extend_from_slice(b"{\"__dj__stats__\": ");
            stats.start = done.stat_bytes.len();
            self.write_stats(pass, travel, pass.output.decimals, &mut done.stat_bytes);
            stats.end = done.stat_bytes.len();
            if let Some(meta) = &meta {
                done.stat_bytes.extend_from_slice(b", \"__dj__meta__\": ");
                done.stat_bytes.extend_from_slice(meta.as_bytes());
            }
            done.stat_bytes.extend_from_slice(b"}\n");
        }
        if !pass.judging {
            done.stats.extend(self.stats.iter().map(|value| value.clone().unwrap_or(StatValue::Null)));
            let further = travel.brought_map().map(|stats| {
                let further = stats.iter().filter(|(name, _)| !pass.layout.keys.contains(name));
                further.map(|(name, value)| (name.clone(), value.clone())).collect()
            });
            done.further.push(further);
        }
        if !pass.output.rows {
            return Ok(());
        }
        self.edit_texts(pass, texts, travel);
        if pass.output.stats_in_rows && has_stats {
            self.edits.set(STATS, &done.stat_bytes[stats]);
        }
        // What a tagger found is what the recipe was written for: it stays in the rows.
        if let (Some(_), Some(meta)) = (&travel.meta, &meta) {
            self.edits.set(META, meta.as_bytes());
        }
        if !pass.output.stats_in_rows {
            let unwanted = [(STATS, true), (META, travel.meta.is_none())];
            for (name, _) in unwanted.into_iter().filter(|(name, is_unwanted)| *is_unwanted && travel.row.get(name).is_some()) {
                self.edits.remove(name);
            }
        }
        if pass.output.hashes_in_rows {
            for (key, hash) in &travel.luggage.hashes {
                self.edits.set_value(key, hash)?;
            }
        }
        write_row(travel.row, &self.edits, &mut done.row_bytes)?;
        done.row_bytes.push(b'\n');
        Ok(())
    }

    /// Appends a row that goes on to another pass, with its luggage.
    fn write_spool(&mut self, pass: &Pass<'_>, texts: &[Option<&str>], travel: &Travel<'_, '_>, done: &mut Done) -> Result<(), RowError> {
        self.edit_texts(pass, texts, travel);
        let mut luggage = travel.luggage.clone();
        luggage.meta = travel.meta.clone();
        luggage.changed = travel.distrusted.iter().enumerate().filter(|(_, is)| **is).map(|(field, _)| field).collect();
        if pass.regroups {
            // Rows become values of a list: what they carry must be among their fields.
            let has_stats = self.stats.iter().any(Option::is_some) || travel.brought.is_some();
            if has_stats {
                let mut stats = Vec::new();
                self.write_stats(pass, travel, None, &mut stats);
                self.edits.set(STATS, &stats);
            }
            if let Some(meta) = travel.meta.as_ref() {
                self.edits.set_value(META, meta)?;
            }
        } else {
            for (slot, value) in self.stats.iter().enumerate() {
                if let Some(value) = value {
                    let mut json = Vec::new();
                    value.write_json(&mut json);
                    let value = serde_json::from_slice(&json).unwrap_or(Value::Null);
                    luggage.stats.push(luggage::Packed(slot, travel.computed_from[slot], value));
                }
            }
        }
        luggage.named_stats = None;
        if pass.tracer.is_some() {
            let mut stats = Vec::new();
            self.write_stats(pass, travel, None, &mut stats);
            luggage.named_stats = serde_json::from_slice(&stats).ok().filter(|stats| *stats != serde_json::json!({}));
        }
        write_row(travel.row, &self.edits, &mut done.row_bytes)?;
        luggage.write(&mut done.row_bytes);
        Ok(())
    }

    /// Appends the whole row as it is now to what goes to the file of a filter's `stats_export_path`.
    pub(super) fn write_side(
        &mut self,
        pass: &Pass<'_>,
        step: usize,
        texts: &[Option<&str>],
        travel: &Travel<'_, '_>,
        done: &mut Done,
    ) -> Result<(), RowError> {
        self.edit_texts(pass, texts, travel);
        let mut stats = Vec::new();
        self.write_stats(pass, travel, pass.output.decimals, &mut stats);
        if stats != b"{}" {
            self.edits.set(STATS, &stats);
        }
        if let Some(meta) = &travel.meta {
            self.edits.set_value(META, meta)?;
        }
        if pass.output.hashes_in_rows {
            for (key, hash) in &travel.luggage.hashes {
                self.edits.set_value(key, hash)?;
            }
        }
        write_row(travel.row, &self.edits, &mut done.side_bytes)?;
        done.side_bytes.push(b'\n');
        done.sides.push((step as u16, done.side_bytes.len()));
        Ok(())
    }

    /// Appends the whole row as it is now, statistics included, for people to look at.
    pub(super) fn whole_row(
        &mut self,
        pass: &Pass<'_>,
        texts: &[Option<&str>],
        travel: &Travel<'_, '_>,
        out: &mut Vec<u8>,
    ) -> Result<(), RowError> {
        self.edit_texts(pass, texts, travel);
        let mut stats = Vec::new();
        self.write_stats(pass, travel, None, &mut stats);
        if stats != b"{}" {
            self.edits.set(STATS, &stats);
        }
        write_row(travel.row, &self.edits, out)
    }

    fn edit_texts(&mut self, pass: &Pass<'_>, texts: &[Option<&str>], travel: &Travel<'_, '_>) {
        self.edits.clear();
        for ((name, text), changed) in pass.fields.iter().zip(texts).zip(&travel.changed) {
            if let (true, Some(text)) = (*changed, text) {
                self.edits.set_text(name, text);
            }
        }
    }

    /// `{"alnum_ratio": 0.8, "text_len": 12}`: all statistics in the order of their names.
    fn write_stats(&self, pass: &Pass<'_>, travel: &Travel<'_, '_>, decimals: Option<usize>, out: &mut Vec<u8>) {
        let layout = pass.layout;
        let computed = layout.sorted.iter().filter_map(|slot| Some((layout.keys[*slot].as_str(), self.stats[*slot].as_ref()?)));
        if let (Some(brought), true) = (&travel.brought, self.stats.iter().all(Option::is_none))
            && !brought.is_object()
        {
            out.extend_from_slice(brought.to_string().as_bytes());
            return;
        }
        out.push(b'{');
        let mut first = true;
        let mut name = |key: &str, out: &mut Vec<u8>| {
            out.extend_from_slice(if std::mem::take(&mut first) { b"" } else { b", " });
            write_json_string(key, out);
            out.extend_from_slice(b": ");
        };
        match travel.brought_map() {
            None => {
                for (key, value) in computed {
                    name(key, out);
                    write_value(value, decimals, out);
                }
            }
            Some(brought) => {
                let is_computed = |key: &str| layout.keys.iter().zip(&self.stats).any(|(name, value)| name == key && value.is_some());
                let mut all: Vec<(&str, Vec<u8>)> = brought
                    .iter()
                    .filter(|(key, _)| !is_computed(key))
                    .map(|(key, value)| (key.as_str(), value.to_string().into_bytes()))
                    .collect();
                all.extend(computed.map(|(key, value)| {
                    let mut json = Vec::new();
                    write_value(value, decimals, &mut json);
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
