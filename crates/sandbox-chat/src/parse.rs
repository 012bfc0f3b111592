//! Answers to the values that rows keep.

use fancy_regex::Regex;
use serde_json::Value;

/// How an answer becomes a value.
#[derive(Debug, Clone, Default)]
pub struct Parser {
    /// Group 1 of the first match, or the whole match; a dot matches line ends too.
    pub pattern: Option<Regex>,
    /// A path into the JSON that the (matched) text is.
    pub json_path: Option<String>,
    /// Whether the text must be a finite number.
    pub number: bool,
}

impl Parser {
    /// The pattern of a configuration.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn compile(pattern: &str) -> Result<Regex, String> {
        Regex::new(&format!("(?s){pattern}")).map_err(|error| error.to_string())
    }

    /// The value of an answer.
    ///
    /// # Errors
    /// What the answer lacks.
    ///
    /// ```
    /// use sandbox_chat::parse::Parser;
    /// let parser = Parser { pattern: Some(Parser::compile(r"(\{.*\})")?), json_path: Some("score".into()), number: true };
    /// assert_eq!(parser.parse("Well: {\"score\": 4.5}.")?, 4.5);
    /// assert!(parser.parse("no idea").is_err());
    /// # Ok::<(), String>(())
    /// ```
    pub fn parse(&self, answer: &str) -> Result<Value, String> {
        let text = match &self.pattern {
            Some(pattern) => {
                let found = pattern.captures(answer).map_err(|error| format!("`output_pattern` gave up: {error}"))?;
                let found = found.and_then(|groups| groups.get(1).or(groups.get(0)).map(|group| group.as_str().trim()));
                found.ok_or_else(|| format!("`output_pattern` finds nothing in the answer {}", quoted(answer)))?
            }
            None => answer,
        };
        let value = match &self.json_path {
            Some(path) => {
                let json: Value = serde_json::from_str(text).map_err(|_| format!("the answer is no JSON: {}", quoted(text)))?;
                lookup(&json, path).cloned().ok_or_else(|| format!("the answer has nothing at `{path}`: {}", quoted(text)))?
            }
            None => Value::String(text.to_owned()),
        };
        if self.number { number(&value) } else { Ok(value) }
    }
}

fn number(value: &Value) -> Result<Value, String> {
    match value {
        Value::Number(_) => Ok(value.clone()),
        Value::String(text) => {
            let number = text.trim().parse::<f64>().ok().filter(|number| number.is_finite());
            number.map(Value::from).ok_or_else(|| format!("the answer is no number: {}", quoted(text)))
        }
        other => Err(format!("the answer is no number: {}", quoted(&other.to_string()))),
    }
}

fn quoted(text: &str) -> String {
    let short: String = text.chars().take(60).collect();
    format!("`{}`{}", short.replace('\n', " "), if short.len() < text.len() { "..." } else { "" })
}

/// What stands at `a.0.b`.
///
/// ```
/// let value = serde_json::json!({"choices": [{"text": "yes"}]});
/// assert_eq!(sandbox_chat::parse::lookup(&value, "choices.0.text").unwrap(), "yes");
/// ```
pub fn lookup<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').filter(|step| !step.is_empty()).try_fold(value, |value, step| match value {
        Value::Object(map) => map.get(step),
        Value::Array(list) => list.get(step.parse::<usize>().ok()?),
        _ => None,
    })
}
