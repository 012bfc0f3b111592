//! Whose log is this?

use aho_corasick::AhoCorasick;

use crate::ansi;
use crate::grammar::{Grammar, builtins};
use crate::lines::{Lines, Part};
use crate::parser::Reader;
use crate::record::{Counters, Record};

/// How many lines that only a weak grammar reads are waited for before it is taken.
const PATIENCE: u64 = 64;
/// How many records of a weak grammar are kept meanwhile.
const KEPT: usize = 4096;

/// Reads a log by that built-in grammar which reads its first metrics.
///
/// Where several grammars read a line, one of which the log has given hints (such as `llamafactory` in an earlier line) goes
/// first, then the order of [`builtins`]. Progress bars, which every program shows while it loads, decide nothing until
/// nothing else has come for a while; at the end of the log they do.
#[derive(Debug)]
pub struct AutoParser {
    lines: Lines,
    state: State,
}

#[derive(Debug)]
enum State {
    Looking(Box<Looking>),
    Found(&'static Grammar, Box<Reader>),
}

impl Default for AutoParser {
    fn default() -> Self {
        Self::new()
    }
}

impl AutoParser {
    /// A parser at the beginning of a log.
    pub fn new() -> Self {
        Self { lines: Lines::default(), state: State::Looking(Box::new(Looking::new())) }
    }

    /// Takes the next bytes and hands out what they complete.
    pub fn push(&mut self, bytes: &[u8], emit: &mut impl FnMut(Record)) {
        let Self { lines, state } = self;
        lines.push(bytes, &mut |part| state.part(part, emit));
    }

    /// The end of the log.
    pub fn finish(&mut self, emit: &mut impl FnMut(Record)) {
        let Self { lines, state } = self;
        lines.finish(&mut |part| state.part(part, emit));
        state.settle(emit);
    }

    /// The grammar that was found.
    pub fn grammar(&self) -> Option<&'static Grammar> {
        match &self.state {
            State::Looking(_) => None,
            State::Found(grammar, _) => Some(grammar),
        }
    }

    /// What happened so far.
    pub fn counters(&self) -> Counters {
        match &self.state {
            State::Looking(looking) => looking.counters(),
            State::Found(_, reader) => reader.counters,
        }
    }

    /// The first lines that no rule reads, blank ones aside: their numbers and beginnings.
    pub fn unmatched(&self) -> &[(u64, String)] {
        match &self.state {
            State::Looking(looking) => looking.strong.first().map(|(_, reader)| reader.examples.as_slice()).unwrap_or_default(),
            State::Found(_, reader) => &reader.examples,
        }
    }
}

impl State {
    fn part(&mut self, part: Part<'_>, emit: &mut impl FnMut(Record)) {
        match self {
            Self::Found(_, reader) => reader.part(part, emit),
            Self::Looking(looking) => {
                if let Some((grammar, reader, record)) = looking.part(part) {
                    *self = Self::Found(grammar, Box::new(reader));
                    emit(record);
                } else if looking.waited >= PATIENCE {
                    self.settle(emit);
                }
            }
        }
    }

    /// Takes the weak grammar when it has read anything.
    fn settle(&mut self, emit: &mut impl FnMut(Record)) {
        if let Self::Looking(looking) = self
            && let Some((grammar, reader)) = looking.weak.take()
        {
            if reader.counters.records == 0 {
                looking.weak = Some((grammar, reader));
                return;
            }
            std::mem::take(&mut looking.kept).into_iter().for_each(emit);
            *self = Self::Found(grammar, Box::new(reader));
        }
    }
}

/// The search for a grammar.
#[derive(Debug)]
struct Looking {
    strong: Vec<(&'static Grammar, Reader)>,
    weak: Option<(&'static Grammar, Reader)>,
    kept: Vec<Record>,
    waited: u64,
    hints: Option<AhoCorasick>,
    /// The index in `strong` of each hint's grammar.
    hinted: Vec<usize>,
    is_hinted: Vec<bool>,
}

impl Looking {
    fn new() -> Self {
        let readers = |weak| builtins().iter().filter(move |grammar| grammar.weak == weak).map(|grammar| (grammar, Reader::new(grammar)));
        let strong: Vec<_> = readers(false).collect();
        let owners = strong.iter().enumerate().flat_map(|(index, (grammar, _))| grammar.hints.iter().map(move |hint| (index, hint)));
        let (hinted, texts): (Vec<usize>, Vec<&String>) = owners.unzip();
        let is_hinted = vec![false; strong.len()];
        let hints = AhoCorasick::new(texts).ok();
        Self { strong, weak: readers(true).next(), kept: Vec::new(), waited: 0, hints, hinted, is_hinted }
    }

    fn part(&mut self, part: Part<'_>) -> Option<(&'static Grammar, Reader, Record)> {
        if let (Part::State(text), Some(hints)) = (part, &self.hints) {
            for hint in hints.find_iter(&ansi::stripped(text)) {
                if let Some(of) = self.hinted.get(hint.pattern().as_usize()).and_then(|index| self.is_hinted.get_mut(*index)) {
                    *of = true;
                }
            }
        }
        let (mut found, mut best): (Option<usize>, Option<Record>) = (None, None);
        for (index, (_, reader)) in self.strong.iter_mut().enumerate() {
            let mut read = None;
            reader.part(part, &mut |record| read = Some(record));
            let hinted = |index: usize| self.is_hinted.get(index).copied().unwrap_or_default();
            if read.is_some() && found.is_none_or(|found| hinted(index) && !hinted(found)) {
                (found, best) = (Some(index), read);
            }
        }
        if let (Some(index), Some(record)) = (found, best) {
            let (grammar, reader) = self.strong.swap_remove(index);
            return Some((grammar, reader, record));
        }
        if let Some((_, reader)) = &mut self.weak {
            let before = reader.counters.matched;
            reader.part(part, &mut |record| {
                if self.kept.len() < KEPT {
                    self.kept.push(record);
                }
            });
            self.waited += reader.counters.matched - before;
            if self.kept.len() >= KEPT {
                self.waited = PATIENCE;
            }
        }
        None
    }

    fn counters(&self) -> Counters {
        self.strong.first().map(|(_, reader)| reader.counters).unwrap_or_default()
    }
}
