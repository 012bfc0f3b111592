//! What ends a reading or a writing. A bad row does not: see [`crate::row::RowError`] and [`crate::reject`].

use std::io;
use std::path::{Path, PathBuf};

use sandbox_fs::FsError;

use crate::format;

/// A file that cannot be found, read or written.
#[derive(Debug, thiserror::Error)]
pub enum DatasetError {
    /// Nothing stands at a path.
    #[error("Failed to find `{}`{}", path.display(), near.as_ref().map(|near| format!("\n  hint: did you mean `{}`?", near.display())).unwrap_or_default())]
    Missing {
        /// The path as it was given.
        path: PathBuf,
        /// What stands beside it under the most similar name.
        near: Option<PathBuf>,
    },
    /// A file whose suffix names no form that rows can be read from or written to.
    #[error("Failed to tell the form of `{name}` from its suffix\n  hint: known suffixes: {}", format::KNOWN)]
    Unsupported {
        /// The file, or the suffix that was asked for.
        name: String,
    },
    /// A file whose suffix names no form that rows can be written to.
    #[error("Failed to tell the form of `{name}` from its suffix\n  hint: rows are written to {}", format::KNOWN_OUTPUT)]
    UnsupportedOutput {
        /// The file.
        name: String,
    },
    /// A file of a form that people will try and that is not read.
    #[error("Failed to read `{}`: PDF files are not read\n  hint: `pdftotext` makes a text file of it, which is read", path.display())]
    Pdf {
        /// The file.
        path: PathBuf,
    },
    /// A file that is not what its suffix says.
    #[error("Failed to read `{}`: {reason}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong in it, and where.
        reason: String,
    },
    /// Rows that fit no table.
    #[error("Failed to write `{}`: row {row}: {reason}\n  hint: `.jsonl` takes every row as it is", path.display())]
    Table {
        /// The file.
        path: PathBuf,
        /// The row that does not fit, from 1, in the order of the writing.
        row: u64,
        /// Why it does not.
        reason: String,
    },
    /// Weights by which nothing can be shared out.
    #[error("Failed to share rows out by the weights {weights}\n  hint: weights are numbers from 0 up, and one of them is more")]
    Weights {
        /// The weights, apart by commas.
        weights: String,
    },
    /// A folder or pattern without a single file that can be read, or a file that the suffixes exclude.
    #[error("Failed to find rows: `{item}` {reason}\n  hint: what can be read: {}", format::KNOWN)]
    Nothing {
        /// The folder or pattern as it was given.
        item: String,
        /// Why it gives nothing.
        reason: String,
    },
    /// A pattern that is not one.
    #[error("Failed to read the pattern `{pattern}`: {source}")]
    Pattern {
        /// The pattern as it was given.
        pattern: String,
        /// What is wrong in it.
        source: globset::Error,
    },
    /// A file or folder that cannot be read, or whose compressed content is damaged or cut off.
    #[error("Failed to read `{}`: {source}", path.display())]
    Read {
        /// The file or folder.
        path: PathBuf,
        /// The system's or the decoder's reason.
        source: io::Error,
    },
    /// A file that cannot be written, for example for want of space.
    #[error("Failed to write `{}`: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// What was asked whether to stop said so.
    #[error("stopped")]
    Stopped,
    /// A file that cannot be made or given its name.
    #[error(transparent)]
    File(#[from] FsError),
}

impl DatasetError {
    pub(crate) fn unsupported(path: &Path) -> Self {
        if format::lower_name(path).ends_with(".pdf") {
            return Self::Pdf { path: path.to_owned() };
        }
        Self::Unsupported { name: path.display().to_string() }
    }

    #[cfg(not(feature = "parquet"))]
    pub(crate) fn no_parquet(path: &Path) -> Self {
        Self::Content { path: path.to_owned(), reason: "this program was built without the feature `parquet`".to_owned() }
    }

    pub(crate) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Read { path: path.to_owned(), source }
    }

    pub(crate) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Write { path: path.to_owned(), source }
    }
}
