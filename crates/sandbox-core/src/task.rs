//! What a running job knows about its surroundings.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use indexmap::IndexMap;
use sandbox_document::value;
use serde_json::Value;

use crate::event::{EventSink, JobEvents, JobName};
use crate::hook::Hook;
use crate::stop::StopFlag;

/// Where a component runs: its names, its folder, and the ways out of it.
#[derive(Debug, Clone)]
pub struct JobContext {
    /// The run's folder for logs and other files of its own.
    pub work_dir: PathBuf,
    /// The iteration, from 1.
    pub iteration: u64,
    /// The pipeline's name.
    pub pipeline: String,
    /// The job's name.
    pub meta_name: String,
    /// The hook that calls.
    pub hook: &'static Hook,
    /// Where to say what happens; knows the job's name.
    pub events: JobEvents,
    /// Set when the work should be left where it is.
    pub stop: StopFlag,
    /// How many threads the work may use.
    pub threads: usize,
    /// Whether the first row that cannot be used is a failure.
    pub strict: bool,
    pub(crate) watched: Arc<IndexMap<String, Value>>,
    pub(crate) queried: Arc<Mutex<IndexMap<String, Option<Value>>>>,
}

impl JobContext {
    /// A context outside any pipeline: for a component that is used on its own, and for tests.
    pub fn standalone(work_dir: impl Into<PathBuf>, hook: &'static Hook, events: EventSink) -> Self {
        let name = JobName { iteration: 1, pipeline: "anonymous".to_owned(), meta_name: "anonymous_meta_name".to_owned() };
        Self {
            work_dir: work_dir.into(),
            iteration: name.iteration,
            pipeline: name.pipeline.clone(),
            meta_name: name.meta_name.clone(),
            hook,
            events: JobEvents::new(events, name),
            stop: StopFlag::new(),
            threads: 1,
            strict: false,
            watched: Arc::default(),
            queried: Arc::default(),
        }
    }

    /// With a value that [`query`](Self::query) finds.
    #[must_use]
    pub fn with_watched(mut self, meta_name: impl Into<String>, value: Value) -> Self {
        Arc::make_mut(&mut self.watched).insert(meta_name.into(), value);
        self
    }

    /// What was last watched under a name, whole (`analysis`) or one part of it (`analysis.text_len.mean`).
    ///
    /// What is asked for here counts as an input: a resumed run does not skip the job when the answer has changed.
    pub fn query(&self, name: &str) -> Option<Value> {
        let answer = query(&self.watched, name);
        self.queried.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned(), answer.clone());
        answer
    }
}

/// The look-up behind [`JobContext::query`].
pub(crate) fn query(watched: &IndexMap<String, Value>, name: &str) -> Option<Value> {
    let whole = watched.get(name);
    let part = || {
        let mut cuts = name.rmatch_indices('.');
        cuts.find_map(|(dot, _)| watched.get(&name[..dot]).and_then(|found| value::lookup(found, &name[dot + 1..])))
    };
    whole.or_else(part).cloned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::hook::HOOKS;

    #[test]
    fn a_query_finds_the_whole_or_a_part() {
        let job = JobContext::standalone("w", &HOOKS[0], EventSink::none()).with_watched("a.b", json!({"text_len": {"mean": 3}}));
        assert_eq!(job.query("a.b"), Some(json!({"text_len": {"mean": 3}})));
        assert_eq!(job.query("a.b.text_len.mean"), Some(json!(3)));
        assert_eq!(job.query("a"), None);
        assert_eq!(job.queried.lock().unwrap().len(), 3);
    }
}
