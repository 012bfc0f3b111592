//! Things with a content: datasets, recipes, models, scores.

use serde::{Deserialize, Serialize};

use crate::journal::record::ArtifactRow;

/// Something with a content. Two of a kind with the same digest are the same, whatever they are called.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Artifact {
    /// What it is: `dataset`, `recipe`, `model`, `score`, `file`.
    pub kind: String,
    /// The digest of its content.
    pub digest: String,
    /// What it is called, such as its path.
    pub name: String,
    /// Its size.
    pub bytes: Option<u64>,
}

impl From<Artifact> for ArtifactRow {
    fn from(artifact: Artifact) -> Self {
        Self { kind: artifact.kind, digest: artifact.digest, name: artifact.name, bytes: artifact.bytes }
    }
}
