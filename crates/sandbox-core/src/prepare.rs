//! From a job as it is written to the configuration that its component gets.
//!
//! The steps, in this order: a path in a block is loaded; what the last iteration updates is written; then `local`,
//! then `input`; a block that was replaced by a path is loaded; `export_path` gets the iteration's directory. The same
//! steps make the plan's check, where inputs have no value yet.

use sandbox_document::{Document, DocumentError, KeyPath, Problem, value};
use serde_json::{Map, Value};

use crate::hook::{Hook, Side};
use crate::paths::{iteration_value, parent};
use crate::plan::PlannedJob;
use crate::settings::split_side;

/// The original's recipe default.
const DEFAULT_EXPORT_PATH: &str = "./outputs/hello_world/hello_world.jsonl";

/// What the path of a block led to.
pub(crate) enum Load {
    /// A file.
    Document(Box<Document>),
    /// What the file said when the job was recorded.
    Recorded(Value),
    /// A file that an earlier job will write.
    Later,
}

/// A block that was loaded from a file.
#[derive(Debug, Clone)]
pub(crate) struct LoadedFile {
    pub(crate) path: String,
    pub(crate) value: Value,
    pub(crate) document: Option<Document>,
}

/// The two blocks of a job.
#[derive(Debug, Clone, Default)]
pub(crate) struct Prepared {
    pub(crate) dj: Value,
    pub(crate) extra: Value,
    pub(crate) dj_file: Option<LoadedFile>,
    pub(crate) extra_file: Option<LoadedFile>,
    /// Blocks whose file an earlier job will write.
    pub(crate) later: Vec<Side>,
}

/// A problem at a key of the job.
#[derive(Debug)]
pub(crate) struct Misplaced {
    pub(crate) path: KeyPath,
    pub(crate) problem: Problem,
}

type Loader<'l> = dyn FnMut(&str) -> Result<Load, DocumentError> + 'l;

impl Prepared {
    /// Takes the steps up to the iteration's directory. An input without a value is one that is not known yet.
    pub(crate) fn new(
        job: &PlannedJob,
        updates: &[(String, Value)],
        inputs: &[(String, Option<Value>)],
        load: &mut Loader,
    ) -> Result<Self, Vec<Misplaced>> {
        let mut prepared = Self::default();
        let mut misplaced = Vec::new();
        for side in Side::ALL {
            let replaced =
                job.local.iter().chain(updates).any(|(key, _)| key == side.key()) || inputs.iter().any(|(key, _)| key == side.key());
            let written = job.block(side).clone();
            match prepared.set(side, written, load) {
                Err(problem) if !replaced => misplaced.push(Misplaced { path: KeyPath::root().key(side.key()), problem }),
                _ => {}
            }
        }
        let given = |list: &[(String, Value)]| list.iter().map(|(key, value)| (key.clone(), Some(value.clone()))).collect::<Vec<_>>();
        for (section, list) in [(None, &given(updates)), (Some("local"), &given(&job.local)), (Some("input"), &inputs.to_vec())] {
            // The whole block first: it would take the single keys with it.
            let (whole, parts): (Vec<_>, Vec<_>) = list.iter().partition(|(key, _)| Side::ALL.iter().any(|side| side.key() == key));
            for (key, new) in whole.into_iter().chain(parts) {
                if let Err(problem) = prepared.write(key, new.as_ref(), load) {
                    let path = section.map_or_else(KeyPath::root, |section| KeyPath::root().key(section).key(key));
                    misplaced.push(Misplaced { path, problem });
                }
            }
        }
        if misplaced.is_empty() { Ok(prepared) } else { Err(misplaced) }
    }

