//! Which row an n-gram has: its hash modulo the number of rows, of which a pruned model kept a few.

use std::io::Read;

use crate::source::{Result, Source};

/// The rows of n-grams.
#[derive(Debug)]
pub(crate) struct Buckets {
    count: u32,
    /// 2⁶⁴ divided by the count, for remainders without a division.
    reciprocal: u64,
    kept: Kept,
}

#[derive(Debug)]
enum Kept {
    All,
    /// Open addressing: bucket and row, at most a quarter of the slots taken.
    Some {
        slots: Vec<(u32, u32)>,
        rows: u64,
    },
}

const FREE: u32 = u32::MAX;

impl Buckets {
    /// Reads what a pruned model kept; `pruned` is the number of buckets, or negative when all are there.
    pub fn read(source: &mut Source<impl Read>, pruned: i64, count: u32) -> Result<Self> {
        let kept = if pruned < 0 {
            Kept::All
        } else {
            let number = source.count(pruned, 8)?;
            let mut slots = vec![(FREE, 0); (number * 4).next_power_of_two().max(2)];
            let mut rows = 0;
            for _ in 0..number {
                let (bucket, row) = (source.i32()?, source.i32()?);
                let pair = u32::try_from(bucket).ok().zip(u32::try_from(row).ok());
                let (bucket, row) = pair.ok_or("its pruned n-grams have impossible numbers")?;
                let slot = find(&slots, bucket);
                slots[slot] = (bucket, row);
                rows = rows.max(u64::from(row) + 1);
            }
            Kept::Some { slots, rows }
        };
        let reciprocal = u64::MAX.checked_div(count.into()).map_or(0, |reciprocal| reciprocal.wrapping_add(1));
        Ok(Self { count, reciprocal, kept })
    }

    /// How many buckets there are, or 1.
    pub fn modulus(&self) -> u64 {
        self.count.max(1).into()
    }

    /// How many rows there are at least in a matrix that has all of these.
    pub fn rows(&self) -> u64 {
        match &self.kept {
            Kept::All => self.count.into(),
            Kept::Some { rows, .. } => *rows,
        }
    }

    #[inline]
    pub fn row(&self, hash: u32) -> Option<u32> {
        let fraction = self.reciprocal.wrapping_mul(hash.into());
        let bucket = ((u128::from(fraction) * u128::from(self.count)) >> 64) as u32;
        match &self.kept {
            Kept::All => Some(bucket),
            Kept::Some { slots, .. } => {
                let (found, row) = slots[find(slots, bucket)];
                (found != FREE).then_some(row)
            }
        }
    }
}

/// The slot of a bucket, or the free one where it would be.
#[inline]
fn find(slots: &[(u32, u32)], bucket: u32) -> usize {
    let mask = slots.len() - 1;
    let mut slot = bucket as usize & mask;
    while slots[slot].0 != bucket && slots[slot].0 != FREE {
        slot = (slot + 1) & mask;
    }
    slot
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn remainders_are_exact(hash: u32, count in prop_oneof![1u32..5000, 1u32..=i32::MAX as u32]) {
            let all = Buckets::read(&mut Source::new(&[][..], 0), -1, count).unwrap();
            prop_assert_eq!(all.row(hash), Some(hash % count));
            prop_assert_eq!(all.rows(), u64::from(count));
        }
    }
}
