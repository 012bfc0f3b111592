//! The interface: what one can do with an environment, whoever makes it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use sandbox_process::{Finished, Output, Stdin, Until};
use serde::Serialize;

use crate::child_env::Removed;
use crate::error::EnvError;
use crate::install::Dependencies;
use crate::spec::EnvSpec;
use crate::tool::Tool;

/// A Python environment of some manager.
///
/// ```text
///   router(manager) ─► dyn Env ─┬─ CondaEnv    conda, mamba, micromamba ─┐
///                               └─ VirtualEnv  venv, virtualenv, uv     ─┴─► sandbox_process::Command (argv)
///   create: lock ─► marker `creating` ─► tool ─► probe ─► marker `ready`
/// ```
///
/// Every method may be called from several processes at once: who changes an environment holds its lock.
#[async_trait]
pub trait Env: Send + Sync {
    /// What it should be.
    fn spec(&self) -> &EnvSpec;

    /// Where it is or will be: an absolute path.
    fn prefix(&self) -> &Path;

    /// Whether the manager's program is there and answers, and which it is.
    ///
    /// # Errors
    /// [`EnvError::ManagerMissing`] with how to install it, [`EnvError::BadTool`], [`EnvError::NoInterpreter`].
    async fn check_availability(&self) -> Result<Tool, EnvError>;

    /// What stands there, proved by starting its interpreter. Lists of a tool are not asked: they also fail, and a failed list is
    /// not an absent environment.
    ///
    /// # Errors
    /// Files that cannot be read.
    async fn status(&self) -> Result<Status, EnvError>;

    /// Whether it is there, ours, and what is asked for.
    ///
    /// # Errors
    /// As [`status`](Self::status).
    async fn exists(&self) -> Result<bool, EnvError> {
        Ok(matches!(self.status().await?, Status::Ready { .. }))
    }

    /// Makes it, unless it is ready. What an interrupted `create` of ours left is removed and made anew; what is not ours is
    /// never touched, unless the policy says so.
    ///
    /// # Errors
    /// [`EnvError::Foreign`], [`EnvError::Stale`], [`EnvError::ToolFailed`] with the tool's reason; a failed tool leaves nothing.
    async fn create(&self, policy: Policy) -> Result<Created, EnvError>;

    /// The exact commands that [`create`](Self::create) would run.
    ///
    /// # Errors
    /// As [`check_availability`](Self::check_availability).
    async fn plan(&self) -> Result<Vec<Invocation>, EnvError>;

    /// Installs Python packages. No dependencies are nothing to do.
    ///
    /// # Errors
    /// [`EnvError::Absent`], [`EnvError::BadDependency`], [`EnvError::ToolFailed`] with the tool's reason.
    async fn install_py_deps(&self, dependencies: &Dependencies) -> Result<(), EnvError>;

    /// Runs a command in it. Any code and any signal that it ends with is a result and not an error.
    ///
    /// # Errors
    /// [`EnvError::Absent`] and [`EnvError::Broken`] before anything runs; [`EnvError::Process`] when it cannot start or does not end.
    async fn run_cmd(&self, run: &Run) -> Result<Ran, EnvError>;

    /// What is installed.
    ///
    /// # Errors
    /// As [`run_cmd`](Self::run_cmd).
    async fn freeze(&self) -> Result<Frozen, EnvError>;

    /// Tool, interpreter, state and everything that is wrong, as far as it can be found out.
    ///
    /// # Errors
    /// Files that cannot be read.
    async fn doctor(&self) -> Result<Report, EnvError>;

    /// Removes it: what we made, or, with `force`, whatever stands there. True when something was removed.
    ///
    /// # Errors
    /// [`EnvError::Foreign`]; files that cannot be removed.
    async fn remove(&self, force: bool) -> Result<bool, EnvError>;
}

/// What stands at the place of an environment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "lowercase")]
pub enum Status {
    /// Nothing.
    Absent,
    /// Another process is making it.
    Creating {
        /// That process.
        pid: u32,
    },
    /// We made it, and it cannot be used.
    Broken {
        /// Why.
        reason: String,
    },
    /// Something that we did not make.
    Foreign {
        /// What it looks like.
        what: String,
    },
    /// Ours, and not what is asked for now.
    Stale {
        /// What differs.
        reason: String,
    },
    /// Ours, complete, and what is asked for.
    Ready {
        /// The digest of what it was made from.
        hash: String,
        /// The version of its interpreter, when it has one.
        python: Option<String>,
    },
}

