//! What the pages ask: projects, runs, series, as JSON. Every answer is read from the store at that moment.

mod files;
mod rows;
mod sweep;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sandbox_watcher::reader::{EventRow, History, HistoryPoint, Range, RunFilter, RunInfo, RunTree, Summary};
use sandbox_watcher::{Level, Reader, Status, WatchError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tokio::sync::watch;

use rows::Row;

use crate::live;
use crate::projects::Projects;

/// Events of one run that are sent at once.
const MOST_EVENTS: usize = 50_000;

/// What every answer needs.
#[derive(Debug, Clone)]
pub(crate) struct Api {
    pub(crate) projects: Arc<Projects>,
    /// Turns true when the program ends.
    pub(crate) is_over: watch::Receiver<bool>,
}

pub(crate) fn routes(projects: Arc<Projects>, is_over: watch::Receiver<bool>) -> Router {
    Router::new()
        .route("/projects", get(list))
        .route("/projects/{project}/runs", get(runs))
        .route("/projects/{project}/runs/{run}", get(run))
        .route("/projects/{project}/runs/{run}/names", get(names))
        .route("/projects/{project}/runs/{run}/series", get(series))
        .route("/projects/{project}/runs/{run}/state", get(now))
        .route("/projects/{project}/runs/{run}/lineage", get(lineage))
        .route("/projects/{project}/runs/{run}/pools", get(pools))
        .route("/projects/{project}/runs/{run}/trials", get(sweep::trials))
        .route("/projects/{project}/runs/{run}/importance", get(sweep::importance))
        .route("/projects/{project}/runs/{run}/log", get(log))
        .route("/projects/{project}/runs/{run}/files", get(files::list))
        .route("/projects/{project}/runs/{run}/files/{file}", get(files::piece))
        .route("/projects/{project}/live", get(live::news))
        .fallback(async || (StatusCode::NOT_FOUND, "There is nothing under this address.\n"))
        .with_state(Api { projects, is_over })
}

impl Api {
    /// Asks the store on a thread that may wait for the disk.
    async fn ask<T: Serialize + 'static>(
        self,
        project: String,
        question: impl FnOnce(&Reader) -> Result<T, WatchError> + Send + 'static,
    ) -> Response {
        self.ask_then(project, question, |answer| answer).await
    }

    /// The same, with something that takes long and that others who ask the store do not wait for.
    async fn ask_then<T: 'static, A: Serialize>(
        self,
        project: String,
        question: impl FnOnce(&Reader) -> Result<T, WatchError> + Send + 'static,
        then: impl FnOnce(T) -> A + Send + 'static,
    ) -> Response {
        let work = move || self.projects.ask(&project, question).map(|found| found.map(|found| serde_json::to_string(&then(found))));
        let asked = tokio::task::spawn_blocking(work).await;
        match asked {
            Ok(Some(Ok(Ok(text)))) => answer(text),
            Ok(Some(Ok(Err(error)))) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
            Ok(Some(Err(error @ (WatchError::UnknownRun { .. } | WatchError::Ambiguous { .. })))) => {
                (StatusCode::NOT_FOUND, error.to_string()).into_response()
            }
            Ok(Some(Err(error))) => (StatusCode::INTERNAL_SERVER_ERROR, error.to_string()).into_response(),
            Ok(None) => (StatusCode::NOT_FOUND, "There is no such project.").into_response(),
            Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, "The question could not be answered.").into_response(),
        }
    }
}

fn answer(text: String) -> Response {
    ([(CONTENT_TYPE, "application/json")], text).into_response()
}

async fn list(State(api): State<Api>) -> Response {
    let asked = tokio::task::spawn_blocking(move || {
        let projects = api.projects.clone();
        let row = |project: &crate::projects::Project| {
            let runs = projects.ask(&project.id, |reader| reader.runs(&RunFilter::default()));
            let runs = runs.and_then(Result::ok).unwrap_or_default();
            json!({"id": project.id, "name": project.name, "runs": runs.len(), "last": runs.first().map(|run| run.started / 1000)})
        };
        json!({"projects": projects.list().map(row).collect::<Vec<_>>(), "version": env!("CARGO_PKG_VERSION")})
    });
    asked.await.map_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response(), |value| answer(value.to_string()))
}

async fn runs(State(api): State<Api>, Path(project): Path<String>) -> Response {
    api.ask(project, |reader| {
        let whole = reader.runs(&RunFilter { metrics: true, ..RunFilter::default() })?;
        let parts = reader
            .runs(&RunFilter { levels: vec![Level::Pipeline, Level::Iteration, Level::Job, Level::Trial], ..RunFilter::default() })?;
        let jobs = jobs_of(&parts);
        let rows = whole.into_iter().map(|info| {
            let counts = jobs.get(info.uid.as_str()).copied().unwrap_or_default();
            Row::new(reader, info, counts, false)
        });
        Ok(Runs { runs: rows.collect() })
    })
    .await
}

