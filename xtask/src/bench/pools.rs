//! Data pools: constructing, combining and merging, beside `cp`.

use std::process::Command;

use anyhow::{Context, Result};

use super::report::{Figure, Target};
use super::{Bench, LARGE, measure};

/// Rows of GSM8K: as many as its training set has.
const GSM8K: usize = 7_473;
/// Milliseconds to construct 3 x 3 pools and to combine the 9. The Python program takes 12 s for it.
const CONSTRUCT_AND_COMBINE: Target = Target::AtMost(50.0);
/// Construct along 4 statistics writes the input 4 times: in times of 4 copies by `cp`.
const CONSTRUCT_RATIO: Target = Target::AtMost(2.0);
/// Megabytes: 64 bytes a row and 100 MB.
const CONSTRUCT_PEAK: Target = Target::AtMost(164.0);
/// In times of one copy by `cp`.
const MERGE_RATIO: Target = Target::AtMost(2.0);

const FILTERS: [&str; 4] = ["text_length_filter", "words_num_filter", "character_repetition_filter", "alphanumeric_filter"];

impl Bench<'_> {
    /// Construct and combine over a training set's rows; without `quick`, construct and merge over a gigabyte.
    pub(super) fn pools(&self, quick: bool) -> Result<Vec<Figure>> {
        eprintln!("data pools over {GSM8K} rows");
        let input = self.with_statistics(GSM8K, 3)?;
        let wall = self.pool("construct", &["--dataset_path", &input], "pools")?;
        let pools = self.folder.join("pools").display().to_string();
        let mut parts = Vec::new();
        for folder in std::fs::read_dir(&pools).with_context(|| format!("Failed to read `{pools}`"))? {
            parts.push(format!("{}/*_[0-9].jsonl", folder?.path().display()));
        }
        parts.sort();
        let args: Vec<&str> = ["--dataset_path"].into_iter().chain(parts.iter().map(String::as_str)).collect();
        let wall = wall + self.pool("combine", &args, "combined")?;
        let mut figures = vec![Figure::new("construct 3 x 3 pools, combine 9", wall * 1e3, "ms", Some(CONSTRUCT_AND_COMBINE))];
        if !quick {
            figures.extend(self.large_pools()?);
        }
        Ok(figures)
    }

    fn large_pools(&self) -> Result<Vec<Figure>> {
        eprintln!("data pools over {LARGE} rows");
        let input = self.with_statistics(LARGE, 4)?;
        let pools = self.fresh("pools")?;
        let args = ["pool", "construct", "--quiet", "--dataset_path", &input, "--export_path", &pools];
        let peak = measure::peak_megabytes(&mut self.program(&args), &self.folder)?;
        self.fresh("pools")?;
        // By turns: the machine's load changes from minute to minute, and a ratio is only as good as its two sides.
        let (mut copies, mut constructs, mut merges) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..self.runs {
            copies.push(self.copies(&input, 4)?);
            constructs.push(self.pool_once("construct", &["--dataset_path", &input], "pools")?);
            self.fresh("pools")?;
            merges.push(self.pool_once("merge", &["--dataset_path", &input], "merged")?);
            self.fresh("merged")?;
        }
        let (copied, construct, merge) =
            (measure::median(&mut copies) / 4.0, measure::median(&mut constructs), measure::median(&mut merges));
        let _ = std::fs::remove_file(input);
        Ok(vec![
            Figure::new(format!("construct 4 x 3 pools, {LARGE} rows: wall"), construct, "s", None),
            Figure::new("  in times of 4 copies by `cp`", construct / (4.0 * copied), "x", Some(CONSTRUCT_RATIO)),
            Figure::new("  peak", peak, "MB", Some(CONSTRUCT_PEAK)),
            Figure::new(format!("merge, {LARGE} rows: wall"), merge, "s", None),
            Figure::new("  in times of one copy by `cp`", merge / copied, "x", Some(MERGE_RATIO)),
        ])
    }

    /// Rows with statistics: what the analyzer exports.
    fn with_statistics(&self, count: usize, statistics: usize) -> Result<String> {
        let rows = self.rows(count)?;
        let out = self.folder.join(format!("stats-{count}.jsonl"));
        let process: String = FILTERS[..statistics].iter().map(|name| format!("- {name}:\n")).collect();
        let recipe = self.folder.join("analyze.yaml");
        let text =
            format!("dataset_path: {}\nexport_path: {}\nexport_original_dataset: true\nprocess:\n{process}", rows.display(), out.display());
        std::fs::write(&recipe, text).with_context(|| format!("Failed to write `{}`", recipe.display()))?;
        let recipe = recipe.to_string_lossy().into_owned();
        measure::median_wall(&mut self.program(&["analyze", "--quiet", "--config", &recipe]), 1)?;
        Ok(out.to_string_lossy().into_owned())
    }

    /// The wall time of so many copies beside each other.
    fn copies(&self, input: &str, count: usize) -> Result<f64> {
        let mut wall = 0.0;
        let names: Vec<_> = (0..count).map(|copy| self.folder.join(format!("copy-{copy}.jsonl"))).collect();
        for name in &names {
            wall += measure::median_wall(Command::new("cp").arg(input).arg(name), 1)?;
        }
        names.iter().for_each(|name| {
            // Left-overs are harmless: the folder is below `target`.
            let _ = std::fs::remove_file(name);
        });
        Ok(wall)
    }

    /// The median wall time of a verb.
    fn pool(&self, verb: &str, args: &[&str], folder: &str) -> Result<f64> {
        let mut walls = (0..self.runs).map(|_| self.pool_once(verb, args, folder)).collect::<Result<Vec<_>>>()?;
        Ok(measure::median(&mut walls))
    }

    /// The wall time of a verb, run into a folder that is new: what is overwritten costs time of its own.
    fn pool_once(&self, verb: &str, args: &[&str], folder: &str) -> Result<f64> {
        let out = self.fresh(folder)?;
        let all: Vec<&str> = ["pool", verb, "--quiet"].iter().chain(args).chain(&["--export_path", &out]).copied().collect();
        measure::median_wall(&mut self.program(&all), 1)
    }

    /// A folder of that name, empty.
    pub(super) fn fresh(&self, name: &str) -> Result<String> {
        let folder = self.folder.join(name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).with_context(|| format!("Failed to empty `{}`", folder.display()))?;
        }
        std::fs::create_dir_all(&folder).with_context(|| format!("Failed to make the folder `{}`", folder.display()))?;
        Ok(folder.to_string_lossy().into_owned())
    }
}
