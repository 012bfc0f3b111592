//! The key `dataset`: several data sets with weights.

use sandbox_document::{KeyPath, Problem, did_you_mean};
use serde_json::Value;

use super::{Finding, Keys, kind};

/// Data sets with weights.
#[derive(Debug, Clone, PartialEq)]
pub struct MixtureOf {
    /// Paths with their weights, in order.
    pub parts: Vec<(String, f64)>,
    /// How many rows there shall be; none for all.
    pub max_sample_num: Option<u64>,
}

const KEYS: [&str; 2] = ["max_sample_num", "configs"];
const PART_KEYS: [&str; 3] = ["type", "path", "weight"];

impl Keys<'_> {
    /// The mixture, if there is one and no `dataset_path`, which goes before it.
    pub(super) fn mixture(&mut self) -> Option<MixtureOf> {
        let given = self.map.get("dataset").filter(|value| !value.is_null() && **value != Value::Array(Vec::new()))?;
        let path = self.map.get("dataset_path").and_then(Value::as_str).unwrap_or_default();
        if !path.trim().is_empty() || (self.pending)("dataset_path") || (self.pending)("dataset") {
            return None;
        }
        let at = KeyPath::root().key("dataset");
        let (max_sample_num, configs, below) = match given {
            Value::Array(configs) => (None, configs.as_slice(), at.clone()),
            Value::Object(map) => {
                for name in map.keys().filter(|name| !KEYS.contains(&name.as_str())) {
                    self.wrong_at(at.key(name), format!("`dataset` has no key `{name}`"), did_you_mean(name, KEYS));
                }
                let number = map.get("max_sample_num").filter(|value| !value.is_null());
                let max = number.and_then(Value::as_u64).filter(|number| *number > 0);
                if let (Some(number), None) = (number, max) {
                    let hint = "leave it out for all rows".to_owned();
                    self.wrong_at(
                        at.key("max_sample_num"),
                        format!("`max_sample_num` must be a whole number from 1 on, not {number}"),
                        hint,
                    );
                }
                let configs = map.get("configs").and_then(Value::as_array).map_or(&[] as &[_], Vec::as_slice);
                (max, configs, at.key("configs"))
            }
            other => {
                self.wrong_at(
                    at,
                    format!("`dataset` must be a map, not {}", kind(other)),
                    "write `dataset: {configs: [{type: local, path: a.jsonl}]}`".to_owned(),
                );
                return None;
            }
        };
        if configs.is_empty() {
            self.wrong_at(
                at,
                "`dataset` names no data set".to_owned(),
                "write `configs: [{type: local, path: a.jsonl, weight: 1}]`".to_owned(),
            );
            return None;
        }
        let parts = configs.iter().enumerate().filter_map(|(index, part)| self.part(&below.index(index), part)).collect();
        Some(MixtureOf { parts, max_sample_num })
    }

    fn part(&mut self, at: &KeyPath, part: &Value) -> Option<(String, f64)> {
        let Some(map) = part.as_object() else {
            self.wrong_at(
                at.clone(),
                format!("a data set must be a map, not {}", kind(part)),
                "write `{type: local, path: a.jsonl}`".to_owned(),
            );
            return None;
        };
        for name in map.keys().filter(|name| !PART_KEYS.contains(&name.as_str())) {
            self.wrong_at(at.key(name), format!("a data set has no key `{name}`"), did_you_mean(name, PART_KEYS));
        }
        match map.get("type").and_then(Value::as_str).unwrap_or("local") {
            "local" => {}
            other => {
                let message = format!("data sets of the type `{other}` are not read: nothing is downloaded");
                self.wrong_at(at.key("type"), message, "fetch it first, then name its files: `{type: local, path: ...}`".to_owned());
                return None;
            }
        }
        let weight = map.get("weight").map_or(Some(1.0), Value::as_f64).filter(|weight| *weight >= 0.0 && weight.is_finite());
        if weight.is_none() {
            self.wrong_at(
                at.key("weight"),
                "`weight` must be a number from 0 on".to_owned(),
                "only the ratio to the others counts".to_owned(),
            );
        }
        let Some(path) = map.get("path").and_then(Value::as_str) else {
            self.wrong_at(at.clone(), "a data set has no `path`".to_owned(), "write `{type: local, path: a.jsonl}`".to_owned());
            return None;
        };
        Some((path.to_owned(), weight.unwrap_or(1.0)))
    }

    fn wrong_at(&mut self, path: KeyPath, message: String, hint: String) {
        self.findings.push(Finding { path, problem: Problem::error(message).hint(hint) });
    }
}
