//! Python environments of conda, mamba, micromamba, venv, virtualenv and uv behind one interface, [`Env`], with the same promises for
//! all of them: commands are argv, a kill leaves what the next call can mend, what is not ours is never touched.
//!
//! ```no_run
//! # tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
//! use sandbox_env_manager::{Dependencies, EnvSpec, Host, Manager, Policy, Run, open};
//!
//! let spec = EnvSpec { manager: Manager::Uv, name: "envs/train".into(), python: Some("3.11".into()), ..EnvSpec::default() };
//! let env = open(spec, Host::from_process())?;
//! env.create(Policy::default()).await?;
//! env.install_py_deps(&Dependencies::list(["six"])).await?;
//! let ran = env.run_cmd(&Run::new("python", ["-c", "import six; print(six.__version__)"])).await?;
//! assert!(ran.finished.status.is_success());
//! # Ok::<(), sandbox_env_manager::EnvError>(()) })?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | what it holds |
//! | --- | --- |
//! | `env` | the trait and its words: status, policy, run, report |
//! | `conda`, `virtual_env` | what the two families do differently |
//! | `lifecycle`, `inspect`, `remove`, `state` | how an environment comes to be, is told apart, and goes; locks and markers |
//! | `install`, `work`, `report` | packages in, commands run, what is there |
//! | `sources`, `child_env` | one setting for where packages come from; the environment that children get |
//! | `interpreter`, `probe`, `tool` | programs: found, asked, proved |
//! | `settings` | `env_name`, `env_manager`, `env_params` of configurations |

mod backend;
mod child_env;
mod conda;
mod core;
mod env;
mod error;
mod host;
mod index;
mod inspect;
mod install;
mod interpreter;
mod lifecycle;
mod manager;
mod name;
mod probe;
mod reason;
mod remove;
mod report;
mod settings;
mod sources;
mod spec;
mod state;
mod tool;
mod virtual_env;
mod work;

pub use child_env::{Removed, Variables, clean};
pub use conda::CondaEnv;
pub use env::{Created, Env, Frozen, Invocation, Policy, Ran, Report, Run, Status};
pub use error::EnvError;
pub use host::Host;
pub use index::{Known, known};
pub use install::{Dependencies, Library};
pub use manager::{Family, Manager};
pub use settings::{EnvParams, EnvSettings};
pub use sources::Sources;
pub use spec::{EnvSpec, Written};
pub use tool::Tool;
pub use virtual_env::VirtualEnv;

/// The environment of a specification, whoever its manager is. Nothing is started or made yet.
///
/// # Errors
/// A name that cannot be one.
pub fn open(spec: EnvSpec, host: Host) -> Result<Box<dyn Env>, EnvError> {
    Ok(match spec.manager.family() {
        Family::Conda => Box::new(CondaEnv::new(spec, host)?),
        Family::Venv => Box::new(VirtualEnv::new(spec, host)?),
    })
}
