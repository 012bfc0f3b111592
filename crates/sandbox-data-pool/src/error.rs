//! Why a manipulation has no result.

use std::path::{Path, PathBuf};

use sandbox_dataset::DatasetError;
use sandbox_document::Problem;
use sandbox_fs::FsError;

/// What ends a manipulation. A bad row does not: it is set aside.
#[derive(Debug, thiserror::Error)]
pub enum PoolError {
    /// None of the inputs is there.
    #[error("Failed to find any of the inputs: {}\n  hint: paths are relative to the folder in which the program runs; an earlier job may have written elsewhere", ticked(.0))]
    Missing(Vec<String>),
    /// A setting that cannot be used.
    #[error("{0}")]
    Setting(Problem),
    /// No input has a statistic that rows can be ranked by.
    #[error("Failed to construct data pools: no input has numbers in `__dj__stats__`: {}\n  hint: analyse the data first with `export_original_dataset: true`, or set `ignore_stats: true`", ticked(.0))]
    NoStatistics(Vec<String>),
    /// Two outputs would have one name.
    #[error("Failed to name the outputs of `{}` and `{}` apart: both would be `{}`\n  hint: give the inputs different file names, or run the job once per input", first.display(), second.display(), path.display())]
    SameName {
        /// What the first output is made of.
        first: PathBuf,
        /// What the second output is made of.
        second: PathBuf,
        /// The name of both.
        path: PathBuf,
    },
    /// An output would replace an input.
    #[error("Failed to write `{}`: it is an input of this job\n  hint: set another `export_path`", .0.display())]
    OutputIsInput(PathBuf),
    /// A join in which fields stand on both sides.
    #[error("Failed to join: the field{} {} {} in both `dataset_path_1` and `dataset_path_2`\n  hint: `on_conflict: suffix` keeps both as NAME_1 and NAME_2, `left` or `right` keeps one", if .0.len() == 1 { "" } else { "s" }, ticked(.0), if .0.len() == 1 { "stands" } else { "stand" })]
    SameField(Vec<String>),
    /// A join in which a field's new name is taken.
    #[error(
        "Failed to join: `{field}` cannot be renamed to `{name}`, another field has that name\n  hint: set `on_conflict: left` or `right`"
    )]
    NameTaken {
        /// The field of both sides.
        field: String,
        /// The new name.
        name: String,
    },
    /// More rows than positions can be kept for.
    #[error("Failed to read `{}`: more than {} rows\n  hint: split the file", .0.display(), u32::MAX)]
    TooManyRows(PathBuf),
    /// More intersections than anybody wants files.
    #[error(
        "Failed to combine: more than {most} intersections of the pools are not empty\n  hint: set `top_levels` to combine fewer pools at a time (`top_levels: 2`: single pools and pairs)"
    )]
    TooManySubsets {
        /// The most that are written.
        most: usize,
    },
    /// A file that cannot be read or written.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A file that cannot be made or given its name.
    #[error(transparent)]
    File(#[from] FsError),
    /// The caller wanted it to stop; nothing was written under a final name.
    #[error("stopped")]
    Stopped,
}

impl PoolError {
    pub(crate) fn read(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Dataset(DatasetError::Read { path: path.to_owned(), source })
    }

    pub(crate) fn write(path: &Path) -> impl FnOnce(std::io::Error) -> Self {
        move |source| Self::Dataset(DatasetError::Write { path: path.to_owned(), source })
    }

    /// A key of the configuration whose value cannot be used.
    pub(crate) fn setting(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::Setting(Problem::error(message).hint(hint))
    }
}

/// Names in backticks, with commas.
pub(crate) fn ticked(names: &[String]) -> String {
    let ticked: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    ticked.join(", ")
}
