//! What is in an environment and how it is.

use std::fs;
use std::path::Path;

use serde::Deserialize;

use crate::backend::Backend;
use crate::child_env::clean;
use crate::core::{Core, Step};
use crate::env::{Frozen, Report, Status};
use crate::error::EnvError;
use crate::inspect::{inspect, prove};
use crate::install;
use crate::manager::Family;
use crate::work::usable;

/// Names and versions where neither pip nor uv is there to ask.
const DISTRIBUTIONS: &str = "import importlib.metadata as m
for d in m.distributions():
    print('%s==%s' % (d.metadata['Name'], d.version))";

/// See [`Env::freeze`](crate::Env::freeze).
pub(crate) async fn freeze(core: &Core) -> Result<Frozen, EnvError> {
    usable(core)?;
    let mut frozen = Frozen { conda: conda_packages(&core.prefix), ..Frozen::default() };
    let unusable = |reason| EnvError::Broken { prefix: core.prefix.clone(), reason, hint: "make it anew".to_owned() };
    let Some(interpreter) = prove(core, false).await.map_err(unusable)? else { return Ok(frozen) };
    let step = match install::installer(core, &interpreter).await {
        Ok(installer) => install::freeze_step(core, &installer),
        Err(_) => Step {
            tool: "python".to_owned(),
            program: core.python(),
            args: ["-I", "-c", DISTRIBUTIONS].map(Into::into).into(),
            folder: core.host.folder.clone(),
            variables: core.variables(),
            set: Vec::new(),
            stdin: sandbox_process::Stdin::Empty,
            temporary: None,
        },
    };
    let finished = core.ask(&step).await?;
    let text = finished.tail.stdout.text();
    frozen.python = Some(interpreter.version);
    frozen.packages = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect();
    frozen.packages.sort_by_key(|line| line.to_ascii_lowercase());
    Ok(frozen)
}

/// A record of conda's.
#[derive(Deserialize)]
struct Record {
    name: String,
    version: String,
    build: String,
}

fn conda_packages(prefix: &Path) -> Vec<String> {
    let entries = fs::read_dir(prefix.join("conda-meta")).into_iter().flatten().flatten();
    let records = entries.filter(|entry| entry.path().extension().is_some_and(|suffix| suffix == "json"));
    let mut packages: Vec<String> = records
        .filter_map(|entry| serde_json::from_slice::<Record>(&fs::read(entry.path()).ok()?).ok())
        .map(|record| format!("{}={}={}", record.name, record.version, record.build))
        .collect();
    packages.sort();
    packages
}

/// See [`Env::doctor`](crate::Env::doctor).
pub(crate) async fn doctor<B: Backend + ?Sized>(backend: &B) -> Result<Report, EnvError> {
    let core = backend.core();
    let mut problems = Vec::new();
    let mut note = |error: &EnvError| {
        problems.push(match error.hint() {
            Some(hint) => format!("{error} ({hint})"),
            None => error.to_string(),
        });
    };
    if let Err(error) = core.spec.check() {
        note(&error);
    }
    let tool = backend.find_tool().await.inspect_err(&mut note).ok();
    let asked = core.spec.written().inspect_err(&mut note).ok();
    let asked = match asked {
        Some(asked) => asked,
        None => crate::EnvSpec { file: None, ..core.spec.clone() }.written()?,
    };
    let found = inspect(core, &asked, false).await?;
    // Of what is not ours the interpreter is asked all the same.
    let interpreter = match found.interpreter {
        Some(interpreter) => Some(interpreter),
        None if matches!(found.status, Status::Foreign { .. }) => prove(core, false).await.ok().flatten(),
        None => None,
    };
    let mut installer = None;
    if let Some(interpreter) = &interpreter {
        installer = install::installer(core, interpreter).await.inspect_err(&mut note).ok().map(|found| found.name().to_owned());
    }
    if let Status::Broken { reason } | Status::Stale { reason } = &found.status {
        problems.push(reason.clone());
    }
    if core.spec.manager.family() == Family::Conda && core.prefix.to_string_lossy().contains(' ') {
        problems.push("its path holds a blank, which scripts of some packages do not survive".to_owned());
    }
    Ok(Report {
        manager: core.spec.manager,
        name: core.spec.name.clone(),
        prefix: core.prefix.clone(),
        status: found.status,
        tool,
        interpreter: interpreter.map(|found| (found.executable, found.version, found.base)),
        installer,
        made_by: found.marker.and_then(|marker| marker.tool),
        removed: clean(&core.host.variables, &core.host.keep).1,
        problems,
    })
}
