//! The keys of `extra_configs`, and what may be wrong with them.

use std::path::PathBuf;
use std::time::Duration;

use sandbox_core::component::{Finding, JobSettings, Paths};
use sandbox_core::hook::Side;
use sandbox_document::{KeyPath, Problem};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::client::{ClientSettings, is_secret, secret};
use crate::messages::{Build, Builder, Fields, Template};
use crate::parse::Parser;

/// All keys.
pub const KEYS: &[&str] = &[
    "model",
    "model_params",
    "sampling_params",
    "build_messages_func",
    "parse_output_func",
    "func_kwargs",
    "messages",
    "dataset_path",
    "infer_res_key",
    "api_endpoint",
    "response_path",
    "max_retry_num",
    "api_key_env",
    "max_concurrency",
    "requests_per_minute",
    "tokens_per_minute",
    "timeout_s",
    "connect_timeout_s",
    "retry_wait_s",
    "output_pattern",
    "output_json_path",
    "output_number",
];
/// The most questions that may wait at once.
const MOST_CONCURRENCY: usize = 1024;

/// A configuration as it is written.
#[derive(Debug, Clone, Deserialize)]
#[allow(missing_docs)] // the keys are described once, in the entry's `doc`
pub struct Config {
    pub model: String,
    pub dataset_path: Paths,
    pub export_path: PathBuf,
    pub api_endpoint: Option<String>,
    pub response_path: Option<String>,
    #[serde(default)]
    pub model_params: Map<String, Value>,
    #[serde(default)]
    pub sampling_params: Map<String, Value>,
    #[serde(default)]
    pub build_messages_func: Build,
    #[serde(default)]
    pub parse_output_func: ParseFunction,
    #[serde(default)]
    pub func_kwargs: Fields,
    pub messages: Option<Vec<Template>>,
    #[serde(default = "response")]
    pub infer_res_key: String,
    #[serde(default = "key_env")]
    pub api_key_env: String,
    #[serde(default = "eight")]
    pub max_concurrency: usize,
    pub requests_per_minute: Option<f64>,
    pub tokens_per_minute: Option<f64>,
    pub timeout_s: Option<f64>,
    pub connect_timeout_s: Option<f64>,
    pub retry_wait_s: Option<f64>,
    pub max_retry_num: Option<u32>,
    pub output_pattern: Option<String>,
    pub output_json_path: Option<String>,
    #[serde(default)]
    pub output_number: bool,
    #[serde(flatten)]
    pub rest: Map<String, Value>,
}

/// The function that answers go through.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ParseFunction {
    /// The answer as it is.
    #[default]
    ParseOutput,
}

fn response() -> String {
    "response".to_owned()
}

fn key_env() -> String {
    "OPENAI_API_KEY".to_owned()
}

fn eight() -> usize {
    8
}

impl Config {
    /// The client's settings.
    ///
    /// # Errors
    /// The key that is wrong, and why.
    pub fn client(&self) -> Result<ClientSettings, (&'static str, Problem)> {
        let mut client = ClientSettings::written(self.api_endpoint.as_deref(), &self.model_params)?;
        let time = |seconds: Option<f64>, default| seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok()).unwrap_or(default);
        client.api_key_env.clone_from(&self.api_key_env);
        if let Some(path) = &self.response_path {
            client.response_path.clone_from(path);
        }
        client.concurrency = self.max_concurrency;
        (client.requests_per_minute, client.tokens_per_minute) = (self.requests_per_minute, self.tokens_per_minute);
        client.timeout = time(self.timeout_s, client.timeout);
        client.connect_timeout = time(self.connect_timeout_s, client.connect_timeout);
        client.retry_wait = time(self.retry_wait_s, client.retry_wait);
        client.max_retry_num = self.max_retry_num.unwrap_or(client.max_retry_num);
        Ok(client)
    }

    /// What builds the messages.
    ///
    /// # Errors
    /// The template that cannot be read, and why.
    pub fn builder(&self) -> Result<Builder, (usize, String)> {
        match &self.messages {
            Some(templates) => Builder::from_templates(templates),
            None => Ok(Builder::Function(self.build_messages_func, self.func_kwargs.clone())),
        }
    }

    /// What reads the answers.
    ///
    /// # Errors
    /// What is wrong with the pattern.
    pub fn parser(&self) -> Result<Parser, String> {
        let pattern = self.output_pattern.as_deref().map(Parser::compile).transpose()?;
        Ok(Parser { pattern, json_path: self.output_json_path.clone(), number: self.output_number })
    }

    /// All mistakes, but for what earlier jobs will fill.
    pub fn flaws(&self, settings: &JobSettings) -> Vec<Finding> {
        let key = |name: &str| KeyPath::root().key(name);
        let mut problems = self.keys();
        if let Err((name, problem)) = self.client() {
            problems.push((key(name), problem));
        }
        if let Err((index, error)) = self.builder() {
            let name = format!("messages.{index}.template");
            problems.push((key("messages"), Problem::error(format!("`{name}` cannot be read: {error}"))));
        }
        if self.messages.as_ref().is_some_and(Vec::is_empty) {
            problems.push((key("messages"), Problem::error("`messages` holds no message")));
        }
        if let Err(error) = self.parser() {
            problems.push((key("output_pattern"), Problem::error(format!("`output_pattern` is no regular expression: {error}"))));
        }
        let positive = [
            ("requests_per_minute", self.requests_per_minute),
            ("tokens_per_minute", self.tokens_per_minute),
            ("timeout_s", self.timeout_s),
            ("connect_timeout_s", self.connect_timeout_s),
        ];
        for (name, _) in positive.into_iter().filter(|(_, number)| number.is_some_and(|number| !(number > 0.0 && number < 1e9))) {
            problems.push((key(name), Problem::error(format!("`{name}` must be greater than 0"))));
        }
        if self.retry_wait_s.is_some_and(|seconds| !(0.0..1e6).contains(&seconds)) {
            problems.push((key("retry_wait_s"), Problem::error("`retry_wait_s` must be at least 0")));
        }
        if !(1..=MOST_CONCURRENCY).contains(&self.max_concurrency) {
            problems.push((key("max_concurrency"), Problem::error(format!("`max_concurrency` must be from 1 to {MOST_CONCURRENCY}"))));
        }
        let default_key = self.api_key_env == key_env();
        if !default_key && std::env::var_os(&self.api_key_env).is_none_or(|value| value.is_empty()) {
            let problem = Problem::error(format!("the environment variable `{}` with the key is not set", self.api_key_env));
            problems.push((key("api_key_env"), problem));
        }
        let missing = settings.missing(Side::Extra, "dataset_path", &self.dataset_path.0);
        let pending = |path: &KeyPath| settings.is_pending(&format!("extra_configs.{path}"));
        let told = problems.into_iter().filter(|(path, _)| !pending(path)).map(|(path, problem)| Finding::extra(path, problem));
        told.chain(missing).collect()
    }

    /// Keys of endpoints that stand in the configuration, where everybody reads them.
    fn keys(&self) -> Vec<(KeyPath, Problem)> {
        let blocks = [(None, &self.rest), (Some("sampling_params"), &self.sampling_params)];
        let found = blocks.into_iter().flat_map(|(block, map)| map.keys().filter(|name| is_secret(name)).map(move |name| (block, name)));
        found.map(|(block, name)| (block.map_or_else(KeyPath::root, |block| KeyPath::root().key(block)).key(name), secret(name))).collect()
    }
}