impl Status {
    /// Its name, in one word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Creating { .. } => "creating",
            Self::Broken { .. } => "broken",
            Self::Foreign { .. } => "foreign",
            Self::Stale { .. } => "stale",
            Self::Ready { .. } => "ready",
        }
    }

    /// What there is to say about it.
    pub fn detail(&self) -> String {
        match self {
            Self::Absent => String::new(),
            Self::Creating { pid } => format!("by process {pid}"),
            Self::Broken { reason } | Self::Stale { reason } => reason.clone(),
            Self::Foreign { what } => what.clone(),
            Self::Ready { python, .. } => {
                python.as_ref().map_or_else(|| "without Python".to_owned(), |version| format!("Python {version}"))
            }
        }
    }
}

/// What `create` does with what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Policy {
    /// Removes and remakes ours, ready or stale.
    pub recreate: bool,
    /// Takes a healthy environment that somebody else made over as it is. It is ours from then on: `recreate` and `remove` apply.
    pub adopt: bool,
    /// Removes and remakes what is not ours. What is in it is lost.
    pub force: bool,
}

/// What `create` did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Created {
    /// Made it.
    Made,
    /// Removed what was left of an interrupted or broken one, and made it.
    Repaired,
    /// Took over what was there.
    Adopted,
    /// Nothing: it was ready.
    Kept,
}

/// A program with its arguments, to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// The program's file.
    pub program: PathBuf,
    /// Its arguments.
    pub args: Vec<OsString>,
    /// The folder it runs in.
    pub folder: PathBuf,
    /// Variables that are set for it.
    pub variables: Vec<(OsString, OsString)>,
}

impl Invocation {
    /// Program and arguments as words.
    pub fn words(&self) -> Vec<String> {
        let args = self.args.iter().map(|arg| crate::reason::masked(&arg.to_string_lossy()));
        std::iter::once(self.program.to_string_lossy().into_owned()).chain(args).collect()
    }
}

/// A command to run in an environment: argv.
#[derive(Debug, Clone)]
pub struct Run {
    /// The program, of the environment first.
    pub program: OsString,
    /// Its arguments, kept byte by byte.
    pub args: Vec<OsString>,
    /// The folder; without, that of the host.
    pub folder: Option<PathBuf>,
    /// Variables set on top of the environment's.
    pub variables: Vec<(OsString, OsString)>,
    /// What it reads.
    pub stdin: Stdin,
    /// Where its output goes.
    pub output: Output,
    /// Ends its whole tree after this time.
    pub timeout: Option<Duration>,
    /// Ends its whole tree as soon as there is a reason to.
    pub until: Option<Until>,
    /// Both streams in one, in the order in which they were printed.
    pub merged: bool,
    /// The time between asking to end and ending; without, two seconds.
    pub grace: Option<Duration>,
}

impl Run {
    /// A command without input and time limit, whose last output is kept.
    pub fn new<A: AsRef<OsStr>>(program: impl AsRef<OsStr>, args: impl IntoIterator<Item = A>) -> Self {
        Self {
            program: program.as_ref().to_owned(),
            args: args.into_iter().map(|arg| arg.as_ref().to_owned()).collect(),
            folder: None,
            variables: Vec::new(),
            stdin: Stdin::Empty,
            output: Output::Keep,
            timeout: None,
            until: None,
            merged: false,
            grace: None,
        }
    }

    /// Text for a shell, for who asks for one: `sh -c TEXT`.
    pub fn shell(text: impl AsRef<OsStr>) -> Self {
        Self::new("sh", [OsStr::new("-c"), text.as_ref()])
    }
}

/// A command that ran in an environment.
#[derive(Debug, Clone)]
pub struct Ran {
    /// How it ended and what it said last.
    pub finished: Finished,
    /// The variables that it did not get.
    pub removed: Vec<Removed>,
}

/// What is installed in an environment.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Frozen {
    /// The version of the interpreter.
    pub python: Option<String>,
    /// Python packages as requirements, sorted.
    pub packages: Vec<String>,
    /// Packages of channels, `name=version=build`, sorted.
    pub conda: Vec<String>,
}

/// What there is to know about an environment.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// Its manager.
    pub manager: crate::manager::Manager,
    /// Its name as it was given.
    pub name: String,
    /// Where it is.
    pub prefix: PathBuf,
    /// What stands there.
    #[serde(flatten)]
    pub status: Status,
    /// The manager's program.
    pub tool: Option<Tool>,
    /// Its interpreter: file, version, and the installation it comes from.
    pub interpreter: Option<(PathBuf, String, PathBuf)>,
    /// Who installs packages into it: `pip`, `uv`, or nobody.
    pub installer: Option<String>,
    /// The program that made it, with its version.
    pub made_by: Option<(PathBuf, String)>,
    /// Variables of this process that are taken out for what runs in it.
    pub removed: Vec<Removed>,
    /// Everything that is wrong, in sentences.
    pub problems: Vec<String>,
}
