//! Statistics of all rows, one typed column per statistic.

use sandbox_ops::StatValue;
use serde_json::Value;

/// One statistic over all rows; lists are already taken apart into their elements.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// Numbers; NaN where a row has none.
    Numbers(Vec<f64>),
    /// Texts and truth values.
    Texts(Vec<Option<String>>),
    /// Something that no table describes.
    Other,
}

impl Column {
    /// Adds what one row has; the kind of a column is that of its first value, as in the original.
    pub(crate) fn push(column: &mut Option<Column>, value: Option<&Value>) {
        if let Some(Value::Array(items)) = value {
            if items.is_empty() {
                Self::push(column, None);
            }
            return items.iter().for_each(|item| Self::push(column, Some(item)));
        }
        let column = column.get_or_insert_with(|| match value {
            Some(Value::Number(_)) => Self::Numbers(Vec::new()),
            Some(Value::String(_) | Value::Bool(_)) => Self::Texts(Vec::new()),
            _ => Self::Other,
        });
        match column {
            Self::Numbers(values) => values.push(value.and_then(Value::as_f64).unwrap_or(f64::NAN)),
            Self::Texts(values) => values.push(value.and_then(|value| match value {
                Value::String(text) => Some(text.clone()),
                Value::Bool(flag) => Some(if *flag { "True" } else { "False" }.to_owned()),
                Value::Number(number) => Some(number.to_string()),
                _ => None,
            })),
            Self::Other => {}
        }
    }

    /// Adds a computed statistic.
    pub(crate) fn push_stat(column: &mut Option<Column>, value: &StatValue) {
        match (&mut *column, value) {
            (Some(Self::Numbers(values)), StatValue::Integer(number)) => values.push(*number as f64),
            (Some(Self::Numbers(values)), StatValue::Float(number)) => values.push(*number),
            (None, StatValue::Integer(number)) => *column = Some(Self::Numbers(vec![*number as f64])),
            (None, StatValue::Float(number)) => *column = Some(Self::Numbers(vec![*number])),
            _ => {
                let mut json = Vec::new();
                value.write_json(&mut json);
                Self::push(column, serde_json::from_slice(&json).ok().as_ref());
            }
        }
    }
}
