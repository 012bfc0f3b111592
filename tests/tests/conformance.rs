//! Recorded runs of the original sandbox, run again here; see `conformance/README.md`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::fs;
use std::path::{Path, PathBuf};

use sandbox_tests::compare::{self, difference};
use sandbox_tests::{Sandbox, project};
use serde_json::Value;

fn conformance() -> PathBuf {
    project().join("tests/conformance")
}

/// All that the original left behind, against what stands in the sandbox now.
fn problems(case: &Path, sandbox: &Sandbox) -> Vec<String> {
    let recorded = Sandbox::new();
    recorded.copy(case.join("expected"), "expected");
    let expected = recorded.files("expected");
    assert!(expected.len() > usize::from(expected.contains_key("context_infos.json")) || expected.len() == 1, "{}", case.display());
    let mut problems = Vec::new();
    for (path, want) in expected {
        let ours = if path == "context_infos.json" { format!("work/{path}") } else { path.clone() };
        if !sandbox.path(&ours).is_file() {
            problems.push(format!("{path} is not written"));
            continue;
        }
        let (want, got) = (String::from_utf8(want).unwrap(), sandbox.read(&ours));
        problems.extend(if path == "context_infos.json" {
            // The original gives some paths from the root; here they are as the configuration has them.
            let got = got.replace(&format!("{}/", sandbox.folder().display()), "");
            let (want, got): (Value, Value) = (serde_json::from_str(&want).unwrap(), serde_json::from_str(&got).unwrap());
            difference(&want, &got, 0.0).map(|what| format!("{path}{what}"))
        } else {
            compare::files(&path, &want, &got, 0.0)
        });
    }
    problems
}

#[test]
fn the_original_s_runs_are_met() {
    let mut cases: Vec<PathBuf> = fs::read_dir(conformance().join("cases")).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert_eq!(cases.len(), 19);
    let failed = cases.iter().filter_map(|case| {
        let name = case.file_name().unwrap().to_string_lossy();
        let sandbox = Sandbox::new();
        sandbox.copy(conformance().join("inputs"), "");
        sandbox.copy(case.join("sandbox.yaml"), "sandbox.yaml");
        let ran = sandbox.run(&["run", "--config", "sandbox.yaml"]);
        let problems = if ran.code == Some(0) { problems(case, &sandbox) } else { vec![ran.to_string()] };
        (!problems.is_empty()).then(|| format!("{name}: {}", problems.join("; ")))
    });
    assert_eq!(failed.collect::<Vec<_>>(), Vec::<String>::new());
}

/// Other programs read the tables of an analysis: they are equal not only in value.
#[test]
fn the_tables_are_met_byte_by_byte() {
    let sandbox = Sandbox::new();
    let case = conformance().join("cases/k_sigma_flow");
    sandbox.copy(conformance().join("inputs"), "");
    sandbox.run(&["run", "--config", &case.join("sandbox.yaml").to_string_lossy()]).expect(0);
    for table in
        ["analyzed/analysis/overall.csv", "analyzed/analysis/overall.md", "analyzed2/analysis/overall.csv", "analyzed2/analysis/overall.md"]
    {
        let want = fs::read_to_string(case.join("expected/out").join(table)).unwrap();
        assert_eq!(sandbox.read(&format!("out/{table}")), want, "{table}");
    }
}
