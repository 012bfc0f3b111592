//! Records of a journal into the database: one transaction for a batch.
//!
//! What of a journal has been applied stands in the same transaction as what was applied. So each record goes in exactly once, whatever is
//! killed when, and whoever applies it: the writer's own thread, or the next process that opens the store.

mod ops;
mod series;

use std::collections::HashMap;

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use crate::chunk::{Codec, Point};
use crate::clock::wall;
use crate::identity::Identity;
use crate::journal::Place;
use crate::journal::record::{self, Call, LeafValue, Record};
use series::Series;

/// Names of series and runs that are kept in mind; beyond it they are looked up again.
const MOST_SERIES: usize = 1 << 18;
/// Texts longer than this stand beside the table of values.
const LARGE: usize = 64 << 10;
/// Of longer texts only the beginning is kept.
const LONGEST: usize = 16 << 20;

/// Applies the records of one writer.
pub(crate) struct Applier {
    writer: String,
    /// What stands in the store of this writer's journal.
    pub(crate) applied: Place,
    runs: HashMap<u64, i64>,
    series: HashMap<(u64, u64), Series>,
    codec: Codec,
    /// The number of the transaction, for readers who ask what is new.
    commit: i64,
}

impl Applier {
    /// For the journal of `writer`, which is entered into the store when it is new.
    pub(crate) fn new(connection: &Connection, writer: &str, identity: Option<&Identity>) -> rusqlite::Result<Self> {
        // One that was killed before its first commit is not known yet, and nothing is known of its process.
        let identity = identity.map(|identity| serde_json::to_string(identity).unwrap_or_default());
        let sql = "INSERT INTO writer (id, identity, began, heartbeat) VALUES (?1, ?2, ?3, ?3) ON CONFLICT DO NOTHING";
        connection.execute(sql, params![writer, identity.unwrap_or_default(), wall()])?;
        let sql = "SELECT segment, byte FROM writer WHERE id = ?1";
        let place = |row: &rusqlite::Row<'_>| Ok(Place { segment: row.get::<_, i64>(0)? as u64, byte: row.get::<_, i64>(1)? as u64 });
        let applied = connection.query_row(sql, [writer], place).optional()?.unwrap_or_default();
        Ok(Self { writer: writer.to_owned(), applied, runs: HashMap::new(), series: HashMap::new(), codec: Codec::new(), commit: 0 })
    }

