//! `cargo xtask integration`: tests against real tools, which the quick test command leaves out.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result};

use crate::fixtures;

mod interop;

/// Arguments of `cargo xtask integration`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to test
    #[arg(value_enum, default_value = "env")]
    what: What,
    /// Fewer kills and rounds: what continuous integration does
    #[arg(long)]
    quick: bool,
    /// Only tests whose name holds this
    #[arg(long, value_name = "TEXT", default_value = "")]
    only: String,
}

/// Sets of tests.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum What {
    /// The environment manager with conda, mamba, micromamba, venv, virtualenv and uv
    Env,
    /// Runs to and from TensorBoard, MLflow (not with `--quick`), pandas, DVCLive, promtool
    Interop,
}

/// Runs them: true when all passed and no tool that was made for them was passed over.
///
/// # Errors
/// Fixtures that cannot be made, tests that cannot be started.
pub fn run(root: &Path, args: &Args) -> Result<bool> {
    match args.what {
        What::Env => env(root, args),
        What::Interop => interop::run(root, args.quick),
    }
}

fn env(root: &Path, args: &Args) -> Result<bool> {
    let start = Instant::now();
    let fixtures = fixtures::env(root)?;
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.args(["test", "--quiet", "--package", "sandbox-env-manager", "--test", "all", "--", "--ignored", "--test-threads", "2"]);
    command.arg(&args.only).env("DJ_SANDBOX_FIXTURES", &fixtures.folder).current_dir(root);
    if args.quick {
        command.env("DJ_SANDBOX_KILLS", "5").env("DJ_SANDBOX_ROUNDS", "2");
    }
    let mut tests = command.stderr(Stdio::piped()).spawn().context("Failed to run `cargo test`")?;
    let mut skipped = Vec::new();
    for line in BufReader::new(tests.stderr.take().context("no pipe")?).lines() {
        let line = line.context("Failed to read what the tests say")?;
        eprintln!("{line}");
        skipped.extend(line.split_once("SKIPPED: ").map(|(_, what)| what.to_owned()));
    }
    let passed = tests.wait().context("Failed to wait for `cargo test`")?.success();
    skipped.sort();
    skipped.dedup();
    println!("integration env: {} in {:.0} s", if passed { "passed" } else { "FAILED" }, start.elapsed().as_secs_f64());
    for what in &skipped {
        println!("  skipped {what}");
    }
    // What was made to be tested must be tested.
    let passed_over: Vec<_> =
        fixtures.installed.iter().filter(|tool| skipped.iter().any(|what| what.starts_with(&format!("{tool}:")))).collect();
    for tool in &passed_over {
        println!("  FAILED: `{tool}` was installed and not tested");
    }
    for (what, why) in &fixtures.missing {
        println!("  missing {what}: {why}");
    }
    Ok(passed && passed_over.is_empty())
}
