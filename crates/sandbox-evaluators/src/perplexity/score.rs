//! Every model over every target set.

use sandbox_core::component::ComponentError;
use sandbox_core::component::StopFlag;
use sandbox_core::event::JobEvents;
use sandbox_dataset::{Texts, resolve};
use sandbox_lm::{Interval, NgramModel, PairedDifference, Score, Scorer, Summary, paired_difference};
use serde::Serialize;

use super::Config;

/// One model on one target set.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Scored {
    pub(super) model: String,
    pub(super) model_path: String,
    pub(super) target: String,
    pub(super) bits_per_byte: f64,
    pub(super) interval: Option<Interval>,
    pub(super) documents: u64,
    pub(super) bytes: u64,
    /// Per symbol of the model: comparable only between models of one kind.
    pub(super) perplexity: Option<f64>,
    /// Against the first model, on the same documents; below zero is better.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) difference: Option<PairedDifference>,
}

pub(super) struct All {
    pub(super) results: Vec<Scored>,
    pub(super) rejected: u64,
}

pub(super) fn score_all(config: &Config, events: &JobEvents, stop: &StopFlag) -> Result<All, ComponentError> {
    let mut models = Vec::new();
    for (name, paths) in &config.model_path.0 {
        for path in paths {
            let model = NgramModel::open(std::path::Path::new(path)).map_err(|error| ComponentError::told(&error))?;
            models.push((name.clone(), path.clone(), model));
        }
    }
    let mut all = All { results: Vec::new(), rejected: 0 };
    let total = (models.len() * config.dataset_path.0.len()) as u64;
    for (target, paths) in &config.dataset_path.0 {
        let documents = read(paths, &config.text_key, events, &mut all.rejected)?;
        let mut first: Option<Vec<Score>> = None;
        for (name, path, model) in &models {
            let mut scores = Vec::with_capacity(documents.len());
            for document in &documents {
                if stop.is_set() {
                    return Err(ComponentError::Interrupted);
                }
                scores.push(model.score("", document));
            }
            let result = sum_up(&scores, first.as_deref())?.ok_or_else(|| no_text(target, &config.text_key))?;
            let named = Scored { model: name.clone(), model_path: path.clone(), target: target.clone(), ..result };
            events.metric(&format!("{name}.bits_per_byte"), None, named.bits_per_byte);
            all.results.push(named);
            events.progress(all.results.len() as u64, Some(total), "evaluations");
            first.get_or_insert(scores);
        }
    }
    Ok(all)
}

fn read(paths: &[String], field: &str, events: &JobEvents, rejected: &mut u64) -> Result<Vec<String>, ComponentError> {
    let files = resolve(paths, &[]).map_err(|error| ComponentError::told(&error))?;
    let mut texts = Texts::open(&files, field).map_err(|error| ComponentError::told(&error))?;
    let mut documents = Vec::new();
    while let Some(text) = texts.next_text().map_err(|error| ComponentError::told(&error))? {
        documents.push(text.to_owned());
    }
    for reject in texts.rejects() {
        events.bad_row(&*reject.file, reject.line, &reject.reason);
    }
    *rejected += texts.rejected();
    Ok(documents)
}

fn sum_up(scores: &[Score], first: Option<&[Score]>) -> Result<Option<Scored>, ComponentError> {
    let Some(summary) = Summary::of(scores) else { return Ok(None) };
    let difference = match first {
        Some(first) => paired_difference(first, scores).map_err(|error| ComponentError::told(&error))?,
        None => None,
    };
    Ok(Some(Scored {
        model: String::new(),
        model_path: String::new(),
        target: String::new(),
        bits_per_byte: summary.bits_per_byte,
        interval: summary.interval,
        documents: summary.documents,
        bytes: summary.bytes,
        perplexity: scores.iter().copied().sum::<Score>().perplexity(),
        difference,
    }))
}

fn no_text(target: &str, field: &str) -> ComponentError {
    ComponentError::failed(format!("no row of `{target}` has a text under `{field}`: there is nothing to score"))
        .hint("`text_key` names the text field")
}
