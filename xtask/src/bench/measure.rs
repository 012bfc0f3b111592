//! Wall time and peak of memory of a child process.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// GNU time: it reads the peak from the kernel when the child has ended.
const TIME: &str = "/usr/bin/time";
/// How often the peak is read where there is no GNU time.
const POLL: Duration = Duration::from_millis(2);

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
