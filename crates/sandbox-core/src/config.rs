//! The sandbox configuration as its user wrote it.
//!
//! Reading a configuration finds *all* that is wrong with its form: unknown keys, wrong types, job lists in two
//! places. What the names in it refer to is the business of [`plan`](crate::plan).

mod keys;
mod overrides;
mod read;
mod wire;

use std::path::{Path, PathBuf};

use sandbox_document::{Document, DocumentError, KeyPath, Problem};

pub use keys::{ConfigKey, KEYS};
pub use overrides::{Override, Overrides};
pub use wire::{JobConfig, PipelineConfig};

use read::Reader;

/// The name of the pipeline when the job lists stand at the top level.
pub const ANONYMOUS_PIPELINE: &str = "anonymous";
/// The name of a job without `meta_name`.
pub const ANONYMOUS_JOB: &str = "anonymous_meta_name";

/// A configuration, read but not yet checked against the components; [`Plan::new`](crate::plan::Plan::new) does that.
#[derive(Debug, Clone)]
pub struct Config {
    /// `project_name`
    pub project_name: String,
    /// `experiment_name`
    pub experiment_name: String,
    /// `work_dir`
    pub work_dir: PathBuf,
    /// `resume`
    pub resume: bool,
    /// `debug`
    pub debug: bool,
    /// `hpo_config`
    pub hpo_config: Option<PathBuf>,
    /// The pipelines in the order in which they run; the job lists at the top level are one called `anonymous`.
    pub pipelines: Vec<PipelineConfig>,
    /// `max_iter_num`; 0 means until the targets are met.
    pub max_iter_num: u64,
    /// `iter_targets`, each with where it stands.
    pub iter_targets: Vec<(String, KeyPath)>,
    /// `iter_targets_mode`
    pub iter_targets_mode: TargetsMode,
    /// `iter_updater`, source to destination.
    pub iter_updater: Vec<(String, String)>,
    pub(crate) document: Document,
    pub(crate) problems: Vec<Problem>,
}

/// How many of the targets have to be met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TargetsMode {
    /// Every one.
    #[default]
    All,
    /// At least one.
    Any,
}

impl Config {
    /// Reads a configuration file, `.yaml`, `.yml`, `.json` or `.toml`.
    ///
    /// # Errors
    /// A file that cannot be read or parsed. What is wrong inside it is collected: see [`problems`](Self::problems).
    pub fn load(path: impl AsRef<Path>, overrides: &Overrides) -> Result<Self, DocumentError> {
        Ok(Self::from_document(Document::read(path)?, overrides))
    }

    /// Reads a configuration from a document that is already parsed.
    pub fn from_document(document: Document, overrides: &Overrides) -> Self {
        Reader::read(document, overrides)
    }

    /// What is wrong with the form of the configuration.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }
}

#[cfg(test)]
mod tests {
    use sandbox_document::Format;
    use serde_json::json;

    use super::*;

    fn config(text: &str, overrides: &Overrides) -> Config {
        Config::from_document(Document::parse("c.yaml", text, Format::Yaml).unwrap(), overrides)
    }

