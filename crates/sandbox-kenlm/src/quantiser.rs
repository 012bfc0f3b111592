//! Quantised tries: probabilities and backoffs as numbers of bins, which stand in tables by order.

use crate::bits::{array, f32_at};

#[derive(Debug, Clone, Copy)]
pub(crate) struct Quantiser {
    pub probability_bits: u32,
    pub backoff_bits: u32,
    /// Where the tables begin.
    tables: usize,
    pub end: usize,
}

const VERSION: u8 = 2;
const HEAD: usize = 8;

impl Quantiser {
    pub fn read(bytes: &[u8], start: usize, order: usize) -> Result<Self, String> {
        let [version, probability_bits, backoff_bits] = array(bytes, start).ok_or("it ends too early")?;
        if version != VERSION {
            return Err(format!("expected quantisation of version {VERSION}, got {version}"));
        }
        if !(1..=25).contains(&probability_bits) || !(1..=25).contains(&backoff_bits) {
            return Err(format!("expected bins of 1 to 25 bits, got {probability_bits} and {backoff_bits}"));
        }
        let tables = start + HEAD;
        let floats = (order - 2) * ((1 << probability_bits) + (1 << backoff_bits)) + (1 << probability_bits);
        Ok(Self { probability_bits: probability_bits.into(), backoff_bits: backoff_bits.into(), tables, end: tables + 4 * floats })
    }

    /// The table of an order's probabilities (counted from 2), and of its backoffs.
    fn table(&self, order: usize) -> (usize, usize) {
        let probabilities = 4 << self.probability_bits;
        let start = self.tables + order * (probabilities + (4 << self.backoff_bits));
        (start, start + probabilities)
    }

    pub fn probability(&self, bytes: &[u8], order: usize, bin: u64) -> Option<f32> {
        f32_at(bytes, self.table(order).0 + 4 * bin as usize)
    }

    pub fn backoff(&self, bytes: &[u8], order: usize, bin: u64) -> Option<f32> {
        f32_at(bytes, self.table(order).1 + 4 * bin as usize)
    }
}
