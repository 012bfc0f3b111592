//! The `process` list: each entry becomes a built operator.

use std::borrow::Cow;

use sandbox_document::{KeyPath, Problem};
use sandbox_ops::registry::{operators, unknown};
use sandbox_ops::{BuildError, Entry, Kind, Operator, elsewhere, find, known_elsewhere};
use serde_json::{Map, Value};

use super::{Finding, Keys, Recipe, keys, kind};

/// One operator of a recipe, built.
pub struct Step {
    /// Its name.
    pub name: String,
    /// What the operator is; none for one that Data-Juicer runs.
    pub entry: Option<&'static Entry>,
    /// Its arguments as the recipe gives them: a map or null.
    pub arguments: Value,
    /// What it does.
    pub operator: Operator,
}

impl Step {
    /// The operator's name.
    pub fn name(&self) -> &str {
        &self.name
    }
}

pub(super) fn steps(keys: &mut Keys<'_>) -> Vec<Step> {
    if (keys.pending)("process") {
        return Vec::new();
    }
    if keys.flag("auto") {
        return automatic(keys);
    }
    match keys.value("process") {
        Value::Array(items) => items.iter().enumerate().filter_map(|(index, item)| step(keys, index, item)).collect(),
        other => {
            keys.wrong("process", "a list of operators", &other);
            Vec::new()
        }
    }
}

/// All native operators that compute statistics and can do so without being told more, such as which model.
fn automatic(keys: &mut Keys<'_>) -> Vec<Step> {
    let at = KeyPath::root().key("auto");
    let (mut steps, mut left_out) = (Vec::new(), Vec::new());
    for entry in operators().iter().filter(|entry| entry.kind == Kind::Filter && !entry.stats.is_empty()) {
        match (entry.build)(&with_media_keys(keys, &Value::Null)) {
            Ok(operator) => steps.push(Step { name: entry.name.to_owned(), entry: Some(*entry), arguments: Value::Null, operator }),
            Err(_) => left_out.push(entry.name),
        }
    }
    if !left_out.is_empty() {
        let words = format!(
            "`auto` leaves out {}: {} to be told more",
            left_out.join(", "),
            if left_out.len() == 1 { "it needs" } else { "they need" }
        );
        let problem = Problem::warning(words).hint("name them in `process` with their arguments");
        keys.findings.push(Finding { path: at.clone(), problem });
    }
    if keys.map.get("process").is_some_and(|process| process.as_array().is_some_and(|items| !items.is_empty())) {
        keys.findings.push(Finding { path: at, problem: Problem::warning("`auto` is on: `process` is not looked at") });
    }
    steps
}

fn step(keys: &mut Keys<'_>, index: usize, item: &Value) -> Option<Step> {
    let at = KeyPath::root().key("process").index(index);
    let (name, arguments) = match item {
        Value::String(name) => (name.as_str(), &Value::Null),
        Value::Object(map) if map.len() == 1 => map.iter().next().map(|(name, arguments)| (name.as_str(), arguments))?,
        other => {
            let hint = "write `- text_length_filter: {min_len: 10}`; arguments are indented deeper than the operator's name";
            let problem =
                Problem::error(format!("an entry of `process` is one operator with its arguments, not {}", kind(other))).hint(hint);
            keys.findings.push(Finding { path: at, problem });
            return None;
        }
    };
    let at = at.key(name);
    let entry = find(name);
    let built = match entry {
        Some(entry) => (entry.build)(&with_media_keys(keys, arguments)),
        None if known_elsewhere(name) => elsewhere::build(name, arguments),
        None => Err(unknown(name)),
    };
    match built {
        Ok(operator) => Some(Step { name: name.to_owned(), entry, arguments: arguments.clone(), operator }),
        Err(error) => {
            let path = at.join(&error.path);
            let named = error.message.contains(&format!("`{name}`"));
            let problem = problem(error);
            let problem = if named { problem } else { problem.within(format!("operator `{name}`")) };
            keys.findings.push(Finding { path, problem });
            None
        }
    }
}

/// No filter's file may be one that the recipe writes itself.
pub(super) fn check_stats_exports(keys: &mut Keys<'_>, recipe: &Recipe) {
    for (index, path) in recipe.stats_exports() {
        let own = [recipe.export_path.clone(), recipe.stats_path(), recipe.rejected_path()];
        if let (true, Some(step)) = (own.contains(&path), recipe.process.get(index)) {
            let at = KeyPath::root().key("process").index(index).key(step.name()).key("stats_export_path");
            let problem = Problem::error(format!("operator `{}`: the recipe writes `{}` itself", step.name(), path.display()))
                .hint("name another file as `stats_export_path`");
            keys.findings.push(Finding { path: at, problem });
        }
    }
}

/// The arguments, with the recipe's fields of media where they name none themselves.
fn with_media_keys<'v>(keys: &Keys<'_>, arguments: &'v Value) -> Cow<'v, Value> {
    let mut all = Cow::Borrowed(arguments);
    for name in ["image_key", "image_bytes_key", "audio_key", "video_key"] {
        let field = keys.value(name);
        let is_default = keys::find(name).is_some_and(|key| key.default_value() == field);
        // Other values are told where the recipe's keys are checked.
        if is_default || !field.is_string() || arguments.get(name).is_some_and(|own| !own.is_null()) {
            continue;
        }
        if all.is_null() {
            all = Cow::Owned(Value::Object(Map::new()));
        }
        if let Value::Object(map) = all.to_mut() {
            map.insert(name.to_owned(), field);
        }
    }
    all
}

fn problem(error: BuildError) -> Problem {
    Problem { hint: error.hint, ..Problem::error(error.message) }
}
