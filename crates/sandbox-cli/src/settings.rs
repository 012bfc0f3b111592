//! Flags, environment and files: what wins over what.
//!
//! A flag wins over the environment, which wins over the file. Values are YAML: `3`, `true`, `[a, b]`, `{k: 2}`.

use anyhow::{Context, anyhow};
use sandbox_core::config::Overrides;
use sandbox_document::{Document, Format, value};
use serde_json::Value;

/// The environment's prefixes, the weaker one first: the second is this program's, the first what users of the original have set.
const PREFIXES: [&str; 2] = ["SANDBOX_STARTER_", "DJ_SANDBOX_"];

/// The environment's value for a key, with the variable's name.
fn from_environment(key: &str) -> Option<(String, String)> {
    PREFIXES.iter().rev().find_map(|prefix| {
        let name = format!("{prefix}{}", key.to_uppercase());
        std::env::var(&name).ok().map(|text| (name, text))
    })
}

/// A flag's text as a value; what is not YAML is a text.
pub fn parse_value(text: &str) -> Value {
    match Document::parse("command line", text, Format::Yaml) {
        // `--project_name ""` is an empty text and not nothing.
        Ok(document) if document.value.is_null() && !matches!(text.trim(), "null" | "~" | "Null" | "NULL") => {
            Value::String(text.to_owned())
        }
        Ok(document) => document.value,
        Err(_) => Value::String(text.to_owned()),
    }
}

/// Overrides of a sandbox configuration.
pub fn sandbox_overrides(flags: &[(String, String)]) -> Overrides {
    let mut overrides = Overrides::new();
    for key in &sandbox_core::config::KEYS {
        if let Some((name, text)) = from_environment(key.name) {
            overrides.set(key.name, parse_value(&text), name);
        }
    }
    for (key, text) in flags {
        overrides.set(key, parse_value(text), format!("--{key}"));
    }
    overrides
}

/// Whether a flag or a variable of the environment gives this key of a recipe.
pub fn overrides(flags: &[(String, String)], key: &str) -> bool {
    flags.iter().any(|(name, _)| name == key) || from_environment(key).is_some()
}

/// Puts flags and environment into a recipe: global keys, and `OPERATOR.ARGUMENT` into every use of that operator.
///
/// # Errors
/// An operator that the recipe does not use.
pub fn override_recipe(recipe: &mut Value, flags: &[(String, String)]) -> anyhow::Result<()> {
    if recipe.is_null() {
        *recipe = Value::Object(serde_json::Map::new());
    }
    for key in sandbox_recipe::config::keys::KEYS {
        if let Some((_, text)) = from_environment(key.name) {
            set(recipe, key.name, &text)?;
        }
    }
    for (key, text) in flags {
        match key.split_once('.') {
            None => set(recipe, key, text)?,
            Some((operator, argument)) => set_argument(recipe, operator, argument, text)?,
        }
    }
    Ok(())
}

fn set(recipe: &mut Value, key: &str, text: &str) -> anyhow::Result<()> {
    // Paths are texts even where they look like numbers.
    let is_path = (key.ends_with("_path") || key == "work_dir") && !text.trim_start().starts_with('[');
    let value = if is_path { Value::String(text.to_owned()) } else { parse_value(text) };
    value::assign(recipe, key, value).map_err(|_| anyhow!("`--{key}`: the recipe is not a map"))
}

fn set_argument(recipe: &mut Value, operator: &str, argument: &str, text: &str) -> anyhow::Result<()> {
    let process = recipe.get_mut("process").and_then(Value::as_array_mut).context("the recipe has no list `process`")?;
    let names: Vec<String> = process.iter().filter_map(name_of).collect();
    let mut used = false;
    for item in process.iter_mut().filter(|item| name_of(item).as_deref() == Some(operator)) {
        used = true;
        if item.is_string() {
            *item = Value::Object([(operator.to_owned(), Value::Null)].into_iter().collect());
        }
        let arguments = item.get_mut(operator).context("an operator without arguments")?;
        value::assign(arguments, argument, parse_value(text))
            .map_err(|_| anyhow!("`--{operator}.{argument}`: the operator's arguments are not a map"))?;
    }
    if used {
        return Ok(());
    }
    let hint = sandbox_document::did_you_mean(operator, names.iter().map(String::as_str));
    Err(anyhow!("`--{operator}.{argument}`: the recipe does not use `{operator}`\n  hint: {hint}"))
}

fn name_of(item: &Value) -> Option<String> {
    match item {
        Value::String(name) => Some(name.clone()),
        Value::Object(map) => map.keys().next().cloned(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_are_yaml_and_the_rest_is_text() {
        assert_eq!(parse_value("3"), json!(3));
        assert_eq!(parse_value("[a, b]"), json!(["a", "b"]));
        assert_eq!(parse_value("p.m.out >= 3"), json!("p.m.out >= 3"));
        assert_eq!(parse_value(""), json!(""));
        assert_eq!(parse_value("[broken"), json!("[broken"));
    }

    #[test]
    fn an_argument_goes_into_every_use_of_its_operator() {
        let mut recipe =
            json!({"process": [{"text_length_filter": null}, {"words_num_filter": {}}, {"text_length_filter": {"max_len": 5}}]});
        let flags = [("text_length_filter.min_len".to_owned(), "2".to_owned()), ("np".to_owned(), "1".to_owned())];
        override_recipe(&mut recipe, &flags).unwrap();
        let expected =
            json!([{"text_length_filter": {"min_len": 2}}, {"words_num_filter": {}}, {"text_length_filter": {"max_len": 5, "min_len": 2}}]);
        assert_eq!((&recipe["process"], &recipe["np"]), (&expected, &json!(1)));
        let error = override_recipe(&mut recipe, &[("text_lenght_filter.min_len".to_owned(), "2".to_owned())]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`--text_lenght_filter.min_len`: the recipe does not use `text_lenght_filter`\n  hint: did you mean `text_length_filter`?"
        );
    }
}
