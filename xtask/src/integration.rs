//! `cargo xtask integration`: tests against real tools, which the quick test command leaves out.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

mod browser;
mod data_juicer;
mod env;
mod inference;
mod interop;
mod models;
mod modelscope;
mod prometheus;

/// Arguments of `cargo xtask integration`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What to test
    #[arg(value_enum, default_value = "env")]
    what: What,
    /// Fewer kills, rounds and texts: what continuous integration does
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
    /// Operators beside Data-Juicer's own over texts made up at random (installs Data-Juicer: some gigabytes)
    DataJuicer,
    /// Metrics with the real Prometheus, promtool and Pushgateway
    Prometheus,
    /// The dashboard in Chromium
    Browser,
    /// Training with transformers and ModelScope in environments of their own (installs torch: some gigabytes)
    Models,
    /// A small real model asked by a server of its own (installs torch: some gigabytes)
    Inference,
    /// Runs to and from TensorBoard, MLflow (not with `--quick`), pandas, DVCLive, promtool
    Interop,
}

/// Runs them: true when all passed and no tool that was made for them was passed over.
///
/// # Errors
/// Fixtures that cannot be made, tests that cannot be started.
pub fn run(root: &Path, args: &Args) -> Result<bool> {
    match args.what {
        What::Env => env::run(root, args),
        What::DataJuicer => data_juicer::run(root, args),
        What::Prometheus => prometheus::run(root, args.quick),
        What::Browser => browser::run(root, args),
        What::Models => models::run(root),
        What::Inference => inference::run(root, args.quick),
        What::Interop => interop::run(root, args.quick),
    }
}

/// The program as it stands, in the profile that tests use.
fn program(root: &Path) -> Result<PathBuf> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let status = Command::new(cargo).args(["build", "--quiet", "--package", "sandbox-cli"]).current_dir(root).status();
    ensure!(status.context("Failed to run `cargo build`")?.success(), "the program does not build; see Cargo's messages above");
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |target| root.join(target));
    Ok(target.join("debug/dj-sandbox"))
}

/// `dj-sandbox env VERB` for the environment `env` of a folder, made with uv.
fn env(binary: &Path, lab: &Path, words: &[&str]) -> Result<()> {
    let (verb, rest) = words.split_first().context("there is nothing to do")?;
    let mut command = Command::new(binary);
    command.args(["env", verb, "--manager", "uv", "--name", "env"]).args(rest).current_dir(lab).stdout(Stdio::null());
    ensure!(command.status().context("Failed to start the program")?.success(), "`env {}` failed", words.join(" "));
    Ok(())
}
