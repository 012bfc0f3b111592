//! A text with its facts: each is computed when an operator first asks for it, and once.
//!
//! Twelve operators that look at the same row would count its characters twelve times. A [`TextView`] counts once for
//! all of them, and keeps words and windows in a [`Scratch`] that its worker uses for row after row.

use std::cell::{Cell, OnceCell, Ref, RefCell, RefMut};
use std::sync::Arc;

use sandbox_tokenizer::{Pieces, Tokenizer};

use crate::error::OpError;

mod lines;
mod narrow;
mod tally;
mod tokens;
mod windows;
mod words;

pub use lines::Lines;
pub use tally::Tally;
use tokens::Tokens;
pub use windows::Windows;
pub use words::Words;

/// The buffers of one worker, used again for every text.
#[derive(Debug, Default)]
pub struct Scratch {
    words: RefCell<Words>,
    refined: RefCell<Words>,
    windows: RefCell<Windows>,
    tokens: Tokens,
    /// Memory for operators that need a changed copy of the text.
    pub(crate) copies: RefCell<[String; 2]>,
    /// Memory for operators that cut a changed copy of the text into pieces.
    pub(crate) pieces: RefCell<Pieces>,
    /// Memory for fingerprints of many hashes.
    pub(crate) hashes: RefCell<Vec<u32>>,
}

/// A text and what operators have asked about it so far.
///
/// ```
/// use sandbox_ops::text::{Scratch, TextView};
///
/// let mut scratch = Scratch::default();
/// let view = TextView::new("Zwölf Boxkämpfer\njagen Viktor", &mut scratch);
/// assert_eq!((view.tally().characters, view.lines().count, view.lines().longest), (29, 2, 16));
/// assert_eq!(view.words().iter().collect::<Vec<_>>(), ["Zwölf", "Boxkämpfer", "jagen", "Viktor"]);
/// ```
pub struct TextView<'t> {
    text: &'t str,
    scratch: &'t Scratch,
    tally: OnceCell<Tally>,
    lines: OnceCell<Lines>,
    has_words: Cell<bool>,
    has_refined: Cell<bool>,
}

impl<'t> TextView<'t> {
    /// A text of which nothing is known yet.
    pub fn new(text: &'t str, scratch: &'t mut Scratch) -> Self {
        scratch.tokens.forget();
        let no = Cell::new(false);
        Self { text, scratch, tally: OnceCell::new(), lines: OnceCell::new(), has_words: no.clone(), has_refined: no }
    }

    /// The text itself.
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// How many characters, and how many of some classes.
    pub fn tally(&self) -> &Tally {
        self.tally.get_or_init(|| Tally::of(self.text))
    }

    /// How many lines, and how long the longest is.
    pub fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| Lines::of(self.text, self.tally()))
    }

    /// The words as they are, special characters taken off their ends, those of special characters only left out.
    pub fn words(&self) -> Ref<'_, Words> {
        if !self.has_words.replace(true) {
            self.scratch.words.borrow_mut().split(self.text);
        }
        self.scratch.words.borrow()
    }

    /// The words in lower case, then as in [`words`](Self::words).
    pub fn refined_words(&self) -> Ref<'_, Words> {
        if !self.has_refined.replace(true) {
            let mut refined = self.scratch.refined.borrow_mut();
            if self.tally().is_ascii() {
                refined.lower_ascii(&self.words());
            } else {
                refined.split_lower(self.text);
            }
        }
        self.scratch.refined.borrow()
    }

    /// All windows of `length` characters, counted. The windows asked for before are forgotten.
    ///
    /// # Errors
    /// [`OpError::TooLong`] for a text of more than [`Windows::MOST_BYTES`].
    pub fn character_windows(&self, length: usize) -> Result<RefMut<'_, Windows>, OpError> {
        Windows::check(self.text)?;
        let mut windows = self.scratch.windows.borrow_mut();
        windows.count_characters(self.text, self.tally().is_ascii(), length);
        Ok(windows)
    }

    /// All windows of `length` [refined words](Self::refined_words), counted. The windows asked for before are forgotten.
    ///
    /// # Errors
    /// [`OpError::TooLong`] for a text of more than [`Windows::MOST_BYTES`].
    pub fn word_windows(&self, length: usize) -> Result<RefMut<'_, Windows>, OpError> {
        Windows::check(self.text)?;
        let ascii = self.tally().is_ascii();
        // What only differs in the case of ASCII letters is compared so, without a copy in lower case.
        let words = if ascii { self.words() } else { self.refined_words() };
        let mut windows = self.scratch.windows.borrow_mut();
        windows.count_words(&words, length);
        Ok(windows)
    }

    /// How many tokens.
    ///
    /// # Errors
    /// [`OpError::Tokens`] when the tokenizer has no tokens for this text, as for the further ones.
    pub fn token_count(&self, tokenizer: &Arc<Tokenizer>) -> Result<usize, OpError> {
        self.scratch.tokens.count(tokenizer, self.text)
    }

    /// The tokens as words: special characters taken off their ends, those of special characters only left out.
    ///
    /// # Errors
    /// As for [`token_count`](Self::token_count).
    pub fn token_words(&self, tokenizer: &Arc<Tokenizer>) -> Result<Ref<'_, Words>, OpError> {
        self.scratch.tokens.words(tokenizer, self.text)
    }

    /// All windows of `length` tokens, counted: in lower case, then as in [`token_words`](Self::token_words). The windows
    /// asked for before are forgotten.
    ///
    /// # Errors
    /// As for [`token_count`](Self::token_count) and [`word_windows`](Self::word_windows).
    pub fn token_windows(&self, tokenizer: &Arc<Tokenizer>, length: usize) -> Result<RefMut<'_, Windows>, OpError> {
        let words = self.scratch.tokens.refined(tokenizer, self.text)?;
        Windows::check(words.text())?;
        let mut windows = self.scratch.windows.borrow_mut();
        windows.count_words(&words, length);
        Ok(windows)
    }

    pub(crate) fn scratch(&self) -> &'t Scratch {
        self.scratch
    }
}
