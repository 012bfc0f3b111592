//! The cosine transform of type II in two dimensions, not normalised: SciPy's, whose sums are those of a real Fourier
//! transform of radix 2 and 4 (Hartley and Swarztrauber's FFTPACK, as pocketfft has it).
//!
//! Bits depend on comparisons with zero in even pictures, so the additions have to be the same ones.

use std::f64::consts::{PI, SQRT_2};

/// Rows and columns of the picture, and the only length that is transformed here.
pub(super) const SIZE: usize = 32;
const FACTORS: [usize; 3] = [2, 4, 4];

/// The coefficients, row by row.
pub(super) fn transform(rows: &[[u8; SIZE]]) -> Vec<[f64; SIZE]> {
    let plan = Plan::new();
    let mut values: Vec<[f64; SIZE]> = rows.iter().map(|row| row.map(f64::from)).collect();
    for column in 0..SIZE {
        let line = std::array::from_fn(|row| values.get(row).map_or(0.0, |row| row[column]));
        for (row, value) in values.iter_mut().zip(plan.cosine(line)) {
            row[column] = value;
        }
    }
    values.into_iter().map(|row| plan.cosine(row)).collect()
}

struct Plan {
    /// Cosines of quarter turns, for what comes after the Fourier transform.
    quarter: [f64; SIZE],
    /// For each factor: for each of its outputs but the first, cosine and sine in turn.
    turns: [Vec<f64>; 3],
}

impl Plan {
    fn new() -> Self {
        let quarter = std::array::from_fn(|index| (PI * (index + 1) as f64 / (2 * SIZE) as f64).cos());
        let mut before = 1;
        let turns = FACTORS.map(|factor| {
            let inner = SIZE / (before * factor);
            let mut turns = vec![0.0; (factor - 1) * inner.saturating_sub(1)];
            for output in 1..factor {
                for pair in 1..=(inner.saturating_sub(1)) / 2 {
                    let angle = 2.0 * PI * (output * before * pair) as f64 / SIZE as f64;
                    let at = (output - 1) * (inner - 1) + 2 * pair - 2;
                    (turns[at], turns[at + 1]) = (angle.cos(), angle.sin());
                }
            }
            before *= factor;
            turns
        });
        Self { quarter, turns }
    }

    fn cosine(&self, mut c: [f64; SIZE]) -> [f64; SIZE] {
        c[0] *= 2.0;
        c[SIZE - 1] *= 2.0;
        for k in (1..SIZE - 1).step_by(2) {
            (c[k + 1], c[k]) = (c[k + 1] - c[k], c[k] + c[k + 1]);
        }
        let mut c = self.fourier(c);
        for k in 1..SIZE / 2 {
            let other = SIZE - k;
            let first = self.quarter[k - 1] * c[other] + self.quarter[other - 1] * c[k];
            let second = self.quarter[k - 1] * c[k] - self.quarter[other - 1] * c[other];
            c[k] = 0.5 * (first + second);
            c[other] = 0.5 * (first - second);
        }
        c[SIZE / 2] *= self.quarter[SIZE / 2 - 1];
        c
    }

    /// From half-complex to real.
    fn fourier(&self, mut from: [f64; SIZE]) -> [f64; SIZE] {
        let mut to = [0.0; SIZE];
        let mut before = 1;
        for (factor, turns) in FACTORS.into_iter().zip(&self.turns) {
            let inner = SIZE / (before * factor);
            let pass = Pass { inner, before, turns };
            if factor == 4 {
                pass.radix_4(&from, &mut to);
            } else {
                pass.radix_2(&from, &mut to);
            }
            (from, to) = (to, from);
            before *= factor;
        }
        from
    }
}

struct Pass<'p> {
    inner: usize,
    before: usize,
    turns: &'p [f64],
}

