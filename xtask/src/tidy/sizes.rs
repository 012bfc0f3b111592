//! Files are short: lists become one file per entry.

use std::path::Path;

use super::{Finding, Tree};

/// No file is longer, in lines without its tests.
const LONGEST: usize = 1000;
/// At most one file in twenty is longer than this.
const LONG: usize = 600;
/// Half of the files are not longer than this.
const MEDIAN: usize = 200;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut sizes: Vec<(usize, &Path)> = tree.rust().map(|file| (file.without_tests().count(), file.path.as_path())).collect();
    sizes.sort();
    let mut findings = Vec::new();
    for (lines, path) in sizes.iter().filter(|(lines, _)| *lines > LONGEST) {
        findings.push(Finding::new(
            path,
            LONGEST + 1,
            format!("{lines} lines without tests, at most {LONGEST}"),
            "split it by what it is about",
        ));
    }
    let long: Vec<_> = sizes.iter().filter(|(lines, _)| *lines > LONG).collect();
    if long.len() * 20 > sizes.len() {
        for (lines, path) in &long {
            let what = format!("{lines} lines without tests, and {} of {} files are over {LONG}", long.len(), sizes.len());
            findings.push(Finding::new(path, LONG + 1, what, "at most one file in twenty may be: split some of them"));
        }
    }
    if let Some((median, path)) = sizes.get(sizes.len() / 2)
        && *median > MEDIAN
    {
        let what = format!("half of the Rust files have {median} lines or more, at most {MEDIAN}");
        findings.push(Finding::new(path, MEDIAN + 1, what, "one file per entry of a list, one thing per file"));
    }
    findings
}
