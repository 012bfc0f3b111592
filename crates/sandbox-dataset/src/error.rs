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
    /// A file that cannot be made or given its name.
    #[error(transparent)]
    File(#[from] FsError),
}

impl DatasetError {
    pub(crate) fn read(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Read { path: path.to_owned(), source }
    }

    pub(crate) fn write(path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Write { path: path.to_owned(), source }
    }
}
