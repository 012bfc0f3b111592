//! The command line: verbs and flags, and the forms that users of the original type.
//!
//! `dj-sandbox --config X` without a verb runs; `--json` may stand before or after the verb; flags have the names of the
//! configuration's keys and take a value (`--max_iter_num 3`, `--resume true`, also plain `--resume`); a flag with a dot
//! in its name (`--text_length_filter.min_len 20`) goes into an operator's or a job's arguments.

pub mod env;
pub mod ingest;
pub mod metrics;
pub mod runs;

use std::ffi::OsString;

use clap::{Arg, ArgAction, ArgMatches, Command};

use crate::exit::Exit;
use crate::printer::Printer;

use self::env::EnvArguments;
use self::ingest::IngestArguments;
use self::metrics::MetricsArguments;
use self::runs::RunsArguments;

/// The verbs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// Runs a sandbox configuration.
    Run,
    /// Checks one and shows its plan.
    Check,
    /// Shows hooks, types and operators.
    List,
    /// Runs a recipe alone.
    Process,
    /// Analyses with a recipe alone.
    Analyze,
    /// Compares two analyses.
    Compare,
    /// Shows runs as pages.
    Ui,
    /// Makes data pools out of data pools.
    Pool,
    /// Makes and uses Python environments.
    Env,
    /// Shows what is kept of runs.
    Runs,
    /// Reads the metrics of a training program's log.
    Ingest,
    /// Prints what goes with metrics.
    Metrics,
}

/// A command line, parsed.
#[derive(Debug)]
pub struct Arguments {
    /// What to do.
    pub verb: Verb,
    /// Events and data as JSON.
    pub json: bool,
    /// No talk.
    pub quiet: bool,
    /// `--config`.
    pub config: Option<String>,
    /// `--strict`
    pub strict: bool,
    /// `--max_row_bytes`
    pub max_row_bytes: Option<usize>,
    /// `--require_targets`
    pub require_targets: bool,
    /// The words after `list`, `compare`, `ui` or `metrics`, or the manipulation after `pool`.
    pub words: Vec<String>,
    /// Flags in the order of the command line: key and text of the value.
    pub flags: Vec<(String, String)>,
    /// `--no_store`
    pub no_store: bool,
    /// What `env` is asked for.
    pub env: Option<EnvArguments>,
    /// `--integrations`: folders of integration files.
    pub integrations: Vec<String>,
    /// `--dry-run`
    pub dry_run: bool,
    /// `--ui`: the page beside a run.
    pub ui: bool,
    /// `--allowed_host`
    pub allowed_hosts: Vec<String>,
    /// What `runs` is asked for.
    pub runs: Option<RunsArguments>,
    /// What `ingest` is asked for.
    pub ingest: Option<IngestArguments>,
    /// Where metrics go.
    pub metrics: MetricsArguments,
}

const VERBS: [(&str, Verb); 12] = [
    ("run", Verb::Run),
    ("check", Verb::Check),
    ("list", Verb::List),
    ("process", Verb::Process),
    ("analyze", Verb::Analyze),
    ("compare", Verb::Compare),
    ("ui", Verb::Ui),
    ("pool", Verb::Pool),
    ("env", Verb::Env),
    ("runs", Verb::Runs),
    ("ingest", Verb::Ingest),
    ("metrics", Verb::Metrics),
];

