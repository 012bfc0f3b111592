//! SentencePiece from its file format up: unigram and byte-pair models, with the pieces that the library gives.
//!
//! A text is normalised (`normalizer`), and the result is cut by the model: `unigram` finds the most probable cut,
//! `byte_pair` merges neighbours. A run of characters that the model does not know is one piece, as it stands in the text,
//! or with byte fallback a piece per byte. Formats and arithmetic are those of <https://github.com/google/sentencepiece>.

use crate::pieces::Pieces;

mod byte_pair;
mod charsmap;
mod file;
mod normalizer;
mod protobuf;
mod trie;
mod unigram;
mod vocabulary;

use file::{Algorithm, File};
use normalizer::Normalizer;
use vocabulary::Vocabulary;

/// A SentencePiece model.
#[derive(Debug)]
pub struct SentencePiece {
    algorithm: Algorithm,
    byte_fallback: bool,
    normalizer: Normalizer,
    vocabulary: Vocabulary,
}

/// The memory that one text needs.
#[derive(Debug, Default)]
pub(crate) struct Work {
    normalized: String,
    cut: Vec<Segment>,
    unigram: Vec<unigram::Node>,
    byte_pair: byte_pair::Symbols,
}

/// A part of the normalised text, and the piece of the vocabulary that it is.
#[derive(Debug, Clone, Copy)]
struct Segment {
    start: usize,
    end: usize,
    /// `None` for what the model does not know.
    piece: Option<u32>,
}

impl SentencePiece {
    /// Reads a model's file.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        let file = File::read(bytes)?;
        let vocabulary = Vocabulary::new(&file.pieces)?;
        let normalizer = Normalizer::new(&file, vocabulary.user_defined())?;
        Ok(Self { algorithm: file.algorithm, byte_fallback: file.byte_fallback, normalizer, vocabulary })
    }

    /// The text that the model cuts.
    pub fn normalize(&self, text: &str) -> String {
        let mut normalized = String::new();
        self.normalizer.normalize(text, &mut normalized);
        normalized
    }

    /// Appends the pieces of a text.
    pub(crate) fn pieces(&self, text: &str, pieces: &mut Pieces) {
        let mut work = std::mem::take(&mut pieces.work);
        self.normalizer.normalize(text, &mut work.normalized);
        work.cut.clear();
        match self.algorithm {
            Algorithm::Unigram => unigram::cut(&self.vocabulary, &work.normalized, &mut work.unigram, &mut work.cut),
            Algorithm::BytePair => byte_pair::cut(&self.vocabulary, &work.normalized, &mut work.byte_pair, &mut work.cut),
        }
        let mut unknown_before = false;
        for segment in &work.cut {
            let part = work.normalized.get(segment.start..segment.end).unwrap_or_default();
            let unknown = segment.piece.is_none();
            match (unknown, self.byte_fallback) {
                (true, true) => part.bytes().for_each(|byte| pieces.push(&format!("<0x{byte:02X}>"))),
                (true, false) if unknown_before => pieces.extend_last(part),
                _ => pieces.push(part),
            }
            unknown_before = unknown;
        }
        pieces.work = work;
    }
}
