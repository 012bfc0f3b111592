//! One row on its way through the operators of a pass.

use std::borrow::Cow;

use sandbox_dataset::{Row, RowError};
use sandbox_ops::{Deduplicator, Fingerprint, RowView, StatValue, TextView};
use serde_json::{Map, Value};

use super::chunk::{META, Refused, Worker};
use super::done::{Answer, Done};
use super::fields::Seen;
use super::luggage::Luggage;
use super::pass::{Pass, Placed, Tail, Work};

/// One row on its way through the operators.
#[derive(Clone)]
pub(super) struct Travel<'t, 'r> {
    pub(super) row: &'t Row<'r>,
    /// Whether a field's text is no longer the row's own.
    pub(super) changed: Vec<bool>,
    /// Whether a field's text is no longer what the statistics in the data were computed from.
    pub(super) distrusted: Vec<bool>,
    /// Statistics that the row brought along.
    pub(super) brought: Option<Value>,
    /// `__dj__meta__`, when an operator added to it.
    pub(super) meta: Option<Value>,
    /// Which field a statistic was computed from, to know when it is out of date.
    pub(super) computed_from: Vec<Option<usize>>,
    /// Where it comes from, and what earlier passes gave it.
    pub(super) luggage: Luggage,
}

/// What an operator did to a row, when the row does not simply go on.
enum Turn<'p> {
    Changed(String),
    Pieces(Vec<Cow<'p, str>>),
    Apart(Vec<Map<String, Value>>),
}

impl Worker {
    /// The operators from `first` on. What changes a text goes on in a call of its own, because the texts that are looked
    /// at live only as long as the call.
    pub(super) fn travel(
        &mut self,
        pass: &Pass<'_>,
        first: usize,
        texts: &[Option<&str>],
        mut travel: Travel<'_, '_>,
        done: &mut Done,
    ) -> Result<(), Refused> {
        let mut scratches = std::mem::take(&mut self.scratches);
        let views: Vec<Option<TextView<'_>>> =
            texts.iter().zip(&mut scratches).map(|(text, scratch)| text.map(|text| TextView::new(text, scratch))).collect();
        let mut end = Ok(None);
        let mut turn = None;
        for (index, placed) in pass.operators.iter().enumerate().skip(first) {
            match self.operator(pass, placed, texts, &views, &mut travel, done) {
                Ok(Step::On) => continue,
                Ok(Step::Dropped(reason)) => end = Ok(Some((placed.step as u16, reason))),
                Ok(Step::Turn(what)) => turn = Some((index, what)),
                Err(error) => end = Err(Refused { reason: error, step: Some(placed.step as u16) }),
            }
            break;
        }
        if matches!(end, Ok(None))
            && turn.is_none()
            && let Some((step, tail)) = &pass.tail
        {
            match self.answer(pass, tail, texts, &views, &mut travel) {
                Ok(answer) => done.answers.push(answer),
                Err(error) => end = Err(Refused { reason: error, step: Some(*step as u16) }),
            }
        }
        if let (Ok(Some((step, _))), Some(tracer)) = (&end, pass.tracer)
            && tracer.wants(usize::from(*step))
        {
            let mut line = Vec::new();
            if self.whole_row(pass, texts, &travel, &mut line).is_ok() {
                done.traces.push((usize::from(*step), line));
            }
        }
        drop(views);
        self.scratches = scratches;
        if let Some((index, what)) = turn {
            return self.turn(pass, index, what, texts, travel, done);
        }
        let dropped = end?;
        if dropped.is_none() {
            self.write(pass, texts, &travel, done).map_err(|error| Refused { reason: error.to_string(), step: None })?;
        }
        done.end_row(dropped);
        Ok(())
    }