    fn problems(text: &str) -> Vec<String> {
        config(text, &Overrides::new()).problems.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn an_empty_document_has_the_defaults() {
        let config = config("", &Overrides::new());
        assert_eq!(config.problems, []);
        assert_eq!((config.project_name.as_str(), config.experiment_name.as_str()), ("hello_world", "experiment1"));
        assert_eq!(config.work_dir, Path::new("./outputs/hello_world"));
        assert_eq!((config.max_iter_num, config.iter_targets_mode, config.resume), (1, TargetsMode::All, false));
    }

    #[test]
    fn the_forms_of_pipelines_are_equal() {
        let list = "pipelines:\n- a:\n    probe_job_configs: [{hook: GeneralProbeHook}]\n- b: {}\n";
        let map = "pipelines:\n  a:\n    probe_job_configs: [{hook: GeneralProbeHook}]\n  b:\n";
        for text in [list, map] {
            let config = config(text, &Overrides::new());
            assert_eq!(config.problems, []);
            let names: Vec<&str> = config.pipelines.iter().map(|pipeline| pipeline.name.as_str()).collect();
            assert_eq!(names, ["a", "b"]);
            assert_eq!(config.pipelines[0].jobs[0].meta_name, ANONYMOUS_JOB);
        }
        let single = config("execution_job_configs:\n- hook: ProcessDataHook\n  meta_name: null\n", &Overrides::new());
        assert_eq!(single.pipelines[0].name, ANONYMOUS_PIPELINE);
    }

    #[test]
    fn all_mistakes_of_form_are_told_at_once() {
        let text = "\
max_iter: 3
max_iter_num: many
resume: perhaps
iter_targets_mode: some
pipelines:
- a:
    probe_jobs_configs: []
    execution_job_configs:
    - hok: ProcessDataHook
      meta_name: [x]
      input: {dj_config.dataset_path: a.b.c}
      output: [x, x, meta_name]
probe_job_configs:
- hook: GeneralProbeHook
";
        let told = problems(text);
        let expected = [
            "c.yaml:1: unknown key `max_iter`\n  hint: did you mean `max_iter_num`?",
            "c.yaml:3: `resume` must be true or false, not \"perhaps\"",
            "c.yaml:2: `max_iter_num` must be a whole number from 0, not \"many\"",
            "c.yaml:4: `iter_targets_mode` must be `all` or `any`, not \"some\"",
            "c.yaml:5: `pipelines` and `probe_job_configs` are both given\n  hint: move the job lists into a pipeline, or leave `pipelines` out",
            "c.yaml:7: pipeline `a`: unknown key `probe_jobs_configs`\n  hint: did you mean `probe_job_configs`?",
            "c.yaml:9: unknown key `hok` of a job\n  hint: did you mean `hook`?",
            "c.yaml:10: `meta_name` must be a text, not [\"x\"]",
            "c.yaml:9: job `anonymous_meta_name`: missing key `hook`",
            "c.yaml:11: job `anonymous_meta_name`: `dj_config.dataset_path` in `input` must begin with `dj_configs` or `extra_configs`",
            "c.yaml:12: job `anonymous_meta_name`: the output name `x` is given twice",
            "c.yaml:12: job `anonymous_meta_name`: an output cannot be called `meta_name`",
        ];
        for line in expected {
            assert!(told.iter().any(|told| told == line), "missing {line:?} in {told:#?}");
        }
        assert_eq!(told.len(), expected.len(), "{told:#?}");
    }

    #[test]
    fn a_forgotten_indentation_is_explained() {
        let told = problems("pipelines:\n- a:\n  probe_job_configs: []\n");
        assert_eq!(
            told,
            [
                "c.yaml:3: `probe_job_configs` stands beside the pipeline `a`, not in it\n  hint: indent the job lists under the pipeline's name"
            ]
        );
    }

    #[test]
    fn unlimited_iterations_need_targets() {
        assert_eq!(problems("max_iter_num: 0\n").len(), 1);
        assert_eq!(problems("max_iter_num: 0\niter_targets: a.b.c > 1\n").len(), 0);
    }

    #[test]
    fn overrides_win_and_are_named_in_problems() {
        let mut overrides = Overrides::new();
        overrides.set("max_iter_num", json!("3"), "--max_iter_num");
        overrides.set("resume", json!("yes"), "--resume");
        overrides.set("iter_targets_mode", json!("none"), "--iter_targets_mode");
        overrides.set("anonymous.x.dj_configs.np", json!(2), "--set");
        overrides.set("anonymous.y.dj_configs.np", json!(2), "--set");
        let config = config("max_iter_num: 1\nexecution_job_configs: [{hook: ProcessDataHook, meta_name: x}]", &overrides);
        assert_eq!((config.max_iter_num, config.resume), (3, true));
        assert_eq!(config.pipelines[0].jobs[0].overridden, [("dj_configs.np".to_owned(), json!(2))]);
        let told: Vec<String> = config.problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "--iter_targets_mode: `iter_targets_mode` must be `all` or `any`, not \"none\"",
                "--set: unknown key `anonymous.y.dj_configs.np`\n  hint: a key of the configuration, or PIPELINE.META_NAME.(dj_configs|extra_configs).KEY"
            ]
        );
    }
}
