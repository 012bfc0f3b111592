//! The coded bits, up to the next marker; behind it there are zeros without end.

use super::huffman::Table;

pub(super) struct Bits<'a> {
    data: &'a [u8],
    at: usize,
    /// The next bits, from the highest on; behind them zeros.
    buffer: u64,
    count: u32,
    /// Whether more bits were asked for than there are. What comes then is not worth decoding.
    pub is_starved: bool,
}

impl<'a> Bits<'a> {
    pub fn new(data: &'a [u8]) -> Self {
        Self { data, at: 0, buffer: 0, count: 0, is_starved: false }
    }

    /// The byte of the marker, or the end.
    pub fn position(&self) -> usize {
        self.at
    }

    fn fill(&mut self) {
        while self.count <= 56 {
            let (byte, bytes) = match self.data.get(self.at..) {
                Some([0xff, 0, ..]) => (0xff, 2),
                Some([0xff, ..] | []) | None => return,
                Some([byte, ..]) => (*byte, 1),
            };
            self.at += bytes;
            self.buffer |= u64::from(byte) << (56 - self.count);
            self.count += 8;
        }
    }

    fn consume(&mut self, bits: u32) {
        if bits > self.count {
            self.is_starved = true;
            (self.buffer, self.count) = (0, 0);
        } else {
            self.buffer <<= bits;
            self.count -= bits;
        }
    }

    /// The next bits as a number, at most 16 of them.
    pub fn take(&mut self, bits: u32) -> u32 {
        if bits == 0 {
            return 0;
        }
        if self.count < bits {
            self.fill();
        }
        let value = (self.buffer >> (64 - bits)) as u32;
        self.consume(bits);
        value
    }

    pub fn bit(&mut self) -> bool {
        self.take(1) == 1
    }

    pub fn symbol(&mut self, table: &Table) -> u8 {
        if self.count < 16 {
            self.fill();
        }
        let (symbol, bits) = table.look_up((self.buffer >> 48) as u16);
        self.consume(bits);
        symbol
    }

    /// A number of so many bits, the lower half of which are negative.
    pub fn signed(&mut self, bits: u32) -> i32 {
        if bits == 0 {
            return 0;
        }
        let value = self.take(bits).cast_signed();
        if value < 1 << (bits - 1) { value - (1 << bits) + 1 } else { value }
    }

    /// Goes behind a restart marker; `next` is the number that it should have.
    pub fn restart(&mut self, next: u8) {
        (self.buffer, self.count) = (0, 0);
        loop {
            // Whatever stands before the marker was not used.
            while let Some([first, second, ..]) = self.data.get(self.at..)
                && !(*first == 0xff && *second != 0 && *second != 0xff)
            {
                self.at += 1;
            }
            let Some([_, marker, ..]) = self.data.get(self.at..) else {
                self.at = self.data.len();
                return;
            };
            // As libjpeg finds its way back: a marker a little ahead is waited for, one a little behind is passed over.
            match marker {
                0xd0..=0xd7 => match (marker.wrapping_sub(0xd0).wrapping_sub(next)) & 7 {
                    1 | 2 => return,
                    6 | 7 => self.at += 2,
                    _ => {
                        self.at += 2;
                        self.is_starved = false;
                        return;
                    }
                },
                0x01..=0xbf => self.at += 2,
                _ => return,
            }
        }
    }
}
