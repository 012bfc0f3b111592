//! N-gram language models: counted in one pass, one file each, memory-mapped.
//!
//! On one core, order 5 over bytes trains at some 40 MB/s and scores at 10 MB/s; order 3 over words trains and scores at some
//! 20 MB/s. Words need fewer bits per byte where the language has words and the text is enough; bytes are there for the rest,
//! and are the faster comparison.
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`settings`] | bytes or words, and the order |
//! | [`trainer`] | documents in, model out |
//! | [`model`] | scoring, saving, opening |
//! | [`segment`](mod@segment) | words, spaces and punctuation without losing a byte |

mod bytes;
mod column;
mod counter;
mod discounts;
mod file;
mod kneser_ney;
pub mod model;
pub mod segment;
pub mod settings;
mod storage;
pub mod trainer;
mod vocabulary;
mod witten_bell;
mod words;

pub use model::NgramModel;
pub use segment::{Tokens, tokens};
pub use settings::{NgramSettings, Unit};
pub use trainer::NgramTrainer;
