//! What can go wrong on the way out or in, with what to do about it.

use std::io;
use std::path::{Path, PathBuf};

use sandbox_fs::FsError;
use sandbox_watcher::WatchError;

/// Something that kept a run from going out or coming in.
#[derive(Debug, thiserror::Error)]
pub enum InteropError {
    /// The run store.
    #[error(transparent)]
    Watch(#[from] WatchError),
    /// A file that is written complete or not at all.
    #[error(transparent)]
    Fs(#[from] FsError),
    /// A file or folder.
    #[error("Failed to {action} `{}`: {source}", path.display())]
    Io {
        /// What was tried, such as `read`.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// A file that is not what it is taken for.
    #[error("{}:{place}: {reason}", path.display())]
    Malformed {
        /// The file.
        path: PathBuf,
        /// The line, or the byte.
        place: u64,
        /// What is wrong there.
        reason: String,
    },
    /// Nothing of the format.
    #[error("`{}` holds no {what}", path.display())]
    Nothing {
        /// The file or folder.
        path: PathBuf,
        /// What was looked for.
        what: &'static str,
    },
    /// What is to come in is there already.
    #[error("`{name}` is already in the store as the run `{run}`")]
    Known {
        /// What was to come in.
        name: String,
        /// The run.
        run: String,
    },
    /// The store does not keep up, or could not keep everything.
    #[error("The run store does not take what is read: {reason}")]
    NotTaken {
        /// Why.
        reason: String,
    },
    /// A server that cannot be reached or that speaks something else.
    #[error("Failed to reach the MLflow server `{url}`: {reason}")]
    Unreachable {
        /// Its address.
        url: String,
        /// Why.
        reason: String,
    },
    /// A server that refuses.
    #[error("The MLflow server refuses `{request}` ({status}): {reason}")]
    Refused {
        /// What was asked, such as `runs/create`.
        request: String,
        /// The status of its answer.
        status: u16,
        /// Its words.
        reason: String,
    },
}

impl InteropError {
    pub(crate) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { action, path: path.to_owned(), source }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Watch(error) => error.hint(),
            Self::Known { .. } => Some("`--replace` puts what is read now in its place".to_owned()),
            Self::Unreachable { url, .. } if url.starts_with("https:") => {
                Some("this program speaks HTTP only: reach the server through a tunnel or a proxy of your own".to_owned())
            }
            Self::Unreachable { .. } => Some("is it running? `mlflow server --host 127.0.0.1 --port 5000` starts one".to_owned()),
            Self::Refused { status: 401 | 403, .. } => Some(
                "give it MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD, in the environment".to_owned(),
            ),
            Self::NotTaken { .. } => Some("is its disk full or slow? What came in so far was taken out again".to_owned()),
            Self::Fs(_) | Self::Io { .. } | Self::Malformed { .. } | Self::Nothing { .. } | Self::Refused { .. } => None,
        }
    }

    /// Whether what was asked for is wrong, and not a system that failed.
    pub fn is_usage(&self) -> bool {
        match self {
            Self::Watch(error) => !matches!(error, WatchError::Io { .. } | WatchError::Fs(_) | WatchError::Database { .. }),
            Self::Malformed { .. } | Self::Nothing { .. } | Self::Known { .. } => true,
            Self::Io { source, .. } => source.kind() == io::ErrorKind::NotFound,
            Self::Fs(_) | Self::NotTaken { .. } | Self::Unreachable { .. } | Self::Refused { .. } => false,
        }
    }
}
