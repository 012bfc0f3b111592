//! Records put in order within a limit of memory: what does not fit goes to disk as sorted runs, which are merged.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io;
use std::path::PathBuf;

use super::runs::{Run, RunWriter};

/// The most records of a block that is sorted in memory.
const BLOCK: usize = 1 << 20;
/// When there are so many runs on disk they become one.
const MOST_RUNS: usize = 64;

/// How much memory may be used before records go to disk, and where there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spill {
    /// Bytes of records kept in memory; at least some hundred kilobytes are used.
    pub limit: usize,
    /// The folder for the files, which vanish when they are let go of, also after an error.
    pub folder: PathBuf,
}

/// No limit.
impl Default for Spill {
    fn default() -> Self {
        Self { limit: usize::MAX, folder: std::env::temp_dir() }
    }
}

/// Takes records in any order.
pub(super) struct Sorter<const N: usize> {
    spill: Spill,
    /// How many records make a block.
    block: usize,
    current: Vec<[u32; N]>,
    blocks: Vec<Vec<[u32; N]>>,
    runs: Vec<Run>,
}

impl<const N: usize> Sorter<N> {
    pub fn new(spill: Spill) -> Self {
        // Some blocks fit the limit, so that sorting one is local and the memory does not grow by doubling at the end.
        let block = (spill.limit / (8 * Self::SIZE)).clamp(4096, BLOCK);
        Self { spill, block, current: Vec::new(), blocks: Vec::new(), runs: Vec::new() }
    }

    const SIZE: usize = 4 * N;

    pub fn push(&mut self, record: [u32; N]) -> io::Result<()> {
        if self.current.len() == self.block {
            self.close_block()?;
        }
        self.current.push(record);
        Ok(())
    }

    fn close_block(&mut self) -> io::Result<()> {
        // The next one will be as long.
        let next = Vec::with_capacity(self.current.len());
        let mut block = std::mem::replace(&mut self.current, next);
        block.sort_unstable();
        self.blocks.push(block);
        if (self.blocks.len() + 1) * self.block * Self::SIZE > self.spill.limit {
            self.write_run()?;
        }
        Ok(())
    }

    fn write_run(&mut self) -> io::Result<()> {
        let blocks = std::mem::take(&mut self.blocks);
        self.runs.push(Merge::new(blocks, Vec::new())?.into_run(&self.spill)?);
        if self.runs.len() >= MOST_RUNS {
            let runs = std::mem::take(&mut self.runs);
            self.runs.push(Merge::<N>::new(Vec::new(), runs)?.into_run(&self.spill)?);
        }
        Ok(())
    }

    /// All records in order.
    pub fn sorted(mut self) -> io::Result<Merge<N>> {
        self.current.sort_unstable();
        self.blocks.push(self.current);
        Merge::new(self.blocks, self.runs)
    }
}

/// Records in order, out of several sources that are in order.
pub(super) struct Merge<const N: usize> {
    sources: Vec<Source<N>>,
    heap: BinaryHeap<Reverse<([u32; N], u32)>>,
}

enum Source<const N: usize> {
    Memory(std::vec::IntoIter<[u32; N]>),
    Disk(Run),
}

impl<const N: usize> Source<N> {
    fn next(&mut self) -> io::Result<Option<[u32; N]>> {
        match self {
            Self::Memory(records) => Ok(records.next()),
            Self::Disk(run) => run.next(),
        }
    }
}

impl<const N: usize> Merge<N> {
    fn new(blocks: Vec<Vec<[u32; N]>>, runs: Vec<Run>) -> io::Result<Self> {
        let memory = blocks.into_iter().map(|block| Source::Memory(block.into_iter()));
        let sources: Vec<_> = memory.chain(runs.into_iter().map(Source::Disk)).collect();
        let mut merge = Self { sources, heap: BinaryHeap::new() };
        for (index, source) in (0..).zip(&mut merge.sources) {
            merge.heap.extend(source.next()?.map(|record| Reverse((record, index))));
        }
        Ok(merge)
    }

    /// The next record.
    #[inline]
    pub fn next(&mut self) -> io::Result<Option<[u32; N]>> {
        let Some(mut top) = self.heap.peek_mut() else { return Ok(None) };
        let Reverse((record, index)) = *top;
        match self.sources.get_mut(index as usize).map_or(Ok(None), Source::next)? {
            Some(next) => *top = Reverse((next, index)),
            None => drop(std::collections::binary_heap::PeekMut::pop(top)),
        }
        Ok(Some(record))
    }

    fn into_run(mut self, spill: &Spill) -> io::Result<Run> {
        let mut writer = RunWriter::new(&spill.folder)?;
        while let Some(record) = self.next()? {
            writer.push(&record)?;
        }
        writer.finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sorted(records: &[[u32; 2]], spill: Spill) -> Vec<[u32; 2]> {
        let mut sorter = Sorter::new(spill);
        records.iter().for_each(|record| sorter.push(*record).unwrap());
        let mut merge = sorter.sorted().unwrap();
        std::iter::from_fn(|| merge.next().unwrap()).collect()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]
        #[test]
        fn in_order_on_disk_and_in_memory(seed in any::<u32>(), count in 0..60_000_u32) {
            let folder = tempfile::tempdir().unwrap();
            let record = |number: u32| [(number ^ seed).wrapping_mul(2_654_435_761) % 5000, number];
            let records: Vec<_> = (0..count).map(record).collect();
            let mut expected = records.clone();
            expected.sort_unstable();
            let spill = Spill { limit: 0, folder: folder.path().to_owned() };
            prop_assert_eq!(&sorted(&records, spill), &expected);
            prop_assert_eq!(&sorted(&records, Spill::default()), &expected);
            prop_assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        }
    }

    #[test]
    fn many_runs_become_one() {
        let folder = tempfile::tempdir().unwrap();
        let records: Vec<_> = (0..4096 * 150_u32).map(|number| [number.wrapping_mul(2_654_435_761), number]).collect();
        let mut expected = records.clone();
        expected.sort_unstable();
        assert!(sorted(&records, Spill { limit: 0, folder: folder.path().to_owned() }) == expected);
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let mut sorter = Sorter::new(Spill { limit: 0, folder: "/no/such/folder".into() });
        assert!((0..10_000).try_for_each(|number| sorter.push([number])).is_err());
    }
}
