//! Files for the node exporter's textfile collector.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use crate::batch::{self, Left};
use crate::error::MetricsError;
use crate::metrics::Metrics;

/// Times that a run that failed must not take away.
const KEPT: [&str; 2] = ["sandbox_job_last_success_timestamp_seconds", "sandbox_run_last_success_timestamp_seconds"];
/// A file of ours is never longer.
const LONGEST: u64 = 16 << 20;

/// A folder that the node exporter reads. One file for a pipeline, so that runs of different pipelines never write the same series twice,
/// which would make the exporter refuse them all.
///
/// ```
/// # let folder = tempfile::tempdir()?;
/// use sandbox_metrics::{Metrics, Textfiles};
/// let files = Textfiles::new(folder.path())?;
/// let written = files.write(&Metrics::new(Default::default())?)?;
/// assert!(written.is_empty(), "nothing has run yet");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Textfiles {
    folder: PathBuf,
}

impl Textfiles {
    /// Files in `folder`, which must be there and be writable.
    ///
    /// # Errors
    /// It is not.
    pub fn new(folder: impl Into<PathBuf>) -> Result<Self, MetricsError> {
        let folder = folder.into();
        let probe = folder.join(format!(".dj-sandbox-{}.tmp", std::process::id()));
        match std::fs::File::create(&probe).and_then(|_| std::fs::remove_file(&probe)) {
            Ok(()) => Ok(Self { folder }),
            Err(cause) => Err(MetricsError::Folder { path: folder, cause }),
        }
    }

    /// Writes what each pipeline leaves behind, and gives the files. Each is complete or not there at any moment.
    ///
    /// When a job was last done stays as it was where it was not done this time.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn write(&self, metrics: &Metrics) -> Result<Vec<PathBuf>, MetricsError> {
        let mut written = Vec::new();
        for left in batch::left(metrics) {
            let path = self.folder.join(format!("sandbox_{}.prom", file_name(&left.pipeline)));
            let text = with_earlier(&path, &left)?;
            write(&path, &text).map_err(|cause| MetricsError::Write { path: path.clone(), cause })?;
            written.push(path);
        }
        Ok(written)
    }
}

/// The pipeline as a part of a file's name. Names that are changed for it are told apart by a number.
fn file_name(pipeline: &str) -> String {
    let is_plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_');
    let plain: String = pipeline.chars().take(80).map(|character| if is_plain(character) { character } else { '_' }).collect();
    if plain == pipeline {
        return plain;
    }
    // FNV-1a: the same name must give the same file in every build.
    let hash = pipeline.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    format!("{plain}-{hash:016x}")
}

/// The text of the file, with the times of earlier runs that this one has no news of.
fn with_earlier(path: &Path, left: &Left) -> Result<String, MetricsError> {
    let earlier = std::fs::metadata(path).ok().filter(|about| about.len() <= LONGEST).and_then(|_| std::fs::read_to_string(path).ok());
    let earlier = earlier.unwrap_or_default();
    let mut blocks: BTreeMap<&str, String> = BTreeMap::new();
    for family in &left.families {
        blocks.insert(family.name(), batch::text(std::slice::from_ref(family))?);
    }
    for name in KEPT {
        let of_family = |line: &&str| line.strip_prefix(name).is_some_and(|rest| rest.starts_with('{'));
        let mut series: Vec<&str> = earlier.lines().filter(of_family).filter(|line| is_sample(line)).collect();
        if let Some(block) = blocks.get(name) {
            let new: Vec<&str> = block.lines().filter_map(|line| line.rsplit_once(' ')).map(|(series, _)| series).collect();
            series.retain(|line| line.rsplit_once(' ').is_some_and(|(series, _)| !new.contains(&series)));
        }
        if series.is_empty() {
            continue;
        }
        let header = || {
            let is_head =
                |line: &&str| ["# HELP ", "# TYPE "].iter().any(|head| line.strip_prefix(head).is_some_and(|rest| rest.starts_with(name)));
            earlier.lines().filter(is_head).map(|line| format!("{line}\n")).collect()
        };
        let block = blocks.entry(name).or_insert_with(header);
        for line in series {
            block.push_str(line);
            block.push('\n');
        }
    }
    Ok(blocks.into_values().collect())
}

/// A line that we wrote whole: labels and a number.
fn is_sample(line: &str) -> bool {
    line.rsplit_once("} ").is_some_and(|(_, number)| number.parse::<f64>().is_ok())
}

fn write(path: &Path, text: &str) -> std::io::Result<()> {
    // The exporter reads what ends in `.prom`.
    let unfinished = path.with_extension(format!("prom.{}.tmp", std::process::id()));
    let written = std::fs::File::create(&unfinished).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        std::fs::rename(&unfinished, path)
    });
    if written.is_err() {
        let _ = std::fs::remove_file(&unfinished);
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_are_plain_and_different() {
        assert_eq!(file_name("demo_1-b"), "demo_1-b");
        let odd = ["a/b", "a_b", "a b", "../a", "", "ä", &"x".repeat(500), &"x".repeat(501)].map(file_name);
        for (at, name) in odd.iter().enumerate() {
            assert!(name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) && name.len() < 120, "{name}");
            assert!(!odd[..at].contains(name), "{name}");
        }
    }
}
