//! Which crate may use which: the table of `ARCHITECTURE.md`.

use std::path::Path;

use super::{Finding, Tree};
use toml::Value;

/// What a crate may use of the workspace.
enum May {
    /// These crates.
    Use(&'static [&'static str]),
    /// Every crate.
    UseAll,
}

/// The table. A crate that is missing here is a finding: its place is to be thought about first.
const TABLE: &[(&str, May)] = &[
    ("sandbox-document", May::Use(&[])),
    ("sandbox-fs", May::Use(&[])),
    ("sandbox-dataset", May::Use(&["sandbox-fs", "sandbox-document"])),
    ("sandbox-tokenizer", May::Use(&[])),
    ("sandbox-fasttext", May::Use(&[])),
    ("sandbox-kenlm", May::Use(&[])),
    (
        "sandbox-ops",
        May::Use(&["sandbox-document", "sandbox-dataset", "sandbox-fasttext", "sandbox-kenlm", "sandbox-media", "sandbox-tokenizer"]),
    ),
    ("sandbox-media", May::Use(&[])),
    ("sandbox-plot", May::Use(&[])),
    (
        "sandbox-recipe",
        May::Use(&["sandbox-chat", "sandbox-dataset", "sandbox-document", "sandbox-fs", "sandbox-ops", "sandbox-plot", "sandbox-process"]),
    ),
    ("sandbox-lm", May::Use(&["sandbox-fs", "sandbox-dataset", "sandbox-document", "sandbox-tokenizer"])),
    ("sandbox-core", May::Use(&["sandbox-document", "sandbox-fs"])),
    ("sandbox-watcher", May::Use(&["sandbox-core", "sandbox-document", "sandbox-fs"])),
    ("sandbox-executors", May::Use(&["sandbox-core", "sandbox-dataset", "sandbox-document", "sandbox-fs", "sandbox-lm", "sandbox-recipe"])),
    ("sandbox-evaluators", May::Use(&["sandbox-core", "sandbox-dataset", "sandbox-document", "sandbox-fs", "sandbox-lm"])),
    ("sandbox-data-pool", May::Use(&["sandbox-core", "sandbox-dataset", "sandbox-document", "sandbox-fs"])),
    ("sandbox-ingest", May::Use(&["sandbox-document"])),
    ("sandbox-metrics", May::Use(&["sandbox-core"])),
    ("sandbox-process", May::Use(&[])),
    ("sandbox-env-manager", May::Use(&["sandbox-document", "sandbox-fs", "sandbox-process"])),
    ("sandbox-chat", May::Use(&["sandbox-document"])),
    ("sandbox-inference", May::Use(&["sandbox-chat", "sandbox-core", "sandbox-dataset", "sandbox-document"])),
    ("sandbox-dashboard", May::Use(&["sandbox-watcher"])),
    (
        "sandbox-integrations",
        May::Use(&[
            "sandbox-chat",
            "sandbox-core",
            "sandbox-document",
            "sandbox-env-manager",
            "sandbox-inference",
            "sandbox-ingest",
            "sandbox-process",
        ]),
    ),
    ("sandbox-interop", May::Use(&["sandbox-fs", "sandbox-watcher"])),
    ("sandbox-cli", May::UseAll),
    (DEV_ONLY, May::UseAll),
    ("sandbox-tests", May::UseAll),
    ("xtask", May::UseAll),
];
/// The crate that only tests use.
const DEV_ONLY: &str = "sandbox-test";
/// Packages that are tests themselves.
const TEST_PACKAGES: [&str; 2] = ["sandbox-tests", "xtask"];

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let names: Vec<&str> = tree.members.iter().map(|member| member.name()).collect();
    let mut findings = Vec::new();
    for member in &tree.members {
        let path: &Path = &member.file.path;
        let Some((_, may)) = TABLE.iter().find(|(name, _)| *name == member.name()) else {
            let line = member.line_of("package", "name");
            let what = format!("`{}` is not in the table of crates", member.name());
            findings.push(Finding::new(path, line, what, "give it a place in ARCHITECTURE.md and in xtask/src/tidy/dependencies.rs"));
            continue;
        };
        for dependency in member.dependencies().iter().filter(|dependency| dependency.kind != "dev-dependencies") {
            let used = package(tree, dependency.name, dependency.value);
            if !names.contains(&used) {
                continue;
            }
            let line = member.line_of(dependency.kind, dependency.name);
            if used == DEV_ONLY && !TEST_PACKAGES.contains(&member.name()) {
                let what = format!("`{}` uses `{used}` outside of its tests", member.name());
                findings.push(Finding::new(path, line, what, "move it to [dev-dependencies]"));
            } else if let May::Use(allowed) = may
                && !allowed.contains(&used)
            {
                let list = if allowed.is_empty() { "no crate of the workspace".to_owned() } else { format!("only {}", allowed.join(", ")) };
                let what = format!("`{}` may not use `{used}`", member.name());
                findings.push(Finding::new(path, line, what, format!("it may use {list}: see the table in ARCHITECTURE.md")));
            }
        }
    }
    findings
}

/// The package that a dependency means: `package = "..."` here or in the root, else its own name.
fn package<'a>(tree: &'a Tree, name: &'a str, value: &'a Value) -> &'a str {
    let renamed = |value: &'a Value| value.get("package").and_then(Value::as_str);
    let in_root = || tree.workspace.table.get("workspace")?.get("dependencies")?.get(name);
    renamed(value).or_else(|| in_root().and_then(renamed)).unwrap_or(name)
}
