//! Every recorded result of the original's operators, through the whole program; see `goldens/operators/README.md`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::PathBuf;

use sandbox_tests::compare::{self, difference};
use sandbox_tests::{Sandbox, project, skipped};
use serde_json::{Map, Value, json};

/// Cases that differ on purpose, and why.
const DIFFERENT: [(&str, &str); 9] = [
    ("document_minhash_deduplicator.x05", "short texts are duplicates of their equals alone: the original deletes them"),
    ("document_minhash_deduplicator.x06", "the same"),
    ("document_simhash_deduplicator.r01", "short texts are duplicates of their equals alone: the original takes all for equal"),
    ("document_simhash_deduplicator.r04", "the same"),
    ("document_simhash_deduplicator.r05", "the same"),
    ("document_simhash_deduplicator.r06", "the same"),
    ("image_aspect_ratio_filter.x04", "a bad row is set aside alone: the original loses its batch"),
    ("punctuation_normalization_mapper.x01", "the same"),
    ("text_length_filter.x07", "the same"),
];

/// A published model, whose licence keeps it out of here.
const PUBLISHED: &str = "lid.176.ftz";

struct Case {
    id: String,
    operator: String,
    kind: String,
    arguments: Value,
    rows: Vec<Value>,
    wanted: Vec<Value>,
    tolerance: f64,
    /// What the run of the original was given besides.
    setup: String,
}

fn rows(file: &str, assets: &str) -> Vec<Value> {
    let text = fs::read_to_string(project().join("tests/goldens/operators").join(file)).unwrap();
    compare::rows(&text.replace("${ASSETS}", assets)).unwrap()
}

/// The cases that record a result and no defect.
fn cases() -> Vec<Case> {
    let assets = project().join("tests/goldens/assets").display().to_string();
    let manifest = fs::read_to_string(project().join("tests/goldens/operators/manifest.json")).unwrap();
    let manifest: Vec<Value> = serde_json::from_str(&manifest.replace("${ASSETS}", &assets)).unwrap();
    let records = |case: &&Value| case["kind"] != "error" && case["output"].is_string() && case.get("defect").is_none();
    let differs = |case: &Value| DIFFERENT.iter().any(|(id, _)| case["id"] == *id);
    manifest
        .iter()
        .filter(records)
        .filter(|case| !differs(case))
        .map(|case| {
            let text = |key: &str| case[key].as_str().unwrap().to_owned();
            Case {
                id: text("id"),
                operator: text("op"),
                kind: text("kind"),
                arguments: case["params"].clone(),
                rows: rows(case["input"].as_str().unwrap(), &assets),
                wanted: rows(case["output"].as_str().unwrap(), &assets),
                tolerance: case["tolerance"].as_f64().unwrap_or(0.0),
                setup: case["setup"].as_str().unwrap_or_default().to_owned(),
            }
        })
        .collect()
}

/// Runs one operator over the rows of a case; what was exported.
fn run(case: &Case, sandbox: &Sandbox, verb: &str, out: &str) -> Result<Vec<Value>, String> {
    let process = json!([{ case.operator.as_str(): case.arguments }]);
    let recipe =
        json!({"dataset_path": "rows.jsonl", "export_path": out, "process": process, "export_original_dataset": verb == "analyze"});
    sandbox.write("recipe.json", recipe.to_string());
    let models = project().join("tests/goldens/assets/models");
    // The original's own name for a tokenizer that was trained for this.
    let pythia = sandbox.path("models/EleutherAI/pythia-6.9b-deduped");
    if !pythia.exists() {
        sandbox.copy(models.join("tok_bpe"), "models/EleutherAI/pythia-6.9b-deduped");
    }
    let fast_text = case.setup.strip_prefix("fasttext model: ").map(|name| models.join(name));
    let published = case.setup.contains(PUBLISHED).then(|| std::env::var_os("LID176_FOLDER").map(PathBuf::from)).flatten();
    let places = fast_text.into_iter().chain(published).chain([models.join("dj_models"), models, sandbox.path("models")]);
    let places = std::env::join_paths(places).unwrap();
    let variables = [("DATA_JUICER_EXTERNAL_MODELS_HOME", places.to_str().unwrap())];
    let ran = sandbox.run_with(&[verb, "--config", "recipe.json"], &variables);
    if !matches!(ran.code, Some(0 | 5)) {
        return Err(format!("{verb}: {}", ran.complaint()));
    }
    compare::rows(&sandbox.read(out))
}

