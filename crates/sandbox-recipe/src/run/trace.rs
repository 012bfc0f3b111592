//! What operators did to some rows, for people who want to see examples: the recipe's `open_tracer`.

use std::io::Write;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};

use sandbox_dataset::{Edits, Row, write_json_string, write_row};
use sandbox_fs::{AtomicFile, FsError};

use super::chunk::STATS;
use super::luggage::Luggage;
use super::spool::Spool;
use crate::config::Recipe;
use crate::error::RecipeError;

/// The examples of a recipe's operators.
pub(super) struct Tracer {
    folder: PathBuf,
    most: usize,
    /// Fields that are copied beside a mapper's two texts.
    pub(super) keys: Vec<String>,
    /// Per step, which of the files its examples go to; two uses of an operator share one.
    files: Vec<Option<usize>>,
    names: Vec<String>,
    /// Per file, whether it takes more examples.
    open: Vec<AtomicBool>,
}

/// The examples as they come in.
#[derive(Default)]
pub(super) struct Traces {
    lines: Vec<(usize, Vec<u8>)>,
}

impl Tracer {
    /// The tracer that a recipe asks for.
    pub(super) fn of(recipe: &Recipe) -> Option<Self> {
        let wanted = recipe.tracer.as_ref()?;
        let mut names: Vec<String> = Vec::new();
        let files = recipe
            .process
            .iter()
            .map(|step| {
                let is_wanted = wanted.operators.is_empty() || wanted.operators.iter().any(|name| name == step.name());
                let prefix = match step.entry.kind {
                    sandbox_ops::Kind::Mapper | sandbox_ops::Kind::Filter => "sample_trace",
                    sandbox_ops::Kind::Deduplicator => "duplicate",
                    _ => return None,
                };
                is_wanted.then(|| {
                    let name = format!("{prefix}-{}.jsonl", step.name());
                    names.iter().position(|known| *known == name).unwrap_or_else(|| {
                        names.push(name);
                        names.len() - 1
                    })
                })
            })
            .collect();
        let open = names.iter().map(|_| AtomicBool::new(wanted.most > 0)).collect();
        Some(Self { folder: recipe.work_dir.join("trace"), most: wanted.most, keys: wanted.keys.clone(), files, names, open })
    }

    /// Whether examples of a step are still wanted.
    pub(super) fn wants(&self, step: usize) -> bool {
        let file = self.files.get(step).copied().flatten();
        file.and_then(|file| self.open.get(file)).is_some_and(|open| open.load(Ordering::Relaxed))
    }

    /// How many examples an operator has at most.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// A mapper's example: some fields, the text before and after.
    pub(super) fn mapped(&self, row: &Row<'_>, before: &str, after: &str) -> Vec<u8> {
        let mut line = b"{".to_vec();
        for key in &self.keys {
            write_json_string(key, &mut line);
            line.push(b':');
            line.extend_from_slice(row.get(key).unwrap_or("null").as_bytes());
            line.push(b',');
        }
        line.extend_from_slice(b"\"original_text\":");
        write_json_string(before, &mut line);
        line.extend_from_slice(b",\"processed_text\":");
        write_json_string(after, &mut line);
        line.push(b'}');
        line
    }

    /// Takes an example, unless there are enough.
    pub(super) fn take(&self, traces: &mut Traces, step: usize, line: &[u8]) {
        let Some(file) = self.files.get(step).copied().flatten() else { return };
        let count = traces.lines.iter().filter(|(known, _)| *known == file).count();
        if count < self.most {
            traces.lines.push((file, line.to_vec()));
        }
        if let Some(open) = self.open.get(file) {
            open.store(count + 1 < self.most, Ordering::Relaxed);
        }
    }

    /// Writes the examples: one file per operator that has any. Files of an earlier run go.
    pub(super) fn finish(&self, traces: &Traces) -> Result<Vec<PathBuf>, RecipeError> {
        for entry in std::fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if (name.starts_with("sample_trace-") || name.starts_with("duplicate-")) && name.ends_with(".jsonl") {
                std::fs::remove_file(entry.path()).map_err(FsError::io("remove", &entry.path()))?;
            }
        }
        let mut written = Vec::new();
        for (file, name) in self.names.iter().enumerate() {
            let mut lines = traces.lines.iter().filter(|(known, _)| *known == file).peekable();
            if lines.peek().is_none() {
                continue;
            }
            let path = self.folder.join(name);
            let mut out = AtomicFile::create(&path)?;
            for (_, line) in lines {
                out.write_all(line).and_then(|()| out.write_all(b"\n")).map_err(FsError::io("write", &path))?;
            }
            out.commit()?;
            written.push(path);
        }
        Ok(written)
    }
}

/// Notes pairs of duplicates: the row that is kept and the one that was dropped.
pub(super) fn duplicates(tracer: &Tracer, traces: &mut Traces, step: usize, rows: &Spool, pairs: &[(u64, u64)]) -> Result<(), RecipeError> {
    if pairs.is_empty() {
        return Ok(());
    }
    let mut source = rows.rows_by_number()?;
    for (first, second) in pairs {
        let mut line = b"{\"dup1\":".to_vec();
        line.extend_from_slice(&whole(source.get(*first)?));
        line.extend_from_slice(b",\"dup2\":");
        line.extend_from_slice(&whole(source.get(*second)?));
        line.push(b'}');
        tracer.take(traces, step, &line);
    }
    Ok(())
}

/// A row that waits, with the statistics and hashes that it carries.
fn whole(line: &[u8]) -> Vec<u8> {
    let (bytes, luggage) = Luggage::split(line.strip_suffix(b"\n").unwrap_or(line));
    let mut row = bytes.to_vec();
    let hashes = luggage.hashes.iter().map(|(key, hash)| (key.clone(), hash.clone()));
    for (key, value) in luggage.named_stats.into_iter().map(|stats| (STATS.to_owned(), stats)).chain(hashes) {
        let Ok(parsed) = Row::parse(&row) else { break };
        let (mut edits, mut out) = (Edits::new(), Vec::new());
        if edits.set_value(&key, &value).and_then(|()| write_row(&parsed, &edits, &mut out)).is_err() {
            break;
        }
        row = out;
    }
    row
}
