//! The marker beside an environment and the token in it.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use sandbox_fs::FsError;
use serde::{Deserialize, Serialize};

use super::beside;
use crate::spec::Written;

/// The token's file in an environment.
const TOKEN: &str = ".dj-sandbox-env";

/// What is being done, or was done last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Phase {
    /// It is being made; nothing in the folder counts yet.
    Creating,
    /// It is complete.
    Ready,
    /// It is being removed.
    Removing,
}

/// The content of `.NAME.state`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Marker {
    pub phase: Phase,
    pub token: String,
    pub name: String,
    pub spec: Written,
    pub hash: String,
    /// Who writes it: the process, its mark on what it starts, and the boot that both belong to.
    pub pid: u32,
    pub host_mark: String,
    pub boot: String,
    /// The program that made it, with its version.
    pub tool: Option<(PathBuf, String)>,
    /// The version of its interpreter, when it has one.
    pub python: Option<String>,
    /// Seconds since 1970.
    pub created: u64,
}

impl Marker {
    pub fn creating(name: &str, spec: Written) -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let pid = std::process::id();
        Self {
            phase: Phase::Creating,
            token: format!("{pid:x}-{:x}", now.as_nanos()),
            name: name.to_owned(),
            hash: spec.hash(),
            spec,
            pid,
            host_mark: sandbox_process::tree_mark().to_owned(),
            boot: boot_id(),
            tool: None,
            python: None,
            created: now.as_secs(),
        }
    }

    /// The marker beside an environment; `None` when there is none. One that cannot be understood is an error and not an absence:
    /// what it stands for must not be taken for somebody else's, nor for ours.
    pub fn read(prefix: &Path) -> Result<Option<Self>, FsError> {
        let path = beside(prefix, ".state");
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(FsError::io("read", &path)(error)),
        };
        serde_json::from_slice(&bytes).map(Some).map_err(|error| FsError::io("read", &path)(error.into()))
    }

    /// Writes it, complete or not at all. What announces work is made durable; `ready` need not be: a power cut that takes it back
    /// leaves `creating`, and the environment is made anew.
    pub fn write(&self, prefix: &Path) -> Result<(), FsError> {
        let path = beside(prefix, ".state");
        let bytes = serde_json::to_vec_pretty(self).map_err(|error| FsError::io("write", &path)(error.into()))?;
        if self.phase != Phase::Ready {
            return sandbox_fs::write_atomic(&path, &bytes);
        }
        // Who writes holds the environment's lock, so the name is nobody else's.
        let partial = beside(prefix, ".state.partial");
        fs::write(&partial, bytes).and_then(|()| fs::rename(&partial, &path)).map_err(FsError::io("write", &path))
    }

    /// Whether the folder at `prefix` is the one that this marker means.
    pub fn means(&self, prefix: &Path) -> bool {
        Token::read(prefix).is_some_and(|token| token.token == self.token)
    }

    pub fn remove(prefix: &Path) -> Result<(), FsError> {
        let path = beside(prefix, ".state");
        match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(FsError::io("remove", &path)(error)),
            _ => Ok(()),
        }
    }
}

/// The content of the token's file: which marker belongs to it, and where.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Token {
    pub token: String,
    pub prefix: PathBuf,
}

impl Token {
    pub fn read(prefix: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(prefix.join(TOKEN)).ok()?).ok()
    }

    pub fn write(&self, prefix: &Path) -> Result<(), FsError> {
        let path = prefix.join(TOKEN);
        let write = || File::create(&path)?.write_all(&serde_json::to_vec(self)?);
        write().map_err(FsError::io("write", &path))
    }
}

/// Which boot of the machine this is: after another one, no process of before lives.
pub(crate) fn boot_id() -> String {
    fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default().trim().to_owned()
}
