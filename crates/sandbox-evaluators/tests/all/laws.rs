//! What holds for all data.

use proptest::prelude::*;
use sandbox_evaluators::accuracy::accuracy;
use sandbox_evaluators::mse::mse;
use sandbox_evaluators::pairs::Pairs;

use crate::support::{folder, path};

/// A row, or one that cannot be used.
fn line(value: Option<i32>) -> String {
    value.map_or("{\"v\": ".to_owned(), |value| format!("{{\"v\": {value}}}"))
}

fn file(values: &[Option<i32>]) -> String {
    values.iter().map(|value| line(*value) + "\n").collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn bad_rows_take_their_pair_and_nothing_else(
        predicted in proptest::collection::vec(proptest::option::weighted(0.8, 0..4), 1..60),
        truth in proptest::collection::vec(proptest::option::weighted(0.8, 0..4), 1..60),
    ) {
        let pairs: Vec<(i32, i32)> = predicted.iter().zip(&truth).filter_map(|(p, t)| Some(((*p)?, (*t)?))).collect();
        let folder = folder([("p.jsonl", file(&predicted).as_str()), ("t.jsonl", file(&truth).as_str())]);
        let settings = Pairs { truth: vec![path(&folder, "t.jsonl")], ..Pairs::within([path(&folder, "p.jsonl")], "v", "v") };
        prop_assume!(!pairs.is_empty());
        let scored = accuracy(&settings, &()).unwrap();
        let equal = pairs.iter().filter(|(p, t)| p == t).count();
        prop_assert_eq!(scored.max_accuracy, equal as f64 / pairs.len() as f64);
        prop_assert_eq!(scored.compared[0].rows, [predicted.len() as u64, truth.len() as u64]);
        let bad = predicted.iter().chain(&truth).filter(|value| value.is_none()).count();
        prop_assert_eq!(scored.compared[0].rejected, bad as u64);
        let squares: f64 = pairs.iter().map(|(p, t)| f64::from((p - t).pow(2))).sum();
        prop_assert_eq!(mse(&settings, &()).unwrap().min_mse, squares / pairs.len() as f64);
    }

    #[test]
    fn one_file_or_two_is_the_same(values in proptest::collection::vec((0..4, 0..4), 1..60)) {
        let rows: String = values.iter().map(|(p, t)| format!("{{\"p\": {p}, \"t\": {t}}}\n")).collect();
        let folder = folder([("a.jsonl", rows.as_str()), ("b.jsonl", rows.as_str())]);
        let within = Pairs::within([path(&folder, "a.jsonl")], "p", "t");
        let beside = Pairs { truth: vec![path(&folder, "b.jsonl")], ..within.clone() };
        prop_assert_eq!(mse(&within, &()).unwrap().min_mse, mse(&beside, &()).unwrap().min_mse);
    }
}
