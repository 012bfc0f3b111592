//! Jobs outside of a pipeline.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Instant;

use sandbox_core::component::{ComponentError, JobContext, JobSettings, Kind, Outcome};
use sandbox_core::event::{Event, EventSink};
use sandbox_core::hook::Category;
use sandbox_core::registry::Registry;
use serde_json::Value;

/// Events and when they came.
pub type Seen = Arc<Mutex<Vec<(Instant, Event)>>>;

pub fn registry() -> Registry {
    let mut registry = Registry::new();
    sandbox_integrations::register(&mut registry).unwrap();
    registry
}

pub fn job(folder: &Path, category: Category) -> (JobContext, Seen) {
    let seen = Seen::default();
    let kept = seen.clone();
    let sink = EventSink::new(move |event: &Event| kept.lock().unwrap().push((Instant::now(), event.clone())));
    (JobContext::standalone(folder, category.hook(), sink), seen)
}

/// Runs a `type` with a configuration.
pub async fn run(job: &JobContext, kind: &dyn Kind, extra: Value) -> Result<Outcome, ComponentError> {
    let component = kind.build(&JobSettings::new(Value::Null, extra)).unwrap_or_else(|findings| panic!("{findings:?}"));
    component.run(job).await
}

/// All messages of a check.
pub fn messages(kind: &dyn Kind, extra: Value) -> Vec<String> {
    let told = |problem: sandbox_document::Problem| match problem.hint {
        Some(hint) => format!("{}; {hint}", problem.message),
        None => problem.message,
    };
    kind.check(&JobSettings::new(Value::Null, extra)).into_iter().map(|finding| told(finding.problem)).collect()
}

/// Numbers that were measured: step, name, value.
pub fn metrics(seen: &Seen) -> Vec<(Option<u64>, String, f64)> {
    let mut found = Vec::new();
    for (_, event) in seen.lock().unwrap().iter() {
        if let Event::Metrics { step, values, .. } = event {
            found.extend(values.iter().map(|(name, value)| (*step, name.clone(), *value)));
        }
    }
    found
}

/// The file of the job's log.
pub fn log(seen: &Seen) -> std::path::PathBuf {
    let seen = seen.lock().unwrap();
    seen.iter().find_map(|(_, event)| if let Event::Log { file, .. } = event { Some(file.clone()) } else { None }).unwrap()
}
