//! Refinement by k-sigma: each filter's bounds become mean - k and mean + k standard deviations of its statistic.
//!
//! Source: `tools/hpo/execute_hpo_3sigma.py` of Data-Juicer, with its rule for names: an argument whose name contains
//! `min` gets the lower bound, one whose name contains `max` the upper. Only arguments that the recipe names are
//! changed; an operator whose arguments are null has all its defaults, so both its bounds are. `min_closed_interval` and
//! `max_closed_interval` are flags and left alone, which the original forgot. Of a filter with two statistics, such as a
//! width and a height, each sets the arguments that are called after it; in the original both set all of them, and which
//! one came last was left to chance.

use std::borrow::Cow;

use sandbox_ops::{Entry, Operator, find};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A refined recipe and what was changed in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Refinement {
    /// The recipe: only arguments are changed.
    pub recipe: Value,
    /// Every changed argument in order.
    pub changes: Vec<Change>,
}

/// One argument that was set from a statistic.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The operator.
    pub operator: String,
    /// Its argument.
    pub argument: String,
    /// The argument before; null when the recipe left it to its default.
    pub before: Value,
    /// The argument now.
    pub after: f64,
    /// The statistic it follows.
    pub statistic: String,
}

/// Why a recipe cannot be refined.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum KSigmaError {
    /// The recipe has no list of operators.
    #[error("the recipe to refine has no list `process`")]
    NoProcess,
    /// Nothing that its filters look at was analysed.
    #[error("no filter of the recipe looks at an analysed statistic; analysed: {analysed}")]
    NothingAnalysed {
        /// The statistics that there are.
        analysed: String,
    },
}

/// Refines `recipe` by the overall statistics `{statistic: {mean, std}}` of an analysis.
///
/// ```
/// use serde_json::json;
/// let recipe = json!({"process": [{"text_length_filter": {"min_len": 10, "max_len": 2000}}]});
/// let overall = json!({"text_len": {"mean": 500.0, "std": 100.0}});
/// let refined = sandbox_recipe::ksigma::refine(&recipe, &overall, 3.0)?;
/// assert_eq!(refined.recipe["process"][0]["text_length_filter"], json!({"min_len": 200.0, "max_len": 800.0}));
/// # Ok::<(), sandbox_recipe::ksigma::KSigmaError>(())
/// ```
///
/// # Errors
/// A recipe without `process`; filters none of whose statistics were analysed.
pub fn refine(recipe: &Value, overall: &Value, k: f64) -> Result<Refinement, KSigmaError> {
    let mut recipe = recipe.clone();
    let process = recipe.get_mut("process").and_then(Value::as_array_mut).ok_or(KSigmaError::NoProcess)?;
    let (mut changes, mut found) = (Vec::new(), false);
    for item in process {
        if let Value::String(name) = item {
            *item = Value::Object(Map::from_iter([(name.clone(), Value::Null)]));
        }
        let Some((name, arguments)) = item.as_object_mut().and_then(|map| map.iter_mut().next()) else { continue };
        let Some(entry) = find(name) else { continue };
        let statistics = statistics(entry, arguments);
        let arguments_of = bounds(entry, arguments);
        for statistic in &statistics {
            let number = |row: &str| overall.get(&**statistic).and_then(|column| column.get(row)).and_then(Value::as_f64);
            let Some(mean) = number("mean") else { continue };
            found = true;
            // One row alone has no deviation: nothing can be said about bounds then.
            let Some(deviation) = number("std") else { continue };
            for argument in arguments_of.iter().filter(|argument| follows(argument, statistic, &statistics)) {
                let after = if argument.contains("max") { mean + k * deviation } else { mean - k * deviation };
                if !arguments.is_object() {
                    *arguments = Value::Object(Map::new());
                }
                let value = written(entry, argument, after);
                let before = arguments.as_object_mut().and_then(|map| map.insert(argument.clone(), value)).unwrap_or(Value::Null);
                changes.push(Change {
                    operator: name.clone(),
                    argument: argument.clone(),
                    before,
                    after,
                    statistic: statistic.clone().into_owned(),
                });
            }
        }
    }
    if found {
        return Ok(Refinement { recipe, changes });
    }
    let analysed: Vec<&str> = overall.as_object().into_iter().flatten().map(|(name, _)| name.as_str()).collect();
    Err(KSigmaError::NothingAnalysed { analysed: if analysed.is_empty() { "none".to_owned() } else { analysed.join(", ") } })
}

fn statistics(entry: &Entry, arguments: &Value) -> Vec<Cow<'static, str>> {
    match (entry.build)(arguments) {
        Ok(Operator::Filter(filter)) => filter.stat_keys(),
        _ => Vec::new(),
    }
}

