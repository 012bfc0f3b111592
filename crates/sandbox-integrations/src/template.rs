//! Templates of integration files: arguments as values, scripts with every value quoted.

use minijinja::value::{Kwargs, ValueKind};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior};
use serde_json::Value;

use crate::program::quoted;

/// How a template's values become text.
const SHELL: AutoEscape = AutoEscape::Custom("shell");

/// Fills templates in.
///
/// ```
/// use sandbox_integrations::Templates;
/// use serde_json::json;
/// let templates = Templates::new();
/// let values = json!({"gpus": 2, "path": "it's; rm -rf /", "list": ["a.json", "b.json"]});
/// assert_eq!(templates.text("--gpus={{ gpus }}", &values)?, "--gpus=2");
/// assert_eq!(templates.value(&json!("{{ list }}"), &values)?, json!(["a.json", "b.json"]));
/// assert_eq!(templates.script("cd {{ path }}", &values)?, r"cd 'it'\''s; rm -rf /'");
/// # Ok::<(), sandbox_integrations::TemplateError>(())
/// ```
#[derive(Debug)]
pub struct Templates {
    text: Environment<'static>,
    script: Environment<'static>,
}

/// A template that cannot be filled in.
#[derive(Debug, thiserror::Error)]
#[error("Failed to fill in `{template}`: {cause}")]
pub struct TemplateError {
    /// The template.
    pub template: String,
    /// Why.
    pub cause: String,
}

impl Default for Templates {
    fn default() -> Self {
        Self::new()
    }
}

impl Templates {
    /// The engine with its filters `abspath` (of a path in a folder: `abspath(folder)`), `relative_to`, `basename`, `stem`, `scores`, `options`, its functions `read_yaml`, `read_json`, `fail`, and Jinja's own filters.
    pub fn new() -> Self {
        let mut text = Environment::new();
        text.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        text.set_auto_escape_callback(|_| AutoEscape::None);
        text.set_formatter(plain);
        text.add_filter("basename", |path: String| name(&path, false));
        text.add_filter("stem", |path: String| name(&path, true));
        text.add_filter("abspath", absolute_from);
        text.add_filter("relative_to", relative);
        text.add_filter("scores", scores);
        text.add_filter("options", options);
        text.add_test("existing", |path: String| std::path::Path::new(&path).exists());
        text.add_function("read_yaml", |path: String| read(&path));
        text.add_function("read_json", |path: String| read(&path));
        text.add_function("fail", |message: String, _: Kwargs| Err::<String, _>(Error::new(ErrorKind::InvalidOperation, message)));
        let mut script = text.clone();
        script.set_auto_escape_callback(|_| SHELL);
        script.set_formatter(in_quotes);
        Self { text, script }
    }

    /// A text with its values as they are.
    ///
    /// # Errors
    /// A faulty template, a value that is not there.
    pub fn text(&self, template: &str, values: &Value) -> Result<String, TemplateError> {
        filled(&self.text, template, values)
    }

    /// A text for a shell: every value is one word of it, whatever it holds.
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub fn script(&self, template: &str, values: &Value) -> Result<String, TemplateError> {
        filled(&self.script, template, values)
    }

    /// A value: a text that is one `{{ expression }}` and nothing else is what the expression is, a number or a list too.
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub fn value(&self, template: &Value, values: &Value) -> Result<Value, TemplateError> {
        match template {
            Value::String(text) => match sole_expression(text) {
                Some(expression) => self.expression(expression, values),
                None if text.contains("{{") || text.contains("{%") => Ok(Value::String(self.text(text, values)?)),
                None => Ok(template.clone()),
            },
            Value::Array(items) => items.iter().map(|item| self.value(item, values)).collect::<Result<_, _>>().map(Value::Array),
            Value::Object(map) => {
                let filled = map.iter().map(|(key, item)| Ok((key.clone(), self.value(item, values)?)));
                filled.collect::<Result<_, _>>().map(Value::Object)
            }
            other => Ok(other.clone()),
        }
    }

    /// What an expression is.
    ///
    /// # Errors
    /// As [`text`](Self::text).
    pub fn expression(&self, expression: &str, values: &Value) -> Result<Value, TemplateError> {
        let wrong = |error: &Error| TemplateError { template: expression.to_owned(), cause: words(error) };
        let found = self.text.compile_expression(expression).and_then(|compiled| compiled.eval(values)).map_err(|error| wrong(&error))?;
        if found.kind() == ValueKind::Undefined {
            return Err(TemplateError { template: expression.to_owned(), cause: "there is no such value".to_owned() });
        }
        serde_json::to_value(&found).map_err(|error| TemplateError { template: expression.to_owned(), cause: error.to_string() })
    }

