//! What kind of n-gram model to train.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::error::LmError;

/// What an n-gram is made of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Bytes: interpolated Witten-Bell. Nothing is unknown to it; the faster one, and the default.
    #[default]
    Bytes,
    /// Words, as [`tokens`](crate::ngram::tokens) finds them: interpolated modified Kneser-Ney.
    Words,
}

impl Unit {
    /// The highest order: 7 for bytes (windows of 9-bit symbols in 64 bits), 5 for words (25-bit symbols in 128 bits).
    pub const fn max_order(self) -> usize {
        match self {
            Unit::Bytes => 7,
            Unit::Words => 5,
        }
    }
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unit::Bytes => "bytes",
            Unit::Words => "words",
        })
    }
}

/// The settings of an n-gram model.
///
/// ```
/// use sandbox_lm::ngram::{NgramSettings, Unit};
/// let settings: NgramSettings = serde_json::from_str(r#"{"unit": "words"}"#)?;
/// assert_eq!(settings, NgramSettings { unit: Unit::Words, order: 5 });
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NgramSettings {
    /// What the model predicts; bytes by default.
    pub unit: Unit,
    /// The length of the longest n-gram: a symbol is predicted from at most `order - 1` before it. 5 by default; at most 7 for
    /// bytes, 5 for words.
    pub order: usize,
}

impl Default for NgramSettings {
    fn default() -> Self {
        Self { unit: Unit::Bytes, order: 5 }
    }
}

impl NgramSettings {
    /// Checks the order against the unit.
    ///
    /// # Errors
    /// [`LmError::Order`] for an order of 0 or above [`Unit::max_order`].
    pub fn check(&self) -> Result<(), LmError> {
        if (1..=self.unit.max_order()).contains(&self.order) {
            return Ok(());
        }
        Err(LmError::Order { unit: self.unit, order: self.order })
    }
}
