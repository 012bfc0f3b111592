//! Where the chunks' results come together in the order of the rows.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, Instant};

use hashbrown::HashSet;
use sandbox_dataset::{RejectLog, RowWriter};

use sandbox_fs::FsError;

use super::chunk::{Done, RowDone};
use super::pass::Pass;
use super::{RunSettings, reject_log, writer};
use crate::analyze::Column;
use crate::config::{ExportType, Recipe};
use crate::error::RecipeError;
use crate::observe::Progress;

/// How often progress is told.
const BEAT: Duration = Duration::from_millis(100);

/// The statistics of all rows by name.
pub(crate) type Columns = BTreeMap<String, Column>;

pub(super) struct Gather<'g> {
    pass: &'g Pass<'g>,
    settings: RunSettings<'g>,
    rows: Option<RowWriter>,
    stats: RowWriter,
    rejects: RejectLog,
    /// Per deduplicator its place among the operators and the digests that it has seen.
    seen: Vec<(u16, HashSet<u128>)>,
    counted: Counted,
    columns: BTreeMap<String, Option<Column>>,
    told: Instant,
}

/// What was counted.
#[derive(Default)]
pub(super) struct Counted {
    pub(super) rows_in: u64,
    pub(super) rows_out: u64,
    pub(super) parsed: u64,
    pub(super) lacking: Vec<u64>,
    pub(super) without_text: u64,
    pub(super) fields_without_text: Vec<String>,
    pub(super) rejected: u64,
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
}

impl<'g> Gather<'g> {
    pub(super) fn new(pass: &'g Pass<'g>, recipe: &Recipe, settings: RunSettings<'g>) -> Result<Self, RecipeError> {
        let rows = pass.output.rows.then(|| writer(&recipe.export_path, recipe.export_type)).transpose()?;
        let stats = writer(&recipe.stats_path(), ExportType::Jsonl)?;
        let counted = Counted { operators: vec![OperatorCounts::default(); pass.operators.len()], ..Counted::default() };
        let seen = pass.deduplicators().map(|index| (index as u16, HashSet::new())).collect();
        let columns = pass.keys.iter().map(|key| (key.clone(), None)).collect();
        Ok(Self { pass, settings, rows, stats, rejects: reject_log(recipe), seen, counted, columns, told: Instant::now() })
    }

    /// The result of the next chunk.
    pub(super) fn take(&mut self, done: Done, read: sandbox_dataset::Progress) -> Result<(), RecipeError> {
        for reject in &done.rejects {
            if self.settings.strict {
                return Err(RecipeError::Strict(reject.clone()));
            }
            self.settings.observer.rejected(reject);
            self.rejects.push(reject)?;
        }
        self.counted.rejected += done.rejects.len() as u64;
        self.counted.rows_in += done.rows_in;
        self.counted.parsed += done.parsed;
        self.counted.lacking.resize(done.lacking.len(), 0);
        self.counted.lacking.iter_mut().zip(&done.lacking).for_each(|(all, rows)| *all += rows);
        self.counted.without_text += done.without_text;
        if self.counted.fields_without_text.is_empty() {
            self.counted.fields_without_text.clone_from(&done.fields_without_text);
        }
        self.counted.bytes += done.bytes;
        if !self.pass.judging {
            self.take_statistics(&done);
        }
        self.judge_and_write(&done)?;
        if self.told.elapsed() >= BEAT {
            self.told = Instant::now();
            self.settings.observer.progress(Progress {
                bytes_read: read.bytes_read,
                bytes_total: read.bytes_total,
                rows: self.counted.rows_in,
            });
        }
        Ok(())
    }

