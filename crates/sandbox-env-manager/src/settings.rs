//! The keys of a job's configuration that say where its third-party code runs: `env_name`, `env_manager`, `env_params`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::env::Env;
use crate::error::EnvError;
use crate::host::Host;
use crate::manager::{Family, Manager};
use crate::sources::Sources;
use crate::spec::EnvSpec;

/// The interpreter that conda environments of the original have when nothing else is said.
const DEFAULT_CONDA_PYTHON: &str = "3.10";

/// `env_name`, `env_manager`, `env_params`, as a part of a component's settings (`#[serde(flatten)]`) or alone.
///
/// ```
/// use sandbox_env_manager::{EnvSettings, Manager};
/// let settings: EnvSettings =
///     serde_json::from_str(r#"{"env_name": "envs/train", "env_manager": "uv", "env_params": {"env_py_version": "3.11"}}"#)?;
/// assert_eq!(settings.env_manager, Manager::Uv);
/// assert_eq!(settings.spec()?.python.as_deref(), Some("3.11"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EnvSettings {
    /// The environment's name (conda, mamba, micromamba) or path (venv, virtualenv, uv).
    #[serde(default)]
    pub env_name: Option<String>,
    /// `conda`, `mamba`, `micromamba`, `venv`, `virtualenv` or `uv`; conda without.
    #[serde(default)]
    pub env_manager: Manager,
    /// More about it.
    #[serde(default)]
    pub env_params: EnvParams,
}

/// `env_params`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EnvParams {
    /// An environment file, for conda, mamba and micromamba; the version of Python is then the file's.
    pub env_config_path: Option<PathBuf>,
    /// The version of Python.
    #[serde(deserialize_with = "version")]
    pub env_py_version: Option<String>,
    /// The manager's program, when it is not on PATH.
    pub tool: Option<PathBuf>,
    /// Where packages come from.
    pub sources: Sources,
    /// Copies in place of links to a shared cache.
    pub copy: bool,
}

impl EnvSettings {
    /// What is asked for.
    ///
    /// # Errors
    /// No name.
    pub fn spec(&self) -> Result<EnvSpec, EnvError> {
        let name = self.env_name.clone().filter(|name| !name.is_empty()).ok_or_else(|| EnvError::BadSpec {
            reason: "`env_name` is missing".to_owned(),
            hint: "give the name or path of the environment".to_owned(),
        })?;
        let file = self.env_params.env_config_path.clone();
        let is_conda = self.env_manager.family() == Family::Conda;
        let default = (is_conda && file.is_none()).then(|| DEFAULT_CONDA_PYTHON.to_owned());
        let python = self.env_params.env_py_version.clone().filter(|_| file.is_none()).or(default);
        Ok(EnvSpec { manager: self.env_manager, name, python, file, copy: self.env_params.copy, ..EnvSpec::default() })
    }

    /// The environment, in these surroundings.
    ///
    /// # Errors
    /// No name, or one that cannot be one.
    pub fn open(&self, mut host: Host) -> Result<Box<dyn Env>, EnvError> {
        host.tool = self.env_params.tool.clone().or(host.tool);
        if self.env_params.sources != Sources::default() {
            host.sources = self.env_params.sources.clone();
        }
        crate::open(self.spec()?, host)
    }
}

/// `3.10` in YAML is the number 3.1, so a number says which version is meant only where no version of two digits looks like it: `3.9`
/// does.
fn version<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "a version of Python")]
    enum Given {
        Text(String),
        Whole(u32),
        Number(f64),
    }
    match Option::<Given>::deserialize(deserializer)? {
        None => Ok(None),
        Some(Given::Text(text)) => Ok(Some(text)),
        Some(Given::Whole(number)) => Ok(Some(number.to_string())),
        Some(Given::Number(number)) if number.to_string().split_once('.').is_some_and(|(_, minor)| minor.len() > 1 || minor > "4") => {
            Ok(Some(number.to_string()))
        }
        Some(Given::Number(number)) => Err(serde::de::Error::custom(format!(
            "`{number}` is a number, and 3.10 would be 3.1: write the version in quotes, such as \"3.11\""
        ))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_keys_of_the_original_are_read() {
        let settings: EnvSettings = serde_json::from_value(json!({"env_name": "train"})).unwrap();
        let spec = settings.spec().unwrap();
        assert_eq!((spec.manager, spec.python.as_deref()), (Manager::Conda, Some("3.10")));
        let file = json!({"env_name": "t", "env_manager": "mamba", "env_params": {"env_config_path": "e.yaml", "env_py_version": "3.9"}});
        let spec = serde_json::from_value::<EnvSettings>(file).unwrap().spec().unwrap();
        assert_eq!((spec.python, spec.file), (None, Some(PathBuf::from("e.yaml"))));
    }

    #[test]
    fn what_is_wrong_is_told() {
        let read = |value| serde_json::from_value::<EnvSettings>(value).map_err(|error| error.to_string());
        assert!(read(json!({"env_name": "t", "env_manager": "poetry"})).unwrap_err().contains("poetry"));
        for unclear in [3.1, 3.2, 3.0] {
            assert!(read(json!({"env_name": "t", "env_params": {"env_py_version": unclear}})).unwrap_err().contains("in quotes"));
        }
        for (clear, meant) in [(json!(3.9), "3.9"), (json!(3.11), "3.11"), (json!(3), "3"), (json!("3.10"), "3.10")] {
            let settings = read(json!({"env_name": "t", "env_params": {"env_py_version": clear}})).unwrap();
            assert_eq!(settings.env_params.env_py_version.as_deref(), Some(meant));
        }
        assert!(read(json!({"env_name": "t", "env_params": {"python": "3"}})).unwrap_err().contains("unknown field `python`"));
        assert_eq!(read(json!({})).unwrap().spec().unwrap_err().to_string(), "`env_name` is missing");
    }
}
