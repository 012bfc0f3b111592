//! Why a question has no answer.

/// Why a question has no answer. No variant ever holds the key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// No connection.
    #[error("Failed to reach `{url}`: {cause}")]
    Unreachable {
        /// The address.
        url: String,
        /// Why.
        cause: String,
    },
    /// The connection was cut or broke the protocol.
    #[error("Failed to read the answer of `{url}`: {cause}")]
    Cut {
        /// The address.
        url: String,
        /// Why.
        cause: String,
    },
    /// No answer in time.
    #[error("`{url}` did not answer in time ({cause})")]
    TooSlow {
        /// The address.
        url: String,
        /// Which time it was.
        cause: String,
    },
    /// A status that is no success.
    #[error("`{url}` answered {status}: {message}")]
    Status {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
        /// What the server said.
        message: String,
        /// The variable that a key is read from.
        key_env: String,
    },
    /// A response that is no JSON.
    #[error("`{url}` answered what is no JSON: {excerpt}")]
    NotJson {
        /// The address.
        url: String,
        /// How it begins.
        excerpt: String,
    },
    /// A response without the answer.
    #[error("the response of `{url}` has nothing at `{path}`: {excerpt}")]
    NoAnswer {
        /// The address.
        url: String,
        /// Where the answer was looked for.
        path: String,
        /// How the response begins.
        excerpt: String,
    },
    /// Who asked was stopped.
    #[error("interrupted")]
    Interrupted,
}

impl AskError {
    /// What the HTTP client says, in kinds.
    pub(super) fn broken(url: &str, error: ureq::Error) -> Self {
        let (url, cause) = (url.to_owned(), error.to_string());
        match error {
            ureq::Error::Timeout(_) => Self::TooSlow { url, cause },
            ureq::Error::Io(error) if error.kind() != std::io::ErrorKind::ConnectionRefused => Self::Cut { url, cause },
            ureq::Error::Protocol(_) | ureq::Error::BodyExceedsLimit(_) => Self::Cut { url, cause },
            _ => Self::Unreachable { url, cause },
        }
    }

    /// Whether the same question may be answered a little later.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(status, 408 | 425 | 429) || *status >= 500,
            Self::NoAnswer { .. } | Self::Interrupted => false,
            _ => true,
        }
    }

    /// Whether every other question would fail as well.
    pub fn is_for_all(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Status { status, .. } => matches!(status, 300..=399 | 401 | 403 | 404 | 405),
            _ => false,
        }
    }

    /// What to do about it.
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Unreachable { .. } => Some("is the server running, and is `api_endpoint` its address?".to_owned()),
            Self::Status { status: 401 | 403, key_env, .. } => Some(format!("set the environment variable `{key_env}` to a valid key")),
            Self::Status { status: 300..=399 | 404 | 405, .. } => {
                Some("`api_endpoint` is the whole address, and `model` a name that the server knows".to_owned())
            }
            Self::Status { status: 429, .. } => {
                Some("`requests_per_minute` and `tokens_per_minute` keep within the server's limits".to_owned())
            }
            Self::NoAnswer { .. } => Some("`response_path` says where the answer stands".to_owned()),
            Self::TooSlow { .. } => Some("`timeout_s` gives it more time".to_owned()),
            _ => None,
        }
    }
}
