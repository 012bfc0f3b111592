//! The original's recorded results, case by case; see `tests/goldens/operators/README.md` of the workspace.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test stops at the first result that is not met")]

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use sandbox_ops::{Fingerprint, Mapper, Operator, RowView, Scratch, Splitter, StatValue, Tagger, TextView, build, find};
use serde_json::{Map, Value};
use tempfile::TempDir;

/// Cases that do not apply to operators alone, and why.
static NOT_HERE: &[(&str, &str)] = &[
    ("text_length_filter.x02", "rows with and without statistics: the original fails on the null it makes itself"),
    ("text_length_filter.x03", "the same, with skip_op_error"),
    ("text_length_filter.x04", "dots in text_key: the original cannot follow them, reading rows is the runner's"),
    ("clean_links_mapper.x01", "dots in text_key: the original cannot follow them, reading rows is the runner's"),
    ("text_length_filter.x05", "numbers as texts: refused where rows are read"),
    ("text_length_filter.x06", "numbers as texts: refused where rows are read"),
    ("text_length_filter.x07", "the original loses a whole batch to one bad row; rows stay here"),
    ("text_length_filter.x09", "a text_key that no row has: refused where rows are read"),
];

struct Case {
    id: String,
    kind: String,
    operator: Operator,
    rows: Vec<Map<String, Value>>,
    expected: Vec<Map<String, Value>>,
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/operators")
}

fn rows(file: &Value) -> Vec<Map<String, Value>> {
    let text = fs::read_to_string(folder().join(file.as_str().unwrap())).unwrap();
    // Not `lines()` of a Python kind: texts hold U+2028 and the like.
    text.split('\n').filter(|line| !line.is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn cases() -> Vec<Case> {
    let assets = folder().join("../assets").canonicalize().unwrap().display().to_string();
    let manifest = fs::read_to_string(folder().join("manifest.json")).unwrap().replace("${ASSETS}", &assets);
    let manifest: Vec<Value> = serde_json::from_str(&manifest).unwrap();
    let known: HashSet<&str> = NOT_HERE.iter().map(|(id, _)| *id).collect();
    let has_operator = |case: &&Value| find(case["op"].as_str().unwrap()).is_some();
    let here = manifest.iter().filter(|case| !known.contains(case["id"].as_str().unwrap())).filter(has_operator);
    let cases: Vec<Case> = here
        .map(|case| Case {
            id: case["id"].as_str().unwrap().to_owned(),
            kind: case["kind"].as_str().unwrap().to_owned(),
            operator: build(case["op"].as_str().unwrap(), &case["params"]).unwrap(),
            rows: rows(&case["input"]),
            expected: rows(&case["output"]),
        })
        .collect();
    assert!(known.iter().all(|id| manifest.iter().any(|case| case["id"] == *id)), "a case of NOT_HERE is not in the manifest");
    cases
}

fn text<'r>(case: &Case, row: &'r Map<String, Value>) -> Option<&'r str> {
    // Rows without a text are dropped before operators see them.
    row[case.operator.common().text_key.as_deref().unwrap_or("text")].as_str()
}

fn check_filter(case: &Case) {
    let Operator::Filter(filter) = &case.operator else { panic!("{} is no filter", case.id) };
    let mut scratch = Scratch::default();
    let keys = filter.stat_keys();
    for (row, expected) in case.rows.iter().zip(&case.expected) {
        let Some(text) = text(case, row) else {
            assert_eq!(expected["keep"], false, "{} {:?}", case.id, row["id"]);
            continue;
        };
        let there = row.get("__dj__stats__").filter(|stats| keys.iter().all(|key| stats.get(&**key).is_some()));
        let stats = match there {
            Some(stats) => keys.iter().map(|key| StatValue::from_json(&stats[&**key])).collect::<Vec<_>>().into(),
            None => filter.compute(&RowView::new(Some(&TextView::new(text, &mut scratch)), row)).unwrap(),
        };
        for (key, statistic) in keys.iter().zip(&*stats) {
            let mut json = Vec::new();
            statistic.write_json(&mut json);
            // Texts of numbers, not numbers: floats must agree to the last digit, and a float must stay one.
            assert_eq!(String::from_utf8(json).unwrap(), expected["stats"][&**key].to_string(), "{} {text:?}", case.id);
        }
        assert_eq!(filter.keep(&stats).unwrap(), expected["keep"], "{} {text:?}", case.id);
    }
}

