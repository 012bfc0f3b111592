//! `cargo xtask bench watcher`: what the run store costs its callers, and what it loses when it is killed.
//!
//! The measuring program is an example of the store's crate, so that what is measured is what a run does, in a release build. What the machine takes
//! away from a loop that only looks at the clock stands beside the longest call: on a busy machine that is most of it.

mod neighbours;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use sandbox_watcher::reader::{Range, RunFilter};
use sandbox_watcher::{Reader, Status, Watcher, store_path};
use serde_json::Value;

use super::report::{Figure, Target};
use super::{dashboard, failure};

/// Kills, and with `--quick`.
const KILLS: u32 = 200;
const FEW_KILLS: u32 = 20;

/// The figures of the measuring program: its name for each, what it is, its unit, its target.
const FIGURES: [(&str, &str, &str, Option<Target>); 15] = [
    ("watch_p50_us", "watch of three numbers: median", "us", Some(Target::AtMost(2.0))),
    ("watch_p99_us", "watch of three numbers: 99 of 100", "us", Some(Target::AtMost(50.0))),
    ("watch_max_us", "watch of three numbers: longest", "us", None),
    ("locked_p99_us", "  database locked: 99 of 100", "us", Some(Target::AtMost(50.0))),
    ("locked_max_us", "  database locked: longest", "us", Some(Target::AtMost(5000.0))),
    ("locked_lost", "  database locked: calls lost", "", Some(Target::AtMost(0.0))),
    ("idle_max_us", "  peer: a loop that looks at the clock, longest", "us", None),
    ("called_points_per_s", "points taken from one thread", "/s", None),
    ("points_per_s", "points in the database", "/s", Some(Target::AtLeast(500_000.0))),
    ("dropped", "records dropped at that speed", "", Some(Target::AtMost(0.0))),
    ("bytes_per_point", "noisy numbers at rest", "bytes", Some(Target::AtMost(16.0))),
    ("downsample_ms", "a million points in 1000 buckets", "ms", Some(Target::AtMost(50.0))),
    ("list_ms", "1000 runs with 20 metrics listed", "ms", Some(Target::AtMost(200.0))),
    ("first_open_ms", "a short run, its store made", "ms", None),
    ("short_run_ms", "a short run, opened to closed", "ms", None),
];

/// Measures, and kills.
pub(super) fn measure(root: &Path, folder: &Path, quick: bool, figures: &mut Vec<Figure>) -> Result<()> {
    let program = build(root)?;
    let lab = folder.join(format!("watcher-{}", std::process::id()));
    let result = all(root, &program, &lab, quick, figures).and_then(|()| dashboard::measure(&super::build(root)?, &lab, figures));
    // Left-overs are harmless: the folder is below `target`.
    let _ = std::fs::remove_dir_all(&lab);
    result
}

fn all(root: &Path, program: &Path, lab: &Path, quick: bool, figures: &mut Vec<Figure>) -> Result<()> {
    std::fs::create_dir_all(lab).with_context(|| format!("Failed to make the folder `{}`", lab.display()))?;
    eprintln!("watching");
    let mut command = Command::new(program);
    let output = command.arg(lab).output().with_context(|| format!("Failed to run `{}`", program.display()))?;
    failure(&command, &output)?;
    let measured: Value = serde_json::from_slice(&output.stdout).context("the measuring program printed no JSON")?;
    for (name, words, unit, target) in FIGURES {
        let value = measured.get(name).and_then(Value::as_f64).with_context(|| format!("the measuring program printed no `{name}`"))?;
        figures.push(Figure::new(words, value, unit, target));
    }
    let ours = measured.get("points_per_s").and_then(Value::as_f64).unwrap_or(f64::NAN);
    neighbours::measure(root, lab, quick, ours, figures)?;
    let kills = if quick { FEW_KILLS } else { KILLS };
    eprintln!("{kills} kills");
    let (mut lost, mut kept) = (0, 0);
    for kill in 0..kills {
        let (told, found) = killed(program, &lab.join(format!("kill-{kill}")), Duration::from_millis(u64::from(kill * 37 % 500)))?;
        lost += told.saturating_sub(found);
        kept += found;
    }
    figures.push(Figure::new(format!("{kills} kills: calls lost"), lost as f64, "", Some(Target::AtMost(0.0))));
    figures.push(Figure::new(format!("{kills} kills: calls kept"), kept as f64, "", None));
    Ok(())
}

/// Kills a process that watches: how many calls it said had returned, and how many are in the store.
fn killed(program: &Path, lab: &Path, after: Duration) -> Result<(u64, u64)> {
    std::fs::create_dir_all(lab).with_context(|| format!("Failed to make the folder `{}`", lab.display()))?;
    let mut child = Command::new(program).arg(lab).arg("until-killed").stdout(Stdio::null()).spawn().context("Failed to start")?;
    let told = lab.join("told");
    let end = Instant::now() + Duration::from_secs(30);
    while std::fs::metadata(&told).map_or(0, |file| file.len()) < 8 {
        ensure!(Instant::now() < end, "the process that is to be killed has not begun");
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(after);
    child.kill().context("Failed to kill")?;
    child.wait().context("Failed to wait")?;
    let told = std::fs::read(told).context("Failed to read what was told")?;
    let told = u64::from_le_bytes(told.as_slice().try_into().context("what was told is no number")?);
    let path = store_path(lab);
    Watcher::recover(&path)?;
    let reader = Reader::open(&path)?;
    let runs = reader.runs(&RunFilter::default())?;
    let found = match runs.first() {
        Some(run) => {
            ensure!(run.status == Status::Crashed, "a killed run says `{}`", run.status.name());
            reader.history(&run.uid, "train.loss", &Range { buckets: 1, ..Range::default() })?.map_or(0, |history| history.total)
        }
        None => 0,
    };
    std::fs::remove_dir_all(lab).with_context(|| format!("Failed to remove `{}`", lab.display()))?;
    Ok((told, found))
}

/// Builds the measuring program and says where it is.
fn build(root: &Path) -> Result<PathBuf> {
    eprintln!("building the measuring program");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = ["build", "--release", "--quiet", "--package", "sandbox-watcher", "--example", "measure"];
    let status = Command::new(cargo).args(arguments).current_dir(root).status().context("Failed to run `cargo build`")?;
    ensure!(status.success(), "the measuring program does not build; see Cargo's messages above");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder));
    Ok(target.join("release/examples/measure"))
}
