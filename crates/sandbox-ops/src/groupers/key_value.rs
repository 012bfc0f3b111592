//! `key_value_grouper`: rows with the same values as one.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Grouper, Kind, Operator};
use crate::registry::{Entry, Parameter};
use crate::row_view::RowView;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "key_value_grouper",
    kind: Kind::Grouper,
    summary: "Make one row of all rows with the same values of some fields",
    doc: "Every field becomes the list of its values, null where a row lacks it; groups come in the order of their first rows. \
          Values are the same when they are written the same: 1, 1.0 and true are three. A missing field counts as null.",
    parameters: &[Parameter {
        name: "group_by_keys",
        kind: "list of texts or null",
        default: "null",
        doc: "The fields, with dots into maps and lists; null: the text.",
    }],
    example: "- key_value_grouper:\n    group_by_keys: [meta.year]\n\n{\"meta\": {\"year\": 1}, \"n\": 1}, {\"meta\": {\"year\": 1}, \"n\": 2} -> {\"meta\": [{\"year\": 1}, {\"year\": 1}], \"n\": [1, 2]}",
    stats: &[],
    build,
};

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    group_by_keys: Option<Vec<String>>,
}

/// Makes one row of all rows with the same values; see [`ENTRY`].
pub struct KeyValueGrouper {
    common: Common,
    keys: Vec<String>,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own: Parameters { group_by_keys }, common, .. } = Arguments::read(&ENTRY, arguments)?;
    let text = || vec![common.text_key.clone().unwrap_or_else(|| "text".to_owned())];
    let keys = group_by_keys.unwrap_or_else(text);
    if keys.is_empty() {
        return Err(BuildError::parameter("group_by_keys", "`group_by_keys` is empty").hint("name the fields whose values make a group"));
    }
    Ok(Operator::Grouper(Box::new(KeyValueGrouper { common, keys })))
}

impl Grouper for KeyValueGrouper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn key(&self, row: &RowView<'_>) -> Result<String, OpError> {
        let values: Vec<Value> = self.keys.iter().map(|key| row.value(key).unwrap_or(Value::Null)).collect();
        Ok(Value::Array(values).to_string())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::check_parameters;

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
    }

    #[test]
    fn keys_are_values_as_written() {
        let Operator::Grouper(grouper) = crate::build(ENTRY.name, &json!({"group_by_keys": ["a.b", "c"]})).unwrap() else { panic!() };
        let key = |row: Value| grouper.key(&RowView::new(None, row.as_object().unwrap())).unwrap();
        assert_eq!(key(json!({"a": {"b": 1}})), key(json!({"a": {"b": 1}, "c": null})));
        assert_ne!(key(json!({"a": {"b": 1}})), key(json!({"a": {"b": 1.0}})));
        assert_ne!(key(json!({"a": {"b": "1"}})), key(json!({"a": {"b": 1}})));
    }
}
