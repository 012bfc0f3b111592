//! What keeps a dataset from being converted.

use std::path::PathBuf;

use sandbox_dataset::DatasetError;
use sandbox_fs::FsError;

/// Why a conversion ended before its time.
#[derive(Debug, thiserror::Error)]
pub enum ConversionError {
    /// An empty list.
    #[error("there is nothing to convert: the list of datasets is empty")]
    Nothing,
    /// Not one of the inputs is there.
    #[error("Failed to find `{}`{}", paths.join("`, `"), near.as_ref().map(|near| format!("\n  hint: did you mean `{}`?", near.display())).unwrap_or_default())]
    Missing {
        /// All of them, as they were written.
        paths: Vec<String>,
        /// What stands beside the first one that has a near miss.
        near: Option<PathBuf>,
    },
    /// Two inputs with the same name in different folders.
    #[error("`{first}` and `{second}` would both be written to `{}`\n  hint: rename one of them, or convert them in two jobs", output.display())]
    SameOutput {
        /// One input.
        first: String,
        /// The other.
        second: String,
        /// The output of both.
        output: PathBuf,
    },
    /// Bad rows only: most likely the wrong dataset.
    #[error("not one of the {rows} rows of `{}` can be converted\n  hint: the first is {first}", input.display())]
    NoRow {
        /// The file.
        input: PathBuf,
        /// How many rows it has.
        rows: u64,
        /// The first row with its place and what is wrong with it.
        first: String,
    },
    /// A dataset that cannot be read or written.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
    /// A file that cannot be written.
    #[error(transparent)]
    File(#[from] FsError),
    /// The observer said so.
    #[error("interrupted")]
    Stopped,
}
