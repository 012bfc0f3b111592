//! Why something is no row, or a field not what it should be.

/// Why a row is set aside, in a few words for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RowError {
    /// Bytes that are not UTF-8.
    #[error("invalid UTF-8 at byte {at}")]
    Utf8 {
        /// The first wrong byte, from 1.
        at: usize,
    },
    /// Text that is not JSON.
    #[error("not JSON: {problem} at column {column}")]
    Syntax {
        /// What is wrong or was expected.
        problem: &'static str,
        /// The character at which it is wrong, from 1.
        column: usize,
        /// The text is not wrong, it only ends too early or goes on too long to be one value.
        runs_on: bool,
    },
    /// JSON, but not an object.
    #[error("not an object but {kind}")]
    NotAnObject {
        /// What it is, such as `a list`.
        kind: &'static str,
    },
    /// A field of the wrong kind.
    #[error("field `{name}` is {kind}")]
    Kind {
        /// The field's name.
        name: Box<str>,
        /// What it is, such as `a number`.
        kind: &'static str,
    },
    /// A list without that index.
    #[error("field `{name}` is not in the list")]
    Index {
        /// The field's name.
        name: Box<str>,
    },
    /// A row of 4 GiB or more.
    #[error("longer than 4 GiB")]
    TooLong,
    /// Anything else that is wrong with a row, as the caller of this crate found it.
    #[error("{0}")]
    Other(Box<str>),
}

impl RowError {
    /// A reason of the caller's own.
    pub fn other(reason: impl Into<Box<str>>) -> Self {
        Self::Other(reason.into())
    }
}

/// What a JSON text is, by its first character.
pub(crate) fn kind(json: &str) -> &'static str {
    match json.as_bytes().first() {
        Some(b'"') => "a string",
        Some(b'{') => "an object",
        Some(b'[') => "a list",
        Some(b't' | b'f') => "a boolean",
        Some(b'n') => "null",
        _ => "a number",
    }
}
