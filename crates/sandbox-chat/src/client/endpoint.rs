//! Where to ask: what users write, as the one address that is asked.

use sandbox_document::Problem;

/// The address of an OpenAI-compatible server's chat or completion route.
///
/// ```
/// use sandbox_chat::client::Endpoint;
/// let url = |written, base| Endpoint::of(written, base).map(|endpoint| endpoint.url().to_owned());
/// assert_eq!(url(Some("http://127.0.0.1:8000"), None).unwrap(), "http://127.0.0.1:8000/v1/chat/completions");
/// assert_eq!(url(Some("/chat/completions"), Some("http://h/v1/")).unwrap(), "http://h/v1/chat/completions");
/// assert!(Endpoint::of(Some("http://user:secret@h/v1"), None).is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint(String);

impl Endpoint {
    /// `written` is an address, or a path below `base`; a server's address alone, or one that ends in `/v1`, means its chat route.
    ///
    /// # Errors
    /// No `http://` or `https://` address; a password in it.
    pub fn of(written: Option<&str>, base: Option<&str>) -> Result<Self, Problem> {
        let base = base.unwrap_or("https://api.openai.com/v1").trim_end_matches('/');
        let whole = match written.map(str::trim) {
            None | Some("") => base.to_owned(),
            Some(path) if path.starts_with('/') => format!("{base}{path}"),
            Some(url) => url.to_owned(),
        };
        let Some((_, rest)) = whole.split_once("://").filter(|(scheme, _)| ["http", "https"].contains(scheme)) else {
            return Err(Problem::error("the endpoint is no address").hint("for example `http://127.0.0.1:8000/v1/chat/completions`"));
        };
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        if host.contains('@') {
            return Err(
                Problem::error("the endpoint holds a name or a password").hint("put the key into the environment, see `api_key_env`")
            );
        }
        if host.is_empty() {
            return Err(Problem::error("the endpoint names no server"));
        }
        let trimmed = whole.trim_end_matches('/');
        Ok(Self(match path.trim_end_matches('/') {
            "" => format!("{trimmed}/v1/chat/completions"),
            path if path == "v1" || path.ends_with("/v1") => format!("{trimmed}/chat/completions"),
            _ => whole,
        }))
    }

    /// The address.
    pub fn url(&self) -> &str {
        &self.0
    }

    /// Whether messages are sent, and not one prompt.
    pub fn is_chat(&self) -> bool {
        !self.0.ends_with("/completions") || self.0.ends_with("/chat/completions")
    }

    /// Where the answer stands unless something else is said.
    pub fn response_path(&self) -> &'static str {
        if self.is_chat() { "choices.0.message.content" } else { "choices.0.text" }
    }

    /// Whether the server is on this machine, where no proxy is asked.
    pub fn is_loopback(&self) -> bool {
        let rest = self.0.split_once("://").map_or("", |(_, rest)| rest);
        let host = rest.split('/').next().unwrap_or("");
        host.starts_with("127.") || host == "localhost" || host.starts_with("localhost:") || host.starts_with("[::1]")
    }
}
