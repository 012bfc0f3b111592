//! `remove_header_mapper`: what stands before the first heading of a LaTeX text taken out.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Mapper, Operator};
use crate::registry::{Entry, Parameter};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "remove_header_mapper",
    kind: Kind::Mapper,
    summary: "Take out what stands before the first heading of LaTeX texts",
    doc: "Headings are `\\chapter`, `\\part`, `\\section`, `\\subsection` and `\\subsubsection`, with or without a star and an \
          option in brackets, and their braces. As in the original a `\\paragraph` is one only when a `\\subparagraph` follows it at \
          once. A text without a heading stays as it is.",
    parameters: &[Parameter {
        name: "drop_no_head",
        kind: "true or false",
        default: "true",
        doc: "Has no effect, as in the original: texts without a heading stay.",
    }],
    example: "- remove_header_mapper:\n\n\\title{T}\\section{One} text -> \\section{One} text",
    stats: &[],
    build,
};

/// The first heading. Regular, so its search takes linear time.
static HEADING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let command = |name: &str| format!(r"\\\b{name}\b\*?(?:\[.*?\])?\{{.*?\}}");
    let mut heads: Vec<String> = ["chapter", "part", "section", "subsection", "subsubsection"].map(command).into();
    heads.push(command("paragraph") + &command("subparagraph"));
    Regex::new(&format!("(?s){}", heads.join("|"))).ok()
});

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    drop_no_head: bool,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { drop_no_head: true }
    }
}

/// Takes out what stands before the first heading; see [`ENTRY`].
pub struct RemoveHeaderMapper {
    common: Common,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { common, .. } = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    Ok(Operator::Mapper(Box::new(RemoveHeaderMapper { common })))
}

impl Mapper for RemoveHeaderMapper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn map<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, OpError> {
        let first = HEADING.as_ref().and_then(|heading| heading.find(text)).map_or(0, |found| found.start());
        Ok(if first == 0 { Cow::Borrowed(text) } else { Cow::Owned(text[first..].to_owned()) })
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
        assert!(HEADING.is_some());
    }

    #[test]
    fn example() {
        assert_eq!(mapped(ENTRY.name, json!({}), "\\title{T}\\section{One} text"), "\\section{One} text");
        assert_eq!(mapped(ENTRY.name, json!({}), "a\n\\chapter*[b\nc]{d}\n\\section{e}"), "\\chapter*[b\nc]{d}\n\\section{e}");
        for text in ["no heading", "\\sections{a}", "\\paragraph{a} b", "\\section a", "\\paragraph{a} \\subparagraph{b}"] {
            assert_eq!(mapped(ENTRY.name, json!({}), text), text);
        }
        assert_eq!(mapped(ENTRY.name, json!({}), "x\\paragraph{a}\\subparagraph{b}"), "\\paragraph{a}\\subparagraph{b}");
    }

    #[test]
    fn long_texts_take_no_longer_per_character() {
        let hostile = "\\section[".repeat(200_000);
        assert_eq!(mapped(ENTRY.name, json!({}), &hostile), hostile);
    }
}
