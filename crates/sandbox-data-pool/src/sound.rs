//! The rows of a pool as they stand: every line is checked, and blocks of sound lines are passed on whole.

use std::ops::Range;

use sandbox_dataset::{Reject, RowParser, row_line};

use crate::blocks::{Block, scan};
use crate::error::PoolError;
use crate::observer::Work;
use crate::pool_file::PoolFile;
use crate::rejects::Rejects;
use crate::source::Source;

/// Writes all rows of a pool, one a line, and sets aside what is none; how many rows there are. `names` hears the fields of some rows.
pub(crate) fn pass_on(
    source: &Source,
    writer: &mut PoolFile,
    rejects: &Rejects<'_>,
    work: &Work<'_>,
    mut names: impl FnMut(Vec<String>) + Send,
) -> Result<u64, PoolError> {
    let mut rows = 0;
    let each = |parser: &mut RowParser, block: &mut Block<'_>, bad: &mut Vec<Reject>| Ok(lines(parser, block, bad, source));
    scan(source, work, RowParser::new, each, |done| {
        rejects.push_all(source, &done.rejects)?;
        let Lines { buffer, range, rows: count, names: found } = done.result;
        names(found);
        rows += count;
        writer.write_rows(&buffer[range])?;
        work.give_back(buffer);
        Ok(())
    })?;
    Ok(rows)
}

/// The sound lines of a block.
struct Lines {
    buffer: Vec<u8>,
    range: Range<usize>,
    rows: u64,
    /// The fields of its first row.
    names: Vec<String>,
}

/// What is passed on of a block.
fn lines(parser: &mut RowParser, block: &mut Block<'_>, bad: &mut Vec<Reject>, source: &Source) -> Lines {
    if let Some((rows, names)) = whole(parser, block.bytes()) {
        block.has_lines(rows);
        let (buffer, range) = block.take();
        return Lines { buffer, range, rows, names };
    }
    line_by_line(parser, block, bad, source)
}

/// How many rows there are and the fields of the first, where all is rows and line feeds.
fn whole(parser: &mut RowParser, bytes: &[u8]) -> Option<(u64, Vec<String>)> {
    let mut rest = std::str::from_utf8(bytes).ok()?;
    let first = parser.parse(rest.split_once('\n')?.0.as_bytes()).ok()?;
    let names = first.fields().map(|field| field.key.into_owned()).collect();
    let mut rows = 0;
    while !rest.is_empty() {
        rest = rest.get(row_line(rest)?..)?;
        rows += 1;
    }
    Some((rows, names))
}

fn line_by_line(parser: &mut RowParser, block: &mut Block<'_>, bad: &mut Vec<Reject>, source: &Source) -> Lines {
    let (mut rows, mut bytes, mut names, mut sound) = (0, 0, Vec::new(), Vec::new());
    for line in block.lines() {
        match parser.parse(line.bytes) {
            Ok(row) => {
                if rows == 0 {
                    names = row.fields().map(|field| field.key.into_owned()).collect();
                }
                rows += 1;
                bytes += line.bytes.len() + 1;
                // Only a block in which something is wrong needs to be put together from its lines.
                if !bad.is_empty() {
                    sound.extend_from_slice(line.bytes);
                    sound.push(b'\n');
                }
            }
            Err(error) => {
                if bad.is_empty() {
                    sound = rewritten(block, line.number);
                }
                bad.push(Reject::new(&source.path, line.number, error, line.bytes));
            }
        }
    }
    let all = block.bytes();
    // No line is blank and none ends with CR when the lines with one LF each make up all bytes.
    if bad.is_empty() && bytes == all.len() + usize::from(!all.ends_with(b"\n") && !all.is_empty()) {
        let (buffer, range) = block.take();
        return Lines { buffer, range, rows, names };
    }
    if bad.is_empty() {
        sound = rewritten(block, u64::MAX);
    }
    Lines { range: 0..sound.len(), buffer: sound, rows, names }
}

/// The lines before one of them, with one LF each.
fn rewritten(block: &Block<'_>, before: u64) -> Vec<u8> {
    let mut out = Vec::with_capacity(block.bytes().len());
    for line in block.lines().take_while(|line| line.number < before) {
        out.extend_from_slice(line.bytes);
        out.push(b'\n');
    }
    out
}
