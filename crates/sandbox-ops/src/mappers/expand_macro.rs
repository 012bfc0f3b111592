//! `expand_macro_mapper`: macros of LaTeX texts put in.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem;
use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Mapper, Operator};
use crate::registry::Entry;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "expand_macro_mapper",
    kind: Kind::Mapper,
    summary: "Put the values of macros in the places of their names in LaTeX texts",
    doc: "Macros without arguments, defined by `\\newcommand` or `\\def` with the closing brace at the end of a line. One after the \
          other they are put in wherever their name is followed by a character that is no ASCII letter or digit: in other macros' \
          definitions and their own too, as in the original. Of two names next to each other only the first is expanded.",
    parameters: &[],
    example: "- expand_macro_mapper:\n\n\\def\\x{one}\\nsay \\x. -> \\def{one}{one}\\nsay one.",
    stats: &[],
    build,
};

/// How macros are defined, in the order in which they are looked for.
static DEFINITIONS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    [r"(?m)\\\bnewcommand\b\*?\{(\\[a-zA-Z0-9]+?)\}\{(.*?)\}$", r"(?m)\\def\s*(\\[a-zA-Z0-9]+?)\s*\{(.*?)\}$"]
        .into_iter()
        .filter_map(|definition| Regex::new(definition).ok())
        .collect()
});

/// Bytes by which a text may grow.
const MOST_GROWTH: usize = 64 << 20;
/// Bytes that are looked at for all macros of one text: some seconds.
const MOST_WORK: u64 = 20 << 30;

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {}

/// Puts macros in; see [`ENTRY`].
pub struct ExpandMacroMapper {
    common: Common,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { common, .. } = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    Ok(Operator::Mapper(Box::new(ExpandMacroMapper { common })))
}

impl Mapper for ExpandMacroMapper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn map<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, OpError> {
        let macros = macros(text);
        let most = text.len() + MOST_GROWTH;
        let mut work = 0;
        let mut new: Option<String> = None;
        for (name, value) in &macros {
            let current = new.as_deref().unwrap_or(text);
            work += current.len() as u64;
            if work > MOST_WORK {
                return Err(OpError::Row(format!("{} macros in {} bytes take too long to expand", macros.len(), text.len())));
            }
            if let Some(expanded) = expand(current, name, value, most) {
                if expanded.len() > most {
                    return Err(OpError::Row(format!("the macro `{name}` makes the text grow by more than {MOST_GROWTH} bytes")));
                }
                new = Some(expanded);
            }
        }
        Ok(new.filter(|new| new != text).map_or(Cow::Borrowed(text), Cow::Owned))
    }
}

/// Names and values in order of first definition; of several definitions the last one counts.
fn macros(text: &str) -> Vec<(&str, &str)> {
    let mut found: Vec<(&str, &str)> = Vec::new();
    let mut places = hashbrown::HashMap::new();
    if memchr::memchr(b'\\', text.as_bytes()).is_none() {
        return found;
    }
    for definition in DEFINITIONS.iter() {
        for captures in definition.captures_iter(text) {
            let (_, [name, value]) = captures.extract();
            let place = *places.entry(name).or_insert_with(|| {
                found.push((name, value));
                found.len() - 1
            });
            found[place].1 = value;
        }
    }
    found
}

/// `(name)([^a-zA-Z0-9])` replaced by the value and the second group; stops when the text gets too long.
fn expand(text: &str, name: &str, value: &str, most: usize) -> Option<String> {
    let mut out = String::new();
    let (mut copied, mut free) = (0, 0);
    for at in memmem::find_iter(text.as_bytes(), name) {
        let behind = at + name.len();
        let next = text.get(behind..).and_then(|rest| rest.chars().next()).filter(|next| !next.is_ascii_alphanumeric());
        if let Some(next) = next.filter(|_| at >= free) {
            out.push_str(&text[copied..at]);
            out.push_str(value);
            copied = behind;
            // The character behind is used up: a name that begins with it is not seen.
            free = behind + next.len_utf8();
            if out.len() > most {
                return Some(out);
            }
        }
    }
    (copied > 0).then(|| out + &text[copied..])
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{check_parameters, mapped};

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
        assert_eq!(DEFINITIONS.len(), 2);
    }

    #[test]
    fn example() {
        assert_eq!(mapped(ENTRY.name, json!({}), "\\def\\x{one}\nsay \\x."), "\\def{one}{one}\nsay one.".replace("{one}{one}", "one{one}"));
        assert_eq!(
            mapped(ENTRY.name, json!({}), "\\newcommand{\\foo}{X}\n\\foo\\foo \\foobar \\foo"),
            "\\newcommand{X}{X}\nX\\foo \\foobar \\foo"
        );
        let twice = "\\def\\a{1}\n\\def\\b{\\a }\n\\def\\a{2}\n\\b!";
        assert_eq!(mapped(ENTRY.name, json!({}), twice), "\\def2{1}\n\\def\\a {2 }\n\\def2{2}\n\\a !");
    }

    #[test]
    fn growth_is_bounded() {
        let mut text: String = (0..40).map(|n| format!("\\def\\m{n}{{\\m{0} \\m{0} }}\n", n + 1)).collect();
        text.push_str("\\m0 .");
        let Operator::Mapper(mapper) = build(&Value::Null).unwrap() else { panic!() };
        assert!(mapper.map(&text).is_err_and(|error| error.to_string().contains("grow")));
    }
}
