//! KenLM's language models, read from disk: what they score for a sentence, to the last bit.
//!
//! ARPA texts are read, and the binary formats: probing, with and without rest costs, and the trie, plain, quantised and
//! with array-compressed pointers. Which one a file holds is seen from the file, never from its name.
//!
//! ```
//! use sandbox_kenlm::Model;
//!
//! let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data");
//! let text = Model::open(format!("{folder}/small.arpa"))?;
//! let trie = Model::open(format!("{folder}/small.trie"))?;
//! let score = text.score("a b c");
//! assert_eq!(trie.score("a b c"), score);
//! assert!(score < 0.0);
//!
//! let error = Model::read(b"not a model".to_vec()).unwrap_err();
//! assert!(error.to_string().starts_with("Failed to read the language model"));
//! # Ok::<(), sandbox_kenlm::Error>(())
//! ```
//!
//! A binary file is mapped, not read: it costs the memory of the pages that are looked at, and nothing to open. An ARPA
//! text becomes the same bytes in memory as KenLM's probing format.
//!
//! # Where things are
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`model`] | [`Model`]: a file, and the scores of sentences |
//! | `score` | the sum over the words: the longest known n-gram, and backoffs for what was not found |
//! | `probing`, `table` | hash tables by order |
//! | `trie`, `pointers`, `quantiser`, `bits` | sorted, bit-packed arrays by order |
//! | `arpa` | ARPA texts |
//! | `header`, `storage`, `murmur` | the head of binary files, bytes, the hash of words |
//! | [`error`] | what can go wrong |
//!
//! Formats and arithmetic are those of <https://github.com/kpu/kenlm>, whose code is not part of this crate.

mod arpa;
mod bits;
pub mod error;
mod header;
pub mod model;
mod murmur;
mod pointers;
mod probing;
mod quantiser;
mod score;
mod storage;
mod table;
mod trie;

pub use error::Error;
pub use model::Model;
