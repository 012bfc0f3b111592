//! `dj-sandbox env status|freeze|doctor|ls`: what is there.

use sandbox_env_manager::{Env, EnvError, EnvSpec, Host, Status, known, open};
use serde_json::json;

use crate::exit::Exit;
use crate::printer::Printer;
use crate::render::environments;

/// For scripts, only `ready` is success.
fn exit(status: &Status) -> Exit {
    if matches!(status, Status::Ready { .. }) { Exit::Done } else { Exit::Failed }
}

pub(super) async fn status(env: &dyn Env, printer: Printer) -> Result<Exit, EnvError> {
    let status = env.status().await?;
    if printer.json {
        printer.value(&json!({"event": "env_status", "prefix": env.prefix(), "state": status}));
    } else {
        let detail = status.detail();
        printer.data(format!("{}{}{detail}", status.word(), if detail.is_empty() { "" } else { ": " }));
    }
    Ok(exit(&status))
}

pub(super) async fn freeze(env: &dyn Env, printer: Printer) -> Result<Exit, EnvError> {
    let frozen = env.freeze().await?;
    if printer.json {
        printer.value(&frozen);
    } else {
        // Requirements, as `install -r` reads them back; what else there is are comments.
        let python = frozen.python.iter().map(|version| format!("# python {version}"));
        let conda = frozen.conda.iter().map(|package| format!("# conda {package}"));
        let lines: Vec<String> = python.chain(conda).chain(frozen.packages.iter().cloned()).collect();
        printer.data(lines.join("\n"));
    }
    Ok(Exit::Done)
}

pub(super) async fn doctor(env: &dyn Env, printer: Printer) -> Result<Exit, EnvError> {
    let report = env.doctor().await?;
    if printer.json {
        printer.value(&report);
    } else {
        printer.data(environments::doctor(&report));
    }
    Ok(if report.problems.is_empty() { exit(&report.status) } else { Exit::Failed })
}

pub(super) async fn ls(host: &Host, printer: Printer) -> Exit {
    let mut rows = Vec::new();
    for known in known(host) {
        let spec = EnvSpec { manager: known.manager, name: format!("{}", known.prefix.display()), ..EnvSpec::default() };
        let status = match open(spec, host.clone()) {
            Ok(env) => env.status().await,
            Err(error) => Err(error),
        };
        let status = status.unwrap_or_else(|error| Status::Broken { reason: error.to_string() });
        rows.push((known, status));
    }
    if printer.json {
        for (known, status) in &rows {
            printer.value(&json!({"name": known.name, "manager": known.manager, "prefix": known.prefix, "state": status}));
        }
    } else if rows.is_empty() {
        printer.talk("no environment was made here yet: `dj-sandbox env create --help`");
    } else {
        printer.data(environments::list(&rows));
    }
    Exit::Done
}
