//! What holds for any input.

use std::collections::BTreeMap;

use proptest::prelude::*;
use sandbox_data_pool::{
    Combination, Construction, Downsampling, Duplication, Merging, Running, combine, construct, downsample, duplicate, merge,
};
use sandbox_dataset::permutation;

use crate::support::{Folder, paths, rows};

fn row(id: usize, statistic: &Option<i8>) -> String {
    let statistic = statistic.map_or("null".to_owned(), |number| number.to_string());
    format!("{{\"id\": {id}, \"__dj__stats__\": {{\"s\": {statistic}, \"t\": {}}}}}", id % 3)
}

fn sorted(mut rows: Vec<String>) -> Vec<String> {
    rows.sort();
    rows
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_parts_of_a_key_are_a_partition_in_stable_order(
        statistics in prop::collection::vec(prop::option::weighted(0.8, -3_i8..4), 1..30),
        split_num in prop::option::of(1_u64..8),
    ) {
        prop_assume!(statistics.iter().any(Option::is_some));
        let folder = Folder::new();
        let all: Vec<String> = statistics.iter().enumerate().map(|(id, statistic)| row(id, statistic)).collect();
        let input = folder.write("in.jsonl", all.join("\n"));
        let settings = Construction { split_num, ..Construction::new(input, folder.path("out")) };
        let made = construct(&settings, &Running { threads: 2, observer: &() }).unwrap();
        // First by `s`, upwards, null last; then by `t` on top of that.
        let mut order: Vec<usize> = (0..all.len()).collect();
        for (key, rank) in [("s", None), ("t", Some(3))] {
            order.sort_by_key(|id| match rank {
                None => statistics[*id].map_or(i64::MAX, i64::from),
                Some(modulus) => (*id % modulus) as i64,
            });
            let parts: Vec<_> = made.paths.iter().filter(|path| path.parent().unwrap().ends_with(key)).collect();
            let written: Vec<String> = parts.iter().flat_map(rows).collect();
            prop_assert_eq!(written, order.iter().map(|id| all[*id].clone()).collect::<Vec<_>>());
            prop_assert_eq!(parts.len(), split_num.map_or(3, |step| (all.len() as u64).div_ceil(step) as usize));
        }
    }

    #[test]
    fn intersections_are_those_of_brute_force(pools in prop::collection::vec(prop::collection::vec(0_u8..12, 0..10), 1..6)) {
        let folder = Folder::new();
        let text = |row: &u8| format!("{{\"id\": {row}}}\n");
        let named: Vec<String> = pools.iter().enumerate()
            .map(|(rank, rows)| folder.write(&format!("{rank}.jsonl"), rows.iter().map(text).collect::<String>())).collect();
        let made = combine(&Combination::new(paths(&named), folder.path("out")), &Running::default()).unwrap();
        let mut expected = BTreeMap::new();
        for set in 1_u32..1 << pools.len() {
            let ranks: Vec<usize> = (0..pools.len()).filter(|rank| set & (1 << rank) != 0).collect();
            let mut common: Vec<u8> = Vec::new();
            for row in &pools[ranks[0]] {
                if ranks.iter().all(|rank| pools[*rank].contains(row)) && !common.contains(row) {
                    common.push(*row);
                }
            }
            if !common.is_empty() {
                let names: Vec<String> = ranks.iter().map(ToString::to_string).collect();
                let prefix = if pools.len() == 1 { "0" } else { "default_prefix" };
                expected.insert(format!("{prefix}_top_{}_num_{}.jsonl", names.join("_"), common.len()), common.iter().map(text).collect::<String>());
            }
        }
        let written: BTreeMap<String, String> = made.paths.iter()
            .map(|path| (path.file_name().unwrap().to_string_lossy().into_owned(), crate::support::read(path))).collect();
        prop_assert_eq!(written, expected);
    }

    #[test]
    fn shuffles_are_numpy_s(count in 1_usize..40, times in 1_u64..4, seed in 0_u64..1000, target in 1_u64..50) {
        let folder = Folder::new();
        let all: Vec<String> = (0..count).map(|id| format!("{{\"id\": {id}}}")).collect();
        let input = folder.write("in.jsonl", all.join("\n") + "\n");
        let settings = Duplication { shuffle: true, shuffle_seed: seed, ..Duplication::new(input.clone(), folder.path("a"), vec![times]) };
        let made = duplicate(&settings, &Running::default()).unwrap();
        let order = permutation(seed, count * times as usize);
        prop_assert_eq!(rows(&made.paths[0]), order.iter().map(|row| all[row % count].clone()).collect::<Vec<_>>());
        let settings = Downsampling { target_num_samples: Some(target), shuffle_seed: seed, ..Downsampling::new(input, folder.path("b")) };
        let made = downsample(&settings, &Running::default()).unwrap();
        let order = permutation(seed, count);
        prop_assert_eq!(rows(&made.paths[0]), order.iter().take(target as usize).map(|row| all[*row].clone()).collect::<Vec<_>>());
    }

    #[test]
    fn a_merge_has_all_rows_in_order_and_shuffled_the_same_rows(sizes in prop::collection::vec(0_usize..20, 1..4)) {
        let folder = Folder::new();
        let pools: Vec<Vec<String>> = sizes.iter().enumerate().map(|(pool, size)| (0..*size).map(|id| format!("{{\"pool\":{pool},\"id\":{id}}}")).collect()).collect();
        let named: Vec<String> = pools.iter().enumerate().map(|(pool, rows)| folder.write(&format!("p{pool}.jsonl"), rows.join("\n"))).collect();
        let whole = Merging::new(paths(&named), folder.path("out"));
        let merged = rows(&merge(&whole, &Running::default()).unwrap().paths[0]);
        prop_assert_eq!(&merged, &pools.concat());
        let shuffled = rows(&merge(&Merging { shuffle: true, ..whole }, &Running::default()).unwrap().paths[0]);
        let order = permutation(42, merged.len());
        prop_assert_eq!(&shuffled, &order.iter().map(|row| merged[*row].clone()).collect::<Vec<_>>());
        prop_assert_eq!(sorted(shuffled), sorted(merged));
    }
}
