//! The pieces of a model: their texts, scores and kinds.

use std::collections::HashSet;

use super::file::{Piece, PieceKind};
use super::trie::Trie;

/// All pieces that can be part of a text.
#[derive(Debug)]
pub(super) struct Vocabulary {
    trie: Trie,
    scores: Vec<f32>,
    kinds: Vec<PieceKind>,
    user_defined: Vec<String>,
    /// The smallest and the largest score of normal pieces; the latter is never below the smallest positive float.
    pub extremes: (f32, f32),
}

impl Vocabulary {
    pub fn new(pieces: &[Piece<'_>]) -> Result<Self, String> {
        let mut seen = HashSet::new();
        let mut in_texts = Vec::new();
        let mut user_defined = Vec::new();
        let (mut smallest, mut largest) = (f32::MAX, f32::MIN_POSITIVE);
        for (number, piece) in (0..).zip(pieces) {
            if piece.text.is_empty() || !seen.insert(piece.text) {
                return Err(format!("piece {number} is empty or there twice: `{}`", piece.text));
            }
            match piece.kind {
                PieceKind::Normal => (smallest, largest) = (smallest.min(piece.score), largest.max(piece.score)),
                PieceKind::UserDefined => user_defined.push(piece.text.to_owned()),
                PieceKind::Unused => {}
                PieceKind::Reserved => continue,
            }
            in_texts.push((piece.text.as_bytes(), number));
        }
        let (scores, kinds) = pieces.iter().map(|piece| (piece.score, piece.kind)).unzip();
        Ok(Self { trie: Trie::new(in_texts)?, scores, kinds, user_defined, extremes: (smallest, largest) })
    }

    pub fn trie(&self) -> &Trie {
        &self.trie
    }

    pub fn user_defined(&self) -> Vec<String> {
        self.user_defined.clone()
    }

    /// How long the user-defined piece is that a text begins with.
    pub fn user_defined_at(&self, text: &str) -> Option<usize> {
        self.user_defined.iter().filter(|piece| text.starts_with(piece.as_str())).map(String::len).max()
    }

    #[inline]
    pub fn score(&self, piece: u32) -> f32 {
        self.scores.get(piece as usize).copied().unwrap_or_default()
    }

    #[inline]
    pub fn kind(&self, piece: u32) -> PieceKind {
        self.kinds.get(piece as usize).copied().unwrap_or(PieceKind::Reserved)
    }
}
