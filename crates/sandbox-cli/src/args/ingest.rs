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
}

/// The verb `ingest`.
pub(super) fn command() -> Command {
    let log = Arg::new("log").value_name("LOG").required(true).help("The log; `-` is standard input");
    let grammar = Arg::new("grammar").long("grammar").value_name("GRAMMAR").default_value("auto");
    let grammar = grammar.help("What its lines look like: `auto`, a name of `dj-sandbox list grammars`, or a file such as `mine.yaml`");
    let switch = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    Command::new("ingest")
        .about("Reads the metrics out of a training program's log")
        .arg(log)
        .arg(grammar)
        .arg(switch("csv", "Print every value as a line of CSV: line, step, name, value").conflicts_with("json"))
        .arg(switch("follow", "Read on while the log is written, until its writer ends or Ctrl-C"))
}

pub(super) fn arguments(matches: &ArgMatches) -> IngestArguments {
    let text = |name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
    IngestArguments { log: text("log"), grammar: text("grammar"), csv: matches.get_flag("csv"), follow: matches.get_flag("follow") }
}
