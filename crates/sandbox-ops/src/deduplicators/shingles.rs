//! Shingles: the windows of consecutive characters, words or pieces by which texts are compared.

use std::sync::Arc;

use sandbox_tokenizer::{Pieces, Tokenizer};
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::error::{BuildError, OpError};
use crate::pattern::Replacer;
use crate::text::Scratch;
use crate::unicode::lower::push_lower;
use crate::unicode::{REGEX_PUNCTUATION, classes, strip};

mod window;

pub use window::Windows;

/// What a text is cut into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tokenization {
    /// Words between spaces (U+0020 only), joined by a space.
    Space,
    /// What stands between characters of punctuation, joined by a space.
    Punctuation,
    /// Characters.
    Character,
    /// Pieces of a SentencePiece model.
    Sentencepiece,
}

/// Cuts texts into shingles.
pub struct Shingler {
    tokenization: Tokenization,
    tokenizer: Option<Arc<Tokenizer>>,
    window: usize,
    lowercase: bool,
    ignore: Option<Replacer>,
}

impl Shingler {
    /// A shingler of windows of `window` tokens (at least 1).
    ///
    /// # Errors
    /// When `ignore_pattern` is no pattern.
    pub fn new(tokenization: Tokenization, window: usize, lowercase: bool, ignore_pattern: Option<&str>) -> Result<Self, BuildError> {
        // As in the original, an empty pattern is none.
        let ignore = ignore_pattern.filter(|pattern| !pattern.is_empty()).map(|pattern| Replacer::deleter("ignore_pattern", pattern));
        Ok(Self { tokenization, tokenizer: None, window: window.max(1), lowercase, ignore: ignore.transpose()? })
    }

    /// With the model that cuts into pieces.
    #[must_use]
    pub fn with_tokenizer(mut self, tokenizer: Arc<Tokenizer>) -> Self {
        self.tokenizer = Some(tokenizer);
        self
    }

    /// Calls `each` for every shingle of a text, in order, with multiplicity; never for a text of fewer tokens than the
    /// window is long.
    ///
    /// # Errors
    /// When the pattern gives up on this text, or the model has no pieces for it.
    pub fn each(&self, text: &str, scratch: &Scratch, each: impl FnMut(&[u8])) -> Result<(), OpError> {
        let mut copies = scratch.copies.borrow_mut();
        let [lowered, joined] = &mut *copies;
        let mut text = text;
        if self.lowercase {
            lowered.clear();
            push_lower(text, lowered);
            text = lowered;
        }
        let deleted;
        if let Some(ignore) = &self.ignore
            && let Some(changed) = ignore.replace_all(text)?
        {
            deleted = changed;
            text = &deleted;
        }
        match (self.tokenization, &self.tokenizer) {
            (Tokenization::Character, _) => self.characters(text, each),
            (Tokenization::Space, _) => self.words(text, joined, each),
            (Tokenization::Punctuation, _) => self.between_punctuation(text, joined, each),
            (Tokenization::Sentencepiece, Some(tokenizer)) => self.pieces(text, tokenizer, scratch, each)?,
            (Tokenization::Sentencepiece, None) => return Err(OpError::Tokens("there is no tokenizer model".to_owned())),
        }
        Ok(())
    }

    /// What a text without shingles is compared by: a hash of the whole, so that equal ones are found and no others.
    pub fn whole(&self, text: &str) -> u64 {
        let mut lowered = String::new();
        let text = if self.lowercase {
            push_lower(text, &mut lowered);
            lowered.as_str()
        } else {
            text
        };
        xxh3_64(strip(text).as_bytes())
    }

    fn characters(&self, text: &str, mut each: impl FnMut(&[u8])) {
        let bytes = text.as_bytes();
        if text.is_ascii() {
            bytes.windows(self.window).for_each(each);
            return;
        }
        let mut windows = Windows::new(bytes, self.window);
        for (start, character) in text.char_indices() {
            windows.push(start, start + character.len_utf8(), &mut each);
        }
    }

    fn words(&self, text: &str, joined: &mut String, mut each: impl FnMut(&[u8])) {
        joined.clear();
        joined.reserve(text.len());
        let mut text = text;
        // One space between words and none at the ends: often the text itself.
        if needs_joining(text) {
            for word in text.split(' ').filter(|word| !word.is_empty()) {
                if !joined.is_empty() {
                    joined.push(' ');
                }
                joined.push_str(word);
            }
            text = joined;
        }
        if text.is_empty() {
            return;
        }
        let mut windows = Windows::new(text.as_bytes(), self.window);
        let mut start = 0;
        for end in memchr::memchr_iter(b' ', text.as_bytes()).chain([text.len()]) {
            windows.push(start, end, &mut each);
            start = end + 1;
        }
    }

