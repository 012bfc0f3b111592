//! `cargo xtask bench`: what the release binary costs, as whole processes, beside peers measured in the same run.
//!
//! A figure without a peer says more about the machine than about the program: copying the same file is measured too, and
//! Data-Juicer itself, by turns with the program. Wall times are medians of plain runs; the peak of memory is taken from one more run.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

use report::{Figure, Target};

mod compare;
mod dashboard;
mod deduplication;
mod demo;
mod env;
mod inference;
mod measure;
mod models;
mod pools;
mod report;
mod rows;
mod streaming;
mod watcher;

/// Rows of the small and of the large file.
const SMALL: usize = 100_000;
const LARGE: usize = 1_000_000;
/// The recipe that is measured: every operator sees every row.
const RECIPE: &str = "configs/bench/recipe12.yaml";
/// Questions and answers that the rows are made of.
const SOURCE: &str = "configs/bench/gsm8k_train.jsonl.gz";
/// The demo's configuration.
const DEMO: &str = "configs/demo/sandbox.yaml";

/// Start-up in milliseconds: below what a person notices. The Python programs need 20 s for it.
const START_UP: Target = Target::AtMost(20.0);
/// Seconds for the small file: a hundredth of the Python program's 174 s.
const SMALL_WALL: Target = Target::AtMost(1.7);
/// Megabytes in a second, for both files.
const SPEED: Target = Target::AtLeast(42.0);
/// Peak of memory in megabytes: the same for both files, because memory does not grow with rows.
const PEAK: Target = Target::AtMost(300.0);
/// Seconds of the demo, with training and without.
const DEMO_WALL: Target = Target::AtMost(60.0);
const DEMO_WALL_WITHOUT_TRAINING: Target = Target::AtMost(0.3);

/// Arguments of `cargo xtask bench`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to measure
    #[arg(value_enum, default_value = "program")]
    what: What,
    /// Leave out files of a million rows and Data-Juicer
    #[arg(long)]
    quick: bool,
    /// Print JSON in place of the table
    #[arg(long)]
    json: bool,
    /// How many runs a wall time is the median of
    #[arg(long, default_value_t = 5, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    runs: u16,
}

/// Sets of measurements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum What {
    /// The release binary: everything
    Program,
    /// The recipe of twelve operators by turns with Data-Juicer
    DataJuicer,
    /// Exact and near duplicates: speed, memory, spills
    Deduplication,
    /// Memory over a gigabyte of rows in several formats
    Streaming,
    /// The run store: what `watch` takes, what is lost by kills; the page over it
    Watcher,
    /// What it costs to follow a program's log, and to start a program
    Models,
    /// How near a run comes to the rate of the server that it asks
    Inference,
    /// What the environment manager adds to uv, virtualenv, venv, micromamba, mamba, conda
    Env,
}

/// Builds, measures, prints: true when every figure is within its target.
///
/// # Errors
/// A build or run that fails, with the end of what it said.
pub fn run(root: &Path, args: &Args) -> Result<bool> {
    let folder = root.join("target/bench");
    std::fs::create_dir_all(&folder).with_context(|| format!("Failed to make the folder `{}`", folder.display()))?;
    if matches!(args.what, What::Env | What::Watcher | What::Models | What::Inference) {
        let mut figures = Vec::new();
        let result = match args.what {
            What::Watcher => watcher::measure(root, &folder, args.quick, &mut figures),
            What::Models => models::measure(&build(root)?, &folder, args.quick, &mut figures),
            What::Inference => inference::measure(&build(root)?, &folder, usize::from(args.runs), &mut figures),
            _ => env::measure(root, usize::from(args.runs), &mut figures),
        };
        println!("{}", if args.json { report::json(&figures)? } else { report::table(&figures) });
        result?;
        return Ok(figures.iter().all(Figure::is_ok));
    }
    let bench = Bench { root, folder, binary: build(root)?, runs: usize::from(args.runs) };
    let mut figures = Vec::new();
    let result = bench.all(args.what, args.quick, &mut figures);
    // What was measured before a failure is not lost by it.
    println!("{}", if args.json { report::json(&figures)? } else { report::table(&figures) });
    result?;
    Ok(figures.iter().all(Figure::is_ok))
}

/// Builds the release binary and says where it is.
fn build(root: &Path) -> Result<PathBuf> {
    eprintln!("building the release binary");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo)
        .args(["build", "--release", "--quiet", "--package", "sandbox-cli", "--bin", "dj-sandbox"])
        .current_dir(root)
        .status()
        .context("Failed to run `cargo build`")?;
    ensure!(status.success(), "the release binary does not build; see Cargo's messages above");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder));
    Ok(target.join("release/dj-sandbox"))
}

/// What all measurements need.
struct Bench<'a> {
    root: &'a Path,
    folder: PathBuf,
    binary: PathBuf,
    runs: usize,
}

