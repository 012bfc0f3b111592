//! `cargo xtask bench inference`: how near a run comes to the rate at which a server can be asked.
//!
//! The server answers every question after the same time. Its own rate is measured by turns with ours, by a load generator that sends
//! the very bytes that a run has sent, over as many connections, and reads no more of an answer than its length.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use super::measure;
use super::report::{Figure, Target};
use crate::random::Random;

mod http;
mod load;
mod server;

use server::Server;

/// Rows of a run, and how many are asked for at once.
const ROWS: usize = 1_000;
const IN_FLIGHT: usize = 64;
/// How long answers take, in milliseconds, and the part of the server's rate that a run must reach.
const DELAYS: [(u64, Option<Target>); 4] = [(50, Some(REACHED)), (20, Some(REACHED)), (5, None), (0, None)];
const REACHED: Target = Target::AtLeast(0.95);
/// What the rows' questions are made of.
const SENTENCE: &str = "A shop sells 48 clips in April and half as many in May, how many are these together? ";

/// Measures.
pub(super) fn measure(binary: &Path, folder: &Path, runs: usize, figures: &mut Vec<Figure>) -> Result<()> {
    let lab = folder.join("inference");
    if lab.exists() {
        fs::remove_dir_all(&lab).context("Failed to empty the folder that is measured in")?;
    }
    fs::create_dir_all(&lab).context("Failed to make a folder to measure in")?;
    rows(&lab.join("questions.jsonl"), ROWS)?;
    rows(&lab.join("one.jsonl"), 1)?;
    let server = Server::start(Duration::ZERO)?;
    let bench = Bench { binary, lab: &lab, server: &server };

    server.record(true);
    bench.ours("questions", ROWS)?;
    let questions = server.recorded();
    server.record(false);
    ensure!(questions.len() == ROWS, "{} questions were asked for {ROWS} rows", questions.len());

    let mut start_up: Vec<f64> = (0..runs).map(|_| bench.ours("one", 1)).collect::<Result<_>>()?;
    figures.push(Figure::new("a run of one row, answered at once", measure::median(&mut start_up) * 1e3, "ms", None));
    for (delay, target) in DELAYS {
        eprintln!("{ROWS} rows, answers after {delay} ms");
        server.delay(Duration::from_millis(delay));
        let (mut alone, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..runs {
            alone.push(load::run(server.address(), &questions, IN_FLIGHT)?);
            ours.push(bench.ours("questions", ROWS)?);
        }
        let rate = |walls: &mut [f64]| ROWS as f64 / measure::median(walls);
        let (alone, ours) = (rate(&mut alone), rate(&mut ours));
        figures.push(Figure::new(
            format!("{ROWS} rows, {IN_FLIGHT} at once, answers after {delay} ms: the server alone"),
            alone,
            "rows/s",
            None,
        ));
        figures.push(Figure::new("  `dj-sandbox run`, whole process", ours, "rows/s", None));
        figures.push(Figure::new("  part of the server's rate", ours / alone, "", target));
    }
    Ok(())
}

struct Bench<'a> {
    binary: &'a Path,
    lab: &'a Path,
    server: &'a Server,
}

impl Bench<'_> {
    /// Seconds of a run over the rows of `name`, from the start of the process to its end.
    fn ours(&self, name: &str, count: usize) -> Result<f64> {
        for folder in ["work", "answers"].map(|folder| self.lab.join(folder)) {
            if folder.exists() {
                fs::remove_dir_all(&folder).with_context(|| format!("Failed to remove `{}`", folder.display()))?;
            }
        }
        let config = json!({
            "work_dir": "work", "execution_job_configs": [{"hook": "InferModelHook", "meta_name": "infer", "extra_configs": {
                "type": "api", "model": "measured", "api_endpoint": format!("http://{}/v1", self.server.address()),
                "dataset_path": format!("{name}.jsonl"), "export_path": "answers", "max_concurrency": IN_FLIGHT, "max_retry_num": 0,
                "sampling_params": {"temperature": 0.0, "max_tokens": 64},
            }}],
        });
        let path = self.lab.join("run.json");
        fs::write(&path, config.to_string()).with_context(|| format!("Failed to write `{}`", path.display()))?;
        let before = self.server.answered();
        let mut command = Command::new(self.binary);
        command.args(["run", "--quiet", "--config"]).arg(&path).current_dir(self.lab);
        let wall = measure::median_wall(&mut command, 1)?;
        let asked = self.server.answered() - before;
        ensure!(asked == count, "{asked} questions were asked for {count} rows");
        let output = self.lab.join(format!("answers/iter_1/{name}_inference.jsonl"));
        let text = fs::read_to_string(&output).with_context(|| format!("Failed to read `{}`", output.display()))?;
        let answered = text.lines().filter(|row| {
            let row: Option<Value> = serde_json::from_str(row).ok();
            row.is_some_and(|row| row["response"] == server::ANSWER && row.get("infer_error").is_none())
        });
        let answered = answered.count();
        ensure!(answered == count, "{answered} of {count} rows have their answer");
        Ok(wall)
    }
}

/// Questions of one to eight sentences.
fn rows(path: &Path, count: usize) -> Result<()> {
    let mut random = Random::new(7);
    let mut file = std::io::BufWriter::new(fs::File::create(path).with_context(|| format!("Failed to create `{}`", path.display()))?);
    for number in 0..count {
        let query = format!("{number}. {}", SENTENCE.repeat(random.between(1, 8)));
        writeln!(file, "{}", json!({"id": number, "query": query}))?;
    }
    file.flush().with_context(|| format!("Failed to write `{}`", path.display()))
}
