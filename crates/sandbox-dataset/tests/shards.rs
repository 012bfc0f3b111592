//! Several files by size, and standard streams.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use sandbox_dataset::{DatasetError, OutputFormat, ReadOptions, Reader, RowWriter, ShardWriter, WriteOptions};

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_recorded_shards_are_the_original_s() {
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/recipes/shards");
    let folder = tempfile::tempdir().unwrap();
    let mut writer = ShardWriter::create(&folder.path().join("res.jsonl"), 700, WriteOptions::default()).unwrap();
    let rows = fs::read(recorded.join("in/data.jsonl")).unwrap();
    writer.write_rows(&rows, 60).unwrap();
    assert_eq!((writer.rows(), writer.bytes()), (60, rows.len() as u64));
    let written = writer.finish().unwrap();
    assert_eq!(written.iter().map(|file| file.rows).collect::<Vec<_>>(), [30, 30]);
    assert_eq!(names(folder.path()), ["res-00-of-02.jsonl", "res-01-of-02.jsonl"]);
    for file in written {
        let name = file.path.file_name().unwrap();
        let expect = fs::read_to_string(recorded.join("out").join(name)).unwrap();
        assert_eq!(fs::read_to_string(&file.path).unwrap().replace(": ", ":"), expect);
    }
}

fn shards(name: &str, rows: usize, bytes: u64, format: Option<OutputFormat>) -> (Vec<String>, Vec<u64>) {
    let folder = tempfile::tempdir().unwrap();
    let options = WriteOptions { format, ..WriteOptions::default() };
    let mut writer = ShardWriter::create(&folder.path().join("new").join(name), bytes, options).unwrap();
    (0..rows).for_each(|row| writer.write_row(format!("{{\"n\":{row}}}").as_bytes()).unwrap());
    let written = writer.finish().unwrap();
    let mut reader = Reader::open(&written.iter().map(|file| file.path.clone()).collect::<Vec<_>>(), ReadOptions::default()).unwrap();
    let mut back = Vec::new();
    while let Some(chunk) = reader.next_chunk().unwrap() {
        back.extend(chunk.rows().map(|row| String::from_utf8_lossy(row.bytes).into_owned()));
    }
    assert_eq!(back, (0..rows).map(|row| format!("{{\"n\":{row}}}")).collect::<Vec<_>>());
    (names(&folder.path().join("new")), written.iter().map(|file| file.rows).collect())
}

#[test]
fn names_and_counts_follow_the_rule() {
    // A number is 8 bytes.
    assert_eq!(
        shards("a.b.jsonl", 11, 40, None),
        (vec!["a-00-of-03.jsonl".into(), "a-01-of-03.jsonl".into(), "a-02-of-03.jsonl".into()], vec![4, 4, 3])
    );
    assert_eq!(shards("a.jsonl.gz", 3, 1 << 20, None), (vec!["a-00-of-01.jsonl.gz".into()], vec![3]));
    assert_eq!(shards("a.data", 5, 30, Some(OutputFormat::Json)), (vec!["a-00-of-02.json".into(), "a-01-of-02.json".into()], vec![3, 2]));
    assert_eq!(shards("a.jsonl", 0, 1, None), (vec!["a-00-of-01.jsonl".into()], vec![0]));
    let (names, rows) = shards("a.jsonl", 300, 1, None);
    assert_eq!((names[0].as_str(), names[299].as_str(), rows), ("a-0000-of-0300.jsonl", "a-0299-of-0300.jsonl", vec![1; 300]));
    #[cfg(feature = "parquet")]
    assert_eq!(shards("a.parquet", 2, 8, None), (vec!["a-00-of-02.parquet".into(), "a-01-of-02.parquet".into()], vec![1, 1]));
}

#[test]
fn what_is_not_finished_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let mut writer = ShardWriter::create(&folder.path().join("a.jsonl"), 1, WriteOptions::default()).unwrap();
    writer.write_row(&vec![b'x'; 3 << 20]).unwrap();
    drop(writer);
    assert_eq!(names(folder.path()), [""; 0]);
    assert!(matches!(ShardWriter::create(Path::new("-"), 1, WriteOptions::default()), Err(DatasetError::UnsupportedOutput { .. })));
}

/// Run by the next test in a process of its own.
#[test]
fn rows_from_input_to_output() {
    if std::env::var_os("SANDBOX_DATASET_STREAMS").is_none() {
        return;
    }
    let dash = Path::new("-");
    let mut reader = Reader::open(&[dash.to_owned()], ReadOptions { suffix_field: true, ..ReadOptions::default() }).unwrap();
    let mut writer = RowWriter::create(dash, WriteOptions::default()).unwrap();
    while let Some(chunk) = reader.next_chunk().unwrap() {
        chunk.rows().for_each(|row| {
            writer.write_row(format!("{}:{} {}", row.file.display(), row.line, String::from_utf8_lossy(row.bytes)).as_bytes()).unwrap()
        });
    }
    let bytes = writer.bytes();
    let written = writer.finish().unwrap();
    assert_eq!((written.path.as_path(), written.rows, written.bytes), (dash, 2, bytes));
}

#[test]
fn a_dash_is_standard_input_and_output() {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "rows_from_input_to_output", "--nocapture"])
        .env("SANDBOX_DATASET_STREAMS", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(b"{\"a\":1}\n\n{\"a\":2}").unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("-:1 {\"a\":1,\"__dj__suffix__\":\".jsonl\"}\n-:3 {\"a\":2,\"__dj__suffix__\":\".jsonl\"}\n"), "{text}");
}
