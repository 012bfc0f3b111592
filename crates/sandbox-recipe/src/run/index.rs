//! Rows that get their numbers: the operators' `index_key`.

use sandbox_dataset::{Edits, Row, RowError, write_row};

/// The row with its number in each of the fields that it lacks; `None` when it lacks none.
pub(super) fn numbered(bytes: &[u8], keys: &[String], number: u64, edits: &mut Edits) -> Result<Option<Vec<u8>>, RowError> {
    if keys.is_empty() {
        return Ok(None);
    }
    let row = Row::parse(bytes)?;
    edits.clear();
    for key in keys.iter().filter(|key| row.get(key).is_none()) {
        edits.set_value(key, &number)?;
    }
    let mut out = Vec::with_capacity(bytes.len() + 16);
    write_row(&row, edits, &mut out)?;
    Ok(Some(out))
}
