//! Activation as data.
//!
//! Packages of the conda family may set variables and run scripts when an environment is activated; a direct start of
//! `PREFIX/bin/x` skips them, and `conda run` takes 1.3 s for them, every time. So the tool runs once, with a command that writes its
//! environment down. What it changed is kept, and put on top of the environment of every later command, which then costs an exec.
//! It is captured again when the environment, its scripts, the tool, or a variable that a script read and replaced are others.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::UNIX_EPOCH;

use sandbox_fs::FsError;
use sandbox_process::Stdin;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use super::CondaEnv;
use crate::backend::Backend;
use crate::child_env::Variables;
use crate::core::{Core, Step};
use crate::error::EnvError;

/// Set by the shell that runs the scripts, and nobody's wish.
const VOLATILE: [&str; 7] = ["_", "SHLVL", "PWD", "OLDPWD", "PS1", "BASH_EXECUTION_STRING", sandbox_process::TREE_VARIABLE];

/// What activation does to a variable. Bytes and not text: variables may be anything.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
enum Change {
    /// Gives it this value; it was `from` before, and a script may have used that.
    Set { from: Option<Vec<u8>>, to: Vec<u8> },
    /// Puts something before and after its value, as PATH has it.
    Around { before: Vec<u8>, after: Vec<u8> },
    /// Takes it away.
    Unset,
}

/// A captured activation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Activation {
    /// What it was captured from.
    stamp: String,
    changes: BTreeMap<String, Change>,
}

/// The variables of a command in the environment.
pub(super) async fn variables(env: &CondaEnv) -> Result<Variables, EnvError> {
    let core = env.core();
    let base = core.variables();
    let stamp = stamp(core);
    let kept = kept_file(core);
    let known = kept.as_ref().and_then(|file| serde_json::from_slice::<Activation>(&fs::read(file).ok()?).ok());
    if let Some(variables) = known.filter(|known| known.stamp == stamp).and_then(|known| apply(&known, &base)) {
        return Ok(variables);
    }
    let captured = capture(env, &base).await?;
    let activation = Activation { stamp, changes: changes(&base, &captured) };
    if let (Some(file), Ok(bytes)) = (kept, serde_json::to_vec(&activation)) {
        // Only a saving of time: where it cannot be kept it is captured again.
        let _ = sandbox_fs::write_atomic(file, &bytes);
    }
    Ok(apply(&activation, &base).unwrap_or(captured))
}

pub(super) fn forget(core: &Core) {
    if let Some(file) = kept_file(core) {
        let _ = fs::remove_file(file);
    }
}

/// Runs the tool once. The script's words hold nothing that an old conda could quote wrongly, and its output goes into a file,
/// because scripts of packages print.
async fn capture(env: &CondaEnv, base: &Variables) -> Result<Variables, EnvError> {
    let core = env.core();
    let tool = env.find_tool().await?;
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder = std::env::temp_dir().join(format!("dj-sandbox-{}-{number}", sandbox_process::tree_mark()));
    fs::create_dir(&folder).map_err(FsError::io("make the folder", &folder))?;
    let (script, out) = (folder.join("write.sh"), folder.join("environment"));
    fs::write(&script, "exec env -0 > \"$1\"\n").map_err(FsError::io("write", &script))?;
    let mut args: Vec<OsString> = vec!["run".into()];
    // conda keeps all output back until the end unless told; the others do not know the flag.
    args.extend(tool.is_conda.then(|| "--no-capture-output".into()));
    args.extend(["-p".into(), core.prefix.clone().into(), "sh".into(), script.into(), out.clone().into()]);
    let step = Step {
        tool: format!("{} run", core.spec.manager),
        program: tool.path,
        args,
        folder: folder.clone(),
        variables: base.clone(),
        set: Vec::new(),
        stdin: Stdin::Empty,
        temporary: None,
    };
    let asked = core.ask(&step).await;
    let bytes = asked.and_then(|_| Ok(fs::read(&out).map_err(FsError::io("read", &out))?));
    let _ = fs::remove_dir_all(&folder);
    Ok(bytes?
        .split(|byte| *byte == 0)
        .filter_map(|entry| {
            let at = entry.iter().position(|byte| *byte == b'=')?;
            let (name, value) = (entry.get(..at)?, entry.get(at + 1..)?);
            Some((OsStr::from_bytes(name).to_owned(), OsStr::from_bytes(value).to_owned()))
        })
        .collect())
}

