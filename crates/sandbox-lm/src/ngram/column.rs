//! Arrays of little-endian integers inside a model's bytes.
//!
//! Every access is checked and answers zero outside, so that a damaged file gives wrong numbers at worst.

/// Where an array stands and how wide its integers are (1, 2, 4 or 8 bytes).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) start: usize,
    pub(super) items: usize,
    pub(super) width: usize,
}

impl Column {
    /// The array itself; empty when it does not lie inside `bytes`.
    pub(super) fn of<'a>(&self, bytes: &'a [u8]) -> Values<'a> {
        let end = self.items.checked_mul(self.width).and_then(|length| self.start.checked_add(length));
        Values { bytes: end.and_then(|end| bytes.get(self.start..end)).unwrap_or_default(), width: self.width }
    }
}

/// The integers of a [`Column`].
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Values<'a> {
    pub(super) bytes: &'a [u8],
    width: usize,
}

impl Values<'_> {
    /// The integer at `index`; zero beyond the end.
    #[inline]
    pub(super) fn get(&self, index: usize) -> u64 {
        match self.width {
            4 => self.chunk(index).map_or(0, |bytes| u64::from(u32::from_le_bytes(bytes))),
            8 => self.chunk(index).map_or(0, u64::from_le_bytes),
            2 => self.chunk(index).map_or(0, |bytes| u64::from(u16::from_le_bytes(bytes))),
            _ => self.bytes.get(index).map_or(0, |byte| u64::from(*byte)),
        }
    }

    /// [`get`](Self::get) as an index.
    #[inline]
    pub(super) fn index(&self, index: usize) -> usize {
        usize::try_from(self.get(index)).unwrap_or(usize::MAX)
    }

    #[inline]
    fn chunk<const N: usize>(&self, index: usize) -> Option<[u8; N]> {
        self.bytes.get(index.saturating_mul(N)..)?.first_chunk::<N>().copied()
    }

    /// The place of `symbol` in the ascending integers `low..high`. Only for widths of 2 and 4.
    #[inline]
    pub(super) fn find(&self, low: usize, high: usize, symbol: u32) -> Option<usize> {
        match self.width {
            2 => {
                let symbol = u16::try_from(symbol).ok()?;
                self.slice(low, high)?.binary_search_by_key(&symbol, |bytes| u16::from_le_bytes(*bytes))
            }
            4 => self.slice(low, high)?.binary_search_by_key(&symbol, |bytes| u32::from_le_bytes(*bytes)),
            _ => return None,
        }
        .ok()
        .map(|place| low + place)
    }

    #[inline]
    fn slice<const N: usize>(&self, low: usize, high: usize) -> Option<&[[u8; N]]> {
        Some(self.bytes.get(low.checked_mul(N)?..high.checked_mul(N)?)?.as_chunks::<N>().0)
    }
}

/// The narrowest of 2, 4 and 8 bytes that holds every value.
pub(super) fn width_for(values: impl Iterator<Item = u64>) -> usize {
    match values.max().unwrap_or_default() {
        0..=0xFFFF => 2,
        0x1_0000..=0xFFFF_FFFF => 4,
        _ => 8,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_outside_is_read() {
        let bytes = [1, 0, 5, 0, 9, 0, 7];
        let values = Column { start: 0, items: 3, width: 2 }.of(&bytes);
        assert_eq!((values.get(1), values.get(3), values.get(usize::MAX)), (5, 0, 0));
        assert_eq!((values.find(0, 3, 9), values.find(0, 2, 9), values.find(0, 4, 9)), (Some(2), None, None));
        assert_eq!((values.find(2, 1, 9), values.find(usize::MAX, usize::MAX, 9)), (None, None));
        assert_eq!(Column { start: 2, items: usize::MAX, width: 8 }.of(&bytes).get(0), 0);
    }
}
