//! `cargo xtask bench models`: what it costs to follow a program's log, and to start a program.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::report::{Figure, Target};

/// Lines a second, and for how many seconds.
const RATE: usize = 10_000;
const SECONDS: usize = 10;
/// Part of a core that following may take.
const FOLLOWED: Target = Target::AtMost(0.05);
/// Programs that are started one after the other.
const STARTS: usize = 100;
/// Milliseconds that we add to each.
const ADDED: Target = Target::AtMost(10.0);

/// A thousand lines every tenth of a second: one in ten has metrics, as logs do; then all of them.
const TALKER: &str = "import sys, time
rate, seconds, every = (int(word) for word in sys.argv[1:])
start, number = time.monotonic(), 0
for beat in range(seconds * 10):
    lines = []
    for _ in range(rate // 10):
        number += 1
        if number % every == 0:
            lines.append(f'step {number} loss {1 / number:.6f} lr 1e-05')
        else:
            lines.append(f'INFO loader: shard {number} of 100000 read in 0.013 s, nothing to complain of')
    print('\\n'.join(lines), flush=True)
    time.sleep(max(0.0, start + (beat + 1) / 10 - time.monotonic()))
";

/// Measures.
pub(super) fn measure(binary: &Path, folder: &Path, quick: bool, figures: &mut Vec<Figure>) -> Result<()> {
    let lab = folder.join("models");
    if lab.exists() {
        fs::remove_dir_all(&lab).context("Failed to empty the folder that is measured in")?;
    }
    fs::create_dir_all(&lab).context("Failed to make a folder to measure in")?;
    fs::write(lab.join("talker.py"), TALKER)?;
    let seconds = if quick { 3 } else { SECONDS };
    for (every, what) in [(10, "one line in ten has metrics"), (1, "every line has metrics")] {
        let share = follow(binary, &lab, seconds, every)?;
        figures.push(Figure::new(format!("a log of {RATE} lines/s followed, {what}"), share, "cores", Some(FOLLOWED)));
    }
    figures.push(Figure::new("a program started, beside a bare start", starts(binary, &lab)?, "ms", Some(ADDED)));
    Ok(())
}

/// The part of a core that our own process took while it followed.
fn follow(binary: &Path, lab: &Path, seconds: usize, every: usize) -> Result<f64> {
    let command = ["python3", "talker.py", &RATE.to_string(), &seconds.to_string(), &every.to_string()].map(str::to_owned);
    let name = format!("follow-{every}");
    let job = json!({
        "type": "command", "command": command, "log_patterns": ["step (?<step>\\d+) loss (?<loss>\\S+) lr (?<lr>\\S+)"],
        "outputs": ["{{ metrics.loss }}"],
    });
    let mut child = run(binary, lab, &name, &job)?.spawn().context("Failed to start the program")?;
    // The last look before it ends; its children's time is not in it.
    let (mut last, start) = (0.0, Instant::now());
    let status = loop {
        if let Some(status) = child.try_wait().context("Failed to wait for the program")? {
            break status;
        }
        last = cpu(child.id()).unwrap_or(last);
        std::thread::sleep(Duration::from_millis(20));
    };
    ensure!(status.success(), "the run that followed a log ended with {status}");
    let wall = start.elapsed().as_secs_f64();
    let log =
        fs::read_dir(lab.join(&name))?.flatten().map(|entry| entry.path()).find(|path| path.extension().is_some_and(|end| end == "log"));
    let lines = fs::read_to_string(log.context("the run has left no log")?)?.lines().count();
    ensure!(lines == RATE * seconds, "{lines} lines are in the log, {} were printed", RATE * seconds);
    Ok(last / wall)
}

/// Seconds of user and system time of a process.
fn cpu(pid: u32) -> Option<f64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    // Linux counts a hundred ticks a second, whatever its clock.
    Some(ticks / 100.0)
}

/// Milliseconds that a start takes longer than a bare one.
fn starts(binary: &Path, lab: &Path) -> Result<f64> {
    let wall = |count: usize| -> Result<f64> {
        let items: Vec<String> = (0..count).map(|item| item.to_string()).collect();
        let job = json!({"type": "command", "command": ["true"], "grammar": "none", "for_each": items});
        let start = Instant::now();
        let status = run(binary, lab, &format!("starts-{count}"), &job)?.status().context("Failed to start the program")?;
        ensure!(status.success(), "the run of {count} programs ended with {status}");
        Ok(start.elapsed().as_secs_f64())
    };
    let mut added = Vec::new();
    for _ in 0..5 {
        let (few, many) = (wall(1)?, wall(STARTS + 1)?);
        let start = Instant::now();
        for _ in 0..STARTS {
            Command::new("true").status().context("Failed to start `true`")?;
        }
        added.push(1000.0 * ((many - few) - start.elapsed().as_secs_f64()) / STARTS as f64);
        for count in [1, STARTS + 1] {
            fs::remove_dir_all(lab.join(format!("starts-{count}")))?;
        }
    }
    Ok(super::measure::median(&mut added))
}

/// A run of one job.
fn run(binary: &Path, lab: &Path, name: &str, job: &serde_json::Value) -> Result<Command> {
    let config = json!({
        "work_dir": name, "execution_job_configs": [{"hook": "TrainModelHook", "meta_name": "job", "extra_configs": job}],
    });
    let path = lab.join(format!("{name}.json"));
    fs::write(&path, config.to_string()).with_context(|| format!("Failed to write `{}`", path.display()))?;
    let mut command = Command::new(binary);
    command.args(["run", "--quiet", "--config"]).arg(&path).current_dir(lab).stdout(Stdio::null());
    Ok(command)
}
