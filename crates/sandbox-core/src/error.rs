//! Why a run ends before its time.

use sandbox_document::Place;
use sandbox_fs::FsError;

use crate::component::ComponentError;
use crate::event::JobName;
use crate::plan::Problems;

/// Why a run failed.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A job failed; the ones before it are recorded.
    #[error("{place}: job `{}` of the pipeline `{}` failed in iteration {}", job.meta_name, job.pipeline, job.iteration)]
    Job {
        /// The job.
        job: JobName,
        /// Where it stands in the configuration.
        place: Place,
        /// Why.
        source: Box<JobError>,
    },
    /// A target cannot be compared.
    #[error("{place}: the target `{target}` cannot be compared: {message}")]
    Target {
        /// The target as written.
        target: String,
        /// Where it stands.
        place: Place,
        /// Why.
        message: String,
    },
    /// An update for the next iteration has no value.
    #[error("{place}: `iter_updater` cannot take `{source_name}`: {message}")]
    Updater {
        /// The left-hand side as written.
        source_name: String,
        /// Where it stands.
        place: Place,
        /// Why.
        message: String,
    },
    /// Another run works in the same folder.
    #[error("the work dir `{}` is in use by another run", .0.display())]
    InUse(std::path::PathBuf),
    /// State or context infos cannot be written.
    #[error(transparent)]
    Files(#[from] FsError),
}

/// Why a job failed.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// The component says so.
    #[error(transparent)]
    Component(#[from] ComponentError),
    /// With the values of earlier jobs its configuration does not hold.
    #[error(transparent)]
    Configuration(#[from] Problems),
    /// The number of values differs from the number of names.
    #[error("it returned {got} values for {} output names: `{}`", names.len(), names.join("`, `"))]
    Outputs {
        /// The names in `output`.
        names: Vec<String>,
        /// How many values there are.
        got: usize,
    },
    /// An input's value is not there.
    #[error("`{reference}` has no value: {message}")]
    Input {
        /// The reference as written.
        reference: String,
        /// Why.
        message: String,
    },
    /// A bug in the component.
    #[error("its component panicked: {0}")]
    Panicked(String),
}

impl RunError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Job { source, .. } => source.hint(),
            Self::InUse(_) => Some("wait for it to end, or set another `work_dir`"),
            _ => None,
        }
    }
}

impl JobError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Component(ComponentError::Failed { hint, .. }) => hint.as_deref(),
            Self::Panicked(_) => Some("this is a bug of the component; the jobs before it are recorded, so `resume` goes on here"),
            _ => None,
        }
    }
}

/// An error and its causes in one line; a cause that is part of what was already said is not said twice.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let words = inner.to_string();
        if !text.ends_with(&words) {
            text = format!("{text}: {words}");
        }
        cause = inner.source();
    }
    text
}
