//! What is read from a log.

/// The metrics of one line.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The line, from 1. States of a line that is written over again (carriage returns) have the same number.
    pub line: u64,
    /// The step that the line names.
    pub step: Option<u64>,
    /// When the line says it was written: seconds since 1970, UTC.
    pub wall: Option<f64>,
    /// Names and values in the order of the line.
    pub values: Vec<(String, Value)>,
}

/// One value of a line.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number; NaN and infinities are numbers.
    Number(f64),
    /// Anything else that has a name.
    Text(String),
}

/// What happened to the lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counters {
    /// Lines that ended, or that were left at the end.
    pub lines: u64,
    /// Lines of which at least one state was a record, a repeated one included.
    pub matched: u64,
    /// Lines that no rule reads.
    pub unmatched: u64,
    /// Lines, or states of lines, longer than [`LONGEST`](crate::LONGEST): they are not read, because a number may be cut in two.
    pub too_long: u64,
    /// Values that had to be numbers and are not.
    pub bad_numbers: u64,
    /// States that say the same as the one before.
    pub repeated: u64,
    /// Records.
    pub records: u64,
}
