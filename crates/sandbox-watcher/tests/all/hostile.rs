//! Values, names, files and clocks that nobody would wish for.

use std::collections::BTreeMap;

use rusqlite::Connection;
use sandbox_watcher::reader::{Range, RunFilter};
use sandbox_watcher::{Kind, Node, Reader, Status, WatchError, Watcher};
use serde_json::{Value, json};

use crate::support::{Store, flush, history, start};

#[test]
fn numbers_that_are_not_finite_are_kept() {
    let store = Store::new();
    let watcher = store.open();
    let run = start(&watcher);
    for value in [1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, f64::NAN] {
        run.watch("x", &value);
    }
    run.watch("list", &[f64::NAN, 1.0]);
    flush(&watcher);
    let reader = watcher.reader().unwrap();
    let bits: Vec<u64> = history(&reader, run.uid(), "x").points.iter().map(|point| point.value.to_bits()).collect();
    let expected = [1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, f64::NAN].map(f64::to_bits);
    assert_eq!(bits, expected);
    let summary = &reader.metrics(run.uid()).unwrap()[1];
    assert_eq!((summary.name.as_str(), summary.count, summary.nans, summary.kind), ("x", 6, 2, Kind::Float));
    assert_eq!((summary.low, summary.high, summary.mean), (Some((f64::NEG_INFINITY, 3)), Some((f64::INFINITY, 2)), Some(0.25)));
    assert!(matches!(reader.query_node(run.uid(), "x").unwrap(), Some(Node::Float(value)) if value.is_nan()));
    assert_eq!(reader.query(run.uid(), "list").unwrap(), Some(json!([null, 1.0])));
}

#[test]
fn kinds_are_never_mixed_up() {
    let store = Store::new();
    let watcher = store.open();
    let run = start(&watcher);
    let value = json!({"i": 1, "f": 1.0, "b": true, "t": "1", "n": null, "l": [1, "1"], "e": {}, "big": 9_007_199_254_740_993_i64});
    run.watch("v", &value);
    flush(&watcher);
    let reader = watcher.reader().unwrap();
    let read = reader.query(run.uid(), "v").unwrap().unwrap();
    assert_eq!(read.to_string().len(), value.to_string().len());
    assert_eq!(read, value);
    assert!(read["f"].is_f64() && read["i"].is_i64() && read["t"].is_string());
    // One name with values of several kinds, one after the other.
    for value in [json!(1), json!(1.5), json!("x"), json!(true)] {
        run.watch("mixed", &value);
        flush(&watcher);
        assert_eq!(watcher.reader().unwrap().query(run.uid(), "mixed").unwrap(), Some(value));
    }
    assert_eq!(history(&watcher.reader().unwrap(), run.uid(), "mixed").count, 3);
}

#[test]
fn a_step_that_comes_again_counts_by_its_last_value() {
    let store = Store::new();
    let watcher = store.open();
    let run = start(&watcher);
    for (step, value) in [(0, 0.0), (1, 1.0), (2, 2.0), (1, 10.0), (2, 20.0), (3, 30.0)] {
        run.watch_at(step, "x", &value);
        // Each in a block of its own.
        flush(&watcher);
    }
    let reader = watcher.reader().unwrap();
    let seen = history(&reader, run.uid(), "x");
    assert_eq!(seen.points.iter().map(|point| point.value).collect::<Vec<_>>(), [0.0, 10.0, 20.0, 30.0]);
    assert_eq!((seen.total, seen.count), (6, 4));
    let all = reader.history(run.uid(), "x", &Range { all: true, ..Range::default() }).unwrap().unwrap();
    assert_eq!(all.points.iter().map(|point| point.value).collect::<Vec<_>>(), [0.0, 1.0, 10.0, 2.0, 20.0, 30.0]);
    let part = reader.history(run.uid(), "x", &Range { from: Some(2), to: Some(2), ..Range::default() }).unwrap().unwrap();
    assert_eq!(part.points.iter().map(|point| point.value).collect::<Vec<_>>(), [20.0]);
    run.watch("x", &4.0);
    flush(&watcher);
    assert_eq!(watcher.reader().unwrap().metrics(run.uid()).unwrap()[0].last_step, 4, "the next step of the name");
}

