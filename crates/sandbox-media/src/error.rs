//! What can go wrong with one file, and how it is said.

use std::borrow::Cow;
use std::fmt;
use std::io;

/// Why a picture, sound or video cannot be used: its name and the cause.
#[derive(Debug, thiserror::Error)]
#[error("Failed to read `{name}`: {cause}")]
pub struct MediaError {
    /// The path as it was given, or what the bytes were called.
    pub name: String,
    /// The cause.
    pub cause: Cause,
}

/// What is wrong with a file.
#[derive(Debug)]
pub enum Cause {
    /// The system does not give its bytes.
    Io(io::Error),
    /// It is not what it should be: cut off, damaged, or of a kind that is not known here.
    Content(Cow<'static, str>),
}

impl Cause {
    /// The bytes stop before what they promise.
    pub(crate) fn cut_off() -> Self {
        Self::Content(Cow::Borrowed("it ends early"))
    }

    /// Names the file it is about.
    pub(crate) fn about(self, name: impl Into<String>) -> MediaError {
        MediaError { name: name.into(), cause: self }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Io(error) => error.fmt(f),
            Self::Content(text) => f.write_str(text),
        }
    }
}

impl From<io::Error> for Cause {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::UnexpectedEof { Self::cut_off() } else { Self::Io(error) }
    }
}

impl From<&'static str> for Cause {
    fn from(text: &'static str) -> Self {
        Self::Content(Cow::Borrowed(text))
    }
}

impl From<String> for Cause {
    fn from(text: String) -> Self {
        Self::Content(Cow::Owned(text))
    }
}
