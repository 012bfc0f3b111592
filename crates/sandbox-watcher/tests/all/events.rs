//! The events of a sandbox run, kept.

use sandbox_core::event::{Event, JobName, Listener, PlanLine};
use sandbox_watcher::reader::RunFilter;
use sandbox_watcher::{Level, Recorder, Status};
use serde_json::{Map, Value, json};

use crate::support::{Store, flush};

fn job(iteration: u64, meta_name: &str) -> JobName {
    JobName { iteration, pipeline: "p".into(), meta_name: meta_name.into() }
}

fn started(work_dir: &std::path::Path) -> Event {
    Event::RunStarted { project: "demo".into(), experiment: "first".into(), work_dir: work_dir.to_owned(), resume: true, max_iterations: 1 }
}

fn outputs(value: Value) -> Map<String, Value> {
    Map::from_iter([("path".to_owned(), value)])
}

#[test]
fn a_run_with_its_jobs() {
    let store = Store::new();
    let watcher = store.open();
    let config = json!({"project_name": "demo", "extra": {"api_key": "x"}});
    let recorder = Recorder::new(watcher.clone()).with_config("sandbox", config).with_tag("who", "me");
    let line = |meta_name: &str, hook: &str, type_name: Option<&str>| PlanLine {
        pipeline: "p".into(),
        list: "execution_job_configs".into(),
        meta_name: meta_name.into(),
        hook: hook.into(),
        type_name: type_name.map(str::to_owned),
        inputs: Vec::new(),
        outputs: Vec::new(),
    };
    let process = json!({"kind": "process", "process": {"operators": [
        {"name": "f", "rows_in": 10, "rows_out": 7, "changed": 1, "reasons": [["too short", 2], ["too long", 1]]},
    ]}});
    let (clean, train) = (job(1, "clean"), job(1, "train"));
    let events = [
        started(store.path.parent().unwrap()),
        Event::Plan { jobs: vec![line("clean", "ProcessDataHook", None), line("train", "TrainModelHook", Some("ngram"))] },
        Event::IterationStarted { iteration: 1 },
        Event::JobSkipped { job: clean.clone(), why: "unchanged".into(), outputs: outputs(json!("a.jsonl")), report: Some(process) },
        Event::JobStarted { job: train.clone(), hook: "TrainModelHook".into(), type_name: Some("ngram".into()) },
        Event::Progress { job: train.clone(), done: 5, total: Some(10), unit: "steps".into(), rows: None, pass: None },
        Event::Metric { job: train.clone(), name: "loss".into(), step: Some(10), value: 0.5 },
        Event::Metric { job: train.clone(), name: "loss".into(), step: Some(20), value: f64::NAN },
        Event::Metrics {
            job: train.clone(),
            step: Some(30),
            values: [("loss".to_owned(), 0.25), ("lr".to_owned(), 1e-5)].into_iter().collect(),
        },
        Event::Log { job: train.clone(), file: "train.log".into() },
        Event::BadRow { job: train.clone(), file: "a.jsonl".into(), line: 3, reason: "no text".into() },
        Event::Warning { job: Some(train.clone()), message: "slow".into() },
        Event::Watched { job: train.clone(), meta_name: "train".into(), value: json!({"tokens": 3, "result": {"bits": 1.5}}) },
        Event::JobFinished { job: train.clone(), seconds: 1.0, outputs: outputs(json!("m.bin")), rejected_rows: 2000 },
        Event::Targets { iteration: 1, targets: Vec::new(), met: false },
        Event::IterationFinished { iteration: 1 },
        Event::RunFinished { status: "targets_not_met".into(), seconds: 2.0, written: Vec::new() },
    ];
    events.iter().for_each(|event| recorder.event(event));
    flush(&watcher);
    let reader = watcher.reader().unwrap();
    let run = reader.runs(&RunFilter { metrics: true, ..RunFilter::default() }).unwrap().remove(0);
    assert_eq!((run.project.as_str(), run.name.as_str(), run.status), ("demo", "first", Status::TargetsNotMet));
    assert_eq!((run.tags["who"].as_str(), run.tags["resume"].as_str()), ("me", "true"));
    assert_eq!(reader.configs(&run.uid).unwrap()["sandbox"]["extra"]["api_key"], "***");
    let names: Vec<&str> = run.metrics.iter().map(|summary| summary.name.as_str()).collect();
    assert_eq!(names, ["train.loss", "train.lr", "train.result.bits", "train.tokens"]);
    assert_eq!(reader.query(&run.uid, "train.result").unwrap(), Some(json!({"bits": 1.5})));

    let tree = reader.tree(&run.uid).unwrap();
    let pipeline = &tree.parts[0];
    let iteration = &pipeline.parts[0];
    assert_eq!((pipeline.run.level, iteration.run.level), (Level::Pipeline, Level::Iteration));
    assert_eq!((pipeline.run.status, iteration.run.status), (Status::TargetsNotMet, Status::Done));
    let [clean, train] = iteration.parts.as_slice() else { panic!("{iteration:?}") };
    assert_eq!((clean.run.name.as_str(), clean.run.status, clean.run.hook.as_deref()), ("clean", Status::Skipped, Some("ProcessDataHook")));
    assert_eq!((train.run.status, train.run.type_name.as_deref(), train.run.rejected_rows), (Status::Done, Some("ngram"), 2000));
    assert_eq!(train.run.progress.as_ref().map(|progress| progress.done), Some(5));
    assert_eq!(train.run.outputs, Some(json!({"path": "m.bin"})));
    let loss = &reader.metrics(&train.run.uid).unwrap()[0];
    assert_eq!((loss.nans, loss.count, loss.last_step), (1, 3, 30));

    let operators = reader.operators(&run.uid).unwrap();
    assert_eq!((operators.len(), operators[0].operator.as_str(), operators[0].rows_in, operators[0].dropped()), (1, "f", 10, 3));
    let bad = reader.bad_rows(&run.uid, 0, 10).unwrap();
    assert_eq!((bad.len(), bad[0].line, bad[0].reason.as_str()), (1, 3, "no text"));
    let lines: Vec<String> = reader.log(&run.uid, None, 10).unwrap().into_iter().map(|line| line.text).collect();
    assert_eq!(lines, ["skipped: unchanged", "train started: TrainModelHook (ngram)", "slow", "done in 1.00 s"]);
    let kinds: Vec<String> = reader.events_since(0, Some(&run.uid), 100).unwrap().into_iter().map(|event| event.kind).collect();
    let expected =
        "run_started plan iteration_started job_skipped job_started log warning job_finished targets iteration_finished run_finished";
    assert_eq!(kinds.join(" "), expected);
}

