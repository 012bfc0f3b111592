//! A store with runs, and what is in it as plain text.

use std::path::{Path, PathBuf};
use std::time::Duration;

use sandbox_interop::{Importer, Row, Source};
use sandbox_watcher::reader::RunFilter;
use sandbox_watcher::{Histogram, Level, Node, Reader, Run, RunSpec, Status, Table, Watched, Watcher, store_path};
use serde_json::json;
use tempfile::TempDir;

pub struct Lab {
    folder: TempDir,
}

impl Lab {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn store(&self) -> PathBuf {
        store_path(self.folder.path())
    }

    /// Another store.
    pub fn importer(&self) -> Importer {
        let mut importer = Importer::open(&store_path(self.path("other"))).unwrap();
        importer.project = "q".into();
        importer
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }
}

pub fn float(value: f64) -> Watched {
    Watched::Node(Node::Float(value))
}

pub fn text(text: &str) -> Watched {
    Watched::Node(Node::Text(text.into()))
}

/// Microseconds since 1970 of the first row.
pub const BEGAN: i64 = 1_700_000_000_123_456;

/// A run with a job in an iteration; both have watched numbers of all kinds, and other things.
pub fn filled(lab: &Lab) -> String {
    let watcher = Watcher::open(lab.store()).unwrap();
    let spec = RunSpec { name: "demo".into(), project: "p".into(), experiment: "e".into(), started: Some(BEGAN), ..RunSpec::default() };
    let run = watcher.start_run(spec);
    run.watch_cfgs(&[(&json!({"lr": 1e-5, "layers": [1, 2], "deep": {"a[0]": "x"}}), "sandbox")]);
    run.tag([("who", "me")]);
    run.watch_row(Some(0), Some(BEGAN), [("score", float(0.1)), ("best, so far", Watched::Node(Node::Bool(true)))]);
    let within = |kind, name: &str| RunSpec { kind, name: name.into(), iteration: Some(1), started: Some(BEGAN), ..RunSpec::default() };
    let iteration = run.child(within(Level::Iteration, "iteration 1"));
    let job = iteration.child(within(Level::Job, "train"));
    numbers(&job);
    for run in [&job, &iteration, &run] {
        run.finish_at(Status::Done, BEGAN + 60_000_000);
    }
    assert!(watcher.flush(Duration::from_secs(20)));
    run.uid().to_owned()
}

fn numbers(job: &Run) {
    let special = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 1e-300, 1.0 / 3.0, f64::MAX];
    for step in 0..5000i64 {
        let value = usize::try_from(step % 50).ok().and_then(|at| special.get(at)).copied().unwrap_or(1.0 / (step + 1) as f64);
        let mut row = vec![("loss", float(value)), ("tokens", Watched::Node(Node::Int(step * 1000)))];
        if step % 1000 == 0 {
            row.push(("note", text(&format!("step \"{step}\",\nsaid"))));
            row.push(("weights", Watched::Histogram(Histogram { edges: vec![-1.0, 0.5, 2.0], counts: vec![3, 1], outside: 0 })));
            row.push(("rows", Watched::Table(Table { columns: vec!["a".into()], rows: vec![vec![json!(1)]] })));
        }
        // A step that goes back, as after a restart from a checkpoint.
        let at = if step >= 4000 { step - 500 } else { step };
        job.watch_row(Some(at), Some(BEGAN + step * 1000), row);
    }
}

/// All that a run and its parts have watched: part, step, time, name, kind and value.
pub fn content(store: &Path, uid: &str) -> Vec<String> {
    let reader = Reader::open(store).unwrap();
    let source = Source::open(&reader, uid).unwrap();
    let mut lines = Vec::new();
    for part in source.watched() {
        let (mut rows, mut row) = (source.rows(part, 0).unwrap(), Row::default());
        while rows.next(&mut row).unwrap() {
            for (at, cell) in &row.values {
                lines.push(format!("{}|{}|{}|{cell:?}", row.step, row.time, part.metrics[*at].name));
            }
        }
    }
    lines
}

/// The names of the runs of a store.
pub fn runs(store: &Path) -> Vec<String> {
    let reader = Reader::open(store).unwrap();
    reader.runs(&RunFilter { ascending: true, ..RunFilter::default() }).unwrap().into_iter().map(|run| run.name).collect()
}
