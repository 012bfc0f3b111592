//! What the components of this kind have in common.

use std::path::PathBuf;

use sandbox_core::component::{ComponentError, Finding, JobContext, JobSettings, Outcome, Paths, StopFlag};
use sandbox_core::event::JobEvents;
use sandbox_core::hook::Side;
use sandbox_dataset::resolve;
use sandbox_document::{KeyPath, Problem};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{CompareError, Compared, Observer, Pairs};

impl Pairs {
    /// With what is left out: the truth stands in the predictions, under the same name.
    pub(crate) fn of(predicted: Paths, truth: Option<Paths>, predicted_key: String, truth_key: Option<String>) -> Self {
        let truth = truth.map_or_else(|| predicted.0.clone(), |truth| truth.0);
        let truth_key = truth_key.unwrap_or_else(|| predicted_key.clone());
        Self { predicted: predicted.0, truth, predicted_key, truth_key }
    }

    /// The files whose content the result depends on.
    pub(crate) fn reads(&self) -> Vec<PathBuf> {
        self.predicted.iter().chain(&self.truth).flat_map(|path| resolve(std::slice::from_ref(path), &[]).unwrap_or_default()).collect()
    }
}

/// Mistakes that show before anything runs. `kind` is `label` or `value`, as in the keys' names.
pub(crate) fn findings(settings: &JobSettings, pairs: &Pairs, kind: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    let key_names = [format!("predicted_{kind}_key"), format!("ground_truth_{kind}_key")];
    let path_names = ["predicted_dataset_path", "ground_truth_dataset_path"];
    let pending = |name: &str| settings.is_pending(&format!("extra_configs.{name}"));
    for (name, key) in key_names.iter().zip([&pairs.predicted_key, &pairs.truth_key]) {
        if key.is_empty() && settings.get(&format!("extra_configs.{name}")).is_some() {
            findings.push(Finding::extra(
                KeyPath::root().key(name),
                Problem::error(format!("`{name}` is empty: it names the field to compare")),
            ));
        }
    }
    if path_names.into_iter().any(pending) {
        return findings;
    }
    match pairs.each() {
        Err(CompareError::Nothing) => {
            findings.push(Finding::extra(KeyPath::root().key(path_names[0]), Problem::error(format!("`{}` names nothing", path_names[0]))));
        }
        Err(error) => {
            let told = error.to_string();
            let (message, hint) = told.split_once("\n  hint: ").unwrap_or((&told, ""));
            findings.push(Finding::extra(KeyPath::root().key(path_names[1]), Problem::error(message).hint(hint)));
        }
        Ok(each) => {
            let same = each.iter().all(|(predicted, truth)| predicted == truth);
            if same && pairs.predicted_key == pairs.truth_key && !key_names.iter().any(|name| pending(name)) {
                let message = format!("the predictions are compared with themselves: `{}` is both prediction and truth", pairs.truth_key);
                let hint = format!("`{}` names the field of the truth, `{}` the datasets that hold it", key_names[1], path_names[1]);
                findings.push(Finding::extra(KeyPath::root().key(path_names[0]), Problem::warning(message).hint(hint)));
            }
        }
    }
    findings
}

/// Paths at which nothing stands and that no earlier job looks like writing.
pub(crate) fn missing(settings: &JobSettings, pairs: &Pairs) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (name, paths) in [("predicted_dataset_path", &pairs.predicted), ("ground_truth_dataset_path", &pairs.truth)] {
        let key = format!("extra_configs.{name}");
        let is_given = settings.get(&key).is_some_and(|given| !given.is_null());
        let filled_later = settings.pending().iter().any(|pending| pending.starts_with(&key));
        if is_given && !filled_later {
            findings.extend(settings.missing(Side::Extra, name, paths));
        }
    }
    findings
}

/// A job that looks on.
pub(crate) struct JobObserver {
    events: JobEvents,
    stop: StopFlag,
}

impl JobObserver {
    pub(crate) fn of(job: &JobContext) -> Self {
        Self { events: job.events.clone(), stop: job.stop.clone() }
    }
}

impl Observer for JobObserver {
    fn progress(&self, bytes_read: u64, bytes_total: u64) {
        self.events.progress(bytes_read, Some(bytes_total), "bytes");
    }

    fn stop(&self) -> bool {
        self.stop.is_set()
    }
}

/// Compares off the threads that wait.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, CompareError> + Send + 'static,
) -> Result<T, ComponentError> {
    let told = |error| match error {
        CompareError::Stopped => ComponentError::Interrupted,
        error => ComponentError::told(&error),
    };
    sandbox_core::component::blocking(move || work().map_err(told)).await
}

/// Two outputs, the results and the best of them. Watched is `best` under `best_name`, and each of `measures` as a map from the
/// predictions' paths to its numbers. Bad rows and lengths that differ are told.
pub(crate) fn outcome<S>(
    job: &JobContext,
    compared: &[Compared<S>],
    results: &[impl Serialize],
    (best_name, best): (&str, f64),
    measures: &[&str],
) -> Outcome {
    for pair in compared {
        pair.rejects.iter().for_each(|reject| job.events.bad_row(&*reject.file, reject.line, &reject.reason));
        let [predicted, truth] = pair.rows;
        if predicted != truth {
            let message = format!(
                "`{}` has {predicted} rows and `{}` has {truth}: only the first {} of each are compared",
                pair.predicted,
                pair.truth,
                predicted.min(truth)
            );
            job.events.warning(message);
        }
    }
    let results = json!(results);
    let mut watched = Map::from_iter([(best_name.to_owned(), json!(best))]);
    for &measure in measures {
        let numbers = compared.iter().zip(results.as_array().into_iter().flatten());
        let by_name: Map<String, Value> = numbers.map(|(pair, result)| (name_among(pair, compared), result[measure].clone())).collect();
        watched.insert(measure.to_owned(), by_name.into());
    }
    let rows: Vec<Value> = compared.iter().map(|pair| json!({"compared": pair.pairs, "rejected": pair.rejected})).collect();
    let kind = measures.first().copied().unwrap_or_default();
    Outcome {
        values: vec![results.clone(), best.into()],
        watched: Some(watched.into()),
        rejected_rows: compared.iter().map(|pair| pair.rejected).sum(),
        report: Some(json!({"kind": kind, "results": results, best_name: best, "rows": rows})),
        ..Outcome::default()
    }
}

/// The predictions' path; with the truth's where the same predictions are compared more than once.
fn name_among<S>(pair: &Compared<S>, all: &[Compared<S>]) -> String {
    if all.iter().filter(|other| other.predicted == pair.predicted).count() > 1 {
        format!("{} against {}", pair.predicted, pair.truth)
    } else {
        pair.predicted.clone()
    }
}
