//! Which files a path means.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use sandbox_dataset::{DatasetError, resolve};

fn folder(names: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "").unwrap();
    }
    folder
}

fn found(folder: &Path, items: &[&str], suffixes: &[&str]) -> Result<Vec<String>, DatasetError> {
    let items: Vec<String> = items.iter().map(|item| folder.join(item).display().to_string()).collect();
    let suffixes: Vec<String> = suffixes.iter().map(ToString::to_string).collect();
    let name = |path: &Path| path.strip_prefix(folder).unwrap().display().to_string();
    Ok(resolve(&items, &suffixes)?.iter().map(|path| name(path)).collect())
}

#[test]
fn folders_give_what_can_be_read_in_order() {
    let folder =
        folder(&["b.jsonl", "a/z.json.gz", "a/y.JSONL", "c.csv", ".hidden.jsonl", ".git/x.jsonl", "d.jsonl.zst", "e.jsonl.partial"]);
    let at = folder.path();
    assert_eq!(found(at, &[""], &[]).unwrap(), ["a/y.JSONL", "a/z.json.gz", "b.jsonl", "c.csv", "d.jsonl.zst"]);
    assert_eq!(found(at, &[""], &["jsonl"]).unwrap(), ["a/y.JSONL", "b.jsonl", "d.jsonl.zst"]);
    assert_eq!(found(at, &[""], &[".jsonl.zst", "JSON"]).unwrap(), ["a/z.json.gz", "d.jsonl.zst"]);
    assert_eq!(found(at, &["d.jsonl.zst", "b.jsonl", "a"], &[]).unwrap(), ["d.jsonl.zst", "b.jsonl", "a/y.JSONL", "a/z.json.gz"]);
}

#[cfg(unix)]
#[test]
fn a_link_to_a_folder_above_is_no_trap() {
    let folder = folder(&["a/b.jsonl"]);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("a/up")).unwrap();
    assert_eq!(found(folder.path(), &[""], &[]).unwrap(), ["a/b.jsonl"]);
}

#[test]
fn patterns_match_below_their_folder() {
    let folder = folder(&["a/1.jsonl", "a/2.jsonl", "a/b/3.jsonl", "a/[x].jsonl", "a/1.csv"]);
    let at = folder.path();
    assert_eq!(found(at, &["a/*.jsonl"], &[]).unwrap(), ["a/1.jsonl", "a/2.jsonl", "a/[x].jsonl"]);
    assert_eq!(found(at, &["a/?.*"], &[]).unwrap(), ["a/1.csv", "a/1.jsonl", "a/2.jsonl"]);
    assert_eq!(found(at, &["**/[13].jsonl"], &[]).unwrap(), ["a/1.jsonl", "a/b/3.jsonl"]);
    assert_eq!(found(at, &["a/[x].jsonl"], &[]).unwrap(), ["a/[x].jsonl"]);
    assert!(matches!(found(at, &["a/[.jsonl"], &[]), Err(DatasetError::Pattern { .. })));
}

#[test]
fn texts_beside_rows_are_left_out_unless_they_are_the_most_or_asked_for() {
    let folder = folder(&["train.jsonl", "more.parquet", "README.md", "make.py", "docs/a.md", "docs/b.txt", "docs/x.csv", "logo.png"]);
    let at = folder.path();
    let resolved = sandbox_dataset::resolve_all(&[at.display().to_string()], &[]).unwrap();
    let names = |files: &[std::path::PathBuf]| -> Vec<String> {
        files.iter().map(|file| file.strip_prefix(at).unwrap().display().to_string()).collect()
    };
    assert_eq!(names(&resolved.files), ["README.md", "docs/a.md", "docs/b.txt", "docs/x.csv", "make.py", "more.parquet", "train.jsonl"]);
    fs::remove_file(at.join("docs/a.md")).unwrap();
    let resolved = sandbox_dataset::resolve_all(&[at.display().to_string()], &[]).unwrap();
    assert_eq!(names(&resolved.files), ["docs/x.csv", "more.parquet", "train.jsonl"]);
    assert_eq!(names(&resolved.left_out), ["README.md", "docs/b.txt", "make.py"]);
    assert_eq!(found(at, &["docs/*"], &[]).unwrap(), ["docs/x.csv"]);
    assert_eq!(found(at, &["docs/*.txt"], &[]).unwrap(), ["docs/b.txt"]);
    assert_eq!(found(at, &[""], &["md", ".py", "csv"]).unwrap(), ["README.md", "docs/x.csv", "make.py"]);
    assert_eq!(found(at, &["README.md", "train.jsonl"], &[]).unwrap(), ["README.md", "train.jsonl"]);
}

#[test]
fn a_dash_is_standard_input() {
    assert_eq!(resolve(&["-".into()], &[]).unwrap(), [Path::new("-")]);
    assert_eq!(resolve(&["-".into()], &["csv".into()]).unwrap(), [Path::new("-")]);
}

#[test]
fn what_is_not_there_is_told_with_what_is() {
    let folder = folder(&["train/math.jsonl", "x/notes.xlsx", "x/paper.pdf"]);
    let at = folder.path().display();
    let told = |item: &str, suffixes: &[&str]| found(folder.path(), &[item], suffixes).unwrap_err().to_string();
    assert_eq!(
        told("train/maths.jsonl", &[]),
        format!("Failed to find `{at}/train/maths.jsonl`\n  hint: did you mean `{at}/train/math.jsonl`?")
    );
    assert_eq!(told("trian/math.jsonl", &[]), format!("Failed to find `{at}/trian/math.jsonl`"));
    assert_eq!(told("trainn/math.jsonl", &[]), format!("Failed to find `{at}/trainn/math.jsonl`\n  hint: did you mean `{at}/train`?"));
    assert_eq!(told("other.jsonl", &[]), format!("Failed to find `{at}/other.jsonl`"));
    assert_eq!(told("no/*.jsonl", &[]), format!("Failed to find `{at}/no`"));
    let known = "`.jsonl`, `.json`, `.csv`, `.tsv`, text and source files such as `.txt`, `.md` or `.py`, each also with `.gz` or `.zst`, and `.parquet`, `.docx`";
    assert_eq!(
        told("x/notes.xlsx", &[]),
        format!("Failed to tell the form of `{at}/x/notes.xlsx` from its suffix\n  hint: known suffixes: {known}")
    );
    assert_eq!(told("x", &[]), format!("Failed to find rows: `{at}/x` has no file that fits\n  hint: what can be read: {known}"));
    assert_eq!(told("x/*", &[]), format!("Failed to find rows: `{at}/x/*` matches no file that fits\n  hint: what can be read: {known}"));
    assert!(told("train/math.jsonl", &["json"]).contains("does not end with a suffix that was asked for"));
    assert!(told("train", &["xlsx"]).starts_with("Failed to tell the form of `xlsx`"));
    assert_eq!(
        told("x/paper.pdf", &[]),
        format!("Failed to read `{at}/x/paper.pdf`: PDF files are not read\n  hint: `pdftotext` makes a text file of it, which is read")
    );
}
