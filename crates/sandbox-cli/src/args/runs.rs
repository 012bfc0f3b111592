//! The command line of `dj-sandbox runs`.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

/// What `runs` is asked for.
#[derive(Debug, Clone, Default)]
pub struct RunsArguments {
    /// `ls`, `show`, `compare`, `tail`, `rm`, `export` or `import`.
    pub verb: String,
    /// `--store`, several times.
    pub stores: Vec<PathBuf>,
    /// The runs that are meant.
    pub runs: Vec<String>,
    /// `--project`
    pub project: Option<String>,
    /// `--experiment`
    pub experiment: Option<String>,
    /// `--status`, several times.
    pub statuses: Vec<String>,
    /// `--tag`, several times.
    pub tags: Vec<(String, String)>,
    /// `--text`
    pub text: Option<String>,
    /// `--sort`
    pub sort: Option<String>,
    /// `--reverse`
    pub reverse: bool,
    /// `--limit`, or `--lines` of `tail`.
    pub limit: usize,
    /// `--follow`
    pub follow: bool,
    /// `--all`: also what is the same in all runs.
    pub all: bool,
    /// What goes out or comes in.
    pub transfer: Transfer,
}

/// What `runs export` and `runs import` are asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transfer {
    /// `--to` or `--from`
    pub format: String,
    /// `--out`, or the file or folder that is read.
    pub place: String,
    /// `--wide`
    pub wide: bool,
    /// `--name`
    pub name: Option<String>,
    /// `--replace`
    pub replace: bool,
}

/// The statuses that one can ask for.
const STATUSES: [&str; 7] = ["running", "done", "targets_not_met", "interrupted", "failed", "aborted", "crashed"];

pub(super) fn command() -> Command {
    let store = Arg::new("store").long("store").value_name("FILE").action(ArgAction::Append).value_parser(value_parser!(PathBuf));
    let store = store.global(true).help("The run store [default: `.dj-sandbox/runs.db` here, in `outputs` and in each of its folders]");
    let run = |several: bool| {
        let run = Arg::new("run").value_name("RUN").required(true).help("A run's name, the beginning of it, or `latest`");
        if several { run.num_args(1..) } else { run }
    };
    let text = |name: &'static str, help: &'static str| Arg::new(name).long(name).value_name("TEXT").help(help);
    let limit = |name: &'static str, default: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("N").default_value(default).value_parser(value_parser!(usize)).help(help)
    };
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    let ls = Command::new("ls")
        .about("Lists runs, the last one first")
        .arg(text("project", "Only of this project"))
        .arg(text("experiment", "Only of this experiment"))
        .arg(text("status", "Only with this status").action(ArgAction::Append).value_parser(STATUSES))
        .arg(text("tag", "Only with this label, as KEY=VALUE").action(ArgAction::Append).value_parser(tag))
        .arg(text("text", "Only with this text in a name or a label"))
        .arg(text("sort", "By `started`, `name`, `seconds`, `status`, or the last value of a metric"))
        .arg(flag("reverse", "The first or smallest first"))
        .arg(limit("limit", "50", "How many at most; 0 for all"));
    let show = Command::new("show").about("Shows a run: its jobs, what was watched, what became of the rows").arg(run(false));
    let compare = Command::new("compare")
        .about("Shows in what runs differ: configurations and what was watched")
        .arg(run(true))
        .arg(flag("all", "Also what is the same in all of them"));
    let tail = Command::new("tail")
        .about("Shows what a run and its jobs said last")
        .arg(run(false))
        .arg(limit("lines", "50", "How many lines"))
        .arg(flag("follow", "Go on until the run ends").short('f'));
    let rm = Command::new("rm").about("Removes runs with all that is kept of them; files that they wrote stay").arg(run(true));
    let format = |name: &'static str, formats: &'static [&'static str], help: &'static str| {
        Arg::new(name).long(name).value_name("FORMAT").required(true).value_parser(formats.to_vec()).help(help)
    };
    let out = Arg::new("place").long("out").value_name("PATH|URL").required(true);
    let export = Command::new("export")
        .about("Brings runs into the formats of others")
        .arg(run(true))
        .arg(format("to", &TO, "The format"))
        .arg(out.help("The file (csv, parquet, openmetrics), the folder (tensorboard, dvclive), or the server's address (mlflow)"))
        .arg(flag("wide", "csv: one line a step and one column a name, in place of one line a value"))
        .arg(text("experiment", "mlflow: the experiment [default: the run's project]"))
        .after_help(
            "tensorboard holds numbers as float32; what a format cannot hold is counted and told. An export to mlflow that ended in the \
             middle goes on there. Prometheus takes the file of openmetrics with `promtool tsdb create-blocks-from openmetrics`.",
        );
    let place = Arg::new("place").value_name("PATH").required(true);
    let import = Command::new("import")
        .about("Brings what other programs have recorded into a store, here or in `--store`")
        .arg(place.help("A file; for tensorboard also a folder with event files in it and below it"))
        .arg(format("from", &FROM, "The format"))
        .arg(text("project", "The project [default: the name of the store's folder]"))
        .arg(text("experiment", "The experiment"))
        .arg(text("name", "The run's name [default: the file's or folder's]"))
        .arg(flag("replace", "Take the place of a run with the same content"))
        .after_help(
            "csv: a column `step`, perhaps `time`, `run` and `part`; all others are metrics. Or, with columns `name` and `value`, one line a value.",
        );
    let about = "Shows and compares the runs that are kept in the stores of projects";
    Command::new("runs")
        .about(about)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(store)
        .subcommands([ls, show, compare, tail, export, import, rm])
}

/// Formats that runs go to, and come from.
const TO: [&str; 6] = ["tensorboard", "mlflow", "csv", "parquet", "openmetrics", "dvclive"];
const FROM: [&str; 2] = ["tensorboard", "csv"];

fn tag(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or_else(|| "a label is KEY=VALUE".to_owned())?;
    Ok((key.to_owned(), value.to_owned()))
}

pub(super) fn arguments(verb: &str, matches: &ArgMatches) -> RunsArguments {
    let one = |name: &str| matches.try_get_one::<String>(name).ok().flatten().cloned();
    let many = |name: &str| matches.try_get_many::<String>(name).ok().flatten().into_iter().flatten().cloned().collect();
    let flag = |name: &str| matches.try_get_one::<bool>(name).ok().flatten().copied().unwrap_or(false);
    let number = |name: &str| matches.try_get_one::<usize>(name).ok().flatten().copied();
    RunsArguments {
        verb: verb.to_owned(),
        stores: matches.get_many::<PathBuf>("store").into_iter().flatten().cloned().collect(),
        runs: many("run"),
        project: one("project"),
        experiment: one("experiment"),
        statuses: many("status"),
        tags: matches.try_get_many::<(String, String)>("tag").ok().flatten().into_iter().flatten().cloned().collect(),
        text: one("text"),
        sort: one("sort"),
        reverse: flag("reverse"),
        limit: number("limit").or_else(|| number("lines")).unwrap_or(0),
        follow: flag("follow"),
        all: flag("all"),
        transfer: Transfer {
            format: one("to").or_else(|| one("from")).unwrap_or_default(),
            place: one("place").unwrap_or_default(),
            wide: flag("wide"),
            name: one("name"),
            replace: flag("replace"),
        },
    }
}
