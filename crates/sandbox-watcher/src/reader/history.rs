//! Series of numbers, whole or in buckets.
//!
//! A bucket keeps the smallest and the largest number with their steps, the first, the last, the mean, and how many are NaN, so that no peak
//! and no gap is lost however few buckets there are. Where several numbers have one step, the one that came last counts.

use rusqlite::{OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::chunk::{Codec, Point};
use crate::error::WatchError;

use super::{BELOW, Reader};

/// What of a series to read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Range {
    /// The first step (or time), included.
    pub from: Option<i64>,
    /// The last one, included.
    pub to: Option<i64>,
    /// How many buckets at most; every number when 0 or when there are not more.
    pub buckets: usize,
    /// What `from`, `to` and the buckets go by.
    pub axis: Axis,
    /// Every number, also those whose step came again.
    pub all: bool,
}

/// What a series is drawn over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Axis {
    /// Steps.
    #[default]
    Step,
    /// Microseconds since 1970.
    Time,
}

/// One number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HistoryPoint {
    /// Its step.
    pub step: i64,
    /// When it was watched, in microseconds since 1970.
    pub time: i64,
    /// The number; `null` in JSON when it is not finite.
    #[serde(deserialize_with = "null_is_nan")]
    pub value: f64,
}

/// Numbers that lie beside each other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Bucket {
    /// The first one.
    pub first: HistoryPoint,
    /// The last one.
    pub last: HistoryPoint,
    /// The smallest one.
    pub low: Option<HistoryPoint>,
    /// The largest one.
    pub high: Option<HistoryPoint>,
    /// The mean of the finite ones.
    pub mean: Option<f64>,
    /// How many.
    pub count: u64,
    /// How many are NaN.
    pub nans: u64,
}

/// A series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The run that watched it, perhaps a part of the one that was asked for.
    pub run: String,
    /// The dotted name.
    pub name: String,
    /// Numbers in all that were watched under it.
    pub total: u64,
    /// Numbers in the range.
    pub count: u64,
    /// Every number of the range, when there are no buckets.
    pub points: Vec<HistoryPoint>,
    /// The buckets, when there are more numbers than were asked for.
    pub buckets: Vec<Bucket>,
}

impl Reader {
    /// The numbers that were watched under a name, in a run or in the last of its parts that has the name.
    ///
    /// # Errors
    /// A run that is not there; a store that cannot be read. A name without numbers gives nothing.
    pub fn history(&self, uid: &str, name: &str, range: &Range) -> Result<Option<History>, WatchError> {
        self.id(uid)?;
        self.read_history(uid, name, range).map_err(self.failed())
    }

    fn read_history(&self, uid: &str, name: &str, range: &Range) -> rusqlite::Result<Option<History>> {
        let sql = format!(
            "{BELOW} SELECT series.id, below.uid, count FROM series JOIN below ON below.id = series.run \
             WHERE name = ?2 AND count > 0 ORDER BY below.id DESC LIMIT 1"
        );
        let found = self
            .connection
            .prepare_cached(&sql)?
            .query_row(params![uid, name], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, i64>(2)? as u64)))
            .optional()?;
        let Some((series, run, total)) = found else { return Ok(None) };
        let bounds = match range.axis {
            Axis::Step => (range.from.unwrap_or(i64::MIN), range.to.unwrap_or(i64::MAX)),
            Axis::Time => (i64::MIN, i64::MAX),
        };
        let answer = |points: Vec<HistoryPoint>, buckets: Vec<Bucket>| {
            let count = if buckets.is_empty() { points.len() as u64 } else { buckets.iter().map(|bucket| bucket.count).sum() };
            Ok(Some(History { run: run.clone(), name: name.to_owned(), total, count, points, buckets }))
        };
        let mut codec = Codec::new();
        if range.buckets > 0
            && range.axis == Axis::Step
            && let Some((low, high)) = self.rising_blocks(series, bounds)?
        {
            // The common case, a million points of it without holding them all.
            let mut stream = Stream::new(low, high, range.buckets);
            self.each_block(series, bounds, |data| {
                let _ = codec.unpack(data, |point| {
                    if point.step >= low && point.step <= high {
                        stream.push(&point);
                    }
                });
                stream.is_rising
            })?;
            if let Some((points, buckets)) = stream.finish() {
                return answer(points, buckets);
            }
        }
        let mut collector = Collector::new(range);
        self.each_block(series, bounds, |data| {
            // What is damaged is left out; the numbers in all show that something is missing.
            let _ = codec.unpack(data, |point| collector.push(&point));
            true
        })?;
        let points = collector.points();
        match range.buckets {
            most if most > 0 && points.len() > most => answer(Vec::new(), buckets(&points, most, range.axis)),
            _ => answer(points, Vec::new()),
        }
    }

    /// The blocks that have something between two steps, in the order in which they were written, while `found` wants more.
    fn each_block(&self, series: i64, bounds: (i64, i64), mut found: impl FnMut(&[u8]) -> bool) -> rusqlite::Result<()> {
        let sql = "SELECT data FROM block WHERE series = ?1 AND step_high >= ?2 AND step_low <= ?3 ORDER BY no";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![series, bounds.0, bounds.1])?;
        while let Some(row) = rows.next()? {
            if !found(row.get_ref(0)?.as_blob()?) {
                break;
            }
        }
        Ok(())
    }

    /// The first and the last step between two steps, when each block's steps are larger than those of the block before.
    fn rising_blocks(&self, series: i64, bounds: (i64, i64)) -> rusqlite::Result<Option<(i64, i64)>> {
        let sql = "SELECT step_low, step_high FROM block WHERE series = ?1 AND step_high >= ?2 AND step_low <= ?3 ORDER BY no";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query(params![series, bounds.0, bounds.1])?;
        let mut found: Option<(i64, i64)> = None;
        while let Some(row) = rows.next()? {
            let (low, high): (i64, i64) = (row.get(0)?, row.get(1)?);
            found = match found {
                None => Some((low, high)),
                Some((first, last)) if low > last => Some((first, high)),
                Some(_) => return Ok(None),
            };
        }
        Ok(found.map(|(low, high)| (low.max(bounds.0), high.min(bounds.1))))
    }
}

