//! The arguments that every operator accepts besides its own.

use serde::{Deserialize, Serialize};

use crate::operator::Kind;
use crate::registry::Parameter;

/// What the common arguments of one operator say; `None` means "as the recipe says".
///
/// Arguments about workers and accelerators (`accelerator`, `num_cpus`, `runtime_env`, ...) are accepted with any value,
/// so that recipes of the original load, and have no effect: results never depend on them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Common {
    /// The field that holds the text.
    pub text_key: Option<String>,
    /// The field that holds the list of images.
    pub image_key: Option<String>,
    /// The field that holds the list of audios.
    pub audio_key: Option<String>,
    /// The field that holds the list of videos.
    pub video_key: Option<String>,
    /// The field that holds the images' bytes.
    pub image_bytes_key: Option<String>,
    /// The field in which the row's number is put first, if it is not there.
    pub index_key: Option<String>,
    /// Whether a row on which the operator fails is set aside instead of ending the run.
    pub skip_op_error: Option<bool>,
    /// Filters: the file for all rows with the statistics as they are after this filter's computation.
    pub stats_export_path: Option<String>,
}

/// The common arguments with an effect, then those accepted without one.
pub(crate) static COMMON: &[Parameter] = &[
    Parameter { name: "text_key", kind: "text or null", default: "null", doc: "Field that holds the text; null: the recipe's." },
    Parameter { name: "image_key", kind: "text or null", default: "null", doc: "Field that holds the images; null: the recipe's." },
    Parameter { name: "audio_key", kind: "text or null", default: "null", doc: "Field that holds the audios; null: the recipe's." },
    Parameter { name: "video_key", kind: "text or null", default: "null", doc: "Field that holds the videos; null: the recipe's." },
    Parameter {
        name: "image_bytes_key",
        kind: "text or null",
        default: "null",
        doc: "Field that holds the images' bytes; null: the recipe's.",
    },
    Parameter { name: "index_key", kind: "text or null", default: "null", doc: "Field in which the row's number is put, if absent." },
    Parameter {
        name: "skip_op_error",
        kind: "true, false or null",
        default: "null",
        doc: "Set a failing row aside instead of ending the run; null: the recipe's.",
    },
];

/// Accepted so that recipes of the original load; without effect on results.
pub(crate) static IGNORED: &[&str] = &[
    "system_key",
    "instruction_key",
    "prompt_key",
    "query_key",
    "response_key",
    "history_key",
    "batch_size",
    "num_proc",
    "accelerator",
    "cpu_required",
    "gpu_required",
    "mem_required",
    "num_cpus",
    "num_gpus",
    "memory",
    "turbo",
    "batch_mode",
    "work_dir",
    "ray_execution_mode",
    "runtime_env",
    "auto_op_parallelism",
];

/// What filters accept further.
pub(crate) static FILTER: &[Parameter] = &[
    Parameter {
        name: "min_closed_interval",
        kind: "true or false",
        default: "true",
        doc: "Whether a value equal to the lower bound is in range.",
    },
    Parameter {
        name: "max_closed_interval",
        kind: "true or false",
        default: "true",
        doc: "Whether a value equal to the upper bound is in range.",
    },
    Parameter {
        name: "reversed_range",
        kind: "true or false",
        default: "false",
        doc: "Keep what is outside the range; the closed bounds themselves are kept too.",
    },
    Parameter {
        name: "stats_export_path",
        kind: "text or null",
        default: "null",
        doc: "File for all rows with their statistics, before any is dropped.",
    },
];

/// The common parameters that have an effect on operators of a kind, for help and reference pages.
pub fn common_parameters(kind: Kind) -> impl Iterator<Item = &'static Parameter> {
    COMMON.iter().chain(if kind == Kind::Filter { FILTER } else { &[] })
}

/// Whether every operator of a kind accepts a parameter of this name.
pub(crate) fn is_common(kind: Kind, name: &str) -> bool {
    IGNORED.contains(&name) || common_parameters(kind).any(|parameter| parameter.name == name)
}
