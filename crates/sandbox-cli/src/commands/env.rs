//! `dj-sandbox env create|status|install|run|freeze|doctor|ls|rm`: Python environments of every manager.

mod create;
mod run;
mod show;

use std::sync::Arc;

use sandbox_env_manager::{Dependencies, Env, EnvError, EnvSpec, Host, Library, Sources, open};
use sandbox_process::{Output, ProcessError, Tail};
use serde_json::json;

use crate::args::Arguments;
use crate::args::env::EnvArguments;
use crate::exit::Exit;
use crate::printer::Printer;

/// Does what the command line asks for.
pub fn env(arguments: &Arguments, printer: Printer) -> Exit {
    let Some(asked) = &arguments.env else { return Exit::Usage };
    let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            printer.error(format!("Failed to start: {error}"));
            return Exit::Internal;
        }
    };
    runtime.block_on(dispatch(asked, printer))
}

async fn dispatch(asked: &EnvArguments, printer: Printer) -> Exit {
    let host = host(asked, printer);
    if asked.verb == "ls" {
        return show::ls(&host, printer).await;
    }
    let env = match opened(asked, host) {
        Ok(env) => env,
        Err(error) if asked.verb == "run" => return run::not_run(&error, printer),
        Err(error) => return failed(&error, printer),
    };
    let env = env.as_ref();
    let done = match asked.verb.as_str() {
        "create" => create::create(env, asked, printer).await,
        "install" => install(env, asked, printer).await,
        "run" => return run::run(env, asked, printer).await,
        "status" => show::status(env, printer).await,
        "freeze" => show::freeze(env, printer).await,
        "doctor" => show::doctor(env, printer).await,
        "rm" => remove(env, asked, printer).await,
        _ => return Exit::Usage,
    };
    done.unwrap_or_else(|error| failed(&error, printer))
}

fn opened(asked: &EnvArguments, host: Host) -> Result<Box<dyn Env>, EnvError> {
    let spec = EnvSpec {
        manager: asked.manager.parse()?,
        name: asked.name.clone(),
        python: asked.python.clone(),
        file: asked.file.clone(),
        packages: asked.packages.clone(),
        pip: asked.pip,
        copy: asked.copy,
    };
    open(spec, host)
}

/// The surroundings: tools talk on standard error, a line at a time.
fn host(asked: &EnvArguments, printer: Printer) -> Host {
    let mut host = Host::from_process();
    host.tool.clone_from(&asked.tool);
    host.sources = Sources {
        offline: asked.offline,
        index_url: asked.index_url.clone(),
        extra_index_urls: Vec::new(),
        find_links: asked.find_links.clone(),
        channels: asked.channels.clone(),
    };
    host.downloads_python = asked.has("download-python");
    host.talk = Output::Lines(Arc::new(move |line| printer.talk(line.text())));
    host.timeout = asked.timeout;
    host.patience = asked.wait;
    host.passes_signals = true;
    host
}

async fn install(env: &dyn Env, asked: &EnvArguments, printer: Printer) -> Result<Exit, EnvError> {
    // A word with `/` that is no requirement with an address is a folder, as it is for pip.
    let (folders, list): (Vec<_>, Vec<_>) =
        asked.what.iter().cloned().partition(|word| word == "." || (word.contains('/') && !word.contains("://") && !word.contains('@')));
    let library = |folder: String| Library { folder: folder.into(), extras: asked.extras.clone(), editable: !asked.has("no-editable") };
    let dependencies = Dependencies {
        list,
        files: asked.requirements.clone(),
        libraries: folders.into_iter().map(library).collect(),
        constraints: asked.constraints.clone(),
    };
    env.install_py_deps(&dependencies).await?;
    let count = dependencies.list.len() + dependencies.files.len() + dependencies.libraries.len();
    if printer.json {
        printer.value(&json!({"event": "env_installed", "prefix": env.prefix(), "given": count}));
    } else if count == 0 {
        printer.talk("nothing to install");
    }
    Ok(Exit::Done)
}

async fn remove(env: &dyn Env, asked: &EnvArguments, printer: Printer) -> Result<Exit, EnvError> {
    let removed = env.remove(asked.has("force")).await?;
    if printer.json {
        printer.value(&json!({"event": "env_removed", "prefix": env.prefix(), "removed": removed}));
    } else {
        let what = if removed { "removed" } else { "there was nothing at" };
        printer.talk(format!("{what} `{}`", env.prefix().display()));
    }
    Ok(Exit::Done)
}

/// Says what failed and what to do; the exit code is that of a configuration when nothing could be run.
fn failed(error: &EnvError, printer: Printer) -> Exit {
    told(error, printer);
    match error {
        EnvError::Process(ProcessError::Interrupted { .. }) => Exit::Interrupted,
        error if error.is_usage() => Exit::Usage,
        _ => Exit::Failed,
    }
}

fn told(error: &EnvError, printer: Printer) {
    let hint = error.hint();
    if printer.json {
        printer.value(&json!({"event": "problem", "severity": "error", "message": error.to_string(), "hint": hint}));
    }
    let hint = hint.map(|hint| format!("\n  hint: {hint}")).unwrap_or_default();
    printer.error(format!("{error}{}{hint}", last_words(error)));
}

/// The last lines of a tool that was ended.
fn last_words(error: &EnvError) -> String {
    let EnvError::Process(ProcessError::Timeout { tail, .. }) = error else { return String::new() };
    let Tail { stderr, .. } = tail.as_ref();
    let text = stderr.text();
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines.iter().skip(lines.len().saturating_sub(5)).map(|line| format!("\n  {line}")).collect()
}
