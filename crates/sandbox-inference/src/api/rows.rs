//! Rows to questions, questions to workers, answers back into rows in their order.

mod ask;
mod write;

use std::collections::VecDeque;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use sandbox_core::component::{ComponentError, JobContext, StopFlag};
use sandbox_core::event::JobEvents;
use sandbox_dataset::{Reader, Reject, Row, resolve};

use super::config::Config;
use super::journal::{Journal, question};
use crate::client::{AskError, Client};
use crate::messages::Builder;
use crate::parse::Parser;
use ask::{Answer, Question, Workers};
use write::Output;

/// How far the answers may run ahead of the first row that has none.
const WINDOW: u64 = 8192;
/// How many rows that were set aside are told one by one.
const TOLD: u64 = 100;
/// How often progress is told.
const BEAT: Duration = Duration::from_millis(100);

/// A whole inference, ready to run.
pub struct Infer {
    config: Config,
    builder: Builder,
    parser: Parser,
    client: Arc<Client>,
    called: String,
    events: JobEvents,
    stop: StopFlag,
    strict: bool,
}

/// What an inference came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inferred {
    /// The outputs, one for each file of the data set.
    pub files: Vec<PathBuf>,
    /// Rows written.
    pub rows: u64,
    /// Rows that were asked for in this run.
    pub asked: u64,
    /// Rows whose answer an earlier run had got.
    pub resumed: u64,
    /// Rows whose question failed for good.
    pub failed: u64,
    /// Rows that could not be asked for.
    pub rejected: u64,
}

fn failed(error: impl std::error::Error) -> ComponentError {
    ComponentError::told(&error)
}

/// A failure of the client with its hint.
fn refused(error: &AskError) -> ComponentError {
    let failure = ComponentError::failed(error.to_string());
    match (error, error.hint()) {
        (AskError::Interrupted, _) => ComponentError::Interrupted,
        (_, Some(hint)) => failure.hint(hint),
        (_, None) => failure,
    }
}

impl Infer {
    /// From a checked configuration.
    ///
    /// # Errors
    /// What the checks would have said.
    pub fn new(config: &Config, job: &JobContext) -> Result<Self, ComponentError> {
        let settings = config.client().map_err(|(_, problem)| ComponentError::failed(problem.message))?;
        let builder = config.builder().map_err(|(_, error)| ComponentError::failed(error))?;
        let parser = config.parser().map_err(ComponentError::failed)?;
        let called = settings.endpoint.url().to_owned();
        let client = Arc::new(Client::new(settings));
        let (events, stop, strict) = (job.events.clone(), job.stop.clone(), job.strict);
        Ok(Self { config: config.clone(), builder, parser, client, called, events, stop, strict })
    }

    /// With another name for the address in the journal: answers of a server whose port changes stay its answers.
    #[must_use]
    pub fn called(mut self, name: impl Into<String>) -> Self {
        self.called = name.into();
        self
    }

    /// Asks for all rows of all files.
    ///
    /// # Errors
    /// Files that cannot be read or written; an endpoint that answers no question; no row that is answered.
    pub fn run(&self) -> Result<Inferred, ComponentError> {
        let files = resolve(&self.config.dataset_path.0, &[]).map_err(failed)?;
        let outputs = self.outputs(&files)?;
        let total = self.count(&files)?;
        let mut tally = Inferred { files: outputs.clone(), ..Inferred::default() };
        let (mut last, mut journals) = (None, Vec::with_capacity(files.len()));
        for (file, output) in files.iter().zip(&outputs) {
            journals.push(self.file(file, output, total, &mut tally, &mut last)?);
        }
        for journal in journals {
            let unable = |error| ComponentError::failed(format!("Failed to remove `{}`: {error}", journal.display()));
            std::fs::remove_file(&journal).map_err(unable)?;
        }
        self.events.progress(tally.rows, Some(tally.rows), "rows");
        match last {
            _ if tally.rows == 0 => {
                Err(ComponentError::failed(format!("no row of `{}` can be asked for", self.config.dataset_path.0.join("`, `")))
                    .hint("an earlier job may have dropped every row; `func_kwargs` names the fields of the question"))
            }
            Some(reason) if tally.failed == tally.rows => {
                Err(ComponentError::failed(format!("no row was answered; the last one: {reason}"))
                    .hint("the errors are in the rows' `infer_error`"))
            }
            _ => Ok(tally),
        }
    }

    fn outputs(&self, files: &[PathBuf]) -> Result<Vec<PathBuf>, ComponentError> {
        let mut outputs: Vec<PathBuf> = Vec::new();
        for file in files {
            let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let base = name.trim_end_matches(".gz").trim_end_matches(".zst");
            let base = base.rsplit_once('.').map_or(base, |(base, _)| base);
            let output = self.config.export_path.join(format!("{base}_inference.jsonl"));
            if outputs.contains(&output) {
                return Err(ComponentError::failed(format!("two files of the data set would be written to `{}`", output.display()))
                    .hint("give them different names, or ask for them in jobs of their own"));
            }
            outputs.push(output);
        }
        Ok(outputs)
    }

