//! Data-Juicer's operators, one file each, with the original's numbers.
//!
//! An operator rewrites a text ([`Mapper`]), cuts it into rows ([`Splitter`]), notes what it finds in it ([`Tagger`]),
//! computes statistics of a row and says keep or drop ([`Filter`]), gives it a fingerprint by which equal or similar rows
//! are found ([`Deduplicator`]), chooses among all rows ([`Selector`]), or makes one row of several ([`Grouper`]) and back
//! ([`Ungrouper`]). It is [built](build) from a recipe's arguments, checked as it is built, and knows nothing of files of
//! rows or threads.
//!
//! ```
//! use sandbox_ops::{Operator, RowView, Scratch, StatValue, TextView, build};
//! use serde_json::json;
//!
//! let Operator::Filter(filter) = build("words_num_filter", &json!({"min_num": 3}))? else { unreachable!() };
//! let mut scratch = Scratch::default();
//! for (text, words, kept) in [("Ten words, or so.", 4, true), ("Two -- words", 2, false)] {
//!     let stats = filter.compute(&RowView::of_text(&TextView::new(text, &mut scratch)))?;
//!     assert_eq!((&stats[0], filter.keep(&stats)?), (&StatValue::Integer(words), kept));
//! }
//!
//! let error = build("words_num_filter", &json!({"min_nun": 3})).unwrap_err();
//! assert_eq!(error.hint.as_deref(), Some("did you mean `min_num`?"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Several operators look at one [`TextView`]: characters, lines and words are found when the first of them asks, once.
//! The buffers for that are a worker's [`Scratch`], so that a row costs no allocation.
//!
//! # Exactness
//!
//! Results are those of py-data-juicer 1.4.6 on CPython 3.11, bit for bit: its idea of letters, white space, lines and
//! words is kept in tables ([`unicode`]); ratios are one division of two whole numbers; ranges compare integers and
//! floats without rounding ([`range`]); patterns and replacements that users write have their Python meaning
//! ([`pattern`]). The original's recorded results are among the tests.
//!
//! # Where things are
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`operator`] | the traits |
//! | [`registry`] | the list of operators, each with its words, parameters and constructor |
//! | [`filters`], [`mappers`], [`deduplicators`], [`selectors`], [`groupers`] | the operators, one file each |
//! | [`row_view`] | a row as operators see it |
//! | [`text`] | a text with its facts: tally, lines, words, windows |
//! | [`external`] | operators that are programs of the user's |
//! | [`elsewhere`] | operators that Data-Juicer runs |
//! | [`prompts`] | a model that writes new prompts |
//! | [`range`], [`stat`] | bounds and statistics |
//! | [`common`] | the arguments that all operators accept |
//! | [`pattern`], [`unicode`] | Python's regular expressions and characters |
//! | [`error`] | what can go wrong |
//!
//! # A further operator
//!
//! One file with a doc comment, a `Parameters` struct, the computation, a static [`Entry`] and a test of its example;
//! one line in [`registry`]. An operator that looks at more than the
//! text finds the row's other fields in its [`RowView`].

mod arguments;
pub mod common;
pub mod deduplicators;
pub mod elsewhere;
pub mod error;
pub mod external;
pub mod filters;
pub mod groupers;
mod html;
pub mod mappers;
#[cfg(feature = "media")]
mod media;
mod models;
pub mod operator;
mod packed;
pub mod pattern;
pub mod prompts;
mod python;
pub mod range;
pub mod registry;
pub mod row_view;
pub mod selectors;
pub mod stat;
#[cfg(test)]
mod testing;
pub mod text;
mod tokenizer;
pub mod unicode;
mod word_list;

pub use common::Common;
pub use elsewhere::{Elsewhere, known_elsewhere};
pub use error::{BuildError, OpError};
pub use external::External;
pub use operator::{
    Deduplicator, Filter, Fingerprint, Grouper, Kind, Likeness, Mapper, Operator, Selection, Selector, Splitter, Tagger, Ungrouped,
    Ungrouper,
};
pub use prompts::Prompts;
pub use range::{Number, Range};
pub use registry::{Entry, Parameter, build, find, operators};
pub use row_view::{Fields, RowView};
pub use stat::{StatValue, Stats};
pub use text::{Scratch, TextView};
