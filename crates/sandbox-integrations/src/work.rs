//! A job of an integration: what must be there is looked for, the environment is made, the runs are run, their values are gathered.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use sandbox_core::component::{Component, ComponentError, JobContext, Outcome, StopFlag};
use sandbox_document::value::lookup;
use sandbox_env_manager::{Env, EnvSettings};
use sandbox_inference::api::Inferred;
use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::definition::Definition;
use crate::executor::{Ended, ModelExecutor};
use crate::log::{Log, Reading};
use crate::program::Program;
use crate::serve::Served;
use crate::template::{TemplateError, Templates};
use crate::{environment, gpus};

/// A job that is ready to run.
pub(crate) struct Work {
    pub definition: Arc<Definition>,
    /// The configuration with its defaults.
    pub values: Value,
    pub environment: Option<EnvSettings>,
}

/// A run before it is run: its name among several, its program, the files that are written for it.
type Prepared = (Option<String>, Program, Vec<(PathBuf, String)>);

/// One run of the program.
struct OneRun {
    definition: Arc<Definition>,
    program: Program,
    files: Vec<(PathBuf, String)>,
    environment: Option<Arc<dyn Env>>,
    stop: StopFlag,
}

#[async_trait]
impl ModelExecutor for OneRun {
    fn type_name(&self) -> &str {
        &self.definition.name
    }

    fn reading(&self) -> Option<Reading> {
        self.definition.log.reading().ok()
    }

    async fn execute(&self, _job: &JobContext, log: &Log) -> Result<Value, ComponentError> {
        for (path, text) in &self.files {
            write(path, text)?;
        }
        self.program.run(self.environment.as_deref(), log, &self.stop).await?;
        Ok(Value::Null)
    }
}

#[async_trait]
impl Component for Work {
    fn reads(&self) -> Vec<PathBuf> {
        let read = self.definition.parameters.iter().filter(|(_, parameter)| parameter.reads);
        let given = read.filter_map(|(name, parameter)| Some((parameter, lookup(&self.values, name)?)));
        let places = given.flat_map(|(parameter, value)| paths(value).into_iter().map(move |path| parameter.place(&path, &self.values)));
        let asked = self.values.get("dataset_path").filter(|_| self.definition.serve.is_some());
        places.chain(asked.into_iter().flat_map(paths)).map(PathBuf::from).filter(|path| path.exists()).collect()
    }

    async fn run(&self, job: &JobContext) -> Result<Outcome, ComponentError> {
        let place = Place::of(job);
        let templates = Templates::new();
        let mut values = self.values(&place, &job.work_dir);
        self.look(&templates, &values)?;
        let gpus = self.gpus(&templates, &values, job).await?;
        set_job(&mut values, "gpus", json!(gpus.each));
        place.make(&self.definition, &self.values)?;
        let environment = match &self.environment {
            Some(settings) => Some(environment::ready(&self.definition, settings, &templates, &values, job).await?),
            None => None,
        };
        if let Some(serve) = &self.definition.serve {
            let timeout = templates.value(&serve.start_timeout, &values).map_err(told)?;
            return self.served(job, values, place, &gpus, environment, timeout).await;
        }
        let items = self.items(&templates, &values)?;
        let runs = self.runs(&templates, &values, &items, &place)?;
        let ended = self.all(job, runs, gpus, environment).await?;
        self.outcome(&templates, values, &items, ended, &place)
    }
}