#[derive(Debug, Serialize)]
struct Runs {
    runs: Vec<Row>,
}

/// Of each whole run how many jobs are done, and how many have begun.
fn jobs_of(parts: &[RunInfo]) -> HashMap<&str, (u64, u64)> {
    let parents: HashMap<&str, &str> = parts.iter().filter_map(|part| Some((part.uid.as_str(), part.parent.as_deref()?))).collect();
    let mut jobs: HashMap<&str, (u64, u64)> = HashMap::new();
    for part in parts.iter().filter(|part| part.level == Level::Job) {
        let mut root = part.uid.as_str();
        // Levels are few: a ring of parents, which only a damaged store has, ends too.
        for _ in 0..8 {
            root = parents.get(root).copied().unwrap_or(root);
        }
        let count = jobs.entry(root).or_default();
        count.0 += u64::from(matches!(part.status, Status::Done | Status::Skipped | Status::TargetsNotMet));
        count.1 += 1;
    }
    jobs
}

async fn run(State(api): State<Api>, Path((project, run)): Path<(String, String)>) -> Response {
    api.ask(project, move |reader| {
        let uid = reader.resolve(&run)?;
        let standing = standing(reader, &uid)?;
        let events = reader.events_since(0, Some(&uid), MOST_EVENTS)?;
        let events: Vec<Value> = events.into_iter().map(|row| event(row, &uid)).collect();
        let configs: Map<String, Value> = reader.configs(&uid)?.into_iter().collect();
        Ok(Whole { standing, events, config: (!configs.is_empty()).then_some(configs) })
    })
    .await
}

/// A run as it is now, without what happened before.
async fn now(State(api): State<Api>, Path((project, run)): Path<(String, String)>) -> Response {
    api.ask(project, move |reader| standing(reader, &reader.resolve(&run)?)).await
}

/// How a run stands.
#[derive(Debug, Serialize)]
struct Standing {
    run: Row,
    trials: usize,
    progress: Vec<Value>,
}

#[derive(Debug, Serialize)]
struct Whole {
    #[serde(flatten)]
    standing: Standing,
    events: Vec<Value>,
    config: Option<Map<String, Value>>,
}

fn standing(reader: &Reader, uid: &str) -> Result<Standing, WatchError> {
    let tree = reader.tree(uid)?;
    let mut info = tree.run.clone();
    info.metrics = metrics(reader, &tree)?;
    let parts = flat(&tree);
    let trials = parts.iter().filter(|part| part.run.level == Level::Trial).count();
    let jobs: Vec<&RunTree> = parts.into_iter().filter(|part| part.run.level == Level::Job).collect();
    let done = jobs.iter().filter(|job| matches!(job.run.status, Status::Done | Status::Skipped)).count() as u64;
    let progress = jobs.iter().filter(|job| job.run.status == Status::Running).filter_map(|job| {
        let RunInfo { uid, name, progress, .. } = &job.run;
        progress.as_ref().map(|progress| json!({"part": uid, "job": name, "progress": progress}))
    });
    let progress = progress.collect();
    Ok(Standing { run: Row::new(reader, info, (done, jobs.len() as u64), true), trials, progress })
}

async fn lineage(State(api): State<Api>, Path((project, run)): Path<(String, String)>) -> Response {
    api.ask(project, move |reader| Ok(json!({"edges": reader.lineage(&reader.resolve(&run)?)?}))).await
}

async fn pools(State(api): State<Api>, Path((project, run)): Path<(String, String)>) -> Response {
    api.ask(project, move |reader| Ok(json!({"pools": reader.pools(&reader.resolve(&run)?)?}))).await
}

/// The run and all its parts, in order.
fn flat(tree: &RunTree) -> Vec<&RunTree> {
    let mut all = vec![tree];
    let mut next = 0;
    while let Some(part) = all.get(next).copied() {
        all.extend(&part.parts);
        next += 1;
    }
    all
}

/// What was watched in a run and in its parts; of a name that several have, what the last one has.
fn metrics(reader: &Reader, tree: &RunTree) -> Result<Vec<Summary>, WatchError> {
    let mut all = indexed(reader.metrics(&tree.run.uid)?);
    for part in flat(tree).into_iter().skip(1) {
        all.extend(indexed(reader.metrics(&part.run.uid)?));
    }
    Ok(all.into_values().collect())
}

