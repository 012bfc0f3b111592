//! What readers are told.

use std::time::Duration;

use sandbox_watcher::reader::{Range, RunFilter, SortBy};
use sandbox_watcher::{Artifact, Goal, Histogram, Level, RunSpec, Status, Table, WatchError};
use serde_json::json;

use crate::support::{Store, flush, start};

#[test]
fn what_was_watched_comes_back_in_its_shape() {
    let store = Store::new();
    let watcher = store.open();
    let run = start(&watcher);
    let first = json!({"text_len": {"mean": 3.5, "quantiles": [1, 2]}, "a.b": {"": 1}, "note": "x"});
    run.watch("analysis", &first);
    run.watch("analysis", &json!({"text_len": {"mean": 4.5}}));
    run.watch("analysis_of_more", &1);
    flush(&watcher);
    let reader = watcher.reader().unwrap();
    let query = |name: &str| reader.query(run.uid(), name).unwrap();
    let expected = json!({"a.b": {"": 1}, "note": "x", "text_len": {"mean": 4.5, "quantiles": [1, 2]}});
    assert_eq!(query("analysis"), Some(expected.clone()));
    assert_eq!(query("analysis.text_len.mean"), Some(json!(4.5)));
    assert_eq!(query("analysis.text_len"), Some(json!({"quantiles": [1, 2], "mean": 4.5})));
    assert_eq!(query(r"analysis.a\.b"), Some(json!({"": 1})));
    assert_eq!((query("analysi"), query("nothing")), (None, None));
    assert_eq!(query(""), Some(json!({"analysis": expected, "analysis_of_more": 1})));
    assert!(matches!(reader.query("none", "x").unwrap_err(), WatchError::UnknownRun { .. }));
}

#[test]
fn a_whole_run_knows_what_its_jobs_watched() {
    let store = Store::new();
    let watcher = store.open();
    let run = start(&watcher);
    for iteration in 1..=2 {
        let job = run.child(RunSpec { kind: Level::Job, name: "train".into(), iteration: Some(iteration), ..RunSpec::default() });
        job.watch_at(5, "train", &json!({"loss": 1.0 / iteration as f64}));
        job.goal("train.loss", Goal::Lowest);
        job.finish(if iteration == 1 { Status::Done } else { Status::Failed });
    }
    flush(&watcher);
    let reader = watcher.reader().unwrap();
    assert_eq!(reader.query(run.uid(), "train.loss").unwrap(), Some(json!(0.5)));
    let tree = reader.tree(run.uid()).unwrap();
    let parts: Vec<_> = tree.parts.iter().map(|part| (part.run.iteration, part.run.status, part.run.experiment.as_str())).collect();
    assert_eq!(parts, [(Some(1), Status::Done, "e"), (Some(2), Status::Failed, "e")]);
    let runs = reader.runs(&RunFilter { metrics: true, ..RunFilter::default() }).unwrap();
    assert_eq!((runs.len(), runs[0].status, runs[0].metrics.len()), (1, Status::Running, 1));
    assert_eq!(runs[0].metrics[0].best(), Some((0.5, 5)));
    let history = reader.history(run.uid(), "train.loss", &Range::default()).unwrap().unwrap();
    assert_eq!((history.run.as_str(), history.count), (tree.parts[1].run.uid.as_str(), 1));
}

#[test]
fn lists_are_filtered_sorted_and_paged() {
    let store = Store::new();
    let watcher = store.open();
    for number in 0..6 {
        let project = if number < 4 { "one" } else { "two" };
        let run = watcher.start_run(RunSpec { name: format!("run {number}"), project: project.into(), ..RunSpec::default() });
        run.watch("score", &f64::from(number * 7 % 6));
        run.tag([("Parity", if number % 2 == 0 { "even" } else { "odd" })]);
        run.finish(if number == 3 { Status::Failed } else { Status::Done });
    }
    flush(&watcher);
    let reader = watcher.reader().unwrap();
    let names = |filter: RunFilter| -> String {
        reader.runs(&filter).unwrap().iter().map(|run| run.name.trim_start_matches("run ").to_owned()).collect()
    };
    assert_eq!(names(RunFilter::default()), "543210");
    assert_eq!(names(RunFilter { ascending: true, limit: 2, offset: 1, ..RunFilter::default() }), "12");
    assert_eq!(names(RunFilter { project: Some("two".into()), ..RunFilter::default() }), "54");
    assert_eq!(names(RunFilter { statuses: vec![Status::Failed], ..RunFilter::default() }), "3");
    assert_eq!(names(RunFilter { tags: vec![("Parity".into(), "even".into())], ..RunFilter::default() }), "420");
    assert_eq!(names(RunFilter { text: Some("PARITY=ODD".into()), ascending: true, ..RunFilter::default() }), "135");
    assert_eq!(names(RunFilter { text: Some("Run 2".into()), ..RunFilter::default() }), "2");
    assert_eq!(names(RunFilter { sort: SortBy::Metric("score".into()), ..RunFilter::default() }), "543210");
    assert_eq!(names(RunFilter { sort: SortBy::Name, ascending: true, ..RunFilter::default() }), "012345");
    assert_eq!(names(RunFilter { levels: vec![Level::Job], ..RunFilter::default() }), "");
}

