//! What users write about an endpoint, as a client's settings.

use std::time::Duration;

use sandbox_document::{Problem, did_you_mean};
use serde_json::{Map, Value};

use super::{ClientSettings, Endpoint};

/// The parameters of the original's client that mean something here.
const PARAMETERS: [&str; 3] = ["base_url", "timeout", "max_retries"];
/// The environment variable with the address that paths are below.
const BASE: &str = "OPENAI_BASE_URL";

impl ClientSettings {
    /// Settings from a configuration's `api_endpoint` and `model_params`, with the base address of the environment.
    ///
    /// # Errors
    /// The key that is wrong, and why: an address that is none, a parameter that means nothing to an endpoint, a secret.
    pub fn written(api_endpoint: Option<&str>, model_params: &Map<String, Value>) -> Result<Self, (&'static str, Problem)> {
        if let Some(name) = model_params.keys().find(|name| is_secret(name)) {
            return Err(("model_params", secret(name)));
        }
        if let Some(name) = model_params.keys().find(|name| !PARAMETERS.contains(&name.as_str())) {
            let problem = Problem::error(format!("`model_params.{name}` means nothing to an endpoint"));
            return Err(("model_params", problem.hint(did_you_mean(name, PARAMETERS))));
        }
        let of_env = std::env::var(BASE).ok().filter(|url| !url.is_empty());
        let base = model_params.get("base_url").and_then(Value::as_str).or(of_env.as_deref());
        let mut settings = Self::new(Endpoint::of(api_endpoint, base).map_err(|problem| ("api_endpoint", problem))?);
        let wrong = |name: &str, wanted: &str| ("model_params", Problem::error(format!("`model_params.{name}` is not {wanted}")));
        if let Some(timeout) = model_params.get("timeout").filter(|timeout| !timeout.is_null()) {
            let seconds = timeout.as_f64().filter(|seconds| *seconds > 0.0 && *seconds < 1e9);
            settings.timeout = Duration::from_secs_f64(seconds.ok_or_else(|| wrong("timeout", "a number of seconds above 0"))?);
        }
        if let Some(retries) = model_params.get("max_retries").filter(|retries| !retries.is_null()) {
            let number = retries.as_u64().and_then(|number| u32::try_from(number).ok());
            settings.max_retry_num = number.ok_or_else(|| wrong("max_retries", "a whole number"))?;
        }
        Ok(settings)
    }
}

/// Whether a key's name says that its value is a secret.
pub fn is_secret(name: &str) -> bool {
    ["api_key", "api-key", "key", "token", "openai_api_key", "authorization"].contains(&name.to_lowercase().as_str())
}

/// What to say about a secret that stands in a configuration.
pub fn secret(name: &str) -> Problem {
    Problem::error(format!("`{name}` stands in the configuration, where keys must not be"))
        .hint("put the key into the environment variable `OPENAI_API_KEY`, or name another with `api_key_env`")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parameters_are_read_and_others_refused() {
        let written = |params: Value| ClientSettings::written(Some("/chat/completions"), params.as_object().unwrap());
        let settings = written(json!({"base_url": "http://h/v1", "timeout": 2.5, "max_retries": 1})).unwrap();
        assert_eq!(settings.endpoint.url(), "http://h/v1/chat/completions");
        assert_eq!((settings.timeout, settings.max_retry_num), (Duration::from_millis(2500), 1));
        for (params, part) in [
            (json!({"base_url": "http://h", "api_key": "sk"}), "must not be"),
            (json!({"bse_url": "http://h"}), "means nothing"),
            (json!({"timeout": 0}), "above 0"),
            (json!({"max_retries": -1}), "whole number"),
        ] {
            let (key, problem) = written(params).unwrap_err();
            assert!(key == "model_params" && problem.message.contains(part), "{}", problem.message);
            assert!(!problem.message.contains("sk"));
        }
    }
}
