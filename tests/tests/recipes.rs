//! Whole recipes against what Data-Juicer 1.4.6 wrote for them; see `goldens/README.md`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use insta::assert_snapshot;
use sandbox_tests::compare::{self, CUT, difference};
use sandbox_tests::{Files, Ran, Sandbox, project};
use serde_json::{Value, json};

/// Recipes whose result is the original's, row by row and number by number, and the verb that runs them.
const SAME: [(&str, &str); 24] = [
    ("analyze", "analyze"),
    ("analyze_lang", "analyze"),
    ("analyze_lists", "analyze"),
    ("batch_loss", "process"),
    ("csv", "process"),
    ("dirsuffix", "process"),
    ("dup_keys_bom", "process"),
    ("empty_result_dedup", "process"),
    ("fusion", "process"),
    ("fusion_off", "process"),
    ("general", "process"),
    ("group", "process"),
    ("jsonarray", "process"),
    ("mix_cfg2", "process"),
    ("mix_cli", "process"),
    ("np2_shuffle", "process"),
    ("nulltext", "process"),
    ("refine", "process"),
    ("refine_np2", "process"),
    ("select", "process"),
    ("shards", "process"),
    ("stats_in_input", "process"),
    ("textkeys", "process"),
    ("tracer", "process"),
];

/// Where the original loses rows, keeps what it should not, or fails: rows here, and why.
const BETTER: [(&str, usize, &str); 7] = [
    ("dirtext", 4, "text files are rows: the original fails to load them"),
    ("fusion_contaminated", 20, "pieces and words are kept apart: the original mixes them up in a statistic"),
    ("keep_all", 57, "short texts are duplicates of their equals alone: the original takes all for equal"),
    ("minhash_short", 5, "the same: the original deletes them"),
    ("null_first_field", 1, "a null in the first row is a value like others: the original fails"),
    ("null_first_meta", 60, "an empty list in the first row too"),
    ("stale_stats", 36, "a statistic is computed anew when a mapper changed the text"),
];

/// Where we differ on purpose: exit code here, what is kept of the original's result, and why.
const DIFFERENT: [(&str, i32, Kept, &str); 6] = [
    ("demo", 0, Kept::Texts, "dates stay texts and absent keys absent: the original's table makes them numbers and nulls"),
    ("schema", 0, Kept::Texts, "the same, and small floats stay what they are"),
    ("schema_parquet", 0, Kept::Texts, "the same, exported as one JSON array"),
    ("type_mismatch", 0, Kept::Rows, "the statistics have a file of their own: the original overwrites them with the data"),
    ("mixedtype", 0, Kept::Nothing, "rows of different types live together: the original fails to load them"),
    ("jsonl_bad_line", 5, Kept::Nothing, "a line that is no JSON is set aside alone: the original fails to load the file"),
];

/// What of the original's rows must be found in ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    /// Everything.
    Rows,
    /// The texts, in their order: the other fields are those of the input, byte by byte.
    Texts,
    /// There are none.
    Nothing,
}

/// Runs that fail in both; the original when the operator runs, here before anything does.
const REFUSED: [(&str, i32); 5] = [("bad_param_type", 2), ("bad_suffix", 2), ("missing_path", 2), ("nokey", 3), ("unknown_op", 2)];

fn golden(name: &str) -> PathBuf {
    project().join("tests/goldens/recipes").join(name)
}

/// A folder with the recipe, its input and what both refer to.
fn prepared(name: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.copy(golden(name).join("in"), "in");
    let assets = project().join("tests/goldens/assets").display().to_string();
    for path in sandbox.files("in").keys() {
        let path = format!("in/{path}");
        if path.ends_with(".jsonl") {
            sandbox.write(&path, sandbox.read(&path).replace("${ASSETS}", &assets));
        }
    }
    let recipe = fs::read_to_string(golden(name).join("recipe.yaml")).unwrap();
    sandbox.write("recipe.yaml", recipe.replace("${IN}", "in").replace("${OUT}", "out").replace("${ASSETS}", &assets));
    sandbox
}

/// Runs the recipe with the models of the recorded runs.
fn run(sandbox: &Sandbox, verb: &str) -> Ran {
    let models = project().join("tests/goldens/assets/models");
    let places = std::env::join_paths([models.join("dj_models"), models.join("ft_bin")]).unwrap();
    sandbox.run_with(&[verb, "--config", "recipe.yaml"], &[("DATA_JUICER_EXTERNAL_MODELS_HOME", places.to_str().unwrap())])
}

/// The original's files. Which of equal rows its tracer shows differs from run to run.
fn recorded(name: &str) -> Vec<(String, String)> {
    let sandbox = Sandbox::new();
    sandbox.copy(golden(name).join("out"), "out");
    let files = sandbox.files("out").into_iter().filter(|(path, _)| !path.starts_with("trace/duplicate-"));
    files.map(|(path, content)| (path, String::from_utf8(content).unwrap())).collect()
}

fn input_lines(sandbox: &Sandbox) -> Vec<String> {
    sandbox.read("in/data.jsonl").lines().map(str::to_owned).collect()
}

