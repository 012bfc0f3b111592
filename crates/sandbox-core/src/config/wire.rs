//! Pipelines and jobs as they are written.

use sandbox_document::{KeyPath, Place};
use serde_json::Value;

use crate::hook::JobList;

/// One pipeline.
#[derive(Debug, Clone, PartialEq)]
pub struct PipelineConfig {
    /// Its name.
    pub name: String,
    /// Its jobs in the order in which they run: list by list.
    pub jobs: Vec<JobConfig>,
}

/// One job.
#[derive(Debug, Clone, PartialEq)]
pub struct JobConfig {
    /// The list in which it stands.
    pub list: JobList,
    /// Its index in the list.
    pub index: usize,
    /// `hook`; `None` when it is missing, which is reported.
    pub hook: Option<String>,
    /// `meta_name`
    pub meta_name: String,
    /// `dj_configs`: a path, a map, or null.
    pub dj_configs: Value,
    /// `extra_configs`: a path, a map, or null.
    pub extra_configs: Value,
    /// `input`: left-hand side to reference.
    pub input: Vec<(String, String)>,
    /// `output`; `None` names the outputs by their index.
    pub output: Option<Vec<String>>,
    /// `local`: left-hand side to value.
    pub local: Vec<(String, Value)>,
    /// Left-hand sides with values from outside the file; they win over `local`.
    pub overridden: Vec<(String, Value)>,
    /// Where it stands in the document.
    pub path: KeyPath,
    /// The file and line where it stands.
    pub place: Place,
}
