//! The pieces of a text, in a buffer that is used again for every text.

use crate::sentence_piece::Work;

/// The pieces of one text, in order, end to end.
#[derive(Debug, Default)]
pub struct Pieces {
    text: String,
    /// Where each piece ends in `text`, in bytes.
    ends: Vec<usize>,
    /// Memory of the models.
    pub(crate) work: Work,
}

impl Pieces {
    /// How many pieces.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no piece.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The piece at a position.
    pub fn get(&self, position: usize) -> Option<&str> {
        let start = match position.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(start..*self.ends.get(position)?)
    }

    /// The pieces in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        (0..self.len()).filter_map(|position| self.get(position))
    }

    /// All pieces joined: for SentencePiece the normalised text.
    pub fn joined(&self) -> &str {
        &self.text
    }

    pub(crate) fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    pub(crate) fn push(&mut self, piece: &str) {
        self.text.push_str(piece);
        self.ends.push(self.text.len());
    }

    /// Makes the last piece longer.
    pub(crate) fn extend_last(&mut self, more: &str) {
        self.ends.pop();
        self.push(more);
    }
}
