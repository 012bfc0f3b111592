//! `dj-sandbox run --config FILE`: the whole of a sandbox configuration.

use std::path::PathBuf;
use std::sync::Arc;

use sandbox_core::component::StopFlag;
use sandbox_core::event::{Event, EventSink, Listener};
use sandbox_core::plan::Plan;
use sandbox_core::registry::Registry;
use sandbox_core::{JobReport, RunError, RunOptions, RunStatus};
use sandbox_watcher::{Recorder, Watcher, store_path};

use super::metrics::Exports;
use super::{check, ui};
use crate::args::Arguments;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::progress::Teller;
use crate::render::results::{Facts, results};
use crate::signals;

/// Runs a configuration and prints its closing tables.
pub fn run(registry: &Registry, arguments: &Arguments, printer: Printer) -> Exit {
    let plan = match check::plan(registry, arguments, printer) {
        Ok(plan) => plan,
        Err(exit) => return exit,
    };
    if arguments.dry_run {
        return dry_run(&plan, printer);
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            printer.error(format!("Failed to start: {error}"));
            return Exit::Internal;
        }
    };
    let stop = StopFlag::new();
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let exports = match Exports::prepare(arguments, &runtime, printer) {
        Ok(exports) => exports,
        Err(exit) => return exit,
    };
    let watcher = if arguments.no_store { None } else { open_store(&plan, printer) };
    let recorder = watcher.as_ref().map(|watcher| Arc::new(recorder(watcher.clone(), &plan)));
    let mut sinks = vec![EventSink::new(Teller::new(printer))];
    if let Some(recorder) = &recorder {
        let recorder = recorder.clone();
        sinks.push(EventSink::new(move |event: &Event| recorder.event(event)));
    }
    if let Some(exports) = &exports {
        sinks.push(exports.listen(recorder.as_ref(), watcher.as_ref()));
    }
    let events = EventSink::all(sinks);
    let options = RunOptions { events, stop: stop.clone(), resume: plan.resume(), threads, strict: arguments.strict };
    let page = arguments.ui && watcher.is_some();
    let ran = runtime.block_on(async {
        signals::listen(stop.clone(), printer);
        if page {
            ui::beside(arguments, vec![store_path(plan.work_dir())], printer).await;
        }
        sandbox_core::run(&plan, registry, options).await
    });
    if page {
        printer.talk(format!("the page has ended with the run; `dj-sandbox ui {}` shows it again", plan.work_dir().display()));
    }
    watcher.iter().for_each(|watcher| tell_losses(watcher, printer));
    let exit = close(ran, arguments, printer);
    if let Some(exports) = exports {
        exports.finish(&runtime, &stop, exit != Exit::Usage, printer);
    }
    exit
}

/// Prints the closing tables and says how the program ends.
fn close(ran: Result<sandbox_core::RunReport, RunError>, arguments: &Arguments, printer: Printer) -> Exit {
    let report = match ran {
        Ok(report) => report,
        Err(error) => {
            let hint = error.hint().map(|hint| format!("\n  hint: {hint}")).unwrap_or_default();
            let exit = if matches!(error, RunError::InUse(_)) { Exit::Usage } else { Exit::Failed };
            printer.error(format!("{}{hint}", sandbox_core::chain(&error)));
            return exit;
        }
    };
    if !printer.json {
        let facts: Vec<Facts> = report.records.iter().filter_map(facts).collect();
        let written: Vec<PathBuf> = report.written.iter().chain([&report.context_infos]).cloned().collect();
        printer.data(results(&facts, &written));
    }
    match report.status {
        RunStatus::Interrupted => {
            printer.talk("stopped; run it again with `--resume` to go on");
            Exit::Interrupted
        }
        // A run that used up its iterations has done what it was asked for, unless the caller says otherwise.
        RunStatus::TargetsNotMet if arguments.require_targets => Exit::TargetsNotMet,
        RunStatus::Done | RunStatus::TargetsNotMet if report.rejected_rows > 0 => Exit::RowsRejected,
        RunStatus::Done | RunStatus::TargetsNotMet => Exit::Done,
    }
}

/// The commands of other programs that would run, as one would type them.
fn dry_run(plan: &Plan, printer: Printer) -> Exit {
    printer.problems(plan.warnings());
    let mut any = false;
    for job in plan.jobs() {
        let name = format!("{}.{}", job.pipeline(), job.meta_name());
        let commands = job.commands();
        any |= commands.is_err() || commands.is_ok_and(|commands| !commands.is_empty());
        if printer.json {
            let value = serde_json::json!({"event": "commands", "job": name, "commands": commands.ok(), "error": commands.err()});
            printer.value(&value);
        } else {
            match commands {
                Ok([]) => {}
                Ok(commands) => printer.data(format!("# {name}\n{}\n", commands.join("\n"))),
                Err(why) => printer.data(format!("# {name}: {why}\n")),
            }
        }
    }
    if !any && !printer.json {
        printer.data("no job of this configuration runs another program");
    }
    Exit::Done
}

/// The store that the run is kept in. A run without one is a run all the same.
fn open_store(plan: &Plan, printer: Printer) -> Option<Watcher> {
    match Watcher::open(store_path(plan.work_dir())) {
        Ok(watcher) => Some(watcher),
        Err(error) => {
            let hint = error.hint().map(|hint| format!("\n  hint: {hint}")).unwrap_or_default();
            printer.talk(format!("warning: this run is not kept: {}{hint}", sandbox_core::chain(&error)));
            None
        }
    }
}

fn recorder(watcher: Watcher, plan: &Plan) -> Recorder {
    let document = plan.document();
    Recorder::new(watcher).with_config("sandbox", document.value.clone()).with_tag("config", document.path.display().to_string())
}

/// Says what could not be kept.
fn tell_losses(watcher: &Watcher, printer: Printer) {
    for (why, count) in watcher.health().dropped {
        printer.talk(format!("warning: {count} records of this run were not kept: {why}"));
    }
}

fn facts(record: &JobReport) -> Option<Facts> {
    Some(Facts { job: record.job.to_string(), report: record.report.clone()? })
}
