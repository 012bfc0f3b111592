//! One name of a run: its points into blocks, its summary.
//!
//! Points of a batch become a loose block. Thirty-two loose blocks become one, and as soon as there are enough points they become final
//! ones. So every point is written two or three times in all, however slowly they come, and readers find a few dozen blocks at most
//! beside the final ones.

use rusqlite::{OptionalExtension, Transaction, params};
use xxhash_rust::xxh3::xxh3_128;

use crate::chunk::{Codec, LARGEST, Num, Point};
use crate::journal::record::Call;
use crate::value::Kind;

use super::{LARGE, LONGEST};

/// As many loose blocks of one level become one of the next.
const LOOSE_BLOCKS: u32 = 32;
/// A block of this many points is final.
const ENOUGH: usize = 1024;
const FINAL: u8 = 2;
/// Compression of large values.
const LEVEL: i32 = 3;

/// What is kept in mind of a series between batches.
#[derive(Debug)]
pub(super) struct Series {
    id: i64,
    /// Points of the batch.
    points: Vec<Point>,
    /// Points in the store.
    count: u64,
    loose_points: u64,
    loose_blocks: u32,
    summary: Summary,
    last: Option<Last>,
    items: u64,
}

/// What is known of all points.
#[derive(Debug, Default, Clone, Copy)]
struct Summary {
    nans: u64,
    first: Option<(f64, i64)>,
    low: Option<(f64, i64)>,
    high: Option<(f64, i64)>,
    sum: f64,
}

/// What was watched last.
#[derive(Debug, Clone, Copy)]
struct Last {
    kind: u8,
    value: Option<Num>,
    step: i64,
    seq: u64,
    time: i64,
}

impl Series {
    /// A new one.
    pub(super) fn new(id: i64) -> Self {
        let summary = Summary::default();
        Self { id, points: Vec::new(), count: 0, loose_points: 0, loose_blocks: 0, summary, last: None, items: 0 }
    }

    /// The one that the writer called `local`, with what the store knows of it.
    pub(super) fn load(transaction: &Transaction<'_>, run: i64, local: u64) -> rusqlite::Result<Option<Self>> {
        let sql = "SELECT id, count, nans, first, first_step, low, low_step, high, high_step, sum, items FROM series WHERE run = ?1 AND local = ?2";
        let found = transaction.prepare_cached(sql)?.query_row(params![run, local as i64], |row| {
            let pair = |at: usize| -> rusqlite::Result<Option<(f64, i64)>> {
                let step: Option<i64> = row.get(at + 1)?;
                let value: Option<f64> = row.get(at)?;
                Ok(step.map(|step| (value.unwrap_or(f64::NAN), step)))
            };
            let summary = Summary { nans: row.get::<_, i64>(2)? as u64, first: pair(3)?, low: pair(5)?, high: pair(7)?, sum: row.get(9)? };
            Ok(Self { count: row.get::<_, i64>(1)? as u64, summary, items: row.get::<_, i64>(10)? as u64, ..Self::new(row.get(0)?) })
        });
        let Some(mut series) = found.optional()? else { return Ok(None) };
        let sql = "SELECT count(*), coalesce(sum(count), 0), coalesce(sum(level = 0), 0) FROM block WHERE series = ?1 AND level < 2";
        (series.loose_points, series.loose_blocks) = transaction
            .prepare_cached(sql)?
            .query_row([series.id], |row| Ok((row.get::<_, i64>(1)? as u64, row.get::<_, i64>(2)? as u32)))?;
        Ok(Some(series))
    }

    /// Takes a point of the batch.
    pub(super) fn push(&mut self, point: Point) {
        let (value, step) = (point.value.as_f64(), point.step);
        let summary = &mut self.summary;
        summary.first.get_or_insert((value, step));
        if value.is_nan() {
            summary.nans += 1;
        } else {
            if summary.low.is_none_or(|(low, _)| value < low) {
                summary.low = Some((value, step));
            }
            if summary.high.is_none_or(|(high, _)| value > high) {
                summary.high = Some((value, step));
            }
            if value.is_finite() {
                summary.sum += value;
            }
        }
        let kind = Kind::of(point.value).code();
        self.last = Some(Last { kind, value: Some(point.value), step, seq: point.seq, time: point.time });
        self.points.push(point);
    }

