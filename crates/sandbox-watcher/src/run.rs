//! A run that is being watched.

mod names;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use serde_json::Value;

use crate::clock::{Clock, Moment, wall};
use crate::flatten::leaves;
use crate::journal::Journal;
use crate::journal::record::{self, Call, LeafValue, Op, StartRow};
use crate::mask::mask_secrets;
use crate::node::Node;
use crate::status::Status;
use crate::value::{Histogram, Kind, Table, Watched};
use crate::watcher::Inner;
use crate::{Artifact, Num};
use names::Names;

/// A buffer that has grown beyond this for one large value is given back.
const ROOMY: usize = 1 << 20;
/// Lines of logs are cut here.
const LONGEST_LINE: usize = 1 << 20;

/// What a run is, when it starts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RunSpec {
    /// Its level.
    pub kind: Level,
    /// Its name among others of its level, such as a job's `meta_name`.
    pub name: String,
    /// The project; that of its parent when empty.
    pub project: String,
    /// The experiment; that of its parent when empty.
    pub experiment: String,
    /// The run that it is a part of, perhaps of another process.
    pub parent: Option<String>,
    /// The pipeline, for jobs and iterations.
    pub pipeline: Option<String>,
    /// The iteration, from 1.
    pub iteration: Option<u64>,
    /// The hook, for jobs.
    pub hook: Option<String>,
    /// The component, for jobs.
    pub type_name: Option<String>,
    /// Where it works.
    pub work_dir: Option<String>,
    /// When it began, in microseconds since 1970, for one of elsewhere; now when nothing.
    pub started: Option<i64>,
}

/// The levels of runs, each a part of the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// A whole run of a configuration, or a run on its own.
    #[default]
    Sandbox,
    /// A pipeline of it.
    Pipeline,
    /// An iteration of a pipeline.
    Iteration,
    /// A job.
    Job,
    /// One trial of a search for parameters.
    Trial,
}

impl Level {
    /// All levels, the highest first.
    pub const ALL: [Self; 5] = [Self::Sandbox, Self::Pipeline, Self::Iteration, Self::Job, Self::Trial];

    /// The level in the store: `sandbox`, `pipeline`, `iteration`, `job` or `trial`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sandbox => "sandbox",
            Self::Pipeline => "pipeline",
            Self::Iteration => "iteration",
            Self::Job => "job",
            Self::Trial => "trial",
        }
    }

    pub(crate) fn of_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|level| level.name() == name).unwrap_or_default()
    }
}

/// Which end of a metric is the better one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// Such as a loss.
    Lowest,
    /// Such as an accuracy.
    Highest,
}

/// A run that is being watched. None of its methods waits for a disk, and none has an error: what cannot be kept is counted in
/// [`Health`](crate::Health). It may be used by many threads at once. One that is dropped without [`finish`](Self::finish) is `aborted`.
#[derive(Debug)]
pub struct Run {
    inner: Arc<Inner>,
    local: u64,
    uid: String,
    spec: RunSpec,
    state: Mutex<State>,
    is_finished: AtomicBool,
}

#[derive(Debug)]
struct State {
    names: Names,
    seq: u64,
    clock: Clock,
    record: Vec<u8>,
    name: String,
}

impl Run {
    pub(crate) fn start(inner: Arc<Inner>, local: u64, uid: String, spec: RunSpec) -> Self {
        let row = StartRow {
            uid: uid.clone(),
            parent: spec.parent.clone(),
            kind: spec.kind.name().to_owned(),
            name: spec.name.clone(),
            project: spec.project.clone(),
            experiment: spec.experiment.clone(),
            pipeline: spec.pipeline.clone(),
            iteration: spec.iteration,
            hook: spec.hook.clone(),
            type_name: spec.type_name.clone(),
            work_dir: spec.work_dir.clone(),
            time: spec.started.unwrap_or_else(wall),
        };
        inner.op(&Op::Start { run: local, row });
        let clock = Clock::since(inner.began);
        let state = State { names: Names::default(), seq: 0, clock, record: Vec::new(), name: String::new() };
        Self { inner, local, uid, spec, state: Mutex::new(state), is_finished: AtomicBool::new(false) }
    }

    /// The run's name in the store, which no other run has.
    pub fn uid(&self) -> &str {
        &self.uid
    }

    /// Starts a part of this run. Project and experiment are this run's when they are not given.
    pub fn child(&self, spec: RunSpec) -> Self {
        let own = |text: String, parent: &str| if text.is_empty() { parent.to_owned() } else { text };
        let spec = RunSpec {
            project: own(spec.project.clone(), &self.spec.project),
            experiment: own(spec.experiment.clone(), &self.spec.experiment),
            parent: Some(self.uid.clone()),
            ..spec
        };
        self.inner.clone().start_run(spec)
    }

    /// Keeps a value under a name, at the next step of that name: 0, 1, 2 and so on.
    ///
    /// Maps are kept leaf by leaf, each with its dotted name, see [`flatten`](crate::flatten()). All leaves of one call have the same number, step
    /// and time, and either all are kept or none.
    pub fn watch(&self, meta_name: &str, value: &(impl Serialize + ?Sized)) {
        self.keep(meta_name, None, &Node::of(value));
    }

