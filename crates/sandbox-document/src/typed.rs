//! Values to serde structs, with the path of what did not fit.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_path_to_error::Segment;

use crate::path::{KeyPath, Step};
use crate::suggest::did_you_mean;

/// Where a value does not fit its struct, why, and the near miss for an unknown key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Misfit {
    /// The path of the value inside what was given to [`typed`].
    pub path: KeyPath,
    /// What is wrong, beginning with the key's path in backticks.
    pub message: String,
    /// The near miss or the accepted keys.
    pub hint: Option<String>,
    /// The key that is missing, when that is what is wrong.
    pub missing: Option<String>,
}

/// A value as a `T`.
///
/// ```
/// #[derive(serde::Deserialize, Debug)]
/// #[serde(deny_unknown_fields)]
/// struct Split { split_num: u32 }
/// let misfit = sandbox_document::typed::<Split>(&serde_json::json!({"split_nun": 3})).unwrap_err();
/// assert_eq!(misfit.to_string(), "unknown key `split_nun`");
/// assert_eq!(misfit.hint.as_deref(), Some("did you mean `split_num`?"));
/// ```
///
/// # Errors
/// The first key that does not fit.
pub fn typed<T: DeserializeOwned>(value: &Value) -> Result<T, Misfit> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let steps: Vec<Step> = error
            .path()
            .iter()
            .filter_map(|segment| match segment {
                Segment::Seq { index } => Some(Step::Index(*index)),
                Segment::Map { key } => Some(Step::Key(key.clone())),
                Segment::Enum { variant } => Some(Step::Key(variant.clone())),
                Segment::Unknown => None,
            })
            .collect();
        misfit(KeyPath::from(steps), &error.into_inner().to_string())
    })
}

fn misfit(path: KeyPath, cause: &str) -> Misfit {
    let names: Vec<&str> = cause.split('`').skip(1).step_by(2).collect();
    if cause.starts_with("unknown field") {
        let (unknown, known) = names.split_first().map_or(("", &[][..]), |(first, rest)| (*first, rest));
        // serde_path_to_error names the unknown key itself as the last step.
        let message = format!("unknown key `{unknown}`");
        return Misfit { path, message, hint: Some(did_you_mean(unknown, known.iter().copied())), missing: None };
    }
    if cause.starts_with("missing field") {
        let missing = names.first().map_or("", |name| *name);
        let at = path.key(missing);
        return Misfit { path, message: format!("missing key `{at}`"), hint: None, missing: Some(missing.to_owned()) };
    }
    if cause.starts_with("unknown variant") {
        let (unknown, known) = names.split_first().map_or(("", &[][..]), |(first, rest)| (*first, rest));
        let message = format!("`{path}` cannot be `{unknown}`");
        return Misfit { path, message, hint: Some(did_you_mean(unknown, known.iter().copied())), missing: None };
    }
    let message = if path.steps().is_empty() { cause.to_owned() } else { format!("`{path}`: {cause}") };
    Misfit { path, message, hint: None, missing: None }
}
