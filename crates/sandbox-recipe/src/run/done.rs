//! What became of the rows of one chunk.

use sandbox_dataset::Reject;
use sandbox_ops::{Fingerprint, StatValue};
use serde_json::{Map, Value};

use super::reason::Reason;

/// The line of a row without statistics, where others have some.
pub(super) const NO_STATS: &[u8] = b"{\"__dj__stats__\": {}}\n";

/// What became of the rows of one chunk, in their order.
#[derive(Default)]
pub(super) struct Done {
    /// Rows that were read, bad ones included.
    pub(super) rows_in: u64,
    /// Rows that were taken up in this pass, wherever they came from.
    pub(super) taken: u64,
    /// Rows that are objects.
    pub(super) parsed: u64,
    /// Per field, rows that have it not even as null: a misspelt name is in none.
    pub(super) lacking: Vec<u64>,
    /// The fields of the first row without the text field, for the message when no row has it.
    pub(super) fields_without_text: Vec<String>,
    /// Rows whose text is null or absent.
    pub(super) without_text: u64,
    /// Rows that cannot be used, by line, each with the place of its operator in the recipe if one refused it.
    pub(super) rejects: Vec<(Reject, Option<u16>)>,
    /// One entry per row that reached the operators; several for a row that was cut.
    pub(super) rows: Vec<RowDone>,
    /// The rows to write, one a line, in the order of `rows`.
    pub(super) row_bytes: Vec<u8>,
    /// Whether any row has statistics or tags.
    pub(super) has_stats: bool,
    /// Their statistics, one object a line; nothing as long as no row has any.
    pub(super) stat_bytes: Vec<u8>,
    /// Per row and exact deduplicator that it reached, its digest; none for a row like no other.
    pub(super) digests: Vec<Option<u128>>,
    /// Per row, the mappers that changed it.
    pub(super) changes: Vec<u16>,
    /// Rows that an operator made beyond those it was given.
    pub(super) added: Vec<(u16, u64)>,
    /// Rows that an operator left nothing of.
    pub(super) emptied: Vec<u16>,
    /// For a barrier: per row that is not dropped, what the operator behind the pass asked of it.
    pub(super) answers: Vec<Answer>,
    /// For an analysis: per row, its statistics by slot.
    pub(super) stats: Vec<StatValue>,
    /// For an analysis: per row, statistics that the data brought along and no filter computes.
    pub(super) further: Vec<Option<Map<String, Value>>>,
    /// Examples of what operators did, by step.
    pub(super) traces: Vec<(usize, Vec<u8>)>,
    /// `__dj__batch_meta__` of groups that were taken apart, by step.
    pub(super) batch_metas: Vec<(usize, Value)>,
    /// Rows with their statistics so far, for the files of `stats_export_path`: the step and where its row ends.
    pub(super) sides: Vec<(u16, usize)>,
    pub(super) side_bytes: Vec<u8>,
    /// Per field of row numbers, whether any row has it.
    pub(super) has_index: Vec<bool>,
    /// Bytes of rows that were read.
    pub(super) bytes: u64,
}

/// What the operator behind a pass asked of a row.
pub(super) enum Answer {
    Fingerprint(Fingerprint, Option<i64>),
    Value(Option<Value>),
    Key(String),
}

/// The ends of one row's parts in [`Done`], and its fate.
#[derive(Clone, Copy, Default)]
pub(super) struct RowDone {
    pub(super) row_end: usize,
    pub(super) stat_end: usize,
    pub(super) digest_end: usize,
    pub(super) change_end: usize,
    pub(super) answer_end: usize,
    pub(super) side_end: usize,
    /// The filter that dropped it, and on which side of its range the value was.
    pub(super) dropped: Option<(u16, Reason)>,
}

/// How long the parts of [`Done`] are, to go back to.
#[derive(Clone, Copy)]
pub(super) struct Mark {
    rows: usize,
    row_bytes: usize,
    digests: usize,
    changes: usize,
    added: usize,
    emptied: usize,
    answers: usize,
    stats: usize,
    further: usize,
    traces: usize,
    batch_metas: usize,
    sides: usize,
    side_bytes: usize,
}

impl Done {
    pub(super) fn mark(&self) -> Mark {
        Mark {
            rows: self.rows.len(),
            row_bytes: self.row_bytes.len(),
            digests: self.digests.len(),
            changes: self.changes.len(),
            added: self.added.len(),
            emptied: self.emptied.len(),
            answers: self.answers.len(),
            stats: self.stats.len(),
            further: self.further.len(),
            traces: self.traces.len(),
            batch_metas: self.batch_metas.len(),
            sides: self.sides.len(),
            side_bytes: self.side_bytes.len(),
        }
    }

    /// A row that fails half-way leaves no trace but its reject.
    pub(super) fn back_to(&mut self, mark: Mark) {
        self.rows.truncate(mark.rows);
        self.row_bytes.truncate(mark.row_bytes);
        self.stat_bytes.truncate(self.rows.last().map_or(0, |row| row.stat_end));
        self.digests.truncate(mark.digests);
        self.changes.truncate(mark.changes);
        self.added.truncate(mark.added);
        self.emptied.truncate(mark.emptied);
        self.answers.truncate(mark.answers);
        self.stats.truncate(mark.stats);
        self.further.truncate(mark.further);
        self.traces.truncate(mark.traces);
        self.batch_metas.truncate(mark.batch_metas);
        self.sides.truncate(mark.sides);
        self.side_bytes.truncate(mark.side_bytes);
    }

    /// A row with statistics: those before it, which had none, get their lines.
    pub(super) fn begin_stats(&mut self) {
        if std::mem::replace(&mut self.has_stats, true) {
            return;
        }
        for row in &mut self.rows {
            if row.dropped.is_none() {
                self.stat_bytes.extend_from_slice(NO_STATS);
            }
            row.stat_end = self.stat_bytes.len();
        }
    }

    /// Notes where a row ends.
    pub(super) fn end_row(&mut self, dropped: Option<(u16, Reason)>) {
        self.rows.push(RowDone {
            row_end: self.row_bytes.len(),
            stat_end: self.stat_bytes.len(),
            digest_end: self.digests.len(),
            change_end: self.changes.len(),
            answer_end: self.answers.len(),
            side_end: self.sides.len(),
            dropped,
        });
    }
}