/// Parses the process's arguments, the program's name first.
///
/// # Errors
/// How the program ends when there is nothing to do: help was shown, or the arguments are wrong (said on stderr).
pub fn parse(arguments: Vec<OsString>) -> Result<Arguments, Exit> {
    let printer = Printer { json: false, quiet: false };
    let (arguments, inner) = split_command(arguments);
    let mut words = Vec::with_capacity(arguments.len());
    for argument in arguments {
        match argument.into_string() {
            Ok(word) => words.push(word),
            Err(argument) => {
                printer.error(format!("the argument `{}` is not UTF-8", argument.display()));
                return Err(Exit::Usage);
            }
        }
    }
    if words.len() < 2 {
        printer.data(command().render_help().to_string());
        return Err(Exit::Usage);
    }
    add_verb(&mut words);
    let dotted = take_dotted(&mut words).map_err(|message| {
        printer.error(message);
        Exit::Usage
    })?;
    let matches = command().try_get_matches_from(words).map_err(|error| {
        let _ = error.print();
        if error.use_stderr() { Exit::Usage } else { Exit::Done }
    })?;
    let Some((name, matches)) = matches.subcommand() else { return Err(Exit::Usage) };
    let verb = VERBS.iter().find(|(verb, _)| *verb == name).map_or(Verb::Run, |(_, verb)| *verb);
    let without_flags =
        matches!(verb, Verb::Pool | Verb::List | Verb::Env | Verb::Compare | Verb::Ui | Verb::Runs | Verb::Ingest | Verb::Metrics);
    if let (true, Some((flag, _))) = (without_flags, dotted.first()) {
        printer.error(format!("unexpected argument '--{flag}'"));
        return Err(Exit::Usage);
    }
    if let (Verb::Pool, Some((name, matches))) = (verb, matches.subcommand()) {
        return Ok(pool_arguments(name, matches));
    }
    if let (Verb::Env, Some((name, matches))) = (verb, matches.subcommand()) {
        let env = env::arguments(name, matches, inner).map_err(|message| {
            printer.error(message);
            Exit::Usage
        })?;
        return Ok(Arguments { env: Some(env), ..arguments_of(verb, matches, Vec::new()) });
    }
    if let (Verb::Runs, Some((name, matches))) = (verb, matches.subcommand()) {
        let runs = runs::arguments(name, matches);
        return Ok(Arguments { runs: Some(runs), ..arguments_of(verb, matches, Vec::new()) });
    }
    Ok(arguments_of(verb, matches, dotted))
}

/// The words after the first `--` of `env`: another program's command line, kept byte by byte.
fn split_command(mut arguments: Vec<OsString>) -> (Vec<OsString>, Vec<OsString>) {
    let is_env = arguments.iter().skip(1).find(|word| !word.as_encoded_bytes().starts_with(b"-")).is_some_and(|word| word == "env");
    match arguments.iter().position(|word| word == "--").filter(|_| is_env) {
        None => (arguments, Vec::new()),
        Some(at) => {
            let inner = arguments.split_off(at).split_off(1);
            (arguments, inner)
        }
    }
}

/// A command line without a verb but with a configuration runs it.
fn add_verb(words: &mut Vec<String>) {
    let first = words.iter().skip(1).find(|word| !matches!(word.as_str(), "--json" | "--quiet" | "-q"));
    let has_verb = first.is_some_and(|word| !word.starts_with('-'));
    let has_config = words.iter().any(|word| word == "--config" || word.starts_with("--config="));
    if !has_verb && has_config {
        words.insert(1, "run".to_owned());
    }
}

/// Takes `--a.b VALUE` and `--a.b=VALUE` out: clap cannot know these names.
fn take_dotted(words: &mut Vec<String>) -> Result<Vec<(String, String)>, String> {
    let (mut rest, mut dotted) = (Vec::new(), Vec::new());
    let mut all = std::mem::take(words).into_iter();
    while let Some(word) = all.next() {
        let named = word.strip_prefix("--").map(|flag| flag.split_once('=').map_or((flag, None), |(name, value)| (name, Some(value))));
        match named {
            Some((name, value)) if name.contains('.') => {
                let value = value.map(str::to_owned).or_else(|| all.next());
                let value = value.ok_or_else(|| format!("`--{name}` needs a value"))?;
                dotted.push((name.to_owned(), value));
            }
            _ => rest.push(word),
        }
    }
    *words = rest;
    Ok(dotted)
}

