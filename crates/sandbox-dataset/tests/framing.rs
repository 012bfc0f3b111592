//! How files are cut into rows.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::write::GzEncoder;
use proptest::prelude::*;
use sandbox_dataset::{DatasetError, ReadOptions, Reader};

/// The rows and rejects of some bytes under a file name, as `line: text` and `line: reason`.
fn read(name: &str, bytes: &[u8], options: ReadOptions) -> Result<(Vec<String>, Vec<String>), DatasetError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    read_all(&[&path], options)
}

fn read_all(paths: &[&Path], options: ReadOptions) -> Result<(Vec<String>, Vec<String>), DatasetError> {
    let paths: Vec<_> = paths.iter().map(|path| path.to_path_buf()).collect();
    let mut reader = Reader::open(&paths, options)?;
    let (mut rows, mut rejects, mut index) = (Vec::new(), Vec::new(), 0);
    while let Some(chunk) = reader.next_chunk()? {
        assert_eq!(chunk.index, index);
        index += 1;
        rows.extend(chunk.rows().map(|row| format!("{}: {}", row.line, String::from_utf8_lossy(row.bytes))));
        rejects.extend(chunk.rejects().iter().map(|reject| format!("{}: {}", reject.line, reject.reason)));
        reader.recycle(chunk);
    }
    let progress = reader.progress();
    assert_eq!(progress.bytes_read, progress.bytes_total);
    Ok((rows, rejects))
}

const SIZES: [usize; 9] = [1, 2, 3, 5, 7, 16, 33, 64, 1 << 20];

/// The same rows, whatever the size of the chunks.
fn check_limited(name: &str, bytes: &[u8], max_row_bytes: usize, rows: &[&str], rejects: &[&str]) {
    for chunk_bytes in SIZES {
        let (got, refused) = read(name, bytes, ReadOptions { chunk_bytes, max_row_bytes, ..ReadOptions::default() }).unwrap();
        assert_eq!(got, rows, "chunks of {chunk_bytes}");
        assert_eq!(refused, rejects, "chunks of {chunk_bytes}");
    }
}

fn check(name: &str, text: &str, rows: &[&str], rejects: &[&str]) {
    check_limited(name, text.as_bytes(), 1 << 20, rows, rejects);
}

#[test]
fn lines_are_rows_whatever_their_end() {
    check("a.jsonl", "{\"a\":1}\n{\"b\":2}\r\n\n \t\r\n  {}\n[1\n", &["1: {\"a\":1}", "2: {\"b\":2}", "5:   {}", "6: [1"], &[]);
    check("a.jsonl", "\u{feff}{\"a\":1}\n{\"b\":2}", &["1: {\"a\":1}", "2: {\"b\":2}"], &[]);
    check("a.jsonl", "{}\r", &["1: {}"], &[]);
    check("a.jsonl", "\n\n", &[], &[]);
    check("a.JSONL", "{}", &["1: {}"], &[]);
}

#[test]
fn a_file_may_be_empty() {
    for name in ["a.jsonl", "a.json", "a.jsonl.gz", "a.json.zst"] {
        check(name, "", &[], &[]);
    }
    check("a.json", "\u{feff}\n  ", &[], &[]);
    check("a.jsonl", "\u{feff}", &[], &[]);
    check("a.json", "[ ]\n", &[], &[]);
}

#[test]
fn long_lines_are_set_aside_and_their_neighbours_kept() {
    let long = "x".repeat(200);
    let text = format!("{{\"a\":1}}\n{long}\n{{}}\r\n0123456789\n0123456789\r\n01234567890\n{long}");
    let rejects = ["2: longer than 10 bytes", "6: longer than 10 bytes", "7: longer than 10 bytes"];
    check_limited("a.jsonl", text.as_bytes(), 10, &["1: {\"a\":1}", "3: {}", "4: 0123456789", "5: 0123456789"], &rejects);
}

#[test]
fn a_huge_line_is_never_held() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.jsonl.zst");
    let mut file = zstd::Encoder::new(fs::File::create(&path).unwrap(), 1).unwrap();
    let block = vec![b'x'; 1 << 20];
    file.write_all(b"{\"first\": 1}\n").unwrap();
    (0..200).for_each(|_| file.write_all(&block).unwrap());
    file.write_all(b"\n{\"last\": 1}\n").unwrap();
    file.finish().unwrap();
    let mut reader = Reader::open(&[path], ReadOptions { chunk_bytes: 1 << 16, max_row_bytes: 1 << 20, ..ReadOptions::default() }).unwrap();
    let (mut rows, mut rejects) = (0, Vec::new());
    while let Some(chunk) = reader.next_chunk().unwrap() {
        rows += chunk.rows().count();
        assert!(chunk.byte_len() <= 1 << 20);
        rejects.extend(chunk.rejects().to_vec());
    }
    assert_eq!((rows, rejects.len(), rejects[0].line, rejects[0].bytes_excerpt.len()), (2, 1, 2, 4096));
}

