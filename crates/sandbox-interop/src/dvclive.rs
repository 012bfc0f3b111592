//! The layout of DVCLive: what `dvc metrics`, `dvc plots`, `dvc params` and the extension for VS Code read.
//!
//! ```text
//! metrics.json                  the last value of each name, and the step
//! params.yaml                   the configurations
//! plots/metrics/NAME.tsv        step<TAB>NAME, one line a number
//! ```
//!
//! A run, or each part of it in which something was watched, has a folder of its own. A `/` in a name is a folder, as DVCLive has it. Where a step was
//! watched twice both lines are there.

mod params;

use std::collections::HashSet;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use sandbox_fs::{AtomicFile, write_atomic};
use sandbox_watcher::Num;
use sandbox_watcher::reader::{Point, Summary};
use serde_json::{Map, Value, json};

use crate::error::InteropError;
use crate::exported::{Exported, Meter};
use crate::rows::Cell;
use crate::source::{Part, Source, file_name};

/// Writes runs into `folder`: a single part with values right there, several below it as `RUN/PART`.
///
/// # Errors
/// A store that cannot be read, a file that cannot be written.
pub fn export(sources: &[Source<'_>], folder: &Path, meter: &mut Meter<'_>) -> Result<Exported, InteropError> {
    let mut exported = Exported::default();
    let parts: Vec<(&Source<'_>, &Part)> = sources.iter().flat_map(|source| source.watched().map(move |part| (source, part))).collect();
    for (source, part) in &parts {
        let mut place = folder.to_owned();
        if parts.len() > 1 {
            place.push(file_name(source.uid()));
            place.extend(part.path.split('/').filter(|step| !step.is_empty()));
        }
        write(source, part, &place, meter, &mut exported)?;
    }
    Ok(exported)
}

fn write(source: &Source<'_>, part: &Part, folder: &Path, meter: &mut Meter<'_>, exported: &mut Exported) -> Result<(), InteropError> {
    let mut taken = HashSet::new();
    let mut metrics = Map::new();
    let mut last_step = None;
    for metric in &part.metrics {
        let named = places(&metric.name, &mut taken);
        exported.rename(&metric.name, &named.join("/"));
        let mut last = Value::Null;
        if metric.count > 0 {
            let mut path = folder.join("plots").join("metrics");
            path.extend(&named);
            path.set_file_name(format!("{}.tsv", named.last().map_or("", String::as_str)));
            last = plot(source, part, metric, &path, &named, meter)?;
            exported.values += metric.count;
            exported.files.push(path);
            last_step = last_step.max(Some(metric.last_step));
        }
        // Texts have no place among metrics that are compared.
        exported.leave_out("values that are no numbers", metric.items);
        if metric.count > 0 {
            insert(&mut metrics, &named, last);
        }
    }
    // A metric of this name is the metric.
    metrics.entry("step").or_insert(json!(last_step.unwrap_or(0)));
    let text = |value: &Value| serde_json::to_vec_pretty(value).unwrap_or_default();
    let mut whole = |name: &str, bytes: &[u8]| -> Result<(), InteropError> {
        let path: PathBuf = folder.join(name);
        write_atomic(&path, bytes)?;
        exported.files.push(path);
        Ok(())
    };
    whole("metrics.json", &text(&Value::Object(metrics)))?;
    let configs: Map<String, Value> = source.reader.configs(&part.info.uid)?.into_iter().collect();
    if !configs.is_empty() {
        whole("params.yaml", params::yaml(&configs).as_bytes())?;
    }
    Ok(())
}

/// One name's numbers; the last one is the answer.
fn plot(
    source: &Source<'_>,
    part: &Part,
    metric: &Summary,
    path: &Path,
    named: &[String],
    meter: &mut Meter<'_>,
) -> Result<Value, InteropError> {
    let failed = || InteropError::io("write", path);
    let mut file = BufWriter::with_capacity(64 << 10, AtomicFile::create(path)?);
    let column = named.last().map_or("", String::as_str).replace(['\t', '\n', '\r'], " ");
    writeln!(file, "step\t{column}").map_err(failed())?;
    let mut last = Value::Null;
    let mut next = Some(0);
    while let Some(from) = next {
        let page = source.reader.points(&part.info.uid, &metric.name, from, 4096)?;
        for Point { step, value, .. } in &page.points {
            writeln!(file, "{step}\t{}", Cell::Number(*value).text()).map_err(failed())?;
        }
        meter.add(page.points.len() as u64);
        if let Some(point) = page.points.last() {
            last = plain(point.value);
        }
        next = page.next;
    }
    let file = file.into_inner().map_err(|error| InteropError::io("write", path)(error.into_error()))?;
    file.commit()?;
    Ok(last)
}

/// A number as DVCLive writes it: one that is not finite is a text.
fn plain(number: Num) -> Value {
    match number {
        Num::Float(value) if value.is_nan() => json!("nan"),
        Num::Float(value) if value.is_infinite() => json!(if value > 0.0 { "inf" } else { "-inf" }),
        Num::Float(value) => json!(value),
        Num::Int(value) => json!(value),
        Num::Bool(value) => json!(value),
    }
}

/// The steps of a name's path. No two names have the same, also where the case of letters does not count.
fn places(name: &str, taken: &mut HashSet<String>) -> Vec<String> {
    let mut places: Vec<String> = name.split('/').filter(|step| !step.is_empty()).map(file_name).collect();
    if places.is_empty() {
        places.push(file_name(name));
    }
    let plain = places.last().cloned().unwrap_or_default();
    let mut count = 1;
    while !taken.insert(places.join("/").to_lowercase()) {
        count += 1;
        if let Some(last) = places.last_mut() {
            *last = format!("{plain}_{count}");
        }
    }
    places
}

fn insert(map: &mut Map<String, Value>, path: &[String], value: Value) {
    let [first, rest @ ..] = path else { return };
    if rest.is_empty() {
        // `a` beside `a/b`: a number has no place for what is below it.
        let key = if map.contains_key(first) { format!("{first}_value") } else { first.clone() };
        map.insert(key, value);
        return;
    }
    let key = if map.get(first).is_some_and(|there| !there.is_object()) { format!("{first}_") } else { first.clone() };
    if let Value::Object(inner) = map.entry(key).or_insert_with(|| Value::Object(Map::new())) {
        insert(inner, rest, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_places_that_lead_nowhere_else() {
        let mut taken = HashSet::new();
        for (name, place) in
            [("loss", "loss"), ("train/loss", "train/loss"), ("../../x", "_../_../x"), ("Loss", "Loss_2"), ("/", "_"), ("//", "__")]
        {
            assert_eq!(places(name, &mut taken).join("/"), place);
        }
    }

    #[test]
    fn a_name_beside_what_is_below_it() {
        let mut map = Map::new();
        for name in ["a", "a/b", "c/d", "c"] {
            insert(&mut map, &name.split('/').map(str::to_owned).collect::<Vec<_>>(), json!(1));
        }
        assert_eq!(Value::Object(map), json!({"a": 1, "a_": {"b": 1}, "c": {"d": 1}, "c_value": 1}));
    }
}
