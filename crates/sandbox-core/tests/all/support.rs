//! Components that do a little real work, and a folder to run them in.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use sandbox_core::component::{Component, ComponentError, Entry, Finding, JobContext, JobSettings, Outcome};
use sandbox_core::config::{Config, Overrides};
use sandbox_core::event::{Event, EventSink};
use sandbox_core::hook::{Category, Side};
use sandbox_core::plan::{Plan, Problems};
use sandbox_core::registry::Registry;
use sandbox_core::{RunError, RunOptions, RunReport, run};
use sandbox_document::{Document, Format, KeyPath, Problem};
use serde::Deserialize;
use serde_json::{Value, json};

/// A temporary folder with a configuration and all that its jobs write.
pub struct Lab {
    folder: tempfile::TempDir,
}

/// What a run came to, and what it said.
pub struct Ran {
    pub result: Result<RunReport, RunError>,
    pub events: Vec<Event>,
}

impl Lab {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text.replace("ROOT", self.root())).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}")).replace(self.root(), "ROOT")
    }

    pub fn root(&self) -> &str {
        self.folder.path().to_str().unwrap()
    }

    /// The plan of a configuration; `ROOT` in it stands for the folder, and the work dir is `ROOT/work`.
    pub fn plan(&self, yaml: &str) -> Result<Plan, Problems> {
        let text = format!("{yaml}\nwork_dir: ROOT/work\n").replace("ROOT", self.root());
        let document = Document::parse("sandbox.yaml", &text, Format::Yaml).unwrap();
        Plan::new(&Config::from_document(document, &Overrides::new()), &registry())
    }

    /// The problems of a configuration, with `ROOT` for the folder.
    pub fn problems(&self, yaml: &str) -> String {
        self.plan(yaml).unwrap_err().to_string().replace(self.root(), "ROOT")
    }

    pub async fn run(&self, yaml: &str, resume: bool) -> Ran {
        self.run_with(yaml, RunOptions { resume, ..RunOptions::default() }).await
    }

    pub async fn run_with(&self, yaml: &str, options: RunOptions) -> Ran {
        let plan = self.plan(yaml).unwrap_or_else(|problems| panic!("{problems}"));
        let events: Arc<Mutex<Vec<Event>>> = Arc::default();
        let seen = events.clone();
        let sink = EventSink::new(move |event: &Event| seen.lock().unwrap().push(event.clone()));
        let result = run(&plan, &registry(), RunOptions { events: sink, ..options }).await;
        let events = events.lock().unwrap().clone();
        Ran { result, events }
    }

    pub fn context_infos(&self) -> Value {
        serde_json::from_str(&self.read("work/context_infos.json")).unwrap()
    }
}

impl Ran {
    pub fn report(&self) -> &RunReport {
        self.result.as_ref().unwrap_or_else(|error| panic!("{error}"))
    }

    /// `run NAME`, `skip NAME` and `rerun NAME: why`, in order.
    pub fn story(&self, lab: &Lab) -> Vec<String> {
        let told = self.events.iter().filter_map(|event| match event {
            Event::JobStarted { job, .. } => Some(format!("run {}/{}", job.iteration, job.meta_name)),
            Event::JobSkipped { job, .. } => Some(format!("skip {}/{}", job.iteration, job.meta_name)),
            Event::JobRerun { job, why } => Some(format!("rerun {}/{}: {why}", job.iteration, job.meta_name)),
            Event::Warning { message, .. } => Some(format!("warning: {message}")),
            _ => None,
        });
        told.map(|line| line.replace(lab.root(), "ROOT")).collect()
    }
}

/// The components below.
pub fn registry() -> Registry {
    let mut registry = Registry::new();
    let entry = |category, type_name, check, build| Entry { category, type_name, summary: "For tests", doc: "", example: "", check, build };
    let nothing: fn(&JobSettings) -> Vec<Finding> = |_| Vec::new();
    for entry in [
        entry(Category::DataPoolManipulator, Some("join"), check_join, build_join),
        entry(Category::DataPoolManipulator, Some("nothing"), nothing, |_| Ok(Box::new(Nothing))),
        entry(Category::DataPoolManipulator, Some("panics"), nothing, |_| Ok(Box::new(Panics))),
        entry(Category::DataPoolManipulator, Some("stops"), nothing, |_| Ok(Box::new(Stops))),
        entry(Category::DataEvaluator, Some("length"), nothing, build_length),
        entry(Category::DataAnalyzer, None, nothing, |settings| Ok(Box::new(settings.read::<Recipe>(Side::Dj)?))),
        entry(Category::DataExecutor, None, nothing, |settings| Ok(Box::new(settings.read::<Recipe>(Side::Dj)?))),
        entry(Category::KSigmaRefiner, None, nothing, build_refine),
    ] {
        registry.register(entry).unwrap();
    }
    registry
}

fn write(path: &Path, text: &str) -> Result<(), ComponentError> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).and_then(|()| fs::write(path, text)).map_err(|error| ComponentError::caused("Failed to write", error))
}

fn load(path: &Path) -> Result<String, ComponentError> {
    fs::read_to_string(path)
        .map_err(|error| ComponentError::caused(format!("Failed to read `{}`", path.display()), error).hint("make it first"))
}

/// Joins texts into one file.
#[derive(Deserialize)]
struct Join {
    dataset_path: OneOrMany,
    export_path: PathBuf,
    #[serde(default)]
    note: String,
    #[serde(default)]
    fail_if: Option<PathBuf>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(PathBuf),
    Many(Vec<PathBuf>),
}

