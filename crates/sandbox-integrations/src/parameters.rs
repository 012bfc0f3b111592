//! A job's configuration held against an integration's parameters.

use sandbox_core::component::{Finding, JobSettings};
use sandbox_core::hook::Side;
use sandbox_document::{KeyPath, Problem, suggest, value};
use serde_json::{Map, Value, json};

use crate::definition::{Definition, Parameter, Type};

/// Keys that every integration has.
const COMMON: [&str; 8] = ["type", "export_path", "env_name", "env_manager", "env_params", "timeout", "stall_timeout", "max_parallel"];

/// The configuration with its defaults, and everything that is wrong with it. Values that earlier jobs will fill are `null`.
pub(crate) fn checked(definition: &Definition, settings: &JobSettings) -> (Value, Vec<Finding>) {
    let mut values = match &settings.extra_configs {
        Value::Object(map) => Value::Object(map.clone()),
        _ => json!({}),
    };
    let mut findings = Vec::new();
    for (name, parameter) in &definition.parameters {
        let is_pending = settings.is_pending(&format!("extra_configs.{name}"));
        let given = value::lookup(&values, name).cloned().filter(|value| !value.is_null());
        match given {
            _ if is_pending => {}
            Some(given) => match fit(parameter, &given) {
                Ok(Some(better)) => drop(value::assign(&mut values, name, better)),
                Ok(None) => {}
                Err(problem) => findings.push(Finding::extra(path(name), problem.hint(parameter.doc.clone()))),
            },
            None if parameter.required => {
                let problem = Problem::error(format!("missing key `{name}`")).hint(parameter.doc.clone());
                findings.push(Finding::extra(KeyPath::root(), problem));
            }
            None => set(&mut values, name, parameter.default.clone().unwrap_or(Value::Null)),
        }
    }
    if !definition.other_keys {
        unknown(definition, &settings.extra_configs, "", &mut findings);
    }
    (values, findings)
}

/// Puts a value under a dotted name, with the maps on the way.
pub(crate) fn set(values: &mut Value, name: &str, new: Value) {
    let mut at = values;
    let mut parts = name.split('.').peekable();
    while let Some(part) = parts.next() {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let Value::Object(map) = at else { return };
        if parts.peek().is_none() {
            map.insert(part.to_owned(), new);
            return;
        }
        at = map.entry(part).or_insert_with(|| Value::Object(Map::new()));
    }
}

/// Whether a value is what the parameter wants; the value in its place where a near one was given.
fn fit(parameter: &Parameter, given: &Value) -> Result<Option<Value>, Problem> {
    let wanted = match parameter.kind {
        Type::Text | Type::Path if given.is_string() => None,
        Type::Text if given.is_number() => Some(json!(given.to_string())),
        Type::Integer if given.is_i64() || given.is_u64() => None,
        Type::Number if given.is_number() => None,
        // `3e-4` without a dot is a text to YAML 1.1.
        Type::Number if given.as_str().is_some_and(|text| text.parse::<f64>().is_ok()) => {
            given.as_str().and_then(|text| text.parse::<f64>().ok()).map(|number| json!(number))
        }
        Type::Boolean if given.is_boolean() => None,
        Type::List if given.is_array() => None,
        Type::List if given.is_string() => Some(json!([given])),
        Type::Map if given.is_object() => None,
        Type::Any => None,
        kind => {
            let name = match kind {
                Type::Text => "a text",
                Type::Path => "a path",
                Type::Integer => "a whole number",
                Type::Number => "a number",
                Type::Boolean => "true or false",
                Type::List => "a list",
                Type::Map | Type::Any => "a map",
            };
            return Err(Problem::error(format!("expected {name}, not {given}")));
        }
    };
    if !parameter.choices.is_empty() && !parameter.choices.contains(wanted.as_ref().unwrap_or(given)) {
        let choices: Vec<String> = parameter.choices.iter().map(Value::to_string).collect();
        return Err(Problem::error(format!("{given} is none of {}", choices.join(", "))));
    }
    Ok(wanted)
}

/// Warnings about keys that nobody reads.
fn unknown(definition: &Definition, given: &Value, above: &str, findings: &mut Vec<Finding>) {
    let Value::Object(map) = given else { return };
    for (key, inner) in map {
        let name = if above.is_empty() { key.clone() } else { format!("{above}.{key}") };
        let is_question = definition.serve.is_some() && above.is_empty() && questions().any(|known| known == key);
        if definition.parameters.contains_key(&name) || (above.is_empty() && COMMON.contains(&key.as_str())) || is_question {
            continue;
        }
        if definition.parameters.keys().any(|known| known.strip_prefix(&name).is_some_and(|rest| rest.starts_with('.'))) {
            unknown(definition, inner, &name, findings);
            continue;
        }
        let problem = Problem::warning(format!("`{name}` is not a key of this component and has no effect"));
        let mut known: Vec<&str> = definition.parameters.keys().map(String::as_str).collect();
        known.extend_from_slice(&COMMON);
        if definition.serve.is_some() {
            questions().for_each(|key| known.push(key));
        }
        let problem = match suggest(&name, known) {
            Some(near) => problem.hint(format!("did you mean `{near}`?")),
            None => problem,
        };
        findings.push(Finding { side: Side::Extra, path: path(&name), problem });
    }
}

/// The keys of the questions to a server of one's own.
fn questions() -> impl Iterator<Item = &'static str> {
    sandbox_inference::api::KEYS.iter().copied().filter(|key| *key != "api_endpoint")
}

pub(crate) fn path(name: &str) -> KeyPath {
    name.split('.').fold(KeyPath::root(), |path, part| path.key(part))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn definition() -> Definition {
        let text = "name: x\nhook: TrainModelHook\ncommand: [true]\nparameters:\n  a.path: {type: path, required: true, doc: where}\n  \
                    a.rate: {type: number, default: 0.1}\n  gpus: {type: integer, default: 1}\n  style: {choices: [one, two]}\n  \
                    metas: {type: list}\n";
        Definition::parse("x.yaml", text).unwrap()
    }

    fn check(given: Value) -> (Value, Vec<String>) {
        let (values, findings) = checked(&definition(), &JobSettings::new(Value::Null, given));
        (values, findings.into_iter().map(|finding| finding.problem.message).collect())
    }

    #[test]
    fn defaults_and_near_values_are_filled_in() {
        let (values, wrong) = check(json!({"type": "x", "a": {"path": "p", "rate": "3e-4"}, "metas": "one.json"}));
        assert_eq!(wrong, Vec::<String>::new());
        assert_eq!(values, json!({"type": "x", "a": {"path": "p", "rate": 3e-4}, "metas": ["one.json"], "gpus": 1, "style": null}));
    }

    #[test]
    fn what_does_not_fit_is_told() {
        let (_, wrong) = check(json!({"a": {"rat": 1}, "gpus": "two", "style": "three"}));
        assert_eq!(
            wrong,
            [
                "missing key `a.path`",
                "expected a whole number, not \"two\"",
                "\"three\" is none of \"one\", \"two\"",
                "`a.rat` is not a key of this component and has no effect"
            ]
        );
    }

    #[test]
    fn what_comes_later_is_not_missing() {
        let settings = JobSettings::new(Value::Null, json!({"a": {}})).with_pending(["extra_configs.a.path"]);
        assert_eq!(checked(&definition(), &settings).1, []);
    }
}
