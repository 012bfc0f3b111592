//! `ProbeViaModelInferHook`, `type: api`: a model asked about a sample of a recipe's data set.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use sandbox_core::component::{Component, ComponentError, Entry, Finding, JobContext, JobSettings, Outcome, Paths, blocking};
use sandbox_core::hook::{Category, Side};
use sandbox_dataset::{Mixture, MixturePart, Reader, RowWriter, resolve};
use sandbox_document::{KeyPath, Problem, value};
use serde_json::{Value, json};

use crate::api::{Config, Infer, Inferred, KEYS};

/// The component that asks an endpoint about a sample.
pub const ENTRY: Entry = Entry {
    category: Category::ModelInferEvaluator,
    type_name: Some("api"),
    summary: "Asks an OpenAI-compatible endpoint about a sample of the recipe's rows",
    doc: "The rows are those of `dj_configs.dataset_path`: `data_probe_ratio` (1.0) of them, rounded up, drawn by the permutation that a \
          mixture draws by (`data_probe_algo: uniform`). `extra_configs` are those of `InferModelHook` with `type: api`; `export_path` \
          (`WORK_DIR/probes/META_NAME`) gets `sample.jsonl` and `sample_inference.jsonl`. Returns the path of the answers. Rows that are \
          to be chosen otherwise are chosen by a selector in a job before it.",
    example: "hook: ProbeViaModelInferHook\n\
              meta_name: probe\n\
              dj_configs:\n  \
                dataset_path: data/questions.jsonl\n  \
                data_probe_ratio: 0.1\n\
              extra_configs:\n  \
                type: api\n  \
                model: my-model\n  \
                api_endpoint: http://127.0.0.1:8000/v1/chat/completions\n\
              output: answers_path\n",
    check,
    build,
};

/// What is sampled, and how much of it.
struct Sample {
    files: Paths,
    ratio: f64,
}

impl Sample {
    fn of(settings: &JobSettings) -> Result<Self, Vec<Finding>> {
        let given = |key: &str| value::lookup(&settings.dj_configs, key).filter(|value| !value.is_null());
        let at = |key: &str, problem: Problem| vec![Finding::dj(KeyPath::root().key(key), problem)];
        let files: Paths = match given("dataset_path").map(|paths| serde_json::from_value(paths.clone())) {
            Some(Ok(files)) => files,
            Some(Err(error)) => return Err(at("dataset_path", Problem::error(error.to_string()))),
            None => {
                let problem = Problem::error("missing key `dj_configs.dataset_path`").hint("the recipe names the rows that are sampled");
                return Err(vec![Finding::dj(KeyPath::root(), problem)]);
            }
        };
        let ratio = given("data_probe_ratio").map_or(Some(1.0), Value::as_f64).filter(|ratio| *ratio > 0.0 && *ratio <= 1.0);
        let Some(ratio) = ratio else {
            return Err(at("data_probe_ratio", Problem::error("`data_probe_ratio` must be above 0 and at most 1")));
        };
        match given("data_probe_algo").map_or(Some("uniform"), Value::as_str) {
            Some("uniform") => Ok(Self { files, ratio }),
            other => {
                let problem = Problem::error(format!("`data_probe_algo` `{}` is not here", other.unwrap_or_default()))
                    .hint("a `ProcessDataHook` with the selector of that name chooses the rows; this job then reads what it exports");
                Err(at("data_probe_algo", problem))
            }
        }
    }

    /// Writes the sample.
    fn write(&self, path: &Path, stop: &dyn Fn() -> bool) -> Result<(), ComponentError> {
        let told = |error: sandbox_dataset::DatasetError| ComponentError::told(&error);
        let files = resolve(&self.files.0, &[]).map_err(told)?;
        let (mut reader, mut rows) = (Reader::open(&files, Default::default()).map_err(told)?, 0_u64);
        while let Some(chunk) = reader.next_chunk().map_err(told)? {
            rows += chunk.rows().count() as u64;
            reader.recycle(chunk);
            if stop() {
                return Err(ComponentError::Interrupted);
            }
        }
        let wanted = (rows as f64 * self.ratio).ceil() as u64;
        let mixture = Mixture { parts: vec![MixturePart { files, weight: 1.0 }], max_sample_num: Some(wanted).filter(|_| wanted < rows) };
        let plan = mixture.plan_until(Default::default(), stop).map_err(told)?;
        let mut reader = Reader::open_mixture(plan, Default::default());
        let mut writer = RowWriter::create(path, Default::default()).map_err(told)?;
        while let Some(chunk) = reader.next_chunk().map_err(told)? {
            for row in chunk.rows() {
                writer.write_row(row.bytes).map_err(told)?;
            }
            reader.recycle(chunk);
        }
        writer.finish().map(drop).map_err(told)
    }
}

/// The settings of the questions about the sample.
fn questions(settings: &JobSettings) -> JobSettings {
    let mut settings = settings.clone();
    if let Value::Object(map) = &mut settings.extra_configs {
        map.insert("dataset_path".to_owned(), json!([]));
        map.entry("export_path").or_insert_with(|| json!(""));
    }
    settings
}

fn flaws(settings: &JobSettings) -> Vec<Finding> {
    let mut findings = if settings.is_pending(Side::Dj.key()) || settings.is_pending("dj_configs.dataset_path") {
        Vec::new()
    } else {
        match Sample::of(settings) {
            Ok(sample) => settings.missing(Side::Dj, "dataset_path", &sample.files.0),
            Err(findings) => findings,
        }
    };
    let questions = questions(settings);
    match questions.preview::<Config>(Side::Extra) {
        Ok(config) => findings.extend(config.iter().flat_map(|config| config.flaws(&questions))),
        Err(more) => findings.extend(more),
    }
    findings
}

fn check(settings: &JobSettings) -> Vec<Finding> {
    let mut findings = flaws(settings);
    let keys: Vec<&str> = KEYS.iter().copied().filter(|key| *key != "dataset_path").collect();
    findings.extend(settings.unread_keys(Side::Extra, &keys));
    findings
}

fn build(settings: &JobSettings) -> Result<Box<dyn Component>, Vec<Finding>> {
    let mut findings = flaws(settings);
    findings.retain(|finding| finding.problem.is_error());
    if !findings.is_empty() {
        return Err(findings);
    }
    Ok(Box::new(Probe { sample: Sample::of(settings)?, config: questions(settings).read(Side::Extra)? }))
}

struct Probe {
    sample: Sample,
    config: Config,
}

#[async_trait]
impl Component for Probe {
    fn reads(&self) -> Vec<PathBuf> {
        resolve(&self.sample.files.0, &[]).unwrap_or_default()
    }

    async fn run(&self, job: &JobContext) -> Result<Outcome, ComponentError> {
        let mut config = self.config.clone();
        if config.export_path.as_os_str().is_empty() {
            config.export_path = job.work_dir.join("probes").join(job.meta_name.replace(['/', '\0'], "_"));
        }
        let (path, stop) = (config.export_path.join("sample.jsonl"), job.stop.clone());
        config.dataset_path = path.to_string_lossy().into_owned().into();
        let sample = Sample { files: self.sample.files.clone(), ratio: self.sample.ratio };
        let infer = Infer::new(&config, job)?;
        let inferred = blocking(move || {
            if let Some(folder) = path.parent() {
                std::fs::create_dir_all(folder)
                    .map_err(|error| ComponentError::failed(format!("Failed to create `{}`: {error}", folder.display())))?;
            }
            sample.write(&path, &|| stop.is_set())?;
            infer.run()
        });
        inferred.await.map(Inferred::outcome)
    }
}