fn arguments_of(verb: Verb, matches: &ArgMatches, dotted: Vec<(String, String)>) -> Arguments {
    let keys: Vec<&str> = match verb {
        Verb::Run | Verb::Check => sandbox_core::config::KEYS.iter().map(|key| key.name).collect(),
        Verb::Process | Verb::Analyze => sandbox_recipe::config::keys::KEYS.iter().map(|key| key.name).collect(),
        Verb::Compare => vec!["export_path", "pictures"],
        Verb::Ui => vec!["listen"],
        Verb::List | Verb::Pool | Verb::Env | Verb::Runs | Verb::Ingest | Verb::Metrics => Vec::new(),
    };
    let given = keys.into_iter().filter_map(|key| matches.get_one::<String>(key).map(|value| (key.to_owned(), value.clone())));
    let flag = |name: &str| matches.try_get_one::<bool>(name).ok().flatten().copied().unwrap_or(false);
    Arguments {
        verb,
        json: flag("json"),
        quiet: flag("quiet"),
        config: matches.try_get_one::<String>("config").ok().flatten().cloned(),
        strict: flag("strict"),
        max_row_bytes: matches.try_get_one::<usize>("max_row_bytes").ok().flatten().copied(),
        require_targets: flag("require_targets"),
        words: matches.try_get_many::<String>("what").ok().flatten().into_iter().flatten().cloned().collect(),
        flags: given.chain(dotted).collect(),
        no_store: flag("no_store"),
        env: None,
        integrations: matches.try_get_many::<String>("integrations").ok().flatten().into_iter().flatten().cloned().collect(),
        dry_run: flag("dry_run"),
        ui: flag("ui"),
        allowed_hosts: matches.try_get_many::<String>("allowed_host").ok().flatten().into_iter().flatten().cloned().collect(),
        runs: None,
        ingest: (verb == Verb::Ingest).then(|| ingest::arguments(matches)),
        metrics: metrics::arguments(matches),
    }
}

/// Of a manipulation of data pools: its flags, those with several values several times.
fn pool_arguments(name: &str, matches: &ArgMatches) -> Arguments {
    let keys = sandbox_data_pool::VERBS.iter().filter(|verb| verb.name == name).flat_map(|verb| verb.keys);
    let given = keys.flat_map(|key| {
        let values = matches.get_many::<String>(key.name).into_iter().flatten();
        values.map(|value| (key.name.to_owned(), value.clone()))
    });
    let flags = given.collect();
    Arguments { words: vec![name.to_owned()], flags, ..arguments_of(Verb::Pool, matches, Vec::new()) }
}

fn command() -> Command {
    let run = Command::new("run").about("Runs a sandbox configuration: probe, refine, process, train, evaluate");
    let require_targets = Arg::new("require_targets").long("require_targets").action(ArgAction::SetTrue);
    let require_targets = require_targets.help("End with exit code 4 when the targets are not met after the last iteration");
    let with_ui = Arg::new("ui").long("ui").action(ArgAction::SetTrue).help("Serve a page that shows the run while it goes on");
    let no_store = Arg::new("no_store").long("no_store").action(ArgAction::SetTrue);
    let no_store = no_store.help("Do not keep this run in the store of its project, `WORK_DIR/.dj-sandbox/runs.db`");
    let dry_run = Arg::new("dry_run").long("dry_run").visible_alias("dry-run").action(ArgAction::SetTrue);
    let dry_run = dry_run.help("Run nothing: show the commands of other programs that would run");
    let check = Command::new("check").about("Checks a sandbox configuration without running it and shows its table of contents");
    let process = Command::new("process").about("Runs a recipe over its dataset (as `dj-process`)");
    let analyze = Command::new("analyze").about("Computes the statistics of a recipe's filters (as `dj-analyze`)");
    let list = Command::new("list").about("Shows what there is: hooks, types, operators, keys, grammars; with a name, all about it").arg(
        Arg::new("what")
            .value_name("WHAT")
            .num_args(0..)
            .help("`hooks`, `types`, `operators`, `keys`, `grammars`, or the name of a hook, type, operator or grammar"),
    );
    Command::new("dj-sandbox")
        .version(env!("CARGO_PKG_VERSION"))
        .about("A data-model co-development lab: probe data, refine recipes, process, train small models, evaluate")
        .after_help(
            "`dj-sandbox --config FILE` is `dj-sandbox run --config FILE`. A start: `dj-sandbox run --config configs/demo/sandbox.yaml`",
        )
        .arg(Arg::new("json").long("json").global(true).action(ArgAction::SetTrue).help("Print every event as a JSON line on stdout"))
        .arg(
            Arg::new("quiet").long("quiet").short('q').global(true).action(ArgAction::SetTrue).help("Print nothing but results and errors"),
        )
        .subcommand_required(true)
        .subcommand(metrics::flags(
            sandbox_flags(run).arg(strict()).arg(require_targets).arg(integrations()).arg(dry_run).arg(no_store).arg(with_ui),
        ))
        .subcommand(sandbox_flags(check).arg(integrations()))
        .subcommand(list.arg(integrations()))
        .subcommand(recipe_flags(process))
        .subcommand(recipe_flags(analyze))
        .subcommand(compare())
        .subcommand(ui())
        .subcommand(pool())
        .subcommand(env::command())
        .subcommand(runs::command())
        .subcommand(ingest::command())
        .subcommand(metrics::command())
}

