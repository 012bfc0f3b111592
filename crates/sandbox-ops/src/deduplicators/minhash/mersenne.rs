//! Numbers of NumPy's `RandomState(seed).randint` for 64-bit ranges: MT19937 (Matsumoto and Nishimura 1998).

const LENGTH: usize = 624;
const MIDDLE: usize = 397;

/// The generator behind NumPy's `RandomState`.
pub(super) struct Mersenne {
    state: [u32; LENGTH],
    next: usize,
}

impl Mersenne {
    /// The generator of a seed.
    pub fn new(seed: u32) -> Self {
        let mut state = [seed; LENGTH];
        let mut before = seed;
        for (number, word) in (0_u32..).zip(&mut state).skip(1) {
            before = (before ^ (before >> 30)).wrapping_mul(1_812_433_253).wrapping_add(number);
            *word = before;
        }
        Self { state, next: LENGTH }
    }

    /// A number from `low` to `high`, both included: draws cut to as many bits as the range has, until one is in it.
    pub fn between(&mut self, low: u64, high: u64) -> u64 {
        let range = high.saturating_sub(low);
        let mask = u64::MAX.checked_shr(range.leading_zeros()).unwrap_or(0);
        loop {
            let draw = self.next_u64() & mask;
            if draw <= range {
                return low + draw;
            }
        }
    }

    fn next_u64(&mut self) -> u64 {
        let high = u64::from(self.next_u32());
        high << 32 | u64::from(self.next_u32())
    }

    fn next_u32(&mut self) -> u32 {
        if self.next >= LENGTH {
            self.renew();
        }
        let mut word = self.state[self.next];
        self.next += 1;
        word ^= word >> 11;
        word ^= (word << 7) & 0x9d2c_5680;
        word ^= (word << 15) & 0xefc6_0000;
        word ^ (word >> 18)
    }

    fn renew(&mut self) {
        for index in 0..LENGTH {
            let word = (self.state[index] & 0x8000_0000) | (self.state[(index + 1) % LENGTH] & 0x7fff_ffff);
            let twist = if word & 1 == 1 { 0x9908_b0df } else { 0 };
            self.state[index] = self.state[(index + MIDDLE) % LENGTH] ^ (word >> 1) ^ twist;
        }
        self.next = 0;
    }
}
