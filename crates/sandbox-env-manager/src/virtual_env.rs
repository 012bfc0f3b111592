//! venv, virtualenv and uv: a folder beside an interpreter of the machine.

use std::ffi::OsString;
use std::path::PathBuf;

use async_trait::async_trait;
use sandbox_process::Stdin;

use crate::backend::Backend;
use crate::child_env::Variables;
use crate::core::{Core, Step};
use crate::error::EnvError;
use crate::host::Host;
use crate::manager::{Family, Manager};
use crate::spec::EnvSpec;
use crate::tool::Tool;
use crate::{interpreter, name, tool};

/// An environment of venv, virtualenv or uv. Its name is a path.
#[derive(Debug, Clone)]
pub struct VirtualEnv {
    core: Core,
}

impl VirtualEnv {
    /// The environment of this specification. Nothing is looked for or made yet.
    ///
    /// # Errors
    /// A manager of the other family; a name that cannot be one.
    pub fn new(spec: EnvSpec, host: Host) -> Result<Self, EnvError> {
        if spec.manager.family() != Family::Venv {
            return Err(EnvError::UnknownManager { name: spec.manager.to_string(), hint: "use `CondaEnv`".to_owned() });
        }
        let prefix = name::locate(spec.manager, &spec.name, &host.folder, &[])?;
        Ok(Self { core: Core { spec, host, prefix } })
    }

    async fn interpreter(&self) -> Result<PathBuf, EnvError> {
        interpreter::find(self.core.spec.python.as_deref(), &self.core.host).await
    }

    fn arguments(&self, python: OsString) -> Vec<OsString> {
        let EnvSpec { manager, pip, copy, .. } = &self.core.spec;
        let sources = &self.core.host.sources;
        let mut args: Vec<OsString> = Vec::new();
        match manager {
            Manager::Venv => {
                args.extend(["-I", "-m", "venv"].map(OsString::from));
                args.extend((*pip == Some(false)).then(|| "--without-pip".into()));
                args.extend(copy.then(|| "--copies".into()));
            }
            Manager::Virtualenv => {
                args.extend(["-p".into(), python]);
                args.extend((*pip == Some(false)).then(|| "--no-seed".into()));
                args.extend(copy.then(|| "--copies".into()));
            }
            _ => {
                // A project around the folder has no say in which interpreter this is.
                args.extend(["venv".into(), "--no-project".into(), "-p".into(), python]);
                if *pip == Some(true) {
                    args.push("--seed".into());
                    args.extend(sources.uv());
                } else if sources.offline {
                    args.push("--offline".into());
                }
            }
        }
        args.push(self.core.prefix.clone().into());
        args
    }
}

#[async_trait]
impl Backend for VirtualEnv {
    fn core(&self) -> &Core {
        &self.core
    }

    async fn find_tool(&self) -> Result<Tool, EnvError> {
        if self.core.spec.manager != Manager::Venv {
            return tool::find(self.core.spec.manager, &self.core.host).await;
        }
        // The tool is the interpreter itself; its version is that of what it makes.
        Ok(Tool { path: self.interpreter().await?, version: String::new(), is_conda: false })
    }

    async fn steps(&self, tool: &Tool) -> Result<Vec<Step>, EnvError> {
        let manager = self.core.spec.manager;
        let mut set: Vec<(OsString, OsString)> = Vec::new();
        let python = match manager {
            Manager::Venv => OsString::new(),
            _ => match self.interpreter().await {
                Ok(path) => path.into(),
                // uv knows how to get one, when it may.
                Err(EnvError::NoInterpreter { wanted, .. }) if manager == Manager::Uv && self.core.host.downloads_python => wanted.into(),
                Err(error) => return Err(error),
            },
        };
        if manager == Manager::Uv && !self.core.host.downloads_python {
            set.push(("UV_PYTHON_DOWNLOADS".into(), "never".into()));
        }
        let step = Step {
            tool: if manager == Manager::Uv { "uv venv".to_owned() } else { manager.to_string() },
            program: tool.path.clone(),
            args: self.arguments(python),
            folder: self.core.host.folder.clone(),
            variables: self.core.variables(),
            set,
            stdin: Stdin::Empty,
            temporary: None,
        };
        Ok(vec![step])
    }

    fn cache_lock(&self, _tool: &Tool) -> Option<PathBuf> {
        None
    }

    async fn run_variables(&self) -> Result<Variables, EnvError> {
        Ok(self.core.activated())
    }
}