    /// Gives the export paths the iteration's directory.
    pub(crate) fn enter_iteration(&mut self, hook: &Hook, iteration: u64) {
        if let (true, Value::Object(recipe)) = (hook.maps_export_path, &mut self.dj) {
            if is_missing(recipe, "export_path") {
                recipe.insert("export_path".to_owned(), DEFAULT_EXPORT_PATH.into());
            }
            if is_missing(recipe, "work_dir")
                && let Some(Value::String(path)) = recipe.get("export_path")
            {
                // An analysis belongs beside the iterations, not into one of them.
                recipe.insert("work_dir".to_owned(), parent(path).into());
            }
            recipe.entry("export_path").and_modify(|path| iteration_value(path, iteration));
        }
        if let Value::Object(extra) = &mut self.extra {
            extra.entry("export_path").and_modify(|path| iteration_value(path, iteration));
        }
    }

    pub(crate) fn file(&self, side: Side) -> Option<&LoadedFile> {
        match side {
            Side::Dj => self.dj_file.as_ref(),
            Side::Extra => self.extra_file.as_ref(),
        }
    }

    fn slot(&mut self, side: Side) -> (&mut Value, &mut Option<LoadedFile>) {
        match side {
            Side::Dj => (&mut self.dj, &mut self.dj_file),
            Side::Extra => (&mut self.extra, &mut self.extra_file),
        }
    }

    /// Sets a whole block; a text is the path of its file.
    fn set(&mut self, side: Side, new: Value, load: &mut Loader) -> Result<(), Problem> {
        self.later.retain(|later| *later != side);
        let (block, file) = self.slot(side);
        (*block, *file) = (Value::Null, None);
        let path = match new {
            Value::Null => return Ok(()),
            Value::Object(_) => {
                *block = new;
                return Ok(());
            }
            Value::String(path) => path,
            other => return Err(Problem::error(format!("`{side}` must be a path or a map, not {other}"))),
        };
        let (loaded, document) = match load(&path).map_err(|error| unloadable(side, &path, error))? {
            Load::Document(document) => (document.value.clone(), Some(*document)),
            Load::Recorded(recorded) => (recorded, None),
            Load::Later => {
                self.later.push(side);
                return Ok(());
            }
        };
        if !loaded.is_object() && !loaded.is_null() {
            return Err(Problem::error(format!("`{path}` must hold a map of keys")));
        }
        let (block, file) = self.slot(side);
        *block = loaded.clone();
        *file = Some(LoadedFile { path, value: loaded, document });
        Ok(())
    }

    /// Writes one left-hand side.
    fn write(&mut self, key: &str, new: Option<&Value>, load: &mut Loader) -> Result<(), Problem> {
        let Some((side, name)) = split_side(key) else { return Ok(()) };
        if name.is_empty() {
            return self.set(side, new.cloned().unwrap_or_default(), load);
        }
        let (block, _) = self.slot(side);
        let blocked = |at: String| Problem::error(format!("`{key}` cannot be written: something that is not a map stands above `{at}`"));
        match new {
            Some(new) => value::assign(block, name, new.clone()).map_err(blocked),
            // Not known yet: only whether it could be written.
            None => value::assign(&mut block.clone(), name, Value::Null).map_err(blocked),
        }
    }
}

fn is_missing(map: &Map<String, Value>, key: &str) -> bool {
    map.get(key).is_none_or(Value::is_null)
}

fn unloadable(side: Side, path: &str, error: DocumentError) -> Problem {
    if path.starts_with('<') && path.ends_with('>') {
        let problem = Problem::error(format!("`{side}` is the placeholder `{path}`, and nothing replaces it before the job runs"));
        return problem.hint(format!("replace the whole block, for example `input: {{{side}: -1.OUTPUT}}`"));
    }
    match error {
        DocumentError::Syntax { place, message } => Problem::error(message).at(place),
        other => Problem::error(other.to_string()).hint("a relative path starts from the current directory"),
    }
}

#[cfg(test)]
mod tests {
    use sandbox_document::{Format, Place};
    use serde_json::json;

    use super::*;
    use crate::hook::JobList;

    fn job(hook: &str, dj_configs: Value, extra_configs: Value, local: &[(&str, Value)]) -> PlannedJob {
        PlannedJob {
            pipeline: "p".into(),
            list: JobList::Execution,
            index: 0,
            hook: Hook::named(hook).unwrap(),
            type_name: None,
            commands: Ok(Vec::new()),
            meta_name: "m".into(),
            dj_configs,
            extra_configs,
            inputs: Vec::new(),
            outputs: None,
            local: local.iter().map(|(key, value)| ((*key).to_owned(), value.clone())).collect(),
            path: KeyPath::root(),
            place: Place { file: "c.yaml".into(), line: None },
        }
    }

