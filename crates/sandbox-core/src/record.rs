//! What is kept of a finished job.

use std::path::{Component, Path, PathBuf};

use indexmap::IndexMap;
use sandbox_document::KeyPath;
use sandbox_fs::{FileStamp, FsError};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::event::JobName;
use crate::hook::{JobList, Side};
use crate::task::query;

/// A finished job: what it was made from, and what came of it.
///
/// The configuration is kept whole instead of as a fingerprint, so that a later run can say which key has changed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Record {
    pub(crate) iteration: u64,
    pub(crate) pipeline: String,
    pub(crate) list: JobList,
    pub(crate) index: usize,
    pub(crate) meta_name: String,
    pub(crate) made_from: MadeFrom,
    pub(crate) loaded: Vec<LoadedBlock>,
    pub(crate) queried: IndexMap<String, Option<Value>>,
    pub(crate) reads: Vec<Stamp>,
    pub(crate) files: Vec<Stamp>,
    pub(crate) outputs: Map<String, Value>,
    pub(crate) watched: Option<Value>,
    pub(crate) report: Option<Value>,
    pub(crate) rejected_rows: u64,
    pub(crate) seconds: f64,
}

/// The resolved configuration of a job.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct MadeFrom {
    pub(crate) hook: String,
    pub(crate) type_name: Option<String>,
    /// The names of the outputs are part of the result.
    pub(crate) output: Option<Vec<String>>,
    pub(crate) dj_configs: Value,
    pub(crate) extra_configs: Value,
}

/// A block that came from a file, with what the file said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct LoadedBlock {
    pub(crate) side: Side,
    pub(crate) path: String,
    pub(crate) value: Value,
}

/// A path and what stood there; nothing is worth remembering too.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    pub(crate) path: PathBuf,
    pub(crate) stamp: Option<FileStamp>,
}

impl Record {
    pub(crate) fn name(&self) -> JobName {
        JobName { iteration: self.iteration, pipeline: self.pipeline.clone(), meta_name: self.meta_name.clone() }
    }

    /// Whether this is a record of the same job, whatever its configuration.
    pub(crate) fn is_of(&self, name: &JobName, list: JobList) -> bool {
        self.iteration == name.iteration && self.pipeline == name.pipeline && self.list == list && self.meta_name == name.meta_name
    }

    /// Whether the job wrote a path, or something in or around it.
    pub(crate) fn wrote(&self, path: &Path) -> bool {
        self.files.iter().any(|file| overlap(&file.path, path))
    }

    /// Why the record does not stand for what would run now, in words; `None` when it does.
    ///
    /// A file that `excused` names may have changed: a later job wrote it again.
    pub(crate) fn why_not(
        &self,
        now: &MadeFrom,
        reads: &[PathBuf],
        watched: &IndexMap<String, Value>,
        excused: &dyn Fn(&Path) -> bool,
    ) -> Option<String> {
        if self.made_from.hook != now.hook || self.made_from.type_name != now.type_name {
            let old = self.made_from.type_name.as_ref().unwrap_or(&self.made_from.hook);
            return Some(format!("its component changed: it was `{old}`"));
        }
        if self.made_from.output != now.output {
            return Some("its `output` names changed".to_owned());
        }
        for side in Side::ALL {
            let (old, new) = (self.made_from.block(side), now.block(side));
            if let Some(path) = difference(old, new, KeyPath::root().key(side.key())) {
                return Some(format!("its configuration changed: `{path}`"));
            }
        }
        if let Some((name, _)) = self.queried.iter().find(|(name, answer)| query(watched, name) != **answer) {
            return Some(format!("what was watched under `{name}` changed"));
        }
        if let Some(new) = reads.iter().find(|path| !self.reads.iter().any(|read| read.path == **path)) {
            return Some(format!("its input `{}` is new", new.display()));
        }
        let own = |read: &&Stamp| !self.files.iter().any(|file| file.path == read.path);
        let inputs = self.reads.iter().filter(own).find_map(|read| read.change("input", excused));
        inputs.or_else(|| self.files.iter().find_map(|file| file.change("output", excused)))
    }
}

impl MadeFrom {
    fn block(&self, side: Side) -> &Value {
        match side {
            Side::Dj => &self.dj_configs,
            Side::Extra => &self.extra_configs,
        }
    }
}

impl Stamp {
    /// The stamps of what stands at these paths now.
    pub(crate) fn take(paths: Vec<PathBuf>) -> Result<Vec<Self>, FsError> {
        paths.into_iter().map(|path| Ok(Self { stamp: FileStamp::take(&path)?, path })).collect()
    }

    fn change(&self, what: &str, excused: &dyn Fn(&Path) -> bool) -> Option<String> {
        let path = self.path.display();
        let change = match &self.stamp {
            None if self.path.exists() => format!("its {what} `{path}` was not there before"),
            None => return None,
            Some(_) if !self.path.exists() => format!("its {what} `{path}` is missing"),
            Some(stamp) => match stamp.is_current() {
                Ok(true) => return None,
                Ok(false) => format!("its {what} `{path}` changed"),
                Err(error) => format!("its {what} cannot be read: {error}"),
            },
        };
        (!excused(&self.path)).then_some(change)
    }
}

/// Whether one path is the other, or stands in it.
pub(crate) fn overlap(a: &Path, b: &Path) -> bool {
    let plain = |path: &Path| path.components().filter(|part| *part != Component::CurDir).collect::<PathBuf>();
    let (a, b) = (plain(a), plain(b));
    a.starts_with(&b) || b.starts_with(&a)
}

/// The first key at which two values differ.
fn difference(old: &Value, new: &Value, path: KeyPath) -> Option<KeyPath> {
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => {
            let changed = new.iter().find_map(|(key, value)| match old.get(key) {
                Some(before) => difference(before, value, path.key(key)),
                None => Some(path.key(key)),
            });
            changed.or_else(|| old.keys().find(|key| !new.contains_key(*key)).map(|key| path.key(key)))
        }
        (Value::Array(old), Value::Array(new)) => {
            let changed = old.iter().zip(new).enumerate().find_map(|(index, (old, new))| difference(old, new, path.index(index)));
            changed.or_else(|| (old.len() != new.len()).then(|| path.index(old.len().min(new.len()))))
        }
        _ => (old != new).then_some(path),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_changed_key_is_named() {
        let told = |old: Value, new: Value| difference(&old, &new, KeyPath::root().key("dj_configs")).map(|path| path.to_string());
        assert_eq!(told(json!({"a": 1, "b": 2}), json!({"b": 2, "a": 1})), None);
        let old = json!({"process": [{"x": {}}, {"y": {"min": 1}}]});
        assert_eq!(told(old.clone(), json!({"process": [{"x": {}}, {"y": {"min": 2}}]})).unwrap(), "dj_configs.process[1].y.min");
        assert_eq!(told(old.clone(), json!({"process": [{"x": {}}]})).unwrap(), "dj_configs.process[1]");
        assert_eq!(told(old, json!({})).unwrap(), "dj_configs.process");
    }

    #[test]
    fn paths_overlap_however_they_are_written() {
        let told = |a: &str, b: &str| overlap(Path::new(a), Path::new(b));
        assert!(told("./out/a", "out/a/b.jsonl") && told("out/a/b.jsonl", "out/./a") && !told("out/a", "out/ab"));
    }
}
