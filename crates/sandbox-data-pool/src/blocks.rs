//! A pool's lines, read by several threads, with their places.

use memchr::{memchr, memchr_iter, memrchr};
use sandbox_dataset::{ReadOptions, Reject};

use crate::error::PoolError;
use crate::observer::Work;
use crate::source::Source;
use crate::threads::in_order;

/// How many bytes of a pool a thread takes at a time: of a small pool less, so that all threads have something to do.
const BLOCK: std::ops::RangeInclusive<u64> = 1 << 16..=1 << 20;
/// How many bytes more are read at a time to find the end of a block's last line.
const MORE: u64 = 1 << 16;

/// The lines that begin in one stretch of a pool.
#[derive(Debug, Default)]
pub(crate) struct Block<'s> {
    /// The bytes of the pool from `offset` on, as far as they are `filled`; not used for a pool that is in memory.
    buffer: Vec<u8>,
    memory: Option<&'s [u8]>,
    filled: usize,
    offset: u64,
    /// Where in the buffer the lines begin and end.
    start: usize,
    end: usize,
    /// Where in the buffer the stretch begins and ends.
    stretch: (usize, usize),
    /// Line ends in the stretch, when they are known, and those before its first line.
    newlines: Option<u64>,
    before: u64,
    too_long: Option<Reject>,
}

/// One line that is not blank, without its line end.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Line<'b> {
    pub(crate) bytes: &'b [u8],
    /// Where in the pool it begins.
    pub(crate) offset: u64,
    /// Which line it is, from 1, counted from the stretch's begin.
    pub(crate) number: u64,
}

impl<'s> Block<'s> {
    /// The lines in their order.
    pub(crate) fn lines(&self) -> impl Iterator<Item = Line<'_>> {
        let all = self.all();
        let mut at = self.start;
        let mut number = self.before;
        std::iter::from_fn(move || {
            while at < self.end {
                let begin = at;
                let rest = &all[at..self.end];
                let line = memchr(b'\n', rest).map_or(rest, |end| &rest[..end]);
                at += line.len() + 1;
                number += 1;
                let bytes = line.strip_suffix(b"\r").unwrap_or(line);
                if !bytes.iter().all(|byte| matches!(byte, b' ' | b'\t' | b'\r')) {
                    return Some(Line { bytes, offset: self.offset + begin as u64, number });
                }
            }
            None
        })
    }

    /// All lines with their line ends, as they stand in the pool.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.all()[self.start..self.end]
    }

    fn all(&self) -> &[u8] {
        self.memory.unwrap_or(&self.buffer)
    }

    /// Takes the buffer out, with the place of the lines in it.
    pub(crate) fn take(&mut self) -> (Vec<u8>, std::ops::Range<usize>) {
        if self.memory.is_some() {
            let copy = self.bytes().to_vec();
            return (copy, 0..self.end - self.start);
        }
        self.newlines = Some(self.newlines());
        (std::mem::take(&mut self.buffer), self.start..self.end)
    }

    /// The lines are so many, none is blank, and each has its line end: nobody needs to count them again.
    pub(crate) fn has_lines(&mut self, count: u64) {
        self.newlines = Some((self.before + count).saturating_sub(u64::from(self.end > self.stretch.1)));
    }

    fn newlines(&self) -> u64 {
        let count = || memchr_iter(b'\n', &self.all()[self.stretch.0..self.stretch.1]).count() as u64;
        self.newlines.unwrap_or_else(count)
    }

    fn load(&mut self, source: &'s Source, low: u64, block: u64, limit: usize) -> Result<(), PoolError> {
        let high = (low + block).min(source.length);
        (self.offset, self.filled) = (low.saturating_sub(1), 0);
        self.memory = source.memory().and_then(|bytes| bytes.get(self.offset as usize..));
        self.fill(source, high)?;
        let lead = (low - self.offset) as usize;
        (self.stretch, self.newlines) = ((lead, self.filled), None);
        self.start = match low {
            0 => source.start as usize,
            _ => memchr(b'\n', &self.all()[..self.filled]).map_or(self.filled, |end| end + 1),
        };
        self.before = u64::from(self.start > lead && low > 0);
        self.end = self.filled;
        self.too_long = None;
        if self.start >= self.filled || high == source.length || self.all()[self.filled - 1] == b'\n' {
            return Ok(());
        }
        // The last line goes on behind the stretch.
        let last = memrchr(b'\n', &self.all()[self.start..self.filled]).map_or(self.start, |end| self.start + end + 1);
        let mut reach = high;
        while reach < source.length {
            let searched = self.filled;
            reach = (reach + MORE.max((self.filled - last) as u64)).min(source.length);
            self.fill(source, reach)?;
            if let Some(end) = memchr(b'\n', &self.all()[searched..self.filled]) {
                self.end = searched + end + 1;
                break;
            }
            self.end = self.filled;
            if self.filled - last > limit + 2 {
                break;
            }
        }
        if self.end - last > limit + 2 {
            let number = self.before + memchr_iter(b'\n', &self.all()[self.start..last]).count() as u64 + 1;
            let reason = format_args!("longer than {limit} bytes");
            self.too_long = Some(Reject::new(&source.path, number, reason, &self.all()[last..self.end]));
            self.end = last;
        }
        Ok(())
    }

    fn fill(&mut self, source: &'s Source, until: u64) -> Result<(), PoolError> {
        let length = (until - self.offset) as usize;
        if let Some(memory) = self.memory {
            self.filled = length.min(memory.len());
            return Ok(());
        }
        if self.buffer.len() < length {
            self.buffer.resize(length, 0);
        }
        source.read_at(self.offset + self.filled as u64, &mut self.buffer[self.filled..length])?;
        self.filled = length;
        Ok(())
    }
}

