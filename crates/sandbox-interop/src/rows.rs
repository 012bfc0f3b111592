//! What was watched in a run, call by call: the series of a run, which are stored one by one, brought together again.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use sandbox_watcher::reader::Item;
use sandbox_watcher::{Kind, Num, Reader};

use crate::error::InteropError;
use crate::source::Part;

/// Values that all series together hold in memory, about.
const HELD: usize = 1 << 20;
/// Numbers of one series that are fetched at once.
const PAGE: usize = 4096;
/// Values that are no numbers and may be megabytes.
const FEW: usize = 4;

/// One value of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// A number.
    Number(Num),
    /// Anything else.
    Item(Kind, serde_json::Value),
}

impl Cell {
    /// The value as a text from which the same value can be read: `NaN`, `inf`, `true`, `3`, `0.5`; JSON for lists, histograms and tables.
    pub fn text(&self) -> String {
        match self {
            Self::Number(Num::Float(value)) => format!("{value:?}"),
            Self::Number(Num::Int(value)) => value.to_string(),
            Self::Number(Num::Bool(value)) => value.to_string(),
            Self::Item(_, serde_json::Value::Null) => String::new(),
            Self::Item(_, serde_json::Value::String(text)) => text.clone(),
            Self::Item(_, value) => value.to_string(),
        }
    }
}

/// One call: everything that was watched together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Row {
    /// The number of the call.
    pub seq: u64,
    /// Its step.
    pub step: i64,
    /// When it was, in microseconds since 1970.
    pub time: i64,
    /// The places of the names in the part's metrics, with the values.
    pub values: Vec<(usize, Cell)>,
}

/// The calls of a part, in order.
#[derive(Debug)]
pub struct Rows<'r, 'p> {
    reader: &'r Reader,
    part: &'p Part,
    from: u64,
    page: usize,
    streams: Vec<Stream>,
    heap: BinaryHeap<Reverse<(u64, usize)>>,
}

/// The numbers of one name, or what else it has.
#[derive(Debug)]
struct Stream {
    metric: usize,
    place: Place,
    held: VecDeque<One>,
}

/// How far a stream has been fetched.
#[derive(Debug, Clone, Copy)]
enum Place {
    Numbers(Option<u64>),
    Items(Option<u64>),
}

#[derive(Debug)]
struct One {
    seq: u64,
    step: i64,
    time: i64,
    cell: Cell,
}

impl<'r, 'p> Rows<'r, 'p> {
    pub(crate) fn new(reader: &'r Reader, part: &'p Part, from: u64) -> Result<Self, InteropError> {
        let mut streams = Vec::new();
        for (metric, summary) in part.metrics.iter().enumerate() {
            let mut add = |place| streams.push(Stream { metric, place, held: VecDeque::new() });
            if summary.count > 0 {
                add(Place::Numbers(Some(0)));
            }
            if summary.items > 0 {
                add(Place::Items(from.checked_sub(1)));
            }
        }
        let page = (HELD / streams.len().max(1)).clamp(16, PAGE);
        let mut rows = Self { reader, part, from, page, streams, heap: BinaryHeap::new() };
        (0..rows.streams.len()).try_for_each(|at| rows.fetch(at))?;
        Ok(rows)
    }

    /// The next call, into `row`; false when there is none.
    ///
    /// # Errors
    /// A store that cannot be read.
    pub fn next(&mut self, row: &mut Row) -> Result<bool, InteropError> {
        row.values.clear();
        while let Some(Reverse((seq, at))) = self.heap.peek().copied() {
            if seq >= self.part.calls || (!row.values.is_empty() && seq != row.seq) {
                break;
            }
            self.heap.pop();
            let Some(stream) = self.streams.get_mut(at) else { continue };
            if let Some(one) = stream.held.pop_front() {
                (row.seq, row.step, row.time) = (one.seq, one.step, one.time);
                row.values.push((stream.metric, one.cell));
            }
            match stream.held.front().map(|one| one.seq) {
                Some(seq) => self.heap.push(Reverse((seq, at))),
                None => self.fetch(at)?,
            }
        }
        Ok(!row.values.is_empty())
    }

    /// Fetches more of a stream and enters its next value.
    fn fetch(&mut self, at: usize) -> Result<(), InteropError> {
        let Some(stream) = self.streams.get_mut(at) else { return Ok(()) };
        let Some(metric) = self.part.metrics.get(stream.metric) else { return Ok(()) };
        let uid = &self.part.info.uid;
        while stream.held.is_empty() {
            match stream.place {
                Place::Numbers(None) => return Ok(()),
                Place::Numbers(Some(next)) => {
                    let page = self.reader.points(uid, &metric.name, next, self.page)?;
                    stream.place = Place::Numbers(page.next);
                    let late = page.points.into_iter().filter(|point| point.seq >= self.from);
                    stream.held.extend(late.map(|point| One {
                        seq: point.seq,
                        step: point.step,
                        time: point.time,
                        cell: Cell::Number(point.value),
                    }));
                }
                Place::Items(after) => {
                    let items = self.reader.own_items(uid, &metric.name, after, FEW)?;
                    let Some(last) = items.last().map(|item| item.seq) else { return Ok(()) };
                    stream.place = Place::Items(Some(last));
                    stream.held.extend(items.into_iter().map(|Item { seq, step, time, kind, value, .. }| One {
                        seq,
                        step,
                        time,
                        cell: Cell::Item(kind, value),
                    }));
                }
            }
        }
        self.heap.extend(stream.held.front().map(|one| Reverse((one.seq, at))));
        Ok(())
    }
}
