//! One run, scraped by the real server while it goes on and after its end.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::fixtures::prometheus::Prometheus;

use super::expected::{self, Series};
use super::program::{self, Program, get, query, said_to};
use super::{Found, until};

/// How long the server may take to know something: it hands out targets every five seconds.
const PATIENCE: Duration = Duration::from_secs(30);
const OPEN_METRICS: &str = "Accept: application/openmetrics-text;version=1.0.0\r\n";
/// Reads a page strictly, and says how many families there are.
const READ: &str = "import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read
families = list(read(sys.stdin.read()))
samples = [s for f in families for s in f.samples]
print(len(families), len(samples), sum(s.exemplar is not None for s in samples))";

pub(super) fn check(root: &Path, program: &Program, tools: &Prometheus, quick: bool) -> Result<Found> {
    let mut found = Found::new();
    let seconds = if quick { "8" } else { "12" };
    let mut run = program.start(&["--metrics", "127.0.0.1:0", "--linger", "60s"], seconds)?;
    let mut lines = BufReader::new(run.0.stdout.take().context("no pipe")?).lines();
    let mut errors = run.0.stderr.take().context("no pipe")?;
    // Nobody waits for what it says on stderr.
    std::thread::spawn(move || errors.read_to_end(&mut Vec::new()));
    let first: Value = serde_json::from_str(&lines.next().context("the program said nothing")??).context("no JSON")?;
    let url = first.get("url").and_then(Value::as_str).context("the program does not say where its metrics are")?;
    let address = url.strip_prefix("http://").and_then(|rest| rest.strip_suffix("/metrics")).context("an odd address")?.to_owned();
    let target: u16 = address.rsplit(':').next().and_then(|port| port.parse().ok()).context("no port")?;

    let server = tools.prometheus.as_ref().map(|prometheus| serve(root, program, prometheus, &address)).transpose()?;
    if let Some((_, port)) = &server {
        // While it goes on.
        let during = "sandbox_jobs_in_progress{hook=\"slow\"} == 1 and on (pipeline) sandbox_run_info";
        until(PATIENCE, "a scrape during the run", || Ok(query(*port, during)?.first().map(drop)))?;
        found.push("scraped while the last job ran, with the run's info".to_owned());
    }
    let mut events = vec![first];
    loop {
        let event: Value = serde_json::from_str(&lines.next().context("the program ended early")??).context("no JSON")?;
        let is_last = event.get("event").and_then(Value::as_str) == Some("run_finished");
        events.push(event);
        if is_last {
            break;
        }
    }
    let expected = expected::numbers(&events)?;
    ensure!(expected.len() > 60, "only {} numbers follow from the events", expected.len());

    let page = get(target, "/metrics", "")?.context("no page")?;
    let strict = get(target, "/metrics", OPEN_METRICS)?.context("no page")?;
    ensure!(strict.ends_with("# EOF\n"), "OpenMetrics has an end");
    match &tools.promtool {
        Some(promtool) => {
            let complaints = said_to(Command::new(promtool).args(["check", "metrics"]), &page)?;
            ensure!(complaints.trim().is_empty(), "promtool complains: {complaints}");
            found.push(format!("{} lines have nothing that promtool complains of", page.lines().count()));
        }
        None => found.push("skipped, no promtool".to_owned()),
    }
    match &tools.python {
        Some(python) => {
            let said = said_to(Command::new(python).args(["-I", "-c", READ]), &strict)?;
            let counts: Vec<usize> = said.split_whitespace().filter_map(|word| word.parse().ok()).collect();
            let [families, samples, exemplars] = counts[..] else { bail!("an odd answer: {said}") };
            ensure!(exemplars > 0, "no exemplar");
            found.push(format!("a strict reader of OpenMetrics finds {families} families, {samples} samples, {exemplars} exemplars"));
        }
        None => found.push("skipped, no prometheus_client".to_owned()),
    }
    if let Some((_, port)) = &server {
        let all = until(PATIENCE, "the end of the run at the server", || {
            let all = scraped(*port)?;
            Ok(expected::differences(&expected, &all).is_empty().then_some(all))
        });
        let all = match all {
            Ok(all) => all,
            Err(error) => bail!("{error}: {}", expected::differences(&expected, &scraped(*port)?).join("; ")),
        };
        found.push(format!("{} numbers of the server's {} are those of `run --json`", expected.len(), all.len()));
        ensure!(query(*port, "sandbox_run_info")?.is_empty(), "the run's info is still there");
        let firing = "ALERTS{alertname=\"SandboxRowsRejected\",alertstate=\"firing\"}";
        until(PATIENCE, "an alert", || Ok((query(*port, firing)?.len() == 3).then_some(())))
            .context("rows were set aside by three jobs")?;
        found.push("the server's own rules fire for the rows that were set aside".to_owned());
        let exemplars = get(*port, "/api/v1/query_exemplars?query=sandbox_job_duration_seconds_bucket&start=0&end=4000000000", "")?;
        ensure!(exemplars.is_some_and(|text| text.contains("\"run_id\"")), "the server has no exemplar");
        found.push(dashboard(root, *port, program)?);
    } else {
        found.push("skipped, no prometheus".to_owned());
    }
    Ok(found)
}

