//! Seeded permutations, number for number those of NumPy's `default_rng(seed).permutation(n)`.
//!
//! The seed is spread by NumPy's `SeedSequence` (after O'Neill's `seed_seq_fe`), the numbers come from PCG64 (XSL-RR
//! 128/64; O'Neill 2014), a range is met by masking and drawing again, and the order is Fisher and Yates's, from the end.

/// The order of `n` things under a seed: row `k` of the result is row `permutation[k]` of the input.
///
/// ```
/// assert_eq!(sandbox_dataset::permutation(0, 10), [4, 6, 2, 7, 3, 5, 9, 0, 8, 1]);
/// ```
pub fn permutation(seed: u64, n: usize) -> Vec<usize> {
    Generator::new(seed.into()).permutation(n)
}

/// NumPy's `default_rng(seed)`, as far as permutations need it.
#[derive(Debug, Clone)]
pub struct Generator {
    state: u128,
    increment: u128,
    /// The upper half of the last draw, which the next 32-bit draw uses up.
    half: Option<u32>,
}

impl Generator {
    /// The generator of a seed.
    pub fn new(seed: u128) -> Self {
        let words = spread(seed);
        let increment = (words[1] << 1) | 1;
        let mut generator = Self { state: 0, increment, half: None };
        generator.step();
        generator.state = generator.state.wrapping_add(words[0]);
        generator.step();
        generator
    }

    /// `0..n` in random order.
    pub fn permutation(&mut self, n: usize) -> Vec<usize> {
        let mut order: Vec<usize> = (0..n).collect();
        self.shuffle(&mut order);
        order
    }

    /// Brings `items` into random order, as `Generator.shuffle` does with a one-dimensional array.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            let j = self.up_to(i as u64);
            items.swap(i, j as usize);
        }
    }

    /// A number from `0` to `last`, both included: draws cut to as many bits as `last` has, until one is not too large.
    fn up_to(&mut self, last: u64) -> u64 {
        let mask = u64::MAX >> last.leading_zeros();
        loop {
            let draw = if last <= u64::from(u32::MAX) { u64::from(self.next_u32()) } else { self.next_u64() };
            if draw & mask <= last {
                return draw & mask;
            }
        }
    }

    fn next_u32(&mut self) -> u32 {
        if let Some(half) = self.half.take() {
            return half;
        }
        let draw = self.next_u64();
        self.half = Some((draw >> 32) as u32);
        draw as u32
    }

    fn next_u64(&mut self) -> u64 {
        self.step();
        let folded = (self.state >> 64) as u64 ^ self.state as u64;
        folded.rotate_right((self.state >> 122) as u32)
    }

    fn step(&mut self) {
        const MULTIPLIER: u128 = (2_549_297_995_355_413_924 << 64) | 4_865_540_595_714_422_341;
        self.state = self.state.wrapping_mul(MULTIPLIER).wrapping_add(self.increment);
    }
}

/// `SeedSequence(seed).generate_state(4, uint64)` as two 128-bit numbers: PCG64's state and stream.
fn spread(seed: u128) -> [u128; 2] {
    let mut constant = 0x43b0_d7e5_u32;
    let mut hash = |value: u32| {
        let value = value ^ constant;
        constant = constant.wrapping_mul(0x931e_8875);
        let value = value.wrapping_mul(constant);
        value ^ (value >> 16)
    };
    let mix = |x: u32, y: u32| {
        let mixed = x.wrapping_mul(0xca01_f9dd).wrapping_sub(y.wrapping_mul(0x4973_f715));
        mixed ^ (mixed >> 16)
    };
    let mut pool = [0_u32; 4];
    for (index, word) in pool.iter_mut().enumerate() {
        *word = hash((seed >> (32 * index)) as u32);
    }
    for from in 0..4 {
        for to in 0..4 {
            if from != to {
                pool[to] = mix(pool[to], hash(pool[from]));
            }
        }
    }
    let mut constant = 0x8b51_f9dd_u32;
    let mut words = [0_u64; 4];
    for index in 0..8 {
        let value = pool[index % 4] ^ constant;
        constant = constant.wrapping_mul(0x58f3_8ded);
        let value = value.wrapping_mul(constant);
        words[index / 2] |= u64::from(value ^ (value >> 16)) << (32 * (index % 2));
    }
    [u128::from(words[0]) << 64 | u128::from(words[1]), u128::from(words[2]) << 64 | u128::from(words[3])]
}
