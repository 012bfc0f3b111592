//! Recorded runs of the original: each job is checked, built and run as the pipeline does it.

use std::fs;
use std::path::{Path, PathBuf};

use sandbox_core::component::{JobContext, JobSettings};
use sandbox_core::event::EventSink;
use sandbox_core::hook::Hook;
use sandbox_core::registry::Registry;
use sandbox_document::Document;
use serde_json::{Value, json};

use crate::support::{Folder, rows};

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data")
}

/// Paths below `data/` are in the recorded inputs, outputs go into the folder.
fn place(value: &mut Value, folder: &Folder) {
    match value {
        Value::String(path) if path.starts_with("data/") => *path = path.replacen("data/", &format!("{}/inputs/", data().display()), 1),
        Value::String(path) if path.starts_with("out/") => {
            *path = folder.path(&sandbox_core::iteration_path(path, 1)).display().to_string()
        }
        Value::Array(items) => items.iter_mut().for_each(|item| place(item, folder)),
        Value::Object(map) => map.values_mut().for_each(|item| place(item, folder)),
        _ => {}
    }
}

fn jsonl_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(jsonl_below(&path))
        } else if path.extension().is_some_and(|end| end == "jsonl") {
            found.push(path)
        }
    }
    found
}

/// Equal up to the original's ten decimals.
fn same(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(a), Value::Number(b)) => (a.as_f64().unwrap() - b.as_f64().unwrap()).abs() <= 1e-9 * a.as_f64().unwrap().abs(),
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => a.len() == b.len() && a.iter().all(|(key, a)| b.get(key).is_some_and(|b| same(a, b))),
        _ => a == b,
    }
}

async fn check(case: &str) {
    let (case, folder) = (data().join("recorded").join(case), Folder::new());
    let config = Document::read(case.join("sandbox.yaml").display().to_string()).unwrap().value;
    let lists = ["probe_job_configs", "execution_job_configs"];
    let job = lists.iter().find_map(|list| config[list].get(0)).unwrap();
    let mut extra = job["extra_configs"].clone();
    place(&mut extra, &folder);
    let mut registry = Registry::new();
    sandbox_data_pool::register(&mut registry).unwrap();
    let hook = Hook::named(job["hook"].as_str().unwrap()).unwrap();
    let entry = registry.choose(hook, extra["type"].as_str()).unwrap();
    let settings = JobSettings::new(Value::Null, extra);
    assert_eq!(entry.check(&settings), []);
    let component = entry.build(&settings).ok().unwrap();
    let outcome = component.run(&JobContext::standalone("work", hook, EventSink::none())).await.unwrap();

    let expected: Value = serde_json::from_str(&fs::read_to_string(case.join("expected/context_infos.json")).unwrap()).unwrap();
    let expected = &expected[0]["pipeline_infos"][0]["job_infos"][0][job["output"].as_str().unwrap()];
    let text = serde_json::to_string(&outcome.values[0]).unwrap();
    let text = text.replace(&format!("{}/", folder.path("").display().to_string().trim_end_matches('/')), "");
    let text = text.replace(&format!("{}/inputs/", data().display()), "data/");
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), *expected);

    for want in jsonl_below(&case.join("expected")) {
        let name = want.strip_prefix(case.join("expected")).unwrap();
        let values = |path: &Path| -> Vec<Value> { rows(path).iter().map(|row| serde_json::from_str(row).unwrap()).collect() };
        let (mut want, mut got) = (values(&want), values(&folder.path(&name.display().to_string())));
        if name.display().to_string().contains("_top_") {
            // The original's order is that of a hash set.
            [&mut want, &mut got].into_iter().for_each(|rows| rows.sort_by_key(Value::to_string));
        }
        assert_eq!(want.len(), got.len(), "{}", name.display());
        for (number, (want, got)) in want.iter().zip(&got).enumerate() {
            assert!(same(want, got), "{}:{}: {got} is not {want}", name.display(), number + 1);
        }
    }
    assert_eq!(outcome.rejected_rows, 0);
}

macro_rules! cases {
    ($($case:ident)*) => { $(#[tokio::test] async fn $case() { check(stringify!($case)).await; })* };
}

cases!(construct_default construct_ratios construct_split_num combine duplicate duplicate_shuffle rank downsample downsample_target merge join);

#[test]
fn every_component_has_a_checked_example() {
    for verb in sandbox_data_pool::VERBS {
        let job = Document::parse("example.yaml", verb.entry.example, sandbox_document::Format::Yaml).unwrap().value;
        assert_eq!(job["extra_configs"]["type"], json!(verb.entry.type_name));
        assert_eq!(job["hook"], json!(verb.entry.category.hook().name));
        assert_eq!((verb.entry.check)(&JobSettings::new(Value::Null, job["extra_configs"].clone())), [], "{}", verb.name);
        for key in verb.keys {
            assert!(verb.entry.doc.contains(key.name) || !key.doc.is_empty(), "{}: {}", verb.name, key.name);
        }
    }
}
