//! The environment that tools and commands get: ours, without what would send them elsewhere.
//!
//! `PIP_TARGET` installs somewhere else and reports success, `PIP_DRY_RUN` installs nothing and reports success, `PYTHONPATH` lets
//! foreign packages win, `PYTHONHOME` of another version ends the interpreter at its start, `UV_VENV_CLEAR` wipes without a word.
//! Indexes, certificates, proxies, caches and the conda family's own settings stay.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};

use serde::Serialize;

/// Variables, with their values.
pub type Variables = BTreeMap<OsString, OsString>;

/// What is taken out for all, and why.
const ALWAYS: [(&str, &str); 29] = [
    ("PYTHONHOME", "sends an interpreter to another one's library"),
    ("PYTHONPATH", "lets packages from outside win"),
    ("PYTHONSTARTUP", "runs code from outside"),
    ("PYTHONUSERBASE", "adds packages from outside"),
    ("PYTHONEXECUTABLE", "hides which interpreter runs"),
    ("__PYVENV_LAUNCHER__", "hides which interpreter runs"),
    ("PIP_TARGET", "installs somewhere else"),
    ("PIP_PREFIX", "installs somewhere else"),
    ("PIP_ROOT", "installs somewhere else"),
    ("PIP_USER", "installs somewhere else"),
    ("PIP_PYTHON", "installs somewhere else"),
    ("PIP_DRY_RUN", "installs nothing"),
    ("PIP_REQUIRE_VIRTUALENV", "refuses environments of the conda family"),
    ("UV_PYTHON", "chooses another interpreter"),
    ("UV_SYSTEM_PYTHON", "chooses another interpreter"),
    ("UV_PROJECT_ENVIRONMENT", "chooses another environment"),
    ("UV_TARGET", "installs somewhere else"),
    ("UV_PREFIX", "installs somewhere else"),
    ("UV_VENV_CLEAR", "wipes an environment that is there"),
    ("UV_VENV_SEED", "decides whether pip is in"),
    ("UV_BREAK_SYSTEM_PACKAGES", "installs into the system"),
    ("PYENV_VERSION", "chooses another interpreter"),
    ("VIRTUALENV_CLEAR", "wipes an environment that is there"),
    ("VIRTUALENV_PYTHON", "chooses another interpreter"),
    ("VIRTUALENV_NO_SEED", "decides whether pip is in"),
    ("VIRTUALENV_NO_PIP", "decides whether pip is in"),
    ("VIRTUALENV_SYSTEM_SITE_PACKAGES", "adds packages from outside"),
    ("CONDA_ALWAYS_YES", "answers questions that should be asked"),
    ("MAMBA_ALWAYS_YES", "answers questions that should be asked"),
];
/// Traces of another environment of the conda family.
const CONDA_TRACES: [&str; 4] = ["CONDA_PREFIX", "CONDA_SHLVL", "CONDA_DEFAULT_ENV", "CONDA_PROMPT_MODIFIER"];
/// Traces of another environment of the venv family.
const VENV_TRACES: [&str; 2] = ["VIRTUAL_ENV", "VIRTUAL_ENV_PROMPT"];

/// A variable that was taken out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Removed {
    /// Its name.
    pub name: String,
    /// What it would have done.
    pub why: &'static str,
}

/// `variables` without what spoils environments, and what that was. Names in `keep` stay.
pub fn clean(variables: &Variables, keep: &[String]) -> (Variables, Vec<Removed>) {
    let (mut cleaned, mut removed) = (variables.clone(), Vec::new());
    // Where another environment is active its programs must not come first: they would be found in place of ours.
    let active: Vec<OsString> =
        ["VIRTUAL_ENV", "CONDA_PREFIX"].iter().filter_map(|name| variables.get(OsStr::new(name)).cloned()).collect();
    for name in variables.keys() {
        let Some(text) = name.to_str() else { continue };
        if let Some(why) = reason(text).filter(|_| !keep.iter().any(|kept| kept == text)) {
            cleaned.remove(name);
            removed.push(Removed { name: text.to_owned(), why });
        }
    }
    if let Some(path) = cleaned.get(OsStr::new("PATH")).filter(|_| !active.is_empty()).cloned() {
        let is_active = |folder: &std::path::Path| active.iter().any(|prefix| folder == std::path::Path::new(prefix).join("bin"));
        let kept = std::env::split_paths(&path).filter(|folder| !is_active(folder));
        if let Ok(path) = std::env::join_paths(kept) {
            cleaned.insert("PATH".into(), path);
        }
    }
    (cleaned, removed)
}

fn reason(name: &str) -> Option<&'static str> {
    let always = ALWAYS.iter().find(|(listed, _)| *listed == name).map(|(_, why)| *why);
    // conda stacks: CONDA_PREFIX_1, CONDA_PREFIX_2, ...
    let is_stacked = name.strip_prefix("CONDA_PREFIX_").is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit()));
    let is_trace = VENV_TRACES.contains(&name) || CONDA_TRACES.contains(&name) || is_stacked;
    always.or_else(|| is_trace.then_some("belongs to another environment"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn variables(pairs: &[(&str, &str)]) -> Variables {
        pairs.iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect()
    }

    #[test]
    fn what_redirects_is_removed_and_reported_and_the_rest_stays() {
        let ours = variables(&[
            ("PIP_TARGET", "/x"),
            ("PYTHONPATH", "/y"),
            ("VIRTUAL_ENV", "/v"),
            ("CONDA_PREFIX_1", "/c"),
            ("PIP_INDEX_URL", "https://a"),
            ("MAMBA_ROOT_PREFIX", "/m"),
            ("HTTPS_PROXY", "p"),
            ("PATH", "/v/bin:/usr/bin"),
        ]);
        let (cleaned, removed) = clean(&ours, &["PYTHONPATH".to_owned()]);
        let names: Vec<_> = removed.iter().map(|removed| removed.name.as_str()).collect();
        assert_eq!(names, ["CONDA_PREFIX_1", "PIP_TARGET", "VIRTUAL_ENV"]);
        let kept = variables(&[
            ("HTTPS_PROXY", "p"),
            ("MAMBA_ROOT_PREFIX", "/m"),
            ("PATH", "/usr/bin"),
            ("PIP_INDEX_URL", "https://a"),
            ("PYTHONPATH", "/y"),
        ]);
        assert_eq!(cleaned, kept);
    }
}