    /// One operator; an error is the reason to set the row aside.
    fn operator<'t>(
        &mut self,
        pass: &Pass<'_>,
        placed: &Placed<'_>,
        texts: &[Option<&'t str>],
        views: &[Option<TextView<'_>>],
        travel: &mut Travel<'_, '_>,
        done: &mut Done,
    ) -> Result<Step<'t>, String> {
        let row = travel.row;
        let text = || {
            texts[placed.field].ok_or_else(|| {
                let name = &pass.fields[placed.field];
                row.text(name).err().map_or_else(|| format!("field `{name}` is missing or null"), |error| error.to_string())
            })
        };
        match &placed.work {
            Work::Mapper(mapper) => {
                let text = text()?;
                match mapper.map(text).map_err(|error| error.to_string())? {
                    Cow::Borrowed(_) => Ok(Step::On),
                    Cow::Owned(new) => {
                        if let Some(tracer) = pass.tracer.filter(|tracer| tracer.wants(placed.step)) {
                            done.traces.push((placed.step, tracer.mapped(travel.row, text, &new)));
                        }
                        Ok(Step::Turn(Turn::Changed(new)))
                    }
                }
            }
            Work::Splitter(splitter) => {
                splitter.split(text()?).map(|pieces| Step::Turn(Turn::Pieces(pieces))).map_err(|error| error.to_string())
            }
            Work::Tagger(tagger) => {
                let key = tagger.meta_key();
                let own = || travel.row.value(META).filter(Value::is_object).unwrap_or_else(|| Value::Object(Map::new()));
                let mut meta = travel.meta.take().unwrap_or_else(own);
                if let Some(map) = meta.as_object_mut().filter(|map| !map.contains_key(key)) {
                    map.insert(key.to_owned(), tagger.tag(text()?).map_err(|error| error.to_string())?);
                }
                travel.meta = Some(meta);
                Ok(Step::On)
            }
            Work::Filter { filter, slots, reasons } => {
                if placed.reads_text {
                    text()?;
                }
                let is_known = self.known(pass, slots.clone(), placed, travel);
                if !is_known {
                    let values = {
                        let seen = self.seen(pass, texts, travel);
                        filter.compute(&RowView::new(views[placed.field].as_ref(), &seen)).map_err(|error| error.to_string())?
                    };
                    if slots.is_empty() {
                        if pass.judging && placed.exports_stats {
                            self.write_side(pass, placed.step, texts, travel, done).map_err(|error| error.to_string())?;
                        }
                        let kept = !pass.judging || filter.keep(&values).map_err(|error| error.to_string())?;
                        return Ok(if kept { Step::On } else { Step::Dropped(reasons.reason(&values)) });
                    }
                    for (slot, value) in slots.clone().zip(values) {
                        self.stats[slot] = Some(value);
                        travel.computed_from[slot] = Some(placed.origin());
                    }
                }
                if !pass.judging {
                    return Ok(Step::On);
                }
                if placed.exports_stats {
                    self.write_side(pass, placed.step, texts, travel, done).map_err(|error| error.to_string())?;
                }
                self.values.clear();
                self.values.extend(self.stats[slots.clone()].iter_mut().map(|value| value.take().unwrap_or(StatValue::Null)));
                let kept = filter.keep(&self.values).map_err(|error| error.to_string());
                let step = kept.map(|kept| if kept { Step::On } else { Step::Dropped(reasons.reason(&self.values)) });
                for (slot, value) in slots.clone().zip(self.values.drain(..)) {
                    self.stats[slot] = Some(value);
                }
                step
            }
            Work::Deduplicator(deduplicator) => {
                if placed.reads_text {
                    text()?;
                }
                let seen = self.seen(pass, texts, travel);
                let row = RowView::new(views[placed.field].as_ref(), &seen);
                let fingerprint = fingerprint(pass, *deduplicator, &row)?;
                let hashes = if pass.keeps_hashes {
                    deduplicator.hashes(&row, &fingerprint).map_err(|error| error.to_string())?
                } else {
                    Vec::new()
                };
                travel.luggage.hashes.extend(hashes.into_iter().map(|(key, hash)| (key.to_owned(), hash.into())));
                done.digests.push(match fingerprint {
                    Fingerprint::Exact(digest) => Some(digest),
                    _ => None,
                });
                Ok(Step::On)
            }
            Work::Ungrouper(ungrouper) => {
                let mut fields: Map<String, Value> = Map::new();
                for field in travel.row.fields() {
                    fields.insert(field.key.into_owned(), serde_json::from_str(field.value).unwrap_or(Value::Null));
                }
                let ungrouped = ungrouper.ungroup(&fields).map_err(|error| error.to_string())?;
                if ungrouper.batch_meta_path().is_some()
                    && let Some(meta) = ungrouped.batch_meta
                {
                    done.batch_metas.push((placed.step, meta));
                }
                Ok(Step::Turn(Turn::Apart(ungrouped.rows)))
            }
        }
    }

    /// Whether a filter's statistics are there: computed from this text already, or brought by the row and still true.
    fn known(&mut self, pass: &Pass<'_>, slots: std::ops::Range<usize>, placed: &Placed<'_>, travel: &mut Travel<'_, '_>) -> bool {
        if slots.is_empty() {
            return false;
        }
        if slots.clone().all(|slot| travel.computed_from[slot] == Some(placed.origin()) && self.stats[slot].is_some()) {
            return true;
        }
        let is_old = if placed.reads_text { travel.distrusted[placed.field] } else { travel.distrusted.contains(&true) };
        let Some(brought) = travel.brought.as_ref().filter(|_| !is_old) else { return false };
        if !slots.clone().all(|slot| brought.get(&pass.layout.keys[slot]).is_some_and(|value| !value.is_null())) {
            return false;
        }
        for slot in slots {
            self.stats[slot] = brought.get(&pass.layout.keys[slot]).map(StatValue::from_json);
            travel.computed_from[slot] = Some(placed.origin());
        }
        true
    }