impl Work {
    /// The commands that would run, as one would type them.
    pub fn commands(&self, place: &Place, work_dir: &Path) -> Result<Vec<String>, TemplateError> {
        let templates = Templates::new();
        let mut values = self.values(place, work_dir);
        set_job(&mut values, "gpus", json!(1));
        let gpus = self.definition.gpus.as_ref().map(|gpus| templates.value(gpus, &values)).transpose()?;
        // All that there are: how many that is the machine knows that runs it.
        let gpus = gpus.map(|gpus| if gpus.is_null() { json!("GPUS") } else { gpus });
        set_job(&mut values, "gpus", gpus.unwrap_or(json!(0)));
        set_job(&mut values, "port", json!("PORT"));
        let items =
            self.items(&templates, &values).map_err(|error| TemplateError { template: "for_each".into(), cause: error.to_string() })?;
        let mut typed = Vec::new();
        for (index, item) in items.iter().enumerate() {
            let run = self.run_values(&values, item, index, place);
            let words = self.words(&templates, &run)?;
            let variables = self.variables(&templates, &run)?;
            let mut line = crate::program::typed(&words);
            for (name, value) in crate::definition::sorted(&variables).into_iter().rev() {
                line = format!("{name}={} {line}", crate::program::quoted(value));
            }
            if let Some(folder) = &self.definition.folder {
                line = format!("cd {} && {line}", crate::program::quoted(&templates.text(folder, &run)?));
            }
            typed.push(line);
        }
        Ok(typed)
    }

    /// What templates see before a run: the configuration, and `job`.
    fn values(&self, place: &Place, work_dir: &Path) -> Value {
        let mut values = if self.values.is_object() { self.values.clone() } else { json!({}) };
        if let Value::Object(map) = &mut values {
            let mut job = Map::new();
            job.insert("work_dir".into(), json!(absolute(work_dir)));
            job.insert("name".into(), json!(place.name));
            job.insert("config_file".into(), json!(absolute(&place.config())));
            job.insert("assets".into(), json!(absolute(&place.folder)));
            map.insert("job".into(), Value::Object(job));
        }
        values
    }

    /// Looks for everything that can be missing before something is installed.
    fn look(&self, templates: &Templates, values: &Value) -> Result<(), ComponentError> {
        for need in &self.definition.needs {
            let path = templates.text(&need.path, values).map_err(told)?;
            if !path.is_empty() && !Path::new(&path).exists() {
                let say = templates.text(&need.say, values).map_err(told)?;
                return Err(ComponentError::failed(format!("`{path}` does not exist")).hint(say));
            }
        }
        for check in &self.definition.checks {
            if templates.expression(&check.that, values).map_err(told)? != json!(true) {
                return Err(ComponentError::failed(templates.text(&check.say, values).map_err(told)?));
            }
        }
        Ok(())
    }

    async fn gpus(&self, templates: &Templates, values: &Value, job: &JobContext) -> Result<Gpus, ComponentError> {
        let Some(wanted) = &self.definition.gpus else { return Ok(Gpus::default()) };
        let visible = gpus::visible().await;
        let wanted = templates.value(wanted, values).map_err(told)?;
        let wanted = match &wanted {
            // As many as there are, and at least one.
            Value::Null => visible.len(),
            Value::Number(number) if number.as_u64() == Some(0) => return Ok(Gpus::default()),
            Value::Number(number) if number.is_u64() => usize::try_from(number.as_u64().unwrap_or(0)).unwrap_or(0),
            other => return Err(ComponentError::failed(format!("`gpus` is {other}, not a number of GPUs"))),
        };
        if visible.is_empty() {
            let message = format!("`{}` needs a GPU, and none is visible here", self.definition.name);
            return Err(ComponentError::failed(message).hint("nvidia-smi and CUDA_VISIBLE_DEVICES decide what is visible"));
        }
        if wanted > visible.len() {
            job.events.warning(format!("{wanted} GPUs are asked for and {} are here: all of them are used", visible.len()));
        }
        Ok(Gpus { each: wanted.min(visible.len()), visible })
    }

    fn items(&self, templates: &Templates, values: &Value) -> Result<Vec<Option<Value>>, ComponentError> {
        let Some(each) = &self.definition.for_each else { return Ok(vec![None]) };
        match templates.value(&json!(each), values).map_err(told)? {
            Value::Array(items) if !items.is_empty() => Ok(items.into_iter().map(Some).collect()),
            Value::Array(_) => Err(ComponentError::failed(format!("`{each}` is empty: there is nothing to run"))),
            Value::String(item) => Ok(vec![Some(item.into())]),
            other => Err(ComponentError::failed(format!("`{each}` is {other}, not a list"))),
        }
    }

