//! `naive_grouper`: all rows as one.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Grouper, Kind, Operator};
use crate::registry::Entry;
use crate::row_view::RowView;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "naive_grouper",
    kind: Kind::Grouper,
    summary: "Make one row of all rows",
    doc: "Every field becomes the list of its values, null where a row lacks it. The row is as large as the data set.",
    parameters: &[],
    example: "- naive_grouper:\n\n{\"n\": 1}, {\"n\": 2} -> {\"n\": [1, 2]}",
    stats: &[],
    build,
};

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {}

/// Makes one row of all rows; see [`ENTRY`].
pub struct NaiveGrouper {
    common: Common,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { common, .. } = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    Ok(Operator::Grouper(Box::new(NaiveGrouper { common })))
}

impl Grouper for NaiveGrouper {
    fn common(&self) -> &Common {
        &self.common
    }

    fn key(&self, _row: &RowView<'_>) -> Result<String, OpError> {
        Ok(String::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_parameters;

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
    }
}