#[test]
fn every_recipe_has_its_place() {
    let listed = SAME
        .iter()
        .map(|case| case.0)
        .chain(DIFFERENT.iter().map(|case| case.0))
        .chain(REFUSED.iter().map(|case| case.0))
        .chain(BETTER.iter().map(|case| case.0));
    let listed: BTreeSet<String> = listed.chain(["hpo"]).map(str::to_owned).collect();
    let there = fs::read_dir(golden("")).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(listed, there);
}

#[test]
fn the_original_s_results_are_met() {
    for (name, verb) in SAME {
        let sandbox = prepared(name);
        run(&sandbox, verb).expect(0);
        let recorded = recorded(name);
        assert!(!recorded.is_empty(), "{name} has no results");
        let paths: BTreeSet<&str> = recorded.iter().map(|(path, _)| path.as_str()).collect();
        // Pictures and the report are beside what was recorded, and so are examples of duplicates.
        let is_extra = |path: &&str| [".png", ".svg", ".html"].iter().any(|end| path.ends_with(end)) || path.contains("trace/duplicate-");
        let files = sandbox.files("out");
        assert_eq!(files.keys().map(String::as_str).filter(|path| !is_extra(path)).collect::<BTreeSet<_>>(), paths, "{name}");
        for (path, want) in &recorded {
            assert_eq!(compare::files(path, want, &sandbox.read(&format!("out/{path}")), CUT), None, "{name}");
        }
    }
}

/// The tables are not only equal in value: other programs read them, so their bytes are the original's.
#[test]
fn the_analyzer_writes_the_original_s_tables_byte_by_byte() {
    for (name, verb) in [("analyze", "analyze"), ("hpo", "analyze")] {
        let sandbox = prepared(name);
        sandbox.run(&[verb, "--config", "recipe.yaml"]).expect(0);
        for path in ["analysis/overall.csv", "analysis/overall.md"] {
            let want = fs::read_to_string(golden(name).join("out").join(path)).unwrap();
            assert_eq!(sandbox.read(&format!("out/{path}")), want, "{name} {path}");
        }
    }
}

#[test]
fn what_differs_on_purpose_differs_only_so() {
    for (name, code, kept, why) in DIFFERENT {
        let sandbox = prepared(name);
        sandbox.run(&["process", "--config", "recipe.yaml"]).expect(code);
        let path = ["out/res.jsonl", "out/res.json", "out/res.data"].into_iter().find(|path| sandbox.path(path).exists()).unwrap();
        let (ours, inputs) = (sandbox.read(path), input_lines(&sandbox));
        let rows = |text: &str| if path.ends_with(".json") { serde_json::from_str(text).unwrap() } else { compare::rows(text).unwrap() };
        let got: Vec<Value> = rows(&ours);
        // No operator of these recipes changes a row, so each that is exported is one of the input, in its order.
        if path.ends_with(".json") {
            let inputs: Vec<Value> = inputs.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
            assert_eq!(got, inputs, "{name}");
        } else {
            let mut rest = inputs.iter();
            assert!(ours.lines().all(|line| rest.any(|input| input == line)), "{name}: a row is not as it was read\n{ours}");
        }
        let statistics = compare::rows(&sandbox.read("out/res_stats.jsonl")).unwrap();
        assert_eq!(statistics.len(), got.len(), "{name}");
        if kept == Kept::Nothing {
            assert!(!golden(name).join("out").exists(), "{name}: the original has a result: {why}");
            continue;
        }
        let want: Vec<Value> = rows(&fs::read_to_string(golden(name).join(path)).unwrap());
        let everything = difference(&Value::from(want.clone()), &Value::from(got.clone()), CUT);
        let texts = |rows: &[Value]| rows.iter().map(|row| row["text"].clone()).collect::<Vec<_>>();
        assert_eq!(texts(&got), texts(&want), "{name}");
        // Should the difference ever go away, its line in the table goes too.
        assert_eq!(everything.is_some(), kept == Kept::Texts, "{name}: {everything:?}: {why}");
    }
    let sandbox = prepared("jsonl_bad_line");
    let ran = sandbox.run(&["process", "--config", "recipe.yaml"]).expect(5);
    assert_snapshot!("jsonl_bad_line", format!("{}\n---- res_rejected.jsonl\n{}", ran.snapshot(), sandbox.read("out/res_rejected.jsonl")));
}

#[test]
fn what_the_original_loses_is_kept() {
    for (name, rows, why) in BETTER {
        let sandbox = prepared(name);
        run(&sandbox, "process").expect(0);
        assert_eq!(sandbox.read("out/res.jsonl").lines().count(), rows, "{name}: {why}");
    }
    // Found tables stay in the rows that they were found in.
    let sandbox = prepared("null_first_meta");
    run(&sandbox, "process").expect(0);
    assert_eq!(sandbox.read("out/res.jsonl").matches("\"html_tables\"").count(), 60);
    // The first statistic is that of the text as it was; the second filter looks at what the mappers left.
    let sandbox = prepared("stale_stats");
    run(&sandbox, "process").expect(0);
    let rows = compare::rows(&sandbox.read("out/res.jsonl")).unwrap();
    assert!(rows.iter().all(|row| row["__dj__stats__"]["text_len"] == row["text"].as_str().unwrap().chars().count()));
}

