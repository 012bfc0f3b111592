//! Values from outside the file.

use serde_json::Value;

/// One value that replaces what the file says.
#[derive(Debug, Clone, PartialEq)]
pub struct Override {
    /// A top-level key, or a key of a job: `PIPELINE.META_NAME.(dj_configs|extra_configs).KEY[.KEY...]`.
    pub key: String,
    /// The value; numbers and truth values may be texts.
    pub value: Value,
    /// Where it comes from, for messages: `--max_iter_num`, or an environment variable's name.
    pub origin: String,
}

/// Values from flags, the environment or a sweep, the weakest first.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Overrides(Vec<Override>);

impl Overrides {
    /// No overrides.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds one, which wins over all before it.
    pub fn set(&mut self, key: impl Into<String>, value: Value, origin: impl Into<String>) {
        let key = key.into();
        self.0.retain(|earlier| earlier.key != key);
        self.0.push(Override { key, value, origin: origin.into() });
    }

    /// All of them, the weakest first.
    pub fn iter(&self) -> impl Iterator<Item = &Override> {
        self.0.iter()
    }

    pub(super) fn get(&self, key: &str) -> Option<&Override> {
        self.0.iter().find(|one| one.key == key)
    }
}
