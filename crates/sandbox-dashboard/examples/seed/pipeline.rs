//! Runs of a pipeline, as their events tell them.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};

use sandbox_core::event::{Event, JobName, Listener, PlanLine, TargetState};
use sandbox_watcher::{Artifact, Level, Recorder, RunSpec, Status, Watcher};
use serde_json::{Map, Value, json};

use crate::write;

fn job(meta_name: &str) -> JobName {
    JobName { iteration: 1, pipeline: "demo".into(), meta_name: meta_name.into() }
}

fn plan() -> Event {
    let line = |list: &str, meta_name: &str, hook: &str, type_name: Option<&str>, inputs: &[(&str, &str)], output: &str| PlanLine {
        pipeline: "demo".into(),
        list: format!("{list}_job_configs"),
        meta_name: meta_name.into(),
        hook: hook.into(),
        type_name: type_name.map(str::to_owned),
        inputs: inputs.iter().map(|(left, right)| ((*left).to_owned(), (*right).to_owned())).collect(),
        outputs: vec![output.to_owned()],
    };
    let jobs = vec![
        line("probe", "raw_data", "ProbeViaAnalyzerHook", None, &[], "analyzed_path"),
        line("refine_recipe", "refined", "RefineRecipeViaKSigmaHook", None, &[], "recipe_path"),
        line("execution", "process", "ProcessDataHook", None, &[("dj_configs", "demo.refined.recipe_path")], "processed_path"),
        line(
            "execution",
            "pools",
            "GeneralDataPoolHook",
            Some("data_pool_construction"),
            &[("dataset_path", "demo.process.processed_path")],
            "pools",
        ),
        line(
            "execution",
            "train",
            "TrainModelHook",
            Some("ngram"),
            &[("extra_configs.dataset_path", "demo.process.processed_path")],
            "model_path",
        ),
        line(
            "evaluation",
            "processed_data",
            "ProbeViaAnalyzerHook",
            None,
            &[("dj_configs.dataset_path", "demo.process.processed_path")],
            "analyzed_path",
        ),
        line("evaluation", "evaluate", "EvaluateModelHook", Some("perplexity"), &[("model_path", "demo.train.model_path")], "scores"),
    ];
    Event::Plan { jobs }
}

fn started(work_dir: &Path, experiment: &str) -> Event {
    let work_dir = work_dir.to_owned();
    Event::RunStarted { project: "demo".into(), experiment: experiment.into(), work_dir, resume: false, max_iterations: 1 }
}

fn begun(meta_name: &str, hook: &str, type_name: Option<&str>) -> Event {
    Event::JobStarted { job: job(meta_name), hook: hook.into(), type_name: type_name.map(str::to_owned) }
}

fn finished(meta_name: &str, seconds: f64, outputs: Value) -> Event {
    let outputs = if let Value::Object(outputs) = outputs { outputs } else { Map::new() };
    Event::JobFinished { job: job(meta_name), seconds, outputs, rejected_rows: 0 }
}

fn report(meta_name: &str, facts: Value) -> Event {
    Event::Report { job: job(meta_name), facts }
}

/// Statistics of a data set whose texts are about `middle` long.
fn analysis(middle: f64, rows: u64) -> Value {
    let bins = 24_usize;
    let edges: Vec<f64> = (0..=bins).map(|bin| middle * 0.1 * bin as f64).collect();
    let counts: Vec<u64> = (0..bins).map(|bin| ((rows as f64) * (-((bin as f64 - 10.0) / 4.0).powi(2)).exp() / 7.0) as u64).collect();
    let numbers = json!({"count": rows, "mean": middle, "std": middle / 3.0, "min": 0.0, "25%": middle * 0.8, "50%": middle, "75%": middle * 1.3, "max": middle * 2.4});
    let language = json!({"count": rows, "mean": 0.91, "std": 0.05, "min": 0.2, "25%": 0.85, "50%": 0.93, "75%": 0.97, "max": 1.0});
    json!({
        "kind": "analysis", "overall": {"text_len": numbers, "lang_score": language},
        "histograms": {"text_len": {"edges": edges, "counts": counts}}, "analysis": {"rows_in": rows, "rows_out": rows},
    })
}

