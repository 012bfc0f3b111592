//! `remove_long_words_mapper`: words that are too long or too short taken out.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::word_filter::{core, keep_words};
use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Mapper, Operator};
use crate::range::{Number, Range, UNLIMITED};
use crate::registry::{Entry, Parameter};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "remove_long_words_mapper",
    kind: Kind::Mapper,
    summary: "Take out words whose length is out of range",
    doc: "A word stays when its length in characters is in range, with or without the special characters at its ends. Words stand \
          between spaces, tabs and line breaks; these are put together anew: one between two words, none around, no empty line.",
    parameters: &[
        Parameter { name: "min_len", kind: "number or null", default: "1", doc: "Smallest length that stays; null: not tested." },
        Parameter {
            name: "max_len",
            kind: "number or null",
            default: "9223372036854775807",
            doc: "Largest length that stays; null: not tested.",
        },
    ],
    example: "- remove_long_words_mapper:\n    max_len: 5\n\nshort (words) are kept, unbelievable -> short (words) are kept,",
    stats: &[],
    build,
};

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    min_len: Option<Number>,
    max_len: Option<Number>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self { min_len: Some(Number::Integer(1)), max_len: UNLIMITED }
    }
}

/// Takes out words whose length is out of range; see [`ENTRY`].
pub struct RemoveLongWordsMapper {
    common: Common,
    range: Range,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own: Parameters { min_len: min, max_len: max }, common, .. } = Arguments::read(&ENTRY, arguments)?;
    let range = Range { min, max, min_closed: true, max_closed: true, reversed: false };
    Ok(Operator::Mapper(Box::new(RemoveLongWordsMapper { common, range })))
}

impl Mapper for RemoveLongWordsMapper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn map<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, OpError> {
        let fits = |word: &str| self.range.keep(i64::try_from(word.chars().count()).unwrap_or(i64::MAX));
        Ok(keep_words(text, |word| fits(word) || fits(core(word))))
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
        assert_eq!(mapped(ENTRY.name, json!({"max_len": 5}), "short (words) are kept, unbelievable"), "short (words) are kept,");
        assert_eq!(mapped(ENTRY.name, json!({"min_len": 3}), "a bcd\n\nef\tghi"), "bcd\nghi");
        assert_eq!(mapped(ENTRY.name, json!({}), " a  b \n"), "a b");
    }
}
