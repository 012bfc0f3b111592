//! Questions to an MLflow server.

use std::time::Duration;

use serde_json::{Value, json};

use crate::error::InteropError;

const CONNECT: Duration = Duration::from_secs(10);
/// A server under load takes long for a thousand numbers.
const ANSWER: Duration = Duration::from_secs(120);
/// Asked again after these pauses, when the server cannot answer for the moment.
const PAUSES: [Duration; 3] = [Duration::from_millis(300), Duration::from_secs(1), Duration::from_secs(3)];
const LARGEST_ANSWER: u64 = 16 << 20;

/// Who asks, for servers that want to know.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Access {
    /// Nobody in particular.
    #[default]
    Open,
    /// A token.
    Token(String),
    /// A user with a password.
    User(String, String),
}

impl std::fmt::Debug for Access {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Open => "Open",
            Self::Token(_) => "Token(***)",
            Self::User(..) => "User(***)",
        })
    }
}

impl Access {
    /// As MLflow's own client takes it from the environment: `MLFLOW_TRACKING_TOKEN`, or `MLFLOW_TRACKING_USERNAME` and `MLFLOW_TRACKING_PASSWORD`.
    pub fn of_environment() -> Self {
        let variable = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
        match (variable("MLFLOW_TRACKING_USERNAME"), variable("MLFLOW_TRACKING_PASSWORD")) {
            (Some(user), Some(password)) => Self::User(user, password),
            _ => variable("MLFLOW_TRACKING_TOKEN").map_or(Self::Open, Self::Token),
        }
    }

    fn header(&self) -> Option<String> {
        match self {
            Self::Open => None,
            Self::Token(token) => Some(format!("Bearer {token}")),
            Self::User(user, password) => Some(format!("Basic {}", base64(format!("{user}:{password}").as_bytes()))),
        }
    }
}

/// A run that is there already.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) id: String,
    pub(super) tags: Vec<(String, String)>,
}

/// A server.
#[derive(Debug)]
pub(super) struct Client {
    agent: ureq::Agent,
    url: String,
    access: Access,
}

impl Client {
    pub(super) fn new(url: &str, access: Access) -> Self {
        let url = url.trim_end_matches('/');
        let url = if url.contains("://") { url.to_owned() } else { format!("http://{url}") };
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_connect(Some(CONNECT))
            .timeout_global(Some(ANSWER))
            .max_redirects(0)
            .proxy(None)
            .build();
        Self { agent: config.new_agent(), url, access }
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }

    /// The experiment of a name, made when it is missing.
    pub(super) fn experiment(&self, name: &str) -> Result<String, InteropError> {
        let found = self.get("experiments/get-by-name", &[("experiment_name", name)])?;
        let id = |answer: &Value, at: &str| answer.pointer(at).and_then(Value::as_str).map(str::to_owned);
        if let Some(found) = found {
            return id(&found, "/experiment/experiment_id").ok_or_else(|| self.odd("experiments/get-by-name"));
        }
        let made = self.post("experiments/create", &json!({"name": name}))?;
        id(&made, "/experiment_id").ok_or_else(|| self.odd("experiments/create"))
    }

    /// The run of an experiment that has a tag.
    pub(super) fn find(&self, experiment: &str, tag: &str, value: &str) -> Result<Option<Found>, InteropError> {
        let filter = format!("tags.`{tag}` = '{}'", value.replace('\'', "''"));
        let asked = json!({"experiment_ids": [experiment], "filter": filter, "max_results": 1});
        let answer = self.post("runs/search", &asked)?;
        let Some(run) = answer.pointer("/runs/0") else { return Ok(None) };
        let id = run.pointer("/info/run_id").and_then(Value::as_str).ok_or_else(|| self.odd("runs/search"))?;
        let text = |tag: &Value, key: &str| tag.get(key).and_then(Value::as_str).map(str::to_owned);
        let tags = run.pointer("/data/tags").and_then(Value::as_array).into_iter().flatten();
        let tags = tags.filter_map(|tag| Some((text(tag, "key")?, text(tag, "value")?))).collect();
        Ok(Some(Found { id: id.to_owned(), tags }))
    }

