//! How the program ends: the exit codes of `docs/errors.md`.

use std::process::ExitCode;

/// An exit code with a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything asked for was done.
    Done = 0,
    /// A fault of the program itself.
    Internal = 1,
    /// The command line, a configuration or a recipe is wrong; nothing was run.
    Usage = 2,
    /// A job failed.
    Failed = 3,
    /// Everything ran, and the targets are not met.
    TargetsNotMet = 4,
    /// Done, but rows could not be used and were set aside.
    RowsRejected = 5,
    /// Stopped by Ctrl-C; `--resume` goes on.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}