impl Bench<'_> {
    fn all(&self, what: What, quick: bool, figures: &mut Vec<Figure>) -> Result<()> {
        if what == What::Program {
            figures.extend(self.start_up()?);
            for count in if quick { &[SMALL][..] } else { &[SMALL, LARGE][..] } {
                figures.extend(self.process(*count)?);
            }
            figures.extend(self.pools(quick)?);
            figures.extend(self.demo()?);
        }
        let wanted = |this| what == this || (what == What::Program && !quick);
        if wanted(What::Deduplication) {
            self.deduplication(if quick { SMALL } else { LARGE }, figures)?;
        }
        if wanted(What::Streaming) {
            self.streaming(quick, figures)?;
        }
        if wanted(What::DataJuicer) {
            self.data_juicer(figures)?;
        }
        Ok(())
    }

    fn start_up(&self) -> Result<Vec<Figure>> {
        eprintln!("start-up");
        let wall = measure::median_wall(&mut self.program(&["--help"]), self.runs.max(21))?;
        Ok(vec![Figure::new("start-up (--help)", wall * 1e3, "ms", Some(START_UP))])
    }

    /// The file of `count` rows, made where it is missing.
    fn rows(&self, count: usize) -> Result<PathBuf> {
        let rows = self.folder.join(format!("rows-{count}.jsonl"));
        if !rows.exists() {
            eprintln!("making {count} rows");
            rows::make(&self.root.join(SOURCE), count, &rows)?;
        }
        Ok(rows)
    }

    /// The recipe over `count` rows, beside `cp`.
    fn process(&self, count: usize) -> Result<Vec<Figure>> {
        let rows = self.rows(count)?;
        let megabytes = megabytes(&rows)?;
        let out = self.folder.join(format!("processed-{count}.jsonl"));
        let paths = [rows.to_string_lossy().into_owned(), out.to_string_lossy().into_owned()];
        let args = ["process", "--config", RECIPE, "--dataset_path", &paths[0], "--export_path", &paths[1]];

        eprintln!("12 operators over {count} rows");
        let wall = measure::median_wall(&mut self.program(&args), self.runs)?;
        ensure!(out.exists(), "`dj-sandbox process` ended well but wrote no `{}`", out.display());
        let peak = measure::peak_megabytes(&mut self.program(&args), &self.folder)?;
        let name = format!("12 operators, {count} rows");
        let mut figures = vec![
            Figure::new(format!("{name}: wall"), wall, "s", (count == SMALL).then_some(SMALL_WALL)),
            Figure::new(format!("{name}: speed"), megabytes / wall, "MB/s", Some(SPEED)),
            Figure::new(format!("{name}: peak"), peak, "MB", Some(PEAK)),
        ];
        let copy = self.folder.join("copy.jsonl");
        let wall = measure::median_wall(Command::new("cp").arg(&rows).arg(&copy), self.runs)?;
        figures.push(Figure::new(format!("  peer `cp`, {count} rows: wall"), wall, "s", None));
        for path in [out, copy] {
            // Left-overs are harmless: the folder is below `target`.
            let _ = std::fs::remove_file(path);
        }
        Ok(figures)
    }

    /// The demo, whole and without its training.
    fn demo(&self) -> Result<Vec<Figure>> {
        let path = self.root.join(DEMO);
        let text = std::fs::read_to_string(&path).with_context(|| format!("Failed to read the demo `{}`", path.display()))?;
        let without = self.folder.join("demo-without-training.yaml");
        std::fs::write(&without, demo::without_training(&text)?).with_context(|| format!("Failed to write `{}`", without.display()))?;
        let mut figures = Vec::new();
        for (name, config, target) in [("demo", path, DEMO_WALL), ("demo without training", without, DEMO_WALL_WITHOUT_TRAINING)] {
            eprintln!("{name}");
            let config = config.to_string_lossy();
            let args = ["run", "--config", &config];
            let wall = measure::median_wall(&mut self.program(&args), self.runs)?;
            let peak = measure::peak_megabytes(&mut self.program(&args), &self.folder)?;
            figures.push(Figure::new(format!("{name}: wall"), wall, "s", Some(target)));
            figures.push(Figure::new(format!("{name}: peak"), peak, "MB", Some(PEAK)));
        }
        Ok(figures)
    }

    fn program(&self, args: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command.args(args).current_dir(self.root);
        command
    }
}

/// The size of a file in megabytes.
fn megabytes(path: &Path) -> Result<f64> {
    Ok(std::fs::metadata(path).with_context(|| format!("Failed to read `{}`", path.display()))?.len() as f64 / 1e6)
}

/// The end of what a failed child said.
fn failure(command: &Command, output: &std::process::Output) -> Result<()> {
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let lines: Vec<&str> = said.lines().collect();
    let end = lines[lines.len().saturating_sub(20)..].join("\n");
    bail!("`{}` failed with {}\n{end}", words(command), output.status)
}

/// The command as one would type it.
fn words(command: &Command) -> String {
    let words: Vec<_> = std::iter::once(command.get_program()).chain(command.get_args()).map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}
