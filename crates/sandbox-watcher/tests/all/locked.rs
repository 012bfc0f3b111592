//! The caller never waits: not for a locked database, not for a full disk.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use sandbox_watcher::{Status, Watcher, store_path};
use serde_json::json;

use crate::support::{Store, flush, history, start};

#[test]
fn a_locked_database_holds_up_nobody_and_loses_nothing() {
    let store = Store::new();
    let watcher = store.open();
    let run = start(&watcher);
    run.watch("x", &0);
    flush(&watcher);
    let other = Connection::open(&store.path).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let (began, mut longest, mut calls) = (Instant::now(), Duration::ZERO, 1u64);
    while began.elapsed() < Duration::from_millis(1500) {
        let call = Instant::now();
        run.watch("x", &calls);
        longest = longest.max(call.elapsed());
        calls += 1;
        std::thread::sleep(Duration::from_micros(100));
    }
    assert!(!watcher.flush(Duration::from_millis(10)), "nothing can be committed under a lock");
    assert_eq!(history(&watcher.reader().unwrap(), run.uid(), "x").count, 1);
    other.execute_batch("COMMIT").unwrap();
    // A busy machine may take a thread away for long; waiting for the lock would have taken a second and more.
    assert!(longest < Duration::from_millis(500), "{longest:?}");
    flush(&watcher);
    assert_eq!(history(&watcher.reader().unwrap(), run.uid(), "x").count, calls);
}

#[test]
fn the_end_of_a_process_does_not_wait_for_ever_and_the_journal_keeps_what_is_missing() {
    let store = Store::new();
    let watcher = store.open();
    let run = start(&watcher);
    run.watch("x", &0);
    flush(&watcher);
    let other = Connection::open(&store.path).unwrap();
    other.execute_batch("BEGIN EXCLUSIVE").unwrap();
    run.watch("x", &1);
    run.finish(Status::Done);
    let uid = run.uid().to_owned();
    let began = Instant::now();
    drop((run, watcher));
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
    other.execute_batch("COMMIT").unwrap();
    // The thread may still be at it, in which case it brings everything in itself.
    let end = Instant::now() + Duration::from_secs(20);
    loop {
        Watcher::recover(&store.path).unwrap();
        let reader = store.reader();
        if history(&reader, &uid, "x").count == 2 && reader.run(&uid).unwrap().status == Status::Done {
            break;
        }
        assert!(Instant::now() < end);
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A file system of two megabytes; unmounted when dropped.
struct Small(tempfile::TempDir);

impl Small {
    /// Nothing where that is not allowed.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=2m", "tmpfs"]).arg(folder.path()).output();
        mounted.is_ok_and(|output| output.status.success()).then(|| Self(folder))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(self.path()).output();
    }
}

#[test]
fn a_full_disk_ends_nothing_and_what_is_lost_is_counted() {
    let Some(small) = Small::mount() else {
        eprintln!("SKIPPED: a full disk: only root may mount a small file system");
        return;
    };
    let watcher = Watcher::open(store_path(small.path())).unwrap();
    let run = start(&watcher);
    run.watch("x", &0);
    flush(&watcher);
    let filler = small.path().join("filler");
    // All but a little, so that the room runs out in the middle of something.
    let _ = std::fs::write(&filler, vec![1u8; 2 << 20]);
    let text = "x".repeat(1 << 20);
    let mut longest = Duration::ZERO;
    for step in 1..200 {
        let call = Instant::now();
        run.watch_at(step, "m", &json!({"x": step, "text": text}));
        longest = longest.max(call.elapsed());
    }
    assert!(longest < Duration::from_secs(1), "{longest:?}");
    let health = watcher.health();
    assert!(health.dropped.iter().any(|(why, count)| why.contains("No space left") && *count > 0), "{health:?}");
    assert!(health.waiting_bytes > 0 && health.waiting_bytes <= 64 << 20, "{health:?}");
    drop((run, watcher));
}

#[test]
fn room_that_comes_back_is_used() {
    let Some(small) = Small::mount() else {
        eprintln!("SKIPPED: a full disk: only root may mount a small file system");
        return;
    };
    let watcher = Watcher::open(store_path(small.path())).unwrap();
    let run = start(&watcher);
    run.watch("x", &0);
    flush(&watcher);
    let filler = small.path().join("filler");
    let _ = std::fs::write(&filler, vec![1u8; 2 << 20]);
    for step in 1..20_000u64 {
        run.watch_at(step, "x", &step);
    }
    std::fs::remove_file(&filler).unwrap();
    // The file system is smaller than a segment: what waits in memory stays there, what the first segment held goes in.
    let end = Instant::now() + Duration::from_secs(20);
    while history(&watcher.reader().unwrap(), run.uid(), "x").count < 1000 {
        assert!(Instant::now() < end, "{:?}", watcher.health());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_store_in_which_nothing_is_written_is_closed_at_once() {
    let store = Store::new();
    let watcher = store.open();
    assert!(watcher.flush(Duration::from_secs(20)));
    let began = Instant::now();
    drop(watcher);
    assert!(began.elapsed() < Duration::from_millis(1500), "{:?}", began.elapsed());
}
