//! One door for each outside thing: printing, exit codes, child processes.

use super::{Finding, TextFile, Tree};

/// Who prints and exits.
const PRINTERS: [&str; 2] = ["crates/sandbox-cli", "xtask"];
/// Who starts processes.
const STARTERS: [&str; 4] = ["crates/sandbox-process", "crates/sandbox-test", "tests", "xtask"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust().filter(|file| !file.is_test()) {
        let of = |folders: &[&str]| folders.iter().any(|folder| file.path.starts_with(folder));
        let (prints, starts) = (of(&PRINTERS), of(&STARTERS));
        for (number, line) in file.code() {
            if !prints && (line.contains("print!(") || line.contains("println!(")) {
                findings.push(finding(file, number, "prints", "return it or emit an event: only sandbox-cli prints"));
            }
            if !prints && (line.contains("process::exit(") || line.contains("use std::process::exit")) {
                findings.push(finding(file, number, "ends the process", "return an error: only sandbox-cli knows exit codes"));
            }
            if !starts && starts_process(line) {
                findings.push(finding(file, number, "starts a process", "child processes have one door, the crate sandbox-process"));
            }
        }
    }
    findings
}

/// Whether a line of code names `std::process::Command` or `tokio::process::Command`; that of `sandbox_process` is the door.
fn starts_process(line: &str) -> bool {
    let line = line.replace("sandbox_process::", "");
    line.contains("process::Command") || (line.contains("process::{") && line.contains("Command"))
}

fn finding(file: &TextFile, line: usize, what: &str, hint: &str) -> Finding {
    Finding::new(&file.path, line, format!("this crate {what}"), hint)
}
