//! One path or a list of them, as configurations write it.

use serde::{Deserialize, Deserializer, Serialize};

/// One or several paths of data pools: files, folders, or patterns such as `pools/*.jsonl`.
///
/// Each file is a pool of its own; a folder or pattern stands for its files in the order of their names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Paths(pub Vec<String>);

impl<T: Into<String>> From<T> for Paths {
    fn from(path: T) -> Self {
        Self(vec![path.into()])
    }
}

impl<T: Into<String>> FromIterator<T> for Paths {
    fn from_iter<I: IntoIterator<Item = T>>(paths: I) -> Self {
        Self(paths.into_iter().map(Into::into).collect())
    }
}

impl<'de> Deserialize<'de> for Paths {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a path or a list of paths")]
        enum Written {
            One(String),
            Many(Vec<String>),
        }
        Ok(match Written::deserialize(deserializer)? {
            Written::One(path) => path.into(),
            Written::Many(paths) => Self(paths),
        })
    }
}

/// One value or a list of them: a job's output of one element is handed on without its list.
pub(crate) fn one_or_many<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<T>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a value or a list of values")]
    enum Written<T> {
        Many(Vec<T>),
        One(T),
    }
    Ok(match Written::deserialize(deserializer)? {
        Written::One(value) => vec![value],
        Written::Many(values) => values,
    })
}
