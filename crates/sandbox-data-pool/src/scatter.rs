//! All rows of a large pool in another order, without jumping about in it.
//!
//! Reading a row here and a row there costs a system call each. Instead, the outputs are thought of as regions of some
//! megabytes. The pool is read from begin to end, and every row is appended to the region that it belongs to. Then each
//! region is read, its rows brought into their order, and written back in its place.

use sandbox_dataset::Written;

use crate::error::PoolError;
use crate::index::Index;
use crate::observer::Work;
use crate::pool_file::PoolFile;
use crate::source::Source;

/// The size of a region, unless the outputs are very large.
const REGION: u64 = 10 << 20;
/// The most regions.
const MOST: u64 = 1024;
/// Bytes that wait to be appended, for all regions together.
const WAITING: usize = 8 << 20;
/// How much of the pool is read at a time.
const STEP: u64 = 1 << 20;
/// The region of rows that belong to no output.
const NOWHERE: u16 = u16::MAX;

/// An output: which rows, in which order.
pub(crate) struct Output<'o> {
    pub(crate) file: PoolFile,
    pub(crate) rows: &'o [u32],
}

/// Some rows of an output that stand together.
struct Region<'o> {
    output: usize,
    rows: &'o [u32],
    /// Where in the output it begins, and how far it is filled.
    start: u64,
    filled: u64,
    waiting: Vec<u8>,
}

/// Whether writing so many rows of a pool is faster this way than row by row.
pub(crate) fn is_worth_it(source: &Source, index: &Index, rows: usize) -> bool {
    let share = rows as f64 / index.len().max(1) as f64;
    let mean = source.length as f64 / index.len().max(1) as f64;
    !source.is_in_memory() && share > 0.2 && mean < 16384.0
}

/// Writes the outputs. No row may be named twice.
pub(crate) fn write(source: &Source, index: &Index, mut outputs: Vec<Output<'_>>, work: &Work<'_>) -> Result<Vec<Written>, PoolError> {
    let bytes = |rows: &[u32]| -> u64 { rows.iter().map(|row| u64::from(index.get(*row as usize).length) + 1).sum() };
    let total: u64 = outputs.iter().map(|output| bytes(output.rows)).sum();
    let size = REGION.max(total / MOST);
    let mut regions = Vec::new();
    for (number, output) in outputs.iter().enumerate() {
        cut(number, output.rows, index, size, &mut regions);
    }
    let mut region_of = vec![NOWHERE; index.len()];
    for (number, region) in regions.iter().enumerate() {
        region.rows.iter().for_each(|row| region_of[*row as usize] = number as u16);
    }
    let most_waiting = (WAITING / regions.len().max(1)).clamp(1 << 12, 1 << 18);
    distribute(source, index, &region_of, &mut regions, &mut outputs, most_waiting, work)?;
    drop(region_of);
    let mut ordered = work.buffer();
    for region in &mut regions {
        work.go_on()?;
        region.append(&mut outputs)?;
        region.waiting = Vec::new();
        put_in_order(region, index, &mut ordered, &mut outputs)?;
        work.advance(region.filled);
    }
    work.give_back(ordered);
    Ok(outputs.into_iter().map(|output| output.file.finish(output.rows.len() as u64)).collect())
}

/// Cuts an output into regions.
fn cut<'o>(output: usize, rows: &'o [u32], index: &Index, size: u64, regions: &mut Vec<Region<'o>>) {
    let (mut from, mut start, mut length) = (0, 0, 0);
    for (at, row) in rows.iter().enumerate() {
        length += u64::from(index.get(*row as usize).length) + 1;
        if length >= size || at + 1 == rows.len() {
            regions.push(Region { output, rows: &rows[from..=at], start, filled: 0, waiting: Vec::new() });
            (from, start, length) = (at + 1, start + length, 0);
        }
    }
}

