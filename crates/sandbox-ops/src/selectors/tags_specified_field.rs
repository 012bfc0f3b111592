//! `tags_specified_field_selector`: rows by the value of a field.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::ranked::check_field;
use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Kind, Operator, Selection, Selector};
use crate::python;
use crate::registry::{Entry, Parameter};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "tags_specified_field_selector",
    kind: Kind::Selector,
    summary: "Choose the rows whose field has one of some values",
    doc: "The rows stay in their order. Values are texts, numbers or null, compared as Python does: 1, 1.0 and true are the same. \
          Fewer than two rows are left as they are.",
    parameters: &[
        Parameter { name: "field_key", kind: "text", default: "\"\"", doc: "The field, with dots into maps; empty: all rows stay." },
        Parameter { name: "target_tags", kind: "list of texts, numbers and null", default: "[]", doc: "The values." },
    ],
    example: "- tags_specified_field_selector:\n    field_key: meta.source\n    target_tags: [web, wiki]\n\nweb, book, wiki -> the first and the third row",
    stats: &[],
    build,
};

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    field_key: String,
    target_tags: Vec<Value>,
}

/// Chooses rows by the value of a field; see [`ENTRY`].
pub struct TagsSpecifiedFieldSelector {
    common: Common,
    field: String,
    tags: Vec<Value>,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own: Parameters { field_key: field, target_tags: tags }, common, .. } = Arguments::read(&ENTRY, arguments)?;
    if tags.is_empty() && !field.is_empty() {
        return Err(BuildError::parameter("target_tags", "`target_tags`: no value is given, so no row could be chosen")
            .hint("name the values of the field to keep: `target_tags: [a, b]`"));
    }
    Ok(Operator::Selector(Box::new(TagsSpecifiedFieldSelector { common, field, tags })))
}

impl Selector for TagsSpecifiedFieldSelector {
    fn common(&self) -> &Common {
        &self.common
    }

    fn field(&self) -> Option<&str> {
        (!self.field.is_empty()).then_some(&self.field)
    }

    fn select(&self, rows: u64, values: &[Option<Value>]) -> Result<Selection, OpError> {
        if rows < 2 || self.field.is_empty() {
            return Ok(Selection::All);
        }
        check_field(&self.field, values)?;
        let mut chosen = Vec::new();
        for (row, value) in (0..).zip(values) {
            let value = value.as_ref().unwrap_or(&Value::Null);
            if value.is_array() || value.is_object() {
                return Err(OpError::Row(format!("`{}` is {}: expected a text, a number or null", self.field, python::kind(value))));
            }
            if self.tags.iter().any(|tag| python::equal(tag, value)) {
                chosen.push(row);
            }
        }
        Ok(Selection::Rows(chosen))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{check_parameters, selected};

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
    }

    #[test]
    fn example() {
        let rows = ["web", "book", "wiki"].map(|source| json!({"meta": {"source": source}}));
        assert_eq!(selected(ENTRY.name, json!({"field_key": "meta.source", "target_tags": ["web", "wiki"]}), &rows).unwrap(), [0, 2]);
        assert!(selected(ENTRY.name, json!({"field_key": "meta.sauce", "target_tags": ["web"]}), &rows).is_err());
        let rows = [json!({"n": 1}), json!({"n": true}), json!({"n": null}), json!({})];
        assert_eq!(selected(ENTRY.name, json!({"field_key": "n", "target_tags": [1.0]}), &rows).unwrap(), [0, 1]);
        assert_eq!(selected(ENTRY.name, json!({"field_key": "n", "target_tags": [null]}), &rows).unwrap(), [2, 3]);
    }
}
