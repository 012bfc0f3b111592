//! The search for near hashes of which there are too many for the memory: as in memory, by blocks of bits, but what has the bits
//! of a choice of blocks in common is brought together by sorting on disk.
//!
//! Bits change places so that those of the chosen blocks come first: sorted hashes then stand in groups, and how many bits differ is
//! still the same. A group that fits the memory is looked at there; one that does not is searched in the same way, by the bits
//! in which it differs.

use std::io;

use super::super::sorter::{Sorter, Spill};
use super::super::union::Union;
use super::blocks::Blocks;
use super::connect::connect;
use super::pile::{self, Pile, Piled, Stored};
use super::scan;

/// As [`connect`].
///
/// # Errors
/// When a file cannot be written or read.
pub(super) fn connect_stored(mut items: Stored, distance: u32, union: &mut Union, spill: &Spill) -> io::Result<f64> {
    let size = items.count as f64;
    if items.varying.count_ones() <= distance {
        return all_near(&mut items, union).map(|()| size);
    }
    let all_pairs = size * size / 2.0;
    let blocks = Blocks::cheapest(items.varying, distance, size);
    let mut work = size;
    for mask in blocks.iter().flat_map(Blocks::masks) {
        work += Blocks::sorting(size);
        work += by_mask(&mut items, mask, distance, union, spill)?;
        if work > all_pairs {
            break;
        }
    }
    if blocks.is_none() || work > all_pairs {
        compare_all(&mut items, distance, union, spill)?;
        work += all_pairs;
    }
    Ok(work)
}

/// Looks at each group of hashes that have the bits of `mask` in common.
fn by_mask(items: &mut Stored, mask: u64, distance: u32, union: &mut Union, spill: &Spill) -> io::Result<f64> {
    let places = Places::first(mask);
    let mut sorter = Sorter::new(Spill { limit: spill.limit / 3, folder: spill.folder.clone() });
    items.rewind()?;
    while let Some((hash, number)) = items.next()? {
        sorter.push(pile::record((places.of(hash), number)))?;
    }
    let mut sorted = sorter.sorted()?;
    let rest = 64 - mask.count_ones();
    let mut group = Pile::new(spill);
    let (mut before, mut work) = (None, 0.0);
    while let Some(record) = sorted.next()? {
        let item = pile::item(record);
        let common = item.0.checked_shr(rest).unwrap_or(0);
        if before.is_some_and(|before| before != common) {
            work += look_at(&mut group, distance, union, spill)?;
        }
        before = Some(common);
        group.push(item)?;
    }
    Ok(work + look_at(&mut group, distance, union, spill)?)
}

/// Joins what is near in a group, and empties it.
fn look_at(group: &mut Pile<'_>, distance: u32, union: &mut Union, spill: &Spill) -> io::Result<f64> {
    match group.finish()? {
        Piled::Few(items) => {
            let work = if items.len() > 1 { connect(items, distance, union) } else { 0.0 };
            items.clear();
            Ok(work)
        }
        Piled::Many(stored) => connect_stored(stored, distance, union, spill),
    }
}

fn all_near(items: &mut Stored, union: &mut Union) -> io::Result<()> {
    items.rewind()?;
    let mut first = None;
    while let Some((_, number)) = items.next()? {
        union.join(*first.get_or_insert(number), number);
    }
    Ok(())
}

/// Compares all pairs, with as many hashes at a time as the memory holds.
fn compare_all(items: &mut Stored, distance: u32, union: &mut Union, spill: &Spill) -> io::Result<()> {
    let most = pile::most(spill) as u64;
    let mut done = 0;
    while done < items.count {
        items.rewind()?;
        let (mut hashes, mut numbers) = (Vec::new(), Vec::new());
        let mut at = 0;
        while let Some((hash, number)) = items.next()? {
            if at >= done {
                scan::near(hash, &hashes, distance, |place| {
                    if let Some(other) = numbers.get(place) {
                        union.join(number, *other);
                    }
                });
            }
            if at >= done && at < done + most {
                hashes.push(hash);
                numbers.push(number);
            }
            at += 1;
        }
        done += most;
    }
    Ok(())
}

/// Other places for the 64 bits.
struct Places(Vec<[u64; 256]>);

impl Places {
    /// Those of `mask` come first, in their order; then all others.
    fn first(mask: u64) -> Self {
        let order = |wanted: u64| (0..64_u32).rev().filter(move |bit| mask >> bit & 1 == wanted);
        let mut to = [0_u64; 64];
        for (place, bit) in (0..64_u32).rev().zip(order(1).chain(order(0))) {
            if let Some(to) = to.get_mut(bit as usize) {
                *to = 1 << place;
            }
        }
        let table = |byte: &[u64]| {
            let value = |number: usize| byte.iter().enumerate().filter(|(bit, _)| number >> bit & 1 == 1).map(|(_, to)| to).sum();
            std::array::from_fn(value)
        };
        Self(to.chunks(8).map(table).collect())
    }

    fn of(&self, hash: u64) -> u64 {
        self.0.iter().zip(hash.to_le_bytes()).map(|(table, byte)| table[usize::from(byte)]).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bits_change_places_and_none_is_lost(mask: u64, left: u64, right: u64) {
            let places = Places::first(mask);
            let (x, y) = (places.of(left), places.of(right));
            prop_assert_eq!((x ^ y).count_ones(), (left ^ right).count_ones());
            let rest = 64 - mask.count_ones();
            let common = |hash: u64| hash.checked_shr(rest).unwrap_or(0);
            prop_assert_eq!(common(x) == common(y), left & mask == right & mask);
        }
    }
}
