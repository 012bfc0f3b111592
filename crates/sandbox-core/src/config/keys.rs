//! The top-level keys, as one table.

/// One top-level key of the configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfigKey {
    /// The key.
    pub name: &'static str,
    /// Its type in words.
    pub kind: &'static str,
    /// Its default as it would be written, empty when there is none.
    pub default: &'static str,
    /// What it means, in one line.
    pub doc: &'static str,
}

/// Every top-level key. Flags and reference pages are made from this table.
pub static KEYS: [ConfigKey; 15] = [
    ConfigKey { name: "project_name", kind: "text", default: "hello_world", doc: "Name of the project" },
    ConfigKey { name: "experiment_name", kind: "text", default: "experiment1", doc: "Name of the tracked run" },
    ConfigKey { name: "work_dir", kind: "path", default: "./outputs/hello_world", doc: "Folder of context infos, logs and state" },
    ConfigKey { name: "resume", kind: "true or false", default: "false", doc: "Continue from what is already recorded in `work_dir`" },
    ConfigKey { name: "debug", kind: "true or false", default: "false", doc: "Accepted; there is one level of messages" },
    ConfigKey { name: "hpo_config", kind: "path", default: "", doc: "A sweep file: not available in this build" },
    ConfigKey { name: "pipelines", kind: "list of maps", default: "[]", doc: "Pipelines by name, each with the four job lists" },
    ConfigKey { name: "probe_job_configs", kind: "list of jobs", default: "[]", doc: "Jobs that look at data and models" },
    ConfigKey { name: "refine_recipe_job_configs", kind: "list of jobs", default: "[]", doc: "Jobs that change recipes" },
    ConfigKey { name: "execution_job_configs", kind: "list of jobs", default: "[]", doc: "Jobs that process data, train and infer" },
    ConfigKey { name: "evaluation_job_configs", kind: "list of jobs", default: "[]", doc: "Jobs that score data and models" },
    ConfigKey { name: "max_iter_num", kind: "whole number", default: "1", doc: "Iterations at most; 0 runs until the targets are met" },
    ConfigKey {
        name: "iter_targets",
        kind: "text or list of texts",
        default: "[]",
        doc: "`PIPELINE.META_NAME.OUTPUT OP NUMBER`: when to stop early",
    },
    ConfigKey { name: "iter_targets_mode", kind: "`all` or `any`", default: "all", doc: "How many of the targets have to be met" },
    ConfigKey {
        name: "iter_updater",
        kind: "map",
        default: "{}",
        doc: "`PIPELINE.META_NAME.OUTPUT: PIPELINE.META_NAME.(dj_configs|extra_configs).KEY`: results that configure the next iteration",
    },
];

/// The names of all top-level keys.
pub(super) fn names() -> impl Iterator<Item = &'static str> + Clone {
    KEYS.iter().map(|key| key.name)
}
