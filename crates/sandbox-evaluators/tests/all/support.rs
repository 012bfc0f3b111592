//! What the tests share.

use std::path::Path;
use std::sync::{Arc, Mutex};

use sandbox_core::component::{ComponentError, Finding, JobContext, JobSettings, Outcome};
use sandbox_core::event::{Event, EventSink};
use sandbox_core::hook::{Category, Hook};
use sandbox_core::registry::Registry;
use serde_json::{Value, json};
use tempfile::TempDir;

/// A folder with files.
pub fn folder<'f>(files: impl IntoIterator<Item = (&'f str, &'f str)>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    files.into_iter().for_each(|(name, text)| std::fs::write(folder.path().join(name), text).unwrap());
    folder
}

pub fn path(folder: &TempDir, name: &str) -> String {
    folder.path().join(name).display().to_string()
}

pub fn data(name: &str) -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name).display().to_string()
}

pub fn registry() -> Registry {
    let mut registry = Registry::new();
    sandbox_evaluators::register(&mut registry).unwrap();
    registry
}

/// What is wrong before anything runs, as text; earlier jobs write the folder `made`.
pub fn check(extra: Value, pending: &[&str]) -> Vec<String> {
    let settings = JobSettings::new(Value::Null, extra).with_pending(pending.iter().copied()).with_promised(vec!["made".to_owned()]);
    let name = settings.extra_configs["type"].as_str().unwrap().to_owned();
    let findings = registry().get(Category::DataEvaluator, Some(&name)).unwrap().check(&settings);
    findings.iter().map(|Finding { problem, path, .. }| format!("{:?} {path}: {problem}", problem.severity)).collect()
}

/// Runs a job; its outcome and its events.
pub async fn run(extra: Value) -> (Result<Outcome, ComponentError>, Vec<Event>) {
    let name = extra["type"].as_str().unwrap().to_owned();
    let registry = registry();
    let entry = registry.get(Category::DataEvaluator, Some(&name)).unwrap();
    let component = entry.build(&JobSettings::new(json!(null), extra)).unwrap();
    let seen: Arc<Mutex<Vec<Event>>> = Arc::default();
    let sink = seen.clone();
    let sink = EventSink::new(move |event: &Event| sink.lock().unwrap().push(event.clone()));
    let job = JobContext::standalone(".", Hook::named("EvaluateDataHook").unwrap(), sink);
    let outcome = component.run(&job).await;
    let events = seen.lock().unwrap().clone();
    (outcome, events)
}
