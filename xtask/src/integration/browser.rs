//! `cargo xtask integration browser`: the dashboard's pages in a real browser.
//!
//! The checks are scripts in `tests/browser`; a made-up store is served to them by an example of the dashboard's crate. Pictures of every page,
//! light, dark, narrow and on paper, lie in `target/fixtures/browser/shots` afterwards, to be looked at by a person.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::Args;
use crate::fixtures;

/// Runs the checks: true when all passed, and where the machine has no browser.
pub(super) fn run(root: &Path, args: &Args) -> Result<bool> {
    let start = Instant::now();
    let browser = match fixtures::browser(root)? {
        Ok(browser) => browser,
        Err(why) => {
            println!("integration browser: SKIPPED: {why}");
            return Ok(true);
        }
    };
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let build = ["build", "--quiet", "--package", "sandbox-dashboard", "--example", "seed"];
    let built = Command::new(cargo).args(build).current_dir(root).status().context("Failed to run `cargo build`")?;
    ensure!(built.success(), "the seed program does not build; see Cargo's messages above");
    let shots = browser.folder.join("shots");
    let settings = json!({
        "seed": fixtures::target(root).join("debug/examples/seed"), "browser": browser.program, "packages": browser.folder, "shots": shots,
        "quick": args.quick, "only": args.only,
    });
    let script = root.join("tests/browser/main.mjs");
    let checks = Command::new(&browser.node).arg(script).arg(settings.to_string()).current_dir(root).status();
    let passed = checks.context("Failed to run the checks")?.success();
    println!("integration browser: {} in {:.0} s", if passed { "passed" } else { "FAILED" }, start.elapsed().as_secs_f64());
    println!("  pictures in {}", shots.display());
    Ok(passed)
}
