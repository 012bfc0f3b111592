//! Trials of a search for parameters, and which of their settings mattered.

use std::collections::BTreeSet;

use axum::extract::{Path, Query, State};
use axum::response::Response;
use sandbox_watcher::reader::RunInfo;
use sandbox_watcher::{Level, Reader, Status, WatchError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::rows::Summaries;
use super::{Api, flat, metrics};
use crate::importance;

#[derive(Debug, Serialize)]
struct Trials {
    trials: Vec<Tried>,
    metric: Value,
    goal: Value,
}

#[derive(Debug, Serialize)]
struct Tried {
    id: String,
    name: String,
    status: Status,
    seconds: f64,
    parameters: Map<String, Value>,
    summary: Summaries,
}

pub(super) async fn trials(State(api): State<Api>, Path((project, run)): Path<(String, String)>) -> Response {
    api.ask(project, move |reader| {
        let uid = reader.resolve(&run)?;
        let rows = all(reader, &uid)?.into_iter().map(|(mut info, parameters)| {
            let summary = Summaries::of(reader, &mut info, false);
            Tried { id: info.uid, name: info.name, status: info.status, seconds: info.seconds, parameters, summary }
        });
        let trials = rows.collect();
        let sweep = reader.sweep(&uid)?.unwrap_or_default();
        let metric = sweep.pointer("/metric/name").cloned().unwrap_or_default();
        let goal = sweep.pointer("/metric/goal").cloned().unwrap_or_default();
        Ok(Trials { trials, metric, goal })
    })
    .await
}

/// A trial and its parameters.
type Trial = (RunInfo, Map<String, Value>);

/// The trials of a run with their parameters.
fn all(reader: &Reader, uid: &str) -> Result<Vec<Trial>, WatchError> {
    let tree = reader.tree(uid)?;
    let mut rows = Vec::new();
    for trial in flat(&tree).into_iter().filter(|part| part.run.level == Level::Trial) {
        let parameters: Map<String, Value> = reader.configs(&trial.run.uid)?.into_iter().collect();
        rows.push((RunInfo { metrics: metrics(reader, trial)?, ..trial.run.clone() }, parameters));
    }
    Ok(rows)
}

#[derive(Debug, Deserialize)]
pub(super) struct Of {
    metric: String,
}

/// What each setting that was tried in more than one way is worth for the last value of a metric.
pub(super) async fn importance(
    State(api): State<Api>,
    Path((project, run)): Path<(String, String)>,
    Query(Of { metric }): Query<Of>,
) -> Response {
    api.ask(project, move |reader| {
        let mut results = Vec::new();
        let mut rows = Vec::new();
        for (info, parameters) in all(reader, &reader.resolve(&run)?)? {
            let found = info.metrics.iter().find(|summary| summary.name == metric);
            if let Some(result) = found.and_then(|summary| summary.last.as_ref()?.as_f64()) {
                let mut leaves = Map::new();
                settings("", &Value::Object(parameters), &mut leaves);
                results.push(result);
                rows.push(leaves);
            }
        }
        let names: BTreeSet<&String> = rows.iter().flat_map(Map::keys).collect();
        let column = |name: &String| rows.iter().map(|row| row.get(name).cloned().unwrap_or_default()).collect::<Vec<Value>>();
        let columns = names.into_iter().map(|name| (name, column(name)));
        let varied: Vec<(&String, Vec<Value>)> =
            columns.filter(|(_, column)| column.iter().any(|value| Some(value) != column.first())).collect();
        let (names, columns): (Vec<&String>, Vec<Vec<Value>>) = varied.into_iter().unzip();
        let Some(found) = importance::importance(&columns, &results) else {
            return Ok(json!({"trials": results.len(), "settings": []}));
        };
        let settings: Vec<Value> = names.iter().zip(&found.shares).map(|(name, share)| json!({"name": name, "share": share})).collect();
        Ok(json!({"trials": results.len(), "explained": found.explained, "settings": settings}))
    })
    .await
}

/// The values of a configuration by their dotted names.
fn settings(prefix: &str, value: &Value, leaves: &mut Map<String, Value>) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            for (key, value) in map {
                settings(&if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") }, value, leaves);
            }
        }
        Value::Array(list) if !list.is_empty() => {
            for (place, value) in list.iter().enumerate() {
                settings(&format!("{prefix}.{place}"), value, leaves);
            }
        }
        leaf => {
            leaves.insert(prefix.to_owned(), leaf.clone());
        }
    }
}
