//! The sets of pools that have rows in common, found without trying all of them.

/// Some pools, as bits, and how many rows they have in common.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Subset {
    pub(super) pools: u64,
    pub(super) rows: u64,
}

/// Every set of at most `levels` pools with rows in common, in the order in which they are written: by size, and within a
/// size by the largest rank, then the next. `None` when there are more than `most`.
///
/// `masks` are the sets of pools in which rows stand. A set is extended only by pools that have rows in common with it, so
/// the work grows with the number of results and never with 2 to the number of pools.
pub(super) fn not_empty(masks: &[(u64, u64)], levels: u32, most: usize) -> Option<Vec<Subset>> {
    let mut found = Vec::new();
    if !extend(0, masks, levels, most, &mut found) {
        return None;
    }
    // Of two sets of one size, the one with the larger bits is the one with the larger ranks.
    found.sort_by_key(|subset| (subset.pools.count_ones(), subset.pools));
    Some(found)
}

/// Adds what extends `pools`; `masks` are those that contain all of them.
fn extend(pools: u64, masks: &[(u64, u64)], levels: u32, most: usize, found: &mut Vec<Subset>) -> bool {
    if pools.count_ones() >= levels {
        return true;
    }
    let above = if pools == 0 { u64::MAX } else { (u64::MAX << pools.ilog2()) & !(1 << pools.ilog2()) };
    let common = masks.iter().fold(0, |union, (mask, _)| union | mask) & above;
    ranks(common).all(|rank| {
        let with = pools | 1 << rank;
        let inner: Vec<(u64, u64)> = masks.iter().copied().filter(|(mask, _)| mask & with == with).collect();
        found.push(Subset { pools: with, rows: inner.iter().map(|(_, rows)| rows).sum() });
        found.len() <= most && extend(with, &inner, levels, most, found)
    })
}

/// The ranks of some pools, the smallest first.
pub(super) fn ranks(pools: u64) -> impl Iterator<Item = usize> {
    (0..64).filter(move |rank| pools & (1 << rank) != 0)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_order_is_by_size_and_then_by_the_largest_rank() {
        let found = not_empty(&[(0b1111, 2)], u32::MAX, 100).unwrap();
        let names: Vec<String> =
            found.iter().map(|subset| ranks(subset.pools).map(|rank| rank.to_string()).collect::<Vec<_>>().join("_")).collect();
        let expected = ["0", "1", "2", "3", "0_1", "0_2", "1_2", "0_3", "1_3", "2_3", "0_1_2", "0_1_3", "0_2_3", "1_2_3", "0_1_2_3"];
        assert_eq!(names, expected);
    }

    #[test]
    fn sixty_four_pools_without_rows_in_common_are_little_work() {
        let masks: Vec<(u64, u64)> = (0..64).map(|rank| (1 << rank, 1)).collect();
        assert_eq!(not_empty(&masks, u32::MAX, 1000).unwrap().len(), 64);
        assert_eq!(not_empty(&[(u64::MAX, 1)], u32::MAX, 1000), None);
        assert_eq!(not_empty(&[(u64::MAX, 1)], 2, 10_000).unwrap().len(), 64 + 64 * 63 / 2);
    }

    proptest! {
        #[test]
        fn counts_are_those_of_brute_force(masks in prop::collection::vec((1_u64..64, 1_u64..5), 0..12), levels in 1_u32..7) {
            let expected: Vec<Subset> = (1..64_u64)
                .filter(|pools| pools.count_ones() <= levels)
                .map(|pools| Subset { pools, rows: masks.iter().filter(|(mask, _)| mask & pools == pools).map(|(_, rows)| rows).sum() })
                .filter(|subset| subset.rows > 0)
                .collect();
            let mut found = not_empty(&masks, levels, 100).unwrap();
            prop_assert!(found.is_sorted_by_key(|subset| subset.pools.count_ones()));
            found.sort_by_key(|subset| subset.pools);
            prop_assert_eq!(found, expected);
        }
    }
}
