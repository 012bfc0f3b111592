//! `InferModelHook`, `type: api`: every row of a data set as a question to a model.

mod config;
mod journal;
mod rows;

use std::path::PathBuf;

use async_trait::async_trait;
use sandbox_core::component::{Component, ComponentError, Entry, Finding, JobContext, JobSettings, Outcome, blocking};
use sandbox_core::hook::{Category, Side};
use sandbox_dataset::resolve;
use serde_json::{Value, json};

pub use config::{Config, KEYS};
pub use rows::{Infer, Inferred};

/// The component that asks an endpoint.
pub const ENTRY: Entry = Entry {
    category: Category::ModelInference,
    type_name: Some("api"),
    summary: "Asks an OpenAI-compatible endpoint for each row, and adds the answer to the row",
    doc: "`extra_configs`: `model`, `dataset_path` (file, directory, glob or a list of them), `export_path` (a folder; the rows of \
          `BASE.jsonl` go to `BASE_inference.jsonl` in it, in their order), `api_endpoint` (an address, or a path below \
          `model_params.base_url` or `OPENAI_BASE_URL`; one that ends in `/completions` without `/chat` gets a prompt), \
          `response_path` (`choices.0.message.content`), `sampling_params` (sent with each question), `build_messages_func` \
          (`build_messages`, `build_messages_for_math_qa`) with `func_kwargs` (`system_key`, `query_key`, `response_key`), or \
          `messages` (a list of `role` and `template` over the row's fields), `parse_output_func` (`parse_output`), \
          `output_pattern` (a regular expression, its group 1), `output_json_path`, `output_number` (the answer must be a number), \
          `infer_res_key` (`response`), `max_concurrency` (8), `requests_per_minute`, `tokens_per_minute`, `timeout_s` (300), \
          `connect_timeout_s` (10), `max_retry_num` (5), `retry_wait_s` (0.5), `api_key_env` (`OPENAI_API_KEY`: the environment \
          variable with the key; a key in the configuration is an error). Answers are kept in a journal beside the output until \
          all are there: a run that was ended goes on where it was. A row that fails for good keeps its error in `infer_error` \
          beside a null answer. Returns the path of the output, a list when there are several.",
    example: "hook: InferModelHook\n\
              meta_name: infer\n\
              extra_configs:\n  \
                type: api\n  \
                model: my-model\n  \
                api_endpoint: http://127.0.0.1:8000/v1/chat/completions\n  \
                dataset_path: data/questions.jsonl\n  \
                export_path: outputs/answers\n\
              output: inference_path\n",
    check,
    build,
};

fn check(settings: &JobSettings) -> Vec<Finding> {
    let mut findings = match settings.preview::<Config>(Side::Extra) {
        Ok(config) => config.map(|config| config.flaws(settings)).unwrap_or_default(),
        Err(findings) => findings,
    };
    findings.extend(settings.unread_keys(Side::Extra, config::KEYS));
    findings
}

fn build(settings: &JobSettings) -> Result<Box<dyn Component>, Vec<Finding>> {
    let config: Config = settings.read(Side::Extra)?;
    let mut findings = config.flaws(settings);
    findings.retain(|finding| finding.problem.is_error());
    if findings.is_empty() { Ok(Box::new(Api { config })) } else { Err(findings) }
}

struct Api {
    config: Config,
}

#[async_trait]
impl Component for Api {
    fn reads(&self) -> Vec<PathBuf> {
        resolve(&self.config.dataset_path.0, &[]).unwrap_or_default()
    }

    async fn run(&self, job: &JobContext) -> Result<Outcome, ComponentError> {
        let infer = Infer::new(&self.config, job)?;
        blocking(move || infer.run()).await.map(Inferred::outcome)
    }
}

impl Inferred {
    /// What the job gives: the path of the output, a list when there are several.
    pub fn outcome(self) -> Outcome {
        let paths: Vec<Value> = self.files.iter().map(|file| file.to_string_lossy().into_owned().into()).collect();
        let value = if let [path] = paths.as_slice() { path.clone() } else { paths.into() };
        let facts = json!({
            "inference_path": value, "rows": self.rows, "asked": self.asked, "resumed": self.resumed,
            "failed": self.failed, "rejected": self.rejected,
        });
        Outcome {
            values: vec![value],
            files: self.files,
            rejected_rows: self.rejected,
            watched: Some(facts.clone()),
            report: Some(json!({"kind": "inference", "inference": facts})),
        }
    }
}