fn check_mapper(case: &Case, mapper: &dyn Mapper) {
    let changed: HashMap<&Value, &Value> = case.expected.iter().map(|row| (&row["id"], &row["text"])).collect();
    for row in &case.rows {
        let text = text(case, row).unwrap();
        let expected = changed.get(&row["id"]).map_or(text, |changed| changed.as_str().unwrap());
        assert_eq!(mapper.map(text).unwrap(), expected, "{}", case.id);
    }
}

fn check_tagger(case: &Case, tagger: &dyn Tagger) {
    assert_eq!(case.rows.len(), case.expected.len());
    for (row, expected) in case.rows.iter().zip(&case.expected) {
        let tag = tagger.tag(text(case, row).unwrap()).unwrap();
        assert_eq!(tag, expected["__dj__meta__"][tagger.meta_key()], "{}", case.id);
    }
}

fn check_splitter(case: &Case, splitter: &dyn Splitter) {
    let mut rows = Vec::new();
    for row in &case.rows {
        for piece in splitter.split(text(case, row).unwrap()).unwrap() {
            let mut row = row.clone();
            row.insert("text".to_owned(), Value::from(piece));
            rows.push(row);
        }
    }
    assert_eq!(rows, case.expected, "{}", case.id);
}

fn check_deduplicator(case: &Case) {
    let Operator::Deduplicator(deduplicator) = &case.operator else { panic!("{} is no deduplicator", case.id) };
    let mut scratch = Scratch::default();
    let mut seen = HashSet::new();
    for (row, expected) in case.rows.iter().zip(&case.expected) {
        let text = text(case, row).unwrap();
        let view = TextView::new(text, &mut scratch);
        let row = RowView::new(Some(&view), row);
        let fingerprint = deduplicator.fingerprint(&row).unwrap();
        assert_eq!(deduplicator.hashes(&row, &fingerprint).unwrap()[0].1, expected["hash"], "{} {text:?}", case.id);
        let Fingerprint::Exact(digest) = fingerprint else { panic!("{}: {fingerprint:?}", case.id) };
        assert_eq!(seen.insert(digest), expected["keep"], "{} {text:?}", case.id);
    }
}

/// Goes where the models of the cases with `tokenization` lie as their operators look for them.
fn go_to_models() -> TempDir {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sandbox-tokenizer/tests/data");
    let folder = tempfile::tempdir().unwrap();
    let pythia = folder.path().join("EleutherAI/pythia-6.9b-deduped");
    fs::create_dir_all(&pythia).unwrap();
    fs::copy(models.join("byte_level/tokenizer.json"), pythia.join("tokenizer.json")).unwrap();
    fs::copy(models.join("en.sp.model"), folder.path().join("en.sp.model")).unwrap();
    std::env::set_current_dir(folder.path()).unwrap();
    folder
}

#[test]
fn every_recorded_result_is_met() {
    let _models = go_to_models();
    let cases = cases();
    for case in &cases {
        match (case.kind.as_str(), &case.operator) {
            ("filter", _) => {
                assert_eq!(case.rows.len(), case.expected.len());
                check_filter(case);
            }
            ("mapper_rows", Operator::Tagger(tagger)) => check_tagger(case, tagger.as_ref()),
            ("mapper_rows", Operator::Splitter(splitter)) => check_splitter(case, splitter.as_ref()),
            ("mapper_overlay", Operator::Mapper(mapper)) => check_mapper(case, mapper.as_ref()),
            ("dedup", _) => check_deduplicator(case),
            (kind, _) => panic!("{}: kind {kind}", case.id),
        }
    }
    println!("{} of {} cases met, {} not for operators alone", cases.len(), cases.len(), NOT_HERE.len());
}