fn ids(rows: &[Value]) -> Vec<&Value> {
    rows.iter().map(|row| if row.is_object() { &row["id"] } else { row }).collect()
}

/// What differs from the recorded result, in words.
fn check(case: &Case) -> Option<String> {
    difference_of(case).unwrap_or_else(Some)
}

fn difference_of(case: &Case) -> Result<Option<String>, String> {
    let sandbox = Sandbox::new();
    sandbox.write("rows.jsonl", case.rows.iter().map(|row| format!("{row}\n")).collect::<String>());
    let got = run(case, &sandbox, "process", "out/rows.jsonl")?;
    let wanted: Vec<Value> = match case.kind.as_str() {
        "filter" => {
            let kept: HashSet<String> = ids(&got).iter().map(ToString::to_string).collect();
            let lost = |row: &&Value| row["lost_to_error"] == true;
            let wrong = case.wanted.iter().filter(|row| !lost(row)).find(|row| row["keep"] != kept.contains(&row["id"].to_string()));
            return match wrong {
                Some(row) => Ok(Some(format!("row {}: the original says keep: {}", row["id"], row["keep"]))),
                None => statistics(case, &sandbox),
            };
        }
        "mapper_overlay" => {
            let changed: BTreeMap<String, &Value> = case.wanted.iter().map(|row| (row["id"].to_string(), row)).collect();
            case.rows.iter().map(|row| (*changed.get(&row["id"].to_string()).unwrap_or(&row)).clone()).collect()
        }
        "dedup" => case.wanted.iter().filter(|row| row["keep"] == true).cloned().collect(),
        _ => case.wanted.clone(),
    };
    if matches!(case.kind.as_str(), "dedup" | "dedup_kept" | "selector") {
        return Ok((ids(&got) != ids(&wanted)).then(|| format!("other rows: {:?}", ids(&got))));
    }
    Ok(difference(&wanted.into(), &got.into(), case.tolerance))
}

/// A filter's statistics, of dropped rows too.
fn statistics(case: &Case, sandbox: &Sandbox) -> Result<Option<String>, String> {
    let has_stats = case.wanted.iter().any(|row| row["stats"].as_object().is_some_and(|stats| !stats.is_empty()));
    if !has_stats {
        return Ok(None);
    }
    let analysed = run(case, sandbox, "analyze", "analysed/rows.jsonl")?;
    let by_id: BTreeMap<String, &Value> = analysed.iter().map(|row| (row["id"].to_string(), &row["__dj__stats__"])).collect();
    Ok(case.wanted.iter().filter(|row| row["lost_to_error"] != true).find_map(|row| {
        let wanted = row["stats"].as_object()?;
        let got = by_id.get(&row["id"].to_string())?;
        let got: Map<String, Value> = wanted.keys().map(|key| (key.clone(), got[key].clone())).collect();
        difference(&row["stats"], &Value::Object(got), case.tolerance).map(|difference| format!("row {}: {difference}", row["id"]))
    }))
}

#[test]
fn every_recorded_result_is_met() {
    let mut cases = cases();
    if std::env::var_os("LID176_FOLDER").is_none() {
        skipped("two cases need the published model lid.176.ftz: name a folder that has it as lid.176.bin in LID176_FOLDER");
        cases.retain(|case| !case.setup.contains(PUBLISHED));
    }
    assert!(cases.len() > 200, "{} cases", cases.len());
    let failed: Vec<String> = cases.iter().filter_map(|case| Some(format!("{}: {}", case.id, check(case)?))).collect();
    assert!(failed.is_empty(), "{} of {} differ:\n{}", failed.len(), cases.len(), failed.join("\n"));
}