    /// What templates see in one run.
    fn run_values(&self, values: &Value, item: &Option<Value>, index: usize, place: &Place) -> Value {
        let mut values = values.clone();
        if let (Value::Object(map), Some(item)) = (&mut values, item) {
            map.insert("item".into(), item.clone());
            map.insert("index".into(), json!(index));
        }
        set_job(&mut values, "result_file", json!(absolute(&place.result(index))));
        values
    }

    fn words(&self, templates: &Templates, values: &Value) -> Result<Vec<String>, TemplateError> {
        let mut words = Vec::new();
        for word in &self.definition.command {
            match templates.value(word, values)? {
                Value::Array(items) => words.extend(items.iter().map(plain)),
                // An option whose value is not given is not said.
                Value::Null => {}
                one => words.push(plain(&one)),
            }
        }
        Ok(words)
    }

    fn variables(&self, templates: &Templates, values: &Value) -> Result<Vec<(String, String)>, TemplateError> {
        let filled = self.definition.variables.iter().map(|(name, value)| Ok((name.clone(), plain(&templates.value(value, values)?))));
        filled.collect()
    }

    fn runs(&self, templates: &Templates, values: &Value, items: &[Option<Value>], place: &Place) -> Result<Vec<Prepared>, ComponentError> {
        let seconds = |key: &Option<Value>, name: &str| -> Result<Option<Duration>, ComponentError> {
            let own = lookup(values, name).filter(|own| !own.is_null());
            let given = match (own, key) {
                (Some(own), _) => own.clone(),
                (None, Some(template)) => templates.value(template, values).map_err(told)?,
                (None, None) => return Ok(None),
            };
            match given.as_f64().filter(|seconds| *seconds > 0.0) {
                Some(seconds) => Ok(Some(Duration::from_secs_f64(seconds))),
                None if given.is_null() => Ok(None),
                None => Err(ComponentError::failed(format!("`{name}` is {given}, not a number of seconds"))),
            }
        };
        let (timeout, stall_timeout) =
            (seconds(&self.definition.timeout, "timeout")?, seconds(&self.definition.stall_timeout, "stall_timeout")?);
        let mut runs = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let values = self.run_values(values, item, index, place);
            let folder = self.definition.folder.as_ref().map(|folder| templates.text(folder, &values)).transpose().map_err(told)?;
            let program = Program {
                words: self.words(templates, &values).map_err(told)?,
                folder: folder.map(PathBuf::from),
                variables: self.variables(templates, &values).map_err(told)?,
                timeout,
                stall_timeout,
                grace: None,
            };
            let mut files = Vec::new();
            for made in &self.definition.files {
                let path = templates.text(&made.path, &values).map_err(told)?;
                files.push((PathBuf::from(path), templates.script(&made.script, &values).map_err(told)?));
            }
            let name = item.as_ref().map(|item| stem(&plain(item)));
            runs.push((name, program, files));
        }
        // Two items of one name would write into one log and one name of a metric.
        let mut seen: HashMap<String, usize> = HashMap::new();
        for (name, _, _) in &mut runs {
            if let Some(name) = name {
                let times = seen.entry(name.clone()).or_default();
                *times += 1;
                if *times > 1 {
                    name.push_str(&format!("-{times}"));
                }
            }
        }
        Ok(runs)
    }

    /// All runs, as many at once as there are GPUs and as `max_parallel` allows. The first that fails ends the others.
    async fn all(
        &self,
        job: &JobContext,
        runs: Vec<Prepared>,
        gpus: Gpus,
        environment: Option<Arc<dyn Env>>,
    ) -> Result<Vec<Ended>, ComponentError> {
        let at_once = self.at_once(&gpus, runs.len())?;
        let (places, free) = (Arc::new(Semaphore::new(at_once)), Arc::new(Mutex::new(gpus.visible.clone())));
        let stop = StopFlag::new();
        let passed_on = tokio::spawn({
            let (from, to) = (job.stop.clone(), stop.clone());
            async move {
                from.wait().await;
                to.set();
            }
        });
        let total = runs.len();
        let mut tasks = JoinSet::new();
        for (index, (name, mut program, files)) in runs.into_iter().enumerate() {
            let (job, places, free, stop, environment, definition) =
                (job.clone(), places.clone(), free.clone(), stop.clone(), environment.clone(), self.definition.clone());
            let each = gpus.each;
            tasks.spawn(async move {
                let _place = places.acquire_owned().await.map_err(|_| ComponentError::Interrupted)?;
                if stop.is_set() {
                    return Err(ComponentError::Interrupted);
                }
                let taken: Vec<String> = {
                    let mut free = free.lock().unwrap_or_else(PoisonError::into_inner);
                    let keep = free.len().saturating_sub(each);
                    free.split_off(keep)
                };
                if each > 0 {
                    program.variables.push(("CUDA_VISIBLE_DEVICES".to_owned(), taken.join(",")));
                }
                let run = Arc::new(OneRun { definition, program, files, environment, stop });
                let ended = run.run(&job, name.as_deref()).await;
                free.lock().unwrap_or_else(PoisonError::into_inner).extend(taken);
                ended.map(|ended| (index, ended))
            });
        }
        let (mut ended, mut failed) = (Vec::with_capacity(total), None);
        while let Some(task) = tasks.join_next().await {
            match task {
                Ok(Ok(one)) => {
                    ended.push(one);
                    if total > 1 {
                        job.events.progress(ended.len() as u64, Some(total as u64), "runs");
                    }
                }
                Ok(Err(error)) => {
                    stop.set();
                    // What failed first is why the others were interrupted.
                    let is_first = failed.is_none() || matches!(failed, Some(ComponentError::Interrupted));
                    failed = if is_first { Some(error) } else { failed };
                }
                Err(error) => failed = failed.or_else(|| Some(ComponentError::failed(format!("a run ended oddly: {error}")))),
            }
        }
        passed_on.abort();
        match failed {
            Some(error) => Err(error),
            None => {
                ended.sort_by_key(|(index, _)| *index);
                Ok(ended.into_iter().map(|(_, ended)| ended).collect())
            }
        }
    }

    /// A server, asked about every row.
    async fn served(
        &self,
        job: &JobContext,
        values: Value,
        place: Place,
        gpus: &Gpus,
        environment: Option<Arc<dyn Env>>,
        timeout: Value,
    ) -> Result<Outcome, ComponentError> {
        let start_timeout = timeout.as_f64().and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let start_timeout =
            start_timeout.ok_or_else(|| ComponentError::failed(format!("`start_timeout` is {timeout}, not a number of seconds")))?;
        let visible = gpus.visible.get(..gpus.each).unwrap_or_default().join(",");
        let work = Self { definition: self.definition.clone(), values: self.values.clone(), environment: None };
        let program = move |port: u16| {
            let mut values = values.clone();
            set_job(&mut values, "port", json!(port));
            let prepared = work.runs(&Templates::new(), &values, &[None], &place)?.pop();
            let (_, mut program, files) = prepared.ok_or_else(|| ComponentError::failed("there is nothing to run"))?;
            files.iter().try_for_each(|(path, text)| write(path, text))?;
            if !visible.is_empty() {
                program.variables.push(("CUDA_VISIBLE_DEVICES".to_owned(), visible.clone()));
            }
            Ok(program)
        };
        let served = Arc::new(Served {
            definition: self.definition.clone(),
            environment,
            program: Box::new(program),
            config: Served::config(&self.values)?,
            start_timeout,
            identity: Served::identity(&self.definition, &self.values),
            found: Mutex::default(),
        });
        let ended = served.clone().run(job, None).await?;
        let found = served.found.lock().unwrap_or_else(PoisonError::into_inner).take();
        let mut outcome = found.map(Inferred::outcome).ok_or_else(|| ComponentError::failed("no row was asked about"))?;
        outcome.files.push(ended.log);
        Ok(outcome)
    }

    fn at_once(&self, gpus: &Gpus, runs: usize) -> Result<usize, ComponentError> {
        let given = lookup(&self.values, "max_parallel").filter(|given| !given.is_null()).or(self.definition.max_parallel.as_ref());
        let most = match given {
            None => None,
            Some(given) => match given.as_u64().and_then(|given| usize::try_from(given).ok()).filter(|given| *given > 0) {
                Some(given) => Some(given),
                None => return Err(ComponentError::failed(format!("`max_parallel` is {given}, not a number above 0"))),
            },
        };
        let room = gpus.visible.len().checked_div(gpus.each);
        let at_once = match (most, room) {
            (Some(most), Some(room)) => most.min(room),
            (Some(most), None) => most,
            (None, Some(room)) => room,
            (None, None) => 1,
        };
        Ok(at_once.clamp(1, runs.max(1)))
    }

    fn outcome(
        &self,
        templates: &Templates,
        mut values: Value,
        items: &[Option<Value>],
        ended: Vec<Ended>,
        place: &Place,
    ) -> Result<Outcome, ComponentError> {
        let mut runs = Vec::with_capacity(ended.len());
        let mut files: Vec<PathBuf> = Vec::new();
        for (index, (item, ended)) in items.iter().zip(ended).enumerate() {
            let mut run = self.run_values(&values, item, index, place);
            for path in &self.definition.success {
                let path = templates.text(path, &run).map_err(told)?;
                if !Path::new(&path).exists() {
                    let message = format!("`{}` ended well, and `{path}` is not there", self.definition.name);
                    return Err(ComponentError::failed(message).hint(format!("its whole output is in `{}`", ended.log.display())));
                }
            }
            let result = match &self.definition.result {
                Some(path) => templates.text(path, &run).map_err(told)?,
                None => place.result(index).to_string_lossy().into_owned(),
            };
            let result = match sandbox_document::Document::read(&result) {
                Ok(document) => document.value,
                Err(error) if self.definition.result.is_some() => return Err(ComponentError::failed(error.to_string())),
                Err(_) => Value::Null,
            };
            let metrics: Map<String, Value> = ended.metrics.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
            if let Value::Object(map) = &mut run {
                map.insert("metrics".into(), Value::Object(metrics.clone()));
                map.insert("result".into(), result.clone());
            }
            let output = self.definition.output.as_ref().map(|output| templates.value(output, &run)).transpose().map_err(told)?;
            files.push(ended.log.clone());
            runs.push(json!({"item": item, "metrics": metrics, "result": result, "output": output, "log": ended.log}));
        }
        if let Value::Object(map) = &mut values {
            if let [run] = runs.as_slice() {
                ["metrics", "result", "output"].iter().for_each(|key| drop(map.insert((*key).to_owned(), run[*key].clone())));
            }
            map.insert("runs".into(), Value::Array(runs.clone()));
        }
        let values = match &self.definition.outputs {
            Some(outputs) => match templates.value(outputs, &values).map_err(told)? {
                Value::Array(list) => list,
                Value::Object(map) => map.into_iter().map(|(_, value)| value).collect(),
                one => vec![one],
            },
            None if self.definition.output.is_some() => match runs.as_slice() {
                [run] if self.definition.for_each.is_none() => vec![run["output"].clone()],
                _ => vec![runs.iter().map(|run| run["output"].clone()).collect()],
            },
            None => Vec::new(),
        };
        let report = json!({"runs": runs});
        Ok(Outcome { values, files, report: Some(report), ..Outcome::default() })
    }
}