impl OneOrMany {
    fn paths(&self) -> Vec<PathBuf> {
        match self {
            Self::One(path) => vec![path.clone()],
            Self::Many(paths) => paths.clone(),
        }
    }
}

fn check_join(settings: &JobSettings) -> Vec<Finding> {
    let join = match settings.preview::<Join>(Side::Extra) {
        Ok(Some(join)) => join,
        Ok(None) => return Vec::new(),
        Err(findings) => return findings,
    };
    if settings.is_pending("extra_configs.dataset_path") {
        return Vec::new();
    }
    let missing = join.dataset_path.paths().into_iter().filter(|path| !path.exists());
    let finding =
        |path: PathBuf| Finding::extra(KeyPath::root().key("dataset_path"), Problem::error(format!("`{}` is missing", path.display())));
    missing.map(finding).collect()
}

fn build_join(settings: &JobSettings) -> Result<Box<dyn Component>, Vec<Finding>> {
    Ok(Box::new(settings.read::<Join>(Side::Extra)?))
}

#[async_trait]
impl Component for Join {
    fn reads(&self) -> Vec<PathBuf> {
        self.dataset_path.paths()
    }

    async fn run(&self, _: &JobContext) -> Result<Outcome, ComponentError> {
        if self.fail_if.as_ref().is_some_and(|path| path.exists()) {
            return Err(ComponentError::failed("asked to fail").hint("remove the file"));
        }
        let mut text = String::new();
        for path in self.dataset_path.paths() {
            text += &load(&path)?;
        }
        let path = self.export_path.join("joined.txt");
        write(&path, &(text + &self.note))?;
        Ok(Outcome::paths(vec![path]))
    }
}

/// The length of a file, twice, for the watcher.
#[derive(Deserialize)]
struct Length {
    dataset_path: PathBuf,
    #[serde(default)]
    words: bool,
}

fn build_length(settings: &JobSettings) -> Result<Box<dyn Component>, Vec<Finding>> {
    Ok(Box::new(settings.read::<Length>(Side::Extra)?))
}

#[async_trait]
impl Component for Length {
    fn reads(&self) -> Vec<PathBuf> {
        vec![self.dataset_path.clone()]
    }

    async fn run(&self, job: &JobContext) -> Result<Outcome, ComponentError> {
        let length = load(&self.dataset_path)?.len();
        job.events.metric("length", None, length as f64);
        let result: Value = if self.words { "many".into() } else { length.into() };
        Ok(Outcome { values: vec![json!([{"length": length}]), result], report: Some(json!({"length": length})), ..Outcome::default() })
    }
}

/// A recipe: adds its text to the dataset's; analysed, its length is what is watched.
#[derive(Deserialize)]
struct Recipe {
    dataset_path: PathBuf,
    export_path: PathBuf,
    work_dir: PathBuf,
    #[serde(default)]
    add: String,
}

#[async_trait]
impl Component for Recipe {
    fn reads(&self) -> Vec<PathBuf> {
        vec![self.dataset_path.clone()]
    }

    async fn run(&self, job: &JobContext) -> Result<Outcome, ComponentError> {
        let text = load(&self.dataset_path)? + &self.add;
        write(&self.export_path, &text)?;
        let mut files = vec![self.export_path.clone()];
        if job.hook.category == Category::DataAnalyzer {
            files.push(self.work_dir.join("analysis/overall.csv"));
            write(&files[1], &text.len().to_string())?;
        }
        let outcome = Outcome::value(self.export_path.to_string_lossy().into_owned());
        Ok(Outcome { files, watched: Some(json!({"length": text.len()})), rejected_rows: 1, ..outcome })
    }
}

/// Writes the recipe with what was watched under the same name.
struct Refine {
    recipe: Value,
    path: PathBuf,
}

fn build_refine(settings: &JobSettings) -> Result<Box<dyn Component>, Vec<Finding>> {
    let path = settings.get("extra_configs.path_k_sigma_recipe").and_then(Value::as_str).unwrap_or_default();
    Ok(Box::new(Refine { recipe: settings.dj_configs.clone(), path: path.into() }))
}

#[async_trait]
impl Component for Refine {
    fn reads(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    async fn run(&self, job: &JobContext) -> Result<Outcome, ComponentError> {
        let name = format!("{}.length", job.meta_name);
        let length = job.query(&name).ok_or_else(|| ComponentError::failed(format!("nothing was watched under `{name}`")))?;
        let mut recipe = self.recipe.clone();
        recipe["add"] = format!("+{length}").into();
        write(&self.path, &recipe.to_string())?;
        Ok(Outcome::paths(vec![self.path.clone()]))
    }
}

struct Nothing;

#[async_trait]
impl Component for Nothing {
    fn reads(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    async fn run(&self, _: &JobContext) -> Result<Outcome, ComponentError> {
        Ok(Outcome::default())
    }
}

struct Panics;

#[async_trait]
impl Component for Panics {
    fn reads(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    async fn run(&self, _: &JobContext) -> Result<Outcome, ComponentError> {
        panic!("out of luck")
    }
}

/// Behaves as if Ctrl-C came while it works.
struct Stops;

#[async_trait]
impl Component for Stops {
    fn reads(&self) -> Vec<PathBuf> {
        Vec::new()
    }

    async fn run(&self, job: &JobContext) -> Result<Outcome, ComponentError> {
        job.stop.set();
        job.stop.wait().await;
        Err(ComponentError::Interrupted)
    }
}
