//! Logs of training programs to metrics.
//!
//! A [`Grammar`] says what the lines of a framework's log look like; a [`LineParser`] is given the log's bytes as they come and
//! hands out [`Record`]s; [`AutoParser`] finds out itself whose log it is. Nothing here knows of jobs, and nothing waits: who
//! follows a file asks a [`FileFollower`] for what has been added to it.
//!
//! ```
//! use sandbox_ingest::{AutoParser, Value};
//!
//! let mut parser = AutoParser::new();
//! let mut records = Vec::new();
//! let log = b"loading\n 10%|#   | 1/10 [00:01<00:09, 1.00it/s]\r{'loss': 2.5, 'learning_rate': 1e-05, 'epoch': 0.1}\n";
//! for chunk in log.chunks(7) {
//!     parser.push(chunk, &mut |record| records.push(record));
//! }
//! parser.finish(&mut |record| records.push(record));
//! assert_eq!(parser.grammar().map(|grammar| grammar.name.as_str()), Some("hf"));
//! assert_eq!(records.len(), 1);
//! assert_eq!((records[0].line, &records[0].values[1]), (2, &("learning_rate".to_owned(), Value::Number(1e-5))));
//! ```
//!
//! What is read is exact or nothing: `1e-05` is 0.00001, `nan` is NaN, a line that is cut in two is not read before its end, and
//! what had to be a number and is not is counted. Memory is bounded whatever comes: see [`LONGEST`] and [`Summary`].
//!
//! | module | what it holds |
//! | --- | --- |
//! | [`grammar`] | grammars as files, and those built in |
//! | [`number`] | numbers as programs print them |
//! | [`summary`] | last, least and greatest values by name |

mod ansi;
mod auto;
mod follow;
pub mod grammar;
mod lines;
mod literal;
pub mod number;
mod parser;
mod record;
mod rule;
pub mod summary;
mod wall;

pub use auto::AutoParser;
pub use follow::{Added, FileFollower};
pub use grammar::{Grammar, GrammarError, builtin, builtins};
pub use lines::LONGEST;
pub use parser::LineParser;
pub use record::{Counters, Record, Value};
pub use summary::Summary;
