//! What can go wrong, with the file's name and a hint.

use std::path::PathBuf;

use sandbox_fs::FsError;

use crate::ngram::Unit;

/// A model that cannot be trained, written, read or compared.
#[derive(Debug, thiserror::Error)]
pub enum LmError {
    /// An order outside what the unit allows.
    #[error("`order` must be from 1 to {} for {unit}, not {order}\n  hint: 5 is a good order for bytes, 3 for words", unit.max_order())]
    Order {
        /// The unit.
        unit: Unit,
        /// The order that was asked for.
        order: usize,
    },
    /// A file that the system refused to write or read.
    #[error(transparent)]
    File(#[from] FsError),
    /// A file that is not a whole model file.
    #[error("`{}` is not a usable n-gram model: {problem}\n  hint: {hint}", path.display())]
    Format {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
        /// What to do about it.
        hint: &'static str,
    },
    /// Two lists of scores that do not belong to the same texts.
    #[error("Failed to pair scores: {problem}\n  hint: both lists must hold the scores of the same documents in the same order")]
    Unpaired {
        /// Where the lists differ.
        problem: String,
    },
}
