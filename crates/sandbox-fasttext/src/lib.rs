//! fastText's supervised models, read from disk: the labels of a text, with the library's own probabilities.
//!
//! Both file formats are read: `.bin`, and `.ftz` with product quantisation of the input, of its norms and of the output,
//! and with a pruned dictionary. The arithmetic is that of the library in order and precision, so that probabilities are
//! the same to the last bit; where a label is certain they exceed 1 a little, as there.
//!
//! ```
//! use sandbox_fasttext::{Model, Scratch};
//!
//! let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/goldens/assets/models/ft_bin/lid.176.bin");
//! let model = Model::open(file)?;
//! let best = model.predict("the cat is on the table", 1, &mut Scratch::default())?;
//! assert_eq!(best[0].label, "__label__en");
//! assert!(best[0].probability > 0.5);
//!
//! let error = Model::read(b"not a model").unwrap_err();
//! assert!(error.to_string().starts_with("Failed to read the fastText model"));
//! # Ok::<(), sandbox_fasttext::Error>(())
//! ```
//!
//! # Where things are
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`model`] | [`Model`]: a file, and the labels of a text |
//! | `dictionary` | words, labels, and the rows that a text stands for: words, character n-grams, word n-grams |
//! | `matrix` | dense and quantised matrices |
//! | `loss`, `tree`, `best` | from the hidden vector to the best labels |
//! | `arguments`, `source` | the head of the file, and reading that believes no length |
//! | [`error`] | what can go wrong |
//!
//! Formats and arithmetic are those of <https://github.com/facebookresearch/fastText>, version 0.9.2.

mod arguments;
mod best;
mod dictionary;
pub mod error;
mod loss;
mod matrix;
pub mod model;
mod source;
mod tree;

pub use error::Error;
pub use model::{Model, Prediction, Scratch};
