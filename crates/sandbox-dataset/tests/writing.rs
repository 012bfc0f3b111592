//! What is written, and that it is complete or absent.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use sandbox_dataset::{DatasetError, OutputFormat, ReadOptions, Reader, RowWriter, WriteOptions};

fn write(path: &Path, options: WriteOptions) -> sandbox_dataset::Written {
    let mut writer = RowWriter::create(path, options).unwrap();
    writer.write_row(b"{\"a\":1}").unwrap();
    writer.write_rows(b"{\"b\":2}\n{\"c\":3}\n", 2).unwrap();
    writer.write_rows(b"", 0).unwrap();
    writer.write_rows(b"{\"d\":4}\n{\"e\":5}", 2).unwrap();
    assert_eq!(writer.rows(), 5);
    assert!(writer.bytes() > 0);
    let written = writer.finish().unwrap();
    assert_eq!((written.path.as_path(), written.rows, written.bytes), (path, 5, fs::metadata(path).unwrap().len()));
    written
}

#[test]
fn rows_come_back_from_every_form() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.jsonl", "a.json", "a.jsonl.gz", "a.json.gz", "a.jsonl.zst", "new/a.json.zst"] {
        let path = folder.path().join(name);
        for level in [None, Some(1), Some(99)] {
            write(&path, WriteOptions { level, ..WriteOptions::default() });
            let chunk = Reader::open(std::slice::from_ref(&path), ReadOptions::default()).unwrap().next_chunk().unwrap().unwrap();
            let rows: Vec<_> = chunk.rows().map(|row| String::from_utf8_lossy(row.bytes).into_owned()).collect();
            assert_eq!(rows, ["{\"a\":1}", "{\"b\":2}", "{\"c\":3}", "{\"d\":4}", "{\"e\":5}"], "{name}");
        }
    }
}

#[test]
fn the_form_can_be_given() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rows");
    assert!(matches!(RowWriter::create(&path, WriteOptions::default()), Err(DatasetError::UnsupportedOutput { .. })));
    write(&path, WriteOptions { format: Some(OutputFormat::Jsonl), ..WriteOptions::default() });
    assert_eq!(fs::read_to_string(&path).unwrap(), "{\"a\":1}\n{\"b\":2}\n{\"c\":3}\n{\"d\":4}\n{\"e\":5}\n");
    write(&path, WriteOptions { format: Some(OutputFormat::Json), ..WriteOptions::default() });
    assert_eq!(fs::read_to_string(&path).unwrap(), "[\n{\"a\":1},\n{\"b\":2},\n{\"c\":3},\n{\"d\":4},\n{\"e\":5}\n]\n");
}

#[test]
fn no_rows_are_an_empty_file_or_an_empty_array() {
    let folder = tempfile::tempdir().unwrap();
    for (name, expect) in [("a.jsonl", ""), ("a.json", "[]\n")] {
        let path = folder.path().join(name);
        assert_eq!(RowWriter::create(&path, WriteOptions::default()).unwrap().finish().unwrap().rows, 0);
        assert_eq!(fs::read_to_string(&path).unwrap(), expect);
    }
    for name in ["a.jsonl.gz", "a.json.zst"] {
        let path = folder.path().join(name);
        RowWriter::create(&path, WriteOptions::default()).unwrap().finish().unwrap();
        assert!(Reader::open(&[path], ReadOptions::default()).unwrap().next_chunk().unwrap().is_none());
    }
}

#[test]
fn what_is_not_finished_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a.jsonl", "a.json.gz", "a.jsonl.zst"] {
        let mut writer = RowWriter::create(&folder.path().join(name), WriteOptions::default()).unwrap();
        writer.write_row(&vec![b'x'; 3 << 20]).unwrap();
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}
