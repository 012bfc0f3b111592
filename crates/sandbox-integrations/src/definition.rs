//! What an integration file says.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use indexmap::IndexMap;
use sandbox_core::hook::Hook;
use sandbox_document::{Document, Format, KeyPath, Misfit, Problem};
use sandbox_ingest::Grammar;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::log::Reading;
use crate::template::{self, Templates};

/// An integration: how a framework is run, what it needs, and what it says. Texts are [templates](crate::Templates).
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// The `type` that chooses it.
    #[serde(default)]
    pub name: String,
    /// The hook that calls it, such as `TrainModelHook`.
    #[serde(default)]
    pub hook: String,
    /// What it does, in one line.
    #[serde(default)]
    pub summary: String,
    /// What there is to know about it.
    #[serde(default)]
    pub doc: String,
    /// YAML of a whole job.
    #[serde(default)]
    pub example: String,
    /// Its configuration's keys: dots go into maps.
    #[serde(default)]
    pub parameters: IndexMap<String, Parameter>,
    /// Whether other keys are the framework's own and looked at by nobody here.
    #[serde(default)]
    pub other_keys: bool,
    /// Where it runs.
    #[serde(default)]
    pub environment: EnvironmentPart,
    /// What must stand on this machine before anything is installed.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// What must be true of its values.
    #[serde(default)]
    pub checks: Vec<Check>,
    /// A list: one run for each item.
    #[serde(default)]
    pub for_each: Option<String>,
    /// How many runs at once.
    #[serde(default)]
    pub max_parallel: Option<Value>,
    /// How many GPUs each run gets.
    #[serde(default)]
    pub gpus: Option<Value>,
    /// Files that are written before a run.
    #[serde(default)]
    pub files: Vec<Made>,
    /// Program and arguments, one template each; an argument that is a list stands for all its items.
    #[serde(default)]
    pub command: Vec<Value>,
    /// The folder to run in.
    #[serde(default)]
    pub folder: Option<String>,
    /// Variables on top of ours.
    #[serde(default)]
    pub variables: IndexMap<String, Value>,
    /// What its lines look like.
    #[serde(default)]
    pub log: LogPart,
    /// A JSON or YAML file that each run leaves; `result` in `output` and `outputs`.
    #[serde(default)]
    pub result: Option<String>,
    /// The value of one run: `runs[N].output` in `outputs`.
    #[serde(default)]
    pub output: Option<Value>,
    /// The job's values, in the order of their names.
    #[serde(default)]
    pub outputs: Option<Value>,
    /// Files or folders that must be there after a run.
    #[serde(default)]
    pub success: Vec<String>,
    /// Seconds that a run may take.
    #[serde(default)]
    pub timeout: Option<Value>,
    /// Seconds that a run may say nothing.
    #[serde(default)]
    pub stall_timeout: Option<Value>,
    /// Its command is a server of the OpenAI protocol: it is started, asked about every row as `type: api` does, and ended.
    #[serde(default)]
    pub serve: Option<Serve>,
    /// Files that come with a built-in integration.
    #[serde(skip)]
    pub assets: &'static [(&'static str, &'static str)],
}

/// A server that an integration starts on the port `{{ job.port }}` of this machine.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Serve {
    /// The path that answers with success as soon as the server is ready.
    pub health: String,
    /// What stands before the protocol's routes.
    pub base: String,
    /// Seconds that it may take until it is ready.
    pub start_timeout: Value,
    /// Whether it is asked one question alone first: some load their model with the first, and two at once confuse them.
    pub warm_up: bool,
}

impl Default for Serve {
    fn default() -> Self {
        Self { health: "/health".to_owned(), base: "/v1".to_owned(), start_timeout: json!(600), warm_up: false }
    }
}

/// One key of a configuration.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Parameter {
    /// What its value is.
    #[serde(rename = "type", default)]
    pub kind: Type,
    /// Its value where none is given.
    #[serde(default)]
    pub default: Option<Value>,
    /// Whether a value must be given.
    #[serde(default)]
    pub required: bool,
    /// The values that there are.
    #[serde(default)]
    pub choices: Vec<Value>,
    /// What it is for.
    #[serde(default)]
    pub doc: String,
    /// The result depends on the content of the file.
    #[serde(default)]
    pub reads: bool,
    /// The folder that a relative path starts in, where the program does not run in ours.
    #[serde(default)]
    pub from: Option<String>,
}

