//! Rows collected from pools in any order and written as a new one.

use sandbox_dataset::Written;

use crate::error::PoolError;
use crate::index::Span;
use crate::observer::Work;
use crate::pool_file::PoolFile;
use crate::source::Source;

/// How much is collected before it is written.
const FULL: usize = 1 << 20;
/// How many pieces the system takes at once.
const MOST_PIECES: usize = 1024;

/// A pool in the making. Rows that stand one behind the other are read together; what is in memory is written from there.
pub(crate) struct Gather<'w> {
    writer: PoolFile,
    work: &'w Work<'w>,
    buffer: Vec<u8>,
    filled: usize,
    /// Rows in memory that are to be written behind the buffer, and their bytes.
    pieces: Vec<&'w [u8]>,
    in_pieces: usize,
    rows: u64,
    /// What is to be read next: from which source, and from where to where.
    run: Option<(&'w Source, u64, u64)>,
}

impl<'w> Gather<'w> {
    pub(crate) fn new(writer: PoolFile, work: &'w Work<'_>) -> Self {
        Self { writer, work, buffer: work.buffer(), filled: 0, pieces: Vec::new(), in_pieces: 0, rows: 0, run: None }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, source: &'w Source, span: Span) -> Result<(), PoolError> {
        let end = span.start + u64::from(span.length);
        self.rows += 1;
        match &mut self.run {
            // Only one byte stands between: the line end.
            Some((from, start, reached)) if *reached + 1 == span.start && end - *start < FULL as u64 && std::ptr::eq(*from, source) => {
                *reached = end;
                Ok(())
            }
            _ => {
                self.read()?;
                self.run = Some((source, span.start, end));
                Ok(())
            }
        }
    }

    fn read(&mut self) -> Result<(), PoolError> {
        let Some((source, start, end)) = self.run.take() else { return Ok(()) };
        if let Some(run) = source.memory().and_then(|all| all.get(start as usize..=end as usize)).filter(|run| run.ends_with(b"\n")) {
            if self.in_pieces + run.len() > FULL || self.pieces.len() == MOST_PIECES {
                self.write()?;
            }
            self.pieces.push(run);
            self.in_pieces += run.len();
            return Ok(());
        }
        let length = (end - start) as usize;
        if self.filled + length + 1 > FULL || !self.pieces.is_empty() {
            self.write()?;
        }
        let needed = (self.filled + length + 1).max(FULL);
        if self.buffer.len() < needed {
            self.buffer.resize(needed, 0);
        }
        source.read_at(start, &mut self.buffer[self.filled..self.filled + length])?;
        self.buffer[self.filled + length] = b'\n';
        self.filled += length + 1;
        Ok(())
    }

    fn write(&mut self) -> Result<(), PoolError> {
        self.work.go_on()?;
        if self.filled > 0 {
            self.writer.write_rows(&self.buffer[..self.filled])?;
        }
        if !self.pieces.is_empty() {
            self.writer.write_pieces(&self.pieces)?;
        }
        self.work.advance((self.filled + self.in_pieces) as u64);
        self.pieces.clear();
        (self.filled, self.in_pieces) = (0, 0);
        Ok(())
    }

    /// Completes the file.
    pub(crate) fn finish(mut self) -> Result<Written, PoolError> {
        self.read()?;
        self.write()?;
        let Self { writer, work, buffer, rows, .. } = self;
        work.give_back(buffer);
        Ok(writer.finish(rows))
    }
}
