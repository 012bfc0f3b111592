//! `remove_table_text_mapper`: tables in plain text taken out.

use std::borrow::Cow;

use memchr::memchr;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::edits::{Edits, then};
use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Mapper, Operator};
use crate::registry::{Entry, Parameter};
use crate::unicode::{REGEX_SPACE, classes};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "remove_table_text_mapper",
    kind: Kind::Mapper,
    summary: "Take tables out of plain text",
    doc: "A table is two or more lines, one after the other but for empty ones, of as many columns, separated by one space, tab or `|`; \
          it stands behind a line break and ends with one, which goes too. Ordinary lines of as many words are tables to it, as in \
          the original. Each number of columns is looked for in turn, in what the ones before left.",
    parameters: &[
        Parameter { name: "min_col", kind: "whole number from 1 on", default: "2", doc: "Fewest columns of a table." },
        Parameter { name: "max_col", kind: "whole number from 1 on", default: "20", doc: "Most columns of a table." },
    ],
    example: "- remove_table_text_mapper:\n\nSales:\\nyear sum\\n2020 12\\n2021 15\\nEnd of the table here -> Sales:\\nEnd of the table here",
    stats: &[],
    build,
};

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    min_col: std::num::NonZeroUsize,
    max_col: std::num::NonZeroUsize,
}

impl Default for Parameters {
    fn default() -> Self {
        let number = |number| std::num::NonZeroUsize::new(number).unwrap_or(std::num::NonZeroUsize::MIN);
        Self { min_col: number(2), max_col: number(20) }
    }
}

/// Takes tables out; see [`ENTRY`].
pub struct RemoveTableTextMapper {
    common: Common,
    separators: std::ops::Range<usize>,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own: Parameters { min_col, max_col }, common, .. } = Arguments::read(&ENTRY, arguments)?;
    Ok(Operator::Mapper(Box::new(RemoveTableTextMapper { common, separators: min_col.get() - 1..max_col.get() })))
}

impl Mapper for RemoveTableTextMapper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn map<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, OpError> {
        let mut text = Cow::Borrowed(text);
        // No line has more separators than bytes.
        let longest = text.split('\n').map(str::len).max().unwrap_or(0);
        for separators in self.separators.start..self.separators.end.min(longest.max(1)) {
            text = then(text, |text| without_tables(text, separators));
        }
        Ok(text)
    }
}

/// `(?<=\n)((\S+?)([ |\t](\S+?)){n}\n+){2,}` taken out.
fn without_tables(text: &str, separators: usize) -> Cow<'_, str> {
    let bytes = text.as_bytes();
    let mut edits = Edits::of(text);
    // Where the rows of the table at hand begin, and how many there are.
    let (mut start, mut rows) = (0, 0);
    let mut at = memchr(b'\n', bytes).map_or(bytes.len(), |end| end + 1);
    loop {
        // Line breaks behind a row belong to it; those before a first row do not.
        let first = at + bytes[at..].iter().take_while(|byte| **byte == b'\n').count();
        let line_end = memchr(b'\n', &bytes[first..]).map(|length| first + length);
        let is_row = line_end.is_some_and(|end| text.get(first..end).is_some_and(|line| is_row(line, separators)));
        match line_end {
            Some(end) if is_row => {
                if rows == 0 {
                    start = first;
                }
                rows += 1;
                at = end + 1;
            }
            _ => {
                if rows >= 2 {
                    edits.take(start..first);
                }
                rows = 0;
                match line_end {
                    Some(end) => at = end + 1,
                    None => return edits.done(),
                }
            }
        }
    }
}

/// Whether a line is so many separators with something between them.
fn is_row(line: &str, separators: usize) -> bool {
    let classes = classes();
    let mut blanks = 0;
    let mut most = 0;
    for (index, token) in line.split([' ', '\t']).enumerate() {
        blanks += usize::from(index > 0);
        if token.is_empty() || token.chars().any(|character| classes.is(character, REGEX_SPACE)) {
            return false;
        }
        most += bars(token);
    }
    (blanks..=blanks + most).contains(&separators)
}

/// How many `|` of a token may be separators at once: with something before, between and behind them.
fn bars(token: &str) -> usize {
    let mut characters = token.chars();
    characters.next();
    characters.next_back();
    let (mut total, mut run) = (0, 0);
    for character in characters {
        if character == '|' {
            run += 1;
        } else {
            total += usize::div_ceil(run, 2);
            run = 0;
        }
    }
    total + usize::div_ceil(run, 2)
}

#[cfg(test)]
mod tests {
    use fancy_regex::Regex;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::testing::{check_parameters, mapped};

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
    }

    #[test]
    fn example() {
        let text = "Sales:\nyear sum\n2020 12\n2021 15\nEnd of the table here";
        assert_eq!(mapped(ENTRY.name, json!({}), text), "Sales:\nEnd of the table here");
        assert_eq!(mapped(ENTRY.name, json!({"min_col": 3}), text), text);
        assert_eq!(mapped(ENTRY.name, json!({}), "x\na|b\n\nc|d\n\n\ny"), "x\ny");
        assert_eq!(mapped(ENTRY.name, json!({}), "a b\nc d\ne f"), "a b\nc d\ne f");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]
        #[test]
        fn tables_are_the_patterns(text in "([ab|]{1,3}|[ |\t]|\n|\n|\u{a0}|\u{1c}){0,24}", separators in 0..4_usize) {
            let pattern = format!("(?<=\n)((\\S+?)([ |\t](\\S+?)){{{separators}}}\n+){{2,}}").replace("\\S", "[^\\s]");
            let expected = Regex::new(&pattern).unwrap().replace_all(&text, "").into_owned();
            prop_assert_eq!(without_tables(&text, separators).into_owned(), expected);
        }
    }
}