fn integrations() -> Arg {
    let arg = Arg::new("integrations").long("integrations").value_name("DIR").action(ArgAction::Append);
    arg.help("A folder of integration files, whose types are known beside the built-in ones")
}

fn ui() -> Command {
    let what = Arg::new("what").value_name("FOLDER").num_args(0..);
    let what = what.help("Folders in which runs were recorded, or that hold such folders [default: the current one]");
    let listen = Arg::new("listen").long("listen").value_name("ADDRESS:PORT");
    let listen = listen.help("Where the page is served; port 0 takes a free one [default: 127.0.0.1:8760]");
    let host = Arg::new("allowed_host").long("allowed_host").value_name("NAME").action(ArgAction::Append);
    let host = host.help("Answer to this name too, for example that of a tunnel");
    Command::new("ui").about("Shows recorded runs as pages, live: pipelines, curves, data, comparisons").arg(what).arg(listen).arg(host)
}

fn compare() -> Command {
    let what = Arg::new("what").value_names(["BEFORE", "AFTER"]).num_args(2).required(true);
    let what = what.help("Two files (folders, globs) of rows with statistics, such as the NAME_stats.jsonl of two analyses");
    let folder = key_flag("export_path", "comparison", "the folder for pictures and report.html", false);
    let pictures = key_flag("pictures", "png", "png, svg, both, or none (then the report alone)", false);
    Command::new("compare")
        .about("Compares two analyses: what moved, by how much, drawn over each other")
        .arg(what)
        .arg(folder)
        .arg(pictures)
}

fn pool() -> Command {
    let about = "Makes data pools out of data pools: construct, combine, duplicate, rank, downsample, merge, join";
    let verbs = sandbox_data_pool::VERBS.iter().map(|verb| {
        let keys = verb.keys.iter().map(|key| {
            let default = if key.default.is_empty() { "required" } else { key.default };
            let flag = key_flag(key.name, key.default, key.doc, false).help(format!(
                "{} [{}{default}]",
                key.doc,
                if key.default.is_empty() { "" } else { "default: " }
            ));
            if key.is_list {
                flag.num_args(1..).action(ArgAction::Append).allow_hyphen_values(false).allow_negative_numbers(true)
            } else {
                flag
            }
        });
        Command::new(verb.name)
            .about(verb.entry.summary)
            .args(keys)
            .after_help(format!("Values are YAML. `dj-sandbox list {}` tells more.", verb.entry.type_name.unwrap_or_default()))
    });
    Command::new("pool").about(about).subcommand_required(true).arg_required_else_help(true).subcommands(verbs)
}

fn sandbox_flags(command: Command) -> Command {
    let config =
        Arg::new("config").long("config").value_name("FILE").required(true).help("The sandbox configuration (.yaml, .json or .toml)");
    let keys = sandbox_core::config::KEYS.iter().map(|key| key_flag(key.name, key.default, key.doc, false));
    command.arg(config).args(keys).after_help(
        "Keys of the file may be given as flags (which win) or in the environment as DJ_SANDBOX_KEY, and those of one job as \
         --PIPELINE.META_NAME.extra_configs.KEY VALUE.",
    )
}

fn strict() -> Arg {
    Arg::new("strict").long("strict").action(ArgAction::SetTrue).help("Fail when a row cannot be used instead of setting it aside")
}