#[test]
fn runs_are_found_by_the_beginning_of_their_name() {
    let store = Store::new();
    let watcher = store.open();
    let (one, two) = (start(&watcher), start(&watcher));
    flush(&watcher);
    let reader = watcher.reader().unwrap();
    assert_eq!(reader.resolve(one.uid()).unwrap(), one.uid());
    assert_eq!(reader.resolve("latest").unwrap(), two.uid());
    let beginning = &one.uid()[..one.uid().len() - 1];
    assert!(matches!(reader.resolve(beginning).unwrap_err(), WatchError::Ambiguous { count: 2, .. }));
    let near = one.uid().replace('-', "_");
    let error = reader.resolve(&near).unwrap_err();
    assert_eq!((error.to_string(), error.hint().is_some()), (format!("The store has no run `{near}`"), true));
}

#[test]
fn tables_histograms_and_texts_by_step() {
    let store = Store::new();
    let watcher = store.open();
    let run = start(&watcher);
    let row = |number: usize| vec![json!(number), json!(format!("row {number}"))];
    let table = |rows: usize| Table { columns: vec!["n".into(), "words".into()], rows: (0..rows).map(row).collect() };
    run.watch_table(Some(1), "samples", &table(5));
    run.watch_table(Some(2), "samples", &table(20_000));
    run.watch_histogram(Some(3), "weights", &Histogram::of(&[1.0, 2.0, 2.0], 2));
    run.watch_text(Some(4), "said", "hello");
    flush(&watcher);
    let reader = watcher.reader().unwrap();
    let page = reader.table(run.uid(), "samples", None, 19_999, 10).unwrap().unwrap();
    assert_eq!((page.step, page.total, page.rows), (2, 20_000, vec![row(19_999)]));
    assert_eq!(reader.table(run.uid(), "samples", Some(1), 0, 2).unwrap().unwrap().rows.len(), 2);
    assert_eq!(reader.table(run.uid(), "samples", Some(9), 0, 2).unwrap(), None);
    let histograms = reader.histograms(run.uid(), "weights", 10).unwrap();
    assert_eq!((histograms[0].0, &histograms[0].1.counts), (3, &vec![1, 2]));
    assert_eq!(reader.items(run.uid(), "said", 0, 5).unwrap()[0].value, json!("hello"));
    assert_eq!(reader.history(run.uid(), "said", &Range::default()).unwrap(), None);
}

#[test]
fn configurations_are_compared_key_by_key() {
    let store = Store::new();
    let watcher = store.open();
    let runs = [1, 2].map(|np| {
        let run = start(&watcher);
        let mut config = json!({"np": np, "text_keys": ["text"], "process": [{"f": {"min": 1}}, {"g": {"max": np}}]});
        if np == 2 {
            config["extra"] = json!(true);
        }
        run.watch_cfgs(&[(&config, "dj_configs"), (&json!({"x": 1}), "other")]);
        run
    });
    flush(&watcher);
    let rows = watcher.reader().unwrap().config_diff(&[runs[0].uid(), runs[1].uid()]).unwrap();
    let differing: Vec<_> = rows.iter().filter(|row| row.differs).map(|row| (row.key.as_str(), row.values.clone())).collect();
    let changed = || vec![Some(json!(1)), Some(json!(2))];
    let expected =
        [("dj_configs.np", changed()), ("dj_configs.process.1.g.max", changed()), ("dj_configs.extra", vec![None, Some(json!(true))])];
    assert_eq!(differing, expected);
    assert_eq!(rows.len(), 6);
}