#[test]
fn an_array_gives_its_elements() {
    check("a.json", "[{\"a\":1},{\"b\":[2,{\"c\":\"]}\\\"[\"}]}]", &["1: {\"a\":1}", "1: {\"b\":[2,{\"c\":\"]}\\\"[\"}]}"], &[]);
    check("a.json", "\u{feff}\n [\n{\"a\": 1},\n\n{\"b\": 2} ,7\n]\n", &["3: {\"a\": 1}", "5: {\"b\": 2}", "5: 7"], &[]);
    let pretty = "[\n  {\n    \"a b\": [ 1,\r\n 2 ],\n    \"c\": \"x  \\\\\"\n  },\n  {\"d\": 1}\n]";
    check("a.json", pretty, &["2: {\"a b\":[1,2],\"c\":\"x  \\\\\"}", "7: {\"d\": 1}"], &[]);
}

#[test]
fn a_broken_element_is_one_row_and_its_neighbours_are_kept() {
    // What is handed out broken, `Row::parse` refuses.
    check(
        "a.json",
        "[{\"a\":1},{\"a\":tru},{\"b\":[1},{\"c\":3}]",
        &["1: {\"a\":1}", "1: {\"a\":tru}", "1: {\"b\":[1}", "1: {\"c\":3}"],
        &[],
    );
    check("a.json", "[{\"a\":1],{\"b\":2}]", &["1: {\"a\":1", "1: {\"b\":2}"], &[]);
    check("a.json", "[{\"a\":\"1},\n{\"b\":2}]", &[], &["1: a line ends within a string"]);
    check("a.json", "[{\"a\":\n1 2},{}]", &["1: {\"a\":1 2}", "2: {}"], &[]);
}

#[test]
fn an_array_without_an_end_is_told() {
    check("a.json", "[{\"a\":1},\n{\"b\": [2", &["1: {\"a\":1}"], &["2: the file ends within this row"]);
    check("a.json", "[{\"a\":1},\n", &["1: {\"a\":1}"], &["2: the file ends before the array does"]);
    check("a.json", "[", &[], &["1: the file ends before the array does"]);
    check("a.json", "[{}]\n{} {}", &["1: {}"], &["2: text after the end of the array"]);
}

#[test]
fn long_elements_are_set_aside() {
    let long = format!("{{\"x\": {}1}}", "\n".repeat(100));
    let text = format!("[{{}},\n{long},{{\"a\":1}},\n{long}]");
    check_limited("a.json", text.as_bytes(), 10, &["1: {}", "102: {\"a\":1}"], &["2: longer than 10 bytes", "103: longer than 10 bytes"]);
}

