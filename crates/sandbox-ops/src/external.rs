//! Operators that are programs of the user's: rows in on standard input, answers out on standard output.
//!
//! What such an operator is stands here; starting the program and giving it rows belongs to whoever runs a recipe.

pub mod filter;
pub mod mapper;

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::registry::Parameter;

/// A program that looks at rows.
#[derive(Debug, Clone)]
pub struct External {
    /// The arguments that every operator accepts.
    pub common: Common,
    /// Program and arguments, as they are: no shell.
    pub command: Vec<String>,
    /// How many of it run at once.
    pub workers: usize,
    /// Rows after which a program is ended and started anew; `None` to give it all.
    pub batch_size: Option<usize>,
    /// How long it may take for the next answer.
    pub time_limit: Duration,
    /// Where it runs; `None` for here.
    pub folder: Option<PathBuf>,
    /// What it answers.
    pub answers: Answers,
}

/// What a program answers to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    /// The row as it shall be.
    Rows,
    /// Whether the row is kept.
    Verdicts,
}

/// The answer to one row.
#[derive(Debug, Clone, PartialEq)]
pub enum Answer {
    /// The row as it shall be, as it was written.
    Row,
    /// Whether it is kept, and statistics to go with it.
    Verdict(bool, Map<String, Value>),
}

impl Answers {
    /// Reads a line that a program wrote.
    ///
    /// # Errors
    /// A line that is no answer.
    pub fn read(self, line: &str) -> Result<Answer, OpError> {
        let found = || OpError::Row(format!("the program answered `{}`: expected {}", shortened(line), self.expected()));
        let value: Value = serde_json::from_str(line).map_err(|_| found())?;
        match (self, value) {
            (Self::Rows, Value::Object(_)) => Ok(Answer::Row),
            (Self::Verdicts, Value::Bool(keep)) => Ok(Answer::Verdict(keep, Map::new())),
            (Self::Verdicts, Value::Object(mut map)) => {
                let keep = map.get("keep").and_then(Value::as_bool).ok_or_else(found)?;
                let stats = match map.remove("stats") {
                    Some(Value::Object(stats)) => stats,
                    None => Map::new(),
                    Some(_) => return Err(found()),
                };
                Ok(Answer::Verdict(keep, stats))
            }
            _ => Err(found()),
        }
    }

    fn expected(self) -> &'static str {
        match self {
            Self::Rows => "a row: one JSON object",
            Self::Verdicts => "`true`, `false` or `{\"keep\": true, \"stats\": {}}`",
        }
    }
}

fn shortened(line: &str) -> String {
    if line.chars().count() > 60 { line.chars().take(57).chain("...".chars()).collect() } else { line.to_owned() }
}

/// The parameters of both.
static PARAMETERS: &[Parameter] = &[
    Parameter { name: "command", kind: "list of texts", default: "[]", doc: "Program and arguments; must be given. No shell is involved." },
    Parameter { name: "workers", kind: "whole number from 1 on", default: "1", doc: "How many of the program run at once." },
    Parameter {
        name: "batch_size",
        kind: "whole number or null",
        default: "null",
        doc: "Rows after which the program is ended and started anew; null: it gets all rows.",
    },
    Parameter { name: "timeout", kind: "number", default: "60", doc: "Seconds that the program may take for the next answer." },
    Parameter { name: "cwd", kind: "text or null", default: "null", doc: "Folder in which the program runs; null: the current one." },
];

#[derive(serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    command: Vec<String>,
    workers: std::num::NonZeroUsize,
    batch_size: Option<std::num::NonZeroUsize>,
    timeout: serde_json::Number,
    cwd: Option<PathBuf>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { command: Vec::new(), workers: std::num::NonZeroUsize::MIN, batch_size: None, timeout: 60.into(), cwd: None }
    }
}

impl External {
    fn new(name: &str, parameters: Parameters, common: Common, answers: Answers) -> Result<Self, BuildError> {
        let Parameters { command, workers, batch_size, timeout, cwd } = parameters;
        if command.first().is_none_or(String::is_empty) {
            return Err(BuildError::parameter("command", format!("`{name}` needs `command`"))
                .hint("name the program and its arguments: `command: [python3, score.py]`"));
        }
        let seconds = timeout.as_f64().filter(|seconds| *seconds > 0.0 && *seconds < 1e9);
        let seconds = seconds
            .ok_or_else(|| BuildError::parameter("timeout", format!("`timeout`: expected a number of seconds above 0, got {timeout}")))?;
        Ok(Self {
            common,
            command,
            workers: workers.get(),
            batch_size: batch_size.map(std::num::NonZero::get),
            time_limit: Duration::from_secs_f64(seconds),
            folder: cwd,
            answers,
        })
    }
}
