//! One column of a block.

use crate::bytes::{Cursor, put, unzigzag, zigzag};

use super::LARGEST;

/// Columns shorter than this are left as they are.
const WORTH_IT: usize = 96;
const PLAIN: u8 = 0;
const ZSTD: u8 = 1;
const LEVEL: i32 = 1;

/// Columns of a block that is being read.
#[derive(Default)]
pub(super) struct Columns {
    pub(super) steps: Vec<i64>,
    pub(super) seqs: Vec<i64>,
    pub(super) monos: Vec<i64>,
    pub(super) offsets: Vec<i64>,
    pub(super) kinds: Vec<u8>,
    pub(super) values: Vec<i64>,
}

/// Writes and reads columns.
pub(super) struct Coder {
    compressor: Option<zstd::bulk::Compressor<'static>>,
    decompressor: Option<zstd::bulk::Decompressor<'static>>,
    raw: Vec<u8>,
    packed: Vec<u8>,
}

impl Coder {
    pub(super) fn new() -> Self {
        Self { compressor: None, decompressor: None, raw: Vec::new(), packed: Vec::new() }
    }

    /// Whole numbers: the change of their change.
    pub(super) fn whole(&mut self, numbers: impl Iterator<Item = i64>, out: &mut Vec<u8>) {
        self.raw.clear();
        let (mut last, mut change) = (0i64, 0i64);
        for number in numbers {
            let now = number.wrapping_sub(last);
            put(&mut self.raw, zigzag(now.wrapping_sub(change)));
            (last, change) = (number, now);
        }
        self.finish(out);
    }

    /// The bits of numbers with a fraction: what differs from the number before, all first bytes, then all second ones.
    pub(super) fn floats(&mut self, bits: impl Iterator<Item = u64>, out: &mut Vec<u8>) {
        let mut last = 0;
        let differences: Vec<u64> = bits.map(|bits| std::mem::replace(&mut last, bits) ^ bits).collect();
        self.raw.clear();
        for place in 0..8 {
            self.raw.extend(differences.iter().map(|difference| (difference >> (8 * place)) as u8));
        }
        self.finish(out);
    }

    /// Kinds: one byte when all are the same.
    pub(super) fn kinds(&mut self, kinds: &[u8], out: &mut Vec<u8>) {
        self.raw.clear();
        match kinds.split_first() {
            Some((first, rest)) if rest.iter().all(|kind| kind == first) => self.raw.push(*first),
            _ => self.raw.extend_from_slice(kinds),
        }
        self.finish(out);
    }

    pub(super) fn read_whole(&mut self, cursor: &mut Cursor<'_>, count: usize, into: &mut Vec<i64>) -> Option<()> {
        let raw = self.read(cursor, count * 10)?;
        let mut raw = Cursor(raw);
        into.clear();
        let (mut last, mut change) = (0i64, 0i64);
        for _ in 0..count {
            change = change.wrapping_add(unzigzag(raw.number()?));
            last = last.wrapping_add(change);
            into.push(last);
        }
        Some(())
    }

    pub(super) fn read_floats(&mut self, cursor: &mut Cursor<'_>, count: usize, into: &mut Vec<i64>) -> Option<()> {
        let raw = self.read(cursor, count * 8)?;
        if raw.len() != count * 8 {
            return None;
        }
        into.clear();
        into.resize(count, 0);
        for (place, bytes) in raw.chunks_exact(count.max(1)).enumerate() {
            for (value, byte) in into.iter_mut().zip(bytes) {
                *value |= i64::from(*byte) << (8 * place);
            }
        }
        let mut last = 0;
        for value in into {
            last ^= *value;
            *value = last;
        }
        Some(())
    }

    pub(super) fn read_kinds(&mut self, cursor: &mut Cursor<'_>, count: usize, into: &mut Vec<u8>) -> Option<()> {
        let raw = self.read(cursor, count.max(1))?;
        into.clear();
        match raw {
            [one] => into.resize(count, *one),
            all if all.len() == count => into.extend_from_slice(all),
            _ => return None,
        }
        Some(())
    }

    /// Writes `raw` with its head, compressed when that is shorter.
    fn finish(&mut self, out: &mut Vec<u8>) {
        let packed = (self.raw.len() >= WORTH_IT).then(|| self.compress()).flatten();
        let (how, bytes) = if packed.is_some() { (ZSTD, &self.packed) } else { (PLAIN, &self.raw) };
        out.push(how);
        put(out, self.raw.len() as u64);
        put(out, bytes.len() as u64);
        out.extend_from_slice(bytes);
    }

    fn compress(&mut self) -> Option<()> {
        if self.compressor.is_none() {
            self.compressor = zstd::bulk::Compressor::new(LEVEL).ok();
        }
        // Room for one byte less than it was: what does not fit is not worth it.
        self.packed.clear();
        self.packed.reserve(self.raw.len());
        let compressor = self.compressor.as_mut()?;
        self.packed.resize(self.raw.len() - 1, 0);
        let length = compressor.compress_to_buffer(&self.raw, self.packed.as_mut_slice()).ok()?;
        self.packed.truncate(length);
        Some(())
    }

    /// The bytes of the next column, which has at most `most` of them.
    fn read(&mut self, cursor: &mut Cursor<'_>, most: usize) -> Option<&[u8]> {
        debug_assert!(most <= LARGEST * 10);
        let how = cursor.byte()?;
        let length = cursor.length().filter(|length| *length <= most)?;
        let bytes = cursor.bytes()?;
        match how {
            PLAIN if bytes.len() == length => {
                self.raw.clear();
                self.raw.extend_from_slice(bytes);
                Some(&self.raw)
            }
            ZSTD => {
                if self.decompressor.is_none() {
                    self.decompressor = zstd::bulk::Decompressor::new().ok();
                }
                self.raw.resize(length, 0);
                let read = self.decompressor.as_mut()?.decompress_to_buffer(bytes, self.raw.as_mut_slice()).ok()?;
                (read == length).then_some(self.raw.as_slice())
            }
            _ => None,
        }
    }
}
