//! `.csv` and `.tsv`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use proptest::prelude::*;
use sandbox_dataset::{DatasetError, ReadOptions, Reader};
use serde_json::Value;

type Rows = Vec<(u64, String)>;

fn read(path: &Path, options: ReadOptions) -> Result<(Rows, Vec<String>), DatasetError> {
    let mut reader = Reader::open(&[path.to_owned()], options)?;
    let (mut rows, mut rejects) = (Vec::new(), Vec::new());
    while let Some(chunk) = reader.next_chunk()? {
        rows.extend(chunk.rows().map(|row| (row.line, String::from_utf8_lossy(row.bytes).into_owned())));
        let told = chunk.rejects().iter().map(|reject| reject.to_string().replace(&path.display().to_string(), "x"));
        rejects.extend(told);
    }
    Ok((rows, rejects))
}

fn file(name: &str, bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn check(text: &[u8], expect: &[(u64, &str)], rejected: &[&str]) {
    let (_folder, path) = file("x.csv", text);
    for chunk_bytes in [1, 1 << 20] {
        let (rows, rejects) = read(&path, ReadOptions { chunk_bytes, ..ReadOptions::default() }).unwrap();
        assert_eq!(rows.iter().map(|(line, row)| (*line, row.as_str())).collect::<Vec<_>>(), expect);
        assert_eq!(rejects, rejected);
    }
}

#[test]
fn the_recorded_table_is_the_original_s() {
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/recipes/csv");
    let (rows, rejects) = read(&recorded.join("in/x.csv"), ReadOptions::default()).unwrap();
    assert_eq!(rejects, [""; 0]);
    // The original drops rows without a text before anything else.
    let rows: Vec<Value> =
        rows.iter().map(|(_, row)| serde_json::from_str(row).unwrap()).filter(|row: &Value| !row["text"].is_null()).collect();
    let expect: Vec<Value> =
        fs::read_to_string(recorded.join("out/res.jsonl")).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows, expect);
}

