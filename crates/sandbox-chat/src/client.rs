//! One question to an OpenAI-compatible endpoint, asked until it is answered or has failed for good.

mod endpoint;
mod error;
mod limit;
mod retry;
mod settings;
mod stream;

use std::time::Duration;

use serde_json::{Map, Value};

pub use endpoint::Endpoint;
pub use error::AskError;
pub use settings::{is_secret, secret};

use limit::Bucket;

/// The most bytes of an answer that are read.
const MOST_BYTES: u64 = 64 << 20;

/// How a client behaves.
#[derive(Debug, Clone)]
pub struct ClientSettings {
    /// Where to ask.
    pub endpoint: Endpoint,
    /// The environment variable that holds the key, sent as a bearer token; no token is sent when it is not set.
    pub api_key_env: String,
    /// Where the answer stands in the response, dots between the steps.
    pub response_path: String,
    /// How many questions wait at once; as many connections are kept open.
    pub concurrency: usize,
    /// The most questions in a minute.
    pub requests_per_minute: Option<f64>,
    /// The most tokens in a minute: a quarter of a question's bytes plus its `max_tokens`.
    pub tokens_per_minute: Option<f64>,
    /// The time for one attempt, from the connection to the answer's last byte.
    pub timeout: Duration,
    /// The time for the connection.
    pub connect_timeout: Duration,
    /// How often a question is asked again after an error that may pass.
    pub max_retry_num: u32,
    /// The longest wait before the first repetition; it doubles with each further one.
    pub retry_wait: Duration,
}

impl ClientSettings {
    /// The defaults for an endpoint.
    pub fn new(endpoint: Endpoint) -> Self {
        Self {
            response_path: endpoint.response_path().to_owned(),
            endpoint,
            api_key_env: "OPENAI_API_KEY".to_owned(),
            concurrency: 8,
            requests_per_minute: None,
            tokens_per_minute: None,
            timeout: Duration::from_secs(300),
            connect_timeout: Duration::from_secs(10),
            max_retry_num: 5,
            retry_wait: Duration::from_millis(500),
        }
    }
}

/// A client; many threads may ask through one.
pub struct Client {
    agent: ureq::Agent,
    settings: ClientSettings,
    key: Option<String>,
    requests: Option<Bucket>,
    tokens: Option<Bucket>,
}

impl std::fmt::Debug for Client {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Client").field("settings", &self.settings).field("key", &self.key.as_ref().map(|_| "***")).finish()
    }
}

/// What one attempt came to when it was no answer.
struct Setback {
    error: AskError,
    /// What the server asks to wait.
    wait: Option<Duration>,
}

impl Client {
    /// A client. The key is read from the environment here.
    pub fn new(settings: ClientSettings) -> Self {
        let mut config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .timeout_global(Some(settings.timeout))
            .timeout_connect(Some(settings.connect_timeout))
            .max_idle_connections(settings.concurrency)
            .max_idle_connections_per_host(settings.concurrency)
            .user_agent(concat!("dj-sandbox/", env!("CARGO_PKG_VERSION")));
        if settings.endpoint.is_loopback() {
            config = config.proxy(None);
        }
        let key = std::env::var(&settings.api_key_env).ok().map(|key| key.trim().to_owned()).filter(|key| !key.is_empty());
        Self {
            agent: config.build().into(),
            key,
            requests: settings.requests_per_minute.map(Bucket::per_minute),
            tokens: settings.tokens_per_minute.map(Bucket::per_minute),
            settings,
        }
    }

    /// The body of a question: `messages` for a chat endpoint, their texts joined as `prompt` for a completion endpoint.
    pub fn body(&self, model: &str, messages: &[Value], sampling: &Map<String, Value>) -> Vec<u8> {
        let mut body = Map::new();
        body.insert("model".to_owned(), model.into());
        if self.settings.endpoint.is_chat() {
            body.insert("messages".to_owned(), messages.into());
        } else {
            let texts: Vec<_> = messages.iter().filter_map(|message| message.get("content")?.as_str()).collect();
            body.insert("prompt".to_owned(), texts.join("\n").into());
        }
        body.extend(sampling.iter().map(|(key, value)| (key.clone(), value.clone())));
        Value::Object(body).to_string().into_bytes()
    }