/// What the processing reports; its examples and the rows that could not be used are written below `work_dir`.
fn process(work_dir: &Path) -> Result<Value, Box<dyn Error>> {
    let folder = work_dir.join("processed");
    let kept = folder.join("trace/sample_trace-text_length_filter.jsonl");
    let short = (0..12).map(|row| json!({"text": format!("too short {row}"), "__dj__stats__": {"text_len": 11}}).to_string() + "\n");
    write(&kept, &short.collect::<String>())?;
    let same = folder.join("trace/duplicate-document_deduplicator.jsonl");
    write(&same, &(json!({"dup1": "The same <b>text</b>", "dup2": "The same <b>text</b>"}).to_string() + "\n"))?;
    let changed = folder.join("trace/sample_trace-whitespace_normalization_mapper.jsonl");
    write(&changed, &(json!({"original_text": "two\u{2003}words", "processed_text": "two words"}).to_string() + "\n"))?;
    let rejected = folder.join("speeches_rejected.jsonl");
    write(
        &rejected,
        &(json!({"file": "speeches.jsonl", "line": 17, "reason": "field `text` is a number", "row": {"text": 7}}).to_string() + "\n"),
    )?;
    let operator = |name: &str, rows_in: u64, rows_out: u64, changed: u64, reasons: Value| json!({"name": name, "rows_in": rows_in, "rows_out": rows_out, "changed": changed, "reasons": reasons});
    let operators = json!([
        operator("whitespace_normalization_mapper", 12_345, 12_345, 1_023, json!([])),
        operator("text_length_filter", 12_345, 9_876, 0, json!([["too short", 2_000], ["too long", 469]])),
        operator("language_id_score_filter", 9_876, 9_000, 0, json!([["another language", 876]])),
        operator("document_deduplicator", 9_000, 7_777, 0, json!([["duplicate", 1_223]])),
    ]);
    Ok(json!({"kind": "process", "process": {
        "rows_in": 12_346, "rows_out": 7_777, "rejected": 1, "without_text": 0, "operators": operators, "rejected_path": rejected,
        "export_path": folder.join("speeches.jsonl"), "traces": [kept, same, changed],
    }}))
}

fn evaluation() -> Value {
    let score = |model: &str, bits: f64, difference: Value| {
        let interval = json!({"low": bits - 0.02, "high": bits + 0.021});
        json!({"model": model, "model_path": format!("models/{model}.ngram"), "target": "held_out", "bits_per_byte": bits, "interval": interval,
               "documents": 200, "bytes": 123_456, "perplexity": null, "difference": difference})
    };
    let against = json!({"difference": -0.084, "interval": {"low": -0.09, "high": -0.078}});
    json!({"kind": "perplexity", "results": [score("raw", 2.313, Value::Null), score("processed", 2.229, against), score("short", 2.41, Value::Null), score("medium", 2.23, Value::Null), score("long", 2.27, Value::Null)]})
}

