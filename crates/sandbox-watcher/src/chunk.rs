//! Points of one series as a block of bytes, column by column.
//!
//! Steps, numbers of calls, times and values each go their own way. Whole numbers are stored as the change of their change, which
//! is zero for whatever is regular; values as what differs from the value before, byte by byte of the same place, so that the sign and
//! exponent, which hardly change, stand together. Each column is then compressed when that makes it smaller. A column of noise
//! costs its eight bytes a value, a regular one nearly nothing.
//!
//! ```text
//! format, number of points, then the columns: step, seq, time, offset, kind, value
//! a column: compression, bytes when expanded, bytes, the bytes
//! ```
//!
//! Times are microseconds of the writer's steady clock; `offset` is what to add for the time of day. It changes only where the clock of the
//! machine was set, so it costs nothing, and both times of a point are kept.

mod column;

use column::{Coder, Columns};

use crate::bytes::{Cursor, put};

/// One value of a series at one step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// The step it belongs to.
    pub step: i64,
    /// The number of the call, counted in the run.
    pub seq: u64,
    /// Microseconds since the writer began, by a clock that never goes back.
    pub mono: u64,
    /// Microseconds since 1970, by the clock of the machine.
    pub time: i64,
    /// The value.
    pub value: Num,
}

/// A number with its kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Num {
    /// With a fraction, or not finite.
    Float(f64),
    /// Whole.
    Int(i64),
    /// A truth value.
    Bool(bool),
}

impl Num {
    /// The number for charts: truth values are 0 and 1.
    pub fn as_f64(self) -> f64 {
        match self {
            Self::Float(value) => value,
            Self::Int(value) => value as f64,
            Self::Bool(value) => f64::from(u8::from(value)),
        }
    }

    fn parts(self) -> (u8, u64) {
        match self {
            Self::Float(value) => (0, value.to_bits()),
            Self::Int(value) => (1, value as u64),
            Self::Bool(value) => (2, value.into()),
        }
    }

    fn new(kind: u8, bits: u64) -> Option<Self> {
        match kind {
            0 => Some(Self::Float(f64::from_bits(bits))),
            1 => Some(Self::Int(bits as i64)),
            2 => Some(Self::Bool(bits != 0)),
            _ => None,
        }
    }
}

const FORMAT: u8 = 1;
/// No block has more points.
pub(crate) const LARGEST: usize = 4096;

/// Packs and unpacks blocks; what it needs for that is made once.
pub(crate) struct Codec {
    coder: Coder,
    columns: Columns,
}

impl Codec {
    pub(crate) fn new() -> Self {
        Self { coder: Coder::new(), columns: Columns::default() }
    }

    /// The points as bytes, appended to `out`.
    pub(crate) fn pack(&mut self, points: &[Point], out: &mut Vec<u8>) {
        out.push(FORMAT);
        put(out, points.len() as u64);
        let kinds: Vec<u8> = points.iter().map(|point| point.value.parts().0).collect();
        self.coder.whole(points.iter().map(|point| point.step), out);
        self.coder.whole(points.iter().map(|point| point.seq as i64), out);
        self.coder.whole(points.iter().map(|point| point.mono as i64), out);
        self.coder.whole(points.iter().map(|point| point.time.wrapping_sub(point.mono as i64)), out);
        self.coder.kinds(&kinds, out);
        if kinds.iter().all(|kind| *kind == 0) {
            self.coder.floats(points.iter().map(|point| point.value.parts().1), out);
        } else {
            self.coder.whole(points.iter().map(|point| point.value.parts().1 as i64), out);
        }
    }

    /// The points of a block, each handed to `found`; `None` when the bytes are no block.
    pub(crate) fn unpack(&mut self, bytes: &[u8], mut found: impl FnMut(Point)) -> Option<()> {
        let mut cursor = Cursor(bytes);
        if cursor.byte()? != FORMAT {
            return None;
        }
        let count = cursor.length().filter(|count| *count <= LARGEST)?;
        let Columns { steps, seqs, monos, offsets, kinds, values } = &mut self.columns;
        for column in [steps, seqs, monos, offsets] {
            self.coder.read_whole(&mut cursor, count, column)?;
        }
        self.coder.read_kinds(&mut cursor, count, kinds)?;
        if kinds.iter().all(|kind| *kind == 0) {
            self.coder.read_floats(&mut cursor, count, values)?;
        } else {
            self.coder.read_whole(&mut cursor, count, values)?;
        }
        let Columns { steps, seqs, monos, offsets, kinds, values } = &self.columns;
        let times = steps.iter().zip(seqs).zip(monos).zip(offsets);
        for ((((step, seq), mono), offset), (kind, value)) in times.zip(kinds.iter().zip(values)) {
            let value = Num::new(*kind, *value as u64)?;
            found(Point { step: *step, seq: *seq as u64, mono: *mono as u64, time: mono.wrapping_add(*offset), value });
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn num() -> impl Strategy<Value = Num> {
        prop_oneof![
            any::<f64>().prop_map(Num::Float),
            Just(Num::Float(f64::NAN)),
            Just(Num::Float(f64::NEG_INFINITY)),
            any::<i64>().prop_map(Num::Int),
            any::<bool>().prop_map(Num::Bool),
        ]
    }

    fn point(value: impl Strategy<Value = Num>) -> impl Strategy<Value = Point> {
        (any::<i64>(), any::<u64>(), any::<u64>(), any::<i64>(), value).prop_map(|(step, seq, mono, time, value)| Point {
            step,
            seq,
            mono,
            time,
            value,
        })
    }

    fn bits(point: &Point) -> (i64, u64, u64, i64, (u8, u64)) {
        (point.step, point.seq, point.mono, point.time, point.value.parts())
    }

    fn comes_back(points: &[Point]) {
        let mut codec = Codec::new();
        let (mut bytes, mut back) = (Vec::new(), Vec::new());
        codec.pack(points, &mut bytes);
        codec.unpack(&bytes, |point| back.push(point)).unwrap();
        assert_eq!(points.iter().map(bits).collect::<Vec<_>>(), back.iter().map(bits).collect::<Vec<_>>());
    }

    proptest! {
        #[test]
        fn points_come_back(points in proptest::collection::vec(point(num()), 0..80)) {
            comes_back(&points);
        }

        #[test]
        fn floats_come_back(points in proptest::collection::vec(point(any::<f64>().prop_map(Num::Float)), 0..300)) {
            comes_back(&points);
        }

        #[test]
        fn damaged_blocks_do_no_harm(points in proptest::collection::vec(point(num()), 1..60), at: usize, to: u8, cut: usize) {
            let mut codec = Codec::new();
            let mut bytes = Vec::new();
            codec.pack(&points, &mut bytes);
            let length = bytes.len();
            bytes[at % length] = to;
            let mut count = 0;
            let _ = codec.unpack(&bytes[..length - cut % length], |_| count += 1);
            prop_assert!(count <= LARGEST);
        }
    }

    #[test]
    fn regular_columns_cost_nearly_nothing() {
        let point = |n: i64| Point {
            step: n * 10,
            seq: n as u64 * 3,
            mono: n as u64 * 1000,
            time: 1_700_000_000_000_000 + n * 1000,
            value: Num::Float(0.5),
        };
        let points: Vec<Point> = (0..2048).map(point).collect();
        let mut bytes = Vec::new();
        Codec::new().pack(&points, &mut bytes);
        assert!(bytes.len() < 200, "{} bytes", bytes.len());
    }
}
