//! `remove_bibliography_mapper`: appendix and references of LaTeX texts cut off.

use std::borrow::Cow;

use memchr::{memchr_iter, memrchr};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::edits::Edits;
use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Mapper, Operator};
use crate::registry::Entry;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "remove_bibliography_mapper",
    kind: Kind::Mapper,
    summary: "Cut a LaTeX text off where its appendix or bibliography begins",
    doc: "Everything goes from the first `\\appendix`, `\\begin{references}`, `\\begin{REFERENCES}`, `\\begin{thebibliography}` or \
          `\\bibliography{` on; the last needs a closing brace anywhere behind it. As in the original, `\\appendixes` counts too.",
    parameters: &[],
    example: "- remove_bibliography_mapper:\n\nIt is so.\\n\\bibliography{refs}\\nend -> It is so.\\n",
    stats: &[],
    build,
};

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {}

/// Cuts bibliographies off; see [`ENTRY`].
pub struct RemoveBibliographyMapper {
    common: Common,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let arguments = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    Ok(Operator::Mapper(Box::new(RemoveBibliographyMapper { common: arguments.common })))
}

impl Mapper for RemoveBibliographyMapper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn map<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, OpError> {
        let mut edits = Edits::of(text);
        if let Some(start) = beginning(text.as_bytes()) {
            edits.take(start..text.len());
        }
        Ok(edits.done())
    }
}

const BIBLIOGRAPHY: &[u8] = br"\bibliography{";

/// Where the part to cut off begins.
fn beginning(text: &[u8]) -> Option<usize> {
    let mut last_brace = None;
    memchr_iter(b'\\', text).find(|at| {
        let rest = &text[*at..];
        let heads: [&[u8]; 4] = [br"\appendix", br"\begin{references}", br"\begin{REFERENCES}", br"\begin{thebibliography}"];
        heads.iter().any(|head| rest.starts_with(head))
            || rest.starts_with(BIBLIOGRAPHY)
                && *last_brace.get_or_insert_with(|| memrchr(b'}', text).unwrap_or(0)) >= at + BIBLIOGRAPHY.len()
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use regex::Regex;
    use serde_json::json;

    use super::*;
    use crate::testing::{check_parameters, mapped};

    const PATTERN: &str =
        r"(?s)(\\appendix|\\begin\{references\}|\\begin\{REFERENCES\}|\\begin\{thebibliography\}|\\bibliography\{.*\}).*$";

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
    }

    #[test]
    fn example() {
        assert_eq!(mapped(ENTRY.name, json!({}), "It is so.\n\\bibliography{refs}\nend"), "It is so.\n");
        assert_eq!(mapped(ENTRY.name, json!({}), "a \\appendixes"), "a ");
        assert_eq!(mapped(ENTRY.name, json!({}), "} \\bibliography{refs"), "} \\bibliography{refs");
    }

    proptest! {
        #[test]
        fn the_cut_is_the_patterns(text in r"(\\|\\begin\{|references\}|REFERENCES\}|\\bibliography\{|\}|\n|a|appendix|thebibliography\}){0,10}") {
            let regex = Regex::new(PATTERN).unwrap();
            prop_assert_eq!(beginning(text.as_bytes()), regex.find(&text).map(|found| found.start()));
        }
    }
}
