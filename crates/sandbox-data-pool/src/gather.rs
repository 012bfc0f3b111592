//! Rows collected from pools in any order and written as a new one.

use sandbox_dataset::Written;

use crate::error::PoolError;
use crate::index::Span;
use crate::observer::Work;
use crate::pool_file::PoolFile;
use crate::source::Source;

/// How much is collected before it is written.
const FULL: usize = 1 << 20;

/// A pool in the making. Rows that stand one behind the other are read together.
pub(crate) struct Gather<'w> {
    writer: PoolFile,
    work: &'w Work<'w>,
    buffer: Vec<u8>,
    filled: usize,
    rows: u64,
    /// What is to be read next: from which source, and from where to where.
    run: Option<(&'w Source, u64, u64)>,
}

impl<'w> Gather<'w> {
    pub(crate) fn new(writer: PoolFile, work: &'w Work<'_>) -> Self {
        Self { writer, work, buffer: work.buffer(), filled: 0, rows: 0, run: None }
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
        let length = (end - start) as usize;
        if self.filled + length + 1 > FULL {
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
        self.writer.write_rows(&self.buffer[..self.filled])?;
        self.work.advance(self.filled as u64);
        self.filled = 0;
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