    pub(super) fn post(&self, request: &str, value: &Value) -> Result<Value, InteropError> {
        let bytes = value.to_string();
        let answer = self.ask(request, || {
            let mut post = self.agent.post(self.address(request)).content_type("application/json");
            if let Some(header) = self.access.header() {
                post = post.header("Authorization", header);
            }
            post.send(bytes.as_str())
        })?;
        answer.ok_or_else(|| InteropError::Refused {
            request: request.to_owned(),
            status: 404,
            reason: "there is no such thing".to_owned(),
        })
    }

    /// The answer to a question; nothing when what is asked for is not there.
    fn get(&self, request: &str, query: &[(&str, &str)]) -> Result<Option<Value>, InteropError> {
        self.ask(request, || {
            let mut get = self.agent.get(self.address(request)).query_pairs(query.iter().copied());
            if let Some(header) = self.access.header() {
                get = get.header("Authorization", header);
            }
            get.call()
        })
    }

    fn ask(
        &self,
        request: &str,
        send: impl Fn() -> Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<Option<Value>, InteropError> {
        let mut pauses = PAUSES.iter();
        loop {
            let again = match send() {
                Ok(mut response) => {
                    let status = response.status().as_u16();
                    let text = response.body_mut().with_config().limit(LARGEST_ANSWER).read_to_string();
                    let text = text.map_err(|error| self.unreachable(&error.to_string()))?;
                    let answer: Option<Value> = serde_json::from_str(&text).ok();
                    match (status, answer) {
                        (200, Some(answer)) => return Ok(Some(answer)),
                        (200, None) => return Err(self.odd(request)),
                        (404, Some(answer)) if code(&answer) == "RESOURCE_DOES_NOT_EXIST" => return Ok(None),
                        (404, None) => return Err(self.odd(request)),
                        (status, answer) => {
                            let words = answer.as_ref().and_then(|answer| answer.get("message")).and_then(Value::as_str);
                            let reason = words.unwrap_or(&text).chars().take(400).collect();
                            let refused = InteropError::Refused { request: request.to_owned(), status, reason };
                            if !matches!(status, 429 | 502..=504) {
                                return Err(refused);
                            }
                            refused
                        }
                    }
                }
                Err(error) => self.unreachable(&words(&error)),
            };
            match pauses.next() {
                Some(pause) => std::thread::sleep(*pause),
                None => return Err(again),
            }
        }
    }

    fn address(&self, request: &str) -> String {
        format!("{}/api/2.0/mlflow/{request}", self.url)
    }

    /// An answer that no MLflow server gives.
    pub(super) fn odd(&self, request: &str) -> InteropError {
        self.unreachable(&format!("what it answers to `{request}` is none of MLflow's"))
    }

    fn unreachable(&self, reason: &str) -> InteropError {
        InteropError::Unreachable { url: self.url.clone(), reason: reason.to_owned() }
    }
}

fn code(answer: &Value) -> &str {
    answer.get("error_code").and_then(Value::as_str).unwrap_or_default()
}

/// What went wrong, without the library's own words before it.
fn words(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(error) => error.to_string(),
        other => other.to_string(),
    }
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let letter = |bits: u32| LETTERS.get((bits & 63) as usize).map_or('A', |letter| char::from(*letter));
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        text.extend([letter(bits >> 18), letter(bits >> 12)]);
        text.push(if chunk.len() > 1 { letter(bits >> 6) } else { '=' });
        text.push(if chunk.len() > 2 { letter(bits) } else { '=' });
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_4648() {
        let vectors = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("foobar", "Zm9vYmFy")];
        for (bytes, text) in vectors {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
        assert_eq!(format!("{:?}", Access::Token("secret".into())), "Token(***)");
    }
}
