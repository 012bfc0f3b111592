//! What a job made from what, by content.

use std::path::{Component, Path, PathBuf};

use sandbox_core::RecordedJob;
use sandbox_fs::FileStamp;
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_128;

use crate::artifact::Artifact;
use crate::run::Run;

/// Keeps the lineage of one job; `all` are the jobs of its run.
///
/// What a job wrote was made from each file that it read and from its recipe; what an evaluation found, from what it looked at. A recipe
/// that came from a file which an earlier job wrote was made from that file.
pub(super) fn keep<'j>(run: &Run, job: &'j RecordedJob, all: impl DoubleEndedIterator<Item = &'j RecordedJob>) {
    let mut from: Vec<Artifact> =
        job.reads.iter().filter(|read| !job.files.iter().any(|file| file.path == read.path)).map(artifact).collect();
    if let Some(recipe) = recipe(job) {
        let written = all.flat_map(|job| &job.files).rev();
        for file in written.filter(|file| job.loaded.iter().any(|loaded| is_same(loaded, &file.path))).take(1) {
            run.lineage(&artifact(file), &recipe, "loaded");
        }
        from.push(recipe);
    }
    let mut made: Vec<Artifact> = job.files.iter().map(artifact).collect();
    if job.hook.starts_with("Evaluate") {
        made.push(score(job));
    }
    for to in &made {
        from.iter().filter(|from| (&from.kind, &from.digest) != (&to.kind, &to.digest)).for_each(|from| run.lineage(from, to, &job.hook));
    }
}

fn artifact(stamp: &FileStamp) -> Artifact {
    let name = stamp.path.display().to_string();
    Artifact { kind: kind(&stamp.path).to_owned(), digest: stamp.digest.clone(), name, bytes: Some(stamp.bytes) }
}

/// What a file is, by its ending.
fn kind(path: &Path) -> &'static str {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let plain = name.strip_suffix(".gz").or_else(|| name.strip_suffix(".zst")).unwrap_or(&name);
    let has = |endings: &[&str]| endings.iter().any(|ending| plain.ends_with(ending));
    if has(&[".jsonl", ".json", ".parquet", ".csv", ".tsv", ".txt"]) {
        "dataset"
    } else if has(&[".yaml", ".yml", ".toml"]) {
        "recipe"
    } else if has(&[".ngram", ".bin", ".safetensors", ".pt", ".pth", ".ckpt", ".gguf", ".onnx", ".arpa", ".ftz"]) {
        "model"
    } else {
        "file"
    }
}

/// The recipe of a job that has one, as it was with everything written into it.
fn recipe(job: &RecordedJob) -> Option<Artifact> {
    let configs = job.dj_configs.as_object().filter(|configs| !configs.is_empty())?;
    let name = match job.loaded.first() {
        Some(path) => path.display().to_string(),
        None => format!("{}.{}", job.job.pipeline, job.job.meta_name),
    };
    // Where the rows are read and written is not what the recipe does with them.
    let does = configs.iter().filter(|(key, _)| !key.ends_with("_path") && !matches!(key.as_str(), "work_dir" | "np"));
    let does: Vec<(&String, &Value)> = does.collect();
    Some(Artifact { kind: "recipe".to_owned(), digest: digest(&does), name, bytes: None })
}

fn score(job: &RecordedJob) -> Artifact {
    let name = format!("{}.{}", job.job.pipeline, job.job.meta_name);
    Artifact { kind: "score".to_owned(), digest: digest(&job.outputs), name, bytes: None }
}

fn digest(value: &impl serde::Serialize) -> String {
    format!("{:032x}", xxh3_128(&serde_json::to_vec(value).unwrap_or_default()))
}

fn is_same(one: &Path, other: &Path) -> bool {
    let plain = |path: &Path| path.components().filter(|part| *part != Component::CurDir).collect::<PathBuf>();
    plain(one) == plain(other)
}
