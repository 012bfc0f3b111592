//! Hash tables as they lie in probing files: a key of eight bytes and a value per bucket, key 0 for a free one.

use crate::bits::u64_at;

/// Where a table lies.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Table {
    start: usize,
    buckets: usize,
    /// Bytes per bucket.
    width: usize,
}

/// A bucket's key comes first.
const KEY: usize = 8;

impl Table {
    /// A table for so many entries that starts at a byte, and where it ends; `None` if it is too large for any file.
    pub fn new(start: usize, entries: u64, multiplier: f32, value: usize) -> Option<(Self, usize)> {
        let buckets = entries.checked_add(1)?.max((multiplier * entries as f32) as u64);
        let (buckets, width) = (usize::try_from(buckets).ok()?, KEY + value);
        let end = start.checked_add(buckets.checked_mul(width)?)?;
        Some((Self { start, buckets, width }, end))
    }

    pub fn buckets(&self) -> usize {
        self.buckets
    }

    /// Where the value of a key is, or else the free bucket where it would be; neither in a table that is full.
    #[inline]
    pub fn find(&self, bytes: &[u8], key: u64) -> Result<usize, Option<usize>> {
        let mut bucket = (key % self.buckets as u64) as usize;
        for _ in 0..self.buckets {
            let at = self.start + bucket * self.width;
            match u64_at(bytes, at) {
                Some(found) if found == key => return Ok(at + KEY),
                Some(0) => return Err(Some(at)),
                Some(_) => {}
                None => break,
            }
            bucket += 1;
            if bucket == self.buckets {
                bucket = 0;
            }
        }
        Err(None)
    }

    /// The free bucket for a further entry of a key that may be there already.
    pub fn free(&self, bytes: &[u8], key: u64) -> Option<usize> {
        let first = (key % self.buckets as u64) as usize;
        let places = (first..self.buckets).chain(0..first).map(|bucket| self.start + bucket * self.width);
        places.into_iter().find(|at| u64_at(bytes, *at) == Some(0))
    }
}

/// The key of an n-gram: that of its last words, and one word more to the left.
#[inline]
pub(crate) fn combine(key: u64, word: u32) -> u64 {
    key.wrapping_mul(8_978_948_897_894_561_157) ^ (1 + u64::from(word)).wrapping_mul(17_894_857_484_156_487_943)
}
