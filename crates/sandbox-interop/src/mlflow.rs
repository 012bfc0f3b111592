//! Runs on an MLflow server, over its REST interface.
//!
//! A run is a run of the experiment that has the name of its project, its parts are nested runs. Numbers go in batches of at most a thousand; NaN and infinities go as
//! the server takes them; configurations are parameters, labels are tags. Names that the server does not take are changed, and told.
//!
//! How far an export came stands in a tag of the run (`dj_sandbox.exported`), in the same request as the numbers: an export that ended in the
//! middle goes on there, and one of a run that has gone on adds what is new.

mod client;
mod names;

use std::collections::HashSet;

use sandbox_watcher::reader::{RunInfo, Summary};
use sandbox_watcher::{Num, Status};
use serde_json::{Value, json};

use crate::error::InteropError;
use crate::exported::{Exported, Meter};
use crate::rows::{Cell, Row};
use crate::source::{Part, Source};

use client::Client;

pub use client::Access;

/// What the server takes at once.
const BATCH: usize = 1000;
const FEW: usize = 100;
/// Characters of a parameter's and of a tag's value.
const LONGEST_PARAMETER: usize = 6000;
const LONGEST_TAG: usize = 5000;
const RUN: &str = "dj_sandbox.run";
const EXPORTED: &str = "dj_sandbox.exported";