/// Reads the pool and appends every row to its region.
fn distribute(
    source: &Source,
    index: &Index,
    region_of: &[u16],
    regions: &mut [Region<'_>],
    outputs: &mut [Output<'_>],
    most_waiting: usize,
    work: &Work<'_>,
) -> Result<(), PoolError> {
    let mut buffer = work.buffer();
    let mut row = 0;
    while row < index.len() {
        work.go_on()?;
        // A run of rows that fits the step, or one row.
        let first = index.get(row);
        let mut end = row + 1;
        while end < index.len() && index.get(end).start + u64::from(index.get(end).length) - first.start <= STEP {
            end += 1;
        }
        let last = index.get(end - 1);
        let length = (last.start + u64::from(last.length) - first.start) as usize;
        if buffer.len() < length {
            buffer.resize(length, 0);
        }
        source.read_at(first.start, &mut buffer[..length])?;
        for (row, region) in (row..end).zip(&region_of[row..end]) {
            let Some(region) = regions.get_mut(usize::from(*region)) else { continue };
            let span = index.get(row);
            let start = (span.start - first.start) as usize;
            let bytes = &buffer[start..start + span.length as usize];
            if region.waiting.len() + bytes.len() + 1 > most_waiting {
                region.append(outputs)?;
            }
            region.waiting.extend_from_slice(bytes);
            region.waiting.push(b'\n');
        }
        row = end;
    }
    work.give_back(buffer);
    Ok(())
}

impl Region<'_> {
    /// Writes what waits.
    fn append(&mut self, outputs: &mut [Output<'_>]) -> Result<(), PoolError> {
        outputs[self.output].file.write_at(&self.waiting, self.start + self.filled)?;
        self.filled += self.waiting.len() as u64;
        self.waiting.clear();
        Ok(())
    }
}

/// Brings the rows of a region from the pool's order into the output's.
fn put_in_order(region: &Region<'_>, index: &Index, ordered: &mut Vec<u8>, outputs: &mut [Output<'_>]) -> Result<(), PoolError> {
    let length = region.filled as usize;
    let mut arrived: Vec<(u32, u32)> = region.rows.iter().zip(0..).map(|(row, place)| (*row, place)).collect();
    arrived.sort_unstable();
    // From where to where each row stands, in the output's order: so that the index is looked at once a row.
    let (mut at, mut places) = (0, vec![(0_usize, 0_usize); region.rows.len()]);
    for (row, place) in arrived {
        let end = at + index.get(row as usize).length as usize + 1;
        places[place as usize] = (at, end);
        at = end;
    }
    ordered.clear();
    ordered.reserve(length);
    let file = &mut outputs[region.output].file;
    file.read(region.start, length, |raw| {
        places.iter().for_each(|(start, end)| ordered.extend_from_slice(&raw[*start..*end]));
    })?;
    file.write_at(ordered, region.start)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;
    use crate::observer::Running;
    use crate::rejects::Rejects;

    #[test]
    fn rows_come_out_in_the_order_that_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("in.jsonl");
        let rows: Vec<String> = (0..5000).map(|id| format!("{{\"id\": {id}, \"text\": \"{}\"}}", "x".repeat(id * 7 % 9000))).collect();
        std::fs::write(&path, rows.join("\r\n")).unwrap();
        let running = Running { threads: 2, observer: &() };
        let work = Work::new(&running);
        work.room.store(0, Ordering::Relaxed);
        let source = Source::open(&path, folder.path(), &work).unwrap();
        let index = Index::of(&source, &work, &Rejects::new(folder.path(), &())).unwrap();
        assert!(is_worth_it(&source, &index, 5000));
        let order: Vec<u32> = sandbox_dataset::permutation(1, 5000).into_iter().map(|row| row as u32).collect();
        let parts = [&order[..3000], &order[3000..3000], &order[3500..]];
        let file = |number: usize| PoolFile::create(&folder.path().join(number.to_string())).unwrap();
        let outputs = parts.iter().enumerate().map(|(number, rows)| Output { file: file(number), rows }).collect();
        let written = write(&source, &index, outputs, &work).unwrap();
        for (part, written) in parts.iter().zip(written) {
            let expected: String = part.iter().map(|row| rows[*row as usize].clone() + "\n").collect();
            assert!(std::fs::read_to_string(&written.path).unwrap() == expected);
            assert_eq!((written.rows, written.bytes), (part.len() as u64, expected.len() as u64));
        }
    }
}
