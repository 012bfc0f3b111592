//! Configuration documents that know where each value stands.
//!
//! Everything that people write for the sandbox (configurations, recipes, sweeps, integrations) is a YAML, JSON or
//! TOML document. This crate reads one into a [`serde_json::Value`] and can later say *at which line* a value stands,
//! so that a message about a misspelt operator names `recipe.yaml:12` and the nearest known name.
//!
//! ```
//! use sandbox_document::{Document, Format, KeyPath, Problem, suggest};
//!
//! let document = Document::parse("recipe.yaml", "np: 4\nprocess:\n  - text_lenght_filter:\n", Format::Yaml)?;
//! let path: KeyPath = "process[0].text_lenght_filter".parse()?;
//! assert_eq!(document.place(&path).to_string(), "recipe.yaml:3");
//! assert_eq!(suggest("text_lenght_filter", ["text_length_filter", "words_num_filter"]), Some("text_length_filter"));
//!
//! let problem = Problem::error("unknown operator `text_lenght_filter`").at(document.place(&path)).hint("did you mean `text_length_filter`?");
//! assert_eq!(problem.to_string(), "recipe.yaml:3: unknown operator `text_lenght_filter`\n  hint: did you mean `text_length_filter`?");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`document`] | reading and parsing, the place of a value |
//! | [`path`] | key paths: `process[2].text_length_filter.min_len` |
//! | [`value`] | look-up and assignment by dotted names, where the longest literal key wins |
//! | [`typed`](mod@typed) | values to serde structs, with the path of what did not fit |
//! | [`problem`] | messages with place, cause and hint |
//! | [`suggest`](mod@suggest) | near misses |

pub mod document;
mod locate;
pub mod path;
pub mod problem;
pub mod suggest;
pub mod typed;
pub mod value;

pub use document::{Document, DocumentError, Format};
pub use path::{KeyPath, Step};
pub use problem::{Place, Problem, Severity};
pub use suggest::{did_you_mean, suggest};
pub use typed::{Misfit, typed};
