//! Key paths: the way from a document's root to one of its values.

use std::fmt;
use std::str::FromStr;

/// One step down: into a map by key, or into a list by index.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// A key of a map.
    Key(String),
    /// An index of a list, from 0.
    Index(usize),
}

/// The way from the root to a value, written `process[2].text_length_filter.min_len`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct KeyPath(Vec<Step>);

impl KeyPath {
    /// The path of the root itself.
    pub fn root() -> Self {
        Self::default()
    }

    /// This path and one key more.
    #[must_use]
    pub fn key(&self, key: impl Into<String>) -> Self {
        self.with(Step::Key(key.into()))
    }

    /// This path and one index more.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.with(Step::Index(index))
    }

    /// This path followed by the steps of `rest`.
    #[must_use]
    pub fn join(&self, rest: &KeyPath) -> Self {
        Self(self.0.iter().chain(&rest.0).cloned().collect())
    }

    /// The steps from the root.
    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    fn with(&self, step: Step) -> Self {
        let mut steps = self.0.clone();
        steps.push(step);
        Self(steps)
    }
}

impl From<Vec<Step>> for KeyPath {
    fn from(steps: Vec<Step>) -> Self {
        Self(steps)
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if position == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// Why a text is not a key path.
#[derive(Debug, thiserror::Error)]
#[error("Failed to read key path `{0}`: an index is a number in brackets")]
pub struct BadKeyPath(String);

impl FromStr for KeyPath {
    type Err = BadKeyPath;

    fn from_str(text: &str) -> Result<Self, BadKeyPath> {
        let mut steps = Vec::new();
        for part in text.split('.').filter(|part| !part.is_empty()) {
            let (key, indexes) = part.split_once('[').map_or((part, None), |(key, rest)| (key, Some(rest)));
            if !key.is_empty() {
                steps.push(Step::Key(key.to_owned()));
            }
            for index in indexes.into_iter().flat_map(|rest| rest.split('[')) {
                let number = index.strip_suffix(']').and_then(|digits| digits.parse().ok());
                steps.push(Step::Index(number.ok_or_else(|| BadKeyPath(text.to_owned()))?));
            }
        }
        Ok(Self(steps))
    }
}
