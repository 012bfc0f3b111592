//! `dj-sandbox pool construct|combine|duplicate|rank|downsample|merge|join`: data pools without a configuration.

use std::time::Instant;

use sandbox_core::component::{ComponentError, Finding, JobContext, JobSettings, Outcome, StopFlag};
use sandbox_core::event::{Event, EventSink, JobEvents, JobName, PlanLine};
use sandbox_core::registry::Registry;
use sandbox_data_pool::{Key, VERBS, Verb};
use sandbox_document::Problem;
use serde_json::{Map, Value};

use crate::args::Arguments;
use crate::exit::Exit;
use crate::printer::Printer;
use crate::progress::Teller;
use crate::render;
use crate::settings::parse_value;
use crate::signals;

/// Runs one manipulation and prints what it made.
pub fn pool(registry: &Registry, arguments: &Arguments, printer: Printer) -> Exit {
    let Some(verb) = VERBS.iter().find(|verb| arguments.words.first().is_some_and(|word| word == verb.name)) else { return Exit::Usage };
    let entry = registry.get(verb.entry.category, verb.entry.type_name).unwrap_or(&verb.entry);
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let settings = JobSettings::new(Value::Null, configuration(verb, &arguments.flags)).with_threads(threads);
    let findings = entry.check(&settings);
    let is_wrong = findings.iter().any(|finding| finding.problem.is_error());
    printer.problems(&problems(findings));
    if is_wrong {
        return Exit::Usage;
    }
    let component = match entry.build(&settings) {
        Ok(component) => component,
        Err(findings) => {
            printer.problems(&problems(findings));
            return Exit::Usage;
        }
    };
    if let Some(problem) = (verb.missing)(&settings) {
        printer.problems(&[problem]);
        return Exit::Usage;
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            printer.error(format!("Failed to start: {error}"));
            return Exit::Internal;
        }
    };
    let (stop, sink, started) = (StopFlag::new(), EventSink::new(Teller::new(printer)), Instant::now());
    let mut job = JobContext::standalone(".", entry.category().hook(), sink.clone());
    let name = JobName { iteration: 1, pipeline: "pool".to_owned(), meta_name: verb.name.to_owned() };
    job.events = JobEvents::new(sink.clone(), name.clone());
    (job.threads, job.stop) = (threads, stop.clone());
    sink.emit(&Event::Plan { jobs: vec![line(verb, &job)] });
    sink.emit(&Event::JobStarted { job: name.clone(), hook: job.hook.name.to_owned(), type_name: entry.type_name().map(str::to_owned) });
    let ran = runtime.block_on(async {
        signals::listen(stop, printer);
        component.run(&job).await
    });
    let seconds = started.elapsed().as_secs_f64();
    match ran {
        Ok(outcome) => {
            let outputs: Map<String, Value> = outcome.values.first().map(|paths| ("paths".to_owned(), paths.clone())).into_iter().collect();
            if let Some(facts) = &outcome.report {
                sink.emit(&Event::Report { job: name.clone(), facts: facts.clone() });
            }
            sink.emit(&Event::JobFinished { job: name, seconds, outputs, rejected_rows: outcome.rejected_rows });
            sink.emit(&Event::RunFinished { status: "done".to_owned(), seconds, written: outcome.files.clone() });
            if !printer.json {
                printer.data(told(&outcome));
            }
            if outcome.rejected_rows > 0 { Exit::RowsRejected } else { Exit::Done }
        }
        Err(error) => {
            let hint = if let ComponentError::Failed { hint, .. } = &error { hint.clone() } else { None };
            sink.emit(&Event::JobFailed { job: name, message: error.to_string(), hint: hint.clone() });
            if matches!(error, ComponentError::Interrupted) {
                return Exit::Interrupted;
            }
            let hint = hint.map(|hint| format!("\n  hint: {hint}")).unwrap_or_default();
            printer.error(format!("{:#}{hint}", anyhow::Error::from(error)));
            Exit::Failed
        }
    }
}

/// The flags as `extra_configs`: paths are texts, everything else is YAML, and what is given several times is a list.
fn configuration(verb: &Verb, flags: &[(String, String)]) -> Value {
    let mut map = Map::new();
    for key in verb.keys {
        let mut values: Vec<Value> = flags.iter().filter(|(name, _)| name == key.name).map(|(_, text)| value(key, text)).collect();
        match values.len() {
            0 => {}
            1 => {
                map.insert(key.name.to_owned(), values.swap_remove(0));
            }
            _ => {
                map.insert(key.name.to_owned(), Value::Array(values));
            }
        }
    }
    Value::Object(map)
}

fn value(key: &Key, text: &str) -> Value {
    let is_path = key.name.contains("_path") && !text.trim_start().starts_with('[');
    if is_path { Value::String(text.to_owned()) } else { parse_value(text) }
}

/// On the command line, keys are flags.
fn problems(findings: Vec<Finding>) -> Vec<Problem> {
    findings.into_iter().map(|finding| finding.problem).collect()
}

fn line(verb: &Verb, job: &JobContext) -> PlanLine {
    PlanLine {
        pipeline: job.events.job().pipeline,
        list: String::new(),
        meta_name: verb.name.to_owned(),
        hook: job.hook.name.to_owned(),
        type_name: verb.entry.type_name.map(str::to_owned),
        inputs: Vec::new(),
        outputs: vec!["paths".to_owned()],
    }
}

/// The pools that were written, or the paths where none was.
fn told(outcome: &Outcome) -> String {
    let pools = outcome.report.as_ref().and_then(|report| report["pools"].as_array());
    match pools {
        Some(pools) => render::pools::pools(pools),
        None => {
            let paths = outcome.values.first().and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
            paths.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("\n")
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn flags_become_a_configuration() {
        let flags = [
            ("dataset_path", "1.jsonl"),
            ("dataset_path", "b.jsonl"),
            ("export_path", "7"),
            ("split_ratios", "1/4"),
            ("split_ratios", "0.5"),
            ("ignore_stats", "true"),
        ];
        let flags = flags.map(|(name, text)| (name.to_owned(), text.to_owned()));
        let expected = json!({
            "dataset_path": ["1.jsonl", "b.jsonl"], "export_path": "7", "split_ratios": ["1/4", 0.5], "ignore_stats": true,
        });
        assert_eq!(configuration(&VERBS[0], &flags), expected);
        let one = [("dataset_path".to_owned(), "[a, b]".to_owned())];
        assert_eq!(configuration(&VERBS[0], &one), json!({"dataset_path": ["a", "b"]}));
    }
}
