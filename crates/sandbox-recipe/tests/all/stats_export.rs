//! `stats_export_path`: all rows that reach a filter, with the statistics so far.

use sandbox_recipe::{Recipe, RunSettings};
use serde_json::json;

use crate::support::Folder;

fn folder() -> Folder {
    let rows: Vec<_> =
        ["aa bb", "a", "cccc dd", "aa bb", "e  f"].iter().enumerate().map(|(n, text)| json!({"text": text, "n": n})).collect();
    Folder::with(&rows)
}

#[test]
fn rows_that_the_filter_drops_are_there_and_those_dropped_before_are_not() {
    let folder = folder();
    let report = folder.process(json!([
        {"text_length_filter": {"min_len": 4, "stats_export_path": folder.text_path("side/one.jsonl")}},
        {"document_deduplicator": {}},
        {"whitespace_normalization_mapper": {}},
        {"words_num_filter": {"min_num": 9, "stats_export_path": folder.text_path("two.jsonl")}},
    ]));
    assert_eq!(report.rows_out, 0);
    let one = folder.rows("side/one.jsonl");
    assert_eq!(one.len(), 5);
    assert_eq!(one[1], json!({"text": "a", "n": 1, "__dj__stats__": {"text_len": 1}}));
    let two = folder.rows("two.jsonl");
    let expected = [(0, "aa bb", 5, 2), (2, "cccc dd", 7, 2), (4, "e  f", 4, 2)]
        .map(|(n, text, length, words)| json!({"text": text, "n": n, "__dj__stats__": {"num_words": words, "text_len": length}}));
    assert_eq!(two, expected);
    assert_eq!(report.stats_exports, [folder.path("side/one.jsonl"), folder.path("two.jsonl")]);
    assert!(report.files().contains(&folder.path("two.jsonl")));
}

#[test]
fn it_has_the_form_of_the_export_and_an_analysis_writes_none() {
    let folder = folder();
    let filter = |path: &str| json!([{"text_length_filter": {"stats_export_path": folder.text_path(path)}}]);
    let more = json!({"export_path": folder.path("out.json")});
    folder.process_with(filter("side.data"), more, RunSettings::default()).unwrap();
    let side = std::fs::read_to_string(folder.path("side.data")).unwrap();
    let side: serde_json::Value = serde_json::from_str(&side).unwrap();
    assert_eq!(side.as_array().unwrap().len(), 5);
    folder.analyze(filter("none.jsonl"));
    assert!(!folder.path("none.jsonl").exists());
}

#[test]
fn digests_past_the_memory_change_nothing() {
    let folder = folder();
    let steps = json!([
        {"document_deduplicator": {}},
        {"text_length_filter": {"min_len": 5, "stats_export_path": folder.text_path("side.jsonl")}},
    ]);
    folder.process(steps.clone());
    let first = folder.rows("side.jsonl");
    folder.process_with(steps, json!({}), RunSettings { memory: Some(1), ..RunSettings::default() }).unwrap();
    assert_eq!((first.len(), &first), (4, &folder.rows("side.jsonl")));
}

#[test]
fn no_file_of_the_recipe_is_written_over() {
    let folder = folder();
    for name in ["out.jsonl", "out_stats.jsonl"] {
        let recipe = json!({
            "dataset_path": folder.path("rows.jsonl"), "export_path": folder.path("out.jsonl"),
            "process": [{"text_length_filter": {"stats_export_path": folder.path(name)}}],
        });
        let findings = Recipe::parse(&recipe, &|_| false).err().unwrap();
        assert_eq!(findings[0].path.to_string(), "process[0].text_length_filter.stats_export_path");
        assert!(findings[0].problem.message.contains("the recipe writes"), "{findings:?}");
    }
    let error = folder
        .process_with(json!([{"text_length_filter": {"stats_export_path": folder.path("rows.jsonl")}}]), json!({}), RunSettings::default())
        .unwrap_err();
    assert!(error.to_string().contains("rows.jsonl"), "{error}");
    assert_eq!(folder.rows("rows.jsonl").len(), 5);
}
