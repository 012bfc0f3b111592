//! Where events go.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use super::{Event, JobName};

/// A reader of events.
///
/// It is called by the thread on which something happens, possibly by several at once, and must return soon: a slow
/// reader puts a channel between.
pub trait Listener: Send + Sync {
    /// Takes note of one event.
    fn event(&self, event: &Event);
}

/// A function is a listener.
impl<F: Fn(&Event) + Send + Sync> Listener for F {
    fn event(&self, event: &Event) {
        self(event);
    }
}

/// Where events go; cheap to clone.
#[derive(Clone, Default)]
pub struct EventSink(Option<Arc<dyn Listener>>);

impl EventSink {
    /// A sink that hands every event to `listener`.
    pub fn new(listener: impl Listener + 'static) -> Self {
        Self(Some(Arc::new(listener)))
    }

    /// A sink that nobody reads.
    pub fn none() -> Self {
        Self(None)
    }

    /// A sink that hands every event to several others, in order.
    pub fn all(sinks: Vec<EventSink>) -> Self {
        Self::new(move |event: &Event| sinks.iter().for_each(|sink| sink.emit(event)))
    }

    /// Hands one event on.
    pub fn emit(&self, event: &Event) {
        if let Some(listener) = &self.0 {
            listener.event(event);
        }
    }
}

impl fmt::Debug for EventSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "EventSink" } else { "EventSink(none)" })
    }
}

/// The events of one job: a sink that knows the job's name. Cheap to clone and to send to other threads.
#[derive(Debug, Clone)]
pub struct JobEvents {
    sink: EventSink,
    job: Arc<JobName>,
}

impl JobEvents {
    /// The events of `job`, handed to `sink`.
    pub fn new(sink: EventSink, job: JobName) -> Self {
        Self { sink, job: Arc::new(job) }
    }

    /// The job's name, for events that are emitted whole.
    pub fn job(&self) -> JobName {
        JobName::clone(&self.job)
    }

    /// Any event.
    pub fn emit(&self, event: &Event) {
        self.sink.emit(event);
    }

    /// How far the job is. Emit it a few times a second, not for every row.
    pub fn progress(&self, done: u64, total: Option<u64>, unit: &str) {
        self.emit(&Event::Progress { job: self.job(), done, total, unit: unit.to_owned(), rows: None, pass: None });
    }

    /// One number that the job measured.
    pub fn metric(&self, name: &str, step: Option<u64>, value: f64) {
        self.emit(&Event::Metric { job: self.job(), name: name.to_owned(), step, value });
    }

    /// Numbers that the job measured together: one row, one step.
    pub fn metrics(&self, step: Option<u64>, values: impl IntoIterator<Item = (String, f64)>) {
        self.emit(&Event::Metrics { job: self.job(), step, values: values.into_iter().collect() });
    }

    /// What the job's program prints goes to `file`.
    pub fn log(&self, file: impl Into<PathBuf>) {
        self.emit(&Event::Log { job: self.job(), file: file.into() });
    }

    /// A row that could not be used. Count it in [`Outcome::rejected_rows`](crate::component::Outcome::rejected_rows) too.
    pub fn bad_row(&self, file: impl Into<PathBuf>, line: u64, reason: impl Into<String>) {
        self.emit(&Event::BadRow { job: self.job(), file: file.into(), line, reason: reason.into() });
    }

    /// Something worth knowing.
    pub fn note(&self, message: impl Into<String>) {
        self.emit(&Event::Note { job: Some(self.job()), message: message.into() });
    }

    /// Something worth a look; the job goes on.
    pub fn warning(&self, message: impl Into<String>) {
        self.emit(&Event::Warning { job: Some(self.job()), message: message.into() });
    }
}
