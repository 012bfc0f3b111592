//! Measures the store in a folder and prints the figures as one JSON object: `cargo xtask bench watcher` runs it.
//!
//! `measure FOLDER` measures; `measure FOLDER until-killed` watches until it is killed, and tells in `FOLDER/told` how many calls have returned.
#![allow(clippy::print_stdout, reason = "its figures are what it is for")]

use std::error::Error;
use std::fs::File;
use std::hint::black_box;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use sandbox_watcher::reader::{Range, RunFilter};
use sandbox_watcher::{Reader, Run, RunSpec, Status, Watcher, store_path};
use serde::Serialize;
use serde_json::{Map, Value, json};

const CALLS: usize = 200_000;
const POINTS: u64 = 1_000_000;
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Serialize)]
struct Step {
    loss: f64,
    learning_rate: f64,
    grad_norm: f64,
}

/// Numbers that look like a training's: a trend with noise in every digit.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn step(&mut self, step: u64) -> Step {
        let trend = 1.0 / (1.0 + step as f64 * 1e-4);
        Step { loss: 3.0 * trend + 0.1 * self.next(), learning_rate: 1e-4 * trend, grad_norm: 1.0 + self.next() }
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let folder = PathBuf::from(arguments.next().ok_or("a folder is missing")?);
    if arguments.next().is_some() {
        return until_killed(&folder);
    }
    let mut figures = Map::new();
    latency(&folder.join("latency"), &mut figures)?;
    locked(&folder.join("locked"), &mut figures)?;
    idle(&mut figures);
    throughput(&folder.join("throughput"), &mut figures)?;
    history(&folder.join("history"), &mut figures)?;
    list(&folder.join("list"), &mut figures)?;
    short(&folder.join("short"), &mut figures)?;
    println!("{}", Value::Object(figures));
    Ok(())
}

fn start(watcher: &Watcher) -> Run {
    watcher.start_run(RunSpec { name: "bench".into(), project: "bench".into(), ..RunSpec::default() })
}

fn percentile(sorted: &[u64], part: f64) -> f64 {
    let at = ((sorted.len() as f64 * part) as usize).min(sorted.len().saturating_sub(1));
    sorted.get(at).copied().unwrap_or(0) as f64 / 1e3
}

/// Microseconds of each call, sorted. Between calls is what a fast training step takes, at least a little.
fn calls(run: &Run, count: usize, pause: Duration) -> Vec<u64> {
    let mut noise = Noise(7);
    let mut took = Vec::with_capacity(count);
    for step in 0..count as u64 {
        let value = noise.step(step);
        let began = Instant::now();
        run.watch_at(step, "train", black_box(&value));
        took.push(began.elapsed().as_nanos() as u64);
        let wait = Instant::now();
        while wait.elapsed() < pause {
            std::hint::spin_loop();
        }
    }
    took.sort_unstable();
    took
}

fn latency(folder: &Path, figures: &mut Map<String, Value>) -> Result<(), Box<dyn Error>> {
    let watcher = Watcher::open(store_path(folder))?;
    let run = start(&watcher);
    let took = calls(&run, CALLS, Duration::from_micros(10));
    figures.insert("watch_p50_us".into(), json!(percentile(&took, 0.5)));
    figures.insert("watch_p99_us".into(), json!(percentile(&took, 0.99)));
    figures.insert("watch_max_us".into(), json!(percentile(&took, 1.0)));
    Ok(())
}

/// The same while another process holds the database for itself all the time.
fn locked(folder: &Path, figures: &mut Map<String, Value>) -> Result<(), Box<dyn Error>> {
    let watcher = Watcher::open(store_path(folder))?;
    let run = start(&watcher);
    watcher.flush(PATIENCE);
    let other = Connection::open(store_path(folder))?;
    other.execute_batch("BEGIN EXCLUSIVE")?;
    let took = calls(&run, CALLS, Duration::from_micros(10));
    other.execute_batch("COMMIT")?;
    figures.insert("locked_p99_us".into(), json!(percentile(&took, 0.99)));
    figures.insert("locked_max_us".into(), json!(percentile(&took, 1.0)));
    let complete = watcher.flush(PATIENCE);
    let kept = Reader::open(store_path(folder))?.history(run.uid(), "train.loss", &Range::default())?.map_or(0, |history| history.total);
    figures.insert("locked_lost".into(), json!(if complete { CALLS as u64 - kept } else { CALLS as u64 }));
    Ok(())
}

/// What the machine takes away from a loop that does nothing, for as long as the loops above.
fn idle(figures: &mut Map<String, Value>) {
    let (began, mut last, mut longest) = (Instant::now(), Instant::now(), Duration::ZERO);
    while began.elapsed() < Duration::from_millis(2500) {
        let now = Instant::now();
        longest = longest.max(now - last);
        last = now;
    }
    figures.insert("idle_max_us".into(), json!(longest.as_nanos() as f64 / 1e3));
}

