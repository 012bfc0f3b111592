//! What an environment should be.

use std::path::{Path, PathBuf};

use sandbox_fs::FsError;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_128;

use crate::error::EnvError;
use crate::manager::{Family, Manager};

/// What is asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EnvSpec {
    /// Who makes it.
    pub manager: Manager,
    /// Its name (conda, mamba, micromamba) or path.
    pub name: String,
    /// A version (`3`, `3.11`, `3.11.7`) or, for venv, virtualenv and uv, the path of an interpreter. Without: what the manager or
    /// PATH gives.
    pub python: Option<String>,
    /// An environment file (`environment.yaml`), for conda, mamba and micromamba.
    pub file: Option<PathBuf>,
    /// More packages from channels, for conda, mamba and micromamba.
    pub packages: Vec<String>,
    /// Whether pip is in it; without, as the manager does by itself (uv: no, all others: yes).
    pub pip: Option<bool>,
    /// Copies in place of hard links to a shared cache: for commands that are not trusted. A file changed in an environment of
    /// links changes in all others.
    pub copy: bool,
}

impl EnvSpec {
    /// Checks what can be known without a tool.
    pub(crate) fn check(&self) -> Result<(), EnvError> {
        let bad = |reason: String, hint: &str| Err(EnvError::BadSpec { reason, hint: hint.to_owned() });
        let is_conda = self.manager.family() == Family::Conda;
        if let Some(python) = &self.python {
            if python.contains('/') && is_conda {
                return bad(
                    format!("`{}` takes a version of Python, not the path `{python}`", self.manager),
                    "give a version such as `3.11`",
                );
            }
            if !python.contains('/') && !is_version(python) {
                return bad(
                    format!("`{python}` is not a version of Python"),
                    "give a version such as `3.11`, or the path of an interpreter",
                );
            }
            if self.file.is_some() {
                return bad(
                    "a version of Python and an environment file are both given".to_owned(),
                    "name the version in the file: `- python=3.11`",
                );
            }
        }
        if !is_conda && self.file.is_some() {
            return bad(
                format!("`{}` does not read environment files", self.manager),
                "install a requirements file after the environment is made, or choose conda, mamba or micromamba",
            );
        }
        if !is_conda && !self.packages.is_empty() {
            return bad(format!("`{}` takes no packages from channels", self.manager), "install them after the environment is made");
        }
        for package in &self.packages {
            if package.is_empty() || package.starts_with('-') || package.chars().any(char::is_control) {
                return bad(format!("`{package}` is not a package"), "write `name`, `name=version` or `name>=version`");
            }
        }
        Ok(())
    }

    /// What is written down, to see later what changed.
    pub(crate) fn written(&self) -> Result<Written, EnvError> {
        let file = match &self.file {
            Some(path) => Some(format!("{:032x}", xxh3_128(&std::fs::read(path).map_err(FsError::io("read", path))?))),
            None => None,
        };
        let packages = self.packages.clone();
        Ok(Written { manager: self.manager, python: self.python.clone(), file, packages, pip: self.pip, copy: self.copy })
    }
}

/// A specification as it stands in the marker of an environment: with the content of files in place of their names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Who made it.
    pub manager: Manager,
    /// The version or interpreter that was asked for.
    pub python: Option<String>,
    /// A digest of the environment file.
    pub file: Option<String>,
    /// Packages from channels.
    pub packages: Vec<String>,
    /// Whether pip was asked for.
    pub pip: Option<bool>,
    /// Copies in place of links.
    pub copy: bool,
}

impl Written {
    /// A digest of all of it, in hexadecimal.
    pub fn hash(&self) -> String {
        let text = serde_json::to_vec(self).unwrap_or_default();
        format!("{:032x}", xxh3_128(&text))
    }

    /// What is asked for that this is not; `None` when this will do. What is not asked for may be anything.
    pub(crate) fn misses(&self, asked: &Written) -> Option<String> {
        let show = |value: &Option<String>| value.clone().unwrap_or_else(|| "any".to_owned());
        if self.manager != asked.manager {
            return Some(format!("it was made by {}, and {} is asked for", self.manager, asked.manager));
        }
        if asked.python.is_some() && asked.python != self.python {
            return Some(format!("it was made for Python {}, and {} is asked for", show(&self.python), show(&asked.python)));
        }
        if asked.file.is_some() && self.file != asked.file {
            return Some("its environment file has changed".to_owned());
        }
        if let Some(package) = asked.packages.iter().find(|package| !self.packages.contains(package)) {
            return Some(format!("it was made without `{package}`"));
        }
        if asked.pip == Some(true) && self.pip == Some(false) {
            return Some("it was made without pip".to_owned());
        }
        if asked.copy && !self.copy {
            return Some("it was made with links into a shared cache, and copies are asked for".to_owned());
        }
        None
    }
}

/// `3`, `3.11`, `3.11.7`.
pub(crate) fn is_version(text: &str) -> bool {
    let parts: Vec<&str> = text.split('.').collect();
    parts.len() <= 3 && parts.iter().all(|part| !part.is_empty() && part.len() <= 4 && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a full version is one of those that `wanted` means.
pub(crate) fn version_matches(wanted: &str, version: &str) -> bool {
    version == wanted || version.strip_prefix(wanted).is_some_and(|rest| rest.starts_with('.'))
}

/// An absolute path from `here` on.
pub(crate) fn absolute(path: &Path, here: &Path) -> PathBuf {
    here.join(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_versions() {
        assert!(["3", "3.11", "3.11.7"].into_iter().all(is_version));
        assert!(["", "3.", "cp311", ">=3", "3.11.7.1", "py3", "3.x", "latest"].into_iter().all(|text| !is_version(text)));
        assert!(version_matches("3.1", "3.1.4") && !version_matches("3.1", "3.11.7"));
    }

    #[test]
    fn what_differs_is_said() {
        let spec = EnvSpec { manager: Manager::Uv, python: Some("3.11".into()), ..EnvSpec::default() };
        let made = spec.written().unwrap();
        let asked = EnvSpec { python: Some("3.12".into()), ..spec.clone() }.written().unwrap();
        assert_eq!(made.misses(&asked).unwrap(), "it was made for Python 3.11, and 3.12 is asked for");
        let any = EnvSpec { python: None, ..spec }.written().unwrap();
        assert_eq!(made.misses(&any), None);
        assert_ne!(made.hash(), asked.hash());
    }

    #[test]
    fn contradictions_are_told() {
        let uv = EnvSpec { manager: Manager::Uv, file: Some("e.yaml".into()), ..EnvSpec::default() };
        assert_eq!(uv.check().unwrap_err().to_string(), "`uv` does not read environment files");
        let conda = EnvSpec { python: Some("/usr/bin/python3".into()), ..EnvSpec::default() };
        assert!(conda.check().unwrap_err().to_string().contains("not the path"));
        let odd = EnvSpec { python: Some("cp311".into()), manager: Manager::Uv, ..EnvSpec::default() };
        assert_eq!(odd.check().unwrap_err().to_string(), "`cp311` is not a version of Python");
        let option = EnvSpec { packages: vec!["--yes".into()], ..EnvSpec::default() };
        assert!(option.check().is_err());
    }
}
