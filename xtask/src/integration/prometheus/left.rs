//! What runs leave behind: pushed to the real Pushgateway, and in files.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, ensure};

use crate::fixtures::prometheus::Prometheus;

use super::expected::{self, Series};
use super::program::{self, Program, get, said_to};
use super::{Found, until};

/// Families that stay.
const LEFT: [&str; 8] = [
    "sandbox_job_last_duration_seconds",
    "sandbox_run_last_duration_seconds",
    "sandbox_watched_value",
    "sandbox_train_step",
    "sandbox_data_bytes_read_total",
    "sandbox_data_samples_read_total",
    "sandbox_data_samples_kept_total",
    "sandbox_data_samples_dropped_total",
];

pub(super) fn check(program: &Program, tools: &Prometheus) -> Result<Found> {
    let mut found = Found::new();
    let nobody = program::free_port()?;
    let ended = program.run(&["--push-gateway", &format!("http://127.0.0.1:{nobody}")], program::FAST)?;
    ensure!(ended.code == 5 && ended.stderr.contains("warning: Failed to push to"), "a gateway that is gone: {}", ended.stderr);
    found.push("a gateway that is gone is a warning".to_owned());

    let gateway = tools.pushgateway.as_ref().map(|gateway| serve(program, gateway)).transpose()?;
    let mut flags = vec!["--prom-textfile".to_owned(), "textfiles".to_owned()];
    if let Some((_, port)) = &gateway {
        flags.extend(["--push-gateway".to_owned(), format!("http://127.0.0.1:{port}")]);
    }
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let ended = program.run(&flags, program::FAST)?;
    ensure!(ended.code == 5 && !ended.stderr.contains("warning: Failed"), "the run ended with {}: {}", ended.code, ended.stderr);
    let mut expected = expected::numbers(&ended.events()?)?;
    expected.retain(|(name, _), _| LEFT.contains(&name.as_str()));

    let file = program.folder.join("textfiles/sandbox_demo.prom");
    let read = || std::fs::read_to_string(&file).with_context(|| format!("Failed to read `{}`", file.display()));
    let text = read()?;
    let mut pages = vec![("the file", text.clone())];
    if let Some((_, port)) = &gateway {
        pages.push(("the gateway", get(*port, "/metrics", "")?.context("no page")?));
    } else {
        found.push("skipped, no prometheus-pushgateway".to_owned());
    }
    for (whose, page) in &pages {
        let differences = expected::differences(&expected, &series(page, "sandbox_")?);
        let differences: Vec<String> = differences.into_iter().filter(|line| !line.contains("jobs_started")).collect();
        ensure!(differences.is_empty(), "{whose}: {}", differences.join("; "));
        found.push(format!("{} numbers of {whose} are those of `run --json`", expected.len()));
    }
    if let Some(promtool) = &tools.promtool {
        let complaints = said_to(Command::new(promtool).args(["check", "metrics"]), &text)?;
        ensure!(complaints.trim().is_empty(), "promtool complains of the file: {complaints}");
    }

    // A run that fails in its second job: what was last done stays.
    std::fs::remove_file(program.folder.join("slow.yaml")).context("Failed to remove a recipe")?;
    std::fs::write(program.folder.join("slow.yaml"), FAILING).context("Failed to write a recipe")?;
    let ended = program.run(&flags, program::FAST)?;
    ensure!(ended.code == 3, "the run ended with {} and not 3: {}", ended.code, ended.stderr);
    let mut later = vec![read()?];
    if let Some((_, port)) = &gateway {
        later.push(get(*port, "/metrics", "")?.context("no page")?);
    }
    for ((whose, before), after) in pages.iter().zip(&later) {
        let success = "_last_success_timestamp_seconds";
        let of = |page: &str, hook: &str| -> Result<Vec<f64>> {
            let all = series(page, "sandbox_")?;
            Ok(all
                .into_iter()
                .filter(|((name, labels), _)| name.ends_with(success) && labels.get("hook").map_or("", String::as_str) == hook)
                .map(|(_, value)| value)
                .collect())
        };
        for hook in ["slow", ""] {
            let (before, after) = (of(before, hook)?, of(after, hook)?);
            ensure!(before.len() == 1 && before == after, "{whose}: the last success of `{hook}` was {before:?} and is {after:?}");
        }
        ensure!(of(before, "clean")? < of(after, "clean")?, "{whose}: the job that was done has a new time");
    }
    found.push("a run that fails takes no last success away".to_owned());
    Ok(found)
}

fn serve(program: &Program, gateway: &Path) -> Result<(program::Kept, u16)> {
    let port = program::free_port()?;
    let mut command = Command::new(gateway);
    command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
    let server = program::server(&mut command, &program.folder.join("pushgateway.log"))?;
    until(Duration::from_secs(20), "the gateway", || get(port, "/-/ready", ""))?;
    Ok((server, port))
}

/// The series of a page whose names begin with `prefix`, without the labels that the gateway adds. Values of labels are plain here.
fn series(page: &str, prefix: &str) -> Result<BTreeMap<Series, f64>> {
    let mut all = BTreeMap::new();
    for line in page.lines().filter(|line| line.starts_with(prefix)) {
        let (series, value) = line.rsplit_once(' ').context("a line without a value")?;
        let (name, labels) = series.split_once('{').unwrap_or((series, "}"));
        let mut of = BTreeMap::new();
        for pair in labels.trim_end_matches('}').split(',').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').with_context(|| format!("an odd label in {line}"))?;
            of.insert(name.to_owned(), value.trim_matches('"').to_owned());
        }
        of.retain(|name, _| name != "job" && name != "instance");
        // The gateway puts the job into groups whose series have no such label.
        all.insert((name.to_owned(), of), value.parse().with_context(|| format!("no number in {line}"))?);
    }
    Ok(all)
}

const FAILING: &str = "dataset_path: rows.jsonl
export_path: out/slow.jsonl
process:
  - external_mapper: {command: [sh, -c, 'exit 9'], workers: 1, timeout: 20}
";
