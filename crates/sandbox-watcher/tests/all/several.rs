//! Several processes and threads write into one store.

use sandbox_watcher::reader::RunFilter;
use sandbox_watcher::{Level, RunSpec, Status, Watcher};

use crate::support::{Store, child, flush, history, start, told};

const CALLS: u64 = 3000;

#[test]
#[ignore = "one of several writers, started by `several_processes_write`"]
fn write_a_run() {
    let Some((store, word)) = told() else { return };
    let watcher = Watcher::open(&store).unwrap();
    let run = start(&watcher);
    run.tag([("word", word.as_str())]);
    for step in 0..CALLS {
        run.watch_at(step, "x", &(step as f64));
        run.log_line("stdout", "a line");
        if step % 100 == 0 {
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
    }
    run.finish(Status::Done);
}

#[test]
fn several_processes_write() {
    let store = Store::new();
    let mut processes: Vec<_> = (0..3).map(|word| child("several::write_a_run", &store.path, &word.to_string())).collect();
    let watcher = store.open();
    let run = start(&watcher);
    for step in 0..CALLS {
        run.watch_at(step, "x", &step);
    }
    for process in &mut processes {
        assert!(process.wait().unwrap().success());
    }
    run.finish(Status::Done);
    flush(&watcher);
    assert_eq!(watcher.health(), sandbox_watcher::Health::default());
    // What a process could not bring in before it had to end.
    Watcher::recover(&store.path).unwrap();
    let reader = store.reader();
    let runs = reader.runs(&RunFilter::default()).unwrap();
    assert_eq!(runs.len(), 4);
    let mut words: Vec<&String> = runs.iter().filter_map(|run| run.tags.get("word")).collect();
    words.sort();
    assert_eq!(words, ["0", "1", "2"]);
    for run in &runs {
        assert_eq!((run.status, history(&reader, &run.uid, "x").count), (Status::Done, CALLS), "{run:?}");
    }
}

#[test]
fn threads_share_a_run_and_each_call_is_one_row() {
    let store = Store::new();
    let watcher = store.open();
    let run = start(&watcher);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let run = &run;
            scope.spawn(move || {
                for call in 0..500 {
                    run.watch("m", &std::collections::BTreeMap::from([("thread", thread), ("call", call), ("both", thread * 1000 + call)]));
                }
            });
        }
    });
    flush(&watcher);
    let reader = watcher.reader().unwrap();
    let [threads, calls, both] = ["thread", "call", "both"].map(|name| history(&reader, run.uid(), &format!("m.{name}")).points);
    assert_eq!(both.len(), 2000);
    for ((thread, call), both) in threads.iter().zip(&calls).zip(&both) {
        assert_eq!(thread.value * 1000.0 + call.value, both.value);
        assert_eq!((thread.step, thread.time), (both.step, both.time));
    }
    assert!(both.iter().enumerate().all(|(step, point)| point.step == step as i64), "each call has a step of its own");
}

#[test]
fn a_trial_of_another_process_is_part_of_its_run() {
    let store = Store::new();
    let watcher = store.open();
    let run = start(&watcher);
    let other = store.open();
    let trial = other.start_run(RunSpec { kind: Level::Trial, name: "t".into(), parent: Some(run.uid().into()), ..RunSpec::default() });
    trial.watch("loss", &0.5);
    trial.finish(Status::Done);
    flush(&watcher);
    flush(&other);
    let reader = watcher.reader().unwrap();
    let tree = reader.tree(run.uid()).unwrap();
    assert_eq!((tree.parts.len(), tree.parts[0].run.level), (1, Level::Trial));
    assert_eq!(reader.query(run.uid(), "loss").unwrap(), Some(serde_json::json!(0.5)));
}
