//! Rows through Data-Juicer itself, for operators that are not native.
//!
//! A stretch of operators becomes a recipe of its own that `dj-process` runs. What comes back went through Data-Juicer's
//! typed table and JSON export, which cut floats, add nulls and turn dates into numbers; so each row that comes back is held
//! against the one that went, and only fields that really differ are taken over.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use sandbox_dataset::{Edits, Row, write_row};
use sandbox_fs::FsError;
use sandbox_ops::Elsewhere;
use sandbox_process::run_logged;
use serde_json::{Map, Value, json};

use super::luggage::Luggage;
use super::spool::{Spool, SpoolWriter};
use crate::config::Recipe;
use crate::error::RecipeError;

/// The field by which a row that comes back is known.
const NUMBER: &str = "__dj_sandbox_row__";

/// What Data-Juicer made of the rows.
#[derive(Default)]
pub(super) struct Through {
    pub(super) changed: u64,
    pub(super) dropped: u64,
    pub(super) added: u64,
}

/// Where Data-Juicer works.
pub(super) struct Place<'p> {
    /// Its program `dj-process`.
    pub(super) program: &'p Path,
    /// A folder of its own.
    pub(super) folder: &'p Path,
    /// Where what it says goes.
    pub(super) log: &'p Path,
}

/// Takes all rows of a spool through some operators in Data-Juicer.
pub(super) fn through(
    recipe: &Recipe,
    operators: &[&Elsewhere],
    spool: &Spool,
    place: &Place<'_>,
    mut out: SpoolWriter,
    stop: &dyn Fn() -> bool,
) -> Result<(Spool, Through), RecipeError> {
    let Place { program, folder, log } = *place;
    if spool.rows == 0 {
        return Ok((out.finish()?, Through::default()));
    }
    let _cleared = Cleared::make(folder)?;
    let (rows, result, config) = (folder.join("rows.jsonl"), folder.join("result.jsonl"), folder.join("recipe.json"));
    write_rows(spool, &rows)?;
    let process: Vec<Value> = operators.iter().map(|operator| json!({ operator.name.as_str(): operator.arguments })).collect();
    let [images, audios, videos] = recipe.media_keys();
    let config_text = json!({
        "project_name": "dj-sandbox", "dataset_path": rows, "export_path": result, "np": recipe.np, "text_keys": recipe.text_key,
        "image_key": images, "audio_key": audios, "video_key": videos, "image_bytes_key": recipe.image_bytes,
        "keep_stats_in_res_ds": true, "use_cache": false,
        "open_monitor": false, "work_dir": folder, "process": process,
    });
    fs::write(&config, config_text.to_string()).map_err(FsError::io("write", &config))?;
    let names = operators.iter().map(|operator| operator.name.as_str()).collect::<Vec<_>>().join(", ");
    run(program, &config, log, &names, stop)?;
    let through = take_back(recipe, spool, &result, &names, log, &mut out)?;
    Ok((out.finish()?, through))
}

fn write_rows(spool: &Spool, path: &Path) -> Result<(), RecipeError> {
    let mut file = BufWriter::new(File::create(path).map_err(FsError::io("write", path))?);
    let mut source = spool.rows_by_number()?;
    let (mut edits, mut line) = (Edits::new(), Vec::new());
    for number in 0..spool.rows {
        let stored = source.get(number)?;
        let (bytes, _) = Luggage::split(stored.strip_suffix(b"\n").unwrap_or(stored));
        line.clear();
        edits.clear();
        edits.set(NUMBER, number.to_string().as_bytes());
        match Row::parse(bytes).and_then(|row| write_row(&row, &edits, &mut line)) {
            Ok(()) => line.push(b'\n'),
            Err(_) => continue,
        }
        file.write_all(&line).map_err(FsError::io("write", path))?;
    }
    file.flush().map_err(FsError::io("write", path))?;
    Ok(())
}

fn run(program: &Path, config: &Path, log: &Path, names: &str, stop: &dyn Fn() -> bool) -> Result<(), RecipeError> {
    let failed = |reason: String| RecipeError::Elsewhere { names: names.to_owned(), reason, log: log.to_owned() };
    if let Some(folder) = log.parent() {
        fs::create_dir_all(folder).map_err(FsError::io("make the folder", folder))?;
    }
    // Its own packages, whatever the caller's shell has active.
    let unset = ["PYTHONHOME", "PYTHONPATH"];
    match run_logged(program, &["--config".into(), config.into()], &unset, log, stop) {
        Ok(Some(status)) if status.success() => Ok(()),
        Ok(Some(status)) => Err(failed(format!("Data-Juicer failed ({status}){}", last_words(log)))),
        Ok(None) => Err(RecipeError::Stopped),
        Err(error) => Err(failed(format!("Failed to run `{}`: {error}", program.display()))),
    }
}

/// The last line of the log that says something.
fn last_words(log: &Path) -> String {
    let text = fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    text.lines().rev().find(|line| !line.trim().is_empty()).map_or_else(String::new, |line| format!(": {}", line.trim()))
}

