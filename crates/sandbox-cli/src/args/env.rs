//! The command line of `dj-sandbox env`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

/// What `env` is asked for.
#[derive(Debug, Clone, Default)]
pub struct EnvArguments {
    /// `create`, `status`, `install`, `run`, `freeze`, `doctor`, `ls` or `rm`.
    pub verb: String,
    /// `--manager`
    pub manager: String,
    /// `--name`
    pub name: String,
    /// `--python`
    pub python: Option<String>,
    /// `--file`
    pub file: Option<PathBuf>,
    /// `--package`, several times.
    pub packages: Vec<String>,
    /// `--with-pip`, `--without-pip`
    pub pip: Option<bool>,
    /// `--copy`
    pub copy: bool,
    /// `--tool`
    pub tool: Option<PathBuf>,
    /// `--offline`
    pub offline: bool,
    /// `--index-url`
    pub index_url: Option<String>,
    /// `--find-links`, several times.
    pub find_links: Vec<String>,
    /// `--channel`, several times.
    pub channels: Vec<String>,
    /// `--recreate`, `--adopt`, `--force`, `--dry-run`, `--download-python`, `--editable`, `--shell`
    pub switches: Vec<&'static str>,
    /// `--timeout`
    pub timeout: Option<Duration>,
    /// `--wait`
    pub wait: Option<Duration>,
    /// `--folder`
    pub folder: Option<PathBuf>,
    /// `-r`, several times.
    pub requirements: Vec<PathBuf>,
    /// `-c`, several times.
    pub constraints: Vec<PathBuf>,
    /// `--extra`, several times.
    pub extras: Vec<String>,
    /// What to install.
    pub what: Vec<String>,
    /// The words after `--`.
    pub command: Vec<OsString>,
}

impl EnvArguments {
    /// Whether a flag without value was given.
    pub fn has(&self, switch: &str) -> bool {
        self.switches.contains(&switch)
    }
}

const SWITCHES: [&str; 7] = ["recreate", "adopt", "force", "dry-run", "download-python", "no-editable", "shell"];

fn value(name: &'static str, shown: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(shown).help(help)
}

