//! How a run stands.

use serde::{Deserialize, Serialize};

/// How a run stands. A run that says it is running is [`Crashed`](Self::Crashed) as soon as its process is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Its process is at it.
    Running,
    /// It came to its end.
    Done,
    /// It came to its end without meeting its targets.
    TargetsNotMet,
    /// What was recorded of it was taken over.
    Skipped,
    /// It was asked to stop.
    Interrupted,
    /// It failed.
    Failed,
    /// Its process ended without saying how it went.
    Aborted,
    /// Its process was killed, or the machine went down.
    Crashed,
}

impl Status {
    const ALL: [Self; 8] =
        [Self::Running, Self::Done, Self::TargetsNotMet, Self::Skipped, Self::Interrupted, Self::Failed, Self::Aborted, Self::Crashed];

    /// The word in the store and in tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Done => "done",
            Self::TargetsNotMet => "targets_not_met",
            Self::Skipped => "skipped",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
            Self::Aborted => "aborted",
            Self::Crashed => "crashed",
        }
    }

    /// The status of a word; what a later program has written counts as aborted.
    pub fn of_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|status| status.name() == name).unwrap_or(Self::Aborted)
    }
}
