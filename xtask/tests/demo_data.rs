//! The shipped demo data is what the code makes, and keeps its promises.
#![allow(clippy::unwrap_used)] // a test may panic

use std::collections::BTreeSet;

use xtask::{demo_data, workspace};

fn rows(bytes: &[u8]) -> Vec<serde_json::Value> {
    bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(|line| serde_json::from_slice(line).unwrap()).collect()
}

#[test]
fn the_shipped_files_are_what_the_code_makes() {
    let root = workspace::root().unwrap();
    for (path, bytes) in demo_data::make(&root).unwrap() {
        let shipped = std::fs::read(root.join(&path)).unwrap();
        assert!(shipped == bytes, "`{}` is not what the code makes; run `cargo xtask demo-data`", path.display());
    }
}

#[test]
fn no_document_is_in_both_files_and_the_shares_are_as_documented() {
    let made = demo_data::make(&workspace::root().unwrap()).unwrap();
    let (train, held_out) = (rows(&made[0].1), rows(&made[1].1));
    let text = |row: &serde_json::Value, key: &str| row[key].as_str().unwrap().to_owned();
    let documents = |rows: &[serde_json::Value]| -> BTreeSet<String> {
        rows.iter().map(|row| text(row, "id").rsplit_once('/').unwrap().0.to_owned()).collect()
    };
    assert!(documents(&train).is_disjoint(&documents(&held_out)));
    let ids: BTreeSet<String> = train.iter().chain(&held_out).map(|row| text(row, "id")).collect();
    assert_eq!(ids.len(), train.len() + held_out.len());

    let spoiled = train.iter().filter(|row| !row["meta"]["spoiled"].is_null()).count();
    assert_eq!(train.len() - spoiled, 2400);
    assert!((25..=30).contains(&(spoiled * 100 / train.len())), "{spoiled} of {}", train.len());
    assert!(held_out.iter().all(|row| row["meta"]["spoiled"].is_null()));
    let domains: BTreeSet<&str> = held_out.iter().filter_map(|row| row["meta"]["domain"].as_str()).collect();
    assert_eq!(domains, BTreeSet::from(["inaugural", "state_union"]));
}
