//! Why rows were dropped, in words.

use sandbox_recipe::RunSettings;
use serde_json::{Value, json};

use crate::support::Folder;

const LONG: &str = "the quick brown fox jumps over the lazy dog while seven wizards make toxic brew for the evil queen and jack";

fn reasons(texts: &[String], step: Value) -> Vec<(String, u64)> {
    let rows: Vec<_> = texts.iter().map(|text| json!({"text": text})).collect();
    Folder::with(&rows).process(json!([{"text_length_filter": {"min_len": 2}}, step])).operators[1].reasons.clone()
}

#[test]
fn rows_that_are_like_others_name_them() {
    let texts = ["x".to_owned(), LONG.to_owned(), "something else".to_owned(), format!("{LONG} ")];
    let minhash = || json!({"document_minhash_deduplicator": {"tokenization": "space", "lowercase": true}});
    let said = |words: &str, rows| vec![(words.to_owned(), rows)];
    assert_eq!(reasons(&texts, minhash()), said("near duplicate of line 2", 1));
    let more = [&texts[..], &[LONG.to_owned()]].concat();
    assert_eq!(reasons(&more, json!({"document_simhash_deduplicator": {}})), said("near duplicates, the first line 4 of line 2", 2));
    assert_eq!(reasons(&more, json!({"document_deduplicator": {}})), said("seen before", 2));
}

#[test]
fn with_several_files_a_row_is_named_with_its_own() {
    let folder = Folder::with(&[json!({"text": LONG})]);
    folder.write("more.jsonl", &format!("{}\n", json!({"text": LONG})));
    let (first, more) = (folder.text_path("rows.jsonl"), folder.text_path("more.jsonl"));
    let report = folder
        .process_with(
            json!([{"document_minhash_deduplicator": {}}]),
            json!({"dataset_path": [first, more], "open_tracer": true}),
            RunSettings::default(),
        )
        .unwrap();
    assert_eq!(report.operators[0].reasons, [(format!("near duplicate of `{first}:1`"), 1)]);
    assert_eq!(report.traces.len(), 1);
}
