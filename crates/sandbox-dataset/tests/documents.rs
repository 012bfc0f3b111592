//! Files that are one row, and the column that says where rows come from.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::io::Write;
use std::path::Path;

use sandbox_dataset::{DatasetError, ReadOptions, Reader, Row, resolve};
use serde_json::{Value, json};
use zip::write::SimpleFileOptions;

fn read(path: &Path, options: ReadOptions) -> Result<(Vec<Value>, Vec<String>), DatasetError> {
    let files = resolve(&[path.display().to_string()], &[])?;
    let mut reader = Reader::open(&files, options)?;
    let (mut rows, mut rejects) = (Vec::new(), Vec::new());
    while let Some(chunk) = reader.next_chunk()? {
        for raw in chunk.rows() {
            match Row::parse(raw.bytes) {
                Ok(row) => rows.push(serde_json::from_str(row.as_str()).unwrap()),
                Err(error) => rejects.push(chunk.reject(&raw, error).to_string()),
            }
        }
        rejects.extend(chunk.rejects().iter().map(ToString::to_string));
    }
    let at = format!("{}/", path.parent().unwrap().display());
    Ok((rows, rejects.iter().map(|reject| reject.replace(&at, "")).collect()))
}

#[test]
fn a_folder_of_texts_is_a_row_each() {
    let recorded = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/recipes/dirtext/in/d");
    let (rows, rejects) = read(&recorded, ReadOptions { suffix_field: true, ..ReadOptions::default() }).unwrap();
    assert_eq!(rejects, [""; 0]);
    let row = |text: &str, suffix: &str| json!({"text": text, "__dj__suffix__": suffix});
    assert_eq!(
        rows,
        [
            row("first text file\nline 2\n", ".txt"),
            row("# markdown\n\ntext", ".md"),
            row("print(1)\n", ".py"),
            row("upper suffix", ".txt"),
            row("json row", ".jsonl"),
            row("nested dir file", ".txt"),
        ]
    );
}

#[test]
fn texts_have_line_feeds_and_are_rejected_when_they_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.md");
    fs::write(&path, "\u{feff}one\r\ntwo\rthree\n\0").unwrap();
    assert_eq!(read(&path, ReadOptions::default()).unwrap().0, [json!({"text": "one\ntwo\nthree\n\0"})]);
    fs::write(&path, "").unwrap();
    assert_eq!(read(&path, ReadOptions::default()).unwrap().0, [json!({"text": ""})]);
    fs::write(&path, b"one\ntwo \xff").unwrap();
    assert_eq!(read(&path, ReadOptions::default()).unwrap(), (vec![], vec!["a.md:2: the file is not UTF-8".to_owned()]));
    fs::write(&path, "x".repeat(100)).unwrap();
    let options = ReadOptions { max_row_bytes: 100, ..ReadOptions::default() };
    assert_eq!(read(&path, options).unwrap(), (vec![], vec!["a.md:1: longer than 100 bytes".to_owned()]));
}

#[test]
fn the_suffix_stands_in_rows_and_only_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.JSONL");
    fs::write(&path, "{\"a\": 1}\n\n[2]\n{\"__dj__suffix__\":\"old\",\"a\":2}\n").unwrap();
    for chunk_bytes in [1, 1 << 20] {
        // The longest row may be just as long as it is without the suffix.
        let options = ReadOptions { chunk_bytes, suffix_field: true, max_row_bytes: 31 };
        let (rows, rejects) = read(&path, options).unwrap();
        assert_eq!(rows, [json!({"a": 1, "__dj__suffix__": ".jsonl"}), json!({"__dj__suffix__": "old", "a": 2})]);
        assert_eq!(rejects, ["a.JSONL:3: not an object but a list"]);
    }
}

fn docx(path: &Path, name: &str, xml: &str) {
    let mut archive = zip::ZipWriter::new(fs::File::create(path).unwrap());
    archive.start_file(name, SimpleFileOptions::default()).unwrap();
    archive.write_all(xml.as_bytes()).unwrap();
    archive.finish().unwrap();
}

#[test]
fn paragraphs_of_docx_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.docx");
    let body = r#"<w:p><w:pPr><w:tabs><w:tab w:val="left"/></w:tabs></w:pPr><w:r><w:t xml:space="preserve">A &amp; &#66; </w:t></w:r><w:r><w:tab/><w:t>c</w:t><w:br/><w:t>d</w:t><w:br w:type="page"/></w:r></w:p>
        <w:p><w:r><w:t xml:space="preserve">  </w:t></w:r></w:p><w:p/>
        <w:tbl><w:tr><w:tc><w:p><w:r><w:t>cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl>
        <w:p><w:hyperlink><w:r><w:t>link</w:t><w:noBreakHyphen/></w:r></w:hyperlink><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:drawing><w:txbxContent><w:p><w:r><w:t>box</w:t></w:r></w:p></w:txbxContent></w:drawing><w:t>end</w:t></w:r></w:p>"#;
    let xml =
        |body: &str| format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?><w:document xmlns:w=\"w\"><w:body>{body}</w:body></w:document>");
    docx(&path, "word/document.xml", &xml(body));
    assert_eq!(read(&path, ReadOptions::default()).unwrap().0, [json!({"text": "A & B \tc\nd\nlink-end"})]);

    let told = || read(&path, ReadOptions::default()).unwrap_err().to_string().replace(&folder.path().display().to_string(), "");
    docx(&path, "other.xml", "");
    assert!(told().starts_with("Failed to read `/a.docx`: no `.docx` file: `word/document.xml`: "), "{}", told());
    docx(&path, "word/document.xml", &xml("<w:p><w:r></w:p>"));
    assert!(told().starts_with("Failed to read `/a.docx`: `word/document.xml` at byte "), "{}", told());
    docx(&path, "word/document.xml", &xml("<w:p><w:r><w:t>&lol;</w:t></w:r></w:p>"));
    assert!(told().contains("unknown entity `lol`"), "{}", told());
    fs::write(&path, "no archive").unwrap();
    assert!(told().starts_with("Failed to read `/a.docx`: no `.docx` file: "), "{}", told());

    docx(&path, "word/document.xml", &xml(&"<w:p><w:r><w:t>0123456789</w:t></w:r></w:p>".repeat(100)));
    let options = ReadOptions { max_row_bytes: 500, ..ReadOptions::default() };
    assert_eq!(read(&path, options).unwrap().1, ["a.docx:1: longer than 500 bytes"]);
}
