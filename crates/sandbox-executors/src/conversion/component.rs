//! What the components of this kind have in common.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use sandbox_core::component::{Component, ComponentError, Finding, JobContext, JobSettings, Outcome, Paths, blocking};
use sandbox_core::hook::Side;
use sandbox_dataset::resolve;
use sandbox_document::{KeyPath, Problem, Severity};
use serde::Deserialize;
use serde_json::json;

use crate::observer::JobObserver;

use super::{Conversion, ConversionError, Converted, ConvertedFile, inputs};

/// One of the converters.
#[derive(Clone, Copy)]
pub(super) struct Converter {
    /// What follows the base name in the output's.
    pub(super) suffix: &'static str,
    /// Whether it needs `data_root_path`.
    pub(super) has_root: bool,
    /// The work; the path is the data's root.
    pub(super) convert: fn(&Conversion<'_>, &Path) -> Result<Converted, ConversionError>,
}

#[derive(Debug, Clone, Deserialize)]
struct Config {
    dataset_path: Paths,
    export_path: PathBuf,
}

#[derive(Debug, Clone, Deserialize)]
struct Root {
    data_root_path: PathBuf,
}

impl Converter {
    pub(super) fn check(self, settings: &JobSettings) -> Vec<Finding> {
        let mut findings = match settings.preview::<Config>(Side::Extra) {
            Ok(Some(config)) => self.findings(settings, &config).into_iter().chain(missing(settings, &config)).collect(),
            Ok(None) => Vec::new(),
            Err(findings) => findings,
        };
        if self.has_root {
            findings.extend(settings.preview::<Root>(Side::Extra).err().unwrap_or_default());
        }
        let keys: &[&str] = if self.has_root { &["dataset_path", "data_root_path"] } else { &["dataset_path"] };
        findings.extend(settings.unread_keys(Side::Extra, keys));
        findings
    }

    fn findings(self, settings: &JobSettings, config: &Config) -> Vec<Finding> {
        if settings.is_pending("extra_configs.dataset_path") {
            return Vec::new();
        }
        let paths = &config.dataset_path.0;
        // Folders and patterns are looked into when the job runs.
        let literal = paths.iter().filter(|path| !path.contains(['*', '?', '[', '{']) && !Path::new(path).is_dir()).map(PathBuf::from);
        let files: Vec<_> = literal.map(|path| (path.clone(), inputs::output(&path, &config.export_path, self.suffix))).collect();
        let problem = match inputs::one_output_each(&files) {
            _ if paths.is_empty() => Problem::error("`dataset_path` names nothing"),
            Ok(()) => return Vec::new(),
            Err(error) => {
                let told = error.to_string();
                let (message, hint) = told.split_once("\n  hint: ").unwrap_or((&told, ""));
                Problem::error(message).hint(hint)
            }
        };
        vec![Finding::extra(KeyPath::root().key("dataset_path"), problem)]
    }

    pub(super) fn build(self, settings: &JobSettings) -> Result<Box<dyn Component>, Vec<Finding>> {
        let config: Config = settings.read(Side::Extra)?;
        let root = if self.has_root { settings.read::<Root>(Side::Extra)?.data_root_path } else { PathBuf::new() };
        let findings = self.findings(settings, &config);
        let threads = settings.threads;
        if findings.is_empty() { Ok(Box::new(Convert { converter: self, config, root, threads })) } else { Err(findings) }
    }
}

/// Paths at which nothing stands and that no earlier job looks like writing: an error when there is no other.
fn missing(settings: &JobSettings, config: &Config) -> Vec<Finding> {
    if settings.pending().iter().any(|pending| pending.starts_with("extra_configs.dataset_path")) {
        return Vec::new();
    }
    let mut missing = settings.missing(Side::Extra, "dataset_path", &config.dataset_path.0);
    if missing.len() < config.dataset_path.0.len() {
        missing.iter_mut().for_each(|finding| finding.problem.severity = Severity::Warning);
    }
    missing
}

struct Convert {
    converter: Converter,
    config: Config,
    root: PathBuf,
    threads: usize,
}

#[async_trait]
impl Component for Convert {
    fn reads(&self) -> Vec<PathBuf> {
        self.config.dataset_path.0.iter().flat_map(|path| resolve(std::slice::from_ref(path), &[]).unwrap_or_default()).collect()
    }

    async fn run(&self, job: &JobContext) -> Result<Outcome, ComponentError> {
        let (converter, config, root, threads) = (self.converter, self.config.clone(), self.root.clone(), self.threads);
        let observer = JobObserver { events: job.events.clone(), stop: job.stop.clone() };
        let converted = blocking(move || {
            let conversion =
                Conversion { dataset_paths: &config.dataset_path.0, export_path: &config.export_path, threads, observer: &observer };
            (converter.convert)(&conversion, &root).map_err(|error| match error {
                ConversionError::Stopped => ComponentError::Interrupted,
                error => ComponentError::told(&error),
            })
        })
        .await?;
        if !converted.missing.is_empty() {
            job.events.warning(format!("Failed to find `{}`: the other datasets are converted", converted.missing.join("`, `")));
        }
        for file in converted.files.iter().filter(|file| file.left_out > 0) {
            let message =
                format!("{} of {} rows of `{}` have no video and are left out", file.left_out, file.rows_in, file.input.display());
            if file.rows_out > 0 { job.events.note(message) } else { job.events.warning(message) }
        }
        let outputs: Vec<PathBuf> = converted.files.iter().map(|file| file.output.clone()).collect();
        let outcome = Outcome::paths(outputs);
        let rejected: Vec<&ConvertedFile> = converted.files.iter().filter(|file| file.rejected > 0).collect();
        Ok(Outcome {
            files: outcome.files.iter().cloned().chain(rejected.iter().filter_map(|file| file.rejected_path.clone())).collect(),
            rejected_rows: rejected.iter().map(|file| file.rejected).sum(),
            report: Some(json!({"kind": "conversion", "files": converted.files, "missing": converted.missing})),
            ..outcome
        })
    }
}