    /// Whether a template is one, before there are values.
    ///
    /// # Errors
    /// A faulty template.
    pub fn check(&self, template: &str) -> Result<(), TemplateError> {
        let checked = self.text.template_from_str(template).map(drop);
        checked.map_err(|error| TemplateError { template: template.to_owned(), cause: words(&error) })
    }
}

fn filled(environment: &Environment<'_>, template: &str, values: &Value) -> Result<String, TemplateError> {
    environment.render_str(template, values).map_err(|error| TemplateError { template: template.to_owned(), cause: words(&error) })
}

fn words(error: &Error) -> String {
    match (error.detail(), error.kind()) {
        (Some(detail), ErrorKind::InvalidOperation) => detail.to_owned(),
        (Some(detail), kind) => format!("{kind}: {detail}"),
        (None, ErrorKind::UndefinedError) => "there is no such value".to_owned(),
        (None, kind) => kind.to_string(),
    }
}

/// The expression of a text that is one and nothing else.
fn sole_expression(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    (!inner.contains("{{") && !inner.contains("}}")).then(|| inner.trim())
}

/// Texts as they are, booleans as Python has them, lists and maps as JSON.
fn plain(out: &mut Output<'_>, _: &State<'_, '_>, value: &minijinja::Value) -> Result<(), Error> {
    out.write_str(&shown(value)?).map_err(Error::from)
}

fn in_quotes(out: &mut Output<'_>, state: &State<'_, '_>, value: &minijinja::Value) -> Result<(), Error> {
    if value.is_safe() || state.auto_escape() != SHELL {
        return plain(out, state, value);
    }
    out.write_str(&quoted(&shown(value)?)).map_err(Error::from)
}

fn shown(value: &minijinja::Value) -> Result<String, Error> {
    Ok(match value.kind() {
        ValueKind::Undefined => return Err(Error::new(ErrorKind::UndefinedError, "there is no such value")),
        ValueKind::None => String::new(),
        ValueKind::Bool => if value.is_true() { "True" } else { "False" }.to_owned(),
        ValueKind::Seq | ValueKind::Map => {
            serde_json::to_string(value).map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))?
        }
        _ => value.to_string(),
    })
}

fn name(path: &str, without_suffix: bool) -> String {
    let path = std::path::Path::new(path);
    let part = if without_suffix { path.file_stem() } else { path.file_name() };
    part.unwrap_or_default().to_string_lossy().into_owned()
}

fn absolute(path: String) -> Result<String, Error> {
    let found = std::path::absolute(&path).map_err(|error| Error::new(ErrorKind::InvalidOperation, format!("`{path}`: {error}")))?;
    Ok(found.to_string_lossy().into_owned())
}

/// The absolute path of what a program that runs in a folder calls by this name; in ours without one.
fn absolute_from(path: String, folder: Option<String>) -> Result<String, Error> {
    let Some(folder) = folder else { return absolute(path) };
    // The system leaves a linked folder by where it really stands.
    let folder = std::fs::canonicalize(&folder).map_or(folder, |real| real.to_string_lossy().into_owned());
    absolute(joined(&path, &folder))
}

/// A path that starts in a folder, unless it is absolute; `..` takes the name before it away, as Python's `normpath` does.
pub(crate) fn joined(path: &str, folder: &str) -> String {
    use std::path::{Component, Path, PathBuf};
    let mut found = PathBuf::new();
    for part in Path::new(folder).join(path).components() {
        match (part, found.components().next_back()) {
            (Component::CurDir, _) | (Component::ParentDir, Some(Component::RootDir)) => {}
            (Component::ParentDir, Some(Component::Normal(_))) => {
                found.pop();
            }
            (part, _) => found.push(part),
        }
    }
    if found.as_os_str().is_empty() { ".".to_owned() } else { found.to_string_lossy().into_owned() }
}

/// A path as seen from a folder.
fn relative(path: String, folder: String) -> Result<String, Error> {
    let (path, folder) = (absolute(path)?, absolute(folder)?);
    let (path, folder) = (std::path::Path::new(&path), std::path::Path::new(&folder));
    let same = path.components().zip(folder.components()).take_while(|(one, other)| one == other).count();
    let up = folder.components().skip(same).map(|_| std::path::Component::ParentDir);
    let found: std::path::PathBuf = up.chain(path.components().skip(same)).collect();
    Ok(found.to_string_lossy().into_owned())
}

