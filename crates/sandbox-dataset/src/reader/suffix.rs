//! The column that names the suffix of the file a row comes from.

use std::path::Path;
use std::sync::Arc;

use crate::format;
use crate::row::{Row, RowParser};
use crate::splice::{Edits, write_row};

use super::buffer::Buffer;
use super::chunk::{Chunk, Lines};

/// The column's name.
const FIELD: &str = "__dj__suffix__";

/// Gives the column to every row that is one and lacks it; rows that are none stay as they are, for who tells why.
pub(super) fn add(chunk: &mut Chunk, mut buffer: Buffer) {
    buffer.clear();
    let mut edits = Edits::new();
    let mut parser = RowParser::new();
    let (mut lines, mut longest) = (Vec::new(), 0);
    let mut file: Option<&Arc<Path>> = None;
    for raw in chunk.rows() {
        if file.is_none_or(|file| !Arc::ptr_eq(file, raw.file)) {
            edits.clear();
            edits.set_text(FIELD, &format::suffix(raw.file));
            file = Some(raw.file);
        }
        lines.push(raw.line);
        let start = buffer.len();
        buffer.append(|out| {
            // A row that brings the column along keeps its own.
            let with_column = |row: Row<'_>| row.get(FIELD).is_none().then(|| write_row(&row, &edits, out));
            if !matches!(parser.parse(raw.bytes).map(with_column), Ok(Some(Ok(())))) {
                out.extend_from_slice(raw.bytes);
            }
        });
        longest = longest.max(buffer.len() - start);
        buffer.push(b"\n");
    }
    // Rows from several files keep the list of where each is from; blank lines are in none.
    if !matches!(chunk.lines, Lines::Picked(..)) {
        chunk.lines = Lines::Each(lines);
    }
    chunk.limit = chunk.limit.max(longest);
    chunk.buffer = buffer;
}