/// What is chosen, grouped and compared over all rows is the same on any number of threads.
#[test]
fn threads_change_nothing_behind_a_barrier() {
    let lines: String = (0..4000).map(|n| format!("{{\"text\": \"row {} is one of several\", \"n\": {n}}}\n", n % 700)).collect();
    let result = |threads: &str| {
        let sandbox = Sandbox::new();
        sandbox.write("rows.jsonl", &lines);
        let process = json!([
            {"text_length_filter": {"min_len": 3}},
            {"topk_specified_field_selector": {"field_key": "n", "topk": 3000}},
            {"key_value_grouper": {"group_by_keys": ["text"]}},
            {"naive_reverse_grouper": null},
            {"document_deduplicator": null},
            {"random_selector": {"select_ratio": 0.5}},
            {"words_num_filter": {"min_num": 2}},
        ]);
        let recipe = json!({"dataset_path": "rows.jsonl", "export_path": "out/rows.jsonl", "process": process});
        sandbox.write("recipe.json", recipe.to_string());
        sandbox.run(&["process", "--config", "recipe.json", "--np", threads]).expect(0);
        sandbox.files("out")
    };
    let one = result("1");
    assert_eq!(one.keys().collect::<Vec<_>>(), ["rows.jsonl", "rows_stats.jsonl"]);
    assert_eq!(one["rows.jsonl"].iter().filter(|byte| **byte == b'\n').count(), 350);
    assert!(result("2") == one && result("5") == one);
}

/// Rows longer than a chunk wait between passes as others do.
#[test]
fn long_rows_pass_a_barrier() {
    let sandbox = Sandbox::new();
    let long = "long ".repeat(1_000_000);
    sandbox.write("rows.jsonl", format!("{{\"text\": \"{long}\"}}\n{{\"text\": \"short\"}}\n{{\"text\": \"{long}\"}}\n"));
    let process = json!([{"document_minhash_deduplicator": null}, {"text_length_filter": {"min_len": 2}}]);
    sandbox.write("recipe.json", json!({"dataset_path": "rows.jsonl", "export_path": "out/rows.jsonl", "process": process}).to_string());
    sandbox.run(&["process", "--config", "recipe.json"]).expect(0);
    assert_eq!(sandbox.read("out/rows.jsonl").lines().map(str::len).collect::<Vec<_>>(), [long.len() + 12, 17]);
}

/// Which filter is asked first changes neither rows nor statistics, but what a drop is counted for.
#[test]
fn cheap_filters_come_first_with_fusion() {
    let result = |fused: bool| {
        let sandbox = Sandbox::new();
        let lines = (0..300)
            .map(|n| format!("{{\"text\": \"{}\"}}\n", (0..n % 40).map(|word| format!("word{word} ")).collect::<String>()))
            .collect::<String>();
        sandbox.write("rows.jsonl", lines);
        let process = json!([
            {"whitespace_normalization_mapper": null},
            {"word_repetition_filter": {"rep_len": 3}},
            {"words_num_filter": {"min_num": 9}},
            {"text_length_filter": {"min_len": 40}},
        ]);
        let recipe = json!({"dataset_path": "rows.jsonl", "export_path": "out/rows.jsonl", "process": process, "op_fusion": fused});
        sandbox.write("recipe.json", recipe.to_string());
        let said = sandbox.run(&["process", "--config", "recipe.json"]).expect(0).stdout;
        (sandbox.files("out"), said)
    };
    let ((plain, asked), (fused, asked_fused)) = (result(false), result(true));
    assert_eq!(plain, fused);
    assert_ne!(asked, asked_fused);
    let first_drop = |said: &str, name: &str| said.lines().find(|line| line.contains(name)).is_some_and(|line| line.contains("300"));
    assert!(first_drop(&asked, "word_repetition_filter") && first_drop(&asked_fused, "text_length_filter"), "{asked_fused}");
}
