//! The tokenizer models of operators with `tokenization: true`.

use std::path::PathBuf;
use std::sync::Arc;

use sandbox_tokenizer::{Error, Places, Tokenizer};

use crate::error::BuildError;

/// The SentencePiece model `{lang}.sp.model`, if it is wanted.
pub(crate) fn of_language(tokenization: bool, lang: &str) -> Result<Option<Arc<Tokenizer>>, BuildError> {
    wanted(tokenization, || Places::of_environment().sentence_piece(lang))
}

/// The Hugging Face model of a name, if it is wanted.
pub(crate) fn of_name(tokenization: bool, name: &str) -> Result<Option<Arc<Tokenizer>>, BuildError> {
    wanted(tokenization, || Places::of_environment().hugging_face(name))
}

/// The SentencePiece model `{lang}.sp.model` that an operator cannot do without; `parameter` names it.
pub(crate) fn needed_of_language(parameter: &str, lang: &str) -> Result<Arc<Tokenizer>, BuildError> {
    open(Places::of_environment().sentence_piece(lang)).map_err(|error| told(parameter, &error))
}

/// The Hugging Face model that a parameter names.
pub(crate) fn needed_of_name(parameter: &str, name: &str) -> Result<Arc<Tokenizer>, BuildError> {
    open(Places::of_environment().hugging_face(name)).map_err(|error| told(parameter, &error))
}

fn wanted(tokenization: bool, path: impl FnOnce() -> Result<PathBuf, Error>) -> Result<Option<Arc<Tokenizer>>, BuildError> {
    if !tokenization {
        return Ok(None);
    }
    open(path()).map(Some).map_err(|error| {
        let message = told("tokenization", &error);
        match error.hint() {
            Some(hint) => message.hint(format!("{hint}; `tokenization: false` needs no model")),
            None => message,
        }
    })
}

fn open(path: Result<PathBuf, Error>) -> Result<Arc<Tokenizer>, Error> {
    path.and_then(|path| Tokenizer::shared(&path))
}

/// An error about a model as one about the parameter that asks for it.
pub(crate) fn told(parameter: &str, error: &Error) -> BuildError {
    let message = BuildError::parameter(parameter, error.to_string());
    match error.hint() {
        Some(hint) => message.hint(hint),
        None => message,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use crate::registry::build;
    use crate::testing::judge;
    use crate::text::{Scratch, TextView};

    /// From the folder of this crate, where its tests run.
    const LANG: &str = "../sandbox-tokenizer/tests/data/en";

    #[test]
    fn missing_models_are_told_with_every_place() {
        for name in ["words_num_filter", "word_repetition_filter"] {
            let error = build(name, &json!({"tokenization": true, "lang": "tlh"})).unwrap_err();
            assert_eq!(error.path.to_string(), "tokenization");
            let message = error.to_string();
            assert!(message.starts_with("Failed to find the model `tlh.sp.model`: looked at `tlh.sp.model`, "), "{message}");
            assert!(error.hint.unwrap_or_default().ends_with("`tokenization: false` needs no model"));
            assert!(build(name, &json!({"lang": "tlh"})).is_ok());
        }
    }

    #[test]
    fn broken_models_are_told_with_their_path() {
        let folder = tempfile::tempdir().unwrap();
        let lang = folder.path().join("en").display().to_string();
        std::fs::write(format!("{lang}.sp.model"), "not found").unwrap();
        let error = build("words_num_filter", &json!({"tokenization": true, "lang": lang})).unwrap_err();
        assert!(error.to_string().contains(&format!("`{lang}.sp.model`")), "{error}");
    }

    #[test]
    fn words_and_tokens_are_kept_apart() {
        let text = "Eggs, EGGS and 16 unbelievable eggs";
        let alone = |arguments| judge("words_num_filter", arguments, text).0;
        let (words, tokens) = (alone(json!({})), alone(json!({"tokenization": true, "lang": LANG})));
        assert_ne!(words, tokens);
        let tokenizer = super::of_language(true, LANG).unwrap().unwrap();
        let other = super::of_language(true, "../sandbox-tokenizer/tests/data/byte_pair").unwrap().unwrap();
        let mut scratch = Scratch::default();
        for text in [text, "", "and 1 other", text] {
            let fresh = |tokenizer| {
                TextView::new(text, &mut Scratch::default()).token_words(tokenizer).unwrap().iter().map(str::to_owned).collect::<Vec<_>>()
            };
            let (first, second) = (fresh(&tokenizer), fresh(&other));
            let view = TextView::new(text, &mut scratch);
            let plain = view.words().len();
            assert_eq!(view.token_words(&tokenizer).unwrap().iter().collect::<Vec<_>>(), first);
            assert_eq!(view.token_words(&other).unwrap().iter().collect::<Vec<_>>(), second);
            assert_eq!(view.token_windows(&tokenizer, 1).unwrap().total, first.len());
            assert_eq!(view.word_windows(1).unwrap().total, plain);
            assert_eq!(view.words().len(), plain);
        }
    }
}
