//! What `process` and `analyze` share: a recipe from file, environment and flags, and a run that is told and can be stopped.

use std::time::Instant;

use sandbox_core::component::StopFlag;
use sandbox_core::event::{Event, EventSink, JobEvents, JobName, PlanLine};
use sandbox_document::{Document, Format, Problem, Step};
use sandbox_executors::JobObserver;
use sandbox_recipe::{Recipe, RecipeError, RunSettings};
use serde_json::Value;

use crate::args::Arguments;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::progress::Teller;
use crate::settings::{override_recipe, overrides};
use crate::signals;

/// Reads the recipe of the command line; what is wrong is printed.
pub(super) fn load(arguments: &Arguments, printer: Printer) -> Result<Recipe, Exit> {
    let wrong = |problem: Problem| {
        printer.problems([&problem]);
        Exit::Usage
    };
    // With `--auto` the flags may say everything.
    let document = match arguments.config.as_deref() {
        Some(path) => Document::read(path),
        None if arguments.flags.iter().any(|(key, _)| key == "auto") => Document::parse("--auto", "{}", Format::Json),
        None => {
            return Err(wrong(
                Problem::error("no recipe is named")
                    .hint("name one with `--config FILE`; `analyze --auto --dataset_path FILE` does without"),
            ));
        }
    };
    let document = document.map_err(|error| wrong(Problem::error(error.to_string())))?;
    let mut value = document.value.clone();
    override_recipe(&mut value, &arguments.flags).map_err(|error| wrong(Problem::error(error.to_string())))?;
    // What a flag or variable says has no line in the file.
    let placed = |finding: sandbox_recipe::Finding| match finding.path.steps().first() {
        Some(Step::Key(key)) if overrides(&arguments.flags, key) => finding.problem.within(format!("--{key}")),
        _ => {
            let place = document.place(&finding.path);
            finding.problem.at(place)
        }
    };
    match Recipe::parse(&value, &|_| false) {
        Ok(recipe) => {
            let warnings: Vec<Problem> = recipe.warnings.iter().cloned().map(placed).collect();
            printer.problems(&warnings);
            Ok(recipe)
        }
        Err(findings) => {
            let problems: Vec<Problem> = findings.into_iter().map(placed).collect();
            printer.problems(&problems);
            Err(Exit::Usage)
        }
    }
}

/// Runs `work` as the one job of a run, told and stoppable; its facts go out as a report.
pub(super) fn run<T>(
    arguments: &Arguments,
    recipe: &Recipe,
    verb: &str,
    printer: Printer,
    work: impl FnOnce(&Recipe, RunSettings<'_>) -> Result<T, RecipeError>,
    facts: impl FnOnce(&T) -> (Value, u64, Vec<std::path::PathBuf>),
) -> Result<(T, Exit), Exit> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build();
    let stop = StopFlag::new();
    let _running = runtime.as_ref().map(|runtime| {
        let entered = runtime.enter();
        signals::listen(stop.clone(), printer);
        entered
    });
    let job = JobName { iteration: 1, pipeline: "recipe".to_owned(), meta_name: verb.to_owned() };
    let sink = EventSink::new(Teller::new(printer));
    let started = Instant::now();
    let line = PlanLine {
        pipeline: job.pipeline.clone(),
        list: String::new(),
        meta_name: verb.to_owned(),
        hook: verb.to_owned(),
        type_name: None,
        inputs: Vec::new(),
        outputs: Vec::new(),
    };
    sink.emit(&Event::Plan { jobs: vec![line] });
    sink.emit(&Event::JobStarted { job: job.clone(), hook: recipe.dataset_path.join(" "), type_name: None });
    let observer = JobObserver { events: JobEvents::new(sink.clone(), job.clone()), stop };
    let longest = arguments.max_row_bytes.unwrap_or(RunSettings::default().max_row_bytes);
    let settings = RunSettings { strict: arguments.strict, observer: &observer, max_row_bytes: longest, ..RunSettings::default() };
    let seconds = || started.elapsed().as_secs_f64();
    match work(recipe, settings) {
        Ok(done) => {
            let (facts, rejected_rows, written) = facts(&done);
            sink.emit(&Event::Report { job: job.clone(), facts });
            sink.emit(&Event::JobFinished { job, seconds: seconds(), outputs: serde_json::Map::new(), rejected_rows });
            sink.emit(&Event::RunFinished { status: "done".to_owned(), seconds: seconds(), written });
            Ok((done, if rejected_rows > 0 { Exit::RowsRejected } else { Exit::Done }))
        }
        Err(error) => {
            let text = error.to_string();
            let (message, hint) =
                text.split_once("\n  hint: ").map_or((text.as_str(), None), |(message, hint)| (message, Some(hint.to_owned())));
            sink.emit(&Event::JobFailed { job, message: message.to_owned(), hint });
            printer.error(&text);
            Err(match error {
                RecipeError::Stopped => Exit::Interrupted,
                // What the recipe names is not there or not usable: nothing was run.
                RecipeError::Dataset(
                    sandbox_dataset::DatasetError::Missing { .. }
                    | sandbox_dataset::DatasetError::Unsupported { .. }
                    | sandbox_dataset::DatasetError::UnsupportedOutput { .. }
                    | sandbox_dataset::DatasetError::Weights { .. }
                    | sandbox_dataset::DatasetError::Nothing { .. }
                    | sandbox_dataset::DatasetError::Pattern { .. },
                )
                | RecipeError::ExportIsInput { .. } => Exit::Usage,
                _ => Exit::Failed,
            })
        }
    }
}