/// What became of a block.
#[derive(Debug)]
pub(crate) struct Done<T> {
    pub(crate) result: T,
    /// Rows that are none, with their place in the file.
    pub(crate) rejects: Vec<Reject>,
    /// Lines of the source before the block: what a [`Line::number`] is to be counted from.
    pub(crate) before: u64,
}

/// Calls `each` with every block of a pool on the work's threads and `sink` with what comes of them, in order.
///
/// `each` pushes the lines that it cannot use, with their [`Line::number`] as line.
pub(crate) fn scan<W, T: Send>(
    source: &Source,
    work: &Work<'_>,
    new_worker: impl Fn() -> W + Sync,
    each: impl Fn(&mut W, &mut Block<'_>, &mut Vec<Reject>) -> Result<T, PoolError> + Sync,
    mut sink: impl FnMut(Done<T>) -> Result<(), PoolError> + Send,
) -> Result<(), PoolError> {
    let each = |worker: &mut W, _: usize, block: &mut Block<'_>, bad: &mut Vec<Reject>| each(worker, block, bad);
    scan_all(std::slice::from_ref(source), work, new_worker, each, |_, done| sink(done))
}

/// The same for several pools, one after the other and without a pause between them; with the number of the pool.
pub(crate) fn scan_all<W, T: Send>(
    sources: &[Source],
    work: &Work<'_>,
    new_worker: impl Fn() -> W + Sync,
    each: impl Fn(&mut W, usize, &mut Block<'_>, &mut Vec<Reject>) -> Result<T, PoolError> + Sync,
    sink: impl FnMut(usize, Done<T>) -> Result<(), PoolError> + Send,
) -> Result<(), PoolError> {
    let total: u64 = sources.iter().map(|source| source.length).sum();
    let block = (total / (work.threads as u64 * 4)).clamp(*BLOCK.start(), *BLOCK.end());
    scan_by(block, ReadOptions::default().max_row_bytes, sources, work, new_worker, each, sink)
}

fn scan_by<W, T: Send>(
    block: u64,
    limit: usize,
    sources: &[Source],
    work: &Work<'_>,
    new_worker: impl Fn() -> W + Sync,
    each: impl Fn(&mut W, usize, &mut Block<'_>, &mut Vec<Reject>) -> Result<T, PoolError> + Sync,
    mut sink: impl FnMut(usize, Done<T>) -> Result<(), PoolError> + Send,
) -> Result<(), PoolError> {
    work.expect(sources.iter().map(|source| source.length).sum());
    // How many blocks there are up to each pool's end.
    let ends: Vec<u64> = sources
        .iter()
        .scan(0, |blocks, source| {
            *blocks += source.length.div_ceil(block);
            Some(*blocks)
        })
        .collect();
    let (mut current, mut before, mut framing) = (usize::MAX, 0, Vec::new());
    in_order(
        ends.last().copied().unwrap_or_default(),
        work,
        || (new_worker(), Lent { work, block: Block::default() }),
        |(worker, lent), number| {
            let pool = ends.partition_point(|end| *end <= number);
            let first = pool.checked_sub(1).map_or(0, |last| ends[last]);
            let loaded = &mut lent.block;
            if loaded.buffer.is_empty() && !sources[pool].is_in_memory() {
                loaded.buffer = work.buffer();
            }
            loaded.load(&sources[pool], (number - first) * block, block, limit)?;
            let mut rejects = Vec::new();
            let result = each(worker, pool, loaded, &mut rejects)?;
            rejects.extend(loaded.too_long.take());
            Ok((pool, result, rejects, loaded.newlines()))
        },
        |(pool, result, mut rejects, newlines)| {
            let source = &sources[pool];
            if pool != current {
                (current, before, framing) = (pool, 0, source.rejects.clone());
            }
            rejects.iter_mut().for_each(|reject| reject.line = source.line(before + reject.line));
            rejects.append(&mut framing);
            work.advance(block.min(source.length));
            sink(pool, Done { result, rejects, before })?;
            before += newlines;
            Ok(())
        },
    )
}

/// A thread's block, whose memory serves the next work.
struct Lent<'w, 'o, 's> {
    work: &'w Work<'o>,
    block: Block<'s>,
}

impl Drop for Lent<'_, '_, '_> {
    fn drop(&mut self) {
        self.work.give_back(std::mem::take(&mut self.block.buffer));
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use proptest::prelude::*;

    use super::*;
    use crate::observer::Running;
    use crate::source::Spill;

    type Found = Vec<(u64, u64, Vec<u8>)>;

    fn lines(bytes: &[u8], block: u64, limit: usize, threads: usize) -> (Found, Vec<String>) {
        let running = Running { threads, observer: &() };
        let work = Work::new(&running);
        let mut spill = Spill::new(Path::new("."), &work);
        spill.push(bytes).unwrap();
        let source = spill.finish(Path::new("x.jsonl")).unwrap();
        let (mut all, mut rejected) = (Vec::new(), Vec::new());
        let each = |(): &mut (), _: usize, block: &mut Block<'_>, _: &mut Vec<Reject>| {
            Ok(block.lines().map(|line| (line.offset, line.number, line.bytes.to_vec())).collect::<Found>())
        };
        let sink = |_: usize, done: Done<Found>| {
            all.extend(done.result.into_iter().map(|(offset, number, bytes)| (offset, source.line(done.before + number), bytes)));
            rejected.extend(done.rejects.iter().map(ToString::to_string));
            Ok(())
        };
        scan_by(block, limit, std::slice::from_ref(&source), &work, || (), each, sink).unwrap();
        (all, rejected)
    }

    #[test]
    fn line_ends_and_blank_lines_of_all_kinds() {
        let (found, _) = lines(b"a\r\n\n \t\nbb\nccc", 2, 100, 2);
        let expected: Found = vec![(0, 1, b"a".to_vec()), (7, 4, b"bb".to_vec()), (10, 5, b"ccc".to_vec())];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_line_that_is_too_long_is_set_aside_with_its_place() {
        let (found, rejected) = lines(b"a\nbbbbbbbbbbbbbbbbbbbb\nc\n", 4, 10, 1);
        assert_eq!(found.len(), 2);
        assert_eq!(found[1].1, 3);
        assert_eq!(rejected, ["x.jsonl:2: longer than 10 bytes"]);
    }

    proptest! {
        #[test]
        fn blocks_of_any_size_give_the_same_lines(text in "[ab\n\r ]{0,60}", block in 1_u64..20, threads in 1_usize..4) {
            let whole = lines(text.as_bytes(), 1000, 1000, 1);
            prop_assert_eq!(lines(text.as_bytes(), block, 1000, threads), whole);
        }
    }
}
