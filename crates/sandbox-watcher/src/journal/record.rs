//! What stands in the journal: names, points, and everything rarer as JSON.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::bytes::{Cursor, put, put_bytes, put_signed};
use crate::chunk::Num;
use crate::clock::Moment;

const NAME: u8 = 1;
const WATCHED: u8 = 2;
const OP: u8 = 3;

/// A record, read.
#[derive(Debug)]
pub(crate) enum Record<'b> {
    /// `id` stands for `name` in this run from here on.
    Name { run: u64, id: u64, name: &'b str },
    /// One call of `watch`.
    Watched(Call, Leaves<'b>),
    /// Anything else.
    Op(Box<Op>),
}

/// What all leaves of a call share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Call {
    pub(crate) run: u64,
    pub(crate) seq: u64,
    pub(crate) step: i64,
    pub(crate) moment: Moment,
}

/// The value of a leaf.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum LeafValue<'b> {
    Num(Num),
    /// A kind of [`Kind`](crate::Kind) with its bytes.
    Item(u8, &'b [u8]),
}

/// The leaves of a call that are still to be read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Leaves<'b>(Cursor<'b>);

/// What happens seldom.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
#[serde(tag = "op", rename_all = "snake_case")]
pub(crate) enum Op {
    Start { run: u64, row: StartRow },
    Finish { run: u64, status: String, message: Option<String>, hint: Option<String>, time: i64 },
    Tags { run: u64, tags: Vec<(String, String)> },
    Config { run: u64, prefix: String, value: Value },
    Log { run: u64, time: i64, stream: String, text: String },
    Event { run: u64, time: i64, kind: String, value: Value },
    BadRow { run: u64, file: String, line: u64, reason: String },
    Report { run: u64, facts: Value },
    Outputs { run: u64, outputs: Value, rejected: u64 },
    Progress { run: u64, done: u64, total: Option<u64>, unit: String, rows: Option<u64> },
    Goal { run: u64, name: String, highest: bool },
    Edge { run: u64, from: ArtifactRow, to: ArtifactRow, by: String },
    Sweep { run: u64, spec: Value },
}

/// A run as it begins.
#[derive(Debug, Clone, Default, Serialize, Deserialize, PartialEq)]
pub(crate) struct StartRow {
    pub(crate) uid: String,
    pub(crate) parent: Option<String>,
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) project: String,
    pub(crate) experiment: String,
    pub(crate) pipeline: Option<String>,
    pub(crate) iteration: Option<u64>,
    pub(crate) hook: Option<String>,
    pub(crate) type_name: Option<String>,
    pub(crate) work_dir: Option<String>,
    pub(crate) time: i64,
}

/// Something with a content: a dataset, a recipe, a model, a score.
#[derive(Debug, Clone, Serialize, Deserialize, PartialEq)]
pub(crate) struct ArtifactRow {
    pub(crate) kind: String,
    pub(crate) digest: String,
    pub(crate) name: String,
    pub(crate) bytes: Option<u64>,
}

pub(crate) fn write_name(out: &mut Vec<u8>, run: u64, id: u64, name: &str) {
    out.push(NAME);
    put(out, run);
    put(out, id);
    put_bytes(out, name.as_bytes());
}

/// Begins the record of a call; [`write_leaf`] goes on.
pub(crate) fn write_call(out: &mut Vec<u8>, call: &Call) {
    out.push(WATCHED);
    put(out, call.run);
    put(out, call.seq);
    put_signed(out, call.step);
    put(out, call.moment.mono);
    put_signed(out, call.moment.time);
}

