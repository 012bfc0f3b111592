//! Columns in and out.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![cfg(feature = "parquet")]

use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use sandbox_dataset::{DatasetError, MixedTypes, ReadOptions, Reader, RowWriter, WriteOptions};
use serde_json::{Value, json};

/// Written by pyarrow 26; `types.jsonl` is what the rows mean.
fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/parquet").join(name)
}

fn read(path: &Path, chunk_bytes: usize) -> Result<Vec<(u64, Value)>, DatasetError> {
    let mut reader = Reader::open(&[path.to_owned()], ReadOptions { chunk_bytes, ..ReadOptions::default() })?;
    let mut rows = Vec::new();
    while let Some(chunk) = reader.next_chunk()? {
        assert_eq!(chunk.rejects(), []);
        rows.extend(chunk.rows().map(|row| (row.line, serde_json::from_slice(row.bytes).unwrap())));
    }
    let progress = reader.progress();
    assert_eq!(progress.bytes_read, progress.bytes_total);
    Ok(rows)
}

#[test]
fn every_type_and_packing_is_read() {
    let expected: Vec<Value> =
        fs::read_to_string(data("types.jsonl")).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for packing in ["none", "snappy", "gzip", "zstd", "lz4"] {
        for chunk_bytes in [1, 300, 1 << 20] {
            let rows = read(&data(&format!("types-{packing}.parquet")), chunk_bytes).unwrap();
            assert_eq!(rows.iter().map(|(line, _)| *line).collect::<Vec<_>>(), [1, 2, 3, 4]);
            for ((_, row), expected) in rows.iter().zip(&expected) {
                for (key, value) in expected.as_object().unwrap() {
                    assert_eq!(&row[key], value, "{packing}: `{key}`");
                }
                assert_eq!(row.as_object().unwrap().len(), expected.as_object().unwrap().len());
            }
        }
    }
}

#[test]
fn old_forms_of_lists_and_times_are_read() {
    let rows = read(&data("old.parquet"), 1 << 20).unwrap();
    let lists: Vec<&Value> = rows.iter().map(|(_, row)| &row["l"]).collect();
    assert_eq!(lists, [&json!([1, 2]), &json!([]), &Value::Null, &json!([null, 3])]);
    assert_eq!(rows[3].1["ts_ns"], "2024-02-29T13:45:00");
    assert_eq!(rows[2].1["ts_ns"], "1969-12-31T23:59:59.999999999");
}

#[test]
fn a_damaged_file_is_told_and_never_a_panic() {
    let whole = fs::read(data("types-snappy.parquet")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.parquet");
    let told = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        read(&path, 1 << 20).unwrap_err().to_string()
    };
    for bytes in [&b""[..], b"PAR1", b"no columns at all", &whole[..whole.len() / 2], &whole[..whole.len() - 1], &whole[20..]] {
        let error = told(bytes);
        assert!(error.starts_with(&format!("Failed to read `{}`: ", path.display())), "{error}");
    }
    // Whatever one byte says, reading ends.
    for at in (0..whole.len()).step_by(31) {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x5a;
        fs::write(&path, &bytes).unwrap();
        if let Ok(mut reader) = Reader::open(std::slice::from_ref(&path), ReadOptions::default()) {
            while let Ok(Some(chunk)) = reader.next_chunk() {
                assert!(chunk.rows().count() <= 4);
            }
        }
    }
}

fn write(path: &Path, rows: &[Value], options: WriteOptions) -> Result<u64, DatasetError> {
    let mut writer = RowWriter::create(path, options)?;
    rows.iter().try_for_each(|row| writer.write_row(row.to_string().as_bytes()))?;
    Ok(writer.finish()?.rows)
}

