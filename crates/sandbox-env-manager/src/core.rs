//! What both families share: one environment, its surroundings, and the steps that change it.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use sandbox_fs::FsError;
use sandbox_process::{Command, Finished, Line, Output, Source, Stdin};

use crate::child_env::{Variables, clean};
use crate::env::Invocation;
use crate::error::EnvError;
use crate::host::Host;
use crate::manager::Family;
use crate::reason;
use crate::spec::EnvSpec;
use crate::state::{Lock, is_held};

/// One environment in its surroundings.
#[derive(Debug, Clone)]
pub(crate) struct Core {
    pub spec: EnvSpec,
    pub host: Host,
    pub prefix: PathBuf,
}

/// A tool's command that changes the environment or tells of it.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    /// Program and verb, for messages.
    pub tool: String,
    pub program: PathBuf,
    pub args: Vec<OsString>,
    pub folder: PathBuf,
    pub variables: Variables,
    /// Variables on top, which a reader of a plan should see.
    pub set: Vec<(OsString, OsString)>,
    pub stdin: Stdin,
    /// A file that was written for it and is of no use after it.
    pub temporary: Option<PathBuf>,
}

impl Step {
    pub fn invocation(&self) -> Invocation {
        Invocation { program: self.program.clone(), args: self.args.clone(), folder: self.folder.clone(), variables: self.set.clone() }
    }
}

impl Core {
    /// The environment's interpreter: an absolute path, never its name.
    pub fn python(&self) -> PathBuf {
        self.prefix.join("bin/python")
    }

    /// The cleaned variables, without any activation.
    pub fn variables(&self) -> Variables {
        clean(&self.host.variables, &self.host.keep).0
    }

    /// The variables of a command in an environment of the venv family.
    pub fn activated(&self) -> Variables {
        let mut variables = self.variables();
        let bin = self.prefix.join("bin");
        let rest = variables.get(OsStr::new("PATH")).cloned().unwrap_or_default();
        let folders = std::iter::once(bin).chain(std::env::split_paths(&rest));
        // A folder with `:` in it was refused with the name.
        variables.insert("PATH".into(), std::env::join_paths(folders).unwrap_or(rest));
        variables.insert("VIRTUAL_ENV".into(), self.prefix.clone().into());
        variables
    }

    /// Takes the environment's lock, or that of a cache; says so when somebody else has it.
    pub async fn lock(&self, path: &Path) -> Result<Lock, EnvError> {
        if let Output::Lines(sink) = &self.host.talk
            && is_held(path)
        {
            let text = format!("waiting for another process that works on `{}`\n", self.prefix.display());
            sink(Line { source: Source::Stderr, bytes: text.as_bytes() });
        }
        Lock::take(path, self.host.patience).await.map_err(|error| match error {
            FsError::InUse { .. } => EnvError::InUse { prefix: self.prefix.clone() },
            error => error.into(),
        })
    }

    /// Runs a tool; any end but success is its failure, with its reason.
    pub async fn tool(&self, step: &Step) -> Result<Finished, EnvError> {
        self.run(step, self.host.talk.clone(), 64 << 10).await
    }

    /// As [`tool`](Self::tool), for output that is data and not talk.
    pub async fn ask(&self, step: &Step) -> Result<Finished, EnvError> {
        self.run(step, Output::Keep, 16 << 20).await
    }

    async fn run(&self, step: &Step, output: Output, tail_bytes: usize) -> Result<Finished, EnvError> {
        let mut variables = step.variables.clone();
        variables.extend(step.set.iter().cloned());
        let command = Command::new(&step.program)
            .args(&step.args)
            .folder(&step.folder)
            .environment(variables)
            .stdin(step.stdin.clone())
            .output(output)
            .tail_bytes(tail_bytes)
            .timeout(self.host.timeout)
            .pass_signals(self.host.passes_signals);
        let finished = command.run().await?;
        if finished.status.is_success() {
            return Ok(finished);
        }
        Err(EnvError::ToolFailed { tool: step.tool.clone(), status: finished.status, reason: reason::of(&finished.tail) })
    }

    /// Whether what stands there looks like an environment of the family.
    pub fn looks_complete(&self) -> Result<(), String> {
        let sign = match self.spec.manager.family() {
            Family::Conda => "conda-meta/history",
            Family::Venv => "pyvenv.cfg",
        };
        if self.prefix.join(sign).is_file() { Ok(()) } else { Err(format!("it has no `{sign}`")) }
    }
}

/// What stands at a place that is not ours, in words.
pub(crate) fn describe(prefix: &Path) -> String {
    let has = |sign: &str| prefix.join(sign).exists();
    if prefix.is_symlink() {
        "it is a link".to_owned()
    } else if !prefix.is_dir() {
        "it is a file".to_owned()
    } else if has("conda-meta") {
        "it is an environment of conda, mamba or micromamba".to_owned()
    } else if has("pyvenv.cfg") {
        "it is an environment of venv, virtualenv or uv".to_owned()
    } else if std::fs::read_dir(prefix).is_ok_and(|mut entries| entries.next().is_none()) {
        "it is an empty folder".to_owned()
    } else {
        "it is a folder with other files".to_owned()
    }
}