#[test]
fn what_fails_in_the_original_fails_here_with_reasons() {
    let mut told = String::new();
    for (name, code) in REFUSED {
        let sandbox = prepared(name);
        let ran = sandbox.run(&["process", "--config", "recipe.yaml"]).expect(code);
        assert!(sandbox.files("out").is_empty(), "{name}");
        told += &format!("== {name}\n{}", ran.complaint());
    }
    assert_snapshot!("refused_recipes", told);
}

/// The 3-sigma tool of the original, as a sandbox: analyse, refine, process with what was refined.
#[test]
fn k_sigma_refines_as_the_original_s_tool() {
    let sandbox = prepared("hpo");
    let jobs = json!({
        "work_dir": "work",
        "probe_job_configs": [{"hook": "ProbeViaAnalyzerHook", "meta_name": "data", "dj_configs": "recipe.yaml"}],
        "refine_recipe_job_configs": [{
            "hook": "RefineRecipeViaKSigmaHook", "meta_name": "data", "dj_configs": "recipe.yaml",
            "extra_configs": {"path_k_sigma_recipe": "refined.yaml"}, "output": "recipe",
        }],
        "execution_job_configs": [{"hook": "ProcessDataHook", "dj_configs": "<replaced>", "input": {"dj_configs": "-1.recipe"}}],
    });
    sandbox.write("sandbox.json", jobs.to_string());
    sandbox.run(&["run", "--config", "sandbox.json"]).expect(0);

    let out = golden("hpo").join("out");
    let recorded = |path: &str| fs::read_to_string(out.join(path)).unwrap();
    let want: Value = serde_json::from_str(&recorded("refined_process.json")).unwrap();
    let mut got: Value = serde_yaml::from_str(&sandbox.read("refined.yaml")).unwrap();
    // No arguments are `null` here, as they were written, and an empty map there.
    for operator in got["process"].as_array_mut().unwrap() {
        operator.as_object_mut().unwrap().values_mut().filter(|arguments| arguments.is_null()).for_each(|arguments| *arguments = json!({}));
    }
    assert_eq!(got["process"], want, "to the last digit");
    for path in ["res.jsonl", "res_stats.jsonl"] {
        assert_eq!(compare::files(path, &recorded(path), &sandbox.read(&format!("out/iter_1/{path}")), 0.0), None);
    }
    for path in ["analysis/overall.csv", "analysis/overall.md"] {
        assert_eq!(sandbox.read(&format!("out/{path}")), recorded(path), "{path}");
    }
}

/// Threads, and where the rows are cut into chunks, are no part of the result.
#[test]
fn threads_and_chunks_change_no_byte() {
    let speeches = fs::read_to_string(project().join("configs/data/speeches.jsonl")).unwrap();
    let recipe = fs::read_to_string(project().join("configs/demo/recipe.yaml")).unwrap();
    let process = &recipe[recipe.find("process:").unwrap()..];
    // Twice over, so that equal rows stand far apart, in other chunks.
    let rows = speeches.repeat(2);
    let result = |dataset: &str, prepare: &dyn Fn(&Sandbox), threads: &str| -> Files {
        let sandbox = Sandbox::new();
        prepare(&sandbox);
        sandbox.write("recipe.yaml", format!("dataset_path: {dataset}\nexport_path: out/rows.jsonl\n{process}"));
        for verb in ["process", "analyze"] {
            sandbox.run(&[verb, "--config", "recipe.yaml", "--np", threads]).expect(0);
        }
        let mut files = sandbox.files("out");
        assert_eq!(files.len(), 22, "{:?}", files.keys());
        // The page names the data set, which is cut in other pieces below.
        assert!(files.remove("analysis/report.html").is_some());
        files
    };
    let whole = |sandbox: &Sandbox| sandbox.write("rows.jsonl", &rows);
    let one = result("rows.jsonl", &whole, "1");
    assert!(one["rows.jsonl"].len() > 1_000_000);
    for threads in ["2", "7"] {
        assert!(result("rows.jsonl", &whole, threads) == one, "{threads} threads");
    }
    // Other pieces: a chunk ends where a file ends, and a compressed file is cut where its blocks happen to end.
    let lines: Vec<&str> = rows.split_inclusive('\n').collect();
    for pieces in [3, 40] {
        let cut = |sandbox: &Sandbox| {
            for (index, part) in lines.chunks(lines.len().div_ceil(pieces)).enumerate() {
                sandbox.write(&format!("rows/{index:03}.jsonl"), part.concat());
            }
        };
        assert!(result("rows", &cut, "2") == one, "{pieces} files");
    }
    let compressed = |sandbox: &Sandbox| sandbox.write("rows.jsonl.zst", zstd::encode_all(rows.as_bytes(), 1).unwrap());
    assert!(result("rows.jsonl.zst", &compressed, "2") == one, "compressed");
}