    /// Follows each row to where it was dropped, and writes runs of kept rows at once.
    fn judge_and_write(&mut self, done: &Done) -> Result<(), RecipeError> {
        let mut before = RowDone { row_end: 0, stat_end: 0, digest_end: 0, change_end: 0, dropped: None };
        let mut run = Run { row_start: 0, stat_start: 0, rows: 0 };
        for row in &done.rows {
            let duplicate = self.duplicate_at(&done.digests[before.digest_end..row.digest_end]);
            let dropped = duplicate.map(|index| (index, 0)).or(row.dropped);
            let end = dropped.map_or(u16::MAX, |(index, _)| index);
            for index in done.changes[before.change_end..row.change_end].iter().filter(|index| **index < end) {
                self.counted.operators[usize::from(*index)].changed += 1;
            }
            match dropped {
                Some((index, reason)) => {
                    self.counted.operators[usize::from(index)].dropped[usize::from(reason)] += 1;
                    self.write(done, &run, &before)?;
                    run = Run { row_start: row.row_end, stat_start: row.stat_end, rows: 0 };
                }
                None => run.rows += 1,
            }
            before = *row;
        }
        self.write(done, &run, &before)
    }

    /// The first deduplicator, by its place among the operators, that has seen this row's digest; each notes what reaches it.
    fn duplicate_at(&mut self, digests: &[u128]) -> Option<u16> {
        self.seen.iter_mut().zip(digests).find_map(|((index, seen), digest)| (!seen.insert(*digest)).then_some(*index))
    }

    fn write(&mut self, done: &Done, run: &Run, end: &RowDone) -> Result<(), RecipeError> {
        if run.rows == 0 {
            return Ok(());
        }
        self.counted.rows_out += run.rows;
        if let Some(rows) = &mut self.rows {
            rows.write_rows(&done.row_bytes[run.row_start..end.row_end], run.rows)?;
        }
        self.counted.has_stats |= done.has_stats;
        self.stats.write_rows(&done.stat_bytes[run.stat_start..end.stat_end], run.rows)?;
        Ok(())
    }

    fn take_statistics(&mut self, done: &Done) {
        let width = self.pass.keys.len();
        for (column, key) in self.pass.keys.iter().enumerate() {
            if let Some(values) = self.columns.get_mut(key) {
                done.stats.iter().skip(column).step_by(width.max(1)).for_each(|value| Column::push_stat(values, value));
            }
        }
        for further in done.further.iter().flatten() {
            for (name, value) in further {
                Column::push(self.columns.entry(name.clone()).or_default(), Some(value));
            }
        }
    }

    /// The gathered columns; a statistic without a single value has none.
    pub(super) fn take_columns(&mut self) -> Columns {
        std::mem::take(&mut self.columns).into_iter().filter_map(|(name, column)| Some((name, column?))).collect()
    }

    /// Gives the files their names.
    pub(super) fn finish(self, recipe: &Recipe) -> Result<Counted, RecipeError> {
        let mut counted = self.counted;
        if counted.rows_in == 0 {
            self.settings.observer.warning(&format!("there is no row in `{}`", recipe.dataset_path.join("`, `")));
        }
        let lacking = counted.lacking.iter().position(|rows| counted.parsed > 0 && *rows == counted.parsed);
        if let Some(field) = lacking.and_then(|index| self.pass.fields.get(index)) {
            return Err(RecipeError::NoText {
                dataset: recipe.dataset_path.join(" "),
                field: (*field).to_owned(),
                fields: counted.fields_without_text.join("`, `"),
            });
        }
        counted.has_stats |= !self.pass.keys.is_empty();
        if let Some(rows) = self.rows {
            rows.finish()?;
        }
        if counted.has_stats {
            self.stats.finish()?;
        } else {
            drop(self.stats);
            remove_stale(&recipe.stats_path())?;
        }
        self.rejects.finish()?;
        Ok(counted)
    }
}

/// Kept rows next to each other, not written yet.
struct Run {
    row_start: usize,
    stat_start: usize,
    rows: u64,
}

/// Statistics of an earlier run would stand beside rows that they do not belong to.
fn remove_stale(path: &Path) -> Result<(), RecipeError> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(FsError::io("remove", path)(error).into()),
        _ => Ok(()),
    }
}
