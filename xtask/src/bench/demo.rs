//! The demo's configuration without its training: what the rest of a run costs.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde_yaml::{Mapping, Value};

/// Jobs that train, and jobs that have nothing to do without a model.
const HOOKS: [&str; 4] = ["TrainModelHook", "InferModelHook", "EvaluateModelHook", "ProbeViaModelInferHook"];
/// The job lists of a pipeline, in the order in which they run.
const LISTS: [&str; 4] = ["probe_job_configs", "refine_recipe_job_configs", "execution_job_configs", "evaluation_job_configs"];

/// The configuration `text` without the jobs that train or use a trained model, and without what refers to their outputs.
///
/// # Errors
/// A text that is no YAML mapping.
pub fn without_training(text: &str) -> Result<String> {
    let mut value: Value = serde_yaml::from_str(text).context("Failed to parse the demo's configuration")?;
    value.apply_merge().context("Failed to parse the demo's configuration")?;
    let config = value.as_mapping_mut().context("the demo's configuration is no mapping")?;
    let mut dropped = BTreeSet::new();
    match config.get_mut("pipelines") {
        Some(Value::Sequence(pipelines)) => {
            for (name, pipeline) in pipelines.iter_mut().filter_map(Value::as_mapping_mut).flatten() {
                drop_jobs(name.as_str().unwrap_or_default(), pipeline.as_mapping_mut(), &mut dropped);
            }
        }
        Some(Value::Mapping(pipelines)) => {
            for (name, pipeline) in pipelines {
                drop_jobs(name.as_str().unwrap_or_default(), pipeline.as_mapping_mut(), &mut dropped);
            }
        }
        _ => drop_jobs("anonymous", Some(config), &mut dropped),
    }
    drop_references(config, &dropped);
    serde_yaml::to_string(&value).context("Failed to write the derived configuration")
}

/// Drops jobs of one pipeline; `dropped` holds `PIPELINE.META_NAME.` of all dropped ones.
fn drop_jobs(pipeline: &str, lists: Option<&mut Mapping>, dropped: &mut BTreeSet<String>) {
    let Some(lists) = lists else { return };
    let mut last_is_dropped = false;
    for list in LISTS {
        let Some(Value::Sequence(jobs)) = lists.get_mut(list) else { continue };
        jobs.retain(|job| {
            let text = |key: &str| job.get(key).and_then(Value::as_str);
            let mut inputs = job.get("input").and_then(Value::as_mapping).into_iter().flat_map(Mapping::values).filter_map(Value::as_str);
            let uses_dropped = inputs.any(|input| (last_is_dropped && input.starts_with("-1.")) || refers(input, dropped));
            last_is_dropped = uses_dropped || text("hook").is_some_and(|hook| HOOKS.contains(&hook));
            if last_is_dropped {
                dropped.insert(format!("{pipeline}.{}.", text("meta_name").unwrap_or("anonymous_meta_name")));
            }
            !last_is_dropped
        });
    }
}

/// Drops targets and updates that name dropped jobs.
fn drop_references(config: &mut Mapping, dropped: &BTreeSet<String>) {
    let is_dropped = |value: &Value| value.as_str().is_some_and(|text| refers(text, dropped));
    if let Some(Value::Mapping(updater)) = config.get_mut("iter_updater") {
        updater.retain(|from, to| !is_dropped(from) && !is_dropped(to));
    }
    let none_left = match config.get_mut("iter_targets") {
        Some(Value::Sequence(targets)) => {
            targets.retain(|target| !is_dropped(target));
            targets.is_empty()
        }
        Some(target) => is_dropped(target),
        None => false,
    };
    if none_left {
        config.remove("iter_targets");
        if config.get("max_iter_num").and_then(Value::as_u64) == Some(0) {
            config.insert("max_iter_num".into(), 1.into()); // without targets nothing else ends the run
        }
    }
}

fn refers(text: &str, dropped: &BTreeSet<String>) -> bool {
    dropped.iter().any(|job| text.trim_start().starts_with(job.as_str()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LISTED: &str = "
project_name: demo
max_iter_num: 0
iter_targets: ['main.score.bits < 2']
iter_updater: {main.train.model: main.score.extra_configs.model, main.clean.rows: main.clean.dj_configs.path}
pipelines:
- main:
    execution_job_configs:
    - {hook: ProcessDataHook, meta_name: clean, output: rows}
    - {hook: TrainModelHook, meta_name: train, input: {extra_configs.path: main.clean.rows}, output: model}
    - {hook: EvaluateDataHook, meta_name: after, input: {extra_configs.path: -1.model}}
    evaluation_job_configs:
    - {hook: EvaluateDataHook, meta_name: score, input: {extra_configs.model: main.train.model}, output: bits}
    - {hook: EvaluateDataHook, meta_name: count, input: {extra_configs.path: main.clean.rows}}
";

    #[test]
    fn training_and_what_needs_it_is_gone() {
        let text = without_training(LISTED).unwrap();
        for gone in ["TrainModelHook", "meta_name: after", "meta_name: score", "iter_targets", "main.train"] {
            assert!(!text.contains(gone), "{gone} in {text}");
        }
        for kept in ["meta_name: clean", "meta_name: count", "main.clean.rows: main.clean.dj_configs.path", "max_iter_num: 1"] {
            assert!(text.contains(kept), "{kept} not in {text}");
        }
    }

    #[test]
    fn the_other_two_forms_of_pipelines_are_known() {
        let single = "execution_job_configs:\n- {hook: TrainModelHook, meta_name: t}\n- {hook: ProcessDataHook, meta_name: p}\n";
        assert!(!without_training(single).unwrap().contains("TrainModelHook"));
        let map = "pipelines:\n  a:\n    execution_job_configs:\n    - {hook: TrainModelHook, meta_name: t}\n";
        assert!(!without_training(map).unwrap().contains("TrainModelHook"));
        assert!(without_training("- a\n").is_err());
    }
}
