//! Mending without thinking.

use anyhow::{Context, Result};

use super::Tree;
use super::tree::Manifest;
use toml::Value;

/// Renames `mod.rs` files and takes versions of dependencies that the root knows out of members: a line for each thing done.
///
/// # Errors
/// Files that cannot be renamed or written.
pub(super) fn fix(tree: &Tree) -> Result<Vec<String>> {
    let mut done = Vec::new();
    for file in tree.rust().filter(|file| file.path.file_name().is_some_and(|name| name == "mod.rs")) {
        let Some(folder) = file.path.parent() else { continue };
        let target = folder.with_extension("rs");
        if tree.root.join(&target).exists() {
            continue;
        }
        std::fs::rename(tree.root.join(&file.path), tree.root.join(&target))
            .with_context(|| format!("Failed to rename `{}`", file.path.display()))?;
        done.push(format!("{}: renamed to `{}`", file.path.display(), target.display()));
    }
    let known = tree.workspace.table.get("workspace").and_then(|workspace| workspace.get("dependencies")).and_then(Value::as_table);
    for member in &tree.members {
        let mut lines: Vec<String> = member.file.text.lines().map(str::to_owned).collect();
        let mut names = Vec::new();
        for dependency in member.dependencies() {
            if !known.is_some_and(|known| known.contains_key(dependency.name)) {
                continue;
            }
            if let Some((line, text)) = inherited(member, dependency.kind, dependency.name, dependency.value) {
                lines[line - 1] = text;
                names.push(dependency.name);
            }
        }
        if !names.is_empty() {
            let text = lines.join("\n") + "\n";
            std::fs::write(tree.root.join(&member.file.path), text)
                .with_context(|| format!("Failed to write `{}`", member.file.path.display()))?;
            done.push(format!("{}: takes {} from the workspace", member.file.path.display(), names.join(", ")));
        }
    }
    Ok(done)
}

/// The line of a dependency with a version, written as one that takes it from the workspace. Only what stands on one line is mended.
fn inherited(member: &Manifest, kind: &str, name: &str, value: &Value) -> Option<(usize, String)> {
    let line = member.line_of(kind, name);
    let text = member.file.text.lines().nth(line - 1)?;
    let version = match value {
        Value::String(version) => version.as_str(),
        other => other.get("version")?.as_str()?,
    };
    let quoted = format!("\"{version}\"");
    match value {
        Value::String(_) if text.trim_end().ends_with(&quoted) => Some((line, format!("{name}.workspace = true"))),
        Value::Table(_) if text.contains('{') => {
            let start = text.find("version")?;
            let end = start + text[start..].find(&quoted)? + quoted.len();
            Some((line, format!("{}workspace = true{}", &text[..start], &text[end..])))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn versions_and_mod_files_are_mended() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("Cargo.toml", "[workspace]\n[workspace.dependencies]\nserde = \"1\"\ntoml = \"1\"\n");
        let manifest =
            "[package]\nname = \"a\"\n[dependencies]\nserde = { version = \"1\", features = [\"derive\"] }\ntoml = \"1\"\nrare = \"3\"\n";
        write("crates/a/Cargo.toml", manifest);
        write("crates/a/src/part/mod.rs", "//! A part.\n");
        assert_eq!(fix(&Tree::read(folder.path()).unwrap()).unwrap().len(), 2);
        let mended = fs::read_to_string(folder.path().join("crates/a/Cargo.toml")).unwrap();
        assert!(
            mended.contains("serde = { workspace = true, features = [\"derive\"] }\ntoml.workspace = true\nrare = \"3\"\n"),
            "{mended}"
        );
        assert!(folder.path().join("crates/a/src/part.rs").exists());
    }
}