/// A run in which all went well.
pub fn done(watcher: &Watcher, work_dir: &Path) -> Result<String, Box<dyn Error>> {
    let config = json!({"project_name": "demo", "experiment_name": "cleaner", "token": "x", "extra": {"epochs": 2, "path": "a/b"}});
    let recorder = Recorder::new(watcher.clone()).with_config("sandbox", config).with_tag("data", "speeches");
    let log = work_dir.join("logs/train.log");
    let lines = (0..3000).map(|step| format!("\u{1b}[32mINFO\u{1b}[0m step {step} loss {:.4}\n", 4.0 / f64::from(step + 1)));
    write(&log, &lines.collect::<String>())?;
    let pool = |name: &str, rows: u64| json!({"path": work_dir.join(format!("pools/{name}.jsonl")), "rows": rows, "bytes": rows * 512, "operation": "construction", "parents": [], "seed": 42, "details": {"statistic": "text_len"}});
    let pools = json!({"kind": "pools", "pools": [pool("short", 2_592), pool("medium", 2_593), pool("long", 2_592)]});
    let changes = json!([{"operator": "text_length_filter", "argument": "min_len", "before": 1, "after": 118.25, "statistic": "text_len"}]);
    let (train, evaluate) = (job("train"), job("evaluate"));
    let tell = |event: Event| recorder.event(&event);
    tell(started(work_dir, "cleaner"));
    tell(plan());
    tell(Event::IterationStarted { iteration: 1 });
    tell(Event::JobSkipped { job: job("raw_data"), why: "unchanged".into(), outputs: Map::new(), report: Some(analysis(900.0, 12_345)) });
    tell(begun("refined", "RefineRecipeViaKSigmaHook", None));
    tell(report("refined", json!({"kind": "refinement", "k": 3.0, "changes": changes})));
    tell(finished("refined", 0.02, json!({"recipe_path": "refined.yaml"})));
    tell(begun("process", "ProcessDataHook", None));
    tell(Event::BadRow { job: job("process"), file: "speeches.jsonl".into(), line: 17, reason: "field `text` is a number".into() });
    tell(report("process", process(work_dir)?));
    tell(finished("process", 1.5, json!({"processed_path": "processed/speeches.jsonl"})));
    tell(begun("pools", "GeneralDataPoolHook", Some("data_pool_construction")));
    tell(report("pools", pools));
    tell(finished("pools", 0.4, json!({"pools": ["pools/short.jsonl", "pools/medium.jsonl", "pools/long.jsonl"]})));
    tell(begun("train", "TrainModelHook", Some("ngram")));
    tell(Event::Log { job: train.clone(), file: log });
    for step in 0..200_u64 {
        let values = [("loss".to_owned(), 4.0 / (step + 1) as f64), ("lr".to_owned(), 1e-5)].into_iter().collect();
        tell(Event::Metrics { job: train.clone(), step: Some(step), values });
    }
    tell(Event::Warning { job: Some(train), message: "the disk is nearly full".into() });
    tell(finished("train", 4.2, json!({"model_path": "models/processed.ngram"})));
    tell(begun("processed_data", "ProbeViaAnalyzerHook", None));
    tell(report("processed_data", analysis(1200.0, 7_777)));
    tell(finished("processed_data", 0.8, json!({})));
    tell(begun("evaluate", "EvaluateModelHook", Some("perplexity")));
    tell(report("evaluate", evaluation()));
    let scores = json!({"short": {"bits_per_byte": 2.41}, "medium": {"bits_per_byte": 2.23}, "long": {"bits_per_byte": 2.27}});
    tell(Event::Watched { job: evaluate, meta_name: "pool_scores".into(), value: scores });
    tell(finished("evaluate", 0.9, json!({"scores": [2.313, 2.229]})));
    let targets = vec![TargetState { target: "demo.evaluate.scores.1 < 2.25".into(), value: Some(2.229), met: true }];
    tell(Event::Targets { iteration: 1, targets, met: true });
    let uid = recorder.uid().ok_or("no run")?;
    lineage(watcher, &uid);
    tell(Event::IterationFinished { iteration: 1 });
    tell(Event::RunFinished { status: "done".into(), seconds: 7.9, written: vec!["models/processed.ngram".into()] });
    Ok(uid)
}

