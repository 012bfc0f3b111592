//! A log's bytes to records.

use std::sync::Arc;

use aho_corasick::AhoCorasick;

use crate::ansi;
use crate::grammar::Grammar;
use crate::lines::{Lines, Part};
use crate::record::{Counters, Record};
use crate::rule::{Kind, Reading, Rule};

/// Reads a log by one grammar.
///
/// Bytes may come in chunks of any size. A record is handed out as soon as its line, or its state of a line that is written over
/// again, has ended. States that repeat the one before are counted and not handed out.
#[derive(Debug)]
pub struct LineParser {
    lines: Lines,
    reader: Reader,
}

impl LineParser {
    /// A parser at the beginning of a log.
    pub fn new(grammar: &Grammar) -> Self {
        Self { lines: Lines::default(), reader: Reader::new(grammar) }
    }

    /// Takes the next bytes and hands out what they complete.
    pub fn push(&mut self, bytes: &[u8], emit: &mut impl FnMut(Record)) {
        self.lines.push(bytes, &mut |part| self.reader.part(part, emit));
    }

    /// The end of the log: a last line without a line feed counts too.
    pub fn finish(&mut self, emit: &mut impl FnMut(Record)) {
        self.lines.finish(&mut |part| self.reader.part(part, emit));
    }

    /// What happened so far.
    pub fn counters(&self) -> Counters {
        self.reader.counters
    }

    /// The first lines that no rule reads, blank ones aside: their numbers and beginnings.
    pub fn unmatched(&self) -> &[(u64, String)] {
        &self.reader.examples
    }
}

/// Reads the parts of lines by one grammar.
#[derive(Debug)]
pub(crate) struct Reader {
    rules: Arc<[Rule]>,
    filter: Option<AhoCorasick>,
    pub(crate) counters: Counters,
    is_matched: bool,
    is_too_long: bool,
    /// The last reading of this line, and of any bar.
    last: Option<(usize, Reading)>,
    last_bar: Option<(usize, Reading)>,
    pub(crate) examples: Vec<(u64, String)>,
    example: Option<String>,
}

/// How many lines that nothing reads are kept as examples, and how many characters of each.
const EXAMPLES: usize = 3;
const EXAMPLE_LENGTH: usize = 160;

impl Reader {
    pub(crate) fn new(grammar: &Grammar) -> Self {
        let has_filter = grammar.rules.iter().all(|rule| !rule.contains().is_empty());
        let texts = grammar.rules.iter().flat_map(Rule::contains);
        let filter = has_filter.then(|| AhoCorasick::new(texts).ok()).flatten();
        Self {
            rules: grammar.rules.clone(),
            filter,
            counters: Counters::default(),
            is_matched: false,
            is_too_long: false,
            last: None,
            last_bar: None,
            examples: Vec::new(),
            example: None,
        }
    }

    pub(crate) fn part(&mut self, part: Part<'_>, emit: &mut impl FnMut(Record)) {
        match part {
            Part::State(text) => {
                if let Some(record) = self.state(text) {
                    emit(record);
                } else if !self.is_matched && self.examples.len() < EXAMPLES {
                    self.keep_example(text);
                }
            }
            Part::TooLong => {
                self.counters.too_long += 1;
                self.is_too_long = true;
            }
            Part::End => {
                self.counters.lines += 1;
                self.counters.matched += u64::from(self.is_matched);
                self.counters.unmatched += u64::from(!self.is_matched && !self.is_too_long);
                if let Some(example) = self.example.take().filter(|_| !self.is_matched) {
                    self.examples.push((self.counters.lines, example));
                }
                (self.is_matched, self.is_too_long, self.last) = (false, false, None);
            }
        }
    }

    fn keep_example(&mut self, text: &[u8]) {
        let text = ansi::stripped(text.get(..4 * EXAMPLE_LENGTH).unwrap_or(text));
        let text: String = String::from_utf8_lossy(&text).trim().chars().filter(|c| !c.is_control()).take(EXAMPLE_LENGTH).collect();
        if !text.is_empty() {
            self.example = Some(text);
        }
    }

    fn state(&mut self, bytes: &[u8]) -> Option<Record> {
        if self.filter.as_ref().is_some_and(|filter| !filter.is_match(bytes)) {
            return None;
        }
        let bytes = ansi::stripped(bytes);
        let text = String::from_utf8_lossy(&bytes);
        let (index, rule, reading) =
            self.rules.iter().enumerate().find_map(|(index, rule)| Some((index, rule, rule.read(text.trim_end())?)))?;
        self.is_matched = true;
        self.counters.bad_numbers += reading.bad_numbers;
        if reading.values.is_empty() {
            return None;
        }
        // A bar says the same again on lines of its own too, when its carriage returns were lost on the way.
        let last = if rule.kind == Kind::Tqdm { &mut self.last_bar } else { &mut self.last };
        if last.as_ref().is_some_and(|(before, said)| *before == index && same(said, &reading)) {
            self.counters.repeated += 1;
            return None;
        }
        let record = Record { line: self.counters.lines + 1, step: reading.step, wall: reading.wall, values: reading.values.clone() };
        *last = Some((index, reading));
        self.counters.records += 1;
        Some(record)
    }
}

/// Whether two readings are the same, NaN for NaN.
fn same(one: &Reading, other: &Reading) -> bool {
    use crate::record::Value::{Number, Text};
    let values = |(one, other): (&(String, _), &(String, _))| {
        one.0 == other.0
            && match (&one.1, &other.1) {
                (Number(one), Number(other)) => one.to_bits() == other.to_bits(),
                (Text(one), Text(other)) => one == other,
                _ => false,
            }
    };
    one.step == other.step && one.values.len() == other.values.len() && one.values.iter().zip(&other.values).all(values)
}
