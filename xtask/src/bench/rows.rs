//! Rows to measure with: real questions with their answers, and words at the end that make most rows different.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::Path;

use anyhow::{Context, Result, ensure};
use flate2::read::GzDecoder;
use serde::Deserialize;

use crate::random::Random;

/// Questions whose words are drawn from.
const WORDS_FROM: usize = 500;
/// Words at the end of a row, at most.
const EXTRA_WORDS: usize = 60;

#[derive(Deserialize)]
struct Task {
    question: String,
    answer: String,
}

/// Writes `count` rows made of the tasks in `source` (`.jsonl.gz`) to `path`; the file has its name when it is complete.
///
/// # Errors
/// A source that cannot be read or is empty, a file that cannot be written.
pub fn make(source: &Path, count: usize, path: &Path) -> Result<()> {
    let reading = || format!("Failed to read `{}`", source.display());
    let file = BufReader::new(GzDecoder::new(File::open(source).with_context(reading)?));
    let tasks = file
        .lines()
        .map(|line| serde_json::from_str(&line?).map_err(anyhow::Error::from))
        .collect::<Result<Vec<Task>>>()
        .with_context(reading)?;
    let writing = || format!("Failed to write `{}`", path.display());
    let partial = path.with_extension("partial");
    let mut out = BufWriter::new(File::create(&partial).with_context(writing)?);
    write(&tasks, count, &mut out).with_context(writing)?;
    out.into_inner().map_err(|error| error.into_error()).with_context(writing)?.sync_data().with_context(writing)?;
    std::fs::rename(&partial, path).with_context(writing)
}

fn write(tasks: &[Task], count: usize, out: &mut impl Write) -> Result<()> {
    let words: Vec<&str> = tasks.iter().take(WORDS_FROM).flat_map(|task| task.question.split_whitespace()).collect();
    ensure!(!words.is_empty(), "there are no questions to make rows of");
    let mut random = Random::new(0);
    for (id, task) in tasks.iter().cycle().take(count).enumerate() {
        let extra: Vec<&str> = (0..random.between(0, EXTRA_WORDS)).map(|_| *random.pick(&words)).collect();
        let text = serde_json::to_string(&format!("{}\n{}\n{}", task.question, task.answer, extra.join(" ")))?;
        writeln!(out, "{{\"id\": {id}, \"text\": {text}}}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(count: usize) -> String {
        let task = |question: &str, answer: &str| Task { question: question.into(), answer: answer.into() };
        let mut bytes = Vec::new();
        write(&[task("How \"many\" eggs?", "#### 3"), task("Why", "#### 4")], count, &mut bytes).unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn rows_are_numbered_json_and_the_same_each_time() {
        let text = made(50);
        assert_eq!(text, made(50));
        let rows: Vec<serde_json::Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(rows.len(), 50);
        assert_eq!(rows[49]["id"], 49);
        assert!(rows[48]["text"].as_str().unwrap().starts_with("How \"many\" eggs?\n#### 3\n"));
        assert!(rows.iter().all(|row| row["text"].as_str().unwrap().split('\n').count() == 3));
        assert!(text.starts_with("{\"id\": 0, \"text\": \"How "), "{text}");
    }

    #[test]
    fn no_questions_are_an_error() {
        assert!(write(&[], 1, &mut Vec::new()).is_err());
    }
}