    /// The answer's text. Between attempts, a question is given up as soon as `stop` says so.
    ///
    /// Asked again, up to `max_retry_num` times, after 408, 425, 429, 5xx, a connection that fails or is cut, a timeout, and a
    /// response that is no JSON; with a random wait that doubles, and never before what `Retry-After` says.
    ///
    /// # Errors
    /// The last attempt's.
    pub fn ask(&self, body: &[u8], stop: &dyn Fn() -> bool) -> Result<String, AskError> {
        let mut attempt = 0;
        loop {
            self.admit(body, stop)?;
            let Setback { error, wait } = match self.attempt(body) {
                Ok(answer) => return Ok(answer),
                Err(setback) => setback,
            };
            if !error.may_pass() || attempt == self.settings.max_retry_num {
                return Err(error);
            }
            let pause = retry::pause(self.settings.retry_wait, attempt, wait);
            retry::sleep(pause, stop)?;
            attempt += 1;
        }
    }

    /// Waits until the limits let a question through.
    fn admit(&self, body: &[u8], stop: &dyn Fn() -> bool) -> Result<(), AskError> {
        if let Some(requests) = &self.requests {
            retry::sleep(requests.take(1.0), stop)?;
        }
        if let Some(tokens) = &self.tokens {
            retry::sleep(tokens.take(limit::tokens(body)), stop)?;
        }
        if stop() { Err(AskError::Interrupted) } else { Ok(()) }
    }

    fn attempt(&self, body: &[u8]) -> Result<String, Setback> {
        let url = self.settings.endpoint.url();
        let broken = |error| Setback { error: AskError::broken(url, error), wait: None };
        let mut request = self.agent.post(url).header("content-type", "application/json");
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let mut response = request.send(body).map_err(broken)?;
        let status = response.status().as_u16();
        let wait = response.headers().get("retry-after").and_then(|text| text.to_str().ok()).and_then(retry::after);
        let is_stream = response.headers().get("content-type").is_some_and(|kind| kind.as_bytes().starts_with(b"text/event-stream"));
        let bytes = response.body_mut().with_config().limit(MOST_BYTES).read_to_vec().map_err(broken)?;
        let whole = if is_stream { stream::whole(&bytes) } else { None };
        self.answer(status, whole.as_deref().unwrap_or(&bytes)).map_err(|error| Setback { error, wait })
    }

    fn answer(&self, status: u16, bytes: &[u8]) -> Result<String, AskError> {
        let url = || self.settings.endpoint.url().to_owned();
        if !(200..300).contains(&status) {
            let key_env = self.settings.api_key_env.clone();
            return Err(AskError::Status { url: url(), status, message: self.excerpt(bytes), key_env });
        }
        let response: Value = serde_json::from_slice(bytes).map_err(|_| AskError::NotJson { url: url(), excerpt: self.excerpt(bytes) })?;
        match crate::parse::lookup(&response, &self.settings.response_path) {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(Value::Null) | None => {
                Err(AskError::NoAnswer { url: url(), path: self.settings.response_path.clone(), excerpt: self.excerpt(bytes) })
            }
            Some(other) => Ok(other.to_string()),
        }
    }

    /// The beginning of a response for people, without the key should the server have repeated it.
    fn excerpt(&self, bytes: &[u8]) -> String {
        let message = serde_json::from_slice::<Value>(bytes).ok();
        let message = message.as_ref().and_then(|value| crate::parse::lookup(value, "error.message")?.as_str());
        let text = message.map_or_else(|| String::from_utf8_lossy(bytes.get(..4096).unwrap_or(bytes)).into_owned(), str::to_owned);
        let text = match &self.key {
            Some(key) => text.replace(key.as_str(), "***"),
            None => text,
        };
        let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(200).collect();
        if text.is_empty() { "nothing".to_owned() } else { text }
    }
}
