//! The operators as a recipe has them: parameters, examples, the original's bands.

use serde_json::json;

use super::*;
use crate::testing::check_parameters;
use crate::text::{Scratch, TextView};

fn fingerprint(arguments: Value, text: &str) -> Fingerprint {
    let Operator::Deduplicator(deduplicator) = build(&arguments).unwrap() else { panic!() };
    deduplicator.fingerprint(&RowView::of_text(&TextView::new(text, &mut Scratch::default()))).unwrap()
}

fn bands(arguments: Value, text: &str) -> Vec<u64> {
    match fingerprint(arguments, text) {
        Fingerprint::Bands(bands) => bands,
        other => panic!("{other:?}"),
    }
}

#[test]
fn parameters_are_those_of_the_table() {
    check_parameters::<Parameters>(&ENTRY);
    check_parameters::<Parameters>(&with_uid::ENTRY);
}

#[test]
fn example() {
    let arguments = || json!({"tokenization": "character"});
    let [first, second] = ["The quick brown fox jumps over the lazy dog.", "The quick brown fox jumps over the lazy dog!"]
        .map(|text| bands(arguments(), text));
    assert!(first.iter().zip(&second).any(|(first, second)| first == second));
    // Too short for a shingle: like its equals, and no others.
    assert_eq!(fingerprint(arguments(), "fox"), fingerprint(arguments(), " Fox"));
    let [fox, dog] = ["fox", "dog"].map(|text| bands(arguments(), text));
    assert!(fox.iter().zip(&dog).all(|(fox, dog)| fox != dog));
}

#[test]
fn texts_of_the_original() {
    let asset: Value = serde_json::from_str(include_str!("../../../assets/minhash.json")).unwrap();
    for example in asset["example"].as_array().unwrap() {
        for (shingle, hash) in example["shingle_sha1_32"].as_object().unwrap() {
            assert_eq!(Value::from(hash32(shingle.as_bytes())), *hash, "{shingle}");
        }
        let deduplicator = MinhashDeduplicator::new(&ENTRY, &Value::Null).unwrap();
        let mut scratch = Scratch::default();
        let text = TextView::new(example["text"].as_str().unwrap(), &mut scratch);
        let row = RowView::of_text(&text);
        let hashes = deduplicator.hashes(&row, &Fingerprint::Unique).unwrap();
        let expected: Vec<_> = example["bands_hex"].as_array().unwrap().iter().map(|band| band.as_str().unwrap()).collect();
        assert_eq!(hashes, [("__dj__minhash", expected.join(" "))]);
    }
}

#[test]
fn bands_and_rows_may_be_given() {
    let given = json!({"num_permutations": 20, "num_bands": 3, "num_rows_per_band": 5, "window_size": 1});
    let few = bands(given, "a b c");
    assert_eq!(few.len(), 3);
    assert_eq!(bands(json!({"num_permutations": 15, "num_bands": 3, "num_rows_per_band": 5, "window_size": 1}), "c b b a"), few);
    assert_eq!(bands(json!({"num_permutations": 3000, "num_bands": 750, "num_rows_per_band": 4, "window_size": 1}), "a b").len(), 750);
}

#[test]
fn parameters_that_do_not_fit() {
    for (arguments, parameter) in [
        (json!({"num_bands": 4}), "num_bands"),
        (json!({"num_rows_per_band": 4}), "num_rows_per_band"),
        (json!({"num_bands": 26, "num_rows_per_band": 10}), "num_bands"),
        (json!({"num_bands": 0, "num_rows_per_band": 10}), "num_bands"),
        (json!({"num_bands": u64::MAX, "num_rows_per_band": 2}), "num_bands"),
        (json!({"jaccard_threshold": 1.1}), "jaccard_threshold"),
        (json!({"num_permutations": 0}), "num_permutations"),
        (json!({"num_permutations": 100_000}), "num_permutations"),
        (json!({"window_size": 0}), "window_size"),
        (json!({"tokenization": "sentencepiece"}), "tokenizer_model"),
        (json!({"tokenization": "sentencepiece", "tokenizer_model": "missing.model"}), "tokenizer_model"),
        (json!({"tokenization": "word"}), "tokenization"),
        (json!({"ignore_pattern": "("}), "ignore_pattern"),
    ] {
        assert_eq!(build(&arguments).unwrap_err().path.to_string(), parameter, "{arguments}");
    }
}

#[test]
fn a_long_text_is_hashed_in_batches() {
    let text: String = (0..20_000_u32).map(|number| format!("{} ", number.wrapping_mul(2_654_435_761) % 9000)).collect();
    let deduplicator = MinhashDeduplicator::new(&ENTRY, &json!({"window_size": 1})).unwrap();
    let mut scratch = Scratch::default();
    let view = TextView::new(&text, &mut scratch);
    let minima = deduplicator.signature(&RowView::of_text(&view)).unwrap().unwrap();
    let hashes: Vec<u32> = text.split(' ').filter(|word| !word.is_empty()).map(|word| hash32(word.as_bytes())).collect();
    let expected = deduplicator.permutations.factors().iter().map(|(a, b)| {
        let permuted = hashes.iter().map(|hash| (u64::from(*hash).wrapping_mul(*a).wrapping_add(*b) % ((1 << 61) - 1)) as u32);
        permuted.min().unwrap()
    });
    assert_eq!(minima, expected.collect::<Vec<_>>());
}

#[test]
fn uids_are_whole_numbers() {
    let Operator::Deduplicator(deduplicator) = (with_uid::ENTRY.build)(&Value::Null).unwrap() else { panic!() };
    let rank = |row: Value| deduplicator.rank(&RowView::new(None, row.as_object().unwrap()));
    assert_eq!(rank(json!({"__dj__uid": -3})), Ok(Some(-3)));
    let error = rank(json!({"__dj__uid": "3"})).unwrap_err();
    assert_eq!(error.to_string(), "field `__dj__uid`: expected a whole number, got \"3\"");
    assert!(rank(json!({})).is_err());
}
