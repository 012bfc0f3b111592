//! Tables of Huffman codes.

use crate::error::Cause;
use crate::fields::Fields;

/// Bits that are looked up at once.
const AT_ONCE: u32 = 9;

pub(super) struct Table {
    /// Symbol and length of the code that so many bits begin with; length 0: it is longer.
    short: Vec<(u8, u8)>,
    /// For each length: the code after its last one, aligned to 16 bits, and its first symbol less its first code.
    long: [(u32, i32); 17],
    symbols: Vec<u8>,
}

impl Table {
    pub fn read(fields: &mut Fields<'_>) -> Result<Self, Cause> {
        let counts: [u8; 16] = fields.array()?;
        let total: usize = counts.iter().map(|count| usize::from(*count)).sum();
        if total > 256 {
            return Err("one of its tables has too many codes".into());
        }
        let symbols = fields.take(total)?.to_vec();
        let mut short = vec![(0, 0); 1 << AT_ONCE];
        let mut long = [(0, 0); 17];
        let (mut code, mut symbol) = (0_u32, 0_usize);
        for (length, count) in (1_u32..).zip(counts) {
            let first = symbol as i32 - code.cast_signed();
            for value in symbols.iter().skip(symbol).take(usize::from(count)) {
                if code >= 1 << length {
                    return Err("one of its tables has too many codes".into());
                }
                if length <= AT_ONCE {
                    let start = (code << (AT_ONCE - length)) as usize;
                    let slots = short.iter_mut().skip(start).take(1 << (AT_ONCE - length));
                    slots.for_each(|slot| *slot = (*value, length as u8));
                }
                code += 1;
            }
            symbol += usize::from(count);
            if let Some(slot) = long.get_mut(length as usize) {
                *slot = (if count > 0 { code << (16 - length) } else { 0 }, first);
            }
            code <<= 1;
        }
        Ok(Self { short, long, symbols })
    }

    /// The symbol that the next 16 bits begin with, and the bits of its code. A code that is not there is the symbol 0.
    pub fn look_up(&self, bits: u16) -> (u8, u32) {
        if let Some((symbol, length)) = self.short.get(usize::from(bits >> (16 - AT_ONCE)))
            && *length > 0
        {
            return (*symbol, u32::from(*length));
        }
        for length in AT_ONCE + 1..=16 {
            let Some((end, first)) = self.long.get(length as usize) else { break };
            if u32::from(bits) < *end {
                let place = i32::from(bits >> (16 - length)) + first;
                return (usize::try_from(place).ok().and_then(|place| self.symbols.get(place)).copied().unwrap_or(0), length);
            }
        }
        (0, 16)
    }
}
