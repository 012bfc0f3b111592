//! The matches of a pattern of Python's own `re` module, one after the other.

use fancy_regex::{Captures, Regex};

use super::translate::translate_re;
use crate::error::{BuildError, OpError};

/// A pattern as `re.finditer` uses it.
pub(crate) struct Finder {
    /// As the recipe has it.
    written: String,
    regex: Regex,
    /// The same pattern, matching anything but the empty text where the search starts.
    advancing: Regex,
}

impl Finder {
    /// A finder of what a recipe has under `parameter`.
    ///
    /// # Errors
    /// When the pattern is none.
    pub fn new(parameter: &str, pattern: &str) -> Result<Self, BuildError> {
        let wrong = |cause: String| BuildError::parameter(parameter, format!("`{parameter}`: Failed to read `{pattern}`: {cause}"));
        let translated = translate_re(pattern).map_err(wrong)?;
        let compile = |pattern: &str| Regex::new(pattern).map_err(|error| wrong(error.to_string()));
        Ok(Self { written: pattern.to_owned(), regex: compile(&translated)?, advancing: compile(&format!("(?:{translated})(?!\\G)"))? })
    }

    /// Calls `visit` with every match in order.
    ///
    /// # Errors
    /// When the engine gives up on this text.
    pub fn each<'t>(&self, text: &'t str, mut visit: impl FnMut(&Captures<'t, str>)) -> Result<(), OpError> {
        let (mut position, mut after_empty) = (0, false);
        loop {
            let regex = if after_empty { &self.advancing } else { &self.regex };
            let found = regex.captures_from_pos(text, position).map_err(|error| self.failed(error.to_string()))?;
            let Some(captures) = found else { return Ok(()) };
            let Some(whole) = captures.get(0) else { return Ok(()) };
            visit(&captures);
            (position, after_empty) = (whole.end(), whole.start() == whole.end());
        }
    }

    /// The error of this pattern.
    pub fn failed(&self, cause: String) -> OpError {
        OpError::Pattern { pattern: self.written.clone(), cause }
    }
}
