//! The keys of the original's configuration, and what each does here.

use serde_json::Value;

/// What a key of the original does in this program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Here {
    /// The same.
    Used,
    /// Nothing is lost: what it asks for is always so, or has no counterpart worth a word.
    Unneeded(&'static str),
    /// It is accepted and said to have no effect.
    NoEffect(&'static str),
    /// It would change the result and is not there yet: an error with the way forward.
    Missing(&'static str),
}

/// One key of a recipe.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// The default as JSON.
    pub default: &'static str,
    /// What it does here.
    pub here: Here,
    /// Its meaning.
    pub doc: &'static str,
}

impl Key {
    /// The default as a value.
    pub fn default_value(&self) -> Value {
        serde_json::from_str(self.default).unwrap_or(Value::Null)
    }
}

/// The key of that name.
pub fn find(name: &str) -> Option<&'static Key> {
    KEYS.iter().find(|key| key.name == name)
}

const fn key(name: &'static str, default: &'static str, here: Here, doc: &'static str) -> Key {
    Key { name, default, here, doc }
}

use Here::{Missing, NoEffect, Unneeded, Used};

const PYTHON: Here = NoEffect("it concerns the Python original's engine");
const CACHE: Here = Unneeded("nothing is cached: reading again is faster");
const TOKEN: Here = NoEffect("no operator of this build looks for it in texts");

