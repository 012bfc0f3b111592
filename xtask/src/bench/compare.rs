//! The recipe of twelve operators by turns with Data-Juicer: the same rows, the same operators, the same cores.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::measure::{self, Run};
use super::report::{Figure, Target};
use super::{Bench, RECIPE};
use crate::fixtures::data_juicer;

/// Two sizes: Data-Juicer needs most of a minute before the first row, and the difference of two sizes is free of that.
const ROWS: [usize; 2] = [4_000, 24_000];
/// Turns, at least: each figure is the median of them.
const TURNS: usize = 3;
/// Our runs in each turn: one of them is too short for a clock of hundredths of a second.
const OURS: usize = 20;
/// Both programs stay on these cores.
const CORES: &str = "0,1";
/// How many times as fast as Data-Juicer: whole processes, and rows without the start.
const FASTER: Target = Target::AtLeast(100.0);

impl Bench<'_> {
    /// Both programs over both sizes.
    pub(super) fn data_juicer(&self, figures: &mut Vec<Figure>) -> Result<()> {
        let environment = data_juicer::environment(self.root)?;
        let theirs = environment.join("bin/dj-process");
        let (mut our_runs, mut their_runs) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
        for turn in 0..self.runs.max(TURNS) {
            for (size, rows) in ROWS.into_iter().enumerate() {
                eprintln!("12 operators over {rows} rows, turn {}: dj-process (minutes)", turn + 1);
                let input = self.rows(rows)?.display().to_string();
                let out = self.fresh("compared")?;
                let [our_out, their_out] = ["ours", "theirs"].map(|name| format!("{out}/{name}.jsonl"));
                our_runs[size].push(self.ours(&input, &our_out)?);
                their_runs[size].push(self.theirs(&theirs, &input, &their_out, &format!("{out}/cache"))?);
                let (kept, expected) = (lines(Path::new(&our_out))?, lines(Path::new(&their_out))?);
                ensure!(kept == expected, "of {rows} rows {kept} were kept, and {expected} by Data-Juicer");
            }
        }
        self.fresh("compared")?;
        figures.extend(compared(
            our_runs.each_ref().map(|runs| measure::median_run(runs)),
            their_runs.each_ref().map(|runs| measure::median_run(runs)),
        ));
        Ok(())
    }

    /// The mean of some runs after each other.
    fn ours(&self, input: &str, out: &str) -> Result<Run> {
        let mut sum = Run { wall: 0.0, cpu: 0.0 };
        for _ in 0..OURS {
            let args = ["process", "--quiet", "--config", RECIPE, "--dataset_path", input, "--export_path", out];
            let run = measure::run(&mut on_cores(&self.binary, self.root, &args))?;
            sum = Run { wall: sum.wall + run.wall, cpu: sum.cpu + run.cpu };
        }
        Ok(Run { wall: sum.wall / OURS as f64, cpu: sum.cpu / OURS as f64 })
    }

    /// One run, with caches of its own: rows that were read before would otherwise not be read again.
    fn theirs(&self, program: &Path, input: &str, out: &str, cache: &str) -> Result<Run> {
        let args = ["--config", RECIPE, "--dataset_path", input, "--export_path", out];
        let mut command = on_cores(program, self.root, &args);
        command.env("HF_HOME", format!("{cache}/hf")).env("DATA_JUICER_CACHE_HOME", format!("{cache}/data-juicer"));
        measure::run(command.env("HF_HUB_OFFLINE", "1"))
    }
}

/// The program on two cores, where there is a `taskset` to see to it.
fn on_cores(program: &Path, folder: &Path, args: &[&str]) -> Command {
    let has_taskset = Command::new("taskset").args(["-c", CORES, "true"]).output().is_ok_and(|output| output.status.success());
    let mut command = if has_taskset {
        let mut command = Command::new("taskset");
        command.args(["-c", CORES]).arg(program);
        command
    } else {
        Command::new(program)
    };
    command.args(args).current_dir(folder);
    command
}

/// Figures of the medians of both programs, each at both sizes.
fn compared(ours: [Run; 2], theirs: [Run; 2]) -> Vec<Figure> {
    let mut figures = Vec::new();
    for (size, rows) in ROWS.into_iter().enumerate() {
        let (ours, theirs) = (ours[size], theirs[size]);
        let name = format!("12 operators, {rows} rows, whole process");
        figures.extend([
            Figure::new(format!("{name}: wall"), ours.wall, "s", None),
            Figure::new("  CPU", ours.cpu, "s", None),
            Figure::new("  peer `dj-process`: wall", theirs.wall, "s", None),
            Figure::new("  peer `dj-process`: CPU", theirs.cpu, "s", None),
            Figure::new("  times as fast, wall", theirs.wall / ours.wall, "x", Some(FASTER)),
            Figure::new("  times as fast, CPU", theirs.cpu / ours.cpu, "x", Some(FASTER)),
        ]);
    }
    let per_row = |[small, large]: [Run; 2]| {
        let rows = (ROWS[1] - ROWS[0]) as f64;
        Run { wall: (large.wall - small.wall) / rows * 1e6, cpu: (large.cpu - small.cpu) / rows * 1e6 }
    };
    let (ours, theirs) = (per_row(ours), per_row(theirs));
    figures.extend([
        Figure::new("12 operators, a row without the start: wall", ours.wall, "us", None),
        Figure::new("  CPU", ours.cpu, "us", None),
        Figure::new("  peer `dj-process`: wall", theirs.wall, "us", None),
        Figure::new("  peer `dj-process`: CPU", theirs.cpu, "us", None),
        Figure::new("  times as fast, wall", theirs.wall / ours.wall, "x", Some(FASTER)),
        Figure::new("  times as fast, CPU", theirs.cpu / ours.cpu, "x", Some(FASTER)),
    ]);
    figures
}

/// How many lines a file has.
fn lines(path: &Path) -> Result<usize> {
    let reading = || format!("Failed to read `{}`", path.display());
    let file = BufReader::new(std::fs::File::open(path).with_context(reading)?);
    file.split(b'\n').try_fold(0, |count, line| line.map(|_| count + 1)).with_context(reading)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rate_is_free_of_the_start() {
        let run = |start: f64, row: f64| ROWS.map(|rows| Run { wall: start + row * rows as f64, cpu: 2.0 * (start + row * rows as f64) });
        let figures = compared(run(0.5, 1e-6), run(40.0, 2e-3));
        let value = |place: usize| figures[place].value.round();
        assert_eq!([value(12), value(13), value(14), value(15)], [1.0, 2.0, 2000.0, 4000.0]);
        assert_eq!([value(16), value(17)], [2000.0, 2000.0]);
        assert!(figures[16].is_ok() && !figures[4].is_ok(), "a start that is paid for once is not to be divided by rows");
    }
}
