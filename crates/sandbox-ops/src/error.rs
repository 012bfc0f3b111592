//! What can go wrong: while an operator is built ([`BuildError`]) and while it works on a row ([`OpError`]).

use sandbox_document::KeyPath;

/// Why a recipe's arguments do not make an operator.
///
/// [`path`](Self::path) is the place inside the operator's arguments, so that whoever holds the recipe can name the line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BuildError {
    /// The parameter, from the operator's arguments downwards; the root when the operator as a whole is meant.
    pub path: KeyPath,
    /// What is wrong: names in backticks, no full stop.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl BuildError {
    /// An error about one parameter.
    pub fn parameter(name: &str, message: impl Into<String>) -> Self {
        Self { path: KeyPath::root().key(name), message: message.into(), hint: None }
    }

    /// With what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

/// Why an operator cannot work on one row. The row is set aside and the run goes on; nothing else is lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpError {
    /// A statistic that came with the row cannot be compared with the bounds.
    #[error("Failed to compare `{key}` with its bounds: expected a number, got {found}")]
    Statistic {
        /// The statistic's key.
        key: String,
        /// What stands there instead, such as `null`.
        found: String,
    },
    /// The row has no text.
    #[error("the text is missing or null")]
    NoText,
    /// The text is longer than the tables of this operator reach.
    #[error("Failed to count repetitions: expected at most {most} bytes of text, got {found}")]
    TooLong {
        /// The most bytes.
        most: usize,
        /// The bytes of this text.
        found: usize,
    },
    /// The user's pattern gave up on this text.
    #[error("Failed to match `{pattern}`: {cause}")]
    Pattern {
        /// The pattern as the recipe has it.
        pattern: String,
        /// Why, such as that the limit of backtracking steps was reached.
        cause: String,
    },
    /// Elements stand in each other so often that what is made of them has no bounds.
    #[error("Failed to list what is nested: more than {most} steps")]
    Nested {
        /// The most steps.
        most: usize,
    },
    /// The tokenizer has no tokens for this text; why, and which tokenizer.
    #[error("{0}")]
    Tokens(String),
    /// Something else that this operator says about this row, such as a file that is no image.
    #[error("{0}")]
    Row(String),
}
