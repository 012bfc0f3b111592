//! Context infos: what every finished job has output, by name.

use std::path::{Path, PathBuf};

use sandbox_document::value;
use sandbox_fs::{FsError, write_atomic};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// The context infos' file in a work dir.
pub const CONTEXT_INFOS: &str = "context_infos.json";

/// One finished job in the context infos.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entry<'r> {
    pub(crate) iteration: u64,
    pub(crate) pipeline: &'r str,
    pub(crate) meta_name: &'r str,
    pub(crate) outputs: &'r Map<String, Value>,
}

/// A pipeline's name and the entries of its jobs.
type Jobs<'r> = (&'r str, Vec<Value>);

/// The file's content: a list with one entry per iteration, indented by four spaces.
pub(crate) fn to_json<'r>(entries: impl IntoIterator<Item = Entry<'r>>) -> Vec<u8> {
    let mut iterations: Vec<(u64, Vec<Jobs>)> = Vec::new();
    for entry in entries {
        if iterations.last().is_none_or(|(number, _)| *number != entry.iteration) {
            iterations.push((entry.iteration, Vec::new()));
        }
        let Some((_, pipelines)) = iterations.last_mut() else { continue };
        if pipelines.last().is_none_or(|(name, _)| *name != entry.pipeline) {
            pipelines.push((entry.pipeline, Vec::new()));
        }
        let mut info = Map::new();
        info.insert("meta_name".to_owned(), entry.meta_name.into());
        info.extend(entry.outputs.clone());
        if let Some((_, jobs)) = pipelines.last_mut() {
            jobs.push(info.into());
        }
    }
    let pipeline = |(name, jobs): Jobs| json!({"pipeline_name": name, "job_infos": jobs});
    let iteration = |(number, pipelines): (u64, Vec<Jobs>)| json!({"iter": number, "pipeline_infos": pipelines.into_iter().map(pipeline).collect::<Vec<_>>()});
    let document: Value = iterations.into_iter().map(iteration).collect();
    let mut text = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut text, serde_json::ser::PrettyFormatter::with_indent(b"    "));
    // A JSON value has text keys only and a vector takes all bytes: this cannot fail.
    let _ = document.serialize(&mut serializer);
    text
}

/// Writes the file, complete or not at all.
pub(crate) fn write(work_dir: &Path, text: &[u8]) -> Result<PathBuf, FsError> {
    let path = work_dir.join(CONTEXT_INFOS);
    write_atomic(&path, text)?;
    Ok(path)
}

/// The value that `OUTPUT[.KEY...]` names: by name, by index, or as `res_INDEX`; the longest name wins.
pub(crate) fn find_output<'o>(outputs: &'o Map<String, Value>, name: &str) -> Option<&'o Value> {
    let cuts = std::iter::once(name.len()).chain(name.rmatch_indices('.').map(|(dot, _)| dot));
    let by_name = cuts.filter_map(|cut| Some((outputs.get(&name[..cut])?, cut))).next();
    let (found, cut) = by_name.or_else(|| {
        let cut = name.find('.').unwrap_or(name.len());
        Some((outputs.values().nth(output_index(&name[..cut])?)?, cut))
    })?;
    if cut == name.len() { Some(found) } else { value::lookup(found, &name[cut + 1..]) }
}

/// The index that an output is called by: `0` or `res_0`.
pub(crate) fn output_index(name: &str) -> Option<usize> {
    name.strip_prefix("res_").unwrap_or(name).parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_found_by_name_index_and_alias() {
        let Value::Object(outputs) = json!({"results": [{"mse": 0.5}], "a.b": 1, "a": {"b": 2, "c": 3}}) else { panic!() };
        let found = |name: &str| find_output(&outputs, name).cloned();
        assert_eq!(found("results.0.mse"), Some(json!(0.5)));
        assert_eq!(found("res_0.0.mse"), Some(json!(0.5)));
        assert_eq!(
            (found("a.b"), found("a.c"), found("1"), found("res_1")),
            (Some(json!(1)), Some(json!(3)), Some(json!(1)), Some(json!(1)))
        );
        assert_eq!((found("x"), found("3"), found("results.1")), (None, None, None));
    }

    #[test]
    fn the_file_is_the_recorded_one_byte_by_byte() {
        for (name, recorded) in [
            ("k_sigma_flow", include_str!("../tests/data/k_sigma_flow.context_infos.json")),
            ("iterate_updater", include_str!("../tests/data/iterate_updater.context_infos.json")),
        ] {
            let document: Value = serde_json::from_str(recorded).unwrap();
            let mut rows: Vec<(u64, String, String, Map<String, Value>)> = Vec::new();
            for iteration in document.as_array().unwrap() {
                for pipeline in iteration["pipeline_infos"].as_array().unwrap() {
                    for job in pipeline["job_infos"].as_array().unwrap() {
                        let mut outputs = job.as_object().unwrap().clone();
                        let meta_name = outputs.shift_remove("meta_name").unwrap();
                        let text = |value: &Value| value.as_str().unwrap().to_owned();
                        rows.push((iteration["iter"].as_u64().unwrap(), text(&pipeline["pipeline_name"]), text(&meta_name), outputs));
                    }
                }
            }
            let entries =
                rows.iter().map(|(iteration, pipeline, meta_name, outputs)| Entry { iteration: *iteration, pipeline, meta_name, outputs });
            assert_eq!(String::from_utf8(to_json(entries)).unwrap(), recorded, "{name}");
        }
    }
}
