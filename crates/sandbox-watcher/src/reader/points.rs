//! Everything that was watched under a name, page by page, for those who copy it elsewhere.

use rusqlite::{OptionalExtension, params};

use crate::chunk::{Codec, Point};
use crate::error::WatchError;

use super::Reader;
use super::values::{Item, item};

/// Some numbers of a series.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PointPage {
    /// The numbers, in the order in which they were watched, each with its kind.
    pub points: Vec<Point>,
    /// Where the next page begins; nothing when this is the last one.
    pub next: Option<u64>,
}

impl Reader {
    /// Numbers that were watched under a name in a run (not in its parts), from the one with the number `from` (the first is 0): a few
    /// thousand at most, and at most `limit`. A run that goes on has more later; where this page ended, the next one begins.
    ///
    /// # Errors
    /// A run that is not there; a store that cannot be read.
    pub fn points(&self, uid: &str, name: &str, from: u64, limit: usize) -> Result<PointPage, WatchError> {
        let id = self.id(uid)?;
        self.page(id, name, from, limit.max(1)).map_err(self.failed())
    }

    fn page(&self, run: i64, name: &str, mut from: u64, limit: usize) -> rusqlite::Result<PointPage> {
        let mut statement = self.connection.prepare_cached("SELECT id FROM series WHERE run = ?1 AND name = ?2")?;
        let Some(series) = statement.query_row(params![run, name], |row| row.get::<_, i64>(0)).optional()? else {
            return Ok(PointPage::default());
        };
        // Blocks are joined while a run goes on, and their numbers stay those of their first points.
        let sql = "SELECT no, count, data FROM block WHERE series = ?1 AND no <= ?2 ORDER BY no DESC LIMIT 1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut codec = Codec::new();
        loop {
            let mut rows = statement.query(params![series, i64::try_from(from).unwrap_or(i64::MAX)])?;
            let Some(row) = rows.next()? else { return Ok(PointPage::default()) };
            let (first, count): (i64, i64) = (row.get(0)?, row.get(1)?);
            let end = first.saturating_add(count.max(1)) as u64;
            if from >= end {
                return Ok(PointPage::default());
            }
            let mut at = first as u64;
            let mut points = Vec::new();
            // What is damaged is left out, and the numbers after it are found all the same.
            let _ = codec.unpack(row.get_ref(2)?.as_blob()?, |point| {
                if at >= from && points.len() < limit {
                    points.push(point);
                }
                at += 1;
            });
            if !points.is_empty() {
                let next = from + points.len() as u64;
                return Ok(PointPage { points, next: Some(next) });
            }
            from = end;
        }
    }

    /// How many calls of a run (not of its parts) are in the store: those with the numbers below this, and all that was watched in them.
    ///
    /// # Errors
    /// A run that is not there; a store that cannot be read.
    pub fn calls(&self, uid: &str) -> Result<u64, WatchError> {
        let id = self.id(uid)?;
        let sql = "SELECT coalesce(max(last_seq) + 1, 0) FROM series WHERE run = ?1";
        let calls = || self.connection.prepare_cached(sql)?.query_row([id], |row| row.get::<_, i64>(0));
        Ok(calls().map_err(self.failed())? as u64)
    }

    /// Values under a name of a run (not of its parts) that are no numbers, in order: those of calls after the one with the number `after`.
    ///
    /// # Errors
    /// A run that is not there; a store that cannot be read.
    pub fn own_items(&self, uid: &str, name: &str, after: Option<u64>, limit: usize) -> Result<Vec<Item>, WatchError> {
        let id = self.id(uid)?;
        let items = || -> rusqlite::Result<Vec<Item>> {
            let sql = "SELECT item.seq, step, time, item.kind, cut, item.data, large.data, large.bytes FROM item \
                       LEFT JOIN large ON large.digest = item.digest \
                       WHERE item.series = (SELECT id FROM series WHERE run = ?1 AND name = ?2) AND item.seq > ?3 ORDER BY item.seq LIMIT ?4";
            let after = after.map_or(-1, |after| i64::try_from(after).unwrap_or(i64::MAX));
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            self.connection.prepare_cached(sql)?.query_map(params![id, name, after, limit], item)?.collect()
        };
        items().map_err(self.failed())
    }
}
