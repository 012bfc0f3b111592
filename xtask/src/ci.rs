//! `cargo xtask ci`: the whole gate, in the order in which a failure is cheapest.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result};

use crate::tidy;

/// The steps that are Cargo's; tidy stands before the last one.
const STEPS: [(&str, &[&str]); 3] = [
    ("fmt", &["fmt", "--all", "--check"]),
    ("clippy", &["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]),
    ("test", &["test", "--workspace", "--quiet"]),
];

/// Runs the steps in turn and stops at the first that fails, with its output: true when all passed.
///
/// # Errors
/// A step that cannot be started.
pub fn run(root: &Path) -> Result<bool> {
    let start = Instant::now();
    for (name, args) in STEPS {
        if name == "test" && !step("tidy", || tidied(root))? {
            return Ok(false);
        }
        if !step(name, || cargo(root, args))? {
            return Ok(false);
        }
    }
    println!("{:8} ok {:7.1} s", "all", start.elapsed().as_secs_f64());
    Ok(true)
}

/// Runs one step and says how it went; its output is shown only when it failed.
fn step(name: &str, run: impl FnOnce() -> Result<(bool, String)>) -> Result<bool> {
    let start = Instant::now();
    let (passed, output) = run()?;
    println!("{name:8} {} {:7.1} s", if passed { "ok" } else { "FAILED" }, start.elapsed().as_secs_f64());
    if !passed {
        println!("{}", output.trim_end());
    }
    Ok(passed)
}

fn tidied(root: &Path) -> Result<(bool, String)> {
    let findings = tidy::findings(root)?;
    Ok((findings.is_empty(), findings.iter().map(|finding| format!("{finding}\n")).collect()))
}

fn cargo(root: &Path, args: &[&str]) -> Result<(bool, String)> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output =
        Command::new(cargo).args(args).current_dir(root).output().with_context(|| format!("Failed to run `cargo {}`", args.join(" ")))?;
    let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    Ok((output.status.success(), text))
}