    /// Writes a value that is no number.
    pub(super) fn item(&mut self, transaction: &Transaction<'_>, call: &Call, kind: u8, bytes: &[u8]) -> rusqlite::Result<()> {
        let kept = cut(kind, bytes);
        let digest = (kept.len() > LARGE).then(|| format!("{:032x}", xxh3_128(kept)));
        if let Some(digest) = &digest {
            let data = zstd::bulk::compress(kept, LEVEL).unwrap_or_default();
            let sql = "INSERT INTO large (digest, bytes, data) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING";
            transaction.prepare_cached(sql)?.execute(params![digest, kept.len() as i64, data])?;
        }
        let sql = "INSERT INTO item (series, seq, step, time, kind, data, digest, cut) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT DO NOTHING";
        let data = digest.is_none().then_some(kept);
        let whole = (kept.len() < bytes.len()).then_some(bytes.len() as i64);
        let (seq, step, time) = (call.seq, call.step, call.moment.time);
        transaction.prepare_cached(sql)?.execute(params![self.id, seq as i64, step, time, kind, data, digest, whole])?;
        self.last = Some(Last { kind, value: None, step, seq, time });
        self.items += 1;
        Ok(())
    }

    /// Whether there is something to write.
    pub(super) fn is_touched(&self) -> bool {
        self.last.is_some()
    }

    /// Writes the points of the batch and the summary.
    pub(super) fn write(&mut self, transaction: &Transaction<'_>, codec: &mut Codec, commit: i64) -> rusqlite::Result<()> {
        if !self.points.is_empty() {
            self.write_blocks(transaction, codec)?;
        }
        let Some(last) = self.last.take() else { return Ok(()) };
        let number: rusqlite::types::Value = match last.value {
            Some(Num::Float(value)) => value.into(),
            Some(Num::Int(value)) => value.into(),
            Some(Num::Bool(value)) => value.into(),
            None => rusqlite::types::Value::Null,
        };
        let Summary { nans, first, low, high, sum } = self.summary;
        let value = |pair: Option<(f64, i64)>| pair.map(|(value, _)| value);
        let step = |pair: Option<(f64, i64)>| pair.map(|(_, step)| step);
        let sql = "UPDATE series SET kind = ?2, count = ?3, nans = ?4, first = ?5, first_step = ?6, last = ?7, last_step = ?8, last_seq = ?9, \
                   last_time = ?10, low = ?11, low_step = ?12, high = ?13, high_step = ?14, sum = ?15, items = ?16, changed = ?17 WHERE id = ?1";
        transaction.prepare_cached(sql)?.execute(params![
            self.id,
            last.kind,
            self.count as i64,
            nans as i64,
            value(first),
            step(first),
            number,
            last.step,
            last.seq as i64,
            last.time,
            value(low),
            step(low),
            value(high),
            step(high),
            sum,
            self.items as i64,
            commit,
        ])?;
        Ok(())
    }

    fn write_blocks(&mut self, transaction: &Transaction<'_>, codec: &mut Codec) -> rusqlite::Result<()> {
        let new = self.points.len();
        let first = self.count;
        self.count += new as u64;
        if self.loose_points + new as u64 >= ENOUGH as u64 {
            let (no, mut points) = if self.loose_points > 0 { take_loose(transaction, codec, self.id, 0)? } else { (first, Vec::new()) };
            points.append(&mut self.points);
            write_final(transaction, codec, self.id, no, &points)?;
            // A burst leaves no large buffer behind for each of many names.
            self.points = Vec::new();
            (self.loose_points, self.loose_blocks) = (0, 0);
            return Ok(());
        }
        write_block(transaction, codec, self.id, first, 0, &self.points)?;
        self.points.clear();
        self.loose_points += new as u64;
        self.loose_blocks += 1;
        if self.loose_blocks >= LOOSE_BLOCKS {
            // Level 0 stands behind level 1: together they are in order.
            let from: i64 = transaction
                .prepare_cached("SELECT min(no) FROM block WHERE series = ?1 AND level = 0")?
                .query_row([self.id], |row| row.get(0))?;
            let (no, points) = take_loose(transaction, codec, self.id, from)?;
            write_block(transaction, codec, self.id, no, 1, &points)?;
            self.loose_blocks = 0;
        }
        Ok(())
    }
}