/// Points that are in the database, in a second, as fast as one thread watches them.
fn throughput(folder: &Path, figures: &mut Map<String, Value>) -> Result<(), Box<dyn Error>> {
    let watcher = Watcher::open(store_path(folder))?;
    let run = start(&watcher);
    let mut noise = Noise(9);
    let began = Instant::now();
    let steps = 2_000_000;
    for step in 0..steps {
        run.watch_at(step, "train", &noise.step(step));
    }
    let called = began.elapsed().as_secs_f64();
    if !watcher.flush(PATIENCE) {
        return Err(format!("the store did not keep up: {:?}", watcher.health()).into());
    }
    let all = began.elapsed().as_secs_f64();
    figures.insert("called_points_per_s".into(), json!(3.0 * steps as f64 / called));
    figures.insert("points_per_s".into(), json!(3.0 * steps as f64 / all));
    figures.insert("dropped".into(), json!(watcher.health().dropped.values().sum::<u64>()));
    Ok(())
}

/// A series of a million noisy numbers: its bytes on the disk, and reading it.
fn history(folder: &Path, figures: &mut Map<String, Value>) -> Result<(), Box<dyn Error>> {
    let path = store_path(folder);
    let watcher = Watcher::open(&path)?;
    let empty = std::fs::metadata(&path)?.len();
    let run = start(&watcher);
    let mut noise = Noise(11);
    for step in 0..POINTS {
        run.watch_number(Some(step), "loss", 3.0 + noise.next());
    }
    run.finish(Status::Done);
    watcher.flush(PATIENCE);
    let uid = run.uid().to_owned();
    drop((run, watcher));
    // All that is left when nobody writes: the file, and no journal beside it.
    let mut bytes = 0;
    for entry in std::fs::read_dir(folder.join(".dj-sandbox"))?.filter_map(Result::ok) {
        bytes += entry.metadata()?.len();
    }
    figures.insert("bytes_per_point".into(), json!((bytes - empty.min(bytes)) as f64 / POINTS as f64));
    let reader = Reader::open(&path)?;
    let mut took = Vec::new();
    for _ in 0..9 {
        let began = Instant::now();
        let history = reader.history(&uid, "loss", &Range { buckets: 1000, ..Range::default() })?.ok_or("no history")?;
        took.push(began.elapsed().as_nanos() as u64);
        assert_eq!((history.count, history.buckets.len()), (POINTS, 1000));
    }
    took.sort_unstable();
    figures.insert("downsample_ms".into(), json!(percentile(&took, 0.5) / 1e3));
    Ok(())
}

/// A thousand runs with twenty metrics each.
fn list(folder: &Path, figures: &mut Map<String, Value>) -> Result<(), Box<dyn Error>> {
    let watcher = Watcher::open(store_path(folder))?;
    let metrics: Map<String, Value> = (0..20).map(|number| (format!("metric_{number}"), json!(f64::from(number) * 0.5))).collect();
    for number in 0..1000 {
        let run = watcher.start_run(RunSpec { name: format!("run {number}"), project: "bench".into(), ..RunSpec::default() });
        run.tag([("seed", number.to_string())]);
        (0..5).for_each(|step| run.watch_at(step, "m", &metrics));
        run.finish(Status::Done);
    }
    watcher.flush(PATIENCE);
    let mut took = Vec::new();
    for _ in 0..9 {
        let began = Instant::now();
        let runs = Reader::open(store_path(folder))?.runs(&RunFilter { metrics: true, ..RunFilter::default() })?;
        took.push(began.elapsed().as_nanos() as u64);
        assert_eq!((runs.len(), runs.iter().map(|run| run.metrics.len()).sum::<usize>()), (1000, 20_000));
    }
    took.sort_unstable();
    figures.insert("list_ms".into(), json!(percentile(&took, 0.5) / 1e3));
    Ok(())
}

/// What a store adds to a run that says little: opened, a few values, closed. The first one makes the store.
fn short(folder: &Path, figures: &mut Map<String, Value>) -> Result<(), Box<dyn Error>> {
    let mut took = Vec::new();
    for number in 0..22 {
        let began = Instant::now();
        let watcher = Watcher::open(store_path(folder))?;
        let run = start(&watcher);
        (0..20).for_each(|step| run.watch_at(step, "m", &json!({"a": step, "b": 0.5})));
        run.finish(Status::Done);
        drop((run, watcher));
        if number == 0 {
            figures.insert("first_open_ms".into(), json!(began.elapsed().as_secs_f64() * 1e3));
        } else {
            took.push(began.elapsed().as_nanos() as u64);
        }
    }
    took.sort_unstable();
    figures.insert("short_run_ms".into(), json!(percentile(&took, 0.5) / 1e3));
    Ok(())
}

fn until_killed(folder: &Path) -> Result<(), Box<dyn Error>> {
    let watcher = Watcher::open(store_path(folder))?;
    let told = File::create(folder.join("told"))?;
    let run = start(&watcher);
    let mut noise = Noise(13);
    for step in 0u64.. {
        run.watch_at(step, "train", &noise.step(step));
        told.write_all_at(&(step + 1).to_le_bytes(), 0)?;
    }
    Ok(())
}
