//! Sample tables: where each sample lies and when it is due, found one after the other.

use super::find;
use crate::error::Cause;
use crate::fields::Fields;

/// The tables of one track, as they stand in the file.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// Samples, and how long each of them is.
    times: Vec<(u32, u32)>,
    /// First chunk (from 1 on), and samples in each chunk from there.
    chunks: Vec<(u32, u32)>,
    offsets: Vec<u64>,
    sizes: Sizes,
}

#[derive(Debug)]
enum Sizes {
    Each(Vec<u32>),
    All { size: u32, count: u32 },
}

impl Default for Sizes {
    fn default() -> Self {
        Self::Each(Vec::new())
    }
}

/// One sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Sample {
    pub at: u64,
    pub size: u32,
    /// When it is due to be decoded, in units of its track.
    pub time: u64,
    pub duration: u32,
}

impl Tables {
    pub fn read(stbl: &[u8]) -> Result<Self, Cause> {
        let mut tables = Self::default();
        if let Some(mut fields) = table(stbl, b"stts")? {
            while !fields.is_empty() {
                tables.times.push((fields.be32()?, fields.be32()?));
            }
        }
        if let Some(mut fields) = table(stbl, b"stsc")? {
            while !fields.is_empty() {
                tables.chunks.push((fields.be32()?, fields.be32()?));
                fields.skip(4)?;
            }
        }
        if let Some(mut fields) = table(stbl, b"stco")? {
            while !fields.is_empty() {
                tables.offsets.push(u64::from(fields.be32()?));
            }
        } else if let Some(mut fields) = table(stbl, b"co64")? {
            while !fields.is_empty() {
                tables.offsets.push(fields.be64()?);
            }
        }
        if let Some(content) = find(stbl, b"stsz") {
            let mut fields = Fields(content);
            fields.skip(4)?;
            let (size, count) = (fields.be32()?, fields.be32()?);
            tables.sizes = if size > 0 { Sizes::All { size, count } } else { Sizes::Each(each_size(fields, count)) };
        } else if let Some(content) = find(stbl, b"stz2") {
            let mut fields = Fields(content);
            fields.skip(7)?;
            let bits = fields.u8()?;
            let count = usize::try_from(fields.be32()?).unwrap_or(usize::MAX);
            let sizes: Vec<u32> = match bits {
                4 => fields.0.iter().flat_map(|byte| [u32::from(byte >> 4), u32::from(byte & 15)]).collect(),
                8 => fields.0.iter().map(|byte| u32::from(*byte)).collect(),
                16 => fields.0.as_chunks().0.iter().map(|bytes| u32::from(u16::from_be_bytes(*bytes))).collect(),
                _ => return Err("its table of sample sizes has an unknown width".into()),
            };
            tables.sizes = Sizes::Each(sizes.into_iter().take(count).collect());
        }
        Ok(tables)
    }

    /// The samples' durations added.
    pub fn duration(&self) -> u64 {
        self.times.iter().fold(0, |sum, (count, duration)| sum.saturating_add(u64::from(*count) * u64::from(*duration)))
    }

    fn size(&self, sample: u32) -> Option<u32> {
        match &self.sizes {
            Sizes::Each(sizes) => sizes.get(usize::try_from(sample).ok()?).copied(),
            Sizes::All { size, count } => (sample < *count).then_some(*size),
        }
    }
}

/// The entries of a table, behind version, flags and their number.
fn table<'a>(stbl: &'a [u8], kind: &super::Kind) -> Result<Option<Fields<'a>>, Cause> {
    let Some(content) = find(stbl, kind) else { return Ok(None) };
    let mut fields = Fields(content);
    fields.skip(4)?;
    let count = usize::try_from(fields.be32()?).unwrap_or(usize::MAX);
    let width = match kind {
        b"stsc" => 12,
        b"stco" => 4,
        _ => 8,
    };
    // A table may be followed by anything; one that is cut off is used as far as it goes.
    let whole = count.min(fields.0.len() / width) * width;
    Ok(Some(Fields(fields.take(whole)?)))
}

fn each_size(fields: Fields<'_>, count: u32) -> Vec<u32> {
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    fields.0.as_chunks().0.iter().map(|bytes| u32::from_be_bytes(*bytes)).take(count).collect()
}

/// The samples of a track in order.
pub(super) struct Samples<'a> {
    tables: &'a Tables,
    sample: u32,
    chunk: usize,
    in_chunk: u32,
    /// The entry of `chunks` that holds for `chunk`.
    run: usize,
    at: u64,
    times: (usize, u32),
    time: u64,
}

impl<'a> Samples<'a> {
    pub fn new(tables: &'a Tables) -> Self {
        Self { tables, sample: 0, chunk: 0, in_chunk: 0, run: 0, at: tables.offsets.first().copied().unwrap_or(0), times: (0, 0), time: 0 }
    }

    fn in_this_chunk(&self) -> Option<u32> {
        self.tables.chunks.get(self.run).map(|(_, samples)| *samples)
    }
}

impl Iterator for Samples<'_> {
    type Item = Sample;

    fn next(&mut self) -> Option<Sample> {
        let tables = self.tables;
        let size = tables.size(self.sample)?;
        while self.in_chunk >= self.in_this_chunk()? {
            self.chunk += 1;
            self.in_chunk = 0;
            self.at = *tables.offsets.get(self.chunk)?;
            let starts = |run: usize| tables.chunks.get(run).and_then(|(first, _)| usize::try_from(*first).ok());
            if starts(self.run + 1).is_some_and(|first| first <= self.chunk + 1) {
                self.run += 1;
            }
        }
        while tables.times.get(self.times.0).is_some_and(|(count, _)| self.times.1 >= *count) {
            self.times = (self.times.0 + 1, 0);
        }
        let duration = tables.times.get(self.times.0).map_or(0, |(_, duration)| *duration);
        let sample = Sample { at: self.at, size, time: self.time, duration };
        self.times.1 = self.times.1.saturating_add(1);
        self.time = self.time.saturating_add(u64::from(duration));
        self.at = self.at.saturating_add(u64::from(size));
        self.sample = self.sample.checked_add(1)?;
        self.in_chunk += 1;
        Some(sample)
    }
}
