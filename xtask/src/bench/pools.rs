//! Data pools: constructing, combining and merging, beside `cp`.

use std::process::Command;

use anyhow::{Context, Result};

use super::report::{Figure, Target};
use super::{Bench, LARGE, SOURCE, measure, rows};

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
        let construct = self.pool("construct", &["--dataset_path", &input], "pools")?;
        let pools = self.fresh("pools")?;
        let args = ["pool", "construct", "--quiet", "--dataset_path", &input, "--export_path", &pools];
        let peak = measure::peak_megabytes(&mut self.program(&args), &self.folder)?;
        self.fresh("pools")?;
        let merge = self.pool("merge", &["--dataset_path", &input], "merged")?;
        self.fresh("merged")?;
        let copy = self.folder.join("copy.jsonl");
        let mut walls = Vec::new();
        for _ in 0..self.runs {
            walls.push(measure::median_wall(Command::new("cp").arg(&input).arg(&copy), 1)?);
            let _ = std::fs::remove_file(&copy);
        }
        let copied = measure::median(&mut walls);
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
        let rows = self.folder.join(format!("rows-{count}.jsonl"));
        if !rows.exists() {
            rows::make(&self.root.join(SOURCE), count, &rows)?;
        }
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

    /// The median wall time of a verb, each run into a folder that is new: what is overwritten costs time of its own.
    fn pool(&self, verb: &str, args: &[&str], folder: &str) -> Result<f64> {
        let mut walls = Vec::new();
        for _ in 0..self.runs {
            let out = self.fresh(folder)?;
            let all: Vec<&str> = ["pool", verb, "--quiet"].iter().chain(args).chain(&["--export_path", &out]).copied().collect();
            walls.push(measure::median_wall(&mut self.program(&all), 1)?);
        }
        Ok(measure::median(&mut walls))
    }

    /// A folder of that name, empty.
    fn fresh(&self, name: &str) -> Result<String> {
        let folder = self.folder.join(name);
        if folder.exists() {
            std::fs::remove_dir_all(&folder).with_context(|| format!("Failed to empty `{}`", folder.display()))?;
        }
        std::fs::create_dir_all(&folder).with_context(|| format!("Failed to make the folder `{}`", folder.display()))?;
        Ok(folder.to_string_lossy().into_owned())
    }
}
