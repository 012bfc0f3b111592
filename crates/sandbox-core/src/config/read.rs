//! From a document to a [`Config`], with all mistakes of form collected.

mod jobs;

use std::collections::HashSet;
use std::path::PathBuf;

use sandbox_document::{Document, KeyPath, Problem, did_you_mean};
use serde_json::{Map, Value};

use super::{ANONYMOUS_PIPELINE, Config, Overrides, PipelineConfig, TargetsMode, keys};
use crate::hook::JobList;
use crate::settings::split_side;

pub(super) struct Reader<'d> {
    document: &'d Document,
    overrides: &'d Overrides,
    problems: Vec<Problem>,
}

impl Reader<'_> {
    pub(super) fn read(document: Document, overrides: &Overrides) -> Config {
        let empty = Map::new();
        let mut reader = Reader { document: &document, overrides, problems: Vec::new() };
        let map = match &document.value {
            Value::Object(map) => map,
            Value::Null => &empty,
            other => {
                reader.error(&KeyPath::root(), format!("a configuration must be a map, not {}", brief(other)));
                &empty
            }
        };
        reader.unknown_keys(&KeyPath::root(), map, keys::names(), "");
        let project_name = reader.text(map, "project_name").unwrap_or_else(|| "hello_world".to_owned());
        let experiment_name = reader.text(map, "experiment_name").unwrap_or_else(|| "experiment1".to_owned());
        let work_dir = reader.text(map, "work_dir").map_or_else(|| PathBuf::from("./outputs/hello_world"), PathBuf::from);
        let resume = reader.flag(map, "resume");
        let debug = reader.flag(map, "debug");
        let hpo_config = reader.text(map, "hpo_config").map(PathBuf::from);
        let max_iter_num = reader.whole_number(map, "max_iter_num");
        let iter_targets = reader.targets(map);
        let iter_targets_mode = reader.targets_mode(map);
        let iter_updater = reader.updater(map);
        let mut pipelines = reader.pipelines(map);
        reader.job_overrides(&mut pipelines);
        if max_iter_num == Some(0) && iter_targets.is_empty() {
            let problem = Problem::error("`max_iter_num: 0` runs until the targets are met, but there are no `iter_targets`");
            reader.report("max_iter_num", problem);
        }
        let problems = reader.problems;
        Config {
            project_name,
            experiment_name,
            work_dir,
            resume,
            debug,
            hpo_config,
            pipelines,
            max_iter_num: max_iter_num.unwrap_or(1),
            iter_targets,
            iter_targets_mode,
            iter_updater,
            document,
            problems,
        }
    }

    fn error(&mut self, path: &KeyPath, message: String) {
        self.problem(path, Problem::error(message));
    }

    fn problem(&mut self, path: &KeyPath, problem: Problem) {
        self.problems.push(problem.at(self.document.place(path)));
    }

    /// A problem of a top-level key: at its line, or with the name of what overrides it.
    fn report(&mut self, key: &str, problem: Problem) {
        match self.overrides.get(key) {
            Some(one) => self.problems.push(problem.within(&one.origin)),
            None => self.problem(&KeyPath::root().key(key), problem),
        }
    }

    fn unknown_keys<'k>(&mut self, path: &KeyPath, map: &Map<String, Value>, known: impl Iterator<Item = &'k str> + Clone, of: &str) {
        for key in map.keys().filter(|key| !known.clone().any(|name| name == key.as_str())) {
            let problem = Problem::error(format!("unknown key `{key}`{of}")).hint(did_you_mean(key, known.clone()));
            self.problem(&path.key(key), problem);
        }
    }

    /// A top-level value: the override's, else the file's; null is as good as absent.
    fn top<'v>(&'v self, map: &'v Map<String, Value>, key: &str) -> Option<Value> {
        let value = self.overrides.get(key).map(|one| &one.value).or_else(|| map.get(key))?;
        (!value.is_null()).then(|| value.clone())
    }

    fn text(&mut self, map: &Map<String, Value>, key: &str) -> Option<String> {
        let value = self.top(map, key)?;
        let text = scalar_text(&value);
        if text.is_none() {
            self.report(key, Problem::error(format!("`{key}` must be a text, not {}", brief(&value))));
        }
        text.filter(|text| !text.is_empty())
    }

    fn flag(&mut self, map: &Map<String, Value>, key: &str) -> bool {
        let Some(value) = self.top(map, key) else { return false };
        lenient_bool(&value).unwrap_or_else(|| {
            self.report(key, Problem::error(format!("`{key}` must be true or false, not {}", brief(&value))));
            false
        })
    }

    fn whole_number(&mut self, map: &Map<String, Value>, key: &str) -> Option<u64> {
        let value = self.top(map, key)?;
        let number = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok());
        if number.is_none() {
            self.report(key, Problem::error(format!("`{key}` must be a whole number from 0, not {}", brief(&value))));
        }
        number
    }

    fn targets_mode(&mut self, map: &Map<String, Value>) -> TargetsMode {
        match self.top(map, "iter_targets_mode") {
            None => TargetsMode::All,
            Some(Value::String(word)) if word == "all" => TargetsMode::All,
            Some(Value::String(word)) if word == "any" => TargetsMode::Any,
            Some(other) => {
                let problem = Problem::error(format!("`iter_targets_mode` must be `all` or `any`, not {}", brief(&other)));
                self.report("iter_targets_mode", problem);
                TargetsMode::All
            }
        }
    }

    fn targets(&mut self, map: &Map<String, Value>) -> Vec<(String, KeyPath)> {
        let path = KeyPath::root().key("iter_targets");
        let value = match self.top(map, "iter_targets") {
            None => return Vec::new(),
            Some(Value::String(one)) => return vec![(one, path)],
            Some(value) => value,
        };
        let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
        let targets: Vec<(String, KeyPath)> =
            items.iter().enumerate().filter_map(|(index, item)| Some((item.as_str()?.to_owned(), path.index(index)))).collect();
        if !value.is_array() || targets.len() < items.len() {
            self.report("iter_targets", Problem::error(format!("`iter_targets` must be a text or a list of texts, not {}", brief(&value))));
        }
        targets
    }

    fn updater(&mut self, map: &Map<String, Value>) -> Vec<(String, String)> {
        let Some(value) = self.top(map, "iter_updater") else { return Vec::new() };
        let Value::Object(entries) = &value else {
            self.report("iter_updater", Problem::error(format!("`iter_updater` must be a map, not {}", brief(&value))));
            return Vec::new();
        };
        let mut updater = Vec::new();
        for (source, destination) in entries {
            match destination.as_str() {
                Some(text) => updater.push((source.clone(), text.to_owned())),
                None => {
                    let words = "PIPELINE.META_NAME.(dj_configs|extra_configs).KEY";
                    let problem = Problem::error(format!("`{source}` in `iter_updater` must lead to {words}, not {}", brief(destination)));
                    self.problem(&KeyPath::root().key("iter_updater").key(source), problem);
                }
            }
        }
        updater
    }

    fn pipelines(&mut self, map: &Map<String, Value>) -> Vec<PipelineConfig> {
        let root = KeyPath::root();
        let path = root.key("pipelines");
        let mut pipelines: Vec<PipelineConfig> = Vec::new();
        match self.top(map, "pipelines") {
            None => {}
            Some(Value::Object(named)) => {
                for (name, lists) in &named {
                    pipelines.push(self.pipeline(name, lists, &path.key(name)));
                }
            }
            Some(Value::Array(items)) => {
                for (index, item) in items.iter().enumerate() {
                    pipelines.extend(self.listed_pipeline(item, &path.index(index)));
                }
            }
            Some(other) => self.report("pipelines", Problem::error(format!("`pipelines` must be a list of maps, not {}", brief(&other)))),
        }
        let mut names = HashSet::new();
        for pipeline in &pipelines {
            if !names.insert(&pipeline.name) {
                self.problems
                    .push(Problem::error(format!("the pipeline `{}` is given twice", pipeline.name)).at(self.document.place(&path)));
            }
        }
        let given: Vec<(JobList, Value)> =
            JobList::ALL.into_iter().filter_map(|list| Some((list, self.top(map, list.key()).filter(has_content)?))).collect();
        if let (Some((list, _)), false) = (given.first(), pipelines.is_empty()) {
            let problem = Problem::error(format!("`pipelines` and `{list}` are both given"));
            self.problem(&path, problem.hint("move the job lists into a pipeline, or leave `pipelines` out"));
        } else if !given.is_empty() {
            let jobs = given.iter().flat_map(|(list, value)| self.jobs(value, *list, &root.key(list.key()))).collect();
            pipelines.push(PipelineConfig { name: ANONYMOUS_PIPELINE.to_owned(), jobs });
        }
        pipelines
    }

    /// An element of the list form: a map of one key.
    fn listed_pipeline(&mut self, item: &Value, path: &KeyPath) -> Vec<PipelineConfig> {
        let Value::Object(named) = item else {
            self.error(path, format!("an element of `pipelines` must be a map of one key, the pipeline's name, not {}", brief(item)));
            return Vec::new();
        };
        let is_list = |key: &String| JobList::ALL.iter().any(|list| list.key() == key);
        let first = named.keys().find(|key| !is_list(key)).cloned();
        if let (Some(name), Some(stray)) = (&first, named.keys().find(|key| is_list(key))) {
            let problem = Problem::error(format!("`{stray}` stands beside the pipeline `{name}`, not in it"));
            self.problem(&path.key(stray), problem.hint("indent the job lists under the pipeline's name"));
            return Vec::new();
        }
        if first.is_none() {
            self.error(path, "an element of `pipelines` must be a map of one key, the pipeline's name".to_owned());
            return Vec::new();
        }
        named.iter().map(|(name, lists)| self.pipeline(name, lists, &path.key(name))).collect()
    }

    fn pipeline(&mut self, name: &str, lists: &Value, path: &KeyPath) -> PipelineConfig {
        let mut jobs = Vec::new();
        match lists {
            Value::Null => {}
            Value::Object(map) => {
                for key in map.keys().filter(|key| !JobList::ALL.iter().any(|list| list.key() == key.as_str())) {
                    let problem = Problem::error(format!("unknown key `{key}`")).hint(did_you_mean(key, JobList::ALL.map(JobList::key)));
                    self.problem(&path.key(key), problem.within(format!("pipeline `{name}`")));
                }
                for list in JobList::ALL {
                    jobs.extend(map.get(list.key()).map(|value| self.jobs(value, list, &path.key(list.key()))).unwrap_or_default());
                }
            }
            other => self.error(path, format!("the pipeline `{name}` must be a map of job lists, not {}", brief(other))),
        }
        PipelineConfig { name: name.to_owned(), jobs }
    }

    /// Puts `PIPELINE.META_NAME.SIDE.KEY` overrides on their jobs.
    fn job_overrides(&mut self, pipelines: &mut [PipelineConfig]) {
        for one in self.overrides.iter().filter(|one| !keys::names().any(|name| name == one.key)) {
            let mut found = false;
            for pipeline in &mut *pipelines {
                let Some(rest) = one.key.strip_prefix(&pipeline.name).and_then(|rest| rest.strip_prefix('.')) else { continue };
                for job in &mut pipeline.jobs {
                    let Some(key) = rest.strip_prefix(&job.meta_name).and_then(|rest| rest.strip_prefix('.')) else { continue };
                    if split_side(key).is_some() {
                        job.overridden.push((key.to_owned(), one.value.clone()));
                        found = true;
                    }
                }
            }
            if !found {
                let problem = Problem::error(format!("unknown key `{}`", one.key)).within(&one.origin);
                let hint = if one.key.contains('.') {
                    "a key of the configuration, or PIPELINE.META_NAME.(dj_configs|extra_configs).KEY".to_owned()
                } else {
                    did_you_mean(&one.key, keys::names())
                };
                self.problems.push(problem.hint(hint));
            }
        }
    }
}

/// A scalar as text: YAML makes numbers of names such as `2024`.
fn scalar_text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

fn lenient_bool(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(flag) => Some(*flag),
        Value::Number(number) => number.as_u64().filter(|number| *number < 2).map(|number| number == 1),
        Value::String(word) => match word.trim().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "y" | "1" => Some(true),
            "false" | "no" | "off" | "n" | "0" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

fn has_content(value: &Value) -> bool {
    !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty())
}

/// A value in a message, cut when it is long.
fn brief(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(60) {
        Some((cut, _)) => format!("{}...", &text[..cut]),
        None => text,
    }
}
