//! What an environment is made with and in: programs, sources, variables, folders, who listens.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use sandbox_process::Output;

use crate::child_env::Variables;
use crate::sources::Sources;

/// The surroundings of an environment. [`Host::from_process`] gives those of this process.
#[derive(Debug, Clone)]
pub struct Host {
    /// Relative paths begin here.
    pub folder: PathBuf,
    /// The variables to start from; what spoils environments is taken out of them for every child.
    pub variables: Variables,
    /// Variables that are left in all the same.
    pub keep: Vec<String>,
    /// The manager's program, when it is not that of PATH.
    pub tool: Option<PathBuf>,
    /// Where packages come from.
    pub sources: Sources,
    /// uv may download an interpreter. Otherwise only those of the machine are used.
    pub downloads_python: bool,
    /// Where a tool's talk goes while an environment is made or filled.
    pub talk: Output,
    /// How long a tool may take.
    pub timeout: Option<Duration>,
    /// How long to wait for another process that works on the same environment or package cache; without end when absent.
    pub patience: Option<Duration>,
    /// Ctrl-C and the like are passed on to what runs.
    pub passes_signals: bool,
}

impl Host {
    /// The surroundings of this process: its folder and variables, the tools' own sources, no time limits.
    pub fn from_process() -> Self {
        Self {
            folder: std::env::current_dir().unwrap_or_else(|_| PathBuf::from("/")),
            variables: std::env::vars_os().collect(),
            keep: Vec::new(),
            tool: None,
            sources: Sources::default(),
            downloads_python: false,
            talk: Output::Keep,
            timeout: None,
            patience: None,
            passes_signals: false,
        }
    }

    /// A variable that is set and not empty.
    pub(crate) fn variable(&self, name: &str) -> Option<&OsStr> {
        self.variables.get(OsStr::new(name)).map(|value| value.as_os_str()).filter(|value| !value.is_empty())
    }

    pub(crate) fn path_variable(&self, name: &str) -> Option<PathBuf> {
        self.variable(name).map(PathBuf::from).filter(|path| path.is_absolute())
    }

    pub(crate) fn home(&self) -> Option<PathBuf> {
        self.path_variable("HOME")
    }

    /// The folder for what can be found out again: `DJ_SANDBOX_CACHE_DIR`, else below the user's cache.
    pub(crate) fn cache(&self) -> Option<PathBuf> {
        let users = || self.path_variable("XDG_CACHE_HOME").or_else(|| Some(self.home()?.join(".cache")));
        self.path_variable("DJ_SANDBOX_CACHE_DIR").or_else(|| Some(users()?.join("dj-sandbox")))
    }

    /// The folder for what must not be lost: `DJ_SANDBOX_DATA_DIR`, else below the user's data.
    pub(crate) fn data(&self) -> Option<PathBuf> {
        let users = || self.path_variable("XDG_DATA_HOME").or_else(|| Some(self.home()?.join(".local/share")));
        self.path_variable("DJ_SANDBOX_DATA_DIR").or_else(|| Some(users()?.join("dj-sandbox")))
    }

    pub(crate) fn absolute(&self, path: &Path) -> PathBuf {
        self.folder.join(path)
    }
}
