//! What can go wrong with an environment, as kinds and not as texts.

use std::path::PathBuf;

use sandbox_fs::FsError;
use sandbox_process::{ProcessError, Status};

use crate::manager::Manager;

/// A failure of ours or of a tool. A command that ran in an environment and ended with a code is none of them.
#[derive(Debug, thiserror::Error)]
pub enum EnvError {
    /// No manager has this name.
    #[error("unknown environment manager `{name}`")]
    UnknownManager {
        /// As it was written.
        name: String,
        /// The nearest name, or all.
        hint: String,
    },
    /// The manager's program is not there.
    #[error("Failed to find `{manager}`: it is not in a folder of PATH")]
    ManagerMissing {
        /// Whose program.
        manager: Manager,
    },
    /// The named program is not there or is none.
    #[error("Failed to use `{}` as `{manager}`: {reason}", path.display())]
    BadTool {
        /// For which manager.
        manager: Manager,
        /// The program.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A name or path that some tool would misread.
    #[error("`{name}` is not usable as the name of an environment: {reason}")]
    BadName {
        /// As it was written.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A specification that says two things, or one that the manager cannot do.
    #[error("{reason}")]
    BadSpec {
        /// What is wrong.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// No interpreter of the version.
    #[error("Failed to find Python {wanted}; found: {}", list(found))]
    NoInterpreter {
        /// The version.
        wanted: String,
        /// What was found in its place, with versions.
        found: Vec<String>,
    },
    /// Nothing stands there.
    #[error("the environment `{}` does not exist", prefix.display())]
    Absent {
        /// Where it was looked for.
        prefix: PathBuf,
    },
    /// Something stands there that was not made by us.
    #[error("`{}` was not made by this program and is left alone: {what}", prefix.display())]
    Foreign {
        /// The folder.
        prefix: PathBuf,
        /// What it looks like.
        what: String,
    },
    /// The environment is not what is asked for now.
    #[error("the environment `{}` is stale: {reason}", prefix.display())]
    Stale {
        /// The environment.
        prefix: PathBuf,
        /// What differs.
        reason: String,
    },
    /// The environment cannot be used.
    #[error("the environment `{}` is broken: {reason}", prefix.display())]
    Broken {
        /// The environment.
        prefix: PathBuf,
        /// What is wrong.
        reason: String,
        /// What to do.
        hint: String,
    },
    /// Another process works on it.
    #[error("the environment `{}` is in use by another process", prefix.display())]
    InUse {
        /// The environment.
        prefix: PathBuf,
    },
    /// The tool ran and failed: this is its reason.
    #[error("`{tool}` failed with {status}: {reason}")]
    ToolFailed {
        /// Program and verb, such as `uv pip install`.
        tool: String,
        /// How it ended.
        status: Status,
        /// What it said, cut down to its reason.
        reason: String,
    },
    /// Dependencies that cannot be handed to an installer.
    #[error("Failed to use the dependency `{dependency}`: {reason}")]
    BadDependency {
        /// As it was written.
        dependency: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The environment has no pip, and there is no uv.
    #[error("Failed to install into `{}`: it has no pip, and there is no `uv` to do it", prefix.display())]
    NoInstaller {
        /// The environment.
        prefix: PathBuf,
    },
    /// A process could not be run to its end.
    #[error(transparent)]
    Process(#[from] ProcessError),
    /// A file could not be read or written.
    #[error(transparent)]
    Fs(#[from] FsError),
}

impl EnvError {
    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        Some(match self {
            Self::UnknownManager { hint, .. } | Self::BadSpec { hint, .. } => hint.clone(),
            Self::Broken { hint, .. } => hint.clone(),
            Self::ManagerMissing { manager } => manager.how_to_install().to_owned(),
            Self::NoInterpreter { wanted, .. } => {
                format!("install Python {wanted}, give the path of an interpreter, or let conda, mamba or micromamba bring it")
            }
            Self::Absent { .. } => "make it with `dj-sandbox env create`".to_owned(),
            Self::Foreign { .. } => {
                "`adopt` takes a healthy environment over as it is, `force` removes what is there and makes it anew; or choose another name"
                    .to_owned()
            }
            Self::Stale { .. } => "`recreate` removes it and makes it anew".to_owned(),
            Self::NoInstaller { .. } => "`pip install uv`, or make the environment with pip in it".to_owned(),
            Self::InUse { .. } => "wait until it has ended".to_owned(),
            _ => return None,
        })
    }

    /// Whether what was asked for is wrong, so that nothing was run.
    pub fn is_usage(&self) -> bool {
        matches!(
            self,
            Self::UnknownManager { .. }
                | Self::ManagerMissing { .. }
                | Self::BadTool { .. }
                | Self::BadName { .. }
                | Self::BadSpec { .. }
                | Self::NoInterpreter { .. }
                | Self::BadDependency { .. }
        )
    }
}

fn list(found: &[String]) -> String {
    if found.is_empty() { "none".to_owned() } else { found.join(", ") }
}