fn recipe_flags(command: Command) -> Command {
    use sandbox_recipe::config::keys::{Here, KEYS};
    let config = Arg::new("config").long("config").value_name("FILE").help("The recipe (.yaml, .json or .toml)");
    let keys = KEYS.iter().map(|key| key_flag(key.name, key.default, key.doc, key.here != Here::Used));
    let longest = Arg::new("max_row_bytes").long("max_row_bytes").value_name("BYTES").value_parser(clap::value_parser!(usize));
    let longest = longest.help("Set longer rows aside [default: 134217728]");
    command.arg(config).arg(strict()).arg(longest).args(keys).after_help(
        "An operator's argument: --text_length_filter.min_len 20. `dj-sandbox list keys` shows all keys and what each does here. \
         Keys may also be given in the environment as DJ_SANDBOX_KEY.",
    )
}

fn key_flag(name: &'static str, default: &'static str, doc: &'static str, hidden: bool) -> Arg {
    let flag = Arg::new(name).long(name).value_name("VALUE").hide(hidden).help(format!("{doc} [default: {default}]"));
    if matches!(default, "true" | "false") {
        flag.num_args(0..=1).default_missing_value("true")
    } else {
        flag.num_args(1).allow_hyphen_values(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Arguments {
        parse(line.split_whitespace().map(OsString::from).collect()).unwrap()
    }

    #[test]
    fn a_configuration_without_a_verb_runs() {
        let arguments = parsed("dj-sandbox --json --config x.yaml --max_iter_num 3 --resume");
        assert_eq!((arguments.verb, arguments.json, arguments.config.as_deref()), (Verb::Run, true, Some("x.yaml")));
        let flag = |key: &str| arguments.flags.iter().find(|(name, _)| name == key).map(|(_, value)| value.as_str());
        assert_eq!((flag("max_iter_num"), flag("resume")), (Some("3"), Some("true")));
    }

    #[test]
    fn json_may_stand_on_both_sides_of_the_verb() {
        assert!(parsed("dj-sandbox --json check --config x.yaml").json);
        assert!(parsed("dj-sandbox check --config x.yaml --json").json);
        assert!(!parsed("dj-sandbox check --config x.yaml").json);
    }

    #[test]
    fn dotted_flags_are_arguments_of_operators() {
        let arguments = parsed("dj-sandbox process --config r.yaml --text_length_filter.min_len 20 --np=2 --strict");
        assert_eq!(arguments.flags, [("np".to_owned(), "2".to_owned()), ("text_length_filter.min_len".to_owned(), "20".to_owned())]);
        assert!(arguments.strict);
    }

    #[test]
    fn a_manipulation_of_pools_has_its_keys_as_flags() {
        let arguments = parsed("dj-sandbox pool construct --dataset_path a.jsonl b.jsonl --split_ratios 1/4 --export_path out --json");
        assert_eq!((arguments.verb, arguments.json, arguments.words.as_slice()), (Verb::Pool, true, ["construct".to_owned()].as_slice()));
        let flags = [("dataset_path", "a.jsonl"), ("dataset_path", "b.jsonl"), ("export_path", "out"), ("split_ratios", "1/4")];
        assert_eq!(arguments.flags, flags.map(|(key, value)| (key.to_owned(), value.to_owned())));
    }

    #[test]
    fn the_command_of_an_environment_is_kept_as_it_is() {
        let line = "dj-sandbox env run --manager uv --name e --timeout 2 -- python --config x --a.b -- y";
        let arguments = parsed(line);
        let env = arguments.env.unwrap();
        assert_eq!((arguments.verb, env.verb.as_str(), env.manager.as_str(), env.name.as_str()), (Verb::Env, "run", "uv", "e"));
        assert_eq!(env.command, ["python", "--config", "x", "--a.b", "--", "y"].map(OsString::from));
        assert_eq!(env.timeout, Some(std::time::Duration::from_secs(2)));
        for wrong in ["run --name e", "run --name e -- ", "status --name e -- ls", "status", "create --name e --timeout -1"] {
            assert!(parse(format!("dj-sandbox env {wrong}").split_whitespace().map(OsString::from).collect()).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_command_is_sound() {
        command().debug_assert();
    }
}