impl Parameter {
    /// A list that need not be given.
    pub(crate) fn list() -> Self {
        Self { kind: Type::List, default: None, required: false, choices: Vec::new(), doc: String::new(), reads: false, from: None }
    }

    /// One of its paths as seen from here.
    pub(crate) fn place(&self, path: &str, values: &Value) -> String {
        let folder = self.from.as_ref().and_then(|folder| Templates::new().text(folder, values).ok());
        folder.map_or_else(|| path.to_owned(), |folder| template::joined(path, &folder))
    }
}

/// What a value is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Type {
    /// A text, or a number where a text is meant.
    #[default]
    Text,
    /// The path of a file or folder.
    Path,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A list; one text is a list of one.
    List,
    /// A map.
    Map,
    /// Anything.
    Any,
}

/// Where a framework runs.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EnvironmentPart {
    /// `env_name` where none is given; without either, what PATH finds is run.
    pub name: Option<String>,
    /// `env_manager` where none is given.
    pub manager: Option<String>,
    /// `env_params.env_py_version` where none is given.
    pub python: Option<String>,
    /// Requirements such as `six>=1.16`.
    pub dependencies: Vec<String>,
    /// Requirements files.
    pub requirements: Vec<String>,
    /// Folders of libraries.
    pub libraries: Vec<String>,
    /// Commands that are run in it once.
    pub setup: Vec<Setup>,
}

/// A command of an environment's making.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// Program and arguments.
    pub command: Vec<String>,
    /// The folder to run in.
    #[serde(default)]
    pub folder: Option<String>,
}

/// Something that must stand on this machine.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// Its path; an empty one is not looked for.
    pub path: String,
    /// What to do where it is not.
    pub say: String,
}

/// Something that must be true.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Check {
    /// The expression.
    pub that: String,
    /// What is wrong when it is not.
    pub say: String,
}

/// A file that is written before a run.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Made {
    /// Where.
    pub path: String,
    /// Its text, for a shell: every value is one word.
    pub script: String,
}

/// What lines look like.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LogPart {
    /// A grammar's name or file; `auto` finds out; `none` reads nothing.
    pub grammar: Option<String>,
    /// Regular expressions with named groups, which are metrics; a group `step` is the step.
    pub patterns: Vec<String>,
    /// A whole grammar, as its file has it.
    pub rules: Option<Value>,
}

impl LogPart {
    /// How lines are read.
    ///
    /// # Errors
    /// No such grammar, an expression with faults.
    pub fn reading(&self) -> Result<Reading, Problem> {
        let wrong = |error: sandbox_ingest::GrammarError| {
            let problem = Problem::error(match &error {
                sandbox_ingest::GrammarError::Invalid { message, .. } => message.clone(),
                other => other.to_string(),
            });
            match error.hint() {
                Some(hint) => problem.hint(hint),
                None => problem,
            }
        };
        let rules = match (&self.rules, self.patterns.is_empty()) {
            (Some(rules), _) => rules.clone(),
            (None, false) => json!([{"match": self.patterns, "step_from": "step"}]),
            (None, true) => {
                return match self.grammar.as_deref() {
                    None | Some("auto") => Ok(Reading::Auto),
                    Some("none") => Ok(Reading::Nothing),
                    Some(name) => Grammar::find(name).map(|grammar| Reading::Grammar(Box::new(grammar))).map_err(wrong),
                };
            }
        };
        let text = json!({"name": "log", "rules": rules}).to_string();
        Grammar::parse("log", &text).map(|grammar| Reading::Grammar(Box::new(grammar))).map_err(wrong)
    }
}

impl Definition {
    /// Reads an integration's file.
    ///
    /// # Errors
    /// All that is wrong with it, with file and line.
    pub fn read(path: &Path) -> Result<Self, Vec<Problem>> {
        let document = Document::read(path).map_err(|error| vec![Problem::error(error.to_string())])?;
        Self::of(&document)
    }

