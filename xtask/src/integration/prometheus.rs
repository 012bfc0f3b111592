//! `cargo xtask integration prometheus`: metrics of a real run, read by the real Prometheus, promtool, Pushgateway and a strict reader.
//!
//! One run is scraped while it goes on and after its end, and every number that the server has must be what `run --json` said. A
//! second and a third one push and write files; the rules and the dashboard are asked of the server.

mod expected;
mod left;
mod program;
mod scraped;

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::fixtures::prometheus::{self, Prometheus};

use self::program::Program;

/// Runs all parts for which the tools are there: true when all passed.
///
/// # Errors
/// A program that cannot be built or started.
pub fn run(root: &Path, quick: bool) -> Result<bool> {
    let start = Instant::now();
    let tools = prometheus::make(root)?;
    let program = Program::build(root)?;
    let mut report = Report::default();
    report.part("failures", refusals(&program));
    report.part("scrape", scraped::check(root, &program, &tools, quick));
    report.part("left behind", left::check(&program, &tools));
    report.part("rules", rules(root, &tools));
    println!("integration prometheus: {} in {:.0} s", if report.failed { "FAILED" } else { "passed" }, start.elapsed().as_secs_f64());
    for line in &report.lines {
        println!("  {line}");
    }
    for (what, why) in &tools.missing {
        println!("  missing {what}: {why}");
    }
    Ok(!report.failed)
}

/// What a part found out, line by line; lines that begin with `skipped` are of tools that are missing.
type Found = Vec<String>;

#[derive(Default)]
struct Report {
    lines: Vec<String>,
    failed: bool,
}

impl Report {
    fn part(&mut self, name: &str, found: Result<Found>) {
        match found {
            Ok(lines) => self.lines.extend(lines.into_iter().map(|line| format!("{name}: {line}"))),
            Err(error) => {
                self.failed = true;
                self.lines.push(format!("FAILED {name}: {error:#}"));
            }
        }
    }
}

/// What is wrong is said before the first job.
fn refusals(program: &Program) -> Result<Found> {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").context("Failed to take a port")?;
    let address = taken.local_addr().context("no address")?.to_string();
    for (flag, value, words) in [
        ("--metrics", address.as_str(), "Failed to listen on"),
        ("--metrics", "somewhere", "must be an address and a port"),
        ("--prom-textfile", "no/such/folder", "is not a folder that can be written"),
        ("--push-gateway", "https://gateway", "is not the address of a Pushgateway"),
    ] {
        let ended = program.run(&[flag, value], program::FAST)?;
        if ended.code != 2 || !ended.stderr.contains(words) || ended.stdout.contains("job_started") {
            bail!("`run {flag} {value}` ended with {} and said: {}", ended.code, ended.stderr);
        }
    }
    let ended = program.run(&["--metrics", "0.0.0.0:0"], program::FAST)?;
    if ended.code != 5 || !ended.stderr.contains("warning: other computers") {
        bail!("`run --metrics 0.0.0.0:0` ended with {} and said: {}", ended.code, ended.stderr);
    }
    Ok(vec!["5 command lines are refused or warned of".to_owned()])
}

/// The rules are sound and fire when they should.
fn rules(root: &Path, tools: &Prometheus) -> Result<Found> {
    let Some(promtool) = &tools.promtool else { return Ok(vec!["skipped, no promtool".to_owned()]) };
    let file = root.join("crates/sandbox-metrics/assets/sandbox-alerts.yml");
    program::said(std::process::Command::new(promtool).args(["check", "rules"]).arg(&file))?;
    let tests = root.join("crates/sandbox-metrics/tests/rules/rules.yml");
    program::said(std::process::Command::new(promtool).args(["test", "rules"]).arg(&tests))?;
    Ok(vec!["checked, and tested by promtool".to_owned()])
}

/// Asks until the answer is there.
fn until<T>(limit: Duration, what: &str, mut ask: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    let start = Instant::now();
    loop {
        if let Some(found) = ask()? {
            return Ok(found);
        }
        if start.elapsed() > limit {
            bail!("{what} did not come within {} s", limit.as_secs());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}
