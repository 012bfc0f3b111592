//! A recipe of eleven operators without a deduplicator: memory does not grow with the input, whatever its format.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};

use super::deduplication::ensure_same;
use super::measure;
use super::report::{Figure, Target};
use super::{Bench, RECIPE, SMALL, megabytes};

/// Rows of a gigabyte.
const ROWS: usize = 1_500_000;
/// Peak of memory in megabytes.
const PEAK: Target = Target::AtMost(300.0);
/// The operator that keeps something of every row.
const DEDUPLICATOR: &str = "  - document_deduplicator:\n";
/// Formats that are made from the rows.
const FORMATS: [&str; 4] = ["jsonl.gz", "jsonl.zst", "csv", "parquet"];

impl Bench<'_> {
    /// A gigabyte of rows as JSONL and in other formats.
    pub(super) fn streaming(&self, quick: bool, figures: &mut Vec<Figure>) -> Result<()> {
        let count = if quick { SMALL } else { ROWS };
        let rows = self.rows(count)?;
        let path = self.root.join(RECIPE);
        let text = std::fs::read_to_string(&path).with_context(|| format!("Failed to read `{}`", path.display()))?;
        ensure!(text.contains(DEDUPLICATOR), "`{RECIPE}` has no deduplicator to leave out");
        let recipe = self.folder.join("recipe11.yaml");
        std::fs::write(&recipe, text.replace(DEDUPLICATOR, "")).with_context(|| format!("Failed to write `{}`", recipe.display()))?;
        let folder = PathBuf::from(self.fresh("streamed")?);
        let outs = ["two", "one"].map(|name| folder.join(format!("{name}.jsonl")));

        figures.extend(self.stream(&recipe, &rows, &outs[0], "2", &format!("{count} rows, JSONL"))?);
        self.stream(&recipe, &rows, &outs[1], "1", "one thread")?;
        ensure_same(&outs[0], &outs[1], "with one thread")?;
        for format in FORMATS {
            let input = folder.join(format!("rows.{format}"));
            match format {
                "csv" => csv(&rows, &input)?,
                _ => self.convert(&rows, &input)?,
            }
            figures.extend(self.stream(&recipe, &input, &outs[1], "2", &format!("{count} rows, {format}"))?);
            std::fs::remove_file(&input).with_context(|| format!("Failed to remove `{}`", input.display()))?;
        }
        self.fresh("streamed").map(drop)
    }

    fn stream(&self, recipe: &Path, input: &Path, out: &Path, threads: &str, name: &str) -> Result<Vec<Figure>> {
        eprintln!("11 operators, {name}");
        let paths = [recipe, input, out].map(|path| path.to_string_lossy().into_owned());
        let args = ["process", "--quiet", "--config", &paths[0], "--dataset_path", &paths[1], "--export_path", &paths[2], "--np", threads];
        let (run, peak) = measure::run_with_peak(&mut self.program(&args), &self.folder)?;
        Ok(vec![
            Figure::new(format!("11 operators, {name}: wall"), run.wall, "s", None),
            Figure::new("  CPU", run.cpu, "s", None),
            Figure::new("  speed", megabytes(input)? / run.wall, "MB/s", None),
            Figure::new("  peak", peak, "MB", Some(PEAK)),
        ])
    }

    /// The rows in the format of the output's suffix: by a recipe that keeps them all.
    fn convert(&self, rows: &Path, out: &Path) -> Result<()> {
        let recipe = self.folder.join("convert.yaml");
        let text = format!("dataset_path: {}\nexport_path: {}\nnp: 2\nprocess:\n  - text_length_filter:\n", rows.display(), out.display());
        std::fs::write(&recipe, text).with_context(|| format!("Failed to write `{}`", recipe.display()))?;
        measure::run(&mut self.program(&["process", "--quiet", "--config", &recipe.to_string_lossy()])).map(drop)
    }
}

/// The rows as a table of the columns `id` and `text`.
fn csv(rows: &Path, out: &Path) -> Result<()> {
    #[derive(serde::Deserialize)]
    struct Row {
        id: u64,
        text: String,
    }
    let (reading, writing) = (|| format!("Failed to read `{}`", rows.display()), || format!("Failed to write `{}`", out.display()));
    let mut writer = BufWriter::new(File::create(out).with_context(writing)?);
    writer.write_all(b"id,text\n").with_context(writing)?;
    for line in BufReader::new(File::open(rows).with_context(reading)?).lines() {
        let row: Row = serde_json::from_str(&line.with_context(reading)?).with_context(reading)?;
        writeln!(writer, "{},\"{}\"", row.id, row.text.replace('"', "\"\"")).with_context(writing)?;
    }
    writer.flush().with_context(writing)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_quote_their_texts() {
        let folder = tempfile::tempdir().unwrap();
        let [rows, out] = ["rows.jsonl", "rows.csv"].map(|name| folder.path().join(name));
        std::fs::write(&rows, "{\"id\": 7, \"text\": \"a \\\"b\\\", c\\nd\"}\n").unwrap();
        csv(&rows, &out).unwrap();
        assert_eq!(std::fs::read_to_string(&out).unwrap(), "id,text\n7,\"a \"\"b\"\", c\nd\"\n");
    }
}