#[test]
fn a_run_that_fails_says_why() {
    let store = Store::new();
    let watcher = store.open();
    let recorder = Recorder::new(watcher.clone());
    let (good, bad, cut) = (job(1, "good"), job(1, "bad"), job(1, "cut"));
    let begin = |job: &JobName| Event::JobStarted { job: job.clone(), hook: "GeneralProbeHook".into(), type_name: None };
    recorder.event(&begin(&good)); // before the run: there is nothing to keep it in
    recorder.event(&started(store.path.parent().unwrap()));
    recorder.event(&begin(&cut));
    recorder.event(&begin(&bad));
    recorder.event(&Event::JobFailed { job: bad, message: "No space left".into(), hint: Some("make room".into()) });
    recorder.event(&Event::RunFinished { status: "failed".into(), seconds: 1.0, written: Vec::new() });
    flush(&watcher);
    let reader = watcher.reader().unwrap();
    let run = reader.runs(&RunFilter::default()).unwrap().remove(0);
    assert_eq!((run.status, run.hint.as_deref()), (Status::Failed, Some("make room")));
    assert_eq!(run.message.as_deref(), Some("job `bad` of the pipeline `p`: No space left"));
    let jobs = &reader.tree(&run.uid).unwrap().parts[0].parts[0].parts;
    let statuses: Vec<_> = jobs.iter().map(|job| (job.run.name.as_str(), job.run.status)).collect();
    assert_eq!(statuses, [("cut", Status::Aborted), ("bad", Status::Failed)]);
}

#[test]
fn jobs_of_one_name_are_told_apart() {
    let store = Store::new();
    let watcher = store.open();
    let recorder = Recorder::new(watcher.clone());
    let twice = job(1, "raw");
    recorder.event(&started(store.path.parent().unwrap()));
    for (hook, value) in [("ProbeViaAnalyzerHook", 1), ("RefineRecipeViaKSigmaHook", 2)] {
        recorder.event(&Event::JobStarted { job: twice.clone(), hook: hook.into(), type_name: None });
        recorder.event(&Event::Watched { job: twice.clone(), meta_name: "raw".into(), value: json!(value) });
        recorder.event(&Event::JobFinished { job: twice.clone(), seconds: 1.0, outputs: outputs(json!(value)), rejected_rows: 0 });
    }
    recorder.event(&Event::RunFinished { status: "done".into(), seconds: 2.0, written: Vec::new() });
    flush(&watcher);
    let reader = watcher.reader().unwrap();
    let run = reader.runs(&RunFilter::default()).unwrap().remove(0);
    let jobs = &reader.tree(&run.uid).unwrap().parts[0].parts[0].parts;
    let told: Vec<_> = jobs.iter().map(|job| (job.run.hook.clone(), job.run.outputs.clone())).collect();
    let expected = [("ProbeViaAnalyzerHook", 1), ("RefineRecipeViaKSigmaHook", 2)];
    assert_eq!(told, expected.map(|(hook, value)| (Some(hook.to_owned()), Some(json!({"path": value})))));
    assert_eq!(reader.query(&run.uid, "raw").unwrap(), Some(json!(2)));
}