/// Buckets that are filled while points come in the order of their steps.
struct Stream {
    low: i64,
    width: u64,
    most: usize,
    /// The first step that no longer belongs to the last bucket.
    edge: i64,
    buckets: Vec<Filling>,
    /// The points themselves, as long as they are few.
    few: Vec<HistoryPoint>,
    last: Option<i64>,
    is_rising: bool,
}

impl Stream {
    fn new(low: i64, high: i64, most: usize) -> Self {
        Self { low, width: width(low, high, most), most, edge: i64::MIN, buckets: Vec::new(), few: Vec::new(), last: None, is_rising: true }
    }

    fn push(&mut self, point: &Point) {
        let step = point.step;
        if self.last.is_some_and(|last| step <= last) {
            self.is_rising = false;
            return;
        }
        self.last = Some(step);
        let point = HistoryPoint { step, time: point.time, value: point.value.as_f64() };
        if self.few.len() <= self.most {
            self.few.push(point);
        }
        match self.buckets.last_mut() {
            Some(bucket) if step < self.edge => bucket.push(point),
            _ => {
                let next = (step.abs_diff(self.low) / self.width + 1).saturating_mul(self.width);
                self.edge = self.low.saturating_add_unsigned(next);
                self.buckets.push(Filling::new(point));
            }
        }
    }

    /// The points when there are few, else the buckets; nothing when the steps did not rise.
    fn finish(self) -> Option<(Vec<HistoryPoint>, Vec<Bucket>)> {
        if !self.is_rising {
            return None;
        }
        if self.few.len() <= self.most {
            return Some((self.few, Vec::new()));
        }
        Some((Vec::new(), self.buckets.into_iter().map(Filling::finish).collect()))
    }
}

/// Points of a range, in the order of the axis.
struct Collector {
    points: Vec<(HistoryPoint, u64)>,
    from: i64,
    to: i64,
    axis: Axis,
    all: bool,
    is_sorted: bool,
    last: i64,
}

impl Collector {
    fn new(range: &Range) -> Self {
        let (from, to) = (range.from.unwrap_or(i64::MIN), range.to.unwrap_or(i64::MAX));
        Self { points: Vec::new(), from, to, axis: range.axis, all: range.all, is_sorted: true, last: i64::MIN }
    }

    fn push(&mut self, point: &Point) {
        let at = if self.axis == Axis::Step { point.step } else { point.time };
        if at < self.from || at > self.to {
            return;
        }
        // A step that is the same as the last one counts as out of order too: one of them has to go.
        self.is_sorted &= point.step > self.last || self.points.is_empty();
        self.last = point.step;
        self.points.push((HistoryPoint { step: point.step, time: point.time, value: point.value.as_f64() }, point.seq));
    }

