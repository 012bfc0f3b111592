//! `TrainModelHook`, `type: ngram`: an n-gram language model trained in this process, the default for a laptop.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use sandbox_core::component::{Component, ComponentError, Entry, Finding, JobContext, JobSettings, Outcome, Paths, StopFlag, blocking};
use sandbox_core::event::JobEvents;
use sandbox_core::hook::{Category, Side};
use sandbox_dataset::{Texts, resolve};
use sandbox_document::{KeyPath, Problem};
use sandbox_lm::{NgramModel, NgramSettings, NgramTrainer, Score, Scorer, Unit};
use serde::Deserialize;
use serde_json::json;

/// The n-gram trainer.
pub const ENTRY: Entry = Entry {
    category: Category::ModelTrainer,
    type_name: Some("ngram"),
    summary: "Trains an n-gram language model in this process, at tens of megabytes a second",
    doc: "`extra_configs`: `dataset_path` (rows to train on: file, directory, glob or a list of them), `export_path` (the \
          model's file), `text_key` (`text`), `unit` (`bytes`: interpolated Witten-Bell, or `words`: interpolated modified \
          Kneser-Ney), `order` (5), `validation_every` (50: every 50th document is left out of the training and scored now \
          and then; 0: none). Watched while it trains: `tokens_seen` and `bits_per_byte` on the documents left out. Returns \
          the model's path.",
    example: "hook: TrainModelHook\n\
              meta_name: train\n\
              extra_configs:\n  \
                type: ngram\n  \
                dataset_path: data/train.jsonl\n  \
                export_path: outputs/models/train.ngram\n\
              output: model_path\n",
    check,
    build,
};

const KEYS: &[&str] = &["dataset_path", "text_key", "unit", "order", "validation_every"];

#[derive(Debug, Clone, Deserialize)]
struct Config {
    dataset_path: Paths,
    export_path: PathBuf,
    #[serde(default = "text")]
    text_key: String,
    #[serde(default)]
    unit: Unit,
    #[serde(default = "five")]
    order: usize,
    #[serde(default = "fifty")]
    validation_every: u64,
}

fn text() -> String {
    "text".to_owned()
}

fn five() -> usize {
    NgramSettings::default().order
}

fn fifty() -> u64 {
    50
}

fn check(settings: &JobSettings) -> Vec<Finding> {
    let mut findings = match settings.preview::<Config>(Side::Extra) {
        Ok(Some(config)) => {
            let order = if settings.is_pending("extra_configs.order") || settings.is_pending("extra_configs.unit") {
                Vec::new()
            } else {
                flaws(&config)
            };
            order.into_iter().chain(settings.missing(Side::Extra, "dataset_path", &config.dataset_path.0)).collect()
        }
        Ok(None) => Vec::new(),
        Err(findings) => findings,
    };
    findings.extend(settings.unread_keys(Side::Extra, KEYS));
    findings
}

fn flaws(config: &Config) -> Vec<Finding> {
    if config.validation_every == 1 {
        let problem = Problem::error("`validation_every: 1` leaves no document to train on").hint("0 for none, or at least 2");
        return vec![Finding::extra(KeyPath::root().key("validation_every"), problem)];
    }
    let settings = NgramSettings { unit: config.unit, order: config.order };
    settings
        .check()
        .err()
        .map(|error| Finding::extra(KeyPath::root().key("order"), Problem::error(error.to_string())))
        .into_iter()
        .collect()
}

fn build(settings: &JobSettings) -> Result<Box<dyn Component>, Vec<Finding>> {
    let config: Config = settings.read(Side::Extra)?;
    let findings = flaws(&config);
    if findings.is_empty() { Ok(Box::new(Train { config })) } else { Err(findings) }
}

struct Train {
    config: Config,
}

#[async_trait]
impl Component for Train {
    fn reads(&self) -> Vec<PathBuf> {
        resolve(&self.config.dataset_path.0, &[]).unwrap_or_default()
    }

    async fn run(&self, job: &JobContext) -> Result<Outcome, ComponentError> {
        let (config, events, stop) = (self.config.clone(), job.events.clone(), job.stop.clone());
        let trained = blocking(move || train(&config, &events, &stop)).await?;
        let path = self.config.export_path.clone();
        let facts = json!({
            "model_path": path, "dataset_path": self.config.dataset_path.0, "documents": trained.documents, "tokens": trained.tokens, "bytes": trained.bytes,
            "unit": self.config.unit, "order": self.config.order, "validation_bits_per_byte": trained.validation,
        });
        Ok(Outcome {
            values: vec![path.to_string_lossy().into_owned().into()],
            files: vec![path],
            rejected_rows: trained.rejected,
            watched: Some(facts.clone()),
            report: Some(json!({"kind": "training", "training": facts})),
        })
    }
}