fn take_back(
    recipe: &Recipe,
    spool: &Spool,
    result: &Path,
    names: &str,
    log: &Path,
    out: &mut SpoolWriter,
) -> Result<Through, RecipeError> {
    let broken = |reason: String| RecipeError::Elsewhere { names: names.to_owned(), reason, log: log.to_owned() };
    let file = File::open(result).map_err(|error| broken(format!("Failed to read what Data-Juicer exported: {error}")))?;
    let mut source = spool.rows_by_number()?;
    let mut seen = vec![false; usize::try_from(spool.rows).unwrap_or(0)];
    let mut through = Through::default();
    let (mut edits, mut line) = (Edits::new(), Vec::new());
    for text in BufReader::new(file).lines() {
        let text = text.map_err(|error| broken(format!("Failed to read what Data-Juicer exported: {error}")))?;
        let Ok(Value::Object(mut fields)) = serde_json::from_str(&text) else { continue };
        let number =
            fields.remove(NUMBER).and_then(|number| number.as_f64()).map(|number| number as u64).filter(|number| *number < spool.rows);
        line.clear();
        match number {
            Some(number) => {
                let is_again = std::mem::replace(&mut seen[number as usize], true);
                through.added += u64::from(is_again);
                let stored = source.get(number)?;
                let (bytes, mut luggage) = Luggage::split(stored.strip_suffix(b"\n").unwrap_or(stored));
                let row = Row::parse(bytes).map_err(|error| broken(error.to_string()))?;
                edits.clear();
                let is_changed = differences(&row, &fields, &recipe.text_key, &mut edits).map_err(|error| broken(error.to_string()))?;
                through.changed += u64::from(is_changed);
                luggage.all_changed |= is_changed;
                write_row(&row, &edits, &mut line).map_err(|error| broken(error.to_string()))?;
                luggage.write(&mut line);
            }
            None => {
                through.added += 1;
                line.extend_from_slice(Value::Object(fields).to_string().as_bytes());
                Luggage::default().write(&mut line);
            }
        }
        out.push(&line)?;
    }
    through.dropped = seen.iter().filter(|seen| !**seen).count() as u64;
    Ok(through)
}

/// Notes the fields that differ; whether the text is one of them.
fn differences(row: &Row<'_>, fields: &Map<String, Value>, text_key: &str, edits: &mut Edits) -> Result<bool, sandbox_dataset::RowError> {
    let mut is_changed = false;
    for (name, new) in fields {
        let old = row.value(name).unwrap_or(Value::Null);
        if !is_same(&old, new) {
            is_changed |= name == text_key;
            edits.set_value(name, new)?;
        }
    }
    // A field that every row lost is gone.
    for field in row.fields().filter(|field| !fields.contains_key(&*field.key)) {
        edits.remove(&field.key);
    }
    Ok(is_changed)
}

/// Whether a value is what Data-Juicer's export makes of the old one.
fn is_same(old: &Value, new: &Value) -> bool {
    match (old, new) {
        (Value::Number(old), Value::Number(new)) => match (old.as_f64(), new.as_f64()) {
            (Some(old), Some(new)) => old == new || (old - new).abs() <= 1e-10_f64.max(old.abs() * 1e-15),
            _ => old == new,
        },
        // Texts that look like dates come back as numbers.
        (Value::String(text), Value::Number(_)) => text.len() >= 10 && text.as_bytes().get(4) == Some(&b'-'),
        (Value::Array(old), Value::Array(new)) => old.len() == new.len() && old.iter().zip(new).all(|(old, new)| is_same(old, new)),
        (Value::Object(old), Value::Object(new)) => {
            old.iter().all(|(key, old)| is_same(old, new.get(key).unwrap_or(&Value::Null)))
                && new.iter().all(|(key, new)| old.contains_key(key) || new.is_null())
        }
        _ => old == new,
    }
}

/// A folder of our own that goes when this does.
struct Cleared {
    folder: PathBuf,
}

impl Cleared {
    fn make(folder: &Path) -> Result<Self, RecipeError> {
        // What a killed run left behind.
        let _ = fs::remove_dir_all(folder);
        fs::create_dir_all(folder).map_err(FsError::io("make the folder", folder))?;
        Ok(Self { folder: folder.to_owned() })
    }
}

impl Drop for Cleared {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_export_does_to_values_is_no_change() {
        for (old, new) in [
            (json!(1e-12), json!(0.0)),
            (json!(3), json!(3.0)),
            (json!("2023-04-27"), json!(1_682_553_600_000_u64)),
            (json!({"a": 1}), json!({"a": 1, "b": null})),
            (json!({"a": null}), json!({})),
            (json!([0.123_456_789_012_345]), json!([0.123_456_789])),
        ] {
            assert!(is_same(&old, &new), "{old} {new}");
        }
        assert!(!is_same(&json!("a"), &json!("b")) && !is_same(&json!(1), &json!(2)) && !is_same(&json!({}), &json!({"a": 1})));
    }
}
