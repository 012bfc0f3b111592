//! A tracked file names no place that only one machine has.

use super::{Finding, Tree};

/// Folders at the top of somebody's machine. They are put together here so that this file does not find itself.
const FOLDERS: [&str; 5] =
    [concat!("/ho", "me/"), concat!("/ro", "ot/"), concat!("/wo", "rk/"), concat!("/work", "space/"), concat!("/Us", "ers/")];
/// Hosts that packages come from: which one is used is the affair of each machine's settings.
const HOSTS: [&str; 6] = [
    concat!("pypi", ".org"),
    concat!("python", "hosted.org"),
    concat!("crates", ".io"),
    concat!("registry", ".npmjs.org"),
    concat!("ana", "conda.org"),
    concat!("arti", "factory"),
];
/// What Cargo itself writes into `Cargo.lock` for the public registry.
const LOCK_SOURCE: &str = concat!("\"registry+https://github.com/rust-lang/crates", ".io-index\"");

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    // Rows of data say what their authors wrote, also about folders and hosts.
    for file in tree.files.iter().filter(|file| file.path.extension().is_none_or(|suffix| suffix != "jsonl")) {
        let lock = file.path.file_name().is_some_and(|name| name == "Cargo.lock");
        for (number, line) in file.lines() {
            if let Some(folder) = FOLDERS.into_iter().find(|folder| has_top_folder(line, folder)) {
                let hint = "use a path from the project's root or a temporary folder";
                findings.push(Finding::new(&file.path, number, format!("a path of one machine below `{folder}`"), hint));
            }
            let source = lock && line.trim_start().starts_with("source = ");
            if source && !line.ends_with(LOCK_SOURCE) {
                findings.push(Finding::new(&file.path, number, "a package from another registry", "lock against the public one"));
            } else if !source && let Some(host) = HOSTS.into_iter().find(|host| line.contains(host)) {
                let hint = "name the package, not the host: each machine sets its own";
                findings.push(Finding::new(&file.path, number, format!("the registry host `{host}`"), hint));
            }
        }
    }
    findings
}

/// Whether `folder` stands in the line as the beginning of a path, not inside of one.
fn has_top_folder(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        before.is_none_or(|before| !before.is_alphanumeric() && !"._-/~}>$*)]".contains(before)) || line[..at].ends_with("file://")
    })
}
