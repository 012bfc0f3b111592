//! What stands in a work dir about its finished jobs, for those who keep track of runs.

use std::path::{Path, PathBuf};

use sandbox_fs::FileStamp;
use serde_json::{Map, Value};

use crate::event::JobName;
use crate::record::{Record, Stamp};
use crate::resume;

/// A finished job as the state of its work dir tells it.
#[derive(Debug, Clone, PartialEq)]
pub struct RecordedJob {
    /// The job.
    pub job: JobName,
    /// Its hook.
    pub hook: String,
    /// Its component, when a `type` chose it.
    pub type_name: Option<String>,
    /// `dj_configs` with everything written into it.
    pub dj_configs: Value,
    /// `extra_configs` with everything written into it.
    pub extra_configs: Value,
    /// Files that these came from.
    pub loaded: Vec<PathBuf>,
    /// Files and folders that it read, as they were then.
    pub reads: Vec<FileStamp>,
    /// Files and folders that it wrote, as they were then.
    pub files: Vec<FileStamp>,
    /// Its outputs by name.
    pub outputs: Map<String, Value>,
}

/// The finished jobs of the last run in `work_dir`, in order; none when nothing is recorded there.
pub fn recorded_jobs(work_dir: &Path) -> Vec<RecordedJob> {
    resume::records(work_dir).into_iter().map(RecordedJob::from).collect()
}

impl From<Record> for RecordedJob {
    fn from(record: Record) -> Self {
        let stamps = |stamps: Vec<Stamp>| stamps.into_iter().filter_map(|stamp| stamp.stamp).collect();
        Self {
            job: record.name(),
            hook: record.made_from.hook,
            type_name: record.made_from.type_name,
            dj_configs: record.made_from.dj_configs,
            extra_configs: record.made_from.extra_configs,
            loaded: record.loaded.into_iter().map(|block| block.path.into()).collect(),
            reads: stamps(record.reads),
            files: stamps(record.files),
            outputs: record.outputs,
        }
    }
}
