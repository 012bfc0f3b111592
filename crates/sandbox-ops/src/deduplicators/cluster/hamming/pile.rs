//! Hashes that lie in memory while they are few, and in a file when they become many.

use std::io;

use super::super::runs::{Run, RunWriter};
use super::super::sorter::Spill;
use super::connect::Item;

/// Hashes as they come in.
pub(super) struct Pile<'s> {
    spill: &'s Spill,
    /// The most that stay in memory.
    most: usize,
    items: Vec<Item>,
    file: Option<RunWriter>,
    count: u64,
    first: u64,
    varying: u64,
}

/// Hashes in a file.
pub(super) struct Stored {
    run: Run,
    /// How many.
    pub(super) count: u64,
    /// The bits in which they differ.
    pub(super) varying: u64,
}

/// Hashes that are all there.
pub(super) enum Piled<'p> {
    Few(&'p mut Vec<Item>),
    Many(Stored),
}

impl<'s> Pile<'s> {
    pub(super) fn new(spill: &'s Spill) -> Self {
        Self { spill, most: most(spill), items: Vec::new(), file: None, count: 0, first: 0, varying: 0 }
    }

    pub(super) fn push(&mut self, item: Item) -> io::Result<()> {
        if self.count == 0 {
            self.first = item.0;
        }
        self.count += 1;
        self.varying |= item.0 ^ self.first;
        if let Some(file) = &mut self.file {
            return file.push(&record(item));
        }
        if self.items.len() < self.most {
            self.items.push(item);
            return Ok(());
        }
        let mut file = RunWriter::new(&self.spill.folder)?;
        for held in std::mem::take(&mut self.items) {
            file.push(&record(held))?;
        }
        file.push(&record(item))?;
        self.file = Some(file);
        Ok(())
    }

    /// What came in; the pile begins anew.
    pub(super) fn finish(&mut self) -> io::Result<Piled<'_>> {
        let (count, varying) = (std::mem::take(&mut self.count), std::mem::take(&mut self.varying));
        Ok(match self.file.take() {
            Some(file) => Piled::Many(Stored { run: file.finish()?, count, varying }),
            None => Piled::Few(&mut self.items),
        })
    }
}

impl Stored {
    /// Reads from the beginning.
    pub(super) fn rewind(&mut self) -> io::Result<()> {
        self.run.rewind()
    }

    pub(super) fn next(&mut self) -> io::Result<Option<Item>> {
        Ok(self.run.next()?.map(item))
    }
}

/// How many hashes are looked at in memory at once: a third of the limit, as the search takes about as much again.
pub(super) fn most(spill: &Spill) -> usize {
    (spill.limit / 3 / size_of::<Item>()).max(4096)
}

pub(super) fn record((hash, number): Item) -> [u32; 3] {
    [(hash >> 32) as u32, hash as u32, number]
}

pub(super) fn item([high, low, number]: [u32; 3]) -> Item {
    (u64::from(high) << 32 | u64::from(low), number)
}
