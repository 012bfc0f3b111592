//! The permutations are NumPy's.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use sandbox_dataset::{Generator, permutation};
use serde_json::Value;

#[test]
fn permutations_are_those_of_numpy() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("data/numpy_permutations.json")).unwrap();
    assert!(cases.len() > 60);
    for case in &cases {
        let seed: u128 = case["seed"].as_str().unwrap().parse().unwrap();
        let n = case["n"].as_u64().unwrap() as usize;
        let order = Generator::new(seed).permutation(n);
        let expected = case.get("permutation").or(case.get("first")).unwrap().as_array().unwrap();
        assert!(expected.iter().zip(&order).all(|(expected, got)| expected.as_u64() == Some(*got as u64)), "seed {seed}, {n} things");
        if case.get("permutation").is_some() {
            assert_eq!(expected.len(), order.len());
        }
        if let Ok(seed) = u64::try_from(seed) {
            assert_eq!(permutation(seed, n), order);
        }
    }
}

#[test]
fn a_permutation_has_every_number_once() {
    let mut order = permutation(u64::MAX, 10_000);
    order.sort_unstable();
    assert!(order.into_iter().eq(0..10_000));
}
