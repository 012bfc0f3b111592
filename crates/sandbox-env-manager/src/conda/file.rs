//! Environment files, with the channels of the setting in place of their own.
//!
//! Neither conda nor micromamba lets `--override-channels` win over a file: both still go to the network for its channels.

use std::path::{Path, PathBuf};

use sandbox_document::{Document, Format};
use sandbox_fs::FsError;
use serde_json::{Value, json};
use xxhash_rust::xxh3::xxh3_64;

use crate::error::EnvError;
use crate::sources::Sources;

/// The file to give to the tool: the user's own, or a copy with other channels.
pub(super) fn prepared(path: &Path, sources: &Sources) -> Result<PathBuf, EnvError> {
    let text = std::fs::read_to_string(path).map_err(FsError::io("read", path))?;
    let bad =
        |reason: String| EnvError::BadSpec { reason, hint: "an environment file is a YAML map with a list `dependencies`".to_owned() };
    let name = path.display().to_string();
    let document = Document::parse(&name, &text, Format::Yaml).map_err(|problem| bad(problem.to_string()))?;
    let mut value = document.value;
    if !value.get("dependencies").is_some_and(Value::is_array) {
        return Err(bad(format!("`{name}` has no list `dependencies`")));
    }
    if sources.channels.is_empty() {
        return Ok(path.to_owned());
    }
    let folder = path.parent().unwrap_or(Path::new("/"));
    let mut channels = sources.channels.clone();
    channels.push("nodefaults".to_owned());
    if let Some(map) = value.as_object_mut() {
        map.insert("channels".to_owned(), json!(channels));
        for dependency in map.get_mut("dependencies").and_then(Value::as_array_mut).into_iter().flatten() {
            for line in dependency.get_mut("pip").and_then(Value::as_array_mut).into_iter().flatten() {
                if let Some(text) = line.as_str() {
                    *line = Value::String(from_folder(text, folder));
                }
            }
        }
    }
    // JSON is YAML. Each process has a copy of its own: two may be about to make the same environment.
    let text = value.to_string();
    let name = format!("dj-sandbox-{}-{:016x}.yaml", sandbox_process::tree_mark(), xxh3_64(text.as_bytes()));
    let copy = std::env::temp_dir().join(name);
    std::fs::write(&copy, text).map_err(FsError::io("write", &copy))?;
    Ok(copy)
}

/// A line of the `pip:` section whose relative path begins at the file's folder.
fn from_folder(line: &str, folder: &Path) -> String {
    let (option, rest) = match line.split_once(' ') {
        Some((option @ ("-r" | "-e" | "-c" | "--requirement" | "--editable" | "--constraint"), rest)) => {
            (format!("{option} "), rest.trim())
        }
        _ if line.starts_with('.') => (String::new(), line),
        _ => return line.to_owned(),
    };
    if rest.contains("://") { line.to_owned() } else { format!("{option}{}", folder.join(rest).display()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_are_replaced_and_relative_lines_stay_where_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("e.yaml");
        let text = "name: x\nchannels: [conda-forge]\ndependencies:\n- python=3.11\n- pip:\n  - six\n  - -r req.txt\n  - ./lib\n";
        std::fs::write(&path, text).unwrap();
        assert_eq!(prepared(&path, &Sources::default()).unwrap(), path);
        let sources = Sources { channels: vec!["file:///c".to_owned()], ..Sources::default() };
        let copy = prepared(&path, &sources).unwrap();
        let value: Value = serde_json::from_slice(&std::fs::read(&copy).unwrap()).unwrap();
        std::fs::remove_file(copy).unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        assert_eq!(value["channels"], json!(["file:///c", "nodefaults"]));
        assert_eq!(value["dependencies"][1]["pip"], json!(["six", format!("-r {}", at("req.txt")), at("./lib")]));
        std::fs::write(&path, "- a\n").unwrap();
        assert!(prepared(&path, &sources).unwrap_err().to_string().contains("has no list `dependencies`"));
    }
}
