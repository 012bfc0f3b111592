//! `index_key`: rows are numbered where an operator asks for it.

use serde_json::{Value, json};

use crate::support::Folder;

fn texts(count: usize) -> Vec<Value> {
    (0..count).map(|number| json!({"text": format!("{}", "a".repeat(number % 7)), "n": number})).collect()
}

fn numbers(rows: &[Value], field: &str) -> Vec<Option<u64>> {
    rows.iter().map(|row| row[field].as_u64()).collect()
}

#[test]
fn the_first_operator_numbers_all_rows_whatever_it_drops() {
    let folder = Folder::with(&texts(5000));
    folder.process(json!([{"text_length_filter": {"min_len": 3, "index_key": "idx"}}]));
    let rows = folder.rows("out.jsonl");
    assert_eq!(rows.len(), (0..5000).filter(|number| number % 7 >= 3).count());
    assert!(rows.iter().all(|row| row["idx"] == row["n"]));
    assert_eq!(rows[0], json!({"text": "aaa", "n": 3, "idx": 3}));
}

#[test]
fn numbers_are_those_of_the_rows_that_reach_the_operator() {
    let folder = Folder::with(&texts(700));
    let report = folder.process(json!([
        {"text_length_filter": {"min_len": 1}},
        {"document_deduplicator": {"index_key": "idx"}},
        {"document_simhash_deduplicator": {"index_key": "second"}},
        {"text_length_filter": {"min_len": 4, "index_key": "idx"}},
    ]));
    // Two simhash neighbours may go; what is left is numbered as it came.
    let rows = folder.rows("out.jsonl");
    assert_eq!(report.operators[1].rows_out, 6);
    assert!(rows.iter().all(|row| row["idx"].as_u64().unwrap() + 1 == row["n"].as_u64().unwrap()), "{rows:?}");
    assert_eq!(numbers(&rows, "second"), numbers(&rows, "idx"));
    assert!(!rows.is_empty());
}

#[test]
fn a_field_that_any_row_has_is_left_alone() {
    let mut rows = texts(50);
    rows[7]["idx"] = json!("mine");
    let folder = Folder::with(&rows);
    folder.process(json!([{"text_length_filter": {"index_key": "idx", "min_len": 0}}]));
    assert_eq!(folder.rows("out.jsonl"), rows);
    // Even of a row that is gone by then.
    folder.process(json!([{"text_length_filter": {"min_len": 1}}, {"clean_email_mapper": {"index_key": "idx"}}]));
    assert_eq!(folder.rows("out.jsonl"), rows.into_iter().filter(|row| row["text"] != "").collect::<Vec<_>>());
}

#[test]
fn pieces_and_chosen_rows_are_numbered_where_they_are() {
    let folder = Folder::with(&[json!({"text": "a b\nc d"}), json!({"text": "e"})]);
    folder.process(json!([
        {"text_chunk_mapper": {"split_pattern": "\n"}},
        {"range_specified_field_selector": {"field_key": "idx", "lower_rank": 1, "upper_rank": 3, "index_key": "idx"}},
    ]));
    let rows = folder.rows("out.jsonl");
    assert_eq!(rows, [json!({"text": "e", "idx": 2}), json!({"text": "c d", "idx": 1})]);
}

#[test]
fn an_analysis_can_look_at_the_numbers() {
    let folder = Folder::with(&texts(40));
    folder.analyze(json!([{"specified_numeric_field_filter": {"field_key": "idx", "index_key": "idx"}}]));
    assert_eq!(folder.rows("out_stats.jsonl").len(), 40);
    folder.process(json!([{"specified_numeric_field_filter": {"field_key": "idx", "index_key": "idx", "min_value": 38}}]));
    assert_eq!(numbers(&folder.rows("out.jsonl"), "n"), [Some(38), Some(39)]);
}
