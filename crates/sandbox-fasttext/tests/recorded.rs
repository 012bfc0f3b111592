//! What the library itself predicted, recorded; see `tests/data/README.md`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test stops at the first result that is not met")]

use std::fs;
use std::path::{Path, PathBuf};

use sandbox_fasttext::{Model, Scratch};
use serde_json::Value;

/// A folder with further models and records of this form.
const FURTHER: &str = "FASTTEXT_RECORDED";

fn folders() -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    std::iter::once(own).chain(std::env::var_os(FURTHER).map(PathBuf::from)).collect()
}

#[test]
fn every_recorded_prediction_is_met_to_the_last_bit() {
    let mut scratch = Scratch::default();
    let mut models = 0;
    for folder in folders() {
        for file in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if file.extension().is_none_or(|extension| extension != "jsonl") {
                continue;
            }
            let model = Model::open(file.with_extension("")).unwrap();
            models += 1;
            for line in fs::read_to_string(&file).unwrap().lines() {
                let record: Value = serde_json::from_str(line).unwrap();
                let found = model.predict(record["text"].as_str().unwrap(), record["k"].as_u64().unwrap() as usize, &mut scratch).unwrap();
                let found: Vec<_> = found.iter().map(|found| (found.label.to_owned(), f64::from(found.probability))).collect();
                let expected: Vec<(String, f64)> = serde_json::from_value(record["best"].clone()).unwrap();
                assert_eq!(found, expected, "{}: {line}", file.display());
            }
        }
    }
    println!("{models} models");
    assert!(models >= 5);
}
