//! `general_field_filter`: rows for which a condition on their fields is true.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Filter, Kind, Operator};
use crate::python;
use crate::registry::{Entry, Parameter};
use crate::row_view::RowView;
use crate::stat::{StatValue, Stats};

mod evaluate;
mod parse;
mod tokens;

use parse::Expression;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "general_field_filter",
    kind: Kind::Filter,
    summary: "Keep rows for which a condition on their fields is true",
    doc: "The condition is a Python expression of names, attributes, numbers, texts, True, False, None, comparisons (also in \
          chains), `and`, `or`, `not` and parentheses. A name is a field, `a.b` the key `b` of a map; statistics of filters before \
          are `__dj__stats__.text_len`. A comparison with nothing on either side is false, `!=` and `== None` too. Its value \
          is the statistic `general_field_filter_condition`. Without a condition all rows stay.",
    parameters: &[Parameter { name: "filter_condition", kind: "text", default: "\"\"", doc: "The condition." }],
    example: "- general_field_filter:\n    filter_condition: 10 < meta.stars <= 30 and text != 'draft'\n\n{\"text\": \"a\", \"meta\": {\"stars\": 12}} -> kept\n{\"text\": \"a\"} -> dropped",
    stats: &[KEY],
    build,
};

const KEY: &str = "general_field_filter_condition";

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    filter_condition: String,
}

/// Keeps rows for which a condition is true; see [`ENTRY`].
pub struct GeneralFieldFilter {
    common: Common,
    condition: Option<Expression>,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own: Parameters { filter_condition }, common, .. } = Arguments::read(&ENTRY, arguments)?;
    let condition = match filter_condition.trim() {
        "" => None,
        text => Some(Expression::parse(text).map_err(|error| {
            BuildError::parameter("filter_condition", format!("`filter_condition`: {error}"))
                .hint("a condition has names of fields, numbers, texts in quotes, `<` `<=` `==` `!=` `>=` `>`, `and`, `or`, `not` and parentheses")
        })?),
    };
    Ok(Operator::Filter(Box::new(GeneralFieldFilter { common, condition })))
}

impl Filter for GeneralFieldFilter {
    fn common(&self) -> &Common {
        &self.common
    }

    fn stat_keys(&self) -> Vec<Cow<'static, str>> {
        self.condition.iter().map(|_| KEY.into()).collect()
    }

    fn compute(&self, row: &RowView<'_>) -> Result<Stats, OpError> {
        match &self.condition {
            Some(condition) => Ok(StatValue::from_json(&condition.evaluate(row).map_err(OpError::Row)?).into()),
            None => Ok(Vec::new().into()),
        }
    }

    fn keep(&self, values: &[StatValue]) -> Result<bool, OpError> {
        Ok(values.first().is_none_or(|value| python::truth(&value.to_json())))
    }

    fn reads_text(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{check_parameters, keeps_row};

    fn keeps(condition: &str, row: Value) -> Result<bool, OpError> {
        keeps_row(ENTRY.name, json!({"filter_condition": condition}), &row)
    }

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
    }

    #[test]
    fn example() {
        let condition = "10 < meta.stars <= 30 and text != 'draft'";
        assert!(keeps(condition, json!({"text": "a", "meta": {"stars": 12}})).unwrap());
        assert!(
            !keeps(condition, json!({"text": "a"})).unwrap() && !keeps(condition, json!({"text": "draft", "meta": {"stars": 12}})).unwrap()
        );
    }

    #[test]
    fn nothing_compares_with_nothing() {
        for condition in ["a == None", "a != 1", "None == None", "b != None", "a.b.c < 1"] {
            assert!(!keeps(condition, json!({"a": null, "b": 1})).unwrap(), "{condition}");
        }
        assert!(keeps("not a", json!({"a": null})).unwrap() && keeps("b", json!({"b": "x"})).unwrap());
    }

    #[test]
    fn values_are_pythons() {
        let row = || json!({"n": 1, "f": 1.0, "t": true, "s": "b", "l": [1, 2]});
        for condition in [
            "n == f == t",
            "s > 'a'",
            "s != n",
            "n > -1",
            "n >= 0x1 and f < 1e3",
            "(n or s) == 1",
            "l",
            "s == \"\\x62\"",
            "1_000 > n",
            "not (s == 'a')",
        ] {
            assert!(keeps(condition, row()).unwrap(), "{condition}");
        }
        assert_eq!(keeps("s > n", row()).unwrap_err().to_string(), "`s > n`: a text and a number have no order");
        // All of a chain is looked at, but only compared up to the first that is false.
        assert!(!keeps("n > 2 > s", row()).unwrap());
    }

    #[test]
    fn mistakes_are_told_before_the_first_row() {
        for (condition, message) in [
            ("num in [1]", "`in` at column 5 is not understood"),
            ("a +", "`+` at column 3 is not understood"),
            ("a ==", "the condition ends too early"),
            ("f(x)", "`(` at column 2 is not understood"),
            ("'abc", "the text that begins at column 1 has no end"),
            ("a = 1", "`=` at column 3 is not understood"),
            ("(a", "the condition ends too early"),
            ("a b", "`b` at column 3 is not understood"),
        ] {
            let error = crate::build(ENTRY.name, &json!({"filter_condition": condition})).unwrap_err();
            assert_eq!(error.to_string(), format!("`filter_condition`: {message}"));
        }
        let deep = format!("{}a{}", "(".repeat(100_000), ")".repeat(100_000));
        assert!(crate::build(ENTRY.name, &json!({"filter_condition": deep})).is_err());
    }
}
