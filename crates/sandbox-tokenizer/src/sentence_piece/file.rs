//! A model's file: `ModelProto` of SentencePiece.

use super::protobuf::{Fields, Value};

/// What of a model's file is needed.
pub(super) struct File<'b> {
    pub pieces: Vec<Piece<'b>>,
    pub algorithm: Algorithm,
    /// Unknown characters become pieces of one byte.
    pub byte_fallback: bool,
    /// The space that words begin with stands at their end instead.
    pub space_behind: bool,
    /// The compiled table of replacements, empty for none.
    pub charsmap: &'b [u8],
    /// A space is put before the text, so that its first word is as all others.
    pub add_dummy_prefix: bool,
    /// Spaces at the ends go, and of several in a row all but one.
    pub remove_extra_whitespaces: bool,
    /// Spaces become U+2581.
    pub escape_whitespaces: bool,
}

/// How a model cuts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Unigram,
    BytePair,
}

/// A piece of the vocabulary.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'b> {
    pub text: &'b str,
    pub score: f32,
    pub kind: PieceKind,
}

/// What a piece is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum PieceKind {
    Normal,
    /// Is cut out wherever it occurs.
    UserDefined,
    /// Byte-pair: a step on the way to longer pieces only.
    Unused,
    /// Unknown, control or byte: never a part of a text.
    Reserved,
}

impl<'b> File<'b> {
    pub fn read(bytes: &'b [u8]) -> Result<Self, String> {
        let mut file = Self {
            pieces: Vec::new(),
            algorithm: Algorithm::Unigram,
            byte_fallback: false,
            space_behind: false,
            charsmap: &[],
            add_dummy_prefix: true,
            remove_extra_whitespaces: true,
            escape_whitespaces: true,
        };
        for field in Fields(bytes) {
            match field? {
                (1, Value::Bytes(piece)) => file.pieces.push(read_piece(piece)?),
                (2, Value::Bytes(trainer)) => file.read_trainer(trainer)?,
                (3, Value::Bytes(normalizer)) => file.read_normalizer(normalizer)?,
                _ => {}
            }
        }
        if file.pieces.is_empty() {
            return Err("no SentencePiece model: it has no pieces".to_owned());
        }
        Ok(file)
    }

    fn read_trainer(&mut self, bytes: &[u8]) -> Result<(), String> {
        for field in Fields(bytes) {
            match field? {
                (3, Value::Number(1)) => self.algorithm = Algorithm::Unigram,
                (3, Value::Number(2)) => self.algorithm = Algorithm::BytePair,
                (3, Value::Number(_)) => return Err("a SentencePiece model of words or characters; unigram and BPE are known".to_owned()),
                (24, Value::Number(yes)) => self.space_behind = yes != 0,
                (35, Value::Number(yes)) => self.byte_fallback = yes != 0,
                _ => {}
            }
        }
        Ok(())
    }

    fn read_normalizer(&mut self, bytes: &'b [u8]) -> Result<(), String> {
        for field in Fields(bytes) {
            match field? {
                (2, Value::Bytes(charsmap)) => self.charsmap = charsmap,
                (3, Value::Number(yes)) => self.add_dummy_prefix = yes != 0,
                (4, Value::Number(yes)) => self.remove_extra_whitespaces = yes != 0,
                (5, Value::Number(yes)) => self.escape_whitespaces = yes != 0,
                _ => {}
            }
        }
        Ok(())
    }
}

fn read_piece(bytes: &[u8]) -> Result<Piece<'_>, String> {
    let mut piece = Piece { text: "", score: 0.0, kind: PieceKind::Normal };
    for field in Fields(bytes) {
        match field? {
            (1, Value::Bytes(text)) => piece.text = std::str::from_utf8(text).map_err(|error| format!("a piece is no text: {error}"))?,
            (2, Value::Four(score)) => piece.score = f32::from_le_bytes(score),
            (3, Value::Number(kind)) => {
                piece.kind = match kind {
                    1 => PieceKind::Normal,
                    4 => PieceKind::UserDefined,
                    5 => PieceKind::Unused,
                    _ => PieceKind::Reserved,
                }
            }
            _ => {}
        }
    }
    Ok(piece)
}
