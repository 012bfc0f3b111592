//! What other tools make of the same work: three numbers a step, to the end. Each has an environment of its own; where that cannot be made it is passed over.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result};

use crate::fixtures::packages;

use super::super::failure;
use super::super::report::{Figure, Target};

/// Logs with one of them.
const SCRIPT: &str = include_str!("neighbour.py");
/// As much faster than the fastest of them the store is to be.
const RATIO: f64 = 10.0;

/// A tool: its name, the word for the script, its packages, and how many steps it takes for a second or more.
const TOOLS: [(&str, &str, &[&str], u32); 3] = [
    ("tensorboardX", "tensorboardx", &packages::READERS, 20_000),
    ("Trackio", "trackio", &packages::TRACKIO, 50_000),
    ("MLflow on SQLite", "mlflow", &packages::MLFLOW, 300),
];

/// Measures them, the best of several times, beside `ours` points a second. MLflow takes long to come and is left out when `quick`.
pub(super) fn measure(root: &Path, lab: &Path, quick: bool, ours: f64, figures: &mut Vec<Figure>) -> Result<()> {
    let mut fastest: Option<f64> = None;
    for (name, word, packages, steps) in TOOLS {
        if quick && word == "mlflow" {
            eprintln!("skipped {name}: `--quick`");
            continue;
        }
        let python = match packages::python(root, if word == "tensorboardx" { "interop" } else { word }, packages) {
            Ok(python) => python,
            Err(error) => {
                eprintln!("skipped {name}: {error:#}");
                continue;
            }
        };
        eprintln!("{name}");
        let mut best: f64 = 0.0;
        for time in 0..if quick { 1 } else { 3 } {
            best = best.max(logged(&python, word, &lab.join(format!("{word}-{time}")), steps)?);
        }
        figures.push(Figure::new(format!("  neighbour: {name}, points kept"), best, "/s", None));
        fastest = Some(fastest.map_or(best, |fastest| fastest.max(best)));
    }
    if let Some(fastest) = fastest {
        figures.push(Figure::new("points in the database, times the fastest neighbour", ours / fastest, "x", Some(Target::AtLeast(RATIO))));
    }
    Ok(())
}

fn logged(python: &Path, word: &str, folder: &Path, steps: u32) -> Result<f64> {
    let mut command = Command::new(python);
    // No tool is to ask another host for anything while it is measured.
    for (name, value) in [("MLFLOW_DISABLE_TELEMETRY", "true"), ("HF_HUB_OFFLINE", "1"), ("GRADIO_ANALYTICS_ENABLED", "False")] {
        command.env(name, value);
    }
    let folder = std::path::absolute(folder).context("Failed to find the folder")?;
    command.args(["-I", "-W", "ignore", "-c", SCRIPT, word]).arg(&folder).arg(steps.to_string());
    let output = command.output().with_context(|| format!("Failed to start `{}`", python.display()))?;
    failure(&command, &output)?;
    let text = String::from_utf8_lossy(&output.stdout);
    text.trim().lines().last().and_then(|line| line.parse().ok()).with_context(|| format!("{word} printed no figure but `{}`", text.trim()))
}
