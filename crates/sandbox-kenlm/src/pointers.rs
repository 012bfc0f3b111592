//! Array-compressed pointers: their high bits are the place in an array of the first entry that has them.

use crate::bits::{required, u64_at};

/// The array of one order.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Array {
    start: usize,
    count: usize,
}

const VERSION: u8 = 0;

/// The most bits that pointers are shortened by, from the first array of a file.
pub(crate) fn most_bits(bytes: &[u8], at: usize) -> Result<u32, String> {
    match crate::bits::array(bytes, at) {
        Some([VERSION, bits]) => Ok(bits.into()),
        Some([version, _]) => Err(format!("expected array compression of version {VERSION}, got {version}")),
        None => Err("it ends too early".to_owned()),
    }
}

/// How many high bits of pointers up to `most` are left out for so many entries: what makes the file smallest.
pub(crate) fn chopped(entries: u64, most: u64, most_bits: u32) -> u32 {
    let required = required(most);
    let cost = |chop: u32| {
        let table = most.checked_shr(required - chop).unwrap_or(0).wrapping_mul(64);
        table.wrapping_sub(entries.wrapping_mul(chop.into())).cast_signed()
    };
    (0..=required.min(most_bits)).min_by_key(|chop| cost(*chop)).unwrap_or(0)
}

impl Array {
    /// The array in front of an order's entries, and where it ends.
    pub fn new(start: usize, most: u64, chopped: u32) -> Option<(Self, usize)> {
        let count = usize::try_from(most.checked_shr(required(most) - chopped).unwrap_or(0)).ok()?.checked_add(1)?;
        let end = start.checked_add(count.checked_add(1)?.checked_mul(8)?)?.checked_add(7)?;
        Some((Self { start: start.next_multiple_of(8) + 8, count }, end))
    }

    /// The high bits of the pointers of an entry and of the next one.
    pub fn high(&self, bytes: &[u8], entry: u64) -> Option<(u64, u64)> {
        let at = |place: usize| u64_at(bytes, self.start + 8 * place);
        let (mut low, mut high) = (0, self.count);
        while low < high {
            let middle = low.midpoint(high);
            if at(middle)? <= entry {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        let begin = low.checked_sub(1)?;
        let mut end = low;
        while end < self.count && at(end)? <= entry + 1 {
            end += 1;
        }
        Some((begin as u64, end as u64 - 1))
    }
}
