//! Wall time and peak of memory of a child process.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// GNU time: it reads the peak from the kernel when the child has ended.
const TIME: &str = "/usr/bin/time";
/// How often the peak is read where there is no GNU time.
const POLL: Duration = Duration::from_millis(2);
/// The kernel counts processor time in hundredths of a second towards programs, on every Linux.
const TICKS: f64 = 100.0;

/// What one run took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Run {
    /// Seconds from start to end.
    pub wall: f64,
    /// Seconds of all cores, in user and system mode, to a hundredth.
    pub cpu: f64,
}

/// One run: its wall time, and the processor time of the child and all its children that were waited for.
///
/// # Errors
/// As [`median_wall`]; a system that does not tell processor times.
pub fn run(command: &mut Command) -> Result<Run> {
    let before = cpu_of_children()?;
    let wall = median_wall(command, 1)?;
    Ok(Run { wall, cpu: cpu_of_children()? - before })
}

/// One run and the peak of its memory in megabytes, where a thousandth of a second more does not matter.
///
/// # Errors
/// As [`run`] and [`peak_megabytes`].
pub fn run_with_peak(command: &mut Command, scratch: &Path) -> Result<(Run, f64)> {
    let (before, start) = (cpu_of_children()?, Instant::now());
    let peak = peak_megabytes(command, scratch)?;
    Ok((Run { wall: start.elapsed().as_secs_f64(), cpu: cpu_of_children()? - before }, peak))
}

/// The medians of runs, each quantity on its own.
pub fn median_run(runs: &[Run]) -> Run {
    let of = |what: fn(&Run) -> f64| median(&mut runs.iter().map(what).collect::<Vec<_>>());
    Run { wall: of(|run| run.wall), cpu: of(|run| run.cpu) }
}

/// Processor time of the children that have ended, in seconds, from the kernel's books.
fn cpu_of_children() -> Result<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").context("Failed to read `/proc/self/stat`: is this Linux?")?;
    children_ticks(&stat).map(|ticks| ticks as f64 / TICKS).context("`/proc/self/stat` tells no times")
}

/// The sum of `cutime` and `cstime`: the 14th and 15th field after the name, which stands in parentheses.
fn children_ticks(stat: &str) -> Option<u64> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(13);
    Some(fields.next()?.parse::<u64>().ok()? + fields.next()?.parse::<u64>().ok()?)
}

/// The median wall time of `runs` runs, in seconds.
///
/// # Errors
/// A child that cannot be started or fails, with the end of its standard error.
pub fn median_wall(command: &mut Command, runs: usize) -> Result<f64> {
    let mut walls = Vec::with_capacity(runs);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped());
    for _ in 0..runs {
        let start = Instant::now();
        let output = command.output().with_context(|| format!("Failed to run `{}`", super::words(command)))?;
        walls.push(start.elapsed().as_secs_f64());
        super::failure(command, &output)?;
    }
    Ok(median(&mut walls))
}

/// The peak of resident memory of one run, in megabytes.
///
/// # Errors
/// As [`median_wall`]; a peak that cannot be read.
pub fn peak_megabytes(command: &mut Command, scratch: &Path) -> Result<f64> {
    if !Path::new(TIME).exists() {
        return polled_peak(command);
    }
    let file = scratch.join("peak.txt");
    let mut timed = Command::new(TIME);
    timed.args(["-f", "%M", "-o"]).arg(&file).arg(command.get_program()).args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        timed.current_dir(folder);
    }
    let output = timed.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).output().context("Failed to run GNU time")?;
    super::failure(command, &output)?;
    let text = std::fs::read_to_string(&file).with_context(|| format!("Failed to read `{}`", file.display()))?;
    let kilobytes: f64 = text.trim().parse().with_context(|| format!("GNU time gave no peak but `{}`", text.trim()))?;
    Ok(kilobytes * 1024.0 / 1e6)
}

/// The peak as the kernel shows it while the child lives: the last value seen.
fn polled_peak(command: &mut Command) -> Result<f64> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .with_context(|| format!("Failed to run `{}`", super::words(command)))?;
    let status = format!("/proc/{}/status", child.id());
    let mut peak = None;
    let ended = loop {
        peak = std::fs::read_to_string(&status).ok().as_deref().and_then(high_water_mark).or(peak);
        if let Some(ended) = child.try_wait().context("Failed to wait for the child")? {
            break ended;
        }
        std::thread::sleep(POLL);
    };
    anyhow::ensure!(ended.success(), "`{}` failed with {ended}", super::words(command));
    let kilobytes = peak.context("the child's peak of memory cannot be read from /proc")?;
    Ok(kilobytes * 1024.0 / 1e6)
}

/// `VmHWM` of a `/proc/PID/status`, in kilobytes.
fn high_water_mark(status: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// The middle value; of an even count, the mean of the two in the middle.
pub fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    match values.len() {
        0 => f64::NAN,
        count if count % 2 == 1 => values[middle],
        _ => (values[middle - 1] + values[middle]) / 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_the_middle() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&mut []).is_nan());
    }

    #[test]
    fn the_high_water_mark_is_read() {
        assert_eq!(high_water_mark("Name:\tcp\nVmPeak:\t  9000 kB\nVmHWM:\t    2048 kB\n"), Some(2048.0));
        assert_eq!(high_water_mark("Name:\tcp\n"), None);
    }

    #[test]
    fn times_of_children_stand_behind_the_name() {
        assert_eq!(children_ticks("7 (a) b) S 1 7 7 0 -1 4 5 6 7 8 9 10 300 45 20 0"), Some(345));
        assert_eq!(children_ticks("7 (a) S 1"), None);
    }

    #[test]
    fn work_takes_processor_time_and_sleep_does_not() {
        let worked = run(Command::new("sh").args(["-c", "i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done"])).unwrap();
        assert!(worked.cpu >= 0.02 && worked.wall > 0.0, "{worked:?}");
        assert_eq!(median_run(&[worked, Run { wall: 1e9, cpu: -1.0 }, Run { wall: 2e9, cpu: 1e9 }]), Run { wall: 1e9, cpu: worked.cpu });
    }

    #[test]
    fn a_child_is_measured_in_both_ways() {
        let folder = tempfile::tempdir().unwrap();
        let mut sleep = Command::new("sleep");
        sleep.arg("0.03");
        assert!(median_wall(&mut sleep, 3).unwrap() >= 0.03);
        assert!(polled_peak(&mut sleep).unwrap() > 0.1);
        assert!(peak_megabytes(&mut sleep, folder.path()).unwrap() > 0.1);
    }

    #[test]
    fn a_failing_child_is_an_error_with_what_it_said() {
        let mut ls = Command::new("ls");
        ls.arg("no-such-file");
        let error = median_wall(&mut ls, 3).unwrap_err().to_string();
        assert!(error.starts_with("`ls no-such-file` failed with exit status: ") && error.contains("\nls: "), "{error}");
        assert!(median_wall(&mut Command::new("no-such-program"), 1).unwrap_err().to_string().contains("no-such-program"));
    }
}
