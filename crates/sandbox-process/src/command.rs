//! What to run, and how.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::error::ProcessError;
use crate::output::Output;
use crate::run::{self, Finished};

/// What a command reads.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Stdin {
    /// Nothing: its input is at its end.
    #[default]
    Empty,
    /// What we read.
    Inherit,
    /// These bytes.
    Bytes(Vec<u8>),
}

/// Asked some twenty times a second whether the tree is to end, and why.
#[derive(Clone)]
pub struct Until(pub(crate) Arc<dyn Fn() -> Option<String> + Send + Sync>);

impl Until {
    /// The reason to end it, as soon as there is one.
    pub fn new(reason: impl Fn() -> Option<String> + Send + Sync + 'static) -> Self {
        Self(Arc::new(reason))
    }
}

impl fmt::Debug for Until {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Until(..)")
    }
}

/// A command: argv, and never the text of a shell.
#[derive(Debug, Clone)]
pub struct Command {
    pub(crate) program: OsString,
    pub(crate) args: Vec<OsString>,
    pub(crate) folder: Option<PathBuf>,
    pub(crate) environment: Option<BTreeMap<OsString, OsString>>,
    pub(crate) stdin: Stdin,
    pub(crate) output: Output,
    pub(crate) timeout: Option<Duration>,
    pub(crate) grace: Duration,
    pub(crate) passes_signals: bool,
    pub(crate) until: Option<Until>,
    pub(crate) is_merged: bool,
    pub(crate) tail_bytes: usize,
}

impl Command {
    /// A command without arguments: our environment and folder, no input, output kept to its last 64 KiB, no timeout.
    pub fn new(program: impl AsRef<OsStr>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            args: Vec::new(),
            folder: None,
            environment: None,
            stdin: Stdin::Empty,
            output: Output::Keep,
            timeout: None,
            grace: Duration::from_secs(2),
            passes_signals: false,
            until: None,
            is_merged: false,
            tail_bytes: 64 << 10,
        }
    }

    /// One more argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// More arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// The folder to run in.
    #[must_use]
    pub fn folder(mut self, folder: impl AsRef<Path>) -> Self {
        self.folder = Some(folder.as_ref().to_owned());
        self
    }

    /// The whole environment, in place of ours.
    #[must_use]
    pub fn environment(mut self, variables: BTreeMap<OsString, OsString>) -> Self {
        self.environment = Some(variables);
        self
    }

    /// What it reads.
    #[must_use]
    pub fn stdin(mut self, stdin: Stdin) -> Self {
        self.stdin = stdin;
        self
    }

    /// Where its output goes.
    #[must_use]
    pub fn output(mut self, output: Output) -> Self {
        self.output = output;
        self
    }

    /// Ends the whole tree after this time.
    #[must_use]
    pub fn timeout(mut self, timeout: Option<Duration>) -> Self {
        self.timeout = timeout;
        self
    }

    /// The time between asking to end (SIGTERM) and ending (SIGKILL).
    #[must_use]
    pub fn grace(mut self, grace: Duration) -> Self {
        self.grace = grace;
        self
    }

    /// Passes SIGINT, SIGTERM and SIGHUP on to the tree; a second one kills it.
    #[must_use]
    pub fn pass_signals(mut self, passes: bool) -> Self {
        self.passes_signals = passes;
        self
    }

    /// Ends the whole tree as soon as there is a reason to: SIGTERM first, SIGKILL after the [`grace`](Self::grace).
    #[must_use]
    pub fn until(mut self, until: Option<Until>) -> Self {
        self.until = until;
        self
    }

    /// Gives both streams one pipe, as `2>&1` does: what is printed comes in the order in which it was printed, as standard output.
    #[must_use]
    pub fn merged(mut self, is_merged: bool) -> Self {
        self.is_merged = is_merged;
        self
    }

    /// How many last bytes of each stream are kept.
    #[must_use]
    pub fn tail_bytes(mut self, bytes: usize) -> Self {
        self.tail_bytes = bytes;
        self
    }

    /// Program and arguments as one would type them, for messages.
    pub fn words(&self) -> Vec<String> {
        std::iter::once(&self.program).chain(&self.args).map(|word| word.to_string_lossy().into_owned()).collect()
    }

    /// Runs it to its end. When the future is dropped, the whole tree is killed.
    ///
    /// # Errors
    /// [`ProcessError`]; a code other than 0 or a signal is not one.
    pub async fn run(&self) -> Result<Finished, ProcessError> {
        run::run(self).await
    }
}
