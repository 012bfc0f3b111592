//! One value or a list of them, as configurations write it.

use serde::{Deserialize, Deserializer};

/// One or several paths of data pools. Each file is a pool of its own; a folder or pattern stands for its files in the order of
/// their names.
pub use sandbox_core::component::Paths;

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
