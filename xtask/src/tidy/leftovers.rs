//! Nothing unfinished, nothing left from a search for a fault.

use super::{Finding, Tree};

const MACROS: [&str; 3] = ["todo!(", "unimplemented!(", "dbg!("];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.rust().filter(|file| file.path.starts_with("crates")) {
        for (number, line) in file.lines() {
            let code = !line.trim_start().starts_with("//");
            let found = MACROS.into_iter().find(|name| code && line.contains(name)).or(line.contains("FIXME").then_some("FIXME"));
            if let Some(name) = found {
                findings.push(Finding::new(
                    &file.path,
                    number,
                    format!("`{}` left in a crate", name.trim_end_matches('(')),
                    "finish it or take it out",
                ));
            }
        }
    }
    findings
}
