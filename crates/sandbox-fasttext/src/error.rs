//! What can go wrong: a file that cannot be read or is no model, and numbers that are none.

use std::io;
use std::path::PathBuf;

/// Why a model cannot be had, or says nothing of a text.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The file cannot be read.
    #[error("Failed to read the fastText model `{}`: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is no supervised model, or not all of one.
    #[error("Failed to read the fastText model{}: {cause}", named(.path))]
    Broken {
        /// The file, where it is one.
        path: Option<PathBuf>,
        /// What is wrong with it.
        cause: String,
    },
    /// The model's weights lead to what is not a number.
    #[error("Failed to predict: the model gives no number for this text")]
    NotANumber,
}

fn named(path: &Option<PathBuf>) -> String {
    path.as_ref().map(|path| format!(" `{}`", path.display())).unwrap_or_default()
}
