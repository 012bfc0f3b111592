//! Tokenizer models of others, read from disk: what pieces a text has, and how many.
//!
//! A model is a SentencePiece file (`en.sp.model`) or a Hugging Face `tokenizer.json`. Pieces are those of the library
//! that made the model, string by string: for SentencePiece spaces are U+2581, for byte-level models they are `Ġ`, and
//! tokens that a template adds around a text are left out.
//!
//! ```
//! use sandbox_tokenizer::{Pieces, Tokenizer};
//!
//! let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");
//! let tokenizer = Tokenizer::open(format!("{folder}/en.sp.model"))?;
//! let mut pieces = Pieces::default();
//! tokenizer.pieces("Janet  has ４ eggs", &mut pieces)?;
//! assert_eq!(pieces.iter().collect::<String>(), "▁Janet▁has▁4▁eggs");
//! assert_eq!(tokenizer.count("Janet  has ４ eggs", &mut pieces)?, pieces.len());
//!
//! let error = Tokenizer::open(format!("{folder}/README.md")).unwrap_err();
//! assert!(error.to_string().starts_with("Failed to read the tokenizer model"));
//! # Ok::<(), sandbox_tokenizer::Error>(())
//! ```
//!
//! [`Places`] knows where Data-Juicer and Hugging Face keep models. Nothing is ever downloaded: a model that is not
//! there is an error that names every place. [`Tokenizer::shared`] reads a model once per process.
//!
//! # Where things are
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`tokenizer`] | [`Tokenizer`]: either kind behind one door |
//! | [`pieces`] | [`Pieces`]: the result, a buffer used again for every text |
//! | [`places`] | where a model of a name lies |
//! | [`sentence_piece`] | SentencePiece from its file format up: normalisation, unigram, byte-pair encoding |
//! | [`error`] | what can go wrong |
//!
//! SentencePiece is written here, because its formats are few and the library is C++. `tokenizer.json` has dozens of
//! parts, so its own library reads it: the feature `hugging-face`, on by default, brings most of what this crate costs.

pub mod error;
#[cfg(feature = "hugging-face")]
mod hugging_face;
pub mod pieces;
pub mod places;
pub mod sentence_piece;
pub mod tokenizer;

pub use error::Error;
pub use pieces::Pieces;
pub use places::Places;
pub use tokenizer::Tokenizer;