/// A server that scrapes `target` every second.
fn serve(root: &Path, program: &Program, prometheus: &Path, target: &str) -> Result<(program::Kept, u16)> {
    let rules = root.join("crates/sandbox-metrics/assets/sandbox-alerts.yml");
    let config = program.folder.join("prometheus.yml");
    let text = format!(
        "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\nrule_files: ['{}']\n\
         scrape_configs:\n  - job_name: sandbox\n    static_configs: [{{targets: ['{target}']}}]\n",
        rules.display()
    );
    std::fs::write(&config, text).context("Failed to write the server's configuration")?;
    let port = program::free_port()?;
    let mut command = Command::new(prometheus);
    command.arg(format!("--config.file={}", config.display()));
    command.arg(format!("--storage.tsdb.path={}", program.folder.join("tsdb").display()));
    command.arg(format!("--web.listen-address=127.0.0.1:{port}"));
    command.args(["--enable-feature=exemplar-storage", "--log.level=warn"]);
    let server = program::server(&mut command, &program.folder.join("prometheus.log"))?;
    until(PATIENCE, "the server", || get(port, "/-/ready", ""))?;
    Ok((server, port))
}

/// All series of the server that are ours, without the labels that it added.
fn scraped(port: u16) -> Result<BTreeMap<Series, f64>> {
    let mut all = BTreeMap::new();
    for (labels, value) in query(port, "{__name__=~\"sandbox_.*\"}")? {
        let mut labels: BTreeMap<String, String> = serde_json::from_value(labels).context("labels are texts")?;
        ensure!(labels.keys().all(|name| !name.starts_with("exported_")), "a label is taken by the server: {labels:?}");
        let name = labels.remove("__name__").context("a series without a name")?;
        labels.retain(|name, _| name != "job" && name != "instance");
        all.insert((name, labels), value);
    }
    Ok(all)
}

/// Every question of the dashboard has an answer.
fn dashboard(root: &Path, port: u16, program: &Program) -> Result<String> {
    let path = root.join("crates/sandbox-metrics/assets/sandbox-overview.json");
    let text = std::fs::read_to_string(&path).with_context(|| format!("Failed to read `{}`", path.display()))?;
    ensure!(program.prints("dashboard")? == text, "`metrics dashboard` prints another one");
    let dashboard: Value = serde_json::from_str(&text).context("the dashboard is no JSON")?;
    let panels = dashboard.get("panels").and_then(Value::as_array).context("no panels")?;
    let targets = panels.iter().filter_map(|panel| panel.get("targets")?.as_array()).flatten();
    let (mut asked, mut without_card) = (0, 0);
    for expression in targets.filter_map(|target| target.get("expr")?.as_str()) {
        let filled = expression.replace("$__rate_interval", "30s").replace("$pipeline", ".*").replace("$name", ".*");
        let answer = query(port, &filled)?;
        if answer.is_empty() && expression.contains("sandbox_gpu_") {
            without_card += 1;
            continue;
        }
        ensure!(!answer.is_empty(), "no answer to `{expression}`");
        asked += 1;
    }
    let skipped = if without_card > 0 { format!("; skipped {without_card} about graphics cards") } else { String::new() };
    Ok(format!("{asked} questions of the dashboard have answers{skipped}"))
}