    /// Parses an integration's text; `path` names it in messages.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn parse(path: &str, text: &str) -> Result<Self, Vec<Problem>> {
        let document = Document::parse(path, text, Format::Yaml).map_err(|error| vec![Problem::error(error.to_string())])?;
        Self::of(&document)
    }

    fn of(document: &Document) -> Result<Self, Vec<Problem>> {
        let definition: Self = sandbox_document::typed(&document.value).map_err(|misfit| {
            let Misfit { path, message, hint, .. } = misfit;
            let problem = Problem::error(message).at(document.place(&path));
            vec![match hint {
                Some(hint) => problem.hint(hint),
                None => problem,
            }]
        })?;
        let mut problems = Vec::new();
        let mut wrong = |key: &str, problem: Problem| problems.push(problem.at(document.place(&KeyPath::root().key(key))));
        if definition.name.is_empty() {
            wrong("name", Problem::error("an integration needs a `name`: the `type` that chooses it"));
        }
        if let Err(problem) = Hook::named(&definition.hook) {
            wrong("hook", problem);
        }
        definition.faults().into_iter().for_each(|(key, problem)| wrong(key, problem));
        if problems.is_empty() { Ok(definition) } else { Err(problems) }
    }

    /// What is wrong with the parts that `type: command` has too: the keys and what to say.
    pub(crate) fn faults(&self) -> Vec<(&'static str, Problem)> {
        let templates = Templates::new();
        let mut faults = Vec::new();
        if self.command.is_empty() {
            faults.push(("command", Problem::error("`command` is empty").hint("a list: the program and its arguments")));
        }
        if self.serve.is_some() && (self.for_each.is_some() || self.hook != "InferModelHook") {
            faults.push(("serve", Problem::error("`serve` is for one server: for `InferModelHook`, without `for_each`")));
        }
        if let Err(problem) = self.log.reading() {
            faults.push(("log", problem));
        }
        let mut check = |key: &'static str, value: &Value| {
            for text in texts(value) {
                if let Err(error) = templates.check(text) {
                    faults.push((key, Problem::error(error.to_string())));
                }
            }
        };
        self.parameters.values().filter_map(|parameter| parameter.from.as_ref()).for_each(|folder| check("parameters", &json!(folder)));
        self.command.iter().for_each(|word| check("command", word));
        self.variables.values().for_each(|value| check("variables", value));
        self.output.iter().for_each(|value| check("output", value));
        self.outputs.iter().for_each(|value| check("outputs", value));
        self.files.iter().for_each(|file| check("files", &json!([file.path, file.script])));
        let words = [&self.folder, &self.for_each, &self.result].into_iter().flatten().chain(&self.success);
        words.for_each(|word| check("folder", &json!(word)));
        faults
    }

    /// Its reference page.
    pub(crate) fn page(&self) -> String {
        let mut page = self.doc.trim_end().to_owned();
        if !self.parameters.is_empty() {
            page.push_str("\n\nKeys of `extra_configs`:\n");
        }
        if self.serve.is_some() {
            page.push_str("- those of `type: api` but `api_endpoint`: `dj-sandbox list api` shows them\n");
        }
        for (name, parameter) in &self.parameters {
            let kind = format!("{:?}", parameter.kind).to_lowercase();
            let default = match (&parameter.default, parameter.required) {
                (Some(default), _) => format!(", default {default}"),
                (None, true) => ", required".to_owned(),
                (None, false) => String::new(),
            };
            page.push_str(&format!("- `{name}` ({kind}{default}): {}\n", parameter.doc));
        }
        page
    }

    /// Shared by whoever runs it.
    pub(crate) fn shared(self) -> Arc<Self> {
        Arc::new(self)
    }
}

/// All texts in a value.
fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::String(text) => vec![text],
        Value::Array(items) => items.iter().flat_map(texts).collect(),
        Value::Object(map) => map.values().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

/// Variables by name, for messages.
pub(crate) fn sorted(variables: &[(String, String)]) -> BTreeMap<&str, &str> {
    variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}