/// What was made from what. The recorder reads that from the state of a real run.
fn lineage(watcher: &Watcher, uid: &str) {
    let spec = RunSpec { kind: Level::Iteration, name: "lineage".into(), parent: Some(uid.to_owned()), ..RunSpec::default() };
    let part = watcher.start_run(spec);
    let thing = |kind: &str, digest: &str, name: &str| Artifact {
        kind: kind.into(),
        digest: digest.repeat(8),
        name: name.into(),
        bytes: Some(123_456),
    };
    let (raw, recipe) = (thing("dataset", "a1b2", "data/speeches.jsonl"), thing("recipe", "c3d4", "refined.yaml"));
    let (clean, model) = (thing("dataset", "e5f6", "processed/speeches.jsonl"), thing("model", "0718", "models/processed.ngram"));
    part.lineage(&raw, &clean, "ProcessDataHook");
    part.lineage(&recipe, &clean, "ProcessDataHook");
    part.lineage(&clean, &model, "TrainModelHook");
    part.lineage(&model, &thing("score", "29a0", "demo.evaluate"), "EvaluateModelHook");
    part.finish(Status::Done);
}

/// A run whose second job failed.
pub fn failed(watcher: &Watcher, work_dir: &Path) -> Result<String, Box<dyn Error>> {
    let recorder = Recorder::new(watcher.clone()).with_config("sandbox", json!({"project_name": "demo", "extra": {"epochs": 3}}));
    let message = "Failed to write `out/iter_1/p.jsonl`: No space left on device (os error 28)".to_owned();
    for event in [
        started(work_dir, "too full"),
        plan(),
        Event::IterationStarted { iteration: 1 },
        begun("raw_data", "ProbeViaAnalyzerHook", None),
        report("raw_data", analysis(900.0, 12_345)),
        finished("raw_data", 0.7, json!({})),
        begun("refined", "RefineRecipeViaKSigmaHook", None),
        Event::JobFailed { job: job("refined"), message, hint: Some("make room, then run again with `--resume`".into()) },
    ] {
        recorder.event(&event);
    }
    let uid = recorder.uid().ok_or("no run")?;
    recorder.event(&Event::RunFinished { status: "failed".into(), seconds: 1.0, written: Vec::new() });
    Ok(uid)
}

/// A run that goes on for as long as the program does.
pub struct Live {
    recorder: Recorder,
    log: PathBuf,
    step: u64,
}

impl Live {
    /// Begins it, with its training under way.
    pub fn begin(watcher: &Watcher, work_dir: &Path) -> Result<Self, Box<dyn Error>> {
        let recorder = Recorder::new(watcher.clone()).with_config("sandbox", json!({"project_name": "demo", "extra": {"epochs": 2}}));
        let log = work_dir.join("logs/live.log");
        write(&log, "loading the data\nepoch 1:  10%\repoch 1:  50%\repoch 1: 100%\n")?;
        for event in [
            started(work_dir, "live"),
            plan(),
            Event::IterationStarted { iteration: 1 },
            begun("train", "TrainModelHook", Some("ngram")),
            Event::Log { job: job("train"), file: log.clone() },
            Event::Progress { job: job("train"), done: 30, total: Some(100), unit: "steps".into(), rows: None, pass: None },
        ] {
            recorder.event(&event);
        }
        let mut live = Self { recorder, log, step: 0 };
        (0..50).for_each(|step| live.watch(3.0 / (1.0 + f64::from(step) * 0.1)));
        Ok(live)
    }

    /// Its name in the store.
    pub fn uid(&self) -> Option<String> {
        self.recorder.uid()
    }

    /// Watches a loss.
    pub fn watch(&mut self, loss: f64) {
        let values = [("loss".to_owned(), loss)].into_iter().collect();
        self.recorder.event(&Event::Metrics { job: job("train"), step: Some(self.step), values });
        self.step += 1;
    }

    /// Prints a line into its log.
    pub fn print(&self, text: &str) {
        let file = std::fs::OpenOptions::new().append(true).open(&self.log);
        let _ = file.and_then(|mut file| writeln!(file, "{text}"));
    }
}
