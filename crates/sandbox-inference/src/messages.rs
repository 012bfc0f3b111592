//! Rows to chat messages.

use minijinja::{Environment, UndefinedBehavior};
use sandbox_dataset::Row;
use serde::Deserialize;
use serde_json::{Value, json};

/// How many steps a template may take for one row.
const FUEL: u64 = 10_000_000;

/// The fields of a row that messages are built of.
#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
pub struct Fields {
    /// The field of the system message; a row without it has none.
    pub system_key: String,
    /// The field of the user message.
    pub query_key: String,
    /// The field of the answer that is looked at: sent by `build_messages_for_math_qa` alone.
    pub response_key: String,
}

impl Default for Fields {
    fn default() -> Self {
        Self { system_key: "system".to_owned(), query_key: "query".to_owned(), response_key: "response".to_owned() }
    }
}

/// The function of a configuration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Build {
    /// The system message, and the query as the user's.
    #[default]
    BuildMessages,
    /// The same, with a question and the answer that is to be graded.
    BuildMessagesForMathQa,
}

/// A message that is written as a template over the row's fields.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// `system`, `user` or `assistant`.
    pub role: String,
    /// The text, `{{ field }}` where a field stands.
    pub template: String,
}

/// Builds the messages of rows.
#[derive(Debug)]
pub enum Builder {
    /// By a function.
    Function(Build, Fields),
    /// By templates.
    Templates(Box<Environment<'static>>, Vec<String>),
}

impl Builder {
    /// A builder from templates.
    ///
    /// # Errors
    /// The index of the first template that cannot be read, and why.
    pub fn from_templates(templates: &[Template]) -> Result<Self, (usize, String)> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_keep_trailing_newline(true);
        environment.set_fuel(Some(FUEL));
        for (index, template) in templates.iter().enumerate() {
            environment.add_template_owned(index.to_string(), template.template.clone()).map_err(|error| (index, error.to_string()))?;
        }
        Ok(Self::Templates(Box::new(environment), templates.iter().map(|template| template.role.clone()).collect()))
    }

    /// The messages of a row.
    ///
    /// # Errors
    /// What the row lacks.
    ///
    /// ```
    /// use sandbox_dataset::Row;
    /// use sandbox_inference::messages::{Build, Builder};
    /// let builder = Builder::Function(Build::BuildMessagesForMathQa, Default::default());
    /// let messages = builder.messages(&Row::parse(br#"{"query": "1 + 1?", "response": 2}"#)?)?;
    /// assert_eq!(messages, [serde_json::json!({"role": "user", "content": "Question: 1 + 1?\nAnswer: 2"})]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn messages(&self, row: &Row<'_>) -> Result<Vec<Value>, String> {
        match self {
            Self::Function(build, fields) => by_function(*build, fields, row),
            Self::Templates(environment, roles) => {
                let values: Value = serde_json::from_str(row.as_str()).map_err(|error| error.to_string())?;
                let message = |(index, role): (usize, &String)| {
                    let text = environment.get_template(&index.to_string()).and_then(|template| template.render(&values));
                    let text = text.map_err(|error| format!("Failed to fill `messages[{index}]`: {error}"))?;
                    Ok(json!({"role": role, "content": text}))
                };
                roles.iter().enumerate().map(message).collect()
            }
        }
    }
}

fn by_function(build: Build, fields: &Fields, row: &Row<'_>) -> Result<Vec<Value>, String> {
    let text = |name: &str| match row.value(name) {
        None | Some(Value::Null) => Err(format!("field `{name}` is missing")),
        Some(Value::String(text)) => Ok(text),
        // A number as a question or an answer, as it stands in the row.
        Some(other) => Ok(other.to_string()),
    };
    let query = text(&fields.query_key)?;
    let mut messages = Vec::new();
    if let Some(system) = text(&fields.system_key).ok().filter(|system| !system.is_empty()) {
        messages.push(json!({"role": "system", "content": system}));
    }
    let content = match build {
        Build::BuildMessages => query,
        Build::BuildMessagesForMathQa => format!("Question: {query}\nAnswer: {}", text(&fields.response_key)?),
    };
    messages.push(json!({"role": "user", "content": content}));
    Ok(messages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn templates_are_filled_from_the_row_and_miss_no_field() {
        let templates = [Template { role: "user".into(), template: "{{ a.b }} and {{ n + 1 }}".into() }];
        let builder = Builder::from_templates(&templates).unwrap();
        let row = br#"{"a": {"b": "x"}, "n": 2}"#;
        assert_eq!(builder.messages(&Row::parse(row).unwrap()).unwrap()[0]["content"], "x and 3");
        let error = builder.messages(&Row::parse(b"{\"n\": 1}").unwrap()).unwrap_err();
        assert!(error.contains("messages[0]"), "{error}");
        let broken = [Template { role: "user".into(), template: "{{ a".into() }];
        assert_eq!(Builder::from_templates(&broken).unwrap_err().0, 0);
    }

    #[test]
    fn a_template_that_never_ends_is_ended() {
        let text = "{% for a in range(9999) %}{% for b in range(9999) %}{{ b }}{% endfor %}{% endfor %}";
        let builder = Builder::from_templates(&[Template { role: "user".into(), template: text.into() }]).unwrap();
        assert!(builder.messages(&Row::parse(b"{}").unwrap()).is_err());
    }
}
