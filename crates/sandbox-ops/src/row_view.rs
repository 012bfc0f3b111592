//! A row as operators see it: its text with facts, and its other fields.

use std::borrow::Cow;

use serde_json::Value;

use crate::error::OpError;
use crate::text::TextView;

/// The fields of a row, with all changes that operators made to it so far.
pub trait Fields {
    /// The JSON text of the value under a name, which may have dots (`meta.date`); `None` when there is no such field.
    ///
    /// Statistics are fields too: `__dj__stats__.text_len`.
    fn get(&self, name: &str) -> Option<Cow<'_, str>>;
}

/// No fields at all: for operators that look at the text alone.
impl Fields for () {
    fn get(&self, _name: &str) -> Option<Cow<'_, str>> {
        None
    }
}

impl Fields for serde_json::Map<String, Value> {
    fn get(&self, name: &str) -> Option<Cow<'_, str>> {
        let direct = serde_json::Map::get(self, name);
        let below = || name.split('.').skip(1).try_fold(self.get_key_value(name.split('.').next()?)?.1, |value, part| value.get(part));
        direct.or_else(below).map(|value| Cow::Owned(value.to_string()))
    }
}

/// One row on its way through the operators.
///
/// ```
/// use sandbox_ops::{RowView, Scratch, TextView};
/// use serde_json::json;
///
/// let mut scratch = Scratch::default();
/// let text = TextView::new("two words", &mut scratch);
/// let fields = json!({"meta": {"stars": 12}});
/// let row = RowView::new(Some(&text), fields.as_object().ok_or("a map")?);
/// assert_eq!(row.text()?.words().len(), 2);
/// assert_eq!(row.value("meta.stars"), Some(json!(12)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy)]
pub struct RowView<'v> {
    text: Option<&'v TextView<'v>>,
    fields: &'v dyn Fields,
}

impl<'v> RowView<'v> {
    /// A row with the text that the operator looks at, if it has one, and all its fields.
    pub fn new(text: Option<&'v TextView<'v>>, fields: &'v dyn Fields) -> Self {
        Self { text, fields }
    }

    /// A row of which only the text is looked at.
    pub fn of_text(text: &'v TextView<'v>) -> Self {
        Self { text: Some(text), fields: &() }
    }

    /// The text that the operator looks at.
    ///
    /// # Errors
    /// A row without it.
    pub fn text(&self) -> Result<&'v TextView<'v>, OpError> {
        self.text.ok_or(OpError::NoText)
    }

    /// The JSON text of the value under a name, which may have dots; `None` when there is no such field.
    pub fn json(&self, name: &str) -> Option<Cow<'v, str>> {
        self.fields.get(name)
    }

    /// The value under a name, which may have dots; `None` when there is no such field.
    pub fn value(&self, name: &str) -> Option<Value> {
        self.fields.get(name).and_then(|json| serde_json::from_str(&json).ok())
    }
}
