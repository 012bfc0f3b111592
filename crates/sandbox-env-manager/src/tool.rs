//! A manager's program: where it is and which version.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::{Duration, UNIX_EPOCH};

use sandbox_process::Command;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::child_env::{Variables, clean};
use crate::error::EnvError;
use crate::host::Host;
use crate::manager::{Family, Manager};

/// A program that answers `--version`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tool {
    /// Its file.
    pub path: PathBuf,
    /// Its version as it says it, such as `0.9.2`.
    pub version: String,
    /// It is conda or a mamba that is built on it, and understands `--offline`, `--copy`, `--no-capture-output`.
    pub is_conda: bool,
}

/// The file of the manager's program: the named one, that of PATH, or the one that an active shell function of conda names.
pub(crate) fn locate(manager: Manager, host: &Host) -> Result<PathBuf, EnvError> {
    if let Some(tool) = &host.tool {
        let bad = |reason: &str| EnvError::BadTool { manager, path: tool.clone(), reason: reason.to_owned() };
        let name = tool.as_os_str();
        let found = sandbox_process::find_program(name, host.variable("PATH"), &host.folder);
        return found.map_err(|_| bad("there is no such program"));
    }
    // In a shell with conda's functions the program itself need not be on PATH.
    let named = match manager {
        Manager::Conda => host.path_variable("CONDA_EXE"),
        Manager::Mamba | Manager::Micromamba => {
            host.path_variable("MAMBA_EXE").filter(|path| path.file_name() == Some(OsStr::new(manager.name())))
        }
        _ => None,
    };
    let on_path = sandbox_process::candidates(manager.name(), host.variable("PATH"));
    let program = on_path.iter().find(|path| !is_shim(path)).cloned();
    let found = program.or_else(|| named.filter(|path| path.is_file())).or_else(|| on_path.first().cloned());
    found.ok_or(EnvError::ManagerMissing { manager })
}

/// A script of pyenv and the like, which fails when the program is not in the version that is chosen at the moment.
fn is_shim(path: &Path) -> bool {
    path.parent().and_then(Path::file_name) == Some(OsStr::new("shims"))
}

/// The manager's program with its version, which is asked for once and kept as long as the file does not change.
pub(crate) async fn find(manager: Manager, host: &Host) -> Result<Tool, EnvError> {
    let path = locate(manager, host)?;
    let kept = kept_file(&path, host);
    if let Some(tool) = kept.as_ref().and_then(|file| serde_json::from_slice(&std::fs::read(file).ok()?).ok()) {
        return Ok(tool);
    }
    let variables: Variables = clean(&host.variables, &host.keep).0;
    let command = Command::new(&path).arg("--version").environment(variables).timeout(Some(Duration::from_secs(60)));
    let bad = |reason: String| EnvError::BadTool { manager, path: path.clone(), reason };
    let finished = command.run().await.map_err(|error| bad(error.to_string()))?;
    if !finished.status.is_success() {
        if is_shim(&path) {
            return Err(EnvError::ManagerMissing { manager });
        }
        let said = finished.tail.stderr.text();
        return Err(bad(format!("`--version` ends with {}: {}", finished.status, said.trim().lines().last().unwrap_or_default())));
    }
    let tool = read_version(manager, &path, &finished.tail.stdout.text()).ok_or_else(|| bad("`--version` says nothing".to_owned()))?;
    if let (Some(file), Ok(bytes)) = (kept, serde_json::to_vec(&tool)) {
        // Only a saving of time: a folder that cannot be written costs the question the next time.
        let _ = sandbox_fs::write_atomic(file, &bytes);
    }
    Ok(tool)
}

/// conda says `conda 24.1`, mamba 1 `mamba 1.5.8` and `conda 23.1` in two lines, mamba 2 and micromamba the bare number,
/// uv `uv 0.9.2 (...)`, virtualenv `virtualenv 20.1 from ...`.
fn read_version(manager: Manager, path: &Path, said: &str) -> Option<Tool> {
    let version = said.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    let is_conda = manager.family() == Family::Conda && said.lines().any(|line| line.trim_start().starts_with("conda "));
    Some(Tool { path: path.to_owned(), version: version.to_owned(), is_conda })
}

/// Where the version of this very file is kept: another size or time is another file.
fn kept_file(path: &Path, host: &Host) -> Option<PathBuf> {
    let metadata = path.metadata().ok()?;
    let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos();
    let key = format!("{}\n{}\n{modified}", path.display(), metadata.len());
    Some(host.cache()?.join("tools").join(format!("{:016x}.json", xxh3_64(key.as_bytes()))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read_from_what_each_program_says() {
        let read = |manager, said| read_version(manager, Path::new("/t"), said).map(|tool| (tool.version, tool.is_conda));
        assert_eq!(read(Manager::Conda, "conda 26.7.2.dev56\n"), Some(("26.7.2.dev56".to_owned(), true)));
        assert_eq!(read(Manager::Mamba, "mamba 1.5.8\nconda 23.11.0\n"), Some(("1.5.8".to_owned(), true)));
        assert_eq!(read(Manager::Mamba, "2.0.5\n"), Some(("2.0.5".to_owned(), false)));
        assert_eq!(read(Manager::Conda, "1.5.11\n"), Some(("1.5.11".to_owned(), false)));
        assert_eq!(read(Manager::Uv, "uv 0.13.9 (x86_64-unknown-linux-gnu)\n"), Some(("0.13.9".to_owned(), false)));
        assert_eq!(read(Manager::Virtualenv, "virtualenv 21.15.8 from /x/__init__.py\n"), Some(("21.15.8".to_owned(), false)));
        assert_eq!(read(Manager::Uv, ""), None);
    }
}