#[test]
fn quotes_lines_and_blanks_are_those_of_pandas() {
    check(b"a,b\n1,2\n\n   \n3\n", &[(2, r#"{"a":1,"b":2.0}"#), (5, r#"{"a":3,"b":null}"#)], &[]);
    check(b"\xef\xbb\xbfa,b\r\n\"x\r\n y\",2\r\nz,3", &[(2, "{\"a\":\"x\\r\\n y\",\"b\":2}"), (4, r#"{"a":"z","b":3}"#)], &[]);
    check(b"a,b\r1,2\r\r3,4\r", &[(2, r#"{"a":1,"b":2}"#), (4, r#"{"a":3,"b":4}"#)], &[]);
    check(b"a,b\n\"x\"y\"z,x\"q\"\n\"\"\"\",\"NA\"\n", &[(2, r#"{"a":"xy\"z","b":"x\"q\""}"#), (3, r#"{"a":"\"","b":null}"#)], &[]);
    check(b"a\n\" \"\nx\n", &[(2, r#"{"a":" "}"#), (3, r#"{"a":"x"}"#)], &[]);
    check(b"a,a,a.1,,a\n1,2,3,4,5\n", &[(2, r#"{"a":1,"a.2":2,"a.1":3,"Unnamed: 3":4,"a.3":5}"#)], &[]);
    check(b"a,b\n1,\0\n", &[(2, r#"{"a":1,"b":"\u0000"}"#)], &[]);
    check(b"", &[], &[]);
    check(b"\n \n", &[], &[]);
    check(b"a,b\n", &[], &[]);
}

#[test]
fn a_record_that_is_no_row_is_told_with_its_line_and_types_nothing() {
    let text = b"a,b\n1,2\n\"p\nq\",x,7\n3,\xff\n4,5\n";
    let rejected = ["x:3: 3 fields where the first line names 2", "x:5: field 2 is not UTF-8"];
    check(text, &[(2, r#"{"a":1,"b":2}"#), (6, r#"{"a":4,"b":5}"#)], &rejected);
    check(b"a,b\n1,2\n3,\"4\n5,6\n", &[(2, r#"{"a":1,"b":2}"#)], &["x:3: a quote is opened and not closed until the end of the file"]);

    let (_folder, path) = file("x.csv", format!("a,b\n1,\"{}\"\n2,\"{}\"\n3,y\n", "x".repeat(300), "\0".repeat(40)).as_bytes());
    let (rows, rejects) = read(&path, ReadOptions { max_row_bytes: 200, ..ReadOptions::default() }).unwrap();
    assert_eq!(rows, [(4, r#"{"a":3,"b":"y"}"#.to_owned())]);
    assert_eq!(rejects, ["x:2: longer than 200 bytes", "x:3: longer than 200 bytes"]);

    let (_folder, path) = file("x.csv", b"a,\xff\n1,2\n");
    let error = read(&path, ReadOptions::default()).unwrap_err().to_string();
    assert_eq!(error, format!("Failed to read `{}`: line 1: field 2 is not UTF-8", path.display()));
}

#[test]
fn tabs_and_packed_tables_and_pipes() {
    let (folder, path) = file("x.TSV", b"a\tb\n1,5\t\t\n,\t\"x\ty\"\n");
    let (rows, rejects) = read(&path, ReadOptions::default()).unwrap();
    assert_eq!(rows, [(3, r#"{"a":",","b":"x\ty"}"#.to_owned())]);
    assert_eq!(rejects, ["x:2: 3 fields where the first line names 2"]);

    let path = folder.path().join("x.csv.gz");
    let mut packed = flate2::write::GzEncoder::new(fs::File::create(&path).unwrap(), flate2::Compression::fast());
    packed.write_all(b"a\n1\n\n2.5\n").unwrap();
    packed.finish().unwrap();
    assert_eq!(read(&path, ReadOptions::default()).unwrap().0, [(2, r#"{"a":1.0}"#.to_owned()), (4, r#"{"a":2.5}"#.to_owned())]);
    fs::write(&path, &fs::read(&path).unwrap()[..15]).unwrap();
    assert!(matches!(read(&path, ReadOptions::default()), Err(DatasetError::Read { .. })));
}

fn field() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[a-z ,\"\r\n\t]{0,6}"]
}

proptest! {
    /// Texts that no rule takes for anything else come back as they were written.
    #[test]
    fn texts_come_back(rows in prop::collection::vec((field(), field()), 1..20), chunk_bytes in 1_usize..500) {
        let quoted = |text: &str| format!("\"~{}\"", text.replace('"', "\"\""));
        let lines: Vec<String> = rows.iter().map(|(a, b)| format!("{},{}\n", quoted(a), quoted(b))).collect();
        let (_folder, path) = file("x.csv", format!("a,b\n{}", lines.concat()).as_bytes());
        let (back, rejects) = read(&path, ReadOptions { chunk_bytes, ..ReadOptions::default() }).unwrap();
        prop_assert!(rejects.is_empty());
        let back: Vec<Value> = back.iter().map(|(_, row)| serde_json::from_str(row).unwrap()).collect();
        let expect: Vec<Value> = rows.iter().map(|(a, b)| serde_json::json!({"a": format!("~{a}"), "b": format!("~{b}")})).collect();
        prop_assert_eq!(back, expect);
    }

    #[test]
    fn bytes_of_any_kind_are_rows_or_rejects(bytes in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(&b",\"\n\r1a"[..])], 0..300)) {
        let (_folder, path) = file("x.csv", &bytes);
        if let Ok((rows, _)) = read(&path, ReadOptions { chunk_bytes: 64, max_row_bytes: 100, ..ReadOptions::default() }) {
            for (_, row) in rows {
                prop_assert!(serde_json::from_str::<Value>(&row).is_ok());
            }
        }
    }
}
