//! What KenLM itself scored, recorded; see `tests/data/README.md`.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test stops at the first result that is not met")]

use std::fs;
use std::path::{Path, PathBuf};

use sandbox_kenlm::Model;
use serde_json::Value;

/// A folder with further models and records of this form.
const FURTHER: &str = "KENLM_RECORDED";

fn folders() -> Vec<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    std::iter::once(own).chain(std::env::var_os(FURTHER).map(PathBuf::from)).collect()
}

#[test]
fn every_recorded_score_is_met_to_the_last_bit() {
    let (mut models, mut scores) = (0, 0);
    for folder in folders() {
        for file in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if file.extension().is_none_or(|extension| extension != "jsonl") {
                continue;
            }
            let model = Model::open(file.with_extension("")).unwrap();
            models += 1;
            for line in fs::read_to_string(&file).unwrap().lines() {
                let record: Value = serde_json::from_str(line).unwrap();
                let score = f64::from(model.score(record["text"].as_str().unwrap()));
                assert_eq!(score, record["score"].as_f64().unwrap(), "{}: {line}", file.display());
                scores += 1;
            }
        }
    }
    println!("{models} models, {scores} scores");
    assert!(models >= 6 && scores >= 60);
}
