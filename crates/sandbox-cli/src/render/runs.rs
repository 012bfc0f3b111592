//! Runs: lists, one with its jobs, several side by side.

use sandbox_watcher::Level;
use sandbox_watcher::reader::{ConfigRow, OperatorRow, RunInfo, RunTree, Summary};
use serde_json::Value;

use super::number::{count, duration, figure};
use super::table;

/// Metrics that a list shows beside each run.
const SHOWN: usize = 2;
/// Characters of a value in a table.
const WIDEST: usize = 40;

/// One line for each run.
pub fn list(runs: &[RunInfo]) -> String {
    let mut rows = table::table(&["run", "project", "experiment", "status", "started", ">took", "watched last"]);
    for run in runs {
        let mut numbers: Vec<&Summary> = run.metrics.iter().filter(|summary| summary.last.as_ref().is_some_and(Value::is_number)).collect();
        let more = numbers.len().saturating_sub(SHOWN);
        numbers.truncate(SHOWN);
        let mut watched: Vec<String> = numbers.iter().map(|summary| format!("{} {}", summary.name, last(summary))).collect();
        if more > 0 {
            watched.push(format!("{more} more"));
        }
        rows.add_row([
            run.uid.clone(),
            run.project.clone(),
            run.experiment.clone(),
            run.status.name().replace('_', " "),
            moment(run.started),
            duration(run.seconds),
            watched.join(", "),
        ]);
    }
    table::text(&rows)
}

/// A run with its jobs, what was watched, and what became of the rows.
pub fn show(tree: &RunTree, metrics: &[Summary], operators: &[OperatorRow]) -> String {
    let run = &tree.run;
    let mut out = format!("{} · {} · {}\n", run.uid, run.project, run.name);
    out.push_str(&format!("{} · {} · {}\n", run.status.name().replace('_', " "), moment(run.started), duration(run.seconds)));
    for (words, text) in [("message", &run.message), ("hint", &run.hint)] {
        text.iter().for_each(|text| out.push_str(&format!("{words}: {text}\n")));
    }
    let tags: Vec<String> = run.tags.iter().map(|(key, value)| format!("{key}={value}")).collect();
    if !tags.is_empty() {
        out.push_str(&format!("{}\n", tags.join(" ")));
    }
    let mut jobs = Vec::new();
    collect(tree, &mut jobs);
    if !jobs.is_empty() {
        let mut rows = table::table(&[">iteration", "job", "hook", "status", ">took", ">set aside", "why"]);
        for job in jobs {
            rows.add_row([
                job.iteration.map(count).unwrap_or_default(),
                job.pipeline.as_ref().map_or_else(|| job.name.clone(), |pipeline| format!("{pipeline}.{}", job.name)),
                job.hook.clone().unwrap_or_default(),
                job.status.name().replace('_', " "),
                duration(job.seconds),
                if job.rejected_rows > 0 { count(job.rejected_rows) } else { String::new() },
                job.message.clone().map(|message| short(&message)).unwrap_or_default(),
            ]);
        }
        out.push_str(&format!("\nJobs\n{}", table::text(&rows)));
    }
    if !metrics.is_empty() {
        let mut rows = table::table(&["watched", ">last", ">lowest", ">highest", ">values", ">step"]);
        for summary in metrics {
            let end = |pair: Option<(f64, i64)>| pair.filter(|_| summary.count > 1).map(|(value, _)| figure(value)).unwrap_or_default();
            let values = count(summary.count + summary.items);
            rows.add_row([summary.name.clone(), last(summary), end(summary.low), end(summary.high), values, summary.last_step.to_string()]);
        }
        out.push_str(&format!("\nWatched\n{}", table::text(&rows)));
    }
    if !operators.is_empty() {
        let mut rows = table::table(&["job", "operator", ">rows in", ">dropped", ">rows out", "why"]);
        for row in operators {
            let reasons: Vec<String> = row.reasons.iter().map(|(words, rows)| format!("{} {words}", count(*rows))).collect();
            let dropped = if row.dropped() > 0 { count(row.dropped()) } else { String::new() };
            rows.add_row([row.job.clone(), row.operator.clone(), count(row.rows_in), dropped, count(row.rows_out), reasons.join(", ")]);
        }
        out.push_str(&format!("\nRows\n{}", table::text(&rows)));
    }
    out
}

/// Runs side by side: keys in which they differ, and numbers that were watched.
pub fn compare(runs: &[RunInfo], configs: &[ConfigRow], all: bool) -> String {
    let headings: Vec<String> = runs.iter().map(|run| run.uid.clone()).collect();
    let table_of = |first: &str| {
        let names: Vec<String> = std::iter::once(first.to_owned()).chain(headings.iter().map(|name| format!(">{name}"))).collect();
        table::table(&names.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let mut rows = table_of("configuration");
    for row in configs {
        let values = row.values.iter().map(|value| value.as_ref().map(plain).unwrap_or_else(|| "–".to_owned()));
        rows.add_row(std::iter::once(row.key.clone()).chain(values));
    }
    let mut out = if configs.is_empty() { "the configurations are the same\n".to_owned() } else { table::text(&rows) };
    let mut names: Vec<&str> = runs.iter().flat_map(|run| &run.metrics).map(|summary| summary.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let mut rows = table_of("watched last");
    let mut is_any = false;
    for name in names {
        let of = |run: &RunInfo| run.metrics.iter().find(|summary| summary.name == name).map(last);
        let values: Vec<Option<String>> = runs.iter().map(of).collect();
        if !all && runs.len() > 1 && values.windows(2).all(|pair| pair.first() == pair.last()) {
            continue;
        }
        is_any = true;
        rows.add_row(std::iter::once(name.to_owned()).chain(values.into_iter().map(|value| value.unwrap_or_else(|| "–".to_owned()))));
    }
    if is_any {
        out.push_str(&format!("\n{}", table::text(&rows)));
    }
    out
}

/// Jobs and trials of a tree, in the order in which they began.
fn collect<'t>(tree: &'t RunTree, jobs: &mut Vec<&'t RunInfo>) {
    for part in &tree.parts {
        if matches!(part.run.level, Level::Job | Level::Trial) {
            jobs.push(&part.run);
        }
        collect(part, jobs);
    }
    jobs.sort_by_key(|job| job.started);
}

fn last(summary: &Summary) -> String {
    match &summary.last {
        Some(Value::Number(number)) if number.is_f64() => figure(number.as_f64().unwrap_or(f64::NAN)),
        Some(value) => plain(value),
        None if summary.kind.is_number() => "NaN".to_owned(),
        None => {
            format!("({})", serde_json::to_value(summary.kind).ok().and_then(|kind| kind.as_str().map(str::to_owned)).unwrap_or_default())
        }
    }
}

fn plain(value: &Value) -> String {
    short(&value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}

/// One line of at most [`WIDEST`] characters.
fn short(text: &str) -> String {
    let line: String = text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect();
    match line.char_indices().nth(WIDEST) {
        Some((end, _)) => format!("{}…", line.get(..end).unwrap_or_default()),
        None => line,
    }
}

/// `2026-11-23 03:15:03`, in UTC.
fn moment(micros: i64) -> String {
    let name = sandbox_watcher::compact_time(micros);
    let part = |from: usize, to: usize| name.get(from..to).unwrap_or_default();
    format!("{}-{}-{} {}:{}:{}", part(0, 4), part(4, 6), part(6, 8), part(9, 11), part(11, 13), part(13, 15))
}
