//! The end of a run: what it did to the data, to the statistics and to the models, and where everything is.

use std::path::PathBuf;

use sandbox_recipe::ProcessReport;
use serde_json::Value;

use super::number::count;
use super::{analysis, process, table};

/// More files than this are listed by folder.
const MOST_FILES: usize = 20;

/// One job's facts, with the name to show.
pub struct Facts {
    /// `pipeline.meta_name`
    pub job: String,
    /// What the component reported: `{"kind": ..., ...}`.
    pub report: Value,
}

/// The closing tables of a run.
pub fn results(facts: &[Facts], written: &[PathBuf]) -> String {
    let mut out = String::new();
    for fact in of_kind(facts, "process") {
        if let Ok(report) = serde_json::from_value::<ProcessReport>(fact.report["process"].clone()) {
            out.push_str(&format!("\nRows · {}: {}", fact.job, process::process(&report)));
        }
    }
    out.push_str(&statistics(facts));
    out.push_str(&models(facts));
    out.push_str(&pairs(facts, "accuracy"));
    out.push_str(&pairs(facts, "mse"));
    if !written.is_empty() {
        out.push_str("\nWritten\n");
        written_lines(written).iter().for_each(|line| out.push_str(&format!("  {line}\n")));
    }
    out
}

/// Each file, or, of many, each folder with the number of its files.
fn written_lines(written: &[PathBuf]) -> Vec<String> {
    if written.len() <= MOST_FILES {
        return written.iter().map(|path| path.display().to_string()).collect();
    }
    let folder = |path: &PathBuf| path.parent().map(PathBuf::from).unwrap_or_default();
    let mut folders: Vec<(PathBuf, Vec<&PathBuf>)> = Vec::new();
    for path in written {
        match folders.iter_mut().find(|(name, _)| *name == folder(path)) {
            Some((_, files)) => files.push(path),
            None => folders.push((folder(path), vec![path])),
        }
    }
    let line = |(name, files): (PathBuf, Vec<&PathBuf>)| match files.as_slice() {
        [one] => one.display().to_string(),
        many => format!("{}  ({} files)", name.join("").display(), many.len()),
    };
    folders.into_iter().map(line).collect()
}

fn of_kind<'f>(facts: &'f [Facts], kind: &'f str) -> impl Iterator<Item = &'f Facts> {
    facts.iter().filter(move |fact| fact.report["kind"] == kind)
}

/// The first analysis against the last; one alone as it is.
fn statistics(facts: &[Facts]) -> String {
    let analyses: Vec<&Facts> = of_kind(facts, "analysis").collect();
    match analyses.as_slice() {
        [] => String::new(),
        [one] => format!("\nStatistics · {}\n{}", one.job, analysis::overall(&one.report["overall"])),
        [first, .., last] => {
            let rows = |fact: &Facts| count(fact.report["analysis"]["rows_out"].as_u64().unwrap_or(0));
            let heading =
                format!("\nStatistics · before: {} ({} rows), after: {} ({} rows)\n", first.job, rows(first), last.job, rows(last));
            heading + &analysis::before_after(&first.report["overall"], &last.report["overall"])
        }
    }
}

fn models(facts: &[Facts]) -> String {
    let mut out = String::new();
    for fact in of_kind(facts, "perplexity") {
        let results = fact.report["results"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut rows =
            table::table(&["model", "held-out text", ">bits per byte", "95 % interval", ">against the first", "95 % interval", "verdict"]);
        for result in results {
            let (difference, interval, verdict) = verdict(&result["difference"]);
            rows.add_row([
                text(&result["model"]),
                format!("{}, {} documents", text(&result["target"]), count(result["documents"].as_u64().unwrap_or(0))),
                figure(&result["bits_per_byte"]),
                range(&result["interval"], false),
                difference,
                interval,
                verdict.to_owned(),
            ]);
        }
        out.push_str(&format!("\nModels · {}\n{}", fact.job, table::text(&rows)));
    }
    out
}

/// Predictions against truths: accuracy or mean squared error.
fn pairs(facts: &[Facts], measure: &str) -> String {
    let mut out = String::new();
    for fact in of_kind(facts, measure) {
        let results = fact.report["results"].as_array().map(Vec::as_slice).unwrap_or_default();
        let unread = |result: &Value| result["format_error"].as_u64().unwrap_or(0);
        let any_unread = results.iter().any(|result| unread(result) > 0);
        let measured = format!(">{measure}");
        let headings = ["predictions", "truth", &measured, ">not numbers"];
        let mut rows = table::table(if any_unread { &headings } else { &headings[..3] });
        for result in results {
            let cells = [text(&result["pred_path"]), text(&result["gt_path"]), figure(&result[measure])];
            rows.add_row(cells.into_iter().chain(any_unread.then(|| count(unread(result)))));
        }
        out.push_str(&format!("\nPredictions · {}\n{}", fact.job, table::text(&rows)));
    }
    out
}

/// The difference to the first model in words: only an interval without zero is a verdict.
fn verdict(difference: &Value) -> (String, String, &'static str) {
    let Some(value) = difference["difference"].as_f64() else { return (String::new(), String::new(), "") };
    let (low, high) = (difference["interval"]["low"].as_f64(), difference["interval"]["high"].as_f64());
    let verdict = match (low, high) {
        (_, Some(high)) if high < 0.0 => "better",
        (Some(low), _) if low > 0.0 => "worse",
        (Some(_), Some(_)) => "no difference shown",
        _ => "",
    };
    (format!("{value:+.4}"), range(&difference["interval"], true), verdict)
}

fn range(interval: &Value, signed: bool) -> String {
    match (interval["low"].as_f64(), interval["high"].as_f64()) {
        (Some(low), Some(high)) if signed => format!("{low:+.4} to {high:+.4}"),
        (Some(low), Some(high)) => format!("{low:.4} to {high:.4}"),
        _ => String::new(),
    }
}

fn figure(value: &Value) -> String {
    value.as_f64().map_or(String::new(), |number| format!("{number:.4}"))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}
