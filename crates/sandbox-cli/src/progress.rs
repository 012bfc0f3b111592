//! The events of a run, told to people: bars on a terminal, plain lines elsewhere, JSON lines for programs.

mod bar;
mod transfer;

use std::sync::Mutex;
use std::time::{Duration, Instant};

use sandbox_core::event::{Event, JobName, Listener, Pass};

use crate::printer::Printer;
use crate::render::number::{count, duration, figure, rows};
use bar::Bar;

pub use transfer::Transfer;

/// How many bad rows of a job are told one by one.
const BAD_ROWS: u64 = 10;
/// How often a plain line tells the progress of a long job.
const BEAT: Duration = Duration::from_secs(5);

/// How often the numbers of a program are told.
const SELDOM: Duration = Duration::from_secs(1);

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
    /// When numbers of a program were told last.
    measured: Option<Instant>,
    told: Option<Instant>,
    pass: Option<Pass>,
    bar: Option<Bar>,
}

/// How far a job is.
struct Far<'e> {
    done: u64,
    total: Option<u64>,
    unit: &'e str,
    rows: Option<u64>,
    pass: Option<Pass>,
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
        (state.bad_rows, state.started, state.told, state.pass) = (0, Some(now), Some(now), None);
        state.job += 1;
        let head = format!("[{}/{}] {job}", state.job, state.jobs.max(state.job));
        if self.printer.is_watched() {
            state.bar = Some(Bar::new(&format!("{head}  {what}")));
        } else {
            self.printer.talk(format!("{head}  {what}"));
        }
    }

    fn progress(&self, state: &mut State, far: &Far<'_>) {
        if state.pass != far.pass {
            // The numbers are of this pass alone, and so are its speed and what is left.
            state.pass = far.pass;
            state.started = Some(Instant::now());
        }
        if let (Some(bar), Some(started)) = (&state.bar, state.started) {
            bar.progress(far, started.elapsed());
            return;
        }
        let (Some(started), Some(told)) = (state.started, state.told) else { return };
        if told.elapsed() < BEAT {
            return;
        }
        state.told = Some(Instant::now());
        self.printer.talk(format!("      {}", far.words(started.elapsed())));
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
            Event::Progress { done, total, unit, rows, pass, .. } => {
                self.progress(state, &Far { done: *done, total: *total, unit, rows: *rows, pass: *pass });
            }
            Event::Metric { name, step, value, .. } => {
                // A counter that is its own step, such as the tokens seen, stands behind each other metric already.
                if step.is_none_or(|step| step as f64 != *value) {
                    let at = step.map(|step| format!(" at {}", count(step))).unwrap_or_default();
                    self.line(state, &format!("      {name} {value:.4}{at}"));
                }
            }
            // A program may print thousands of lines a second; all of them are in the run store.
            Event::Metrics { .. } if state.measured.is_some_and(|told| told.elapsed() < SELDOM) => {}
            Event::Metrics { step, values, .. } => {
                state.measured = Some(Instant::now());
                let at = step.map(|step| format!(" at {}", count(step))).unwrap_or_default();
                let words: Vec<String> = values.iter().map(|(name, value)| format!("{name} {}", measured(*value))).collect();
                self.line(state, &format!("      {}{at}", words.join(", ")));
            }
            Event::Log { file, .. } => self.line(state, &format!("      its output goes to {}", file.display())),
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

impl Far<'_> {
    /// `pass 2 of 3, 45 %, 2 s left, 45,120 rows, 320,000 rows/s`
    fn words(&self, elapsed: Duration) -> String {
        let seconds = elapsed.as_secs_f64().max(1e-3);
        let done = self.done;
        let mut words: Vec<String> = self.pass.iter().map(Pass::to_string).collect();
        match self.total.filter(|total| *total > 0) {
            Some(total) => {
                words.push(format!("{} %", done * 100 / total));
                if done > 0 && done < total {
                    words.push(format!("{} left", duration(seconds * (total - done) as f64 / done as f64)));
                }
            }
            None => words.push(format!("{} {}", count(done), self.unit)),
        }
        match self.rows {
            Some(rows) => words.push(format!("{} rows, {} rows/s", count(rows), count((rows as f64 / seconds) as u64))),
            None if self.unit == "bytes" => words.push(format!("{:.1} MB/s", done as f64 / 1e6 / seconds)),
            None => {}
        }
        words.join(", ")
    }
}

/// A measured number; one that is none is told as such.
fn measured(value: f64) -> String {
    if value.is_finite() { figure(value) } else { value.to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pass_is_named_and_time_left_is_that_of_the_pass() {
        let pass = Some(Pass { number: 2, of: 3 });
        let far = Far { done: 25, total: Some(100), unit: "bytes", rows: Some(1000), pass };
        assert_eq!(far.words(Duration::from_secs(2)), "pass 2 of 3, 25 %, 6.0 s left, 1,000 rows, 500 rows/s");
        let begins = Far { done: 0, total: None, unit: "bytes", rows: Some(0), pass };
        assert_eq!(begins.words(Duration::ZERO), "pass 2 of 3, 0 bytes, 0 rows, 0 rows/s");
        let only = Far { done: 5_000_000, total: None, unit: "bytes", rows: None, pass: None };
        assert_eq!(only.words(Duration::from_secs(5)), "5,000,000 bytes, 1.0 MB/s");
    }
}
