//! Columns: `.parquet`, a row group at a time and of it a few thousand rows.

mod leaf;
mod shape;
mod time;
mod value;

use std::any::Any;
use std::fmt;
use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader, SerializedFileReader};

use crate::error::DatasetError;

use super::buffer::Buffer;
use super::input::seekable;
use super::made::Made;
use super::{Frame, Framed, ReadOptions};

use leaf::Leaf;
use shape::{Assembly, Node};

/// Rows that are decoded at a time, at most.
const BATCH: usize = 4096;

/// An open file.
pub(super) struct Columns {
    file: SerializedFileReader<File>,
    root: Node,
    groups: usize,
    /// The row group to begin next.
    group: usize,
    leaves: Vec<Leaf>,
    /// Rows of the group that are not decoded yet, and decoded ones that are not handed out yet.
    left: usize,
    decoded: usize,
    batch: usize,
    /// The number of the next row, from 1.
    row: u64,
    rows: u64,
    progress: (Arc<AtomicU64>, u64),
    scratch: Vec<u8>,
}

impl fmt::Debug for Columns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Columns").field("row", &self.row).field("rows", &self.rows).finish_non_exhaustive()
    }
}

impl Columns {
    pub(super) fn open(path: &Path, read: Arc<AtomicU64>, size: u64) -> Result<Self, DatasetError> {
        let [file, _] = seekable(path)?;
        let content = |reason: String| DatasetError::Content { path: path.to_owned(), reason };
        let file = guard(|| SerializedFileReader::new(file).map_err(told)).map_err(content)?;
        let metadata = file.metadata();
        let root = Node::root(metadata.file_metadata().schema_descr()).map_err(content)?;
        let groups = if root.leaves() == 0 { 0 } else { file.num_row_groups() };
        let rows = u64::try_from(metadata.file_metadata().num_rows()).unwrap_or_default();
        let (leaves, scratch, progress) = (Vec::new(), Vec::new(), (read, size));
        Ok(Self { file, root, groups, group: 0, leaves, left: 0, decoded: 0, batch: 1, row: 1, rows, progress, scratch })
    }

    /// Decodes some rows; `false` at the end.
    fn decode(&mut self, chunk_bytes: usize) -> Result<bool, String> {
        while self.left == 0 {
            if self.group == self.groups {
                return Ok(false);
            }
            let group = self.file.get_row_group(self.group).map_err(told)?;
            self.group += 1;
            let (rows, bytes) = (group.metadata().num_rows(), group.metadata().total_byte_size());
            self.left = usize::try_from(rows).map_err(|_| format!("row group {} has {rows} rows", self.group))?;
            let row_bytes = usize::try_from(bytes).unwrap_or_default() / self.left.max(1);
            self.batch = (chunk_bytes / row_bytes.max(1)).clamp(1, BATCH);
            self.leaves = (0..self.root.leaves()).map(|column| Leaf::open(&*group, column)).collect::<Result<_, _>>()?;
        }
        let rows = self.left.min(self.batch);
        self.leaves.iter_mut().try_for_each(|leaf| leaf.decode(rows))?;
        (self.left, self.decoded) = (self.left - rows, rows);
        Ok(true)
    }

    fn fill(&mut self, made: &mut Made<'_>, options: &ReadOptions) -> Result<(), String> {
        let before = self.row;
        while !made.is_full() && (self.decoded > 0 || self.decode(options.chunk_bytes)?) {
            self.scratch.clear();
            let mut assembly = Assembly { leaves: &mut self.leaves, out: &mut self.scratch, fault: None };
            assembly.row(&self.root)?;
            match assembly.fault {
                None => made.row(self.row, |out| out.extend_from_slice(&self.scratch)),
                Some(reason) => made.reject(self.row, reason, &self.scratch),
            }
            self.decoded -= 1;
            self.row += 1;
        }
        let (read, size) = &self.progress;
        let part = |row: u64| (u128::from(*size) * u128::from((row - 1).min(self.rows)) / u128::from(self.rows.max(1))) as u64;
        read.fetch_add(part(self.row) - part(before), Ordering::Relaxed);
        Ok(())
    }
}

impl Frame for Columns {
    fn next(&mut self, buffer: Buffer, file: &Arc<Path>, options: &ReadOptions) -> Result<Option<Framed>, DatasetError> {
        let mut made = Made::new(buffer, file, options);
        guard(|| self.fill(&mut made, options))
            .map_err(|reason| DatasetError::Content { path: file.to_path_buf(), reason: format!("row {}: {reason}", self.row) })?;
        Ok(made.finish())
    }
}

/// The library checks most of what a file says, not all: where it gives up on a damaged one, that is an error like others.
fn guard<T>(run: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    let said = |panic: Box<dyn Any + Send>| match panic.downcast::<String>() {
        Ok(text) => *text,
        Err(panic) => panic.downcast_ref::<&str>().map_or_else(String::new, |text| (*text).to_owned()),
    };
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(|panic| Err(format!("damaged: {}", said(panic))))
}

fn told(error: ParquetError) -> String {
    match error {
        ParquetError::General(text) | ParquetError::EOF(text) => text,
        other => other.to_string(),
    }
}