/// Whether an argument is set from this one of a filter's statistics: `min_width` from `image_width` and not from
/// `image_height`. An argument that names none of them follows all.
fn follows(argument: &str, statistic: &str, all: &[Cow<'static, str>]) -> bool {
    let names = |statistic: &str| statistic.rsplit('_').next().is_some_and(|word| argument.contains(word));
    names(statistic) || !all.iter().any(|other| names(other))
}

/// The arguments to set: those that the recipe names, or all of the operator's when its arguments are null.
fn bounds(entry: &Entry, arguments: &Value) -> Vec<String> {
    let is_bound = |name: &str| (name.contains("min") || name.contains("max")) && !name.ends_with("_closed_interval");
    match arguments.as_object() {
        Some(map) => map.keys().filter(|name| is_bound(name)).cloned().collect(),
        None => entry.parameters.iter().map(|parameter| parameter.name).filter(|name| is_bound(name)).map(str::to_owned).collect(),
    }
}

/// A bound as its argument takes it: sizes of files are texts of whole numbers. The original writes a number, at which the
/// refined recipe fails.
fn written(entry: &Entry, argument: &str, bound: f64) -> Value {
    let is_text = entry.parameters.iter().any(|parameter| parameter.name == argument && parameter.kind.starts_with("text"));
    if !is_text {
        return bound.into();
    }
    let whole = if argument.contains("max") { bound.ceil() } else { bound.floor() };
    format!("{:.0}", whole.max(0.0)).into()
}

/// A recipe as the original writes it: YAML or, for a `.json` path, JSON; keys in alphabetical order.
pub fn to_text(recipe: &Value, path: &std::path::Path) -> Result<String, serde_yaml::Error> {
    let sorted = sort_keys(recipe);
    if path.extension().is_some_and(|suffix| suffix.eq_ignore_ascii_case("json")) {
        return Ok(format!("{sorted:#}\n"));
    }
    serde_yaml::to_string(&sorted)
}

fn sort_keys(value: &Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<(&String, &Value)> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            entries.into_iter().map(|(key, value)| (key.clone(), sort_keys(value))).collect::<Map<_, _>>().into()
        }
        Value::Array(items) => items.iter().map(sort_keys).collect(),
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_named_arguments_are_changed_and_flags_are_not() {
        let recipe = json!({"process": [{"words_num_filter": {"min_num": 1, "min_closed_interval": false}}, {"text_length_filter": null}, "clean_email_mapper"]});
        let overall = json!({"num_words": {"mean": 10.0, "std": 2.0}, "text_len": {"mean": 60.0, "std": 10.0}});
        let refined = refine(&recipe, &overall, 3.0).unwrap();
        let expected = json!([{"words_num_filter": {"min_num": 4.0, "min_closed_interval": false}}, {"text_length_filter": {"min_len": 30.0, "max_len": 90.0}}, {"clean_email_mapper": null}]);
        assert_eq!(refined.recipe["process"], expected);
        assert_eq!(refined.changes.len(), 3);
    }

    #[test]
    fn each_of_two_statistics_sets_the_arguments_called_after_it() {
        let overall = json!({
            "image_width": {"mean": 100.0, "std": 10.0}, "image_height": {"mean": 50.0, "std": 5.0}
        });
        let recipe = json!({"process": [
            {"image_shape_filter": {"min_width": 1, "max_height": 9}}, "image_shape_filter"
        ]});
        let refined = refine(&recipe, &overall, 2.0).unwrap();
        let all = json!({"min_width": 80.0, "max_width": 120.0, "min_height": 40.0, "max_height": 60.0});
        let process = &refined.recipe["process"];
        assert_eq!(process[0]["image_shape_filter"], json!({"min_width": 80.0, "max_height": 60.0}));
        assert_eq!(process[1]["image_shape_filter"], all);
        let statistics: Vec<&str> = refined.changes.iter().map(|change| change.statistic.as_str()).collect();
        assert_eq!(statistics[..2], ["image_width", "image_height"]);
        let both = ["lang".into(), "lang_score".into()];
        assert!(follows("min_score", "lang_score", &both) && !follows("min_score", "lang", &both));
    }

    #[test]
    fn every_filter_can_be_built_with_refined_bounds() {
        let mut refined_filters = 0;
        for entry in sandbox_ops::operators().iter().filter(|entry| !entry.stats.is_empty()) {
            for (mean, std) in [(100.0, 10.5), (1.0, 7.25)] {
                let overall: Map<String, Value> =
                    entry.stats.iter().map(|name| ((*name).to_owned(), json!({"mean": mean, "std": std}))).collect();
                let recipe = json!({"process": [entry.name]});
                let Ok(refined) = refine(&recipe, &overall.into(), 3.0) else { continue };
                let arguments = &refined.recipe["process"][0][entry.name];
                if let Err(error) = (entry.build)(arguments) {
                    panic!("{}: {arguments}: {error}", entry.name);
                }
                refined_filters += usize::from(!refined.changes.is_empty());
            }
        }
        assert!(refined_filters > 30, "{refined_filters}");
    }

    #[test]
    fn a_recipe_that_nothing_was_analysed_for_is_an_error() {
        let recipe = json!({"process": [{"words_num_filter": {"min_num": 1}}]});
        let error = refine(&recipe, &json!({"text_len": {"mean": 1.0, "std": 1.0}}), 3.0).unwrap_err();
        assert_eq!(error.to_string(), "no filter of the recipe looks at an analysed statistic; analysed: text_len");
    }
}
