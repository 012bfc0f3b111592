//! What many components need: paths as configurations write them, and work off the threads that wait.

use serde::{Deserialize, Deserializer, Serialize};

use crate::component::ComponentError;

/// One path or a list of them: files, folders or patterns such as `pools/*.jsonl`.
///
/// ```
/// use sandbox_core::component::Paths;
/// assert_eq!(serde_json::from_str::<Paths>("\"a.jsonl\"")?, Paths(vec!["a.jsonl".into()]));
/// assert_eq!(serde_json::from_str::<Paths>("[\"a.jsonl\", \"b\"]")?.0.len(), 2);
/// # Ok::<(), serde_json::Error>(())
/// ```
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

/// Runs work that computes for long on a thread of its own kind; a panic in it is the job's failure and not the program's.
///
/// # Errors
/// What `work` returns, or that it panicked.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, ComponentError> + Send + 'static) -> Result<T, ComponentError> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result,
        Err(error) => {
            Err(ComponentError::caused("Failed to finish: an internal error", error)
                .hint("please report this with the input that led to it"))
        }
    }
}
