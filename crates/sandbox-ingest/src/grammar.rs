//! Line grammars: what a log's lines look like, as a file.
//!
//! ```
//! use sandbox_ingest::{Grammar, LineParser, Value};
//!
//! let text = "name: mine\nmatch: 'step (?<step>\\d+) loss (?<loss>\\S+) acc (?<acc>\\S+)%'\nstep_from: step\nfields: {acc: {scale: 0.01}}\n";
//! let grammar = Grammar::parse("mine.yaml", text)?;
//! let mut parser = LineParser::new(&grammar);
//! let mut records = Vec::new();
//! parser.push(b"step 3 loss 1e-05 acc 50%\n", &mut |record| records.push(record));
//! assert_eq!(records[0].step, Some(3));
//! assert_eq!(records[0].values, [("loss".to_owned(), Value::Number(1e-5)), ("acc".to_owned(), Value::Number(0.5))]);
//! # Ok::<(), sandbox_ingest::GrammarError>(())
//! ```
//!
//! A file is one rule, or a list `rules`, of which the first that reads a line has it. The keys of a rule:
//!
//! | key | what it is |
//! | --- | --- |
//! | `kind` | `pattern` (default): named groups are values · `python_dict`, `json_lines`: a dictionary · `key_value`: pairs such as `loss: 0.5, lr: 1e-5` · `tqdm`: a progress bar |
//! | `contains` | texts of which the line must hold one; makes reading fast |
//! | `match` | regular expressions, the first that matches counts; for `python_dict` and `key_value` what they read begins where it ends, and its named groups are values too |
//! | `keys` | names of which the line must give one |
//! | `fields` | by name: another name, or `rename`, `as` and `scale` (a factor) |
//! | `others` | `keep` (default) or `skip`: what is not in `fields` |
//! | `step_from` | the names that may hold the step (`710/59760` is 710), or `{epoch, iteration, per_epoch}` with epochs from 1 |
//! | `wall_from` | the name that holds the time: seconds since 1970, or RFC 3339 with its zone |
//! | `prefix` | stands before every name |
//! | `pair`, `between` | of `key_value`: what stands between name and value (`: `) and between pairs (`, `) |
//! | `quoted_numbers` | texts in quotes that are numbers are numbers |
//! | `bar` | of `tqdm`: which of `done`, `total`, `progress_ratio`, `per_second` are values besides those behind the bar |
//! | `prefix_from` | of `tqdm`: `description` puts the bar's title before the names |
//!
//! `as`: `auto` (a number if it is one, else text), `number`, `percent` (`45%` is 0.45), `thousands` (`1,234`), `duration`
//! (`1:02:03` is 3723 seconds), `text`, `skip`. Groups of a `pattern` are numbers unless `as` says otherwise. The groups `name`
//! and `value` of a `pattern` are one value whose name the line gives.

mod builtin;
mod file;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sandbox_document::{Document, DocumentError, Format, Place, did_you_mean};

use crate::rule::Rule;

pub use builtin::{builtin, builtins};

/// A grammar, checked and ready.
#[derive(Debug, Clone)]
pub struct Grammar {
    /// Its name.
    pub name: String,
    /// What it reads, in one line.
    pub summary: String,
    /// Its file's text, where it is built in or was [parsed](Self::parse).
    pub text: String,
    pub(crate) hints: Vec<String>,
    pub(crate) weak: bool,
    pub(crate) rules: Arc<[Rule]>,
}

/// Why there is no such grammar.
#[derive(Debug, thiserror::Error)]
pub enum GrammarError {
    /// The file cannot be read, or is not YAML.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The file says something that no grammar says.
    #[error("{place}: {message}")]
    Invalid {
        /// Where.
        place: Place,
        /// What.
        message: String,
        /// The near miss, or what is accepted.
        hint: Option<String>,
    },
    /// Neither a file nor the name of a built-in grammar.
    #[error("no grammar is called `{name}`")]
    Unknown {
        /// The word.
        name: String,
    },
}

impl GrammarError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        let name = match self {
            Self::Unknown { name } => name,
            Self::Invalid { hint, .. } => return hint.clone(),
            Self::Document(_) => return None,
        };
        let names = ["auto"].into_iter().chain(builtins().iter().map(|grammar| grammar.name.as_str()));
        Some(format!("{}; a file has a name such as `mine.yaml`", did_you_mean(name, names)))
    }
}

impl Grammar {
    /// The grammar that a word means: a built-in one's name, or a file's path.
    ///
    /// # Errors
    /// No such grammar or file; a file with faults.
    pub fn find(word: &str) -> Result<Self, GrammarError> {
        match builtin(word) {
            Some(grammar) => Ok(grammar.clone()),
            None if word.contains(['/', '.']) => Self::read(word),
            None => Err(GrammarError::Unknown { name: word.to_owned() }),
        }
    }

    /// Whether it reads what many programs print, so that [`AutoParser`](crate::AutoParser) takes it last.
    pub fn weak(&self) -> bool {
        self.weak
    }

    /// Reads a grammar's file.
    ///
    /// # Errors
    /// As [`parse`](Self::parse), and a file that cannot be read.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, GrammarError> {
        file::grammar(Document::read(path)?)
    }

    /// Parses a grammar's text; `path` names it in messages.
    ///
    /// # Errors
    /// Text that is not YAML; unknown keys, values of the wrong kind, regular expressions with faults, rules that can read nothing.
    pub fn parse(path: impl Into<PathBuf>, text: &str) -> Result<Self, GrammarError> {
        Ok(Self { text: text.to_owned(), ..file::grammar(Document::parse(path, text, Format::Yaml)?)? })
    }
}
