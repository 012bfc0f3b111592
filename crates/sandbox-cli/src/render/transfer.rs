//! What went out and what came in.

use sandbox_interop::{Exported, Imported};
use serde_json::{Value, json};

use super::number::count;

/// Names that are told when they had to be changed.
const SHOWN: usize = 5;

/// What went out, for people.
pub fn exported(format: &str, place: &str, runs: usize, exported: &Exported) -> String {
    let what = if runs == 1 { "1 run".to_owned() } else { format!("{runs} runs") };
    let mut out = format!("{} of {what} to {format}: `{place}`", values(exported.values));
    if exported.files.len() > 1 {
        out.push_str(&format!(", {} files", count(exported.files.len() as u64)));
    }
    out.push('\n');
    if exported.rounded > 0 {
        out.push_str(&format!("  {} of them are rounded: the format's numbers are float32\n", count(exported.rounded)));
    }
    if exported.resumed > 0 {
        out.push_str(&format!("  {} were there already: what was new was added\n", parts(exported.resumed)));
    }
    for (reason, number) in &exported.left_out {
        out.push_str(&format!("  left out: {} {reason}\n", count(*number)));
    }
    for (name, other) in exported.renamed.iter().take(SHOWN) {
        out.push_str(&format!("  `{name}` is called `{other}` there\n"));
    }
    if exported.renamed.len() > SHOWN {
        out.push_str(&format!("  and {} names more are changed\n", count((exported.renamed.len() - SHOWN) as u64)));
    }
    exported.urls.iter().for_each(|url| out.push_str(&format!("  {url}\n")));
    out
}

/// What went out, for programs.
pub fn exported_json(format: &str, exported: &Exported) -> Value {
    let renamed: Vec<Value> = exported.renamed.iter().map(|(name, other)| json!({"name": name, "as": other})).collect();
    json!({
        "event": "exported", "format": format, "values": exported.values, "files": exported.files, "rounded": exported.rounded,
        "resumed": exported.resumed, "left_out": exported.left_out, "renamed": renamed, "urls": exported.urls,
    })
}

/// What came in, for people.
pub fn imported(imported: &Imported, store: &str) -> String {
    let Imported { run, name, values: number, replaced, left_out, notes } = imported;
    let mut out = format!("{} of `{name}` are kept as the run `{run}` in `{store}`\n", values(*number));
    replaced.iter().for_each(|other| out.push_str(&format!("  in place of the run `{other}`\n")));
    left_out.iter().for_each(|(reason, number)| out.push_str(&format!("  left out: {} {reason}\n", count(*number))));
    notes.iter().for_each(|note| out.push_str(&format!("  warning: {note}\n")));
    out
}

/// What came in, for programs.
pub fn imported_json(imported: &Imported, store: &str) -> Value {
    let Imported { run, name, values, replaced, left_out, notes } = imported;
    json!({
        "event": "imported", "run": run, "name": name, "store": store, "values": values, "replaced": replaced, "left_out": left_out,
        "notes": notes,
    })
}

fn values(number: u64) -> String {
    if number == 1 { "1 value".to_owned() } else { format!("{} values", count(number)) }
}

fn parts(number: u64) -> String {
    if number == 1 { "1 run or part".to_owned() } else { format!("{} runs and parts", count(number)) }
}
