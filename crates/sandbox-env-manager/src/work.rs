//! What is done in an environment that is there: packages in, commands run.

use sandbox_process::Command;

use crate::backend::Backend;
use crate::child_env::clean;
use crate::core::Core;
use crate::env::{Ran, Run, Status};
use crate::error::EnvError;
use crate::inspect::inspect;
use crate::install::{self, Dependencies};
use crate::manager::Family;
use crate::state::{Marker, Phase, Token, beside, is_held};

/// See [`Env::install_py_deps`](crate::Env::install_py_deps).
pub(crate) async fn install(core: &Core, dependencies: &Dependencies) -> Result<(), EnvError> {
    if dependencies.is_empty() {
        return Ok(());
    }
    if core.prefix.symlink_metadata().is_err() {
        return Err(EnvError::Absent { prefix: core.prefix.clone() });
    }
    let _lock = core.lock(&beside(&core.prefix, ".lock")).await?;
    let asked = crate::EnvSpec { file: None, ..core.spec.clone() }.written()?;
    let found = inspect(core, &asked, true).await?;
    let prefix = core.prefix.clone();
    match found.status {
        // What it was made for does not matter to who only adds packages.
        Status::Ready { .. } | Status::Stale { .. } => {}
        Status::Foreign { what } => return Err(EnvError::Foreign { prefix, what }),
        Status::Broken { reason } => return Err(broken(core, reason)),
        Status::Absent | Status::Creating { .. } => return Err(EnvError::Absent { prefix }),
    }
    let interpreter = found.interpreter.ok_or_else(|| broken(core, "it has no Python to install packages for".to_owned()))?;
    let installer = install::installer(core, &interpreter).await?;
    core.tool(&install::step(core, &installer, dependencies)?).await?;
    Ok(())
}

/// See [`Env::run_cmd`](crate::Env::run_cmd).
pub(crate) async fn run<B: Backend + ?Sized>(backend: &B, run: &Run) -> Result<Ran, EnvError> {
    let core = backend.core();
    usable(core)?;
    let mut variables = backend.run_variables().await?;
    variables.extend(run.variables.iter().cloned());
    let folder = run.folder.as_ref().map_or_else(|| core.host.folder.clone(), |folder| core.host.absolute(folder));
    let mut command = Command::new(&run.program)
        .args(&run.args)
        .folder(folder)
        .environment(variables)
        .stdin(run.stdin.clone())
        .output(run.output.clone())
        .timeout(run.timeout)
        .until(run.until.clone())
        .merged(run.merged)
        .pass_signals(core.host.passes_signals);
    if let Some(grace) = run.grace {
        command = command.grace(grace);
    }
    let finished = command.run().await?;
    Ok(Ran { finished, removed: clean(&core.host.variables, &core.host.keep).1 })
}

/// Whether commands can run there, without starting one: a look at a few files. Other people's environments can be used too.
///
/// conda's own `run` in an environment that is not there ends with 1, as a command might; the original even ran on outside of it.
pub(crate) fn usable(core: &Core) -> Result<(), EnvError> {
    let prefix = core.prefix.clone();
    if core.prefix.symlink_metadata().is_err() {
        return Err(EnvError::Absent { prefix });
    }
    match Marker::read(&core.prefix)?.map(|marker| marker.phase) {
        Some(Phase::Creating) if is_held(&beside(&core.prefix, ".lock")) => return Err(EnvError::InUse { prefix }),
        Some(Phase::Creating) => return Err(broken(core, "its creation was interrupted".to_owned())),
        Some(Phase::Removing) => return Err(broken(core, "its removal was interrupted".to_owned())),
        Some(Phase::Ready) | None => {}
    }
    if let Some(token) = Token::read(&core.prefix).filter(|token| token.prefix != core.prefix) {
        return Err(broken(
            core,
            format!("it was moved or copied from `{}`, and an environment holds its own path", token.prefix.display()),
        ));
    }
    core.looks_complete().map_err(|reason| broken(core, reason))?;
    let python = core.python();
    let is_dangling = python.symlink_metadata().is_ok() && !python.exists();
    if is_dangling || (core.spec.manager.family() == Family::Venv && !python.exists()) {
        let target = python.read_link().unwrap_or_else(|_| python.clone());
        return Err(broken(core, format!("its interpreter `{}` leads to `{}`, which is gone", python.display(), target.display())));
    }
    Ok(())
}

fn broken(core: &Core, reason: String) -> EnvError {
    EnvError::Broken { prefix: core.prefix.clone(), reason, hint: "`dj-sandbox env create` makes what it once made anew".to_owned() }
}
