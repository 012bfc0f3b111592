//! `kill -9` at any moment loses nothing for which `watch` has returned.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use sandbox_watcher::reader::RunFilter;
use sandbox_watcher::{Status, Watcher};
use serde_json::json;

use crate::support::{Store, child, history, start, told};

/// Kills in a plain test run; `DJ_SANDBOX_KILLS=200` for more.
const KILLS: u64 = 15;

#[test]
#[ignore = "the process that is killed, started by `killed_at_any_moment`"]
fn watch_until_killed() {
    let Some((store, pause)) = told() else { return };
    let watcher = Watcher::open(&store).unwrap();
    let told = File::create(store.with_file_name("told")).unwrap();
    let run = start(&watcher);
    let pause: u64 = pause.parse().unwrap();
    for step in 0u64.. {
        run.watch_at(step, "m", &json!({"a": step, "b": step as f64 / 3.0, "t": step.to_string()}));
        told.write_all_at(&(step + 1).to_le_bytes(), 0).unwrap();
        if pause > 0 {
            std::thread::sleep(Duration::from_micros(pause));
        }
    }
}

#[test]
fn killed_at_any_moment() {
    let kills = std::env::var("DJ_SANDBOX_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(KILLS);
    let mut most = 0;
    for kill in 0..kills {
        let store = Store::new();
        // Slow ones are in the journal alone, fast ones fill many segments.
        let pause = [0, 50, 1000][kill as usize % 3];
        let mut process = child("kill::watch_until_killed", &store.path, &pause.to_string());
        let told = store.path.with_file_name("told");
        while !std::fs::metadata(&told).is_ok_and(|file| file.len() == 8) {
            assert!(process.try_wait().unwrap().is_none(), "the process has ended by itself");
            std::thread::sleep(Duration::from_millis(1));
        }
        std::thread::sleep(Duration::from_millis(kill * 37 % 700));
        process.kill().unwrap();
        process.wait().unwrap();
        let told = u64::from_le_bytes(std::fs::read(told).unwrap().try_into().unwrap());

        if let Ok(reader) = sandbox_watcher::Reader::open(&store.path) {
            // Even before anybody has brought in what it left.
            let statuses: Vec<Status> = reader.runs(&RunFilter::default()).unwrap().iter().map(|run| run.status).collect();
            assert!(statuses.is_empty() || statuses == [Status::Crashed], "{statuses:?}");
        }
        assert_eq!(Watcher::recover(&store.path).unwrap(), 1);
        assert_eq!(Watcher::recover(&store.path).unwrap(), 0);
        let reader = store.reader();
        let runs = reader.runs(&RunFilter::default()).unwrap();
        assert_eq!((runs.len(), runs[0].status), (1, Status::Crashed));
        assert!(runs[0].ended.is_some_and(|ended| ended >= runs[0].started));
        let (a, b) = (history(&reader, &runs[0].uid, "m.a"), history(&reader, &runs[0].uid, "m.b"));
        assert!(a.count == told || a.count == told + 1, "{} points of {told} are left", a.count);
        assert_eq!((a.count, a.count), (a.total, b.count), "kill {kill}");
        for (step, (a, b)) in a.points.iter().zip(&b.points).enumerate() {
            assert_eq!((a.step, a.value, b.step, b.value), (step as i64, step as f64, step as i64, step as f64 / 3.0));
        }
        let last = reader.items(&runs[0].uid, "m.t", a.count as usize - 1, 5).unwrap();
        assert_eq!((last.len(), &last[0].value), (1, &json!((a.count - 1).to_string())));
        most = most.max(a.count);
    }
    assert!(most > 10_000, "{most} points at most: the fast ones were not fast");
}