/// GPUs of a job.
#[derive(Debug, Default)]
struct Gpus {
    /// How many a run gets.
    each: usize,
    visible: Vec<String>,
}

/// Where a job's files are.
pub(crate) struct Place {
    folder: PathBuf,
    name: String,
}

impl Place {
    pub fn of(job: &JobContext) -> Self {
        Self::new(&job.work_dir, job.iteration, &job.pipeline, &job.meta_name)
    }

    pub fn new(work_dir: &Path, iteration: u64, pipeline: &str, name: &str) -> Self {
        let safe = |text: &str| text.replace(['/', '\0'], "_");
        let folder = work_dir.join("integrations").join(format!("{iteration}-{}-{}", safe(pipeline), safe(name)));
        Self { folder, name: name.to_owned() }
    }

    fn config(&self) -> PathBuf {
        self.folder.join("config.json")
    }

    fn result(&self, index: usize) -> PathBuf {
        self.folder.join(format!("result-{index}.json"))
    }

    /// The folder with the configuration and what comes with the integration; what an earlier run left is gone.
    fn make(&self, definition: &Definition, values: &Value) -> Result<(), ComponentError> {
        let cleared = match std::fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error),
            _ => std::fs::create_dir_all(&self.folder),
        };
        cleared.map_err(|error| ComponentError::caused(format!("Failed to make `{}`", self.folder.display()), error))?;
        write(&self.config(), &format!("{values:#}\n"))?;
        definition.assets.iter().try_for_each(|(name, text)| write(&self.folder.join(name), text))
    }
}

