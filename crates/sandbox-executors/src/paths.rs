//! One path or a list of them.

use serde::{Deserialize, Deserializer};

/// A text or a list of texts that name files, directories or globs.
#[derive(Debug, Clone)]
pub(crate) struct Paths(pub(crate) Vec<String>);

impl<'de> Deserialize<'de> for Paths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a path or a list of paths")]
        enum Written {
            One(String),
            Many(Vec<String>),
        }
        Ok(Self(match Written::deserialize(deserializer)? {
            Written::One(path) => vec![path],
            Written::Many(paths) => paths,
        }))
    }
}
