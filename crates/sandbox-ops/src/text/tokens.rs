//! Tokens: the pieces of tokenizer models, and the words that they are for some operators.
//!
//! A recipe may hold operators with and without tokenizer, and with several. What each model makes of a text is kept
//! apart from plain words and from the other models'.

use std::cell::{Ref, RefCell, RefMut};
use std::sync::Arc;

use sandbox_tokenizer::{Pieces, Tokenizer};

use super::words::Words;
use crate::error::OpError;

/// What the models met so far make of the text at hand.
#[derive(Debug, Default)]
pub(super) struct Tokens(RefCell<Vec<OfModel>>);

/// What one model makes of it; `None` and `false` until an operator asks.
#[derive(Debug)]
struct OfModel {
    tokenizer: Arc<Tokenizer>,
    count: Option<usize>,
    has_words: bool,
    has_refined: bool,
    has_spaced: bool,
    pieces: Pieces,
    words: Words,
    refined: Words,
    spaced: String,
}

impl Tokens {
    /// Another text is at hand.
    pub fn forget(&mut self) {
        for model in self.0.get_mut() {
            (model.count, model.has_words, model.has_refined, model.has_spaced) = (None, false, false, false);
        }
    }

    /// How many tokens.
    pub fn count(&self, tokenizer: &Arc<Tokenizer>, text: &str) -> Result<usize, OpError> {
        let (mut models, index) = self.of(tokenizer);
        let model = &mut models[index];
        match model.count {
            Some(count) => Ok(count),
            None => {
                let count = tokenizer.count(text, &mut model.pieces).map_err(failed)?;
                model.count = Some(count);
                Ok(count)
            }
        }
    }

    /// The tokens as words: special characters taken off their ends, those of special characters only left out.
    pub fn words(&self, tokenizer: &Arc<Tokenizer>, text: &str) -> Result<Ref<'_, Words>, OpError> {
        let (mut models, index) = self.of(tokenizer);
        let model = &mut models[index];
        if !model.has_words {
            tokenizer.pieces(text, &mut model.pieces).map_err(failed)?;
            model.words.take(model.pieces.iter(), false);
            model.has_words = true;
        }
        drop(models);
        Ok(Ref::map(self.0.borrow(), |models| &models[index].words))
    }

    /// The tokens in lower case, then as in [`words`](Self::words).
    pub fn refined(&self, tokenizer: &Arc<Tokenizer>, text: &str) -> Result<Ref<'_, Words>, OpError> {
        let (mut models, index) = self.of(tokenizer);
        let model = &mut models[index];
        if !model.has_refined {
            tokenizer.pieces(text, &mut model.pieces).map_err(failed)?;
            model.refined.take(model.pieces.iter(), true);
            model.has_refined = true;
        }
        drop(models);
        Ok(Ref::map(self.0.borrow(), |models| &models[index].refined))
    }

    /// The tokens as they are, one blank between two.
    pub fn spaced(&self, tokenizer: &Arc<Tokenizer>, text: &str) -> Result<Ref<'_, str>, OpError> {
        let (mut models, index) = self.of(tokenizer);
        let model = &mut models[index];
        if !model.has_spaced {
            tokenizer.pieces(text, &mut model.pieces).map_err(failed)?;
            model.spaced.clear();
            for (position, piece) in model.pieces.iter().enumerate() {
                if position > 0 {
                    model.spaced.push(' ');
                }
                model.spaced.push_str(piece);
            }
            model.has_spaced = true;
        }
        drop(models);
        Ok(Ref::map(self.0.borrow(), |models| models[index].spaced.as_str()))
    }

    /// Where a model's tokens are kept.
    fn of(&self, tokenizer: &Arc<Tokenizer>) -> (RefMut<'_, Vec<OfModel>>, usize) {
        let mut models = self.0.borrow_mut();
        let known = models.iter().position(|model| Arc::ptr_eq(&model.tokenizer, tokenizer));
        let index = known.unwrap_or_else(|| {
            models.push(OfModel {
                tokenizer: Arc::clone(tokenizer),
                count: None,
                has_words: false,
                has_refined: false,
                has_spaced: false,
                pieces: Pieces::default(),
                words: Words::default(),
                refined: Words::default(),
                spaced: String::new(),
            });
            models.len() - 1
        });
        (models, index)
    }
}

fn failed(error: sandbox_tokenizer::Error) -> OpError {
    OpError::Tokens(error.to_string())
}
