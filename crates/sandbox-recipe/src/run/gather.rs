//! Where the chunks' results come together in the order of the rows.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use sandbox_ops::deduplicators::cluster::ExactSet;

use super::barrier::Waiting;
use super::done::{Done, RowDone};
use super::export::Export;
use super::pass::Pass;
use super::spool::SpoolWriter;
use super::{RunSettings, Totals};
use crate::analyze::Column;
use crate::error::RecipeError;
use crate::observe::Progress;

/// How often progress is told.
const BEAT: Duration = Duration::from_millis(100);

/// The statistics of all rows by name.
pub(crate) type Columns = BTreeMap<String, Column>;

/// Where one pass's rows go, and what is counted of them.
pub(super) struct Gather<'g, 'r> {
    pass: &'g Pass<'r>,
    settings: RunSettings<'g>,
    totals: &'g mut Totals,
    export: &'g mut Export,
    pub(super) spool: Option<SpoolWriter>,
    pub(super) waiting: Option<Waiting<'r>>,
    /// Per exact deduplicator its place in the recipe and the digests that it has seen.
    seen: Vec<(u16, ExactSet)>,
    told: Instant,
    /// Which pass this is, of how many.
    pass_number: (u32, u32),
    /// Rows that were taken up in it.
    taken: u64,
}

/// What was counted over the whole recipe.
#[derive(Default)]
pub(super) struct Counted {
    pub(super) rows_in: u64,
    pub(super) rows_out: u64,
    pub(super) parsed: u64,
    pub(super) lacking: Vec<u64>,
    /// Per field of row numbers, whether any row has it.
    pub(super) has_index: Vec<bool>,
    pub(super) without_text: u64,
    pub(super) fields_without_text: Vec<String>,
    pub(super) rejected: u64,
    /// Of `rejected`, those that no operator refused.
    pub(super) unreadable: u64,
    pub(super) bytes: u64,
    pub(super) operators: Vec<OperatorCounts>,
    pub(super) has_stats: bool,
}

/// What one operator did.
#[derive(Default, Clone)]
pub(super) struct OperatorCounts {
    pub(super) changed: u64,
    /// Dropped rows by reason.
    pub(super) dropped: [u64; 3],
    /// Rows that could not be used.
    pub(super) rejected: u64,
    /// Rows that it made beyond those it was given.
    pub(super) added: u64,
    /// Of the rows that it dropped for being like others, the first, and the row that is kept instead.
    pub(super) example: Option<(String, String)>,
}

impl<'g, 'r> Gather<'g, 'r> {
    pub(super) fn new(
        pass: &'g Pass<'r>,
        settings: RunSettings<'g>,
        totals: &'g mut Totals,
        export: &'g mut Export,
        spool: Option<SpoolWriter>,
        waiting: Option<Waiting<'r>>,
        pass_number: (u32, u32),
    ) -> Self {
        if pass_number.1 > 1 {
            // Said at once: a pass may wait long for its first rows.
            settings.observer.progress(Progress { bytes_read: 0, bytes_total: 0, rows: 0, pass: pass_number.0, passes: pass_number.1 });
        }
        let seen = pass.deduplicators().map(|step| (step as u16, ExactSet::default())).collect();
        Self { pass, settings, totals, export, spool, waiting, seen, told: Instant::now(), pass_number, taken: 0 }
    }

    /// The result of the next chunk.
    pub(super) fn take(&mut self, done: Done, read: sandbox_dataset::Progress) -> Result<(), RecipeError> {
        let counted = &mut self.totals.counted;
        for (reject, step) in &done.rejects {
            if self.settings.strict {
                return Err(RecipeError::Strict(reject.clone()));
            }
            self.settings.observer.rejected(reject);
            self.export.rejects.push(reject)?;
            counted.rejected += 1;
            match step.and_then(|step| counted.operators.get_mut(usize::from(step))) {
                Some(operator) => operator.rejected += 1,
                None => counted.unreadable += 1,
            }
        }
        counted.rows_in += done.rows_in;
        counted.parsed += done.parsed;
        counted.lacking.resize(done.lacking.len(), 0);
        counted.lacking.iter_mut().zip(&done.lacking).for_each(|(all, rows)| *all += rows);
        counted.has_index.resize(done.has_index.len(), false);
        counted.has_index.iter_mut().zip(&done.has_index).for_each(|(any, has)| *any |= has);
        counted.without_text += done.without_text;
        if counted.fields_without_text.is_empty() {
            counted.fields_without_text.clone_from(&done.fields_without_text);
        }
        counted.bytes += done.bytes;
        for (step, rows) in &done.added {
            counted.operators[usize::from(*step)].added += rows;
        }
        for step in &done.emptied {
            counted.operators[usize::from(*step)].dropped[0] += 1;
        }
        if let Some(tracer) = self.pass.tracer {
            done.traces.iter().for_each(|(step, line)| tracer.take(&mut self.totals.traces, *step, line));
        }
        for (step, meta) in &done.batch_metas {
            self.export.batch_meta(*step, meta)?;
        }
        if !self.pass.judging {
            self.take_statistics(&done);
        }
        self.taken += done.taken;
        self.judge_and_write(done)?;
        let limit = self.settings.memory.unwrap_or(u64::MAX);
        if self.seen.iter().map(|(_, seen)| seen.bytes() as u64).sum::<u64>() > limit {
            return Err(RecipeError::MemoryFull);
        }
        if self.told.elapsed() >= BEAT {
            self.told = Instant::now();
            self.settings.observer.progress(Progress {
                bytes_read: read.bytes_read,
                bytes_total: read.bytes_total,
                rows: self.taken,
                pass: self.pass_number.0,
                passes: self.pass_number.1,
            });
        }
        Ok(())
    }

