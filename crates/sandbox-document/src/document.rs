//! Reading a document and finding the place of its values.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::locate;
use crate::path::KeyPath;
use crate::problem::Place;

/// How a document is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// YAML, `.yaml` or `.yml`.
    Yaml,
    /// JSON, `.json`.
    Json,
    /// TOML, `.toml`.
    Toml,
}

impl Format {
    /// The format that a file's suffix names.
    pub fn of(path: &Path) -> Option<Self> {
        match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
            "yaml" | "yml" => Some(Self::Yaml),
            "json" => Some(Self::Json),
            "toml" => Some(Self::Toml),
            _ => None,
        }
    }
}

/// Why a document cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    /// The file cannot be read.
    #[error("Failed to read `{}`: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The suffix names no known format.
    #[error("`{}` is neither `.yaml`, `.yml`, `.json` nor `.toml`", path.display())]
    UnknownFormat {
        /// The file.
        path: PathBuf,
    },
    /// The text is not what its format asks for.
    #[error("{place}: {message}")]
    Syntax {
        /// Where.
        place: Place,
        /// The parser's reason.
        message: String,
    },
}

/// A document: its values, and its text to find their places in.
#[derive(Debug, Clone)]
pub struct Document {
    /// The file as the user named it.
    pub path: PathBuf,
    /// What it says. An empty document is `null`.
    pub value: Value,
    format: Format,
    text: String,
}

impl Document {
    /// Reads a file in the format that its suffix names.
    ///
    /// # Errors
    /// A file that cannot be read, a suffix that names no format, a text that does not parse.
    pub fn read(path: impl AsRef<Path>) -> Result<Self, DocumentError> {
        let path = path.as_ref();
        let format = Format::of(path).ok_or_else(|| DocumentError::UnknownFormat { path: path.to_owned() })?;
        let text = std::fs::read_to_string(path).map_err(|source| DocumentError::Read { path: path.to_owned(), source })?;
        Self::parse(path, &text, format)
    }

    /// Parses a text that stands in the file `path`.
    ///
    /// # Errors
    /// A text that does not parse, with its line.
    pub fn parse(path: impl Into<PathBuf>, text: &str, format: Format) -> Result<Self, DocumentError> {
        let path = path.into();
        let text = text.strip_prefix('\u{feff}').unwrap_or(text).to_owned();
        let parsed = match format {
            Format::Yaml => parse_yaml(&text),
            Format::Json => serde_json::from_str(&text).map_err(|error| (Some(error.line()), error.to_string())),
            Format::Toml => parse_toml(&text),
        };
        match parsed {
            Ok(value) => Ok(Self { path, value, format, text }),
            Err((line, message)) => Err(DocumentError::Syntax { place: Place { file: path, line }, message: without_position(&message) }),
        }
    }

    /// The place of the value at `path`, or of the nearest value above it that stands in the document.
    pub fn place(&self, path: &KeyPath) -> Place {
        let steps = path.steps();
        let line = (0..=steps.len()).rev().find_map(|depth| match self.format {
            Format::Yaml | Format::Json => locate::yaml_line(&self.text, &steps[..depth]),
            Format::Toml => locate::toml_line(&self.text, &steps[..depth]),
        });
        Place { file: self.path.clone(), line }
    }
}

/// A YAML text as a JSON value: anchors and merge keys resolved, keys as text.
fn parse_yaml(text: &str) -> Result<Value, (Option<usize>, String)> {
    let line_of = |error: serde_yaml::Error| (error.location().map(|location| location.line()), error.to_string());
    let mut yaml: serde_yaml::Value = serde_yaml::from_str(text).map_err(line_of)?;
    yaml.apply_merge().map_err(line_of)?;
    yaml_to_json(yaml).map_err(|message| (None, message))
}

fn yaml_to_json(yaml: serde_yaml::Value) -> Result<Value, String> {
    use serde_yaml::Value as Yaml;
    Ok(match yaml {
        Yaml::Null => Value::Null,
        Yaml::Bool(flag) => Value::Bool(flag),
        Yaml::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(integer), ..) => integer.into(),
            (_, Some(integer), _) => integer.into(),
            // JSON has no infinity: the words are kept, and whoever wants a number reads them as one.
            (.., Some(float)) if !float.is_finite() => Value::String(float.to_string()),
            (.., float) => float.map_or(Value::Null, Value::from),
        },
        Yaml::String(text) => Value::String(text),
        Yaml::Sequence(items) => Value::Array(items.into_iter().map(yaml_to_json).collect::<Result<_, _>>()?),
        Yaml::Mapping(entries) => {
            let mut map = serde_json::Map::new();
            for (key, value) in entries {
                let key = match key {
                    Yaml::String(text) => text,
                    Yaml::Number(number) => number.to_string(),
                    Yaml::Bool(flag) => flag.to_string(),
                    other => return Err(format!("a key must be a text, not {other:?}")),
                };
                map.insert(key, yaml_to_json(value)?);
            }
            Value::Object(map)
        }
        Yaml::Tagged(tagged) => yaml_to_json(tagged.value)?,
    })
}

fn parse_toml(text: &str) -> Result<Value, (Option<usize>, String)> {
    toml::from_str(text).map_err(|error: toml::de::Error| {
        let line = error.span().map(|span| text.as_bytes()[..span.start.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1);
        (line, error.message().to_owned())
    })
}

/// The parsers' messages without the position that our own place already tells.
fn without_position(message: &str) -> String {
    let end = message.find(" at line ").unwrap_or(message.len());
    message[..end].to_owned()
}