fn changes(base: &Variables, captured: &Variables) -> BTreeMap<String, Change> {
    let mut changes = BTreeMap::new();
    for name in base.keys().chain(captured.keys()) {
        let Some(text) = name.to_str().filter(|text| !VOLATILE.contains(text)) else { continue };
        let change = match (base.get(name), captured.get(name)) {
            (old, Some(new)) if old == Some(new) => continue,
            (Some(_), None) => Change::Unset,
            (old, Some(new)) => change(old.map(OsString::as_os_str), new),
            (None, None) => continue,
        };
        changes.insert(text.to_owned(), change);
    }
    changes
}

fn change(old: Option<&OsStr>, new: &OsStr) -> Change {
    let new = new.as_bytes();
    if let Some(old) = old.map(OsStr::as_bytes).filter(|old| !old.is_empty())
        && let Some(at) = positions(new, old).last()
    {
        let (before, rest) = new.split_at(at);
        return Change::Around { before: before.to_owned(), after: rest.get(old.len()..).unwrap_or_default().to_owned() };
    }
    Change::Set { from: old.map(|old| old.as_bytes().to_owned()), to: new.to_owned() }
}

/// Where `old` stands in `new` as a whole entry or several, as in a list of folders or of words.
fn positions<'a>(new: &'a [u8], old: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    let is_border = |byte: Option<&u8>| byte.is_none_or(|byte| b": ;".contains(byte));
    let at = new.windows(old.len()).enumerate().filter(move |(_, window)| *window == old).map(|(at, _)| at);
    at.filter(move |at| is_border(at.checked_sub(1).and_then(|before| new.get(before))) && is_border(new.get(at + old.len())))
}

/// `base` with the changes; `None` when a variable that was replaced is another one now, and so may be what replaces it.
fn apply(activation: &Activation, base: &Variables) -> Option<Variables> {
    let mut variables = base.clone();
    for (name, change) in &activation.changes {
        let name = OsString::from(name);
        let old = base.get(&name).map(|value| value.as_bytes());
        match change {
            Change::Set { from, .. } if from.as_deref() != old => return None,
            Change::Set { to, .. } => {
                variables.insert(name, OsString::from_vec(to.clone()));
            }
            Change::Around { before, after } => {
                let old = old.filter(|old| !old.is_empty())?;
                variables.insert(name, OsString::from_vec([before.as_slice(), old, after].concat()));
            }
            Change::Unset => {
                variables.remove(&name);
            }
        }
    }
    Some(variables)
}

/// What decides whether a captured activation still holds: the packages of the environment, its scripts and variables, the tool.
fn stamp(core: &Core) -> String {
    let mut text = String::new();
    let mut add = |path: &Path| {
        let Ok(metadata) = path.metadata() else { return };
        let modified = metadata.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        text.push_str(&format!("{}\t{}\t{}\n", path.display(), metadata.len(), modified.map_or(0, |time| time.as_nanos())));
    };
    for name in ["conda-meta", "conda-meta/history", "conda-meta/state", "etc/conda/activate.d", "etc/conda/env_vars.d"] {
        let path = core.prefix.join(name);
        add(&path);
        if name.starts_with("etc") {
            let mut files: Vec<PathBuf> = fs::read_dir(&path).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
            files.sort();
            files.iter().for_each(|file| add(file));
        }
    }
    if let Ok(tool) = crate::tool::locate(core.spec.manager, &core.host) {
        add(&tool);
    }
    text
}

fn kept_file(core: &Core) -> Option<PathBuf> {
    let key = xxh3_64(core.prefix.as_os_str().as_bytes());
    Some(core.host.cache()?.join("activation").join(format!("{key:016x}.json")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Variables {
        pairs.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect()
    }

    #[test]
    fn an_activation_is_put_on_top_of_another_environment() {
        let base = variables(&[("PATH", "/usr/bin"), ("OLD", "x"), ("HOME", "/h"), ("LIB", "/l")]);
        let captured = variables(&[("PATH", "/e/bin:/usr/bin"), ("CONDA_PREFIX", "/e"), ("HOME", "/h"), ("LIB", "/l:/e/lib"), ("_", "q")]);
        let activation = Activation { stamp: String::new(), changes: changes(&base, &captured) };
        let now = variables(&[("PATH", "/opt:/usr/bin"), ("OLD", "y"), ("LIB", "/m"), ("NEW", "1")]);
        let expected = variables(&[("PATH", "/e/bin:/opt:/usr/bin"), ("CONDA_PREFIX", "/e"), ("LIB", "/m:/e/lib"), ("NEW", "1")]);
        assert_eq!(apply(&activation, &now), Some(expected));
        // What a script replaced was another value, so its replacement may be another one too.
        assert_eq!(apply(&activation, &variables(&[("PATH", "/p"), ("LIB", "/m"), ("CONDA_PREFIX", "/other")])), None);
        assert_eq!(apply(&activation, &variables(&[("PATH", "/p")])), None);
    }
}
