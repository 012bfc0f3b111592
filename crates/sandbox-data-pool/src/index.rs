//! Where the rows of a pool stand: 12 bytes a row, so that they can be written in any order.

use sandbox_dataset::{Reject, Row, RowError, RowParser};

use crate::blocks::{Block, scan_all};
use crate::error::PoolError;
use crate::observer::Work;
use crate::rejects::Rejects;
use crate::source::Source;

/// The rows of one pool, in their order.
#[derive(Debug, Default)]
pub(crate) struct Index {
    starts: Vec<u64>,
    lengths: Vec<u32>,
}

/// Where one row stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: u64,
    pub(crate) length: u32,
}

impl Index {
    /// Rows for which there is room without moving.
    pub(crate) fn capacity(&self) -> usize {
        self.starts.capacity()
    }

    pub(crate) fn len(&self) -> usize {
        self.starts.len()
    }

    pub(crate) fn get(&self, row: usize) -> Span {
        Span { start: self.starts[row], length: self.lengths[row] }
    }

    pub(crate) fn push(&mut self, span: Span) {
        self.starts.push(span.start);
        self.lengths.push(span.length);
    }

    /// Makes room for about as many rows as the pool has, told by its first rows.
    pub(crate) fn append(&mut self, other: &[Span], source: &Source) {
        if let (true, Some(last)) = (self.starts.is_empty(), other.last()) {
            let reached = last.start + u64::from(last.length) + 1;
            let rows = (source.length as f64 / reached as f64 * other.len() as f64 * 1.02) as usize + 16;
            self.starts.reserve_exact(rows);
            self.lengths.reserve_exact(rows);
        }
        other.iter().for_each(|span| self.push(*span));
    }

    /// Bytes of all rows with a line end each.
    pub(crate) fn bytes(&self) -> u64 {
        self.lengths.iter().map(|length| u64::from(*length) + 1).sum()
    }

    pub(crate) fn spans(&self) -> impl Iterator<Item = Span> {
        (0..self.len()).map(|row| self.get(row))
    }

    /// Reads a pool and notes its rows; what is no row is set aside.
    pub(crate) fn of(source: &Source, work: &Work<'_>, rejects: &Rejects<'_>) -> Result<Self, PoolError> {
        let mut index = Self::default();
        Self::with(source, work, rejects, |_: &Row<'_>| (), |span, ()| index.push(span))?;
        Ok(index)
    }

    /// As [`of`](Self::of), and hands what `note` makes of each row to `keep`, in order.
    pub(crate) fn with<T: Send>(
        source: &Source,
        work: &Work<'_>,
        rejects: &Rejects<'_>,
        note: impl Fn(&Row<'_>) -> T + Sync,
        mut keep: impl FnMut(Span, T) + Send,
    ) -> Result<(), PoolError> {
        let note = |parser: &mut RowParser, bytes: &[u8]| parser.parse(bytes).map(|row| note(&row));
        Self::with_all(std::slice::from_ref(source), work, rejects, note, |_, span, note| keep(span, note))
    }

    /// The same for several pools, one after the other; `note` checks a row itself, and `keep` hears in which pool it stands.
    pub(crate) fn with_all<T: Send>(
        sources: &[Source],
        work: &Work<'_>,
        rejects: &Rejects<'_>,
        note: impl Fn(&mut RowParser, &[u8]) -> Result<T, RowError> + Sync,
        mut keep: impl FnMut(usize, Span, T) + Send,
    ) -> Result<(), PoolError> {
        let mut rows = vec![0_u64; sources.len()];
        let each = |parser: &mut RowParser, pool: usize, block: &mut Block<'_>, bad: &mut Vec<Reject>| {
            let mut found = Vec::new();
            for line in block.lines() {
                match note(parser, line.bytes) {
                    Ok(note) => found.push((Span { start: line.offset, length: line.bytes.len() as u32 }, note)),
                    Err(error) => bad.push(Reject::new(&sources[pool].path, line.number, error, line.bytes)),
                }
            }
            Ok(found)
        };
        scan_all(sources, work, RowParser::new, each, |pool, done| {
            let source = &sources[pool];
            rejects.push_all(source, &done.rejects)?;
            rows[pool] += done.result.len() as u64;
            if rows[pool] > u64::from(u32::MAX) {
                return Err(PoolError::TooManyRows(source.path.to_path_buf()));
            }
            done.result.into_iter().for_each(|(span, note)| keep(pool, span, note));
            Ok(())
        })
    }
}
