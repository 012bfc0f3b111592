//! A recipe at work, told as a job's events.

use sandbox_core::component::StopFlag;
use sandbox_core::event::{Event, JobEvents, Pass};
use sandbox_dataset::Reject;
use sandbox_recipe::{Observer, Progress};

/// Hands progress and bad rows of a recipe on as events, and the wish to stop back.
pub struct JobObserver {
    /// Where to.
    pub events: JobEvents,
    /// Asked by the recipe again and again.
    pub stop: StopFlag,
}

impl Observer for JobObserver {
    fn progress(&self, progress: Progress) {
        self.events.emit(&Event::Progress {
            job: self.events.job(),
            done: progress.bytes_read,
            total: (progress.bytes_total > 0).then_some(progress.bytes_total),
            unit: "bytes".to_owned(),
            rows: Some(progress.rows),
            pass: (progress.passes > 1).then_some(Pass { number: progress.pass, of: progress.passes }),
        });
    }

    fn rejected(&self, reject: &Reject) {
        self.events.bad_row(&*reject.file, reject.line, &reject.reason);
    }

    fn warning(&self, message: &str) {
        self.events.warning(message);
    }

    fn stop(&self) -> bool {
        self.stop.is_set()
    }
}
