//! What ends a recipe before its end. A bad row does not: it is set aside.

use std::path::PathBuf;

use sandbox_dataset::{DatasetError, Reject};
use sandbox_fs::FsError;

use crate::ksigma::KSigmaError;

impl RecipeError {
    pub(crate) fn spill(error: std::io::Error) -> Self {
        Self::Spill(error)
    }
}

impl From<DatasetError> for RecipeError {
    fn from(error: DatasetError) -> Self {
        match error {
            DatasetError::Stopped => Self::Stopped,
            error => Self::Dataset(error),
        }
    }
}

/// Why a recipe did not come to its end. Nothing is left under a final name then.
#[derive(Debug, thiserror::Error)]
pub enum RecipeError {
    /// Rows cannot be found, read or written.
    #[error(transparent)]
    Dataset(DatasetError),
    /// A file beside the rows cannot be written.
    #[error(transparent)]
    File(#[from] FsError),
    /// A picture of the analysis cannot be drawn.
    #[error(transparent)]
    Plot(#[from] sandbox_plot::PlotError),
    /// Rows to compare have no statistics.
    #[error(
        "no row of `{path}` has statistics\n  hint: name the `NAME_stats.jsonl` that `dj-sandbox analyze` writes, or rows exported with `keep_stats_in_res_ds`"
    )]
    NoStatistics {
        /// What was named.
        path: String,
    },
    /// Two sets of statistics cannot be compared.
    #[error("`{before}` and `{after}` have no statistic of numbers in common\n  hint: analyse both with the same operators")]
    NothingInCommon {
        /// The first.
        before: String,
        /// The second.
        after: String,
    },
    /// No row has the text field.
    #[error(
        "no row of `{dataset}` has the text field `{field}`\n  hint: name it in `text_keys` or the operator's `text_key`; the rows have `{fields}`"
    )]
    NoText {
        /// The files as the recipe names them.
        dataset: String,
        /// The field that was looked for.
        field: String,
        /// The fields that the rows do have.
        fields: String,
    },
    /// A row that cannot be used, in strict mode.
    #[error("{0}\n  hint: without strict mode such rows are set aside and counted")]
    Strict(Reject),
    /// An operator that looks at all rows cannot work on these.
    #[error("operator `{name}`: {cause}")]
    Operator {
        /// Its name.
        name: String,
        /// Why.
        #[source]
        cause: sandbox_ops::OpError,
    },
    /// A program of the user's cannot be used.
    #[error("operator `{name}`: {reason}\n  hint: try the command by hand with one row on its standard input: `{command}`")]
    External {
        /// The operator.
        name: String,
        /// The command.
        command: String,
        /// Why.
        reason: String,
    },
    /// Data-Juicer could not run the operators that are not native.
    #[error("{names}: {reason}\n  hint: what Data-Juicer said stands in `{}`", log.display())]
    Elsewhere {
        /// The operators.
        names: String,
        /// Why.
        reason: String,
        /// Its output.
        log: PathBuf,
    },
    /// A model that an operator asks gives no answer.
    #[error("operator `{name}`: {reason}{}", if hint.is_empty() { String::new() } else { format!("\n  hint: {hint}") })]
    Model {
        /// The operator.
        name: String,
        /// Why.
        reason: String,
        /// What to do about it.
        hint: String,
    },
    /// Rows that are alike cannot be looked for on disk.
    #[error("Failed to look for similar rows on disk: {0}")]
    Spill(std::io::Error),
    /// The digests of an exact deduplicator no longer fit into the memory it may take; the run begins anew with them on disk.
    #[error("the memory for digests is full")]
    MemoryFull,
    /// It was asked to stop.
    #[error("stopped before the end; nothing was written")]
    Stopped,
    /// The refinement has nothing to go by.
    #[error(transparent)]
    KSigma(#[from] KSigmaError),
    /// The export, or a file beside it, would overwrite what is read.
    #[error("`{}` is read and would be overwritten\n  hint: set another `export_path`; statistics and rejected rows stand beside it", path.display())]
    ExportIsInput {
        /// The file.
        path: PathBuf,
    },
}