#[test]
fn what_is_new_is_told_once() {
    let store = Store::new();
    let watcher = store.open();
    let run = start(&watcher);
    run.watch("a", &1);
    run.event("hello", json!({"x": 1}));
    run.log_line("stdout", "one");
    flush(&watcher);
    let reader = watcher.reader().unwrap();
    let changes = reader.changes_since(0).unwrap();
    assert_eq!((changes.runs.as_slice(), changes.series.len()), ([run.uid().to_owned()].as_slice(), 1));
    let again = reader.changes_since(changes.commit).unwrap();
    assert_eq!((again.commit, again.runs.len(), again.series.len()), (changes.commit, 0, 0));
    run.watch("b", &2);
    run.log_line("stderr", "two");
    flush(&watcher);
    let more = reader.changes_since(changes.commit).unwrap();
    assert_eq!((more.series, more.is_cut), (vec![(run.uid().to_owned(), "b".to_owned())], false));
    let events = reader.events_since(0, None, 10).unwrap();
    assert_eq!((events.len(), events[0].kind.as_str(), &events[0].value), (1, "hello", &json!({"x": 1})));
    assert_eq!(reader.events_since(events[0].id, Some(run.uid()), 10).unwrap(), []);
    let lines = reader.log(run.uid(), None, 1).unwrap();
    assert_eq!((lines.len(), lines[0].text.as_str()), (1, "two"));
    assert_eq!(reader.log(run.uid(), Some(lines[0].id - 1), 5).unwrap(), lines);
}

#[test]
fn lineage_goes_by_content() {
    let store = Store::new();
    let watcher = store.open();
    let run = start(&watcher);
    let artifact =
        |kind: &str, digest: &str, name: &str| Artifact { kind: kind.into(), digest: digest.into(), name: name.into(), bytes: Some(3) };
    run.lineage(&artifact("dataset", "d1", "raw.jsonl"), &artifact("dataset", "d2", "clean.jsonl"), "ProcessDataHook");
    run.lineage(&artifact("dataset", "d2", "copy.jsonl"), &artifact("model", "m", "m.bin"), "TrainModelHook");
    run.lineage(&artifact("dataset", "d2", "copy.jsonl"), &artifact("model", "m", "m.bin"), "TrainModelHook");
    flush(&watcher);
    let edges = watcher.reader().unwrap().lineage(run.uid()).unwrap();
    assert_eq!(edges.len(), 2);
    assert_eq!(edges[0].to, edges[1].from, "the same content is the same thing");
}

#[test]
fn a_run_that_is_dropped_is_aborted() {
    let store = Store::new();
    let watcher = store.open();
    let uid = start(&watcher).uid().to_owned();
    assert!(watcher.flush(Duration::from_secs(20)));
    assert_eq!(watcher.reader().unwrap().run(&uid).unwrap().status, Status::Aborted);
}

/// What a page gives is what was watched, however many pages it takes, with its kinds; parts keep theirs to themselves.
#[test]
fn everything_page_by_page() {
    use sandbox_watcher::{Node, Num, Watched};

    let store = Store::new();
    let watcher = store.open();
    let run = start(&watcher);
    let part = run.child(RunSpec::default());
    part.watch_number(Some(0), "loss", -1.0);
    let value = |number: i64| match number % 3 {
        0 => Node::Float(if number % 7 == 0 { f64::NAN } else { number as f64 }),
        1 => Node::Int(number),
        _ => Node::Bool(number % 2 == 0),
    };
    for number in 0..10_000i64 {
        // Steps that go back, and times of long ago.
        let text = Watched::Node(Node::Text(number.to_string()));
        let values = [("loss", Watched::Node(value(number))), ("a.b", text)];
        run.watch_row(Some(5000 - number), Some(number * 1000 - 77), values.into_iter().take(if number < 50 { 2 } else { 1 }));
        if number % 900 == 0 {
            flush(&watcher);
        }
    }
    run.finish_at(Status::Done, 123_000_000);
    flush(&watcher);
    let reader = store.reader();
    for limit in [1000, 999_999] {
        let (mut points, mut from) = (Vec::new(), 0);
        while let Some(next) = {
            let page = reader.points(run.uid(), "loss", from, limit).unwrap();
            points.extend(page.points);
            page.next
        } {
            from = next;
        }
        assert_eq!(points.len(), 10_000);
        for (point, number) in points.iter().zip(0..) {
            let expected = match value(number) {
                Node::Float(value) => Num::Float(value),
                Node::Int(value) => Num::Int(value),
                Node::Bool(value) => Num::Bool(value),
                _ => unreachable!(),
            };
            assert_eq!((point.step, point.seq, point.time), (5000 - number, number as u64, number * 1000 - 77));
            assert_eq!(format!("{:?}", point.value), format!("{expected:?}"));
        }
    }
    assert_eq!((reader.calls(run.uid()).unwrap(), reader.calls(part.uid()).unwrap()), (10_000, 1));
    let items = reader.own_items(run.uid(), "a.b", Some(9), 30).unwrap();
    assert_eq!((items.len(), items[0].value.as_str(), items[29].step), (30, Some("10"), 5000 - 39));
    assert_eq!(reader.points(run.uid(), "none", 0, 9).unwrap(), sandbox_watcher::reader::PointPage::default());
    assert_eq!(reader.run(run.uid()).unwrap().ended, Some(123_000_000));
}