    /// Keeps a value at a step. Steps may come in any order and more than once; what came last at a step is what charts show.
    pub fn watch_at(&self, step: u64, meta_name: &str, value: &(impl Serialize + ?Sized)) {
        self.keep(meta_name, i64::try_from(step).ok().or(Some(i64::MAX)), &Node::of(value));
    }

    /// Keeps what was measured elsewhere as one row: each value under its name as it stands, all at a step (the next one of these rows when
    /// there is none) and at a time, in microseconds since 1970 (now when there is none).
    ///
    /// ```
    /// # let folder = tempfile::tempdir()?;
    /// # let watcher = sandbox_watcher::Watcher::open(sandbox_watcher::store_path(folder.path()))?;
    /// # let run = watcher.start_run(sandbox_watcher::RunSpec::default());
    /// use sandbox_watcher::{Node, Watched};
    /// let number = |value: f64| Watched::Node(Node::Float(value));
    /// run.watch_row(Some(10), Some(1_700_000_000_000_000), [("train.loss", number(0.5)), ("train.lr", number(1e-5))]);
    /// # run.finish(sandbox_watcher::Status::Done);
    /// # watcher.flush(std::time::Duration::from_secs(5));
    /// let last = &watcher.reader()?.metrics(run.uid())?[0];
    /// assert_eq!((last.name.as_str(), last.last_step, last.last_time), ("train.loss", 10, 1_700_000_000_000_000));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn watch_row<'v>(&self, step: Option<i64>, time: Option<i64>, values: impl IntoIterator<Item = (&'v str, Watched)>) {
        let mut state = self.state();
        let row = state.begin(self.local, "", step, time);
        let head = row.record.len();
        for (name, value) in values {
            match &value {
                Watched::Node(node) => row.node(&self.inner.journal, self.local, name, node),
                Watched::Histogram(histogram) => row.json(&self.inner.journal, self.local, name, Kind::Histogram, histogram),
                Watched::Table(table) => row.json(&self.inner.journal, self.local, name, Kind::Table, table),
            }
        }
        if row.record.len() > head {
            self.inner.journal.append(&row.record);
        }
        state.end();
    }

    /// Keeps one number: [`watch_at`](Self::watch_at) without the detour over a serialiser.
    pub fn watch_number(&self, step: Option<u64>, name: &str, value: f64) {
        self.keep(name, whole(step), &Node::Float(value));
    }

    /// Keeps a table.
    pub fn watch_table(&self, step: Option<u64>, name: &str, table: &Table) {
        let bytes = serde_json::to_vec(table).unwrap_or_default();
        self.keep_item(name, step, Kind::Table, &bytes);
    }

    /// Keeps a histogram.
    pub fn watch_histogram(&self, step: Option<u64>, name: &str, histogram: &Histogram) {
        let bytes = serde_json::to_vec(histogram).unwrap_or_default();
        self.keep_item(name, step, Kind::Histogram, &bytes);
    }

    /// Keeps a text. Of one longer than 16 MiB the beginning is kept, with the length of the whole.
    pub fn watch_text(&self, step: Option<u64>, name: &str, text: &str) {
        self.keep_item(name, step, Kind::Text, text.as_bytes());
    }

    /// Keeps configurations, each under its prefix. Secrets in them are masked before they are kept.
    pub fn watch_cfgs(&self, configs: &[(&Value, &str)]) {
        for (value, prefix) in configs {
            let mut value = (*value).clone();
            mask_secrets(&mut value);
            self.op(&Op::Config { run: self.local, prefix: (*prefix).to_owned(), value });
        }
    }

    /// Keeps what a search for parameters looks through, such as `{"method": "random", "metric": {"name": "loss", "goal": "minimize"}, ...}`. The metric's
    /// goal counts for [`best`](crate::reader::Summary::best).
    pub fn setup_sweep(&self, config: &Value) {
        let mut spec = config.clone();
        mask_secrets(&mut spec);
        let metric = config.get("metric");
        let text = |key: &str| metric.and_then(|metric| metric.get(key)).and_then(Value::as_str);
        if let Some(name) = text("name") {
            self.goal(name, if text("goal") == Some("maximize") { Goal::Highest } else { Goal::Lowest });
        }
        self.op(&Op::Sweep { run: self.local, spec });
    }

    /// Says which end of a metric is the better one.
    pub fn goal(&self, name: &str, goal: Goal) {
        // The name first, so that there is something to set the goal of.
        {
            let mut state = self.state();
            let _ = state.names.id(&self.inner.journal, self.local, name);
        }
        self.op(&Op::Goal { run: self.local, name: Names::short(name).into_owned(), highest: goal == Goal::Highest });
    }

    /// Keeps labels, such as `("resume", "true")`.
    pub fn tag<K: Into<String>, V: Into<String>>(&self, tags: impl IntoIterator<Item = (K, V)>) {
        let tags = tags.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        self.op(&Op::Tags { run: self.local, tags });
    }

    /// Keeps a line of a log; `stream` is `stdout`, `stderr`, or what the line is from. A line of more than 1 MiB is cut.
    pub fn log_line(&self, stream: &str, text: &str) {
        let mut end = text.len().min(LONGEST_LINE);
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        let text = text.get(..end).unwrap_or_default().to_owned();
        self.op(&Op::Log { run: self.local, time: wall(), stream: stream.to_owned(), text });
    }

    /// Keeps something that happened, for those who follow the run.
    pub fn event(&self, kind: &str, value: Value) {
        self.op(&Op::Event { run: self.local, time: wall(), kind: kind.to_owned(), value });
    }

    /// Keeps that `to` was made from `from` by this run.
    pub fn lineage(&self, from: &Artifact, to: &Artifact, how: &str) {
        self.op(&Op::Edge { run: self.local, from: from.clone().into(), to: to.clone().into(), by: how.to_owned() });
    }

    /// Ends the run. What is watched afterwards is still kept.
    pub fn finish(&self, status: Status) {
        self.finish_with(status, None, None);
    }

    /// Ends the run, with what went wrong and what to do about it.
    pub fn finish_with(&self, status: Status, message: Option<&str>, hint: Option<&str>) {
        self.end(status, message, hint, wall());
    }

    /// Ends a run of elsewhere at a moment, in microseconds since 1970.
    pub fn finish_at(&self, status: Status, ended: i64) {
        self.end(status, None, None, ended);
    }

    fn end(&self, status: Status, message: Option<&str>, hint: Option<&str>, time: i64) {
        self.is_finished.store(true, Ordering::Relaxed);
        let (status, own) = (status.name().to_owned(), |text: Option<&str>| text.map(str::to_owned));
        self.op(&Op::Finish { run: self.local, status, message: own(message), hint: own(hint), time });
    }

    pub(crate) fn op(&self, op: &Op) {
        self.inner.op(op);
    }

    /// The number by which the journal knows it.
    pub(crate) fn local(&self) -> u64 {
        self.local
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, meta_name: &str, step: Option<i64>, value: &Node) {
        let mut state = self.state();
        let row = state.begin(self.local, meta_name, step, None);
        let head = row.record.len();
        row.node(&self.inner.journal, self.local, meta_name, value);
        if row.record.len() > head {
            self.inner.journal.append(&row.record);
        }
        state.end();
    }

    fn keep_item(&self, name: &str, step: Option<u64>, kind: Kind, bytes: &[u8]) {
        let mut state = self.state();
        let State { names, record, .. } = state.begin(self.local, name, whole(step), None);
        if let Some(id) = names.id(&self.inner.journal, self.local, name) {
            record::write_leaf(record, id, LeafValue::Item(kind.code(), bytes));
            self.inner.journal.append(record);
        }
        state.end();
    }
}

