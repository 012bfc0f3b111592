//! `replace_content_mapper`: what matches patterns replaced.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::{Arguments, OneOrMany};
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Mapper, Operator};
use crate::pattern::Replacer;
use crate::registry::{Entry, Parameter};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "replace_content_mapper",
    kind: Kind::Mapper,
    summary: "Replace what matches some patterns",
    doc: "The patterns are applied in order, each to what the ones before left; `.` matches line breaks too. Without a pattern nothing \
          changes.",
    parameters: &[
        Parameter {
            name: "pattern",
            kind: "regular expression, list of them, or null",
            default: "null",
            doc: "What to look for; Python's syntax.",
        },
        Parameter {
            name: "repl",
            kind: "text or list of texts",
            default: "\"\"",
            doc: "What to put in place of each match, one for all patterns or one each; Python's template: `\\1` is the first group.",
        },
    ],
    example: "- replace_content_mapper:\n    pattern: ['\\d+', '[aeiou]']\n    repl: ['#', '_']\n\n12 eggs -> # _ggs",
    stats: &[],
    build,
};

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    pattern: Option<OneOrMany<String>>,
    repl: OneOrMany<String>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { pattern: None, repl: OneOrMany::One(String::new()) }
    }
}

/// Replaces what matches patterns; see [`ENTRY`].
pub struct ReplaceContentMapper {
    common: Common,
    replacers: Vec<Replacer>,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own: Parameters { pattern, repl }, common, .. } = Arguments::read(&ENTRY, arguments)?;
    let patterns: Vec<String> = pattern.map(Vec::from).unwrap_or_default();
    let replacers = match &repl {
        OneOrMany::One(repl) => patterns.iter().map(|pattern| Replacer::new(pattern, repl)).collect::<Result<_, _>>()?,
        OneOrMany::Many(repls) if repls.len() < patterns.len() => {
            let message = format!("`repl`: {} replacements for {} patterns", repls.len(), patterns.len());
            return Err(BuildError::parameter("repl", message).hint("give one for each pattern, or a single text for all"));
        }
        OneOrMany::Many(repls) => {
            patterns.iter().zip(repls).map(|(pattern, repl)| Replacer::new(pattern, repl)).collect::<Result<_, _>>()?
        }
    };
    Ok(Operator::Mapper(Box::new(ReplaceContentMapper { common, replacers })))
}

impl Mapper for ReplaceContentMapper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn map<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, OpError> {
        let mut new: Option<String> = None;
        for replacer in &self.replacers {
            if let Some(changed) = replacer.replace_all(new.as_deref().unwrap_or(text))? {
                new = Some(changed);
            }
        }
        Ok(new.filter(|new| new != text).map_or(Cow::Borrowed(text), Cow::Owned))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{check_parameters, mapped};

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
    }

    #[test]
    fn example() {
        let both = json!({"pattern": ["\\d+", "[aeiou]"], "repl": ["#", "_", "unused"]});
        assert_eq!(mapped(ENTRY.name, both, "12 eggs"), "# _ggs");
        assert_eq!(mapped(ENTRY.name, json!({"pattern": "r'(a).(b)'", "repl": "\\2\\1"}), "a\nb"), "ba");
        assert_eq!(mapped(ENTRY.name, json!({"pattern": ["a", "b"], "repl": "b"}), "a"), "b");
        assert_eq!(mapped(ENTRY.name, json!({"repl": "x"}), "abc"), "abc");
        let error = build(&json!({"pattern": ["a", "b"], "repl": ["x"]})).err().unwrap();
        assert_eq!(error.to_string(), "`repl`: 1 replacements for 2 patterns");
    }
}
