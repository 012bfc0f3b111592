//! The most probable cut: the highest sum of scores (Kudo 2018, <https://arxiv.org/abs/1804.10959>), found from left to
//! right by Viterbi's algorithm.

use super::Segment;
use super::file::PieceKind;
use super::vocabulary::Vocabulary;

/// The best way to a position of the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Node {
    /// The sum of the scores.
    score: f32,
    piece: u32,
    /// Where its last piece begins; `NOWHERE` if there is no way.
    start: usize,
}

const NOWHERE: usize = usize::MAX;
const UNKNOWN: u32 = u32::MAX;
/// So much worse than the worst piece is an unknown character.
const UNKNOWN_PENALTY: f32 = 10.0;

/// Appends the segments of a normalised text.
pub(super) fn cut(vocabulary: &Vocabulary, text: &str, nodes: &mut Vec<Node>, segments: &mut Vec<Segment>) {
    let (smallest, largest) = vocabulary.extremes;
    let unknown_score = smallest - UNKNOWN_PENALTY;
    nodes.clear();
    nodes.resize(text.len() + 1, Node { score: 0.0, piece: UNKNOWN, start: NOWHERE });
    let bytes = text.as_bytes();
    for (start, character) in text.char_indices() {
        let one = character.len_utf8();
        let until_here = nodes[start].score;
        let mut known = false;
        for (length, piece) in vocabulary.trie().prefixes(&bytes[start..]) {
            let score = match vocabulary.kind(piece) {
                PieceKind::Unused => continue,
                // A bonus, so that it is always taken.
                PieceKind::UserDefined => f64::from(length as f32 * largest) - 0.1,
                PieceKind::Normal | PieceKind::Reserved => f64::from(vocabulary.score(piece)),
            };
            // Sums are compared in double precision and kept in single, as in the original up to 0.2.1: rounding decides
            // between cuts that are as good.
            better(&mut nodes[start + length], f64::from(until_here) + score, piece, start);
            known |= length == one;
        }
        if !known {
            better(&mut nodes[start + one], f64::from(until_here + unknown_score), UNKNOWN, start);
        }
    }
    let first = segments.len();
    let mut end = text.len();
    while end > 0 {
        let Node { piece, start, .. } = nodes[end];
        segments.push(Segment { start, end, piece: (piece != UNKNOWN).then_some(piece) });
        end = start;
    }
    segments[first..].reverse();
}

fn better(node: &mut Node, score: f64, piece: u32, start: usize) {
    if node.start == NOWHERE || score > f64::from(node.score) {
        *node = Node { score: score as f32, piece, start };
    }
}