#[test]
fn rows_come_back_with_every_key() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("new/x.parquet");
    let rows = [
        json!({"text": "a", "n": 1, "f": 1, "meta": {"x": [1, 2]}, "e": {}, "l": [], "z": null, "big": 1}),
        json!({"text": "b\u{0}", "f": 0.1, "n": null, "meta": {"y": null}, "e": {}, "l": [[null, {"k": true}], []], "big": u64::MAX}),
        json!({}),
    ];
    for level in [None, Some(5)] {
        assert_eq!(write(&path, &rows, WriteOptions { level, ..WriteOptions::default() }).unwrap(), 3);
        let back: Vec<Value> = read(&path, 1 << 20).unwrap().into_iter().map(|(_, row)| row).collect();
        let expect = [
            json!({"text": "a", "n": 1, "f": 1.0, "meta": {"x": [1, 2], "y": null}, "e": "{}", "l": [], "z": null, "big": 1}),
            json!({"text": "b\u{0}", "n": null, "f": 0.1, "meta": {"x": null, "y": null}, "e": "{}", "l": [[null, {"k": true}], []], "z": null, "big": u64::MAX}),
            json!({"text": null, "n": null, "f": null, "meta": null, "e": null, "l": null, "z": null, "big": null}),
        ];
        assert_eq!(back, expect);
    }
}

#[test]
fn no_rows_are_a_file_without_columns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.parquet");
    write(&path, &[], WriteOptions::default()).unwrap();
    assert_eq!(read(&path, 1 << 20).unwrap(), []);
    let error = write(&path, &[json!({}), json!({})], WriteOptions::default()).unwrap_err().to_string();
    assert!(error.contains("no row has a key"), "{error}");
}

#[test]
fn a_row_that_does_not_fit_is_named_and_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.parquet");
    let rows = [json!({"m": null}), json!({"m": {"y": [2024]}}), json!({"m": {"y": ["2024"]}}), json!({"m": {"y": [1, {"a": 0.5}]}})];
    let error = write(&path, &rows, WriteOptions::default()).unwrap_err().to_string();
    let expect = format!(
        "Failed to write `{}`: row 3: column `m.y[]` is a text here and an integer in row 2\n  hint: `.jsonl` takes every row as it is",
        path.display()
    );
    assert_eq!(error, expect);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let mut writer = RowWriter::create(&path, WriteOptions::default()).unwrap();
    assert!(writer.write_row(b"[1]").unwrap_err().to_string().contains("row 1: no JSON object"));
    drop(writer);

    write(&path, &rows, WriteOptions { mixed: MixedTypes::JsonText, ..WriteOptions::default() }).unwrap();
    let back: Vec<Value> = read(&path, 1 << 20).unwrap().into_iter().map(|(_, row)| row).collect();
    let texts = |texts: &[&str]| json!({"m": {"y": texts}});
    assert_eq!(back, [json!({"m": null}), texts(&["2024"]), texts(&["\"2024\""]), texts(&["1", "{\"a\":0.5}"])]);
}

/// Rows of one type each, with keys that may be absent and values that may be null.
fn rows() -> impl Strategy<Value = Vec<Value>> {
    let leaf = || {
        let text = any::<String>().prop_map(Value::from);
        (any::<i64>().prop_map(Value::from), text, prop::num::f64::NORMAL.prop_map(Value::from), any::<bool>().prop_map(Value::from))
    };
    let maybe = |value: BoxedStrategy<Value>| prop_oneof![3 => value, 1 => Just(Value::Null)].boxed();
    let list = move |value: BoxedStrategy<Value>| maybe(prop::collection::vec(value, 0..4).prop_map(Value::from).boxed());
    let (int, text, float, truth) = leaf();
    let (int, text, float, truth) = (maybe(int.boxed()), maybe(text.boxed()), maybe(float.boxed()), maybe(truth.boxed()));
    let inner = (int.clone(), list(text.clone())).prop_map(|(a, b)| json!({"a": a, "b": b})).boxed();
    let row = (int, text.clone(), float, truth, list(list(text)), list(maybe(inner)))
        .prop_map(|(i, t, f, b, ll, ls)| json!({"i": i, "t": t, "f": f, "b": b, "ll": ll, "ls": ls}));
    prop::collection::vec(row, 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_is_written_is_read(rows in rows(), chunk_bytes in 1_usize..2000) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.parquet");
        write(&path, &rows, WriteOptions::default()).unwrap();
        let back: Vec<Value> = read(&path, chunk_bytes).unwrap().into_iter().map(|(_, row)| row).collect();
        prop_assert_eq!(back, rows);
    }
}