pub(crate) fn write_leaf(out: &mut Vec<u8>, id: u64, value: LeafValue<'_>) {
    put(out, id);
    match value {
        LeafValue::Num(Num::Float(number)) => {
            out.push(0);
            out.extend_from_slice(&number.to_bits().to_le_bytes());
        }
        LeafValue::Num(Num::Int(number)) => {
            out.push(1);
            put_signed(out, number);
        }
        LeafValue::Num(Num::Bool(value)) => out.extend_from_slice(&[2, value.into()]),
        LeafValue::Item(kind, bytes) => {
            out.push(kind);
            put_bytes(out, bytes);
        }
    }
}

pub(crate) fn write_op(out: &mut Vec<u8>, op: &Op) {
    out.push(OP);
    // Every key of an operation is a text: it always serialises.
    if serde_json::to_writer(&mut *out, op).is_err() {
        out.clear();
    }
}

/// Reads a record; nothing for what this program does not know.
pub(crate) fn read(bytes: &[u8]) -> Option<Record<'_>> {
    let mut cursor = Cursor(bytes);
    match cursor.byte()? {
        NAME => Some(Record::Name { run: cursor.number()?, id: cursor.number()?, name: cursor.text()? }),
        WATCHED => {
            let (run, seq, step) = (cursor.number()?, cursor.number()?, cursor.signed()?);
            let moment = Moment { mono: cursor.number()?, time: cursor.signed()? };
            Some(Record::Watched(Call { run, seq, step, moment }, Leaves(cursor)))
        }
        OP => serde_json::from_slice(cursor.0).ok().map(|op| Record::Op(Box::new(op))),
        _ => None,
    }
}

impl<'b> Iterator for Leaves<'b> {
    type Item = (u64, LeafValue<'b>);

    fn next(&mut self) -> Option<Self::Item> {
        let cursor = &mut self.0;
        let id = cursor.number()?;
        let value = match cursor.byte()? {
            0 => LeafValue::Num(Num::Float(cursor.float()?)),
            1 => LeafValue::Num(Num::Int(cursor.signed()?)),
            2 => LeafValue::Num(Num::Bool(cursor.byte()? != 0)),
            kind => LeafValue::Item(kind, cursor.bytes()?),
        };
        Some((id, value))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn calls_come_back(run: u64, seq: u64, step: i64, mono: u64, time: i64, values in proptest::collection::vec((any::<u64>(), any::<i64>(), "[a-z]{0,5}"), 0..6)) {
            let call = Call { run, seq, step, moment: Moment { mono, time } };
            let mut bytes = Vec::new();
            write_call(&mut bytes, &call);
            let mut expected = Vec::new();
            for (id, number, text) in &values {
                for value in [
                    LeafValue::Num(Num::Int(*number)),
                    LeafValue::Num(Num::Float(*number as f64 / 3.0)),
                    LeafValue::Num(Num::Bool(number % 2 == 0)),
                    LeafValue::Item(3, text.as_bytes()),
                ] {
                    write_leaf(&mut bytes, *id, value);
                    expected.push((*id, value));
                }
            }
            let Some(Record::Watched(head, leaves)) = read(&bytes) else { panic!() };
            prop_assert_eq!(head, call);
            prop_assert_eq!(leaves.collect::<Vec<_>>(), expected);
        }

        #[test]
        fn any_bytes_are_read_without_harm(bytes in proptest::collection::vec(any::<u8>(), 0..60)) {
            if let Some(Record::Watched(_, leaves)) = read(&bytes) {
                let _ = leaves.count();
            }
        }
    }

    #[test]
    fn operations_and_names_come_back() {
        let op = Op::Log { run: 1, time: -5, stream: "stdout".to_owned(), text: "a\u{0}\n".to_owned() };
        let mut bytes = Vec::new();
        write_op(&mut bytes, &op);
        assert!(matches!(read(&bytes), Some(Record::Op(read)) if *read == op));
        let mut bytes = Vec::new();
        write_name(&mut bytes, 3, 4, "loss");
        assert!(matches!(read(&bytes), Some(Record::Name { run: 3, id: 4, name: "loss" })));
        assert!(read(b"\x09what").is_none());
    }
}
