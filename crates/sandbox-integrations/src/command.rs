//! `type: command`: any program, described in the job itself.

use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;
use sandbox_core::component::{Built, Finding, JobSettings, Kind};
use sandbox_core::hook::{Category, Side};
use sandbox_document::{KeyPath, Problem};
use serde::Deserialize;
use serde_json::Value;

use crate::definition::{Definition, LogPart};
use crate::kind;

const DOC: &str = "Runs a program and follows what it prints. `extra_configs`:
- `command` (required): a list, the program and its arguments; each may be a template over the other keys, such as `{{ train_dataset }}`
- `cwd`: the folder to run in
- `env`: variables on top of ours
- `env_name`, `env_manager`, `env_params`: the Python environment to run in; `dependencies`: what is installed there once
- `log_patterns`: regular expressions with named groups, which are metrics; a group `step` is the step
- `grammar`: `auto`, a name of `dj-sandbox list grammars`, or a file, in place of `log_patterns`
- `outputs`: a list or map of templates; `metrics.NAME` is a metric's last value, `result` what the program wrote as JSON to the file \
  `{{ job.result_file }}`
- `expect_files`: files or folders that must be there afterwards
- `timeout`, `stall_timeout`: seconds that it may run, and say nothing
- `gpus`: how many it gets through CUDA_VISIBLE_DEVICES; `for_each`, `max_parallel`: one run for each item of a list, `{{ item }}`
- `reads`: files whose content the result depends on

Any other key is a value for the templates.";

/// `type: command` under one hook.
#[derive(Debug)]
pub struct CommandKind {
    /// The hook's category.
    pub category: Category,
    /// YAML of a whole job.
    pub example: String,
}

/// The keys.
#[derive(Debug, Deserialize)]
struct Config {
    command: Vec<Value>,
    cwd: Option<String>,
    #[serde(default)]
    env: IndexMap<String, Value>,
    #[serde(default)]
    dependencies: Vec<String>,
    #[serde(default)]
    log_patterns: Vec<String>,
    grammar: Option<String>,
    outputs: Option<Value>,
    #[serde(default)]
    expect_files: Vec<String>,
    timeout: Option<Value>,
    stall_timeout: Option<Value>,
    gpus: Option<Value>,
    for_each: Option<Value>,
    max_parallel: Option<Value>,
    #[serde(default)]
    reads: Vec<String>,
}

impl CommandKind {
    /// Under the hook of a category.
    pub fn new(category: Category) -> Self {
        let hook = category.hook().name;
        let example = format!(
            "hook: {hook}\nmeta_name: {}\nextra_configs:\n  type: command\n  command: [python, train.py, --data, data/train.jsonl]\n  \
             log_patterns: ['step (?<step>\\d+) loss (?<loss>\\S+)']\n  outputs: ['{{{{ metrics.loss }}}}']\noutput: [last_loss]\n",
            category.name()
        );
        Self { category, example }
    }
}

impl Kind for CommandKind {
    fn category(&self) -> Category {
        self.category
    }

    fn type_name(&self) -> Option<&str> {
        Some("command")
    }

    fn summary(&self) -> &str {
        "Runs any program, its output followed for metrics"
    }

    fn doc(&self) -> &str {
        DOC
    }

    fn example(&self) -> &str {
        &self.example
    }

    fn check(&self, settings: &JobSettings) -> Vec<Finding> {
        match definition(settings) {
            Ok(Some(definition)) => kind::work(&definition, settings).1,
            Ok(None) => Vec::new(),
            Err(findings) => findings,
        }
    }

    fn build(&self, settings: &JobSettings) -> Built {
        let Some(definition) = definition(settings)? else { return Err(Vec::new()) };
        match kind::work(&definition, settings) {
            (Some(work), findings) if !findings.iter().any(|finding| finding.problem.is_error()) => Ok(Box::new(work)),
            (_, findings) => Err(findings),
        }
    }

    fn commands(&self, settings: &JobSettings, work_dir: &Path, pipeline: &str, name: &str) -> Result<Vec<String>, String> {
        match definition(settings) {
            Ok(Some(definition)) => kind::commands(&definition, settings, work_dir, pipeline, name),
            Ok(None) => Err("its configuration comes from an earlier job".to_owned()),
            Err(findings) => Err(findings.into_iter().map(|finding| finding.problem.message).collect::<Vec<_>>().join("; ")),
        }
    }
}

fn definition(settings: &JobSettings) -> Result<Option<Arc<Definition>>, Vec<Finding>> {
    let key = |key: &str| KeyPath::root().key(key);
    if let Some(Value::String(text)) = settings.get("extra_configs.command") {
        let words: Vec<&str> = text.split_whitespace().collect();
        let problem = Problem::error("`command` is a text, and no shell reads it").hint(format!("a list of words: [{}]", words.join(", ")));
        return Err(vec![Finding::extra(key("command"), problem)]);
    }
    let Some(config) = settings.preview::<Config>(Side::Extra)? else { return Ok(None) };
    let mut definition = Definition {
        name: "command".to_owned(),
        other_keys: true,
        command: config.command,
        folder: config.cwd,
        variables: config.env,
        log: LogPart { grammar: config.grammar, patterns: config.log_patterns, rules: None },
        outputs: config.outputs,
        success: config.expect_files,
        timeout: config.timeout,
        stall_timeout: config.stall_timeout,
        gpus: config.gpus,
        for_each: config.for_each.map(|_| "{{ for_each }}".to_owned()),
        max_parallel: config.max_parallel,
        ..Definition::default()
    };
    definition.environment.dependencies = config.dependencies;
    if !config.reads.is_empty() {
        let reads = crate::definition::Parameter { reads: true, ..crate::definition::Parameter::list() };
        definition.parameters.insert("reads".to_owned(), reads);
    }
    let faults: Vec<Finding> = definition
        .faults()
        .into_iter()
        .map(|(fault, problem)| {
            let named = match fault {
                "log" if definition.log.patterns.is_empty() => "grammar",
                "log" => "log_patterns",
                "folder" => "cwd",
                "variables" => "env",
                other => other,
            };
            Finding::extra(key(named), problem)
        })
        .collect();
    if faults.is_empty() { Ok(Some(Arc::new(definition))) } else { Err(faults) }
}