#[test]
fn slow_series_end_in_few_blocks() {
    let store = Store::new();
    let watcher = store.open();
    let run = start(&watcher);
    for step in 0..70u64 {
        run.watch_at(step, "x", &step);
        flush(&watcher);
    }
    let blocks = |sql: &str| Connection::open(&store.path).unwrap().query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
    assert_eq!(blocks("SELECT count(*) FROM block"), 2 + 6);
    assert_eq!(history(&watcher.reader().unwrap(), run.uid(), "x").points.len(), 70);
    run.finish(Status::Done);
    let uid = run.uid().to_owned();
    drop((run, watcher));
    assert_eq!(blocks("SELECT count(*) FROM block"), 1);
    let seen = history(&store.reader(), &uid, "x");
    assert!(seen.points.iter().enumerate().all(|(at, point)| point.step == at as i64 && point.value == at as f64));
    assert!(!store.path.with_file_name("journal").join("x").exists());
    assert_eq!(std::fs::read_dir(store.path.with_file_name("journal")).unwrap().count(), 0, "its journal is gone");
}

#[test]
fn a_hundred_thousand_names() {
    let store = Store::new();
    let watcher = store.open();
    let run = start(&watcher);
    let many: BTreeMap<String, usize> = (0..100_010).map(|number| (format!("name{number}"), number)).collect();
    run.watch("", &many);
    run.watch("", &many);
    flush(&watcher);
    let reader = watcher.reader().unwrap();
    assert_eq!(reader.metrics(run.uid()).unwrap().len(), 100_000);
    let Some(Value::Object(read)) = reader.query(run.uid(), "").unwrap() else { panic!() };
    assert_eq!((read.len(), &read["name7"]), (100_000, &json!(7)));
    assert_eq!(watcher.health().dropped, BTreeMap::from([("a run has too many names".to_owned(), 20)]));
}

#[test]
fn long_texts_and_names() {
    let store = Store::new();
    let watcher = store.open();
    let run = start(&watcher);
    let (long, longer) = ("é".repeat(5 << 20), "é".repeat(9 << 20));
    run.watch("long", &long);
    run.watch_text(None, "longer", &format!("a{longer}"));
    let name = "n".repeat(5000);
    run.watch(&name, &1);
    run.watch(&format!("{name}x"), &2);
    run.log_line("stdout", &"y".repeat(3 << 20));
    flush(&watcher);
    let reader = watcher.reader().unwrap();
    assert_eq!(reader.query(run.uid(), "long").unwrap(), Some(json!(long)));
    let item = reader.items(run.uid(), "longer", 0, 1).unwrap().remove(0);
    let text = item.value.as_str().unwrap();
    assert_eq!((item.whole_bytes, text.len()), (Some(longer.len() as u64 + 1), (16 << 20) - 1));
    assert!(text.starts_with("aé"));
    assert_eq!(reader.log(run.uid(), None, 9).unwrap()[0].text.len(), 1 << 20);
    let names = reader.metrics(run.uid()).unwrap();
    let cut: Vec<_> = names.iter().filter(|summary| summary.name.starts_with("nn")).collect();
    assert_eq!(cut.len(), 2, "two names that begin alike stay two");
    assert!(cut.iter().all(|summary| summary.name.len() <= 512));
    assert_eq!(watcher.health().dropped, BTreeMap::new());
    // Texts of this size stand beside the table, compressed.
    assert!(std::fs::metadata(&store.path).unwrap().len() < 2 << 20);
}