    fn points(mut self) -> Vec<HistoryPoint> {
        if !self.is_sorted {
            if !self.all {
                self.points.sort_by_key(|(point, seq)| (point.step, *seq));
                self.points.dedup_by(|next, kept| {
                    let same = next.0.step == kept.0.step;
                    if same {
                        *kept = *next;
                    }
                    same
                });
            }
            match self.axis {
                Axis::Step => self.points.sort_by_key(|(point, seq)| (point.step, *seq)),
                Axis::Time => self.points.sort_by_key(|(point, seq)| (point.time, *seq)),
            }
        }
        self.points.into_iter().map(|(point, _)| point).collect()
    }
}

/// How many steps one of `most` buckets from `low` to `high` spans.
fn width(low: i64, high: i64, most: usize) -> u64 {
    (high.abs_diff(low) / most.max(1) as u64).saturating_add(1)
}

/// Points in at most `most` buckets of equal width on the axis.
fn buckets(points: &[HistoryPoint], most: usize, axis: Axis) -> Vec<Bucket> {
    let at = |point: &HistoryPoint| if axis == Axis::Step { point.step } else { point.time };
    let (Some(first), Some(last)) = (points.first().map(at), points.last().map(at)) else { return Vec::new() };
    let width = width(first, last, most);
    let mut buckets: Vec<(u64, Filling)> = Vec::new();
    for point in points {
        let number = at(point).abs_diff(first) / width;
        match buckets.last_mut() {
            Some((last, bucket)) if *last == number => bucket.push(*point),
            _ => buckets.push((number, Filling::new(*point))),
        }
    }
    buckets.into_iter().map(|(_, bucket)| bucket.finish()).collect()
}

/// A bucket to which points are still being added.
struct Filling {
    bucket: Bucket,
    finite: u64,
    sum: f64,
}

impl Filling {
    fn new(point: HistoryPoint) -> Self {
        let bucket = Bucket { first: point, last: point, low: None, high: None, mean: None, count: 0, nans: 0 };
        let mut filling = Self { bucket, finite: 0, sum: 0.0 };
        filling.push(point);
        filling
    }

    fn push(&mut self, point: HistoryPoint) {
        let bucket = &mut self.bucket;
        bucket.count += 1;
        bucket.last = point;
        if point.value.is_nan() {
            bucket.nans += 1;
            return;
        }
        if bucket.low.is_none_or(|low| point.value < low.value) {
            bucket.low = Some(point);
        }
        if bucket.high.is_none_or(|high| point.value > high.value) {
            bucket.high = Some(point);
        }
        if point.value.is_finite() {
            self.finite += 1;
            self.sum += point.value;
        }
    }

    fn finish(self) -> Bucket {
        let mean = (self.finite > 0).then(|| self.sum / self.finite as f64);
        Bucket { mean, ..self.bucket }
    }
}

/// JSON has no NaN; it is written as `null` and read back as itself.
fn null_is_nan<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    Ok(Option::<f64>::deserialize(deserializer)?.unwrap_or(f64::NAN))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_peak_and_no_gap_is_lost(values in proptest::collection::vec(prop_oneof![-1e6..1e6, Just(f64::NAN)], 1..300), most in 1usize..40, stride in 1i64..1000) {
            let point = |(at, value): (usize, &f64)| HistoryPoint { step: at as i64 * stride, time: 0, value: *value };
            let points: Vec<HistoryPoint> = values.iter().enumerate().map(point).collect();
            let buckets = buckets(&points, most, Axis::Step);
            prop_assert!(buckets.len() <= most);
            prop_assert_eq!(buckets.iter().map(|bucket| bucket.count).sum::<u64>(), values.len() as u64);
            prop_assert_eq!(buckets.iter().map(|bucket| bucket.nans).sum::<u64>(), values.iter().filter(|value| value.is_nan()).count() as u64);
            if points.len() > most {
                let mut stream = Stream::new(points[0].step, points[points.len() - 1].step, most);
                let num = |point: &HistoryPoint| Point { step: point.step, seq: 0, mono: 0, time: 0, value: crate::Num::Float(point.value) };
                points.iter().for_each(|point| stream.push(&num(point)));
                let streamed = stream.finish().unwrap();
                prop_assert_eq!(format!("{:?}", streamed.1), format!("{buckets:?}"));
            }
            let low = buckets.iter().filter_map(|bucket| bucket.low).map(|point| point.value).fold(f64::NAN, f64::min);
            prop_assert_eq!(low.to_bits(), values.iter().copied().fold(f64::NAN, f64::min).to_bits());
        }
    }
}
