//! The six managers and what they have in common.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::error::EnvError;

/// A program that makes Python environments.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Manager {
    /// conda, which users of the original get when they name none.
    #[default]
    Conda,
    /// mamba, of either generation.
    Mamba,
    /// micromamba, one file without Python.
    Micromamba,
    /// The module `venv` of an interpreter.
    Venv,
    /// virtualenv.
    Virtualenv,
    /// uv.
    Uv,
}

/// Two ways to make an environment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Packages of channels, an interpreter among them.
    Conda,
    /// A folder beside an interpreter that is there already.
    Venv,
}

impl Manager {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Conda, Self::Mamba, Self::Micromamba, Self::Venv, Self::Virtualenv, Self::Uv];

    /// Its name, as configurations write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Conda => "conda",
            Self::Mamba => "mamba",
            Self::Micromamba => "micromamba",
            Self::Venv => "venv",
            Self::Virtualenv => "virtualenv",
            Self::Uv => "uv",
        }
    }

    /// Which way it makes environments.
    pub fn family(self) -> Family {
        match self {
            Self::Conda | Self::Mamba | Self::Micromamba => Family::Conda,
            Self::Venv | Self::Virtualenv | Self::Uv => Family::Venv,
        }
    }

    /// How to install it.
    pub fn how_to_install(self) -> &'static str {
        match self {
            Self::Conda => "install Miniforge or Miniconda, or name another manager: `uv` comes with `pip install uv`",
            Self::Mamba => "install Miniforge, which has it, or name another manager: `uv` comes with `pip install uv`",
            Self::Micromamba => "micromamba is one file: put it into a folder of PATH, or name its path with `tool`",
            Self::Venv => "install Python 3 with its module `venv` (on Debian and Ubuntu: `apt install python3-venv`)",
            Self::Virtualenv => "`pip install virtualenv`",
            Self::Uv => "`pip install uv`",
        }
    }
}

impl fmt::Display for Manager {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Manager {
    type Err = EnvError;

    fn from_str(name: &str) -> Result<Self, EnvError> {
        let found = Self::ALL.into_iter().find(|manager| manager.name() == name.trim().to_ascii_lowercase());
        found.ok_or_else(|| EnvError::UnknownManager {
            name: name.to_owned(),
            hint: sandbox_document::did_you_mean(name, Self::ALL.map(Self::name)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_near_miss_is_offered() {
        assert_eq!("uv".parse::<Manager>().unwrap(), Manager::Uv);
        assert_eq!("Conda".parse::<Manager>().unwrap(), Manager::Conda);
        let error = "virtulenv".parse::<Manager>().unwrap_err();
        assert_eq!(error.to_string(), "unknown environment manager `virtulenv`");
        assert_eq!(error.hint().unwrap(), "did you mean `virtualenv`?");
    }
}