    /// Follows each row to where it was dropped, and writes runs of kept rows at once.
    fn judge_and_write(&mut self, mut done: Done) -> Result<(), RecipeError> {
        let mut before = RowDone::default();
        let mut run = Run { row_start: 0, stat_start: 0, rows: 0 };
        let mut answers = std::mem::take(&mut done.answers).into_iter();
        for row in &done.rows {
            let duplicate = self.duplicate_at(&done.digests[before.digest_end..row.digest_end]);
            let dropped = duplicate.map(|step| (step, 0)).or(row.dropped);
            let end = dropped.map_or(u16::MAX, |(step, _)| step);
            for step in done.changes[before.change_end..row.change_end].iter().filter(|step| **step < end) {
                self.totals.counted.operators[usize::from(*step)].changed += 1;
            }
            for side in before.side_end..row.side_end {
                let start = side.checked_sub(1).map_or(0, |last| done.sides[last].1);
                let (step, stop) = done.sides[side];
                if step <= end {
                    self.export.side(usize::from(step), &done.side_bytes[start..stop])?;
                }
            }
            let answer = if row.answer_end > before.answer_end { answers.next() } else { None };
            match dropped {
                Some((step, reason)) => {
                    self.totals.counted.operators[usize::from(step)].dropped[usize::from(reason)] += 1;
                    self.write(&done, &run, &before)?;
                    run = Run { row_start: row.row_end, stat_start: row.stat_end, rows: 0 };
                }
                None => {
                    if let (Some(waiting), Some(answer)) = (&mut self.waiting, answer) {
                        waiting.take(answer)?;
                    }
                    if let Some(spool) = &mut self.spool {
                        spool.push(&done.row_bytes[before.row_end..row.row_end])?;
                    } else {
                        run.rows += 1;
                    }
                }
            }
            before = *row;
        }
        self.write(&done, &run, &before)
    }

    /// The first deduplicator, by its place in the recipe, that has seen this row's digest; each notes what reaches it.
    fn duplicate_at(&mut self, digests: &[Option<u128>]) -> Option<u16> {
        let with_digest = self.seen.iter_mut().zip(digests);
        with_digest
            .filter_map(|(seen, digest)| Some((seen, (*digest)?)))
            .find_map(|((step, seen), digest)| (!seen.insert(digest)).then_some(*step))
    }

    fn write(&mut self, done: &Done, run: &Run, end: &RowDone) -> Result<(), RecipeError> {
        if run.rows == 0 {
            return Ok(());
        }
        self.totals.counted.rows_out += run.rows;
        self.totals.counted.has_stats |= done.has_stats;
        self.export.write(&done.row_bytes[run.row_start..end.row_end], &done.stat_bytes[run.stat_start..end.stat_end], run.rows)
    }

    fn take_statistics(&mut self, done: &Done) {
        let width = self.pass.layout.keys.len();
        for (slot, key) in self.pass.layout.keys.iter().enumerate() {
            if let Some(values) = self.totals.columns.get_mut(key) {
                for value in done.stats.iter().skip(slot).step_by(width.max(1)) {
                    self.totals.row_means.push(key, values.as_ref(), value);
                    Column::push_stat(values, value);
                }
            }
        }
        for further in done.further.iter().flatten() {
            for (name, value) in further {
                Column::push(self.totals.columns.entry(name.clone()).or_default(), Some(value));
            }
        }
    }
}

/// Kept rows next to each other, not written yet.
struct Run {
    row_start: usize,
    stat_start: usize,
    rows: u64,
}
