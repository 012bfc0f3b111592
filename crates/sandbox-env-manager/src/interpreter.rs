//! Finding an interpreter of a version: in PATH, then where pyenv and uv keep theirs, then where systems do.
//!
//! A pyenv *shim* on PATH is a script that fails for every version that is not chosen at the moment, so scripts are passed over.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::EnvError;
use crate::host::Host;
use crate::probe;
use crate::spec::version_matches;

/// The interpreter that `wanted` means: a path, a version, or any Python 3. What is returned is an absolute path.
pub(crate) async fn find(wanted: Option<&str>, host: &Host) -> Result<PathBuf, EnvError> {
    if let Some(path) = wanted.filter(|wanted| wanted.contains('/')) {
        let path = host.absolute(Path::new(path));
        return match probe::ask(&path, &host.variables).await {
            Ok(_) => Ok(path),
            Err(reason) => Err(EnvError::NoInterpreter { wanted: path.display().to_string(), found: vec![reason] }),
        };
    }
    let version = wanted.unwrap_or("3");
    let mut found = Vec::new();
    for candidate in candidates(version, host) {
        let named = candidate.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_prefix("python"));
        // `python3.11` of an installation is 3.11: asking would cost as much as making the environment, and that is probed.
        if named == Some(version) {
            return Ok(candidate);
        }
        if let Ok(interpreter) = probe::ask(&candidate, &host.variables).await {
            if version_matches(version, &interpreter.version) {
                return Ok(candidate);
            }
            found.push((interpreter.version, candidate));
        }
    }
    if found.is_empty() {
        for candidate in candidates("3", host) {
            if let Ok(interpreter) = probe::ask(&candidate, &host.variables).await {
                found.push((interpreter.version, candidate));
            }
        }
    }
    found.dedup();
    let found = found.into_iter().take(8).map(|(version, path)| format!("{version} (`{}`)", path.display())).collect();
    Err(EnvError::NoInterpreter { wanted: version.to_owned(), found })
}

/// Real interpreters that may be of this version, in the order in which they are preferred.
fn candidates(version: &str, host: &Host) -> Vec<PathBuf> {
    let parts: Vec<&str> = version.split('.').collect();
    let names: Vec<String> = match parts.as_slice() {
        [major] => vec![format!("python{major}")],
        [major, minor, ..] => vec![format!("python{major}.{minor}"), format!("python{major}")],
        [] => Vec::new(),
    };
    let name = names.first().cloned().unwrap_or_default();
    let mut found: Vec<PathBuf> = sandbox_process::candidates(&name, host.variable("PATH"));
    for (folder, bin) in [pyenv(host), uv(host)].into_iter().flatten() {
        found.extend(versions_in(&folder, version).into_iter().map(|installed| installed.join(bin).join(&name)));
    }
    found.extend(["/usr/local/bin", "/usr/bin", "/opt/homebrew/bin"].map(|folder| Path::new(folder).join(&name)));
    // A `python3` of PATH may be the wanted 3.11 as well, last: it has to be asked.
    found.extend(names.iter().skip(1).flat_map(|name| sandbox_process::candidates(name, host.variable("PATH"))));
    let mut seen = Vec::new();
    found.retain(|path| {
        path.canonicalize().is_ok_and(|real| {
            !seen.contains(&real) && !is_script(&real) && {
                seen.push(real);
                true
            }
        })
    });
    found
}

fn pyenv(host: &Host) -> Option<(PathBuf, &'static str)> {
    let root = host.path_variable("PYENV_ROOT").or_else(|| Some(host.home()?.join(".pyenv")))?;
    Some((root.join("versions"), "bin"))
}

fn uv(host: &Host) -> Option<(PathBuf, &'static str)> {
    let data = || host.path_variable("XDG_DATA_HOME").or_else(|| Some(host.home()?.join(".local/share")));
    let folder = host.path_variable("UV_PYTHON_INSTALL_DIR").or_else(|| Some(data()?.join("uv/python")))?;
    Some((folder, "bin"))
}

/// Folders such as `3.11.7` and `cpython-3.11.7-linux-x86_64-gnu` that hold the version, the newest first.
fn versions_in(folder: &Path, version: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found: Vec<(Vec<u32>, PathBuf)> = entries
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let number = name.strip_prefix("cpython-").and_then(|rest| rest.split('-').next()).unwrap_or(&name).to_owned();
            let parts: Vec<u32> = number.split('.').map(|part| part.parse().ok()).collect::<Option<_>>()?;
            version_matches(version, &number).then(|| (parts, entry.path()))
        })
        .collect();
    found.sort();
    found.into_iter().rev().map(|(_, path)| path).collect()
}

fn is_script(path: &Path) -> bool {
    let mut start = [0; 2];
    fs::File::open(path).and_then(|mut file| file.read_exact(&mut start)).is_err() || &start == b"#!"
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn program(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[tokio::test]
    async fn shims_are_passed_over_and_the_newest_version_is_taken() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        program(&at("shims/python9.1"), "#!/bin/sh\nexit 127\n");
        program(&at("versions/9.1.2/bin/python9.1"), "ELF two");
        program(&at("versions/9.1.10/bin/python9.1"), "ELF ten");
        let mut host = Host::from_process();
        host.variables.insert("PATH".into(), at("shims").into());
        host.variables.insert("PYENV_ROOT".into(), folder.path().into());
        assert_eq!(find(Some("9.1"), &host).await.unwrap(), at("versions/9.1.10/bin/python9.1"));
        let error = find(Some("9.2"), &host).await.unwrap_err().to_string();
        assert!(error.starts_with("Failed to find Python 9.2; found: "), "{error}");
    }
}
