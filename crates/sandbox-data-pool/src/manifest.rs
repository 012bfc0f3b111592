//! `pools.json`: what the pools beside it are and where they come from.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::error::PoolError;

/// The manifest's file name.
pub const MANIFEST: &str = "pools.json";

/// What is known of one pool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pool {
    /// The file: in a manifest its name beside the manifest, in a result its path.
    pub path: PathBuf,
    /// Rows in it.
    pub rows: u64,
    /// Its size.
    pub bytes: u64,
    /// What made it: `construction`, `combination`, `duplication`, `downsampling`, `merging` or `cartesian_join`.
    pub operation: String,
    /// What it was made of, in order.
    pub parents: Vec<Parent>,
    /// The seed of what was random in it.
    pub seed: Option<u64>,
    /// More about how it was made, such as the statistic and the part.
    #[serde(default)]
    pub details: Map<String, Value>,
}

/// A pool that another one was made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Parent {
    /// The file, as it was named.
    pub path: PathBuf,
    /// How many rows it had.
    pub rows: u64,
}

/// A whole manifest.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// The form of the file.
    pub version: u32,
    /// The pools beside it, in the order in which they were made.
    pub pools: Vec<Pool>,
}

impl Manifest {
    /// The manifest in a folder; an empty one when there is none, or none that can be read.
    pub fn read(folder: &Path) -> Self {
        let read = fs::read(folder.join(MANIFEST)).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        read.unwrap_or(Self { version: 1, pools: Vec::new() })
    }

    /// Adds pools to the manifest of a folder: those of the same names go, as do those whose files are gone. It is written in
    /// `hidden` and then moved.
    pub(crate) fn add(folder: &Path, pools: Vec<Pool>, hidden: &Path) -> Result<PathBuf, PoolError> {
        let mut manifest = Self::read(folder);
        manifest.version = 1;
        manifest.pools.retain(|old| pools.iter().all(|new| new.path != old.path) && folder.join(&old.path).is_file());
        manifest.pools.extend(pools);
        let path = folder.join(MANIFEST);
        let mut bytes = serde_json::to_vec_pretty(&manifest).map_err(|error| PoolError::write(&path)(error.into()))?;
        bytes.push(b'\n');
        let made = hidden.join(MANIFEST);
        fs::write(&made, &bytes).and_then(|()| fs::rename(&made, &path)).map_err(PoolError::write(&path))?;
        Ok(path)
    }
}

/// Whether a file is what a manipulation leaves beside pools, and no pool itself.
pub(crate) fn is_by_product(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    name == MANIFEST || name.ends_with("_rejected.jsonl")
}