    /// Applies records that end at `place`, and notes that the writer lives.
    pub(crate) fn apply<'r>(
        &mut self,
        connection: &mut Connection,
        records: impl Iterator<Item = &'r [u8]>,
        place: Place,
    ) -> rusqlite::Result<()> {
        self.transact(connection, |this, transaction| {
            for bytes in records {
                // A record that this program does not know is from a later one: what is known of the rest still counts.
                match record::read(bytes) {
                    Some(Record::Name { run, id, name }) => this.name(transaction, run, id, name)?,
                    Some(Record::Watched(call, leaves)) => {
                        for (id, value) in leaves {
                            this.leaf(transaction, &call, id, value)?;
                        }
                    }
                    Some(Record::Op(op)) => this.op(transaction, *op)?,
                    None => {}
                }
            }
            this.write_points(transaction)?;
            let sql = "UPDATE writer SET segment = ?2, byte = ?3, heartbeat = ?4 WHERE id = ?1";
            transaction.prepare_cached(sql)?.execute(params![this.writer, place.segment as i64, place.byte as i64, wall()])?;
            Ok(())
        })?;
        self.applied = place;
        Ok(())
    }

    /// Notes that the writer lives.
    pub(crate) fn heartbeat(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        connection.prepare_cached("UPDATE writer SET heartbeat = ?2 WHERE id = ?1")?.execute(params![self.writer, wall()])?;
        Ok(())
    }

    /// Notes what was dropped.
    pub(crate) fn dropped(&mut self, connection: &Connection, reasons: &str) -> rusqlite::Result<()> {
        connection.prepare_cached("UPDATE writer SET dropped = ?2 WHERE id = ?1")?.execute(params![self.writer, reasons])?;
        Ok(())
    }

    /// Packs what is loose and ends the writer. Runs that have not ended are given `status`; those of a writer that was killed ended
    /// when it last showed life.
    pub(crate) fn end(&mut self, connection: &mut Connection, status: &str, was_killed: bool) -> rusqlite::Result<()> {
        self.transact(connection, |this, transaction| {
            let loose = "SELECT DISTINCT series.id FROM series JOIN run ON run.id = series.run JOIN block ON block.series = series.id \
                         WHERE run.writer = ?1 AND block.level < 2";
            let ids: Vec<i64> =
                transaction.prepare_cached(loose)?.query_map([&this.writer], |row| row.get(0))?.collect::<Result<_, _>>()?;
            for id in ids {
                series::seal(transaction, &mut this.codec, id)?;
            }
            let end: i64 = if was_killed {
                transaction.query_row("SELECT heartbeat FROM writer WHERE id = ?1", [&this.writer], |row| row.get(0))?
            } else {
                wall()
            };
            let sql = "UPDATE run SET status = ?2, ended = max(started, ?3), changed = ?4 WHERE writer = ?1 AND ended IS NULL";
            transaction.execute(sql, params![this.writer, status, end, this.commit])?;
            transaction.execute("UPDATE writer SET ended = ?2 WHERE id = ?1", params![this.writer, end])?;
            Ok(())
        })
    }

    /// One transaction, with its number. When it fails, what is kept in mind is forgotten: it may be of the failed one.
    fn transact(
        &mut self,
        connection: &mut Connection,
        work: impl FnOnce(&mut Self, &Transaction<'_>) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        if self.series.len() > MOST_SERIES {
            self.forget();
        }
        let result = (|| {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let sql = "INSERT INTO meta VALUES ('commit', 1) ON CONFLICT (key) DO UPDATE SET value = value + 1 RETURNING value";
            self.commit = transaction.prepare_cached(sql)?.query_row([], |row| row.get(0))?;
            work(self, &transaction)?;
            transaction.commit()
        })();
        if result.is_err() {
            self.forget();
        }
        result
    }

    fn forget(&mut self) {
        self.series.clear();
        self.runs.clear();
    }

    /// The row of a run of this writer.
    fn run(&mut self, transaction: &Transaction<'_>, local: u64) -> rusqlite::Result<Option<i64>> {
        if let Some(id) = self.runs.get(&local) {
            return Ok(Some(*id));
        }
        let sql = "SELECT id FROM run WHERE writer = ?1 AND local = ?2";
        let id = transaction.prepare_cached(sql)?.query_row(params![self.writer, local as i64], |row| row.get(0)).optional()?;
        self.runs.extend(id.map(|id| (local, id)));
        Ok(id)
    }

    fn name(&mut self, transaction: &Transaction<'_>, local: u64, id: u64, name: &str) -> rusqlite::Result<()> {
        let Some(run) = self.run(transaction, local)? else { return Ok(()) };
        let sql = "INSERT INTO series (run, local, name, changed) VALUES (?1, ?2, ?3, ?4) \
                   ON CONFLICT (run, name) DO UPDATE SET local = excluded.local RETURNING id";
        let row = transaction.prepare_cached(sql)?.query_row(params![run, id as i64, name, self.commit], |row| row.get(0))?;
        self.series.entry((local, id)).or_insert_with(|| Series::new(row));
        Ok(())
    }

    fn leaf(&mut self, transaction: &Transaction<'_>, call: &Call, id: u64, value: LeafValue<'_>) -> rusqlite::Result<()> {
        let key = (call.run, id);
        if !self.series.contains_key(&key) {
            let Some(run) = self.run(transaction, call.run)? else { return Ok(()) };
            let Some(series) = Series::load(transaction, run, id)? else { return Ok(()) };
            self.series.insert(key, series);
        }
        let Some(series) = self.series.get_mut(&key) else { return Ok(()) };
        match value {
            LeafValue::Num(value) => {
                series.push(Point { step: call.step, seq: call.seq, mono: call.moment.mono, time: call.moment.time, value });
            }
            LeafValue::Item(kind, bytes) => series.item(transaction, call, kind, bytes)?,
        }
        Ok(())
    }

    fn write_points(&mut self, transaction: &Transaction<'_>) -> rusqlite::Result<()> {
        for series in self.series.values_mut().filter(|series| series.is_touched()) {
            series.write(transaction, &mut self.codec, self.commit)?;
        }
        Ok(())
    }
}