/// All keys, in the order of the original's documentation; `float_decimals`, `memory` and `data_juicer_env` are ours.
pub static KEYS: &[Key] = &[
    key("project_name", "\"hello_world\"", Used, "a name for the log"),
    key("executor_type", "\"default\"", NoEffect("rows are always processed by this program itself"), "default or ray"),
    key("dataset_path", "\"\"", Used, "files, directories or globs with the rows: a text or a list"),
    key("dataset", "[]", Used, "data sets with weights: `{max_sample_num: N, configs: [{path: a.jsonl, weight: 1}]}`"),
    key("generated_dataset_config", "null", Missing("name a file in `dataset_path`"), "rows made from nothing"),
    key("validators", "[]", NoEffect("rows that cannot be used are set aside one by one"), "checks of a sample at load"),
    key("work_dir", "null", Used, "where the analysis goes; the export's directory when not given"),
    key("export_path", "\"./outputs/hello_world/hello_world.jsonl\"", Used, "the file with the result"),
    key("export_type", "null", Used, "jsonl, json or parquet, when the suffix does not say it"),
    key("export_shard_size", "0", Used, "bytes of values in one file; 0: one file"),
    key("export_in_parallel", "false", Unneeded("writing keeps up with reading"), "several writers for the one file"),
    key("export_extra_args", "{}", NoEffect("the export has no further arguments"), "further arguments of the exporter"),
    key("float_decimals", "null", Used, "decimals of exported statistics; null: all digits (jobs of a sandbox run: 10, as the original)"),
    key("export_aws_credentials", "null", Missing("export to a local file"), "for an export to S3"),
    key("keep_stats_in_res_ds", "false", Used, "keep the statistics in the exported rows"),
    key("keep_hashes_in_res_ds", "false", Used, "keep the deduplicators' hashes in the exported rows"),
    key("auto_op_parallelism", "true", Unneeded("all threads work on all operators"), "choose processes from CPU and memory"),
    key("np", "4", Used, "threads, at most as many as the machine has"),
    key("text_keys", "\"text\"", Used, "the text fields: the first is what operators look at, all must be there"),
    key("suffixes", "[]", Used, "file suffixes to read from directories"),
    key("turbo", "false", Unneeded("rows are never wrapped in batches"), "single-row operators without batches"),
    key("skip_op_error", "true", Unneeded("a row that fails is set aside alone; `--strict` stops at the first"), "drop what fails"),
    key("use_cache", "true", CACHE, "cache of loaded and processed rows"),
    key("ds_cache_dir", "null", CACHE, "directory of the cache"),
    key("cache_compress", "null", CACHE, "compression of the cache"),
    key("open_monitor", "true", Unneeded("each operator's rows and time are always reported"), "resource monitor"),
    key("use_checkpoint", "false", NoEffect("a recipe is one pass; jobs resume with `--resume`"), "resume inside a recipe"),
    key("temp_dir", "null", Used, "where rows wait between passes; beside the export when not given"),
    key("open_tracer", "false", Used, "examples of what each operator changed and dropped, in `WORK_DIR/trace`"),
    key("op_list_to_trace", "[]", Used, "operators to trace; empty: all"),
    key("trace_num", "10", Used, "examples per operator"),
    key("trace_keys", "[]", Used, "fields copied into mappers' examples"),
    key("open_insight_mining", "false", NoEffect("compare two analyses instead"), "analyses before and after operators"),
    key("op_list_to_mine", "[]", NoEffect("see `open_insight_mining`"), "operators for insight mining"),
    key("op_fusion", "false", Used, "ask the cheapest of filters next to each other first; values are always shared"),
    key("fusion_strategy", "\"probe\"", Unneeded("see `op_fusion`"), "greedy or probe"),
    key("adaptive_batch_size", "false", Unneeded("there are no batches"), "probe the batch size"),
    key("image_key", "\"images\"", Used, "field with images"),
    key("image_bytes_key", "\"image_bytes\"", Used, "field with images' bytes, as a list of base64 texts: they go before the paths"),
    key("audio_key", "\"audios\"", Used, "field with audios"),
    key("video_key", "\"videos\"", Used, "field with videos"),
    key("image_special_token", "\"<__dj__image>\"", TOKEN, "mark of an image in the text"),
    key("audio_special_token", "\"<__dj__audio>\"", TOKEN, "mark of an audio in the text"),
    key("video_special_token", "\"<__dj__video>\"", TOKEN, "mark of a video in the text"),
    key("eoc_special_token", "\"<|__dj__eoc|>\"", TOKEN, "end of a chunk in the text"),
    key("ray_address", "\"auto\"", PYTHON, "address of a ray cluster"),
    key("percentiles", "[]", Used, "more percentiles for the analysis, 0 to 1"),
    key("export_original_dataset", "false", Used, "the analyzer also writes the rows with their statistics"),
    key("save_stats_in_one_file", "false", Used, "one picture for all statistics of the analysis"),
    key("pictures", "\"png\"", Used, "what the analysis is drawn as: png, svg, both, or none (then without `report.html`, too)"),
    key("data_probe_algo", "\"uniform\"", NoEffect("all rows are looked at"), "sampling for probes"),
    key("data_probe_ratio", "1.0", NoEffect("all rows are looked at"), "share of rows for probes"),
    key("hpo_config", "null", NoEffect("a sweep belongs to the sandbox configuration"), "sweep file"),
    key("path_k_sigma_recipe", "null", NoEffect("give it to the k-sigma job in `extra_configs`"), "where a refined recipe goes"),
    key("path_model_feedback_recipe", "null", NoEffect("give it to the job in `extra_configs`"), "where a refined recipe goes"),
    key("memory", "null", Used, "bytes that deduplicators may hold, such as 2GB; past it they go on on disk"),
    key("data_juicer_env", "null", Used, "an environment with Data-Juicer, for operators that are not native"),
    key("custom_operator_paths", "[]", Missing("operators written in Python cannot be loaded"), "the user's own Python operators"),
    key("auto", "false", Used, "analyse with all native filters that need no model, in place of `process`"),
    key("auto_num", "1000", Unneeded("an analysis is quick enough for all rows"), "rows for `auto`"),
    key("debug", "false", Unneeded("messages are the same"), "debug log"),
    key("process", "[]", Used, "the operators in order: a list of `NAME: arguments`"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_defaults_are_json() {
        for key in KEYS {
            assert_eq!(KEYS.iter().filter(|other| other.name == key.name).count(), 1, "{}", key.name);
            serde_json::from_str::<Value>(key.default).unwrap();
        }
    }
}
