//! What can go wrong with a store, with what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use sandbox_fs::FsError;

/// Something that kept a store from being opened, read or changed.
///
/// Watching itself has no errors: what cannot be kept is counted, see [`Health`](crate::Health).
#[derive(Debug, thiserror::Error)]
pub enum WatchError {
    /// A file or folder.
    #[error("Failed to {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried, such as `make the folder`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file that is state.
    #[error(transparent)]
    Fs(#[from] FsError),
    /// The database.
    #[error("Failed to {action} the run store `{}`: {source}", path.display())]
    Database {
        /// What was tried, such as `open`.
        action: &'static str,
        /// The store's file.
        path: PathBuf,
        /// SQLite's reason.
        source: rusqlite::Error,
    },
    /// A store that a later program has made.
    #[error("The run store `{}` has the format {found}, and this program knows formats up to {known}", path.display())]
    Newer {
        /// The store's file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The last one that is known here.
        known: i64,
    },
    /// Some other SQLite database.
    #[error("`{}` is not a run store", path.display())]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// Nothing there.
    #[error("There is no run store `{}`", path.display())]
    Missing {
        /// The file.
        path: PathBuf,
    },
    /// A run that the store does not hold.
    #[error("The store has no run `{run}`")]
    UnknownRun {
        /// As it was asked for.
        run: String,
        /// The nearest that is there.
        near: Option<String>,
    },
    /// The beginning of several runs' names.
    #[error("`{run}` is the beginning of {count} runs")]
    Ambiguous {
        /// As it was asked for.
        run: String,
        /// How many it fits.
        count: usize,
    },
    /// A run that is still going on.
    #[error("The run `{run}` is still running")]
    StillRunning {
        /// Its name.
        run: String,
    },
}

impl WatchError {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }

    pub(crate) fn database(action: &'static str, path: &Path) -> impl FnOnce(rusqlite::Error) -> Self {
        move |source| Self::Database { action, path: path.to_owned(), source }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Newer { .. } => Some("use the program that made it, or another place for the store".to_owned()),
            Self::Foreign { .. } => Some("name another file; this one is left as it is".to_owned()),
            Self::Missing { .. } => Some("a run makes one in its `work_dir`; name it with `--store FILE`".to_owned()),
            Self::UnknownRun { near, .. } => Some(match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`dj-sandbox runs ls` shows the runs".to_owned(),
            }),
            Self::Ambiguous { .. } => Some("give more of its name".to_owned()),
            Self::StillRunning { .. } => Some("end it first".to_owned()),
            Self::Io { .. } | Self::Fs(_) | Self::Database { .. } => None,
        }
    }
}