fn write(path: &Path, text: &str) -> Result<(), ComponentError> {
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(path, text));
    made.map_err(|error| ComponentError::caused(format!("Failed to write `{}`", path.display()), error))
}

fn told(error: TemplateError) -> ComponentError {
    ComponentError::failed(error.to_string())
}

fn set_job(values: &mut Value, key: &str, value: Value) {
    if let Some(Value::Object(job)) = values.get_mut("job") {
        job.insert(key.to_owned(), value);
    }
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn stem(path: &str) -> String {
    Path::new(path).file_stem().map_or_else(|| path.to_owned(), |stem| stem.to_string_lossy().into_owned())
}

/// A value as one argument.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        other => other.to_string(),
    }
}

/// The texts of a value that is one or a list of them.
fn paths(value: &Value) -> Vec<String> {
    match value {
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_has_its_values_as_words() {
        let text = include_str!("../integrations/internvl_train.yaml");
        let definition = Arc::new(Definition::parse("internvl_train.yaml", text).unwrap_or_default());
        let values = json!({"internvl_home": "Intern VL", "num_gpus": 8, "batch_size_per_device": 4, "work_dir": "/w", "model_name_or_path": "m",
            "conv_style_or_scale": "2B", "meta_paths": ["/a/it's.json"], "script_dir": "s"});
        let work = Work { definition, values, environment: None };
        let place = Place::new(Path::new("work"), 1, "p", "train");
        let mut values = work.values(&place, Path::new("work"));
        set_job(&mut values, "gpus", json!(8));
        let templates = Templates::new();
        let runs = work.runs(&templates, &values, &[Some(json!("/a/it's.json"))], &place).unwrap_or_default();
        let [(Some(name), program, files)] = runs.as_slice() else { panic!("{runs:?}") };
        assert_eq!((name.as_str(), program.words.as_slice()), ("it's", ["bash".to_owned(), "s/it's_m.sh".to_owned()].as_slice()));
        let script = &files[0].1;
        for words in [
            "Intern VL/internvl_chat'\n",
            r"--meta_path '/a/it'\''s.json'",
            "--conv_style internlm2-chat",
            "--nproc_per_node=8 ",
            "--gradient_accumulation_steps 16 ",
            r"mkdir -p '/w/it'\''s_m'",
        ] {
            assert!(script.contains(words), "{words} is not in {script}");
        }
    }
}