    fn between_punctuation(&self, text: &str, joined: &mut String, mut each: impl FnMut(&[u8])) {
        let classes = classes();
        joined.clear();
        joined.reserve(text.len());
        let is_end = |character| classes.is(character, REGEX_PUNCTUATION);
        joined.extend(text.chars().map(|character| if is_end(character) { ' ' } else { character }));
        let mut windows = Windows::new(joined.as_bytes(), self.window);
        let mut start = 0;
        for piece in text.split(is_end) {
            let end = start + piece.len();
            windows.push(start, end, &mut each);
            start = end + 1;
        }
    }

    fn pieces(&self, text: &str, tokenizer: &Tokenizer, scratch: &Scratch, mut each: impl FnMut(&[u8])) -> Result<(), OpError> {
        let mut pieces = scratch.pieces.borrow_mut();
        let pieces: &mut Pieces = &mut pieces;
        tokenizer.pieces(text, pieces).map_err(|error| OpError::Tokens(error.to_string()))?;
        let mut windows = Windows::new(pieces.joined().as_bytes(), self.window);
        let mut start = 0;
        for piece in pieces.iter() {
            windows.push(start, start + piece.len(), &mut each);
            start += piece.len();
        }
        Ok(())
    }
}

/// Whether there is a space at an end, or next to another.
fn needs_joining(text: &str) -> bool {
    text.starts_with(' ') || text.ends_with(' ') || memchr::memmem::find(text.as_bytes(), b"  ").is_some()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shingles(tokenization: Tokenization, window: usize, text: &str) -> Vec<String> {
        let shingler = Shingler::new(tokenization, window, false, None).unwrap();
        let mut all = Vec::new();
        shingler.each(text, &Scratch::default(), |shingle| all.push(String::from_utf8(shingle.to_vec()).unwrap())).unwrap();
        all
    }

    #[test]
    fn words_are_between_spaces_only() {
        assert_eq!(shingles(Tokenization::Space, 2, " a\tb  c\nd e "), ["a\tb c\nd", "c\nd e"]);
        assert_eq!(shingles(Tokenization::Space, 2, "a"), [""; 0]);
        assert_eq!(shingles(Tokenization::Space, 1, "  "), [""; 0]);
    }

    #[test]
    fn empty_pieces_between_punctuation_stay() {
        assert_eq!(shingles(Tokenization::Punctuation, 2, "a, b。。c"), ["a  b", " b ", " c"]);
        assert_eq!(shingles(Tokenization::Punctuation, 1, ""), [""]);
    }

    #[test]
    fn characters_are_not_bytes() {
        assert_eq!(shingles(Tokenization::Character, 2, "aéx"), ["aé", "éx"]);
    }

    #[test]
    fn the_pattern_sees_the_lowered_text() {
        let shingler = Shingler::new(Tokenization::Space, 1, true, Some("[a-c]|\\.")).unwrap();
        let mut all = Vec::new();
        shingler.each("ABCD e.f\n", &Scratch::default(), |shingle| all.push(shingle.to_vec())).unwrap();
        assert_eq!(all, [b"d".to_vec(), b"ef\n".to_vec()]);
        assert_eq!(Shingler::new(Tokenization::Space, 1, true, Some("(")).err().unwrap().path.to_string(), "ignore_pattern");
    }

    proptest! {
        #[test]
        fn as_defined(text in "([a-cé ]|[.,。]| |  ){0,30}", window in 1..5_usize) {
            let joined = |tokens: Vec<String>, by: &str| tokens.windows(window).map(|tokens| tokens.join(by)).collect::<Vec<_>>();
            let words = text.split(' ').filter(|word| !word.is_empty()).map(str::to_owned).collect();
            prop_assert_eq!(shingles(Tokenization::Space, window, &text), joined(words, " "));
            let between = text.split(['.', ',', '。']).map(str::to_owned).collect();
            prop_assert_eq!(shingles(Tokenization::Punctuation, window, &text), joined(between, " "));
            let characters = text.chars().map(String::from).collect();
            prop_assert_eq!(shingles(Tokenization::Character, window, &text), joined(characters, ""));
        }
    }
}
