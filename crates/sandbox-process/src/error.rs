//! Why a command could not be run to its end. A command that ends with a code other than 0 is not an error here.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::output::Tail;
use crate::run::Status;

/// What kept a command from ending by itself.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// No such program.
    #[error("Failed to find the program `{program}`")]
    NotFound {
        /// As it was asked for.
        program: String,
        /// The folders that were searched.
        searched: Vec<PathBuf>,
    },
    /// A file that may not be executed.
    #[error("Failed to start `{}`: it is not an executable file", path.display())]
    NotExecutable {
        /// The file.
        path: PathBuf,
    },
    /// The system refused to start it.
    #[error("Failed to start `{program}`: {source}")]
    Start {
        /// As it was asked for.
        program: String,
        /// The system's reason.
        source: io::Error,
    },
    /// It ran too long; its whole tree was ended.
    #[error("`{program}` did not end within {} s", after.as_secs_f64())]
    Timeout {
        /// As it was asked for.
        program: String,
        /// The time it had.
        after: Duration,
        /// The last it said.
        tail: Box<Tail>,
    },
    /// We were asked to stop, passed it on, and it ended.
    #[error("`{program}` was interrupted")]
    Interrupted {
        /// As it was asked for.
        program: String,
        /// The signal that we received.
        signal: i32,
        /// How it ended then.
        status: Status,
        /// The last it said.
        tail: Box<Tail>,
    },
    /// Whoever runs it had a reason to end it.
    #[error("`{program}` was ended: {reason}")]
    Ended {
        /// As it was asked for.
        program: String,
        /// That reason.
        reason: String,
        /// How it ended then.
        status: Status,
        /// The last it said.
        tail: Box<Tail>,
    },
    /// Its pipes or its end could not be read.
    #[error("Failed to watch `{program}`: {source}")]
    Watch {
        /// As it was asked for.
        program: String,
        /// The system's reason.
        source: io::Error,
    },
}
