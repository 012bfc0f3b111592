//! What can go wrong: a file that cannot be read or is no model.

use std::io;
use std::path::PathBuf;

/// Why a model cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("Failed to read the language model `{}`: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is no language model of KenLM, or not all of one.
    #[error("Failed to read the language model{}: {cause}", named(.path))]
    Broken {
        /// The file, where it is one.
        path: Option<PathBuf>,
        /// What is wrong with it.
        cause: String,
    },
}

fn named(path: &Option<PathBuf>) -> String {
    path.as_ref().map(|path| format!(" `{}`", path.display())).unwrap_or_default()
}