/// A step as it is kept.
fn whole(step: Option<u64>) -> Option<i64> {
    step.map(|step| i64::try_from(step).unwrap_or(i64::MAX))
}

impl State {
    /// Begins the record of a call.
    fn begin(&mut self, run: u64, root: &str, step: Option<i64>, time: Option<i64>) -> &mut Self {
        let step = self.names.step(root, step);
        // What was measured elsewhere has no place on this writer's steady clock.
        let moment = time.map_or_else(|| self.clock.now(), |time| Moment { mono: 0, time });
        let call = Call { run, seq: self.seq, step, moment };
        self.seq += 1;
        self.record.clear();
        record::write_call(&mut self.record, &call);
        self
    }

    /// Adds the leaves of a value to the record.
    fn node(&mut self, journal: &Journal, run: u64, root: &str, value: &Node) {
        let State { names, record, name, .. } = self;
        name.clear();
        name.push_str(root);
        leaves(name, value, &mut |name, leaf| {
            let Some(id) = names.id(journal, run, name) else { return };
            let stored = |node: &Node| serde_json::to_vec(&node.to_stored()).unwrap_or_default();
            match leaf {
                Node::Float(value) => record::write_leaf(record, id, LeafValue::Num(Num::Float(*value))),
                Node::Int(value) => record::write_leaf(record, id, LeafValue::Num(Num::Int(*value))),
                Node::Bool(value) => record::write_leaf(record, id, LeafValue::Num(Num::Bool(*value))),
                Node::Text(text) => record::write_leaf(record, id, LeafValue::Item(Kind::Text.code(), text.as_bytes())),
                Node::Null => record::write_leaf(record, id, LeafValue::Item(Kind::Null.code(), &[])),
                json => record::write_leaf(record, id, LeafValue::Item(Kind::Json.code(), &stored(json))),
            }
        });
    }

    fn json(&mut self, journal: &Journal, run: u64, name: &str, kind: Kind, value: &impl Serialize) {
        if let Some(id) = self.names.id(journal, run, name) {
            let bytes = serde_json::to_vec(value).unwrap_or_default();
            record::write_leaf(&mut self.record, id, LeafValue::Item(kind.code(), &bytes));
        }
    }

    fn end(&mut self) {
        if self.record.capacity() > ROOMY {
            self.record = Vec::new();
        }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if !*self.is_finished.get_mut() {
            self.finish(Status::Aborted);
        }
    }
}