#[test]
fn a_store_of_a_later_program_is_refused_and_left_as_it_is() {
    let store = Store::new();
    drop(store.open());
    Connection::open(&store.path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let before = std::fs::read(&store.path).unwrap();
    for error in [Watcher::open(&store.path).unwrap_err(), Reader::open(&store.path).unwrap_err()] {
        let path = store.path.display();
        let words = format!("The run store `{path}` has the format 99, and this program knows formats up to ");
        assert!(matches!(error, WatchError::Newer { found: 99, .. }) && error.to_string().starts_with(&words), "{error}");
        assert_eq!(error.hint().unwrap(), "use the program that made it, or another place for the store");
    }
    assert_eq!(std::fs::read(&store.path).unwrap(), before);
}

#[test]
fn files_that_are_no_store_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.db");
    std::fs::write(&text, "not a database at all, but long enough to look at it twice: ".repeat(30)).unwrap();
    let other = folder.path().join("other.db");
    Connection::open(&other).unwrap().execute_batch("CREATE TABLE t (a); INSERT INTO t VALUES (1)").unwrap();
    for path in [&text, &other] {
        let before = std::fs::read(path).unwrap();
        assert!(matches!(Watcher::open(path).unwrap_err(), WatchError::Foreign { .. }), "{path:?}");
        assert!(matches!(Reader::open(path).unwrap_err(), WatchError::Foreign { .. }), "{path:?}");
        assert_eq!(std::fs::read(path).unwrap(), before);
    }
    assert!(matches!(Reader::open(folder.path().join("none.db")).unwrap_err(), WatchError::Missing { .. }));
    assert!(matches!(Watcher::open(text.join("runs.db")).unwrap_err(), WatchError::Io { .. }));
}

#[test]
fn a_store_that_may_only_be_read_is_read() {
    let store = Store::new();
    let watcher = store.open();
    let run = start(&watcher);
    run.watch("x", &1);
    run.finish(Status::Done);
    let uid = run.uid().to_owned();
    drop((run, watcher));
    Watcher::recover(&store.path).unwrap();
    let copy = tempfile::tempdir().unwrap();
    let path = copy.path().join("runs.db");
    std::fs::copy(&store.path, &path).unwrap();
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).unwrap();
    std::fs::set_permissions(copy.path(), std::fs::Permissions::from_mode(0o555)).unwrap();
    let reader = Reader::open(&path).unwrap();
    assert_eq!(reader.query(&uid, "x").unwrap(), Some(json!(1)));
    assert_eq!(reader.runs(&RunFilter::default()).unwrap().len(), 1);
    std::fs::set_permissions(copy.path(), std::fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
fn secrets_are_masked_before_they_are_stored() {
    let store = Store::new();
    let watcher = store.open();
    let run = start(&watcher);
    run.watch_cfgs(&[(&json!({"api_key": "hunter2hunter2", "text_key": "text"}), "extra")]);
    run.setup_sweep(
        &json!({"method": "random", "metric": {"name": "loss", "goal": "minimize"}, "parameters": {"hf_token": "hunter2hunter2"}}),
    );
    flush(&watcher);
    let reader = watcher.reader().unwrap();
    assert_eq!(reader.configs(run.uid()).unwrap()["extra"], json!({"api_key": "***", "text_key": "text"}));
    assert_eq!(reader.sweep(run.uid()).unwrap().unwrap()["parameters"]["hf_token"], "***");
    let folder = store.path.parent().unwrap();
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()).collect();
    for journal in std::fs::read_dir(folder.join("journal")).unwrap() {
        files.extend(std::fs::read_dir(journal.unwrap().path()).unwrap().map(|entry| entry.unwrap().path()));
    }
    assert!(files.len() > 2);
    for file in files {
        let bytes = std::fs::read(&file).unwrap();
        assert!(!bytes.windows(7).any(|window| window == b"hunter2"), "{file:?}");
    }
}

#[test]
fn folder_and_file_are_for_their_user_alone() {
    use std::os::unix::fs::PermissionsExt;
    let store = Store::new();
    let _watcher = store.open();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(store.path.parent().unwrap()), mode(&store.path)), (0o700, 0o600));
}
