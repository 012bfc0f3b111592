//! Rows without their braces, ready to be put side by side.

use std::collections::HashSet;
use std::path::Path;

use sandbox_dataset::{Row, RowParser, Written, write_json_string};

use crate::blocks::scan;
use crate::error::PoolError;
use crate::index::Index;
use crate::observer::Work;
use crate::pool_file::PoolFile;
use crate::rejects::Rejects;
use crate::source::{Source, Spill};

use super::OnConflict;

/// The fields of the pools of one side, in the order of their first appearance.
#[derive(Debug, Default)]
pub(super) struct Fields {
    names: Vec<String>,
    known: HashSet<String>,
}

impl Fields {
    /// Adds those of a pool; what is no row is set aside.
    pub(super) fn read(&mut self, source: &Source, work: &Work<'_>, rejects: &Rejects<'_>) -> Result<(), PoolError> {
        let known = &self.known;
        let new = |row: &Row<'_>| -> Vec<String> {
            row.fields().filter(|field| !known.contains(&*field.key)).map(|field| field.key.into_owned()).collect()
        };
        // A pool's first rows bring most of its names: they are known before the rest is read.
        let mut found = Vec::new();
        let mut seen = HashSet::new();
        Index::with(source, work, rejects, new, |_, names| {
            for name in names {
                if seen.insert(name.clone()) {
                    found.push(name);
                }
            }
        })?;
        self.known.extend(found.iter().cloned());
        self.names.append(&mut found);
        Ok(())
    }

    pub(super) fn common(&self, other: &Self) -> Vec<String> {
        self.names.iter().filter(|name| other.known.contains(*name)).cloned().collect()
    }
}

/// Whether the new names of common fields are free on both sides.
pub(super) fn names_are_free(common: &[String], fields: &[Fields; 2]) -> Result<(), PoolError> {
    for field in common {
        for suffix in [Side::Left, Side::Right].map(Side::suffix) {
            let name = format!("{field}{suffix}");
            if fields.iter().any(|fields| fields.known.contains(&name)) {
                return Err(PoolError::NameTaken { field: field.clone(), name });
            }
        }
    }
    Ok(())
}

/// A side of the join.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

impl Side {
    fn suffix(self) -> &'static str {
        match self {
            Self::Left => "_1",
            Self::Right => "_2",
        }
    }
}

/// What becomes of the common fields in the rows of one side.
pub(super) struct Rule<'r> {
    pub(super) common: &'r [String],
    pub(super) side: Side,
    pub(super) on_conflict: OnConflict,
}

impl Rule<'_> {
    /// Appends what stands between the row's braces, with common fields renamed or left out.
    fn write(&self, row: &Row<'_>, out: &mut Vec<u8>) {
        let is_common = |name: &str| self.common.iter().any(|common| common == name);
        let is_dropped = matches!((self.on_conflict, self.side), (OnConflict::Left, Side::Right) | (OnConflict::Right, Side::Left));
        let stays = self.common.is_empty() || !(is_dropped || self.on_conflict == OnConflict::Suffix);
        if stays || !row.fields().any(|field| is_common(&field.key)) {
            let inner = row.as_str().trim_ascii();
            out.extend_from_slice(inner[1..inner.len() - 1].trim_ascii().as_bytes());
            return;
        }
        let from = out.len();
        for field in row.fields() {
            let renamed = is_common(&field.key);
            if renamed && is_dropped {
                continue;
            }
            if out.len() > from {
                out.extend_from_slice(b", ");
            }
            let suffix = if renamed && self.on_conflict == OnConflict::Suffix { self.side.suffix() } else { "" };
            write_json_string(&format!("{}{suffix}", field.key), out);
            out.extend_from_slice(b": ");
            out.extend_from_slice(field.value.as_bytes());
        }
    }
}

/// The rows of one pool as fragments, one per line.
#[derive(Debug)]
pub(super) struct Fragments {
    source: Source,
    rows: u64,
}

impl Fragments {
    /// Rows that are none were told when the fields were read.
    pub(super) fn of(source: &Source, rule: &Rule<'_>, folder: &Path, work: &Work<'_>) -> Result<Self, PoolError> {
        let (mut spill, mut rows) = (Spill::new(folder, work), 0);
        let each = |parser: &mut RowParser, block: &mut crate::blocks::Block, _: &mut Vec<_>| {
            let (mut out, mut count) = (Vec::new(), 0);
            for line in block.lines() {
                if let Ok(row) = parser.parse(line.bytes) {
                    rule.write(&row, &mut out);
                    out.push(b'\n');
                    count += 1;
                }
            }
            Ok((out, count))
        };
        scan(source, work, RowParser::new, each, |done| {
            rows += done.result.1;
            spill.push(&done.result.0)
        })?;
        Ok(Self { source: spill.finish(&source.path)?, rows })
    }

    pub(super) fn rows(&self) -> u64 {
        self.rows
    }

    pub(super) fn bytes(&self) -> u64 {
        self.source.length
    }

    /// Calls `each` with every fragment. Unlike rows, fragments may be empty.
    fn for_each(&self, buffer: &mut Vec<u8>, mut each: impl FnMut(&[u8]) -> Result<(), PoolError>) -> Result<(), PoolError> {
        const STEP: usize = 1 << 20;
        let (mut at, mut kept) = (0, 0);
        while at < self.source.length {
            let take = STEP.max(kept).min((self.source.length - at) as usize);
            buffer.resize(kept + take, 0);
            self.source.read_at(at, &mut buffer[kept..])?;
            at += take as u64;
            let end = memchr::memrchr(b'\n', buffer).map_or(0, |end| end + 1);
            let mut start = 0;
            for newline in memchr::memchr_iter(b'\n', &buffer[..end]) {
                each(&buffer[start..newline])?;
                start = newline + 1;
            }
            kept = buffer.len() - end;
            buffer.copy_within(end.., 0);
        }
        Ok(())
    }
}

/// Writes every left fragment with every right one.
pub(super) fn write_all(left: &Fragments, right: &Fragments, mut writer: PoolFile, work: &Work<'_>) -> Result<Written, PoolError> {
    const FULL: usize = 1 << 20;
    let (mut outer, mut inner, mut out, mut rows) = (Vec::new(), Vec::new(), Vec::with_capacity(FULL + (FULL >> 3)), 0);
    left.for_each(&mut outer, |one| {
        right.for_each(&mut inner, |two| {
            out.push(b'{');
            out.extend_from_slice(one);
            out.extend_from_slice(if one.is_empty() || two.is_empty() { b"" } else { b", " });
            out.extend_from_slice(two);
            out.extend_from_slice(b"}\n");
            rows += 1;
            if out.len() >= FULL {
                work.go_on()?;
                writer.write_rows(&out)?;
                work.advance(out.len() as u64);
                out.clear();
            }
            Ok(())
        })
    })?;
    writer.write_rows(&out)?;
    Ok(writer.finish(rows))
}
