//! conda, mamba and micromamba: an interpreter and packages from channels.
//!
//! Never `init`: it rewrites the user's shell files and the installation, and mamba 2 and micromamba have no such command. Never
//! `-n`: where a name leads depends on files of settings. Never a path out of `--json`: micromamba masks `/t/...` in them. Never
//! `create -y` where something stands: it deletes that, with all files in it.

mod activation;
mod file;
mod places;

use std::ffi::OsString;
use std::path::PathBuf;

use async_trait::async_trait;
use sandbox_process::Stdin;

use crate::backend::Backend;
use crate::child_env::Variables;
use crate::core::{Core, Step};
use crate::error::EnvError;
use crate::host::Host;
use crate::manager::Family;
use crate::name;
use crate::spec::EnvSpec;
use crate::tool::{self, Tool};

/// An environment of conda, mamba or micromamba, by name, by path, with packages or with an environment file.
#[derive(Debug, Clone)]
pub struct CondaEnv {
    core: Core,
}

impl CondaEnv {
    /// The environment of this specification. Nothing is started or made yet. A name without `/` is looked for in the folders of
    /// environments: `DJ_SANDBOX_ENVS_DIR`, `CONDA_ENVS_DIRS`, those of the tool's installation, `~/.conda/envs`.
    ///
    /// # Errors
    /// A manager of the other family; a name that cannot be one.
    pub fn new(spec: EnvSpec, host: Host) -> Result<Self, EnvError> {
        if spec.manager.family() != Family::Conda {
            return Err(EnvError::UnknownManager { name: spec.manager.to_string(), hint: "use `VirtualEnv`".to_owned() });
        }
        let folders = places::environments(spec.manager, &host);
        let prefix = name::locate(spec.manager, &spec.name, &host.folder, &folders)?;
        let spec = EnvSpec { file: spec.file.map(|file| host.absolute(&file)), ..spec };
        Ok(Self { core: Core { spec, host, prefix } })
    }

    /// The arguments, the folder to run in, and the file that was written for it.
    fn arguments(&self, tool: &Tool) -> Result<(Vec<OsString>, PathBuf, Option<PathBuf>), EnvError> {
        let Core { spec, host, prefix } = &self.core;
        let mut args: Vec<OsString> = Vec::new();
        let (mut folder, mut temporary) = (host.folder.clone(), None);
        let from_file = spec.file.is_some();
        if from_file && tool.is_conda {
            args.extend(["env".into(), "create".into()]);
        } else {
            args.extend(["create".into(), "-y".into()]);
            // Bytecode is made when a module is first imported; all of it at once takes eight times as long as the rest.
            args.extend((!tool.is_conda).then(|| "--no-pyc".into()));
        }
        args.extend(["-p".into(), prefix.clone().into()]);
        if let Some(path) = &spec.file {
            folder = path.parent().unwrap_or(&folder).to_owned();
            let given = file::prepared(path, &host.sources)?;
            temporary = (given != *path).then(|| given.clone());
            args.extend(["-f".into(), given.into()]);
        } else {
            args.extend(host.sources.conda(tool.is_conda));
            if spec.copy {
                args.push(if tool.is_conda { "--copy".into() } else { "--always-copy".into() });
            }
            args.push(spec.python.as_ref().map_or_else(|| "python".into(), |version| format!("python={version}").into()));
            args.extend((spec.pip == Some(true)).then(|| "pip".into()));
        }
        args.extend(spec.packages.iter().map(OsString::from));
        Ok((args, folder, temporary))
    }
}

#[async_trait]
impl Backend for CondaEnv {
    fn core(&self) -> &Core {
        &self.core
    }

    async fn find_tool(&self) -> Result<Tool, EnvError> {
        tool::find(self.core.spec.manager, &self.core.host).await
    }

    async fn steps(&self, tool: &Tool) -> Result<Vec<Step>, EnvError> {
        let Core { spec, host, .. } = &self.core;
        if host.sources.offline && !tool.is_conda && spec.file.is_none() && !host.sources.has_only_local_channels() {
            return Err(EnvError::BadSpec {
                reason: format!("`{}` cannot work offline with channels of the network", spec.manager),
                hint: "give a channel that is a folder: `--channel file:///path/to/channel`".to_owned(),
            });
        }
        if spec.file.is_some() && !spec.packages.is_empty() {
            return Err(EnvError::BadSpec {
                reason: "packages and an environment file are both given".to_owned(),
                hint: "name the packages in the file".to_owned(),
            });
        }
        let (args, folder, temporary) = self.arguments(tool)?;
        let mut set = host.sources.pip_variables();
        // conda keeps to this; micromamba adds every environment to `~/.conda/environments.txt` all the same.
        set.push(("CONDA_REGISTER_ENVS".into(), "false".into()));
        if spec.pip == Some(false) {
            set.push(("CONDA_ADD_PIP_AS_PYTHON_DEPENDENCY".into(), "false".into()));
        }
        if spec.copy {
            set.push(("CONDA_ALWAYS_COPY".into(), "true".into()));
        }
        let tool_name = format!("{} {}", spec.manager, if spec.file.is_some() && tool.is_conda { "env create" } else { "create" });
        let variables = self.core.variables();
        Ok(vec![Step { tool: tool_name, program: tool.path.clone(), args, folder, variables, set, stdin: Stdin::Empty, temporary }])
    }

    /// Three creations at once with a cold cache broke conda in 4 of 4 rounds and micromamba in 3 of 4.
    fn cache_lock(&self, tool: &Tool) -> Option<PathBuf> {
        places::cache_lock(tool, &self.core.host)
    }

    async fn run_variables(&self) -> Result<Variables, EnvError> {
        activation::variables(self).await
    }

    fn forget(&self) {
        activation::forget(&self.core);
    }
}
