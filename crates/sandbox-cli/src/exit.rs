//! How the program ends: the exit codes of `docs/errors.md`.

use std::process::ExitCode;

/// An exit code with a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Everything asked for was done.
    Done,
    /// A fault of the program itself.
    Internal,
    /// The command line, a configuration or a recipe is wrong; nothing was run.
    Usage,
    /// A job failed.
    Failed,
    /// Everything ran, and the targets are not met.
    TargetsNotMet,
    /// Done, but rows could not be used and were set aside.
    RowsRejected,
    /// Stopped by Ctrl-C; `--resume` goes on.
    Interrupted,
    /// A command that ran in an environment ended with this code, which is passed on.
    Passed(u8),
}

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Done => 0,
            Self::Internal => 1,
            Self::Usage => 2,
            Self::Failed => 3,
            Self::TargetsNotMet => 4,
            Self::RowsRejected => 5,
            Self::Interrupted => 130,
            Self::Passed(code) => code,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit.code())
    }
}