/// Brings runs onto the server at `url`, into the experiment `experiment`, or one with the name of their project.
///
/// # Errors
/// A server that cannot be reached or that refuses; a store that cannot be read. What went out by then is on the server, and the next
/// export goes on there.
pub fn export(
    sources: &[Source<'_>],
    url: &str,
    access: Access,
    experiment: Option<&str>,
    meter: &mut Meter<'_>,
) -> Result<Exported, InteropError> {
    let client = Client::new(url, access);
    let mut exported = Exported::default();
    for source in sources {
        let Some(run) = source.run() else { continue };
        let project = if run.project.is_empty() { "dj-sandbox" } else { run.project.as_str() };
        let experiment = client.experiment(experiment.unwrap_or(project))?;
        let mut ids: Vec<String> = Vec::new();
        for part in &source.parts {
            let above = part.parent.and_then(|parent| ids.get(parent)).cloned();
            let one = One { client: &client, source, part, experiment: &experiment };
            let id = one.export(above.as_deref(), meter, &mut exported)?;
            if above.is_none() {
                exported.urls.push(format!("{}/#/experiments/{experiment}/runs/{id}", client.url()));
            }
            ids.push(id);
        }
    }
    Ok(exported)
}

/// A part on its way.
struct One<'e, 'r> {
    client: &'e Client,
    source: &'e Source<'r>,
    part: &'e Part,
    experiment: &'e str,
}

impl One<'_, '_> {
    fn export(&self, parent: Option<&str>, meter: &mut Meter<'_>, exported: &mut Exported) -> Result<String, InteropError> {
        let (id, from) = match self.client.find(self.experiment, RUN, &self.part.info.uid)? {
            Some(run) => {
                exported.resumed += 1;
                let from = run.tags.iter().find(|(key, _)| key == EXPORTED).and_then(|(_, value)| value.parse().ok());
                (run.id, from.unwrap_or(0))
            }
            None => (self.create(parent)?, 0),
        };
        if from == 0 {
            self.parameters(&id, exported)?;
        }
        self.numbers(&id, from, meter, exported)?;
        let info = &self.part.info;
        let ended = info.ended.filter(|_| info.status != Status::Running).map(millis);
        self.client.post("runs/update", &json!({"run_id": id, "status": status(info.status), "end_time": ended}))?;
        Ok(id)
    }

    fn create(&self, parent: Option<&str>) -> Result<String, InteropError> {
        let info = &self.part.info;
        let name = if info.name.is_empty() { &info.uid } else { &info.name };
        let mut tags = vec![tag(RUN, &info.uid), tag("mlflow.runName", name), tag("mlflow.source.name", "dj-sandbox")];
        tags.extend(parent.map(|parent| tag("mlflow.parentRunId", parent)));
        if parent.is_some() {
            tags.extend([tag("dj_sandbox.whole_run", self.source.uid()), tag("dj_sandbox.part", &self.part.path)]);
        }
        tags.extend(facts(info).into_iter().map(|(key, value)| tag(&format!("dj_sandbox.{key}"), &value)));
        let own: Vec<Value> = info.tags.iter().map(|(key, value)| tag(&names::plain(key), value)).collect();
        tags.extend(own.into_iter().take(FEW - tags.len()));
        let asked = json!({"experiment_id": self.experiment, "run_name": name, "start_time": millis(info.started), "tags": tags});
        let answer = self.client.post("runs/create", &asked)?;
        let id = answer.pointer("/run/info/run_id").and_then(Value::as_str);
        id.map(str::to_owned).ok_or_else(|| self.client.odd("runs/create"))
    }

    fn parameters(&self, id: &str, exported: &mut Exported) -> Result<(), InteropError> {
        let mut taken = HashSet::new();
        let mut parameters = Vec::new();
        for (key, value) in self.source.parameters(self.part)? {
            let name = names::sanitised(&key, &mut taken);
            exported.rename(&key, &name);
            parameters.push(json!({"key": name, "value": cut(&value, LONGEST_PARAMETER)}));
        }
        for batch in parameters.chunks(FEW) {
            self.client.post("runs/log-batch", &json!({"run_id": id, "params": batch}))?;
        }
        Ok(())
    }

    fn numbers(&self, id: &str, from: u64, meter: &mut Meter<'_>, exported: &mut Exported) -> Result<(), InteropError> {
        let mut taken = HashSet::new();
        let name = |metric: &Summary| {
            let name = names::sanitised(&metric.name, &mut taken);
            exported.rename(&metric.name, &name);
            name
        };
        let names: Vec<String> = self.part.metrics.iter().map(name).collect();
        let mut batch: Vec<Value> = Vec::with_capacity(BATCH);
        let mut row = Row::default();
        let mut rows = self.source.rows(self.part, from)?;
        while rows.next(&mut row)? {
            // A call with its values is never in two batches, unless it is larger than one.
            if batch.len() + row.values.len() > BATCH {
                self.give(id, &mut batch, Some(row.seq))?;
            }
            meter.add(row.values.len() as u64);
            for (at, cell) in &row.values {
                let (Some(key), Cell::Number(number)) = (names.get(*at), cell) else {
                    exported.leave_out("values that are no numbers", 1);
                    continue;
                };
                batch.push(json!({"key": key, "value": value(*number), "timestamp": millis(row.time), "step": row.step}));
                exported.values += 1;
                if batch.len() == BATCH {
                    self.give(id, &mut batch, None)?;
                }
            }
        }
        if self.part.calls > from {
            self.give(id, &mut batch, Some(self.part.calls))?;
        }
        Ok(())
    }

    /// Sends a batch; everything before the call `next` is then on the server.
    fn give(&self, id: &str, batch: &mut Vec<Value>, next: Option<u64>) -> Result<(), InteropError> {
        let tags: Vec<Value> = next.iter().map(|next| tag(EXPORTED, &next.to_string())).collect();
        self.client.post("runs/log-batch", &json!({"run_id": id, "metrics": batch, "tags": tags}))?;
        batch.clear();
        Ok(())
    }
}

fn tag(key: &str, value: &str) -> Value {
    json!({"key": key, "value": cut(value, LONGEST_TAG)})
}

/// What is known of a part and has a place among the tags.
fn facts(info: &RunInfo) -> Vec<(&'static str, String)> {
    let facts = [
        ("experiment", Some(info.experiment.clone()).filter(|text| !text.is_empty())),
        ("level", Some(info.level.name().to_owned())),
        ("pipeline", info.pipeline.clone()),
        ("iteration", info.iteration.map(|iteration| iteration.to_string())),
        ("hook", info.hook.clone()),
        ("type", info.type_name.clone()),
        ("status", Some(info.status.name().to_owned())),
        ("message", info.message.clone()),
    ];
    facts.into_iter().filter_map(|(key, value)| Some((key, value?))).collect()
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Running => "RUNNING",
        Status::Done | Status::TargetsNotMet | Status::Skipped => "FINISHED",
        Status::Failed | Status::Crashed => "FAILED",
        Status::Interrupted | Status::Aborted => "KILLED",
    }
}

/// A number as the server takes it: what JSON has no number for is a text.
fn value(number: Num) -> Value {
    match number.as_f64() {
        value if value.is_nan() => json!("NaN"),
        value if value.is_infinite() => json!(if value > 0.0 { "Infinity" } else { "-Infinity" }),
        value => json!(value),
    }
}

fn millis(micros: i64) -> i64 {
    micros.div_euclid(1000)
}

fn cut(text: &str, most: usize) -> String {
    text.chars().take(most).collect()
}