#[test]
fn a_json_file_may_be_lines_or_objects_in_a_row() {
    check("a.json", "{\"a\":1}\n{\"b\":\n{\"c\":3}\n", &["1: {\"a\":1}", "2: {\"b\":", "3: {\"c\":3}"], &[]);
    check("a.json", "{\n \"a\": 1\n}\n{\n \"b\": \"}\"\n}\n\n{\"c\":3}", &["1: {\"a\":1}", "4: {\"b\":\"}\"}", "8: {\"c\":3}"], &[]);
    check("a.json", "{\"a\":1}{\"b\":2} {\"c\":3}", &["1: {\"a\":1}", "1: {\"b\":2}", "1: {\"c\":3}"], &[]);
    check("a.json", "{\n\"a\": 1", &["1: {\"a\":1"], &[]);
    check("a.json", "12", &["1: 12"], &[]);
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn packed_files_may_have_several_parts() {
    let rows = ["1: {\"a\":1}", "2: {\"b\":2}"];
    let (first, second) = (b"{\"a\":1}\n{\"b\"", b":2}\n");
    check_limited("a.jsonl.gz", &[gzip(first), gzip(second)].concat(), 99, &rows, &[]);
    let frames = [zstd::encode_all(&first[..], 1).unwrap(), zstd::encode_all(&second[..], 1).unwrap()].concat();
    check_limited("a.jsonl.zst", &frames, 99, &rows, &[]);
    check_limited("a.json.gz", &gzip(b"[{\"a\":1},\n{\"b\":2}]"), 99, &rows, &[]);
}

#[test]
fn a_damaged_packed_file_is_an_error_with_its_name() {
    let text = "{\"a\": \"some text\"}\n".repeat(1000);
    let zst = zstd::encode_all(text.as_bytes(), 1).unwrap();
    let gz = gzip(text.as_bytes());
    for (name, bytes) in [("a.jsonl.gz", &gz), ("a.jsonl.zst", &zst)] {
        for damaged in [&bytes[..bytes.len() - 3], &bytes[..bytes.len() / 2], &bytes[..5], text.as_bytes()] {
            let error = read(name, damaged, ReadOptions::default()).unwrap_err().to_string();
            assert!(error.starts_with("Failed to read `") && error.contains(name), "{error}");
        }
    }
}

#[test]
fn files_follow_one_another_and_never_share_a_chunk() {
    let folder = tempfile::tempdir().unwrap();
    let [a, b, c] = ["a.jsonl", "b.json", "c.jsonl"].map(|name| folder.path().join(name));
    fs::write(&a, "{\"a\":1}").unwrap();
    fs::write(&b, "[{\"b\":2}]").unwrap();
    fs::write(&c, "{\"c\":3}\n").unwrap();
    let (rows, _) = read_all(&[&a, &b, &c], ReadOptions::default()).unwrap();
    assert_eq!(rows, ["1: {\"a\":1}", "1: {\"b\":2}", "1: {\"c\":3}"]);
    assert!(matches!(Reader::open(&[folder.path().join("x.xlsx")], ReadOptions::default()), Err(DatasetError::Unsupported { .. })));
    assert!(matches!(Reader::open(&[folder.path().join("x.jsonl")], ReadOptions::default()), Err(DatasetError::Read { .. })));
}

fn any_options() -> impl Strategy<Value = ReadOptions> {
    (1..64_usize, prop_oneof![2..40_usize, Just(1000)]).prop_map(|(chunk_bytes, max_row_bytes)| ReadOptions {
        chunk_bytes,
        max_row_bytes,
        ..ReadOptions::default()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn lines_are_the_same_in_chunks_of_any_size(lines in prop::collection::vec("[ a\r\u{fc}]{0,50}", 0..12), end: bool, options in any_options()) {
        let text = lines.join("\n") + if end { "\n" } else { "" };
        let (mut rows, mut rejects) = (Vec::new(), Vec::new());
        for (line, number) in text.split('\n').zip(1..) {
            let line = line.strip_suffix('\r').unwrap_or(line);
            if line.len() > options.max_row_bytes {
                rejects.push(format!("{number}: longer than {} bytes", options.max_row_bytes));
            } else if !line.trim().is_empty() {
                rows.push(format!("{number}: {line}"));
            }
        }
        prop_assert_eq!(read("a.jsonl", text.as_bytes(), options).unwrap(), (rows, rejects));
    }

    #[test]
    fn anything_in_a_json_file_is_cut_the_same_in_chunks_of_any_size(text in "[\\[{ ]?([\\[\\]{}\",:1 a\\\\\n\r]|\"a\"|\\{\"a\":){0,40}", options in any_options()) {
        let whole = read("a.json", text.as_bytes(), ReadOptions { chunk_bytes: 1 << 20, ..options }).unwrap();
        prop_assert_eq!(read("a.json", text.as_bytes(), options).unwrap(), whole);
    }

    #[test]
    fn elements_of_an_array_come_back(values in prop::collection::vec(prop::collection::vec("[\\]\\[{}\",:\\\\\n\u{fc}]{0,5}", 0..4), 0..6), pretty: bool, array: bool, chunk_bytes in 1..64_usize) {
        let values: Vec<serde_json::Value> = values.into_iter().map(|texts| serde_json::json!({"x": texts, "y": {"z": 1.5}})).collect();
        let form = |value: &serde_json::Value| if pretty { format!("{value:#}") } else { value.to_string() };
        let texts: Vec<_> = values.iter().map(form).collect();
        let text = if array { format!(" [{}\n] ", texts.join(" ,\n")) } else { texts.join("\n") };
        let (rows, rejects) = read("a.json", text.as_bytes(), ReadOptions { chunk_bytes, ..ReadOptions::default() }).unwrap();
        let expected: Vec<_> = values.iter().map(ToString::to_string).collect();
        let rows: Vec<_> = rows.iter().map(|row| row.split_once(": ").unwrap().1).collect();
        prop_assert_eq!(rows, expected);
        prop_assert!(rejects.is_empty());
    }
}
