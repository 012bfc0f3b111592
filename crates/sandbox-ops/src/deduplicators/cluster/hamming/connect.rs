//! Joins the hashes that are near each other, without comparing all pairs.
//!
//! If at most `k` bits differ, and the bits are cut into `b` blocks, then some `b - k` blocks are equal. So for every choice
//! of `b - k` blocks the hashes are brought together by the bits of these blocks, and what is together is looked at alone,
//! in the same way: by blocks of the bits in which it differs, or pair by pair when there is little of it. What was joined
//! already is not compared again. Should all that take longer than comparing all pairs would, all pairs are compared, so
//! that the work is never much more than that.

use super::super::union::Union;
use super::blocks::Blocks;
use super::scan;

/// From so many hashes on, blocks are tried.
const FEW: usize = 256;
/// So many hashes outside the largest set are compared with all.
const OUTSIDERS: usize = 24;

/// A hash and its number.
pub(super) type Item = (u64, u32);

/// Joins the numbers of all hashes that differ in at most `distance` bits, directly or through others; gives the work in
/// comparisons.
pub(super) fn connect(items: &mut [Item], distance: u32, union: &mut Union) -> f64 {
    let Some((first, number)) = items.first().copied() else { return 0.0 };
    let varying = items.iter().fold(0, |bits, (hash, _)| bits | (hash ^ first));
    let size = items.len() as f64;
    if varying.count_ones() <= distance {
        items.iter().for_each(|(_, other)| union.join(number, *other));
        return size;
    }
    let outsiders = outsiders(items, union);
    if outsiders.len() <= OUTSIDERS {
        if outsiders.is_empty() {
            return size;
        }
        let hashes: Vec<u64> = items.iter().map(|(hash, _)| *hash).collect();
        for (hash, number) in &outsiders {
            scan::near(*hash, &hashes, distance, |place| union.join(*number, items[place].1));
        }
        return size * outsiders.len() as f64;
    }
    let all_pairs = size * size / 2.0;
    let blocks = if items.len() < FEW { None } else { Blocks::cheapest(varying, distance, size) };
    let mut work = size;
    for mask in blocks.iter().flat_map(Blocks::masks) {
        items.sort_unstable_by_key(|(hash, _)| hash & mask);
        work += Blocks::sorting(size);
        for group in items.chunk_by_mut(|(left, _), (right, _)| left & mask == right & mask).filter(|group| group.len() > 1) {
            work += connect(group, distance, union);
        }
        if work > all_pairs {
            break;
        }
    }
    if blocks.is_none() || work > all_pairs {
        spread(items, distance, union);
        work += all_pairs;
    }
    work
}

/// What is not in the set that most are in, as far as there is one with more than half.
fn outsiders(items: &[Item], union: &mut Union) -> Vec<Item> {
    let (mut most, mut lead) = (0, 0_usize);
    for (_, number) in items {
        let root = union.root(*number);
        if lead == 0 {
            most = root;
        }
        lead = if most == root { lead + 1 } else { lead - 1 };
    }
    items.iter().filter(|(_, number)| union.root(*number) != most).copied().collect()
}

/// Joins by comparing: what is near a hash leaves the list, and is then asked what is near it.
fn spread(items: &[Item], distance: u32, union: &mut Union) {
    let (mut hashes, mut numbers): (Vec<u64>, Vec<u32>) = items.iter().copied().unzip();
    let mut reached: Vec<Item> = Vec::new();
    let mut places = Vec::new();
    while let Some((hash, number)) = reached.pop().or_else(|| hashes.pop().zip(numbers.pop())) {
        scan::near(hash, &hashes, distance, |place| places.push(place));
        for place in places.drain(..).rev() {
            let other = numbers.swap_remove(place);
            reached.push((hashes.swap_remove(place), other));
            union.join(number, other);
        }
    }
}
