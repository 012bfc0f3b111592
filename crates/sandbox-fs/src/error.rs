//! Failures with the file's name, which `std::io::Error` leaves out.

use std::io;
use std::path::{Path, PathBuf};

/// Something that the file system refused.
#[derive(Debug, thiserror::Error)]
pub enum FsError {
    /// A call failed.
    #[error("Failed to {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried, such as `write`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// Another process holds the file or folder.
    #[error("`{}` is in use by another run", path.display())]
    InUse {
        /// The file or folder.
        path: PathBuf,
    },
}

impl FsError {
    /// For `map_err`: `FsError::io("read", path)`.
    pub fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FsError {
        move |source| FsError::Io { action, path: path.to_owned(), source }
    }
}
