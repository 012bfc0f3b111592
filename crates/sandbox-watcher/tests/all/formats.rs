//! Stores of earlier formats.

use std::path::Path;

use rusqlite::Connection;
use sandbox_watcher::reader::RunFilter;
use sandbox_watcher::{Level, Reader, RunSpec, Status, Watcher};
use serde_json::json;

use crate::support::{Store, flush, history, start};

/// Writes what the stores in `tests/stores` hold; each was written by the program of its format.
fn fill(watcher: &Watcher) {
    let run = start(watcher);
    run.tag([("made", "by an earlier program")]);
    run.watch_cfgs(&[(&json!({"np": 4}), "dj_configs")]);
    let job = run.child(RunSpec { kind: Level::Job, name: "train".into(), ..RunSpec::default() });
    for step in 0..1500u64 {
        job.watch_at(step, "train", &json!({"loss": 1.0 / (step + 1) as f64, "words": "x"}));
    }
    job.log_line("stdout", "hello");
    job.finish(Status::Done);
    run.finish(Status::Done);
}

/// What was filled in, whatever the format was.
fn check(path: &Path) {
    let reader = Reader::open(path).unwrap();
    let run = reader.runs(&RunFilter { metrics: true, ..RunFilter::default() }).unwrap().remove(0);
    assert_eq!((run.status, run.tags["made"].as_str(), run.metrics.len()), (Status::Done, "by an earlier program", 2));
    assert_eq!(reader.configs(&run.uid).unwrap()["dj_configs"], json!({"np": 4}));
    let seen = history(&reader, &run.uid, "train.loss");
    assert!(seen.points.len() == 1500 && seen.points.iter().enumerate().all(|(at, point)| point.value == 1.0 / (at + 1) as f64));
    assert_eq!(reader.items(&run.uid, "train.words", 1499, 10).unwrap()[0].value, json!("x"));
    assert_eq!(reader.log(&run.uid, None, 10).unwrap()[0].text, "hello");
}

#[test]
#[ignore = "writes a store of the present format to DJ_SANDBOX_WRITE_STORE, to be kept in `tests/stores` before a new format is begun"]
fn write_a_store() {
    let Some(path) = std::env::var_os("DJ_SANDBOX_WRITE_STORE") else { return };
    let store = Store::new();
    let watcher = store.open();
    fill(&watcher);
    drop(watcher);
    Watcher::recover(&store.path).unwrap();
    Connection::open(&store.path).unwrap().execute_batch("VACUUM").unwrap();
    std::fs::write(path, zstd::bulk::compress(&std::fs::read(&store.path).unwrap(), 19).unwrap()).unwrap();
}

#[test]
fn the_present_format_is_read() {
    let store = Store::new();
    let watcher = store.open();
    fill(&watcher);
    flush(&watcher);
    check(&store.path);
}

/// The stores of `tests/stores` by format.
const EARLIER: [(i64, &[u8]); 1] = [(1, include_bytes!("../stores/v1.db.zst"))];

#[test]
fn earlier_formats_are_read_and_brought_up_to_date() {
    for (format, packed) in EARLIER {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("runs.db");
        std::fs::write(&path, zstd::bulk::decompress(packed, 64 << 20).unwrap()).unwrap();
        let version = || {
            let connection = Connection::open(&path).unwrap();
            connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).unwrap()
        };
        assert_eq!(version(), format);
        // A reader leaves it as it is.
        check(&path);
        assert_eq!(version(), format);
        let watcher = Watcher::open(&path).unwrap();
        let run = start(&watcher);
        run.watch("x", &1);
        run.finish(Status::Done);
        flush(&watcher);
        let (present, uid) = (version(), run.uid().to_owned());
        assert!(present > format);
        drop((run, watcher));
        assert_eq!(Reader::open(&path).unwrap().query(&uid, "x").unwrap(), Some(json!(1)));
        let filter = RunFilter { ascending: true, limit: 1, metrics: true, ..RunFilter::default() };
        assert_eq!(Reader::open(&path).unwrap().runs(&filter).unwrap()[0].metrics.len(), 2);
        // What is the same in a store that was made anew.
        let new = Store::new();
        let made = new.open();
        assert!(made.flush(std::time::Duration::from_secs(20)));
        let tables = |path: &Path| -> Vec<(String, Option<String>)> {
            let connection = Connection::open(path).unwrap();
            let mut statement = connection.prepare("SELECT name, sql FROM sqlite_schema ORDER BY name").unwrap();
            statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap().collect::<Result<_, _>>().unwrap()
        };
        let _run = start(&made);
        flush(&made);
        assert_eq!(tables(&path), tables(&new.path));
    }
}

#[test]
fn a_step_that_fails_leaves_the_store_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("runs.db");
    std::fs::write(&path, zstd::bulk::decompress(EARLIER[0].1, 64 << 20).unwrap()).unwrap();
    // In the way of the second statement of the step to format 2.
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE series_name (a)").unwrap();
    let error = Watcher::recover(&path).unwrap_err();
    assert!(error.to_string().starts_with("Failed to bring up to date the run store"), "{error}");
    let connection = Connection::open(&path).unwrap();
    assert_eq!(connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)).unwrap(), 1);
    let indexes: i64 = connection.query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'run_kind'", [], |row| row.get(0)).unwrap();
    assert_eq!(indexes, 0);
    check(&path);
}
