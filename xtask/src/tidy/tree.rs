//! The tracked text files of the workspace, read once for all rules.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};
use toml::{Table, Value};

/// Folders that hold no sources, for trees without git.
const SKIPPED: [&str; 3] = [".git", "target", "outputs"];
/// The tables of a manifest that name dependencies.
pub const DEPENDENCY_TABLES: [&str; 3] = ["dependencies", "build-dependencies", "dev-dependencies"];

/// The workspace as the rules see it.
#[derive(Debug)]
pub struct Tree {
    /// Where it stands.
    pub root: PathBuf,
    /// The root `Cargo.toml`.
    pub workspace: Manifest,
    /// The `Cargo.toml` files of the members.
    pub members: Vec<Manifest>,
    /// All text files, manifests included, in the order of their paths.
    pub files: Vec<TextFile>,
}

/// A text file.
#[derive(Debug, Clone)]
pub struct TextFile {
    /// From the workspace's root.
    pub path: PathBuf,
    /// Its content.
    pub text: String,
}

/// A parsed `Cargo.toml`.
#[derive(Debug, Clone)]
pub struct Manifest {
    /// The file.
    pub file: TextFile,
    /// What it says.
    pub table: Table,
}

/// A line of a manifest that names a dependency.
#[derive(Debug)]
pub struct Dependency<'a> {
    /// `dependencies`, `build-dependencies` or `dev-dependencies`.
    pub kind: &'static str,
    /// The name on the left.
    pub name: &'a str,
    /// What stands on the right.
    pub value: &'a Value,
}

impl Tree {
    /// Reads all tracked and not ignored text files below `root`.
    ///
    /// # Errors
    /// A folder or manifest that cannot be read or parsed.
    pub fn read(root: &Path) -> Result<Self> {
        let mut paths = if root.join(".git").exists() { git_files(root)? } else { walk(root)? };
        paths.sort();
        paths.dedup();
        let mut files = Vec::new();
        for path in paths {
            // A tracked file may be gone from the disk, and what is not text has no lines to find anything in.
            let Ok(bytes) = std::fs::read(root.join(&path)) else { continue };
            let Ok(text) = String::from_utf8(bytes) else { continue };
            if !text.contains('\0') {
                files.push(TextFile { path, text });
            }
        }
        let mut members = Vec::new();
        let mut workspace = None;
        for file in files.iter().filter(|file| file.path.file_name().is_some_and(|name| name == "Cargo.toml")) {
            let table = file.text.parse::<Table>().with_context(|| format!("Failed to parse `{}`", file.path.display()))?;
            let manifest = Manifest { file: file.clone(), table };
            match file.path.parent().is_some_and(|folder| folder.as_os_str().is_empty()) {
                true => workspace = Some(manifest),
                false => members.push(manifest),
            }
        }
        let workspace = workspace.with_context(|| format!("`{}` has no Cargo.toml", root.display()))?;
        Ok(Self { root: root.to_owned(), workspace, members, files })
    }

    /// The Rust files.
    pub fn rust(&self) -> impl Iterator<Item = &TextFile> {
        self.files.iter().filter(|file| file.path.extension().is_some_and(|suffix| suffix == "rs"))
    }
}

impl Manifest {
    /// The package's name, empty for one without.
    pub fn name(&self) -> &str {
        self.table.get("package").and_then(|package| package.get("name")).and_then(Value::as_str).unwrap_or_default()
    }

    /// All dependencies, those of `[target.'...']` tables too.
    pub fn dependencies(&self) -> Vec<Dependency<'_>> {
        let targets = self.table.get("target").and_then(Value::as_table).into_iter().flat_map(Table::values).filter_map(Value::as_table);
        std::iter::once(&self.table)
            .chain(targets)
            .flat_map(|table| DEPENDENCY_TABLES.into_iter().map(move |kind| (kind, table.get(kind).and_then(Value::as_table))))
            .flat_map(|(kind, table)| table.into_iter().flatten().map(move |(name, value)| Dependency { kind, name, value }))
            .collect()
    }

    /// The line of a key in the table of this name, as `name = ...`, `name.workspace = ...` or `[table.name]`; line 1 when it is written
    /// in another way.
    pub fn line_of(&self, table: &str, key: &str) -> usize {
        let mut inside = false;
        for (index, line) in self.file.text.lines().enumerate() {
            let line = line.trim();
            if let Some(header) = line.strip_prefix('[') {
                let header = header.trim_end_matches(']').trim_start_matches('[');
                inside = header == table || header.ends_with(&format!(".{table}"));
                if header == format!("{table}.{key}") || header.ends_with(&format!(".{table}.{key}")) {
                    return index + 1;
                }
            } else if inside && line.trim_start_matches('"').strip_prefix(key).is_some_and(|rest| rest.starts_with([' ', '=', '.', '"'])) {
                return index + 1;
            }
        }
        1
    }
}

impl TextFile {
    /// All lines with their numbers.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }

    /// The lines before the `#[cfg(test)]` module at the end.
    pub fn without_tests(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines: Vec<&str> = self.text.lines().collect();
        let is_tail = |index: usize| {
            let rest = lines.get(index + 1..).unwrap_or_default();
            let module = rest.iter().find(|line| !line.trim_start().starts_with("#["));
            lines[index] == "#[cfg(test)]" && module.is_some_and(|line| line.starts_with("mod ") && line.ends_with('{'))
        };
        let end = (0..lines.len()).find(|index| is_tail(*index)).unwrap_or(lines.len());
        self.lines().take(end)
    }

    /// As [`without_tests`](Self::without_tests), and without lines that are comments.
    pub fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        self.without_tests().filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// Whether the file is a test, a bench or an example of its package: what it does, the program does not.
    pub fn is_test(&self) -> bool {
        let folders = self.path.parent().into_iter().flat_map(Path::iter);
        folders.into_iter().any(|folder| folder == "tests" || folder == "benches" || folder == "examples")
    }
}

/// What git tracks or would track.
fn git_files(root: &Path) -> Result<Vec<PathBuf>> {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("Failed to run `git ls-files`")?;
    anyhow::ensure!(output.status.success(), "`git ls-files` failed: {}", String::from_utf8_lossy(&output.stderr).trim());
    Ok(output
        .stdout
        .split(|byte| *byte == 0)
        .filter(|name| !name.is_empty())
        .map(|name| String::from_utf8_lossy(name).into_owned().into())
        .collect())
}

/// All files, for a tree without git.
fn walk(root: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let entries =
            std::fs::read_dir(root.join(&folder)).with_context(|| format!("Failed to read `{}`", root.join(&folder).display()))?;
        for entry in entries {
            let entry = entry?;
            let kind = entry.file_type()?;
            let path = folder.join(entry.file_name());
            if kind.is_dir() {
                if !SKIPPED.iter().any(|name| entry.file_name() == *name) {
                    folders.push(path);
                }
            } else if kind.is_file() {
                files.push(path);
            }
        }
    }
    Ok(files)
}
