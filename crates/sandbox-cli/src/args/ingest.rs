//! The command line of `dj-sandbox ingest`.

use clap::{Arg, ArgAction, ArgMatches, Command};

/// What `ingest` is asked for.
#[derive(Debug, Clone, Default)]
pub struct IngestArguments {
    /// The log; `-` is standard input.
    pub log: String,
    /// `--grammar`
    pub grammar: String,
    /// `--csv`
    pub csv: bool,
    /// `--follow`
    pub follow: bool,
    /// `--store`: empty is the store here.
    pub store: Option<String>,
    /// `--name`
    pub name: Option<String>,
    /// `--experiment`
    pub experiment: Option<String>,
    /// `--replace`
    pub replace: bool,
}

/// The verb `ingest`.
pub(super) fn command() -> Command {
    let log = Arg::new("log").value_name("LOG").required(true).help("The log; `-` is standard input");
    let grammar = Arg::new("grammar").long("grammar").value_name("GRAMMAR").default_value("auto");
    let grammar = grammar.help("What its lines look like: `auto`, a name of `dj-sandbox list grammars`, or a file such as `mine.yaml`");
    let switch = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    let store = Arg::new("store").long("store").value_name("PROJECT").num_args(0..=1).default_missing_value("");
    let store = store
        .help("Keep what is read as a run of a project: its name (then in `outputs/PROJECT`), its folder or its store [default: here]");
    let text = |name: &'static str, help: &'static str| Arg::new(name).long(name).value_name("TEXT").requires("store").help(help);
    Command::new("ingest")
        .about("Reads the metrics out of a training program's log")
        .arg(log)
        .arg(grammar)
        .arg(switch("csv", "Print every value as a line of CSV: line, step, name, value").conflicts_with("json"))
        .arg(switch("follow", "Read on while the log is written, until its writer ends or Ctrl-C"))
        .arg(store)
        .arg(text("name", "The run's name [default: the log's file name]"))
        .arg(text("experiment", "The run's experiment"))
        .arg(switch("replace", "Take the place of a run with the same log").requires("store"))
}

pub(super) fn arguments(matches: &ArgMatches) -> IngestArguments {
    let text = |name: &str| matches.get_one::<String>(name).cloned();
    IngestArguments {
        log: text("log").unwrap_or_default(),
        grammar: text("grammar").unwrap_or_default(),
        csv: matches.get_flag("csv"),
        follow: matches.get_flag("follow"),
        store: text("store"),
        name: text("name"),
        experiment: text("experiment"),
        replace: matches.get_flag("replace"),
    }
}
