//! Programs of others as components: training, inference and evaluation frameworks, watched while they run.
//!
//! ```text
//!  integration file ─┐                       ┌─► needs, checks ─► environment ─► program (its tree ends with us)
//!  type: command ────┼─► Definition ─► Work ─┤                                      │ lines
//!  type: python ─────┘   (templates)         └─◄ outputs ◄─ metrics, result ◄─ Log ◄┘──► file · events, at once
//! ```
//!
//! A framework is a YAML file and not code: its typed parameters, its environment, its command as a list of templates, what its lines
//! look like, and what it leaves. Values become arguments, or words in quotes where a script is written: none of them is ever read as
//! shell text. Nothing has to be printed at the end of a run: it ends when its program does.
//!
//! | module | what it holds |
//! | --- | --- |
//! | `definition`, `parameters`, `template` | what a file says, and a job's configuration held against it |
//! | `executor`, `log`, `program` | the trait [`ModelExecutor`], a log that is followed, a program that is ended |
//! | `serve` | a server that is started, asked about every row, and ended |
//! | `work`, `environment`, `gpus` | a job: looked over, installed, run, one run a GPU, values gathered |
//! | `kind`, `command`, `builtin` | what the registry gets |
//!
//! ```
//! let mut registry = sandbox_core::registry::Registry::new();
//! sandbox_integrations::register(&mut registry)?;
//! let types = registry.types(sandbox_core::hook::Category::ModelTrainer);
//! assert!(["command", "transformers", "modelscope", "easyanimate"].iter().all(|name| types.contains(name)));
//! # Ok::<(), sandbox_integrations::RegisterError>(())
//! ```

mod builtin;
mod command;
mod definition;
mod environment;
mod executor;
mod gpus;
mod kind;
mod log;
mod parameters;
mod program;
mod serve;
mod template;
mod work;

use std::path::Path;

use sandbox_core::registry::{Registry, RegistryError};
use sandbox_document::Problem;

pub use command::CommandKind;
pub use definition::{Check, Definition, EnvironmentPart, LogPart, Made, Need, Parameter, Serve, Setup, Type};
pub use executor::{Ended, ModelExecutor};
pub use kind::Integration;
pub use log::{Log, Measured, Reading, Silence, WatchLine};
pub use program::{Program, quoted, typed};
pub use template::{TemplateError, Templates};

/// Why integrations cannot be registered.
#[derive(Debug, thiserror::Error)]
pub enum RegisterError {
    /// A type is taken.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// A built-in file has faults: a fault of the build.
    #[error("a built-in integration has faults: {0}")]
    Builtin(String),
}

/// Adds `command`, `python` and the built-in integrations.
///
/// # Errors
/// When the registry has one of them already.
pub fn register(registry: &mut Registry) -> Result<(), RegisterError> {
    for category in builtin::ANY {
        registry.register(CommandKind::new(category))?;
    }
    for integration in builtin::builtins().map_err(RegisterError::Builtin)? {
        registry.register(integration)?;
    }
    Ok(())
}

/// Adds the integrations of a folder: every `.yaml` and `.yml` file in it.
///
/// # Errors
/// All that is wrong with them, with file and line; a folder that cannot be read; a type that is taken.
pub fn register_folder(registry: &mut Registry, folder: &Path) -> Result<(), Vec<Problem>> {
    let failed = |error: std::io::Error| vec![Problem::error(format!("Failed to read the folder `{}`: {error}", folder.display()))];
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|suffix| suffix == "yaml" || suffix == "yml") {
            files.push(path);
        }
    }
    files.sort();
    let mut problems = Vec::new();
    if files.is_empty() {
        problems.push(Problem::error(format!("the folder `{}` has no integration: no `.yaml` file", folder.display())));
    }
    for path in files {
        match Definition::read(&path) {
            Ok(definition) => {
                if let Some(integration) = Integration::new(definition)
                    && let Err(error) = registry.register(integration)
                {
                    problems.push(Problem::error(format!("`{}`: {error}", path.display())));
                }
            }
            Err(found) => problems.extend(found),
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(problems) }
}