fn indexed(summaries: Vec<Summary>) -> BTreeMap<String, Summary> {
    summaries.into_iter().map(|summary| (summary.name.clone(), summary)).collect()
}

/// An event as the pages know it: its own keys, and which, when, whose.
pub(crate) fn event(row: EventRow, root: &str) -> Value {
    let mut value = match row.value {
        Value::Object(map) => map,
        other => Map::from_iter([("value".to_owned(), other)]),
    };
    value.insert("event".to_owned(), row.kind.into());
    value.insert("seq".to_owned(), row.id.into());
    value.insert("part".to_owned(), row.run.into());
    value.insert("ts".to_owned(), (row.time / 1000).into());
    value.insert("run".to_owned(), root.into());
    value.into()
}

async fn names(State(api): State<Api>, Path((project, run)): Path<(String, String)>) -> Response {
    api.ask(project, move |reader| {
        let tree = reader.tree(&reader.resolve(&run)?)?;
        let counted = metrics(reader, &tree)?.into_iter().filter(|summary| summary.count > 0);
        let counts: BTreeMap<String, u64> = counted.map(|summary| (summary.name, summary.count)).collect();
        Ok(json!({"names": counts.keys().collect::<Vec<_>>(), "counts": counts}))
    })
    .await
}

#[derive(Debug, Deserialize)]
struct SeriesOf {
    name: String,
    buckets: Option<usize>,
    from: Option<i64>,
    to: Option<i64>,
}

async fn series(State(api): State<Api>, Path((project, run)): Path<(String, String)>, Query(asked): Query<SeriesOf>) -> Response {
    api.ask(project, move |reader| {
        let range = Range { from: asked.from, to: asked.to, buckets: asked.buckets.unwrap_or(1000).clamp(1, 20_000), ..Range::default() };
        let history = reader.history(&reader.resolve(&run)?, &asked.name, &range)?;
        Ok(history.map_or_else(|| json!({"name": asked.name, "count": 0}), |history| columns(&history)))
    })
    .await
}

/// A series as columns, which are half the size of rows. JSON has no NaN: it is a text.
fn columns(history: &History) -> Value {
    let sampled = !history.buckets.is_empty();
    let of = |points: Vec<&HistoryPoint>| {
        let numbers: Vec<Value> = points.iter().map(|point| number(point.value)).collect();
        let steps: Vec<i64> = points.iter().map(|point| point.step).collect();
        let times: Vec<i64> = points.iter().map(|point| point.time / 1000).collect();
        (steps, times, numbers)
    };
    let (step, time, last) =
        if sampled { of(history.buckets.iter().map(|bucket| &bucket.last).collect()) } else { of(history.points.iter().collect()) };
    let edge = |point: Option<HistoryPoint>| point.map_or(Value::Null, |point| number(point.value));
    let min: Vec<Value> = history.buckets.iter().map(|bucket| edge(bucket.low)).collect();
    let max: Vec<Value> = history.buckets.iter().map(|bucket| edge(bucket.high)).collect();
    let nan = if sampled {
        history.buckets.iter().map(|bucket| bucket.nans).sum()
    } else {
        history.points.iter().filter(|point| point.value.is_nan()).count() as u64
    };
    json!({"name": history.name, "count": history.count, "sampled": sampled, "nan": nan, "step": step, "time": time, "last": last, "min": min, "max": max})
}

fn number(value: f64) -> Value {
    match value {
        value if value.is_nan() => "nan".into(),
        f64::INFINITY => "inf".into(),
        f64::NEG_INFINITY => "-inf".into(),
        value => value.into(),
    }
}

#[derive(Debug, Deserialize)]
struct LogOf {
    after: Option<i64>,
}

async fn log(State(api): State<Api>, Path((project, run)): Path<(String, String)>, Query(asked): Query<LogOf>) -> Response {
    api.ask(project, move |reader| {
        let uid = reader.resolve(&run)?;
        let names: HashMap<String, String> =
            flat(&reader.tree(&uid)?).into_iter().map(|part| (part.run.uid.clone(), part.run.name.clone())).collect();
        let lines = reader.log(&uid, asked.after, 2000)?;
        let line = |line: &sandbox_watcher::reader::LogLine| {
            let job = names.get(&line.run).cloned().unwrap_or_default();
            json!({"id": line.id, "ts": line.time / 1000, "stream": line.stream, "text": line.text, "job": job})
        };
        Ok(json!({"lines": lines.iter().map(line).collect::<Vec<_>>()}))
    })
    .await
}