    fn load(path: &str) -> Result<Load, DocumentError> {
        let text = format!("loaded: {path}\nexport_path: out/d.jsonl\n");
        if path.starts_with('<') {
            return Err(DocumentError::UnknownFormat { path: path.into() });
        }
        Document::parse(path, &text, Format::Yaml).map(|document| Load::Document(Box::new(document)))
    }

    fn given(key: &str, value: Value) -> (String, Option<Value>) {
        (key.to_owned(), Some(value))
    }

    #[test]
    fn the_steps_are_taken_in_their_order() {
        let local = [("dj_configs.a", json!("local")), ("dj_configs.b", json!("local")), ("extra_configs.c.d", json!(1))];
        let job = job("ProcessDataHook", json!("r.yaml"), Value::Null, &local);
        let updates = [("dj_configs.a".to_owned(), json!("update")), ("dj_configs.u".to_owned(), json!("update"))];
        let prepared = Prepared::new(&job, &updates, &[given("dj_configs.b", json!("input"))], &mut load).unwrap();
        assert_eq!(prepared.dj, json!({"loaded": "r.yaml", "export_path": "out/d.jsonl", "a": "local", "u": "update", "b": "input"}));
        assert_eq!(prepared.extra, json!({"c": {"d": 1}}));
    }

    #[test]
    fn a_whole_block_is_replaced_before_its_keys_are_written() {
        let job = job("ProcessDataHook", json!("<auto>"), Value::Null, &[("dj_configs.lost", json!(1))]);
        assert!(Prepared::new(&job, &[], &[], &mut load).is_err());
        let inputs = [given("dj_configs.np", json!(2)), given("dj_configs", json!("new.yaml"))];
        let prepared = Prepared::new(&job, &[], &inputs, &mut load).unwrap();
        assert_eq!(prepared.dj, json!({"loaded": "new.yaml", "export_path": "out/d.jsonl", "np": 2}));
    }

    #[test]
    fn export_paths_enter_the_iteration_where_the_hook_says_so() {
        let blocks = (json!({"export_path": "out/d.jsonl"}), json!({"export_path": ["a", "b.json"]}));
        let entered = |hook: &str, dj: &Value| {
            let job = job(hook, dj.clone(), blocks.1.clone(), &[]);
            let mut prepared = Prepared::new(&job, &[], &[], &mut load).unwrap();
            prepared.enter_iteration(job.hook, 2);
            assert_eq!(prepared.extra, json!({"export_path": ["a/iter_2", "iter_2/b.json"]}));
            prepared.dj
        };
        assert_eq!(entered("ProcessDataHook", &blocks.0), json!({"export_path": "out/iter_2/d.jsonl", "work_dir": "out"}));
        assert_eq!(
            entered("ProcessDataHook", &json!({"work_dir": "w", "export_path": "d"})),
            json!({"work_dir": "w", "export_path": "d/iter_2"})
        );
        let default = json!({"export_path": "./outputs/hello_world/iter_2/hello_world.jsonl", "work_dir": "./outputs/hello_world"});
        assert_eq!(entered("ProbeViaAnalyzerHook", &json!({})), default);
        assert_eq!(entered("RefineRecipeViaKSigmaHook", &blocks.0), blocks.0);
    }

    #[test]
    fn what_stands_in_the_way_is_named() {
        let job = job("ProcessDataHook", json!({"a": 3}), Value::Null, &[("dj_configs.a.b", json!(1))]);
        let misplaced = Prepared::new(&job, &[], &[], &mut load).unwrap_err();
        assert_eq!(misplaced[0].path.to_string(), "local.dj_configs.a.b");
        assert!(misplaced[0].problem.message.starts_with("`dj_configs.a.b` cannot be written"));
    }
}