    pub(super) fn seen<'s, 't, 'r>(
        &'s self,
        pass: &'s Pass<'_>,
        texts: &'s [Option<&'s str>],
        travel: &'s Travel<'t, 'r>,
    ) -> Seen<'s, 't, 'r> {
        Seen { travel, row: travel.row, names: pass.fields, keys: &pass.layout.keys, texts, stats: &self.stats }
    }

    /// What the operator behind the pass asks of a row.
    fn answer(
        &mut self,
        pass: &Pass<'_>,
        tail: &Tail<'_>,
        texts: &[Option<&str>],
        views: &[Option<TextView<'_>>],
        travel: &mut Travel<'_, '_>,
    ) -> Result<Answer, String> {
        let seen = self.seen(pass, texts, travel);
        match tail {
            Tail::Deduplicator(deduplicator) => {
                let view = pass.tail_field.and_then(|field| views[field].as_ref());
                let row = RowView::new(view, &seen);
                let fingerprint = fingerprint(pass, *deduplicator, &row)?;
                let rank = deduplicator.rank(&row).map_err(|error| error.to_string())?;
                if pass.keeps_hashes {
                    let hashes = deduplicator.hashes(&row, &fingerprint).map_err(|error| error.to_string())?;
                    travel.luggage.hashes.extend(hashes.into_iter().map(|(key, hash)| (key.to_owned(), hash.into())));
                }
                Ok(Answer::Fingerprint(fingerprint, rank))
            }
            Tail::Selector(selector) => {
                let row = RowView::new(None, &seen);
                Ok(Answer::Value(selector.field().and_then(|field| row.value(field))))
            }
            Tail::Grouper(grouper) => grouper.key(&RowView::new(None, &seen)).map(Answer::Key).map_err(|error| error.to_string()),
        }
    }

    /// Goes on with what an operator made of the row.
    fn turn(
        &mut self,
        pass: &Pass<'_>,
        index: usize,
        what: Turn<'_>,
        texts: &[Option<&str>],
        mut travel: Travel<'_, '_>,
        done: &mut Done,
    ) -> Result<(), Refused> {
        let placed = &pass.operators[index];
        let step = placed.step as u16;
        match what {
            Turn::Changed(text) => {
                done.changes.push(step);
                travel.change(placed.field);
                let texts = replaced(texts, placed.field, &text);
                self.travel(pass, index + 1, &texts, travel, done)
            }
            Turn::Pieces(pieces) => {
                if pieces.is_empty() {
                    done.emptied.push(step);
                    return Ok(());
                }
                done.added.push((step, pieces.len() as u64 - 1));
                let stats = self.stats.clone();
                let whole = texts[placed.field].unwrap_or_default();
                if pieces.len() > 1 || pieces[0] != whole {
                    done.changes.push(step);
                    travel.change(placed.field);
                }
                for piece in &pieces {
                    self.stats.clone_from(&stats);
                    let texts = replaced(texts, placed.field, piece);
                    self.travel(pass, index + 1, &texts, travel.clone(), done)?;
                }
                Ok(())
            }
            Turn::Apart(rows) => {
                if rows.is_empty() {
                    done.emptied.push(step);
                    return Ok(());
                }
                done.added.push((step, rows.len() as u64 - 1));
                for fields in rows {
                    let bytes = Value::Object(fields).to_string();
                    let luggage = Luggage { file: travel.luggage.file, line: travel.luggage.line, ..Luggage::default() };
                    self.begin(pass, bytes.as_bytes(), luggage, index + 1, done)?;
                }
                Ok(())
            }
        }
    }
}

/// What tells a row from others: as the original has it only where someone will see it.
fn fingerprint(pass: &Pass<'_>, deduplicator: &dyn Deduplicator, row: &RowView<'_>) -> Result<Fingerprint, String> {
    let found = if pass.keeps_hashes { deduplicator.fingerprint(row) } else { deduplicator.identity(row) };
    found.map_err(|error| error.to_string())
}

/// The texts with another one in a field's place.
fn replaced<'t>(texts: &[Option<&'t str>], field: usize, text: &'t str) -> Vec<Option<&'t str>> {
    texts.iter().enumerate().map(|(index, old)| if index == field { Some(text) } else { *old }).collect()
}

/// What became of a row at one operator.
enum Step<'p> {
    On,
    Dropped(super::reason::Reason),
    Turn(Turn<'p>),
}

impl Travel<'_, '_> {
    /// A field's text is another one now.
    fn change(&mut self, field: usize) {
        self.changed[field] = true;
        self.distrusted[field] = true;
        // Out of date for a later filter of the same statistic; the rows are exported with what the filter has judged.
        self.computed_from
            .iter_mut()
            .filter(|from| matches!(from, Some(origin) if *origin == field || *origin == Placed::WHOLE_ROW))
            .for_each(|from| *from = None);
    }

    /// `__dj__meta__` as JSON.
    pub(super) fn meta_json(&self) -> Option<Cow<'_, str>> {
        self.meta.as_ref().map(|meta| Cow::Owned(meta.to_string())).or_else(|| self.row.get(META).map(Cow::Borrowed))
    }

    /// Statistics in the data, if they are there in the usual form.
    pub(super) fn brought_map(&self) -> Option<&Map<String, Value>> {
        self.brought.as_ref().and_then(Value::as_object)
    }
}

impl From<RowError> for Refused {
    fn from(error: RowError) -> Self {
        Self { reason: error.to_string(), step: None }
    }
}
