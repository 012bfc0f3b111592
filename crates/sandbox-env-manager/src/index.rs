//! The list of the environments that were made by this user: a file each, in the data folder.
//!
//! It only says where to look. What stands there says for itself what it is, so a list that is lost or old does no harm.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::host::Host;
use crate::manager::Manager;
use crate::spec::EnvSpec;

/// An environment that was made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known {
    /// Its manager.
    pub manager: Manager,
    /// Its name as it was given.
    pub name: String,
    /// Where it was made.
    pub prefix: PathBuf,
}

/// All that were made and still stand, by their paths; entries of those that do not are dropped.
pub fn known(host: &Host) -> Vec<Known> {
    let Some(folder) = folder(host) else { return Vec::new() };
    let mut found = Vec::new();
    for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
        let Ok(bytes) = fs::read(entry.path()) else { continue };
        match serde_json::from_slice::<Known>(&bytes) {
            Ok(known) if known.prefix.symlink_metadata().is_ok() => found.push(known),
            Ok(_) => {
                let _ = fs::remove_file(entry.path());
            }
            // A file that is being written, or somebody else's.
            Err(_) => {}
        }
    }
    found.sort_by(|a, b| a.prefix.cmp(&b.prefix));
    found
}

/// Best effort: the environment is complete without it.
pub(crate) fn add(host: &Host, spec: &EnvSpec, prefix: &Path) {
    let known = Known { manager: spec.manager, name: spec.name.clone(), prefix: prefix.to_owned() };
    if let (Some(path), Ok(bytes)) = (file(host, prefix), serde_json::to_vec(&known)) {
        let _ = path.parent().map(fs::create_dir_all);
        let _ = fs::write(path, bytes);
    }
}

pub(crate) fn remove(host: &Host, prefix: &Path) {
    if let Some(path) = file(host, prefix) {
        let _ = fs::remove_file(path);
    }
}

fn folder(host: &Host) -> Option<PathBuf> {
    Some(host.data()?.join("environments"))
}

fn file(host: &Host, prefix: &Path) -> Option<PathBuf> {
    let key = xxh3_64(prefix.as_os_str().as_encoded_bytes());
    Some(folder(host)?.join(format!("{key:016x}.json")))
}
