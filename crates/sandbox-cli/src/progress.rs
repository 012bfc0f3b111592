//! The events of a run, told to people: bars on a terminal, plain lines elsewhere, JSON lines for programs.

mod bar;

use std::sync::Mutex;
use std::time::{Duration, Instant};

use sandbox_core::event::{Event, JobName, Listener};

use crate::printer::Printer;
use crate::render::number::{count, duration, rows};
use bar::Bar;

/// How many bad rows of a job are told one by one.
const BAD_ROWS: u64 = 10;
/// How often a plain line tells the progress of a long job.
const BEAT: Duration = Duration::from_secs(5);

/// Tells what happens.
pub struct Teller {
    printer: Printer,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    jobs: usize,
    job: usize,
    bad_rows: u64,
    started: Option<Instant>,
    told: Option<Instant>,
    bar: Option<Bar>,
}

impl Teller {
    /// A teller that prints through `printer`.
    pub fn new(printer: Printer) -> Self {
        Self { printer, state: Mutex::default() }
    }

    /// A line of talk, above the bar where there is one.
    fn line(&self, state: &State, text: &str) {
        match &state.bar {
            Some(bar) => bar.above(text),
            None => self.printer.talk(text),
        }
    }

    fn start(&self, state: &mut State, job: &JobName, what: &str) {
        let now = Instant::now();
        (state.bad_rows, state.started, state.told) = (0, Some(now), Some(now));
        state.job += 1;
        let head = format!("[{}/{}] {job}", state.job, state.jobs.max(state.job));
        if self.printer.is_watched() {
            state.bar = Some(Bar::new(&format!("{head}  {what}")));
        } else {
            self.printer.talk(format!("{head}  {what}"));
        }
    }

    fn progress(&self, state: &mut State, done: u64, total: Option<u64>, unit: &str, rows: Option<u64>) {
        if let Some(bar) = &state.bar {
            bar.progress(done, total, unit, rows);
            return;
        }
        let (Some(started), Some(told)) = (state.started, state.told) else { return };
        if told.elapsed() < BEAT {
            return;
        }
        state.told = Some(Instant::now());
        self.printer.talk(format!("      {}", progress_words(done, total, unit, rows, started.elapsed())));
    }

    fn tell(&self, state: &mut State, event: &Event) {
        match event {
            Event::Plan { jobs } => state.jobs = jobs.len(),
            Event::IterationStarted { iteration } => {
                state.job = 0;
                if *iteration > 1 {
                    self.printer.talk(format!("iteration {iteration}"));
                }
            }
            Event::JobStarted { job, hook, type_name } => {
                let what = type_name.as_ref().map_or(hook.clone(), |name| format!("{hook} ({name})"));
                self.start(state, job, &what);
            }
            Event::JobSkipped { job, why, .. } => {
                state.job += 1;
                self.printer.talk(format!("[{}/{}] {job}  skipped: {why}", state.job, state.jobs.max(state.job)));
            }
            Event::JobRerun { job, why } => self.line(state, &format!("{job} runs again: {why}")),
            Event::Progress { done, total, unit, rows, .. } => self.progress(state, *done, *total, unit, *rows),
            Event::Metric { name, step, value, .. } => {
                // A counter that is its own step, such as the tokens seen, stands behind each other metric already.
                if step.is_none_or(|step| step as f64 != *value) {
                    let at = step.map(|step| format!(" at {}", count(step))).unwrap_or_default();
                    self.line(state, &format!("      {name} {value:.4}{at}"));
                }
            }
            Event::BadRow { file, line, reason, .. } => {
                state.bad_rows += 1;
                if state.bad_rows <= BAD_ROWS {
                    self.line(state, &format!("      set aside {}:{line}: {reason}", file.display()));
                }
            }
            Event::Note { message, .. } => self.line(state, &format!("      {message}")),
            Event::Warning { message, .. } => self.line(state, &format!("warning: {message}")),
            Event::JobFinished { seconds, rejected_rows, .. } => {
                state.bar = None;
                if state.bad_rows > BAD_ROWS {
                    self.printer.talk(format!("      ... and {} more", rows(state.bad_rows - BAD_ROWS)));
                }
                let rejected = if *rejected_rows > 0 { format!(", {} set aside", rows(*rejected_rows)) } else { String::new() };
                self.printer.talk(format!("      done in {}{rejected}", duration(*seconds)));
            }
            Event::JobFailed { .. } => state.bar = None,
            Event::Targets { targets, met, .. } => {
                for target in targets {
                    let value = target.value.map_or("without a value".to_owned(), |value| format!("is {value}"));
                    self.printer.talk(format!("target {}: {value}, {}", target.target, if target.met { "met" } else { "not met" }));
                }
                self.printer.talk(if *met { "the targets are met" } else { "the targets are not met" });
            }
            Event::RunFinished { .. } => state.bar = None,
            Event::RunStarted { .. } | Event::Watched { .. } | Event::Report { .. } | Event::IterationFinished { .. } => {}
        }
    }
}

impl Listener for Teller {
    fn event(&self, event: &Event) {
        self.printer.event(event);
        let mut state = self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !self.printer.json {
            self.tell(&mut state, event);
        }
    }
}

/// `45 % of 71 MB · 45,120 rows · 320,000 rows/s · 2 s left`
fn progress_words(done: u64, total: Option<u64>, unit: &str, rows: Option<u64>, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64().max(1e-3);
    let mut words = Vec::new();
    match total.filter(|total| *total > 0) {
        Some(total) => {
            words.push(format!("{} %", done * 100 / total));
            if done > 0 && done < total {
                words.push(format!("{} left", duration(seconds * (total - done) as f64 / done as f64)));
            }
        }
        None => words.push(format!("{} {unit}", count(done))),
    }
    match rows {
        Some(rows) => words.push(format!("{} rows, {} rows/s", count(rows), count((rows as f64 / seconds) as u64))),
        None if unit == "bytes" => words.push(format!("{:.1} MB/s", done as f64 / 1e6 / seconds)),
        None => {}
    }
    words.join(", ")
}
