//! Paths of media, which data name relative to where they lie.

use std::path::Path;

use sandbox_dataset::{Edits, Row, RowError, write_row};
use serde_json::Value;

/// The row with its relative paths below `folder`, or `None` when none is relative. As in the original they are exported
/// so: the result need not lie where the data does.
pub(super) fn absolute(row: &Row<'_>, folder: &Path, keys: &[&str; 3], edits: &mut Edits) -> Result<Option<Vec<u8>>, RowError> {
    edits.clear();
    for key in keys {
        let Some(mut value) = row.get(key).filter(|json| json.contains('"')).and_then(|json| serde_json::from_str(json).ok()) else {
            continue;
        };
        let changed = match &mut value {
            Value::String(path) => join(folder, path),
            Value::Array(paths) => paths.iter_mut().fold(false, |changed, path| match path {
                Value::String(path) => join(folder, path) || changed,
                _ => changed,
            }),
            _ => false,
        };
        if changed {
            edits.set_value(key, &value)?;
        }
    }
    if edits.is_empty() {
        return Ok(None);
    }
    let mut out = Vec::new();
    write_row(row, edits, &mut out)?;
    Ok(Some(out))
}

fn join(folder: &Path, path: &mut String) -> bool {
    let is_remote = path.starts_with("http://") || path.starts_with("https://");
    if path.is_empty() || is_remote || Path::new(path.as_str()).is_absolute() {
        return false;
    }
    *path = folder.join(path.as_str()).display().to_string();
    true
}