impl Pass<'_> {
    fn to(&self, a: usize, b: usize, c: usize) -> usize {
        a + self.inner * (b + self.before * c)
    }

    /// Writes a value turned by the angle of an output.
    fn turned(&self, to: &mut [f64; SIZE], output: usize, i: usize, k: usize, (real, imaginary): (f64, f64)) {
        let at = (output - 1) * (self.inner - 1) + i - 2;
        let (cosine, sine) = (self.turns[at], self.turns[at + 1]);
        to[self.to(i, k, output)] = cosine * imaginary + sine * real;
        to[self.to(i - 1, k, output)] = cosine * real - sine * imaginary;
    }

    fn radix_2(&self, from: &[f64; SIZE], to: &mut [f64; SIZE]) {
        let ido = self.inner;
        let at = |a: usize, b: usize, c: usize| from[a + ido * (b + 2 * c)];
        for k in 0..self.before {
            to[self.to(0, k, 0)] = at(0, 0, k) + at(ido - 1, 1, k);
            to[self.to(0, k, 1)] = at(0, 0, k) - at(ido - 1, 1, k);
            if ido.is_multiple_of(2) {
                to[self.to(ido - 1, k, 0)] = 2.0 * at(ido - 1, 0, k);
                to[self.to(ido - 1, k, 1)] = -2.0 * at(0, 1, k);
            }
            for i in (2..ido).step_by(2) {
                let other = ido - i;
                to[self.to(i - 1, k, 0)] = at(i - 1, 0, k) + at(other - 1, 1, k);
                let real = at(i - 1, 0, k) - at(other - 1, 1, k);
                let imaginary = at(i, 0, k) + at(other, 1, k);
                to[self.to(i, k, 0)] = at(i, 0, k) - at(other, 1, k);
                self.turned(to, 1, i, k, (real, imaginary));
            }
        }
    }

    fn radix_4(&self, from: &[f64; SIZE], to: &mut [f64; SIZE]) {
        let ido = self.inner;
        let at = |a: usize, b: usize, c: usize| from[a + ido * (b + 4 * c)];
        for k in 0..self.before {
            let (tr2, tr1) = (at(0, 0, k) + at(ido - 1, 3, k), at(0, 0, k) - at(ido - 1, 3, k));
            let (tr3, tr4) = (2.0 * at(ido - 1, 1, k), 2.0 * at(0, 2, k));
            to[self.to(0, k, 0)] = tr2 + tr3;
            to[self.to(0, k, 2)] = tr2 - tr3;
            to[self.to(0, k, 3)] = tr1 + tr4;
            to[self.to(0, k, 1)] = tr1 - tr4;
            if ido.is_multiple_of(2) {
                let (ti1, ti2) = (at(0, 3, k) + at(0, 1, k), at(0, 3, k) - at(0, 1, k));
                let (tr2, tr1) = (at(ido - 1, 0, k) + at(ido - 1, 2, k), at(ido - 1, 0, k) - at(ido - 1, 2, k));
                to[self.to(ido - 1, k, 0)] = tr2 + tr2;
                to[self.to(ido - 1, k, 1)] = SQRT_2 * (tr1 - ti1);
                to[self.to(ido - 1, k, 2)] = ti2 + ti2;
                to[self.to(ido - 1, k, 3)] = -SQRT_2 * (tr1 + ti1);
            }
            for i in (2..ido).step_by(2) {
                let other = ido - i;
                let (tr2, tr1) = (at(i - 1, 0, k) + at(other - 1, 3, k), at(i - 1, 0, k) - at(other - 1, 3, k));
                let (ti1, ti2) = (at(i, 0, k) + at(other, 3, k), at(i, 0, k) - at(other, 3, k));
                let (tr4, ti3) = (at(i, 2, k) + at(other, 1, k), at(i, 2, k) - at(other, 1, k));
                let (tr3, ti4) = (at(i - 1, 2, k) + at(other - 1, 1, k), at(i - 1, 2, k) - at(other - 1, 1, k));
                to[self.to(i - 1, k, 0)] = tr2 + tr3;
                to[self.to(i, k, 0)] = ti2 + ti3;
                self.turned(to, 1, i, k, (tr1 - tr4, ti1 + ti4));
                self.turned(to, 2, i, k, (tr2 - tr3, ti2 - ti3));
                self.turned(to, 3, i, k, (tr1 + tr4, ti1 - ti4));
            }
        }
    }
}