fn switch(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

fn which() -> [Arg; 4] {
    [
        value("manager", "MANAGER", "Who makes it: conda, mamba, micromamba, venv, virtualenv or uv").default_value("conda"),
        value("name", "NAME", "Its name (conda, mamba, micromamba; with `/`: its path) or its path (venv, virtualenv, uv)").required(true),
        value("tool", "PROGRAM", "The manager's program, when it is not the one on PATH").value_parser(value_parser!(PathBuf)),
        value("wait", "SECONDS", "How long to wait for another process that works on it [default: until it has ended]")
            .value_parser(value_parser!(f64)),
    ]
}

fn sources() -> [Arg; 4] {
    [
        switch("offline", "Fetch nothing from the network"),
        value("index-url", "URL", "The index of Python packages"),
        value("find-links", "FOLDER", "A folder with packages; several times for several").action(ArgAction::Append),
        value("channel", "CHANNEL", "A channel of conda packages, in place of the tool's own; `file:///...` is a folder")
            .action(ArgAction::Append),
    ]
}

fn timeout() -> Arg {
    value("timeout", "SECONDS", "End it, with everything it started, after this time").value_parser(value_parser!(f64))
}

/// The verb `env` with its own verbs.
pub(super) fn command() -> Command {
    let path = |name, shown, help| value(name, shown, help).value_parser(value_parser!(PathBuf));
    let create = Command::new("create")
        .about("Makes an environment, unless it is ready; what a killed run left is made anew")
        .args(which())
        .arg(value("python", "VERSION", "Its Python: 3, 3.11, 3.11.7; for venv, virtualenv and uv also the path of an interpreter"))
        .arg(path("file", "FILE", "An environment file (conda, mamba, micromamba)"))
        .arg(
            value("package", "SPEC", "A package from a channel (conda, mamba, micromamba); several times for several")
                .action(ArgAction::Append),
        )
        .arg(switch("with-pip", "Put pip into it (uv does not by itself)").conflicts_with("without-pip"))
        .arg(switch("without-pip", "Leave pip out; venv and virtualenv are quicker then, and uv can install without it"))
        .arg(switch("copy", "Copy files in place of linking them to a shared cache: for commands that are not trusted"))
        .arg(switch("download-python", "Let uv download an interpreter that is not there"))
        .arg(switch("recreate", "Remove it and make it anew, when it is ours"))
        .arg(switch("adopt", "Take a healthy environment over that something else made"))
        .arg(switch("force", "Remove whatever stands there and make it anew").conflicts_with("adopt"))
        .arg(switch("dry-run", "Print the commands and run nothing"))
        .args(sources())
        .arg(timeout());
    let install = Command::new("install")
        .about("Installs Python packages: specs, requirements files, folders of libraries")
        .args(which())
        .arg(Arg::new("what").value_name("SPEC|FOLDER").num_args(0..).help("`six>=1.16`, or the folder of a library (with `/` in it)"))
        .arg(path("requirements", "FILE", "A requirements file; several times for several").short('r').action(ArgAction::Append))
        .arg(path("constraints", "FILE", "A file of constraints; several times for several").short('c').action(ArgAction::Append))
        .arg(value("extra", "EXTRA", "An extra of the libraries; several times for several").action(ArgAction::Append))
        .arg(switch("no-editable", "Install copies of the libraries: later edits of their folders are not seen"))
        .arg(switch("copy", "Copy files in place of linking them to a shared cache"))
        .args(sources())
        .arg(timeout());
    let run = Command::new("run")
        .about("Runs a command in an environment; its output and its exit code are passed on")
        .args(which())
        .arg(timeout())
        .arg(path("folder", "FOLDER", "Where it runs [default: here]"))
        .arg(switch("shell", "Give the one word after `--` to `sh -c`"))
        .override_usage("dj-sandbox env run --name NAME [OPTIONS] -- COMMAND [ARGS]...")
        .after_help(
            "Exit codes besides the command's own: 124 timeout, 125 the environment cannot be used, 126 not executable, 127 not found.",
        );
    let status = Command::new("status")
        .about("What stands there: absent, creating, broken, foreign, stale or ready (exit code 0 only for ready)")
        .args(which())
        .arg(value("python", "VERSION", "The Python that is wanted: another one is stale"))
        .arg(path("file", "FILE", "The environment file that is wanted: another one is stale"));
    let freeze = Command::new("freeze").about("Lists what is installed, as requirements").args(which());
    let doctor = Command::new("doctor").about("Tool, interpreter, state and everything that is wrong").args(which());
    let ls = Command::new("ls").about("Lists the environments that were made here");
    let rm = Command::new("rm")
        .about("Removes an environment that was made here")
        .args(which())
        .arg(switch("force", "Also what was not made here"));
    Command::new("env")
        .about("Makes and uses Python environments of conda, mamba, micromamba, venv, virtualenv and uv")
        .after_help(
            "A start: `dj-sandbox env create --manager uv --name envs/train --python 3.11`, then \
             `dj-sandbox env install --manager uv --name envs/train six` and \
             `dj-sandbox env run --manager uv --name envs/train -- python -c \"import six\"`",
        )
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([create, status, install, run, freeze, doctor, ls, rm])
}

/// What was given; the words after `--` come from before clap.
///
/// # Errors
/// What is wrong, in words.
pub(super) fn arguments(verb: &str, matches: &ArgMatches, command: Vec<OsString>) -> Result<EnvArguments, String> {
    let text = |name: &str| matches.try_get_one::<String>(name).ok().flatten().cloned();
    let texts = |name: &str| matches.try_get_many::<String>(name).ok().flatten().into_iter().flatten().cloned().collect::<Vec<_>>();
    let path = |name: &str| matches.try_get_one::<PathBuf>(name).ok().flatten().cloned();
    let paths = |name: &str| matches.try_get_many::<PathBuf>(name).ok().flatten().into_iter().flatten().cloned().collect::<Vec<_>>();
    let flag = |name: &str| matches.try_get_one::<bool>(name).ok().flatten().copied().unwrap_or(false);
    let seconds = |name: &str| match matches.try_get_one::<f64>(name).ok().flatten() {
        None => Ok(None),
        Some(seconds) => Duration::try_from_secs_f64(*seconds).map(Some).map_err(|_| format!("`--{name}` needs a number of seconds")),
    };
    if verb == "run" && command.is_empty() {
        return Err("there is no command: `dj-sandbox env run --name NAME -- COMMAND [ARGS]`".to_owned());
    }
    if verb != "run" && !command.is_empty() {
        return Err(format!("`env {verb}` takes no command after `--`"));
    }
    if flag("shell") && command.len() != 1 {
        return Err("`--shell` takes one word after `--`: the text for the shell".to_owned());
    }
    Ok(EnvArguments {
        verb: verb.to_owned(),
        manager: text("manager").unwrap_or_default(),
        name: text("name").unwrap_or_default(),
        python: text("python"),
        file: path("file"),
        packages: texts("package"),
        pip: if flag("with-pip") { Some(true) } else { flag("without-pip").then_some(false) },
        copy: flag("copy"),
        tool: path("tool"),
        offline: flag("offline"),
        index_url: text("index-url"),
        find_links: texts("find-links"),
        channels: texts("channel"),
        switches: SWITCHES.into_iter().filter(|name| flag(name)).collect(),
        timeout: seconds("timeout")?,
        wait: seconds("wait")?,
        folder: path("folder"),
        requirements: paths("requirements"),
        constraints: paths("constraints"),
        extras: texts("extra"),
        what: texts("what"),
        command,
    })
}
