//! Jobs: the part of a configuration that is written most often, and most often wrong.

use sandbox_document::KeyPath;
use serde_json::{Map, Value};

use super::{Reader, brief, scalar_text};
use crate::config::{ANONYMOUS_JOB, JobConfig};
use crate::hook::{JobList, Side};
use crate::settings::split_side;

const JOB_KEYS: [&str; 7] = ["hook", "meta_name", "dj_configs", "extra_configs", "input", "output", "local"];

impl Reader<'_> {
    pub(super) fn jobs(&mut self, value: &Value, list: JobList, path: &KeyPath) -> Vec<JobConfig> {
        match value {
            Value::Null => Vec::new(),
            Value::Array(items) => {
                items.iter().enumerate().filter_map(|(index, item)| self.job(item, list, index, path.index(index))).collect()
            }
            other => {
                self.error(path, format!("`{list}` must be a list of jobs, not {}", brief(other)));
                Vec::new()
            }
        }
    }

    fn job(&mut self, value: &Value, list: JobList, index: usize, path: KeyPath) -> Option<JobConfig> {
        let Value::Object(map) = value else {
            self.error(&path, format!("a job must be a map, not {}", brief(value)));
            return None;
        };
        self.unknown_keys(&path, map, JOB_KEYS.into_iter(), " of a job");
        let meta_name = match map.get("meta_name") {
            None | Some(Value::Null) => ANONYMOUS_JOB.to_owned(),
            Some(name) => scalar_text(name).unwrap_or_else(|| {
                self.error(&path.key("meta_name"), format!("`meta_name` must be a text, not {}", brief(name)));
                ANONYMOUS_JOB.to_owned()
            }),
        };
        let before = self.problems.len();
        let hook = match map.get("hook") {
            Some(Value::String(name)) => Some(name.clone()),
            None | Some(Value::Null) => {
                self.error(&path, "missing key `hook`".to_owned());
                None
            }
            Some(other) => {
                self.error(&path.key("hook"), format!("`hook` must be a text, not {}", brief(other)));
                None
            }
        };
        let input = self.input(map, &path);
        let output = self.output(map, &path);
        let local = self.local(map, &path);
        for side in Side::ALL {
            if let Some(other) = map.get(side.key()).filter(|block| !matches!(block, Value::Null | Value::String(_) | Value::Object(_))) {
                self.error(&path.key(side.key()), format!("`{side}` must be a path or a map, not {}", brief(other)));
            }
        }
        let context = format!("job `{meta_name}`");
        let own = self.problems.split_off(before);
        self.problems.extend(own.into_iter().map(|problem| problem.within(&context)));
        let block = |side: Side| map.get(side.key()).cloned().unwrap_or(Value::Null);
        let place = self.document.place(&path);
        Some(JobConfig {
            list,
            index,
            hook,
            meta_name,
            dj_configs: block(Side::Dj),
            extra_configs: block(Side::Extra),
            input,
            output,
            local,
            overridden: Vec::new(),
            path,
            place,
        })
    }

    /// The entries of `input` or `local`, without those whose left-hand side leads nowhere.
    fn entries(&mut self, map: &Map<String, Value>, path: &KeyPath, key: &str) -> Vec<(String, Value)> {
        let entries = match map.get(key) {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Object(entries)) => entries,
            Some(other) => {
                self.error(&path.key(key), format!("`{key}` must be a map, not {}", brief(other)));
                return Vec::new();
            }
        };
        let (good, bad): (Vec<_>, Vec<_>) = entries.iter().partition(|(name, _)| split_side(name).is_some());
        for (name, _) in bad {
            self.error(&path.key(key).key(name), format!("`{name}` in `{key}` must begin with `dj_configs` or `extra_configs`"));
        }
        good.into_iter().map(|(name, value)| (name.clone(), value.clone())).collect()
    }

    fn input(&mut self, map: &Map<String, Value>, path: &KeyPath) -> Vec<(String, String)> {
        let mut input = Vec::new();
        for (name, value) in self.entries(map, path, "input") {
            match &value {
                Value::String(reference) => input.push((name, reference.clone())),
                // YAML reads `-1.0`, the first output of the job before, as a number.
                Value::Number(number) if number.is_f64() => input.push((name, number.to_string())),
                other => {
                    let message = format!("`{name}` in `input` must be PIPELINE.META_NAME.OUTPUT or -1.OUTPUT, not {}", brief(other));
                    self.error(&path.key("input").key(&name), message);
                }
            }
        }
        input
    }

    fn local(&mut self, map: &Map<String, Value>, path: &KeyPath) -> Vec<(String, Value)> {
        self.entries(map, path, "local")
    }

    fn output(&mut self, map: &Map<String, Value>, path: &KeyPath) -> Option<Vec<String>> {
        let path = path.key("output");
        let names = match map.get("output")? {
            Value::Null => return None,
            Value::Array(items) => items.iter().map(scalar_text).collect::<Option<Vec<String>>>(),
            one => scalar_text(one).map(|name| vec![name]),
        };
        let Some(names) = names else {
            self.error(&path, "`output` must be a name or a list of names".to_owned());
            return None;
        };
        for (position, name) in names.iter().enumerate() {
            if name == "meta_name" || name.is_empty() {
                self.error(&path, format!("an output cannot be called `{name}`"));
            } else if names[..position].contains(name) {
                self.error(&path, format!("the output name `{name}` is given twice"));
            }
        }
        Some(names)
    }
}
