//! Versions, lints and profiles stand in the root `Cargo.toml`, and nowhere else.

use super::{Finding, Tree};
use toml::Value;

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in &tree.members {
        let path = &member.file.path;
        for dependency in member.dependencies() {
            if !inherits(dependency.value) {
                let name = dependency.name;
                let what = format!("`{name}` does not take its version from the workspace");
                let hint = format!("write `{name}.workspace = true`, and the version into [workspace.dependencies] of the root Cargo.toml");
                findings.push(Finding::new(path, member.line_of(dependency.kind, name), what, hint));
            }
        }
        if !member.table.get("lints").is_some_and(inherits) {
            findings.push(Finding::new(path, 1, "the lints are not those of the workspace", "write `[lints]` and `workspace = true`"));
        }
        if member.table.contains_key("profile") {
            let line = member.file.lines().find(|(_, line)| line.starts_with("[profile")).map_or(1, |(line, _)| line);
            findings.push(Finding::new(path, line, "a profile in a member has no effect", "move it to the root Cargo.toml"));
        }
    }
    findings
}

fn inherits(value: &Value) -> bool {
    let keys = ["version", "path", "git", "registry"];
    value.get("workspace").and_then(Value::as_bool) == Some(true) && keys.iter().all(|key| value.get(key).is_none())
}
