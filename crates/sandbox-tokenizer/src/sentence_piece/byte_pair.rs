//! Byte-pair encoding: of all neighbours that are a piece together, those with the highest score are merged first
//! (Sennrich 2016, <https://arxiv.org/abs/1508.07909>).

use std::cmp::Ordering;
use std::collections::{BinaryHeap, HashMap};

use super::Segment;
use super::file::PieceKind;
use super::vocabulary::Vocabulary;

/// The memory of a cut.
#[derive(Debug, Default)]
pub(super) struct Symbols {
    symbols: Vec<Symbol>,
    pairs: BinaryHeap<Pair>,
    /// For pieces that are only steps: how long their left part is.
    halves: HashMap<u32, usize>,
}

/// A part of the text, with its neighbours; empty once it was merged into its left one.
#[derive(Debug, Clone, Copy)]
struct Symbol {
    start: usize,
    end: usize,
    before: Option<usize>,
    behind: Option<usize>,
    /// Is a user-defined piece.
    frozen: bool,
}

/// Two neighbours that are a piece together.
#[derive(Debug)]
struct Pair {
    score: f32,
    left: usize,
    right: usize,
    /// Where they began and ended: other ends mean that one was merged meanwhile.
    span: (usize, usize),
}

impl Ord for Pair {
    fn cmp(&self, other: &Self) -> Ordering {
        self.score.total_cmp(&other.score).then(other.left.cmp(&self.left))
    }
}

impl PartialOrd for Pair {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Pair {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Pair {}

/// Appends the segments of a normalised text.
pub(super) fn cut(vocabulary: &Vocabulary, text: &str, memory: &mut Symbols, segments: &mut Vec<Segment>) {
    memory.split(vocabulary, text);
    for right in 1..memory.symbols.len() {
        memory.consider(vocabulary, text, right - 1, right);
    }
    while let Some(Pair { left, right, span, .. }) = memory.pairs.pop() {
        let (a, b) = (memory.symbols[left], memory.symbols[right]);
        if a.start == a.end || b.start == b.end || (a.start, b.end) != span {
            continue;
        }
        memory.symbols[left] = Symbol { end: b.end, behind: b.behind, ..a };
        memory.symbols[right].end = b.start;
        if let Some(before) = a.before {
            memory.consider(vocabulary, text, before, left);
        }
        if let Some(behind) = b.behind {
            memory.symbols[behind].before = Some(left);
            memory.consider(vocabulary, text, left, behind);
        }
    }
    for symbol in memory.symbols.iter().filter(|symbol| symbol.start < symbol.end) {
        memory.emit(vocabulary, text, (symbol.start, symbol.end), segments);
    }
}

impl Symbols {
    /// Begins with one symbol per character or user-defined piece.
    fn split(&mut self, vocabulary: &Vocabulary, text: &str) {
        self.symbols.clear();
        self.pairs.clear();
        self.halves.clear();
        let mut start = 0;
        while let Some(character) = text[start..].chars().next() {
            let piece = vocabulary.user_defined_at(&text[start..]);
            let end = start + piece.unwrap_or(character.len_utf8());
            let number = self.symbols.len();
            let behind = (end < text.len()).then_some(number + 1);
            self.symbols.push(Symbol { start, end, before: number.checked_sub(1), behind, frozen: piece.is_some() });
            start = end;
        }
    }

    /// Notes two neighbours if they are a piece together.
    fn consider(&mut self, vocabulary: &Vocabulary, text: &str, left: usize, right: usize) {
        let (a, b) = (self.symbols[left], self.symbols[right]);
        if a.frozen || b.frozen {
            return;
        }
        let span = (a.start, b.end);
        let Some(piece) = vocabulary.trie().find(&text.as_bytes()[span.0..span.1]) else { return };
        self.pairs.push(Pair { score: vocabulary.score(piece), left, right, span });
        if vocabulary.kind(piece) == PieceKind::Unused {
            self.halves.insert(piece, a.end - a.start);
        }
    }

    /// Appends a symbol, or what it was merged from if it is only a step.
    fn emit(&self, vocabulary: &Vocabulary, text: &str, span: (usize, usize), segments: &mut Vec<Segment>) {
        let mut open = vec![span];
        while let Some((start, end)) = open.pop() {
            let piece = vocabulary.trie().find(&text.as_bytes()[start..end]);
            match piece.and_then(|piece| self.halves.get(&piece)) {
                Some(half) => open.extend([(start + half, end), (start, start + half)]),
                None => segments.push(Segment { start, end, piece }),
            }
        }
    }
}