/// A map as options of a command: `{a_b: 1, c: true}` is `--a-b 1 --c`; what is false or null is left out.
fn options(map: Option<minijinja::Value>) -> Result<Vec<String>, Error> {
    let wrong = |error: serde_json::Error| Error::new(ErrorKind::InvalidOperation, error.to_string());
    let Some(map) = map.filter(|map| !map.is_none() && !map.is_undefined()) else { return Ok(Vec::new()) };
    let Value::Object(map) = serde_json::to_value(&map).map_err(wrong)? else {
        return Err(Error::new(ErrorKind::InvalidOperation, "options are a map"));
    };
    let mut words = Vec::new();
    for (name, value) in map {
        let option = format!("--{}", name.replace('_', "-"));
        match value {
            Value::Null | Value::Bool(false) => {}
            Value::Bool(true) => words.push(option),
            Value::String(text) => words.extend([option, text]),
            other => words.extend([option, other.to_string()]),
        }
    }
    Ok(words)
}

/// The metrics of these names, and their mean as `avg_score`.
fn scores(metrics: minijinja::Value, names: Vec<String>) -> Result<minijinja::Value, Error> {
    let wrong = |message: &str| Error::new(ErrorKind::InvalidOperation, message.to_owned());
    let mut found = serde_json::Map::new();
    let mut sum = 0.0;
    for name in names {
        let value = metrics.get_attr(&name)?;
        if let Ok(number) = f64::try_from(value) {
            sum += number;
            found.insert(name, number.into());
        }
    }
    if found.is_empty() {
        return Err(wrong("no score was found in what the program printed"));
    }
    let mean = sum / found.len() as f64;
    found.insert("avg_score".to_owned(), mean.into());
    Ok(minijinja::Value::from_serialize(&found))
}

fn read(path: &str) -> Result<minijinja::Value, Error> {
    let document = sandbox_document::Document::read(path).map_err(|error| Error::new(ErrorKind::InvalidOperation, error.to_string()))?;
    Ok(minijinja::Value::from_serialize(&document.value))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_missing_is_named() {
        let templates = Templates::new();
        let error = templates.text("{{ a.b }}", &json!({"a": {}})).unwrap_err().to_string();
        assert_eq!(error, "Failed to fill in `{{ a.b }}`: there is no such value");
        let error = templates.value(&json!("{{ nothing }}"), &json!({})).unwrap_err().to_string();
        assert!(error.contains("there is no such value"), "{error}");
        assert!(templates.check("{{ a").is_err());
    }

    #[test]
    fn a_path_of_a_program_is_seen_from_here() {
        for (path, folder, seen) in [
            ("../../out/a.jsonl", "third/party", "out/a.jsonl"),
            ("../a", ".", "../a"),
            ("./a//b/", "x/", "x/a/b"),
            ("../..", "/x", "/"),
            ("/a/../b", "x", "/b"),
            ("..", "x", "."),
            ("", "x", "x"),
        ] {
            assert_eq!(joined(path, folder), seen, "{path} in {folder}");
        }
        let templates = Templates::new();
        let here = std::env::current_dir().unwrap().join("out").to_string_lossy().into_owned();
        assert_eq!(templates.text("{{ '../../out' | abspath('no/where') }}", &json!({})).unwrap(), here);
        assert_eq!(templates.text("{{ 'out' | abspath }}", &json!({})).unwrap(), here);
    }

    #[test]
    fn values_keep_their_kind_when_they_stand_alone() {
        let templates = Templates::new();
        let values = json!({"n": 3, "f": 0.1, "on": true, "l": [1, "b"], "m": {"k": null}, "s": "x"});
        for key in ["n", "f", "on", "l", "m", "s"] {
            assert_eq!(templates.value(&json!(format!("{{{{ {key} }}}}")), &values).unwrap(), values[key]);
        }
        assert_eq!(templates.text("{{ n }} {{ f }} {{ on }} {{ l }} [{{ m.k }}]", &values).unwrap(), r#"3 0.1 True [1,"b"] []"#);
    }

    #[test]
    fn no_value_gets_out_of_its_word_in_a_script() {
        let templates = Templates::new();
        for hostile in ["a; id", "$(id)", "`id`", "a'b", "a\nb", "", "{{ x }}", "-x"] {
            let script = templates.script("printf %s {{ value }}", &json!({"value": hostile})).unwrap();
            let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
            assert_eq!(String::from_utf8_lossy(&output.stdout), hostile, "{script}");
        }
    }
}