struct Trained {
    documents: u64,
    tokens: u64,
    bytes: u64,
    rejected: u64,
    validation: Option<f64>,
}

fn train(config: &Config, events: &JobEvents, stop: &StopFlag) -> Result<Trained, ComponentError> {
    let files = resolve(&config.dataset_path.0, &[]).map_err(failed)?;
    let validation = validation(config, &files)?;
    let mut trainer = NgramTrainer::new(NgramSettings { unit: config.unit, order: config.order }).map_err(failed)?;
    let mut looks = Looks(FIRST_LOOK);
    let mut texts = Texts::open(&files, &config.text_key).map_err(failed)?;
    let mut told = Instant::now();
    let mut document = 0;
    while let Some(text) = texts.next_text().map_err(failed)? {
        document += 1;
        if !is_validation(config, document) {
            trainer.add(text);
        }
        if trainer.bytes_seen() >= looks.0 {
            looks.at(&mut trainer, &validation, events);
        }
        if told.elapsed() >= BEAT {
            told = Instant::now();
            let progress = texts.progress();
            events.progress(progress.bytes_read, Some(progress.bytes_total), "bytes");
            if stop.is_set() {
                return Err(ComponentError::Interrupted);
            }
        }
    }
    for reject in texts.rejects() {
        events.bad_row(&*reject.file, reject.line, &reject.reason);
    }
    if trainer.documents() == 0 {
        let names = config.dataset_path.0.join("`, `");
        return Err(ComponentError::failed(format!("no row of `{names}` has a text under `{}` to train on", config.text_key))
            .hint("an earlier job may have dropped every row; `text_key` names the text field"));
    }
    let (bytes, tokens, documents) = (trainer.bytes_seen(), trainer.tokens_seen(), trainer.documents());
    let model = trainer.finish();
    let validation = look(&model, tokens, &validation, events);
    model.save(&config.export_path).map_err(failed)?;
    Ok(Trained { documents, tokens, bytes, rejected: texts.rejected(), validation })
}

fn failed(error: impl std::error::Error) -> ComponentError {
    ComponentError::told(&error)
}

/// Whether the `document`-th one (from 1) is left out of the training.
fn is_validation(config: &Config, document: u64) -> bool {
    config.validation_every > 0 && document.is_multiple_of(config.validation_every) && document / config.validation_every <= MOST_VALIDATION
}

/// The documents left out, found before training so that every look scores the same ones.
fn validation(config: &Config, files: &[PathBuf]) -> Result<Vec<String>, ComponentError> {
    let (mut validation, mut document) = (Vec::new(), 0);
    if config.validation_every == 0 {
        return Ok(validation);
    }
    let mut texts = Texts::open(files, &config.text_key).map_err(failed)?;
    while let Some(text) = texts.next_text().map_err(failed)? {
        document += 1;
        if is_validation(config, document) {
            validation.push(text.to_owned());
        }
        if validation.len() as u64 == MOST_VALIDATION {
            break;
        }
    }
    Ok(validation)
}

/// The first look at the validation documents, in bytes trained on; each further one when the text has doubled, so that
/// all looks together cost less than the final model.
const FIRST_LOOK: u64 = 128 << 10;
/// The most documents that are left out.
const MOST_VALIDATION: u64 = 500;
/// How often progress is told.
const BEAT: Duration = Duration::from_millis(100);

/// The next look, in bytes trained on.
struct Looks(u64);

impl Looks {
    fn at(&mut self, trainer: &mut NgramTrainer, validation: &[String], events: &JobEvents) {
        self.0 = trainer.bytes_seen() * 2;
        look(&trainer.snapshot(), trainer.tokens_seen(), validation, events);
    }
}

/// Scores the validation documents; both numbers go out as metrics with the tokens trained on as their step.
fn look(model: &NgramModel, tokens: u64, validation: &[String], events: &JobEvents) -> Option<f64> {
    events.metric("tokens_seen", Some(tokens), tokens as f64);
    let bits = validation.iter().map(|text| model.score("", text)).sum::<Score>().bits_per_byte();
    if let Some(bits) = bits {
        events.metric("bits_per_byte", Some(tokens), bits);
    }
    bits
}