/// Makes final what is loose.
pub(super) fn seal(transaction: &Transaction<'_>, codec: &mut Codec, id: i64) -> rusqlite::Result<()> {
    let (no, points) = take_loose(transaction, codec, id, 0)?;
    write_final(transaction, codec, id, no, &points)
}

/// Takes the loose blocks from number `from` on out of the store: the number of the first point, and all points.
fn take_loose(transaction: &Transaction<'_>, codec: &mut Codec, id: i64, from: i64) -> rusqlite::Result<(u64, Vec<Point>)> {
    let mut points = Vec::new();
    let mut first = None;
    let sql = "SELECT no, data FROM block WHERE series = ?1 AND level < 2 AND no >= ?2 ORDER BY no";
    let mut statement = transaction.prepare_cached(sql)?;
    let mut rows = statement.query(params![id, from])?;
    while let Some(row) = rows.next()? {
        first.get_or_insert(row.get::<_, i64>(0)? as u64);
        // A block that cannot be read was damaged on the disk; there is nobody left who knows its points.
        let _ = codec.unpack(row.get_ref(1)?.as_blob()?, |point| points.push(point));
    }
    drop(rows);
    transaction.prepare_cached("DELETE FROM block WHERE series = ?1 AND level < 2 AND no >= ?2")?.execute(params![id, from])?;
    Ok((first.unwrap_or(0), points))
}

/// Writes points as final blocks of about the same size.
fn write_final(transaction: &Transaction<'_>, codec: &mut Codec, id: i64, no: u64, points: &[Point]) -> rusqlite::Result<()> {
    let blocks = points.len().div_ceil(LARGEST).max(1);
    let size = points.len().div_ceil(blocks).max(1);
    let mut no = no;
    for part in points.chunks(size) {
        write_block(transaction, codec, id, no, FINAL, part)?;
        no += part.len() as u64;
    }
    Ok(())
}

fn write_block(transaction: &Transaction<'_>, codec: &mut Codec, id: i64, no: u64, level: u8, points: &[Point]) -> rusqlite::Result<()> {
    if points.is_empty() {
        return Ok(());
    }
    let mut data = Vec::with_capacity(points.len() * 12 + 64);
    codec.pack(points, &mut data);
    let values = || points.iter().map(|point| point.value.as_f64());
    let nans = values().filter(|value| value.is_nan()).count();
    let low = values().fold(f64::NAN, f64::min);
    let high = values().fold(f64::NAN, f64::max);
    let sum: f64 = values().filter(|value| value.is_finite()).sum();
    let step_low = points.iter().map(|point| point.step).min();
    let step_high = points.iter().map(|point| point.step).max();
    let sql = "INSERT INTO block (series, no, level, count, nans, step_low, step_high, low, high, sum, data) \
               VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
    transaction.prepare_cached(sql)?.execute(params![
        id,
        no as i64,
        level,
        points.len() as i64,
        nans as i64,
        step_low,
        step_high,
        low,
        high,
        sum,
        data
    ])?;
    Ok(())
}

/// The part of a value that is kept: of a text its beginning, up to the end of a character.
fn cut(kind: u8, bytes: &[u8]) -> &[u8] {
    if kind != Kind::Text.code() || bytes.len() <= LONGEST {
        return bytes;
    }
    let end = (0..=LONGEST).rev().find(|end| bytes.get(*end).is_none_or(|byte| byte & 0xc0 != 0x80)).unwrap_or(0);
    bytes.get(..end).unwrap_or(bytes)
}
