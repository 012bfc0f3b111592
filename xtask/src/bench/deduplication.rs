//! Deduplicators over many rows: speed, memory, spills to disk, and results that do not depend on threads.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::measure;
use super::report::{Figure, Target};
use super::{Bench, SMALL, megabytes};

/// Megabytes in a second of one core, the whole command.
const NEAR_SPEED: Target = Target::AtLeast(8.0);
/// Bytes for each row and band.
const NEAR_BYTES: Target = Target::AtMost(16.0);
/// Bytes for each row.
const EXACT_BYTES: Target = Target::AtMost(40.0);
/// In times of a copy by `cp`: what the disk bounds takes no longer than about the copy.
const EXACT_RATIO: Target = Target::AtMost(2.0);
/// The limit of a run with a spill in bytes; what a run needs besides in megabytes.
const MEMORY: usize = 64_000_000;
const BESIDES: f64 = 120.0;

/// Settings of MinHash: a name, lines of the recipe, bands.
const NEAR: [(&str, &str, usize); 2] =
    [("32 bands of 8", "      num_bands: 32\n      num_rows_per_band: 8\n", 32), ("bands by threshold 0.7", "", 25)];

impl Bench<'_> {
    /// Exact and near duplicates over `rows` rows.
    pub(super) fn deduplication(&self, rows: usize, figures: &mut Vec<Figure>) -> Result<()> {
        self.exact(rows, figures)?;
        for (name, settings, bands) in NEAR {
            let operator = format!("document_minhash_deduplicator:\n{settings}");
            self.near(&format!("MinHash, {name}"), &operator, bands, rows, figures)?;
        }
        self.fresh("deduplicated").map(drop)
    }

    fn exact(&self, count: usize, figures: &mut Vec<Figure>) -> Result<()> {
        eprintln!("exact duplicates of {count} rows");
        let (input, operator) = (self.rows(count)?, "document_deduplicator:\n");
        let (mut runs, mut copies) = (Vec::new(), Vec::new());
        for _ in 0..self.runs {
            let copy = PathBuf::from(self.fresh("deduplicated")?).join("copy.jsonl");
            copies.push(measure::run(Command::new("cp").arg(&input).arg(&copy))?);
            let out = PathBuf::from(self.fresh("deduplicated")?).join("out.jsonl");
            runs.push(measure::run(&mut self.deduplicate(operator, "", 2, &input, &out)?)?);
        }
        let (run, copy) = (measure::median_run(&runs), measure::median_run(&copies));
        let (bytes, peak) = self.bytes_a_row(operator, count)?;
        figures.extend([
            Figure::new(format!("exact duplicates, {count} rows: wall"), run.wall, "s", None),
            Figure::new("  speed", megabytes(&input)? / run.wall, "MB/s", None),
            Figure::new("  CPU", run.cpu, "s", None),
            Figure::new("  peer `cp`: wall", copy.wall, "s", None),
            Figure::new("  peer `cp`: CPU", copy.cpu, "s", None),
            Figure::new("  in times of a copy by `cp`, wall", run.wall / copy.wall, "x", Some(EXACT_RATIO)),
            Figure::new("  peak", peak, "MB", None),
            Figure::new("  memory of a row", bytes, "bytes", Some(EXACT_BYTES)),
        ]);
        Ok(())
    }

    fn near(&self, name: &str, operator: &str, bands: usize, count: usize, figures: &mut Vec<Figure>) -> Result<()> {
        eprintln!("{name}, {count} rows");
        let input = self.rows(count)?;
        let folder = PathBuf::from(self.fresh("deduplicated")?);
        let outs = ["two", "one", "spilled"].map(|name| folder.join(format!("{name}.jsonl")));
        let mut runs = Vec::new();
        for _ in 0..self.runs.min(3) {
            runs.push(measure::run(&mut self.deduplicate(operator, "", 2, &input, &outs[0])?)?);
        }
        let run = measure::median_run(&runs);
        let limit = format!("memory: {MEMORY}\n");
        measure::run(&mut self.deduplicate(operator, "", 1, &input, &outs[1])?)?;
        let (spilled, peak) = measure::run_with_peak(&mut self.deduplicate(operator, &limit, 2, &input, &outs[2])?, &self.folder)?;
        ensure_same(&outs[0], &outs[1], "with one thread")?;
        ensure_same(&outs[0], &outs[2], "with a limit of memory")?;
        let (bytes, free_peak) = self.bytes_a_row(operator, count)?;
        figures.extend([
            Figure::new(format!("{name}, {count} rows: wall"), run.wall, "s", None),
            Figure::new("  CPU", run.cpu, "s", None),
            Figure::new("  speed of a core", megabytes(&input)? / run.cpu, "MB/s", Some(NEAR_SPEED)),
            Figure::new("  peak", free_peak, "MB", None),
            Figure::new("  memory of a row and band", bytes / bands as f64, "bytes", Some(NEAR_BYTES)),
            Figure::new("  within 64 MB of records: wall", spilled.wall, "s", None),
            Figure::new("  within 64 MB of records: CPU", spilled.cpu, "s", None),
            Figure::new("  within 64 MB of records: peak", peak, "MB", Some(Target::AtMost(MEMORY as f64 / 1e6 + BESIDES))),
        ]);
        Ok(())
    }

    /// Memory that grows with rows: what the peaks of two sizes differ by, for each row; and the peak of the larger.
    fn bytes_a_row(&self, operator: &str, count: usize) -> Result<(f64, f64)> {
        let few = SMALL.min(count / 4);
        let out = self.folder.join("deduplicated/peak.jsonl");
        let peak = |rows: usize| {
            let input = self.rows(rows)?;
            measure::peak_megabytes(&mut self.deduplicate(operator, "", 2, &input, &out)?, &self.folder)
        };
        let (small, large) = (peak(few)?, peak(count)?);
        Ok(((large - small) * 1e6 / (count - few) as f64, large))
    }

    /// A recipe of that operator alone.
    fn deduplicate(&self, operator: &str, keys: &str, threads: usize, input: &Path, out: &Path) -> Result<Command> {
        let recipe = self.folder.join("deduplicate.yaml");
        let (from, to) = (input.display(), out.display());
        let text = format!("dataset_path: {from}\nexport_path: {to}\nnp: {threads}\n{keys}process:\n  - {operator}");
        std::fs::write(&recipe, text).with_context(|| format!("Failed to write `{}`", recipe.display()))?;
        Ok(self.program(&["process", "--quiet", "--config", &recipe.to_string_lossy()]))
    }
}

/// Fails unless two files hold the same bytes.
pub(super) fn ensure_same(one: &Path, other: &Path, why: &str) -> Result<()> {
    let same = Command::new("cmp").arg("--silent").arg(one).arg(other).status().context("Failed to run `cmp`")?.success();
    ensure!(same, "the result is another one {why}: compare `{}` and `{}`", one.display(), other.display());
    Ok(())
}