    fn count(&self, files: &[PathBuf]) -> Result<u64, ComponentError> {
        let mut reader = Reader::open(files, Default::default()).map_err(failed)?;
        let mut total = 0;
        while let Some(chunk) = reader.next_chunk().map_err(failed)? {
            total += chunk.rows().count() as u64;
            reader.recycle(chunk);
            if self.stop.is_set() {
                return Err(ComponentError::Interrupted);
            }
        }
        Ok(total)
    }

    fn file(
        &self,
        file: &Path,
        path: &Path,
        total: u64,
        tally: &mut Inferred,
        last: &mut Option<String>,
    ) -> Result<PathBuf, ComponentError> {
        std::fs::create_dir_all(&self.config.export_path)
            .map_err(|error| ComponentError::failed(format!("Failed to create `{}`: {error}", self.config.export_path.display())))?;
        let journal_path = path.with_extension("jsonl.journal");
        let journal = Journal::open(journal_path.clone())
            .map_err(|error| ComponentError::failed(format!("Failed to read `{}`: {error}", journal_path.display())))?;
        let mut output = Output::create(path, &self.config.infer_res_key, journal)?;
        let mut workers = Workers::start(&self.client, &self.stop, self.config.max_concurrency)?;
        let mut reader = Reader::open(&[file.to_owned()], Default::default()).map_err(failed)?;
        let (mut waiting, mut ended, mut next, mut told) = (VecDeque::new(), false, 0_u64, Instant::now());
        loop {
            while !ended || !waiting.is_empty() {
                if waiting.is_empty() {
                    match reader.next_chunk().map_err(failed)? {
                        Some(chunk) => {
                            chunk.rejects().iter().try_for_each(|reject| self.reject(reject, tally))?;
                            waiting.extend(chunk.rows().map(|row| (row.bytes.to_vec(), Reject::new(row.file, row.line, "", b""))));
                            reader.recycle(chunk);
                        }
                        None => ended = true,
                    }
                    continue;
                }
                if next - output.written() >= WINDOW || !workers.has_room() {
                    break;
                }
                let Some((row, place)) = waiting.pop_front() else { break };
                let body = match self.question(&row) {
                    Ok(body) => body,
                    Err(reason) => {
                        self.reject(&Reject::new(&place.file, place.line, reason, &row), tally)?;
                        continue;
                    }
                };
                let hash = question(&self.called, &body);
                if let Some(text) = output.journal().take(next, hash) {
                    tally.resumed += 1;
                    output.keep(next, row, self.parser.parse(&text));
                } else {
                    tally.asked += 1;
                    workers.ask(Question { number: next, hash, row, body })?;
                }
                next += 1;
            }
            output.flush(tally, last)?;
            if ended && waiting.is_empty() && output.written() == next {
                break;
            }
            if self.stop.is_set() {
                return Err(ComponentError::Interrupted);
            }
            if told.elapsed() >= BEAT {
                told = Instant::now();
                self.events.progress(tally.rows, Some(total), "rows");
            }
            if let Some(answer) = workers.next(BEAT)? {
                self.answered(answer, &mut output, tally)?;
            }
        }
        output.finish()
    }

    fn answered(&self, answer: Answer, output: &mut Output, tally: &Inferred) -> Result<(), ComponentError> {
        let Answer { question, result } = answer;
        let value = match result {
            Ok(text) => {
                output.answered_one();
                output.push(question.number, question.hash, &text)?;
                self.parser.parse(&text)
            }
            Err(AskError::Interrupted) => return Err(ComponentError::Interrupted),
            // Before any answer, what fails for all is the endpoint's fault and not the row's.
            Err(error) if error.is_for_all() && !output.has_answers() && tally.resumed == 0 => return Err(refused(&error)),
            Err(error) => Err(error.to_string()),
        };
        output.keep(question.number, question.row, value);
        Ok(())
    }

    fn question(&self, row: &[u8]) -> Result<Vec<u8>, String> {
        let row = Row::parse(row).map_err(|error| error.to_string())?;
        let messages = self.builder.messages(&row)?;
        Ok(self.client.body(&self.config.model, &messages, &self.config.sampling_params))
    }

    fn reject(&self, reject: &Reject, tally: &mut Inferred) -> Result<(), ComponentError> {
        tally.rejected += 1;
        if self.strict {
            return Err(ComponentError::failed(format!("{}:{}: {}", reject.file.display(), reject.line, reject.reason)));
        }
        if tally.rejected <= TOLD {
            self.events.bad_row(&*reject.file, reject.line, &*reject.reason);
        }
        Ok(())
    }
}
