//! The command line: verbs, flags, environment, forms of configuration and of rows.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::io::Write;

use insta::assert_snapshot;
use sandbox_tests::{Ran, Sandbox, project};
use serde_json::{Value, json};

const RECIPE: &str = "dataset_path: rows.jsonl\nexport_path: out/rows.jsonl\nprocess:\n- text_length_filter:\n    min_len: 5\n";
const ROWS: &str = "{\"text\": \"one\"}\n{\"text\": \"a longer row\"}\n{\"text\": \"the longest row of the three\"}\n";
const JOBS: &str = "\
work_dir: out/work
execution_job_configs:
- hook: ProcessDataHook
  meta_name: clean
  dj_configs: recipe.yaml
  output: rows
";

fn ready() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("recipe.yaml", RECIPE);
    sandbox.write("rows.jsonl", ROWS);
    sandbox.write("sandbox.yaml", JOBS);
    sandbox
}

/// How many iterations a run of `JOBS` made.
fn iterations(sandbox: &Sandbox) -> usize {
    let infos: Vec<Value> = serde_json::from_str(&sandbox.read("out/work/context_infos.json")).unwrap();
    infos.len()
}

/// The texts of a file of rows.
fn texts(sandbox: &Sandbox, path: &str) -> Vec<String> {
    let rows = sandbox.read(path);
    rows.lines().map(|row| serde_json::from_str::<Value>(row).unwrap()["text"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn help() {
    let sandbox = Sandbox::new();
    let short = sandbox.run(&["-h"]).expect(0);
    assert_eq!(short.stdout, sandbox.run(&["--help"]).expect(0).stdout);
    assert_eq!(short.stdout, sandbox.run(&["help"]).expect(0).stdout);
    assert_eq!(sandbox.run(&["--version"]).expect(0).stdout, format!("dj-sandbox {}\n", env!("CARGO_PKG_VERSION")));
    assert_snapshot!("help", short.snapshot());
    for verb in ["run", "process", "list"] {
        assert_snapshot!(format!("help_{verb}"), sandbox.run(&[verb, "--help"]).expect(0).snapshot());
    }
    // Without a word of what to do: the same page, and the exit code of a mistake.
    assert_eq!(sandbox.run(&[]).expect(2).snapshot().lines().nth(3), short.snapshot().lines().nth(3));
}

#[test]
fn check_shows_the_plan_and_runs_nothing() {
    let sandbox = Sandbox::with_configs();
    let before = sandbox.files("");
    assert_snapshot!("check", sandbox.run(&["check", "--config", "configs/demo/sandbox.yaml"]).expect(0).snapshot());
    let plan = sandbox.run(&["check", "--config", "configs/demo/sandbox.yaml", "--json"]).expect(0).events();
    assert_eq!((plan.len(), plan[0]["event"].as_str(), plan[0]["jobs"].as_array().unwrap().len()), (1, Some("plan"), 7));
    assert_eq!(sandbox.files(""), before);
}

#[test]
fn check_tells_programs_what_is_wrong() {
    let sandbox = ready();
    sandbox.write("sandbox.yaml", JOBS.replace("recipe.yaml", "recipes.yaml").replace("output:", "outputs:"));
    let ran = sandbox.run(&["check", "--config", "sandbox.yaml", "--json"]).expect(2);
    let problems: Vec<(Value, Value, Value)> =
        ran.events().into_iter().map(|event| (event["event"].clone(), event["file"].clone(), event["line"].clone())).collect();
    assert_eq!(problems, [(json!("problem"), json!("sandbox.yaml"), json!(6)), (json!("problem"), json!("sandbox.yaml"), json!(5))]);
}

#[test]
fn list() {
    let sandbox = Sandbox::new();
    let all = sandbox.run(&["list"]).expect(0);
    let topics: String = ["hooks", "types", "operators"].map(|topic| sandbox.run(&["list", topic]).expect(0).stdout).join("\n");
    assert_eq!(all.stdout, topics);
    assert_snapshot!("list", all.snapshot());
    assert_snapshot!("list_keys", sandbox.run(&["list", "keys"]).expect(0).snapshot());
    for name in ["ProcessDataHook", "ngram", "character_repetition_filter", "clean_links_mapper", "document_deduplicator"] {
        assert_snapshot!(format!("list_{name}"), sandbox.run(&["list", name]).expect(0).snapshot());
    }
    let two = sandbox.run(&["list", "ngram", "text_length_filter"]).expect(0).stdout;
    assert!(two.starts_with("ngram ·") && two.contains("\ntext_length_filter (filter)\n"), "{two}");
}

#[test]
fn every_configuration_of_the_project_is_sound() {
    let sandbox = Sandbox::with_configs();
    let paths: Vec<String> = sandbox
        .files("configs")
        .into_keys()
        .filter(|path| path.ends_with(".yaml") || path.ends_with(".yml") || path.ends_with(".toml"))
        .collect();
    assert!(paths.len() >= 3, "{paths:?}");
    for path in paths.iter().map(|path| format!("configs/{path}")) {
        let text = sandbox.read(&path);
        let job = |hook: &str| json!({"work_dir": "checked", "execution_job_configs": [{"hook": hook, "dj_configs": path}]}).to_string();
        let is_recipe = text.lines().any(|line| line.starts_with("process:"));
        let ran = if is_recipe {
            sandbox.write("job.json", job("ProcessDataHook"));
            sandbox.run(&["check", "--config", "job.json"])
        } else {
            sandbox.run(&["check", "--config", &path])
        };
        // The rows of the benchmark are made by the benchmark.
        let made_later = path.starts_with("configs/bench/") && only_files_are_missing(&ran);
        assert!(ran.code == Some(0) || made_later, "{path}\n{ran}");
        assert!(!ran.stderr.contains("warning"), "{path}\n{ran}");
    }
}

/// Whether all that is wrong is that files are not there.
fn only_files_are_missing(ran: &Ran) -> bool {
    let mut errors = ran.stderr.lines().filter(|line| line.starts_with("error:"));
    let missing = |line: &str| line.contains("Failed to find `") || line.contains("No such file or directory");
    ran.code == Some(2) && ran.stderr.contains("error:") && errors.all(missing)
}

/// What `list` shows as examples can be pasted into a configuration.
#[test]
fn every_example_is_sound() {
    let listed = Sandbox::new().run(&["list", "--json"]).expect(0).events().remove(0);
    let lists = |name: &Value| listed["hooks"].as_array().unwrap().iter().find(|hook| hook["name"] == *name).unwrap()["lists"][0].clone();
    let types = listed["types"].as_array().unwrap();
    assert!(types.len() >= 5);
    for entry in types {
        let sandbox = ready();
        let job: Value = serde_yaml::from_str(entry["example"].as_str().unwrap()).unwrap();
        assert_eq!(job["hook"], entry["hook"], "{entry}");
        assert_eq!(job["extra_configs"]["type"], entry["type"], "{entry}");
        let list = lists(&entry["hook"]);
        sandbox.write("sandbox.json", json!({"work_dir": "work", list.as_str().unwrap(): [job]}).to_string());
        let ran = sandbox.run(&["check", "--config", "sandbox.json"]);
        assert!(ran.code == Some(0) || only_files_are_missing(&ran), "{}\n{ran}", entry["example"]);
        assert!(!ran.stderr.contains("has no effect"), "{}\n{ran}", entry["example"]);
    }
    let operators = listed["operators"].as_array().unwrap();
    assert!(operators.len() >= 60);
    let assets = project().join("tests/goldens/assets");
    for operator in operators {
        let example = operator["example"].as_str().unwrap();
        // The entry of a recipe, then what it does to a few texts.
        let (entry, effect) = example.split_once("\n\n").unwrap_or_else(|| panic!("{example}"));
        assert!(entry.starts_with(&format!("- {}:", operator["name"].as_str().unwrap())) && effect.contains("->"), "{example}");
        // A program of the user's need not be installed here.
        if operator["name"].as_str().unwrap().starts_with("external_") {
            continue;
        }
        let sandbox = ready();
        sandbox.copy(assets.join("words"), "words");
        sandbox.copy(assets.join("models/tok_bpe"), "models/EleutherAI/pythia-6.9b-deduped");
        sandbox.copy(assets.join("models/dj_models"), "models");
        sandbox.copy(assets.join("models/ft_bin/lid.176.bin"), "models/lid.176.bin");
        sandbox.write("recipe.yaml", format!("dataset_path: rows.jsonl\nexport_path: out/rows.jsonl\nprocess:\n{entry}\n"));
        let ran = sandbox.run_with(&["process", "--config", "recipe.yaml"], &[("DATA_JUICER_EXTERNAL_MODELS_HOME", "models")]);
        // Rows of the example need not be what every operator works on.
        assert!(matches!(ran.code, Some(0 | 3 | 5)), "{entry}\n{ran}");
        assert!(ran.code != Some(3) || ran.stderr.contains("has the field") || ran.stderr.contains("missing"), "{entry}\n{ran}");
    }
}

#[test]
fn a_configuration_without_a_verb_runs() {
    for arguments in [&["--config", "sandbox.yaml"][..], &["--config=sandbox.yaml"], &["-q", "--config", "sandbox.yaml"]] {
        let sandbox = ready();
        let ran = sandbox.run(arguments).expect(0);
        assert_eq!(texts(&sandbox, "out/iter_1/rows.jsonl"), ["a longer row", "the longest row of the three"]);
        assert_eq!(ran.stdout, ready().run(&["run", "--config", "sandbox.yaml"]).expect(0).stdout);
        assert_eq!(ran.stderr.is_empty(), arguments[0] == "-q", "{ran}");
    }
}

#[test]
fn flags_take_their_values_as_the_original_s() {
    let run = |sandbox: &Sandbox, flags: &[&str]| sandbox.run(&[&["run", "--config", "sandbox.yaml"], flags].concat()).expect(0);
    for flags in [&["--max_iter_num", "3"][..], &["--max_iter_num=3"]] {
        let sandbox = ready();
        let ran = run(&sandbox, flags);
        assert!(ran.stderr.contains("\niteration 3\n"), "{ran}");
        assert_eq!(iterations(&sandbox), 3);
        assert_eq!(texts(&sandbox, "out/iter_3/rows.jsonl").len(), 2);
    }
    let sandbox = ready();
    run(&sandbox, &[]);
    for (flags, skips) in [
        (&["--resume"][..], true),
        (&["--resume", "true"], true),
        (&["--resume=true"], true),
        (&["--resume", "--project_name", "other"], true),
        (&["--resume", "false"], false),
        (&[], false),
    ] {
        let ran = run(&sandbox, flags);
        assert_eq!(ran.stderr.contains("skipped: unchanged"), skips, "{flags:?}\n{ran}");
    }
    run(&sandbox, &["--anonymous.clean.dj_configs.process", "[{text_length_filter: {min_len: 20}}]"]);
    assert_eq!(texts(&sandbox, "out/iter_1/rows.jsonl"), ["the longest row of the three"]);
    run(&sandbox, &["--work_dir", "elsewhere"]);
    assert!(sandbox.path("elsewhere/context_infos.json").exists());
}

#[test]
fn a_strict_run_fails_at_the_first_bad_row_of_any_job() {
    let sandbox = Sandbox::new();
    sandbox.write("rows.jsonl", "{\"text\": \"a text to keep\"}\nbroken\n");
    let process = json!({
        "hook": "ProcessDataHook", "meta_name": "process",
        "dj_configs": {"dataset_path": "rows.jsonl", "export_path": "out/rows.jsonl", "process": [{"text_length_filter": null}]},
    });
    let train = json!({
        "hook": "TrainModelHook", "meta_name": "train",
        "extra_configs": {"type": "ngram", "dataset_path": "rows.jsonl", "export_path": "out/rows.ngram"},
    });
    for (job, told) in [(process, "rows.jsonl:2: not JSON"), (train, "1 rows could not be used")] {
        sandbox.write("sandbox.json", json!({"work_dir": "out/work", "execution_job_configs": [job]}).to_string());
        let failed = sandbox.run(&["run", "--config", "sandbox.json", "--strict"]).expect(3);
        assert!(failed.complaint().contains(told), "{}", failed.complaint());
        assert!(!sandbox.path("out/work/context_infos.json").exists());
    }
    sandbox.run(&["run", "--config", "sandbox.json"]).expect(5);
}

#[test]
fn targets_decide_when_to_stop_and_on_request_the_exit_code() {
    let sandbox = Sandbox::new();
    sandbox.write("labels.jsonl", "{\"guess\": \"a\", \"gold\": \"a\"}\n{\"guess\": \"b\", \"gold\": \"a\"}\n");
    let job = json!({
        "hook": "EvaluateDataHook", "meta_name": "acc", "output": ["results", "accuracy"],
        "extra_configs": {
            "type": "accuracy", "predicted_dataset_path": "labels.jsonl", "predicted_label_key": "guess", "ground_truth_label_key": "gold",
        },
    });
    let jobs = json!({"work_dir": "out/work", "max_iter_num": 3, "evaluation_job_configs": [job]});
    sandbox.write("sandbox.json", jobs.to_string());
    let run =
        |flags: &[&str], code: i32| sandbox.run(&[&["run", "--config", "sandbox.json", "--iter_targets"], flags].concat()).expect(code);
    assert_snapshot!("targets_met", run(&["anonymous.acc.accuracy >= 0.5", "--require_targets"], 0).snapshot());
    assert_eq!(iterations(&sandbox), 1);
    run(&["anonymous.acc.accuracy > 0.5"], 0);
    assert_eq!(iterations(&sandbox), 3);
    assert_snapshot!("targets_not_met", run(&["anonymous.acc.accuracy > 0.5", "--require_targets"], 4).complaint());
    run(&["[anonymous.acc.accuracy > 0.5, anonymous.acc.accuracy < 0.6]", "--iter_targets_mode", "any", "--max_iter_num", "0"], 0);
    assert_eq!(iterations(&sandbox), 1);
}

#[test]
fn the_environment_stands_between_file_and_flag() {
    let run = |flags: &[&str], environment: &[(&str, &str)]| {
        let sandbox = ready();
        sandbox.write("sandbox.yaml", format!("max_iter_num: 1\n{JOBS}"));
        let ran = sandbox.run_with(&[&["run", "--config", "sandbox.yaml"], flags].concat(), environment).expect(0);
        assert!(!ran.stderr.contains("warning"), "{ran}");
        iterations(&sandbox)
    };
    assert_eq!(run(&[], &[]), 1);
    assert_eq!(run(&[], &[("DJ_SANDBOX_MAX_ITER_NUM", "2")]), 2);
    assert_eq!(run(&[], &[("SANDBOX_STARTER_MAX_ITER_NUM", "4")]), 4, "what users of the original have set");
    assert_eq!(run(&[], &[("DJ_SANDBOX_MAX_ITER_NUM", "2"), ("SANDBOX_STARTER_MAX_ITER_NUM", "4")]), 2);
    assert_eq!(run(&["--max_iter_num", "3"], &[("DJ_SANDBOX_MAX_ITER_NUM", "2")]), 3);

    let sandbox = ready();
    let wrong = sandbox.run_with(&["check", "--config", "sandbox.yaml"], &[("DJ_SANDBOX_MAX_ITER_NUM", "some")]).expect(2);
    assert!(wrong.stderr.contains("DJ_SANDBOX_MAX_ITER_NUM: `max_iter_num` must be a whole number"), "{wrong}");
    let process = sandbox.run_with(&["process", "--config", "recipe.yaml"], &[("DJ_SANDBOX_EXPORT_PATH", "there/rows.jsonl")]).expect(0);
    assert!(sandbox.path("there/rows.jsonl").exists() && !sandbox.path("out").exists(), "{process}");
}

#[test]
fn json_may_stand_before_or_after_the_verb() {
    let kinds = |arguments: &[&str]| -> Vec<String> {
        let sandbox = ready();
        let ran = sandbox.run(arguments).expect(0);
        assert_eq!(ran.stderr, "", "{ran}");
        ran.events().iter().map(|event| event["event"].as_str().unwrap().to_owned()).filter(|kind| kind != "progress").collect()
    };
    let after = kinds(&["run", "--config", "sandbox.yaml", "--json"]);
    assert_eq!(
        after,
        ["run_started", "plan", "iteration_started", "job_started", "report", "job_finished", "iteration_finished", "run_finished"]
    );
    assert_eq!(kinds(&["--json", "run", "--config", "sandbox.yaml"]), after);
    assert_eq!(kinds(&["--json", "--config", "sandbox.yaml"]), after);
    assert_eq!(kinds(&["--config", "sandbox.yaml", "--json"]), after);
    let recipe = ["plan", "job_started", "report", "job_finished", "run_finished"];
    assert_eq!(kinds(&["--json", "process", "--config", "recipe.yaml"]), recipe);
    assert_eq!(kinds(&["analyze", "--config", "recipe.yaml", "--json"]), recipe);
}

#[test]
fn a_recipe_s_keys_and_arguments_are_flags() {
    let sandbox = ready();
    let process = |flags: &[&str]| sandbox.run(&[&["process", "--config", "recipe.yaml"], flags].concat()).expect(0);
    assert_snapshot!("process", process(&[]).snapshot());
    process(&["--text_length_filter.min_len", "20"]);
    assert_eq!(texts(&sandbox, "out/rows.jsonl"), ["the longest row of the three"]);
    process(&["--text_length_filter.min_len=1", "--text_length_filter.max_len", "3", "--np", "1"]);
    assert_eq!(texts(&sandbox, "out/rows.jsonl"), ["one"]);
    process(&["--export_path", "other/kept.jsonl", "--keep_stats_in_res_ds"]);
    assert_eq!(sandbox.read("other/kept.jsonl").lines().next(), Some(r#"{"text": "a longer row", "__dj__stats__": {"text_len": 12}}"#));
    process(&["--process", "[{text_length_filter: {min_len: 1, max_len: 5}}]"]);
    assert_eq!(texts(&sandbox, "out/rows.jsonl"), ["one"]);

    sandbox.write("content.jsonl", ROWS.replace("text", "content"));
    process(&["--dataset_path", "content.jsonl", "--text_keys", "content"]);
    assert_eq!(sandbox.read("out/rows.jsonl").lines().count(), 2);

    let analyze = |flags: &[&str]| sandbox.run(&[&["analyze", "--config", "recipe.yaml"], flags].concat()).expect(0);
    assert_snapshot!("analyze", analyze(&["--percentiles", "[0.1, 0.9]"]).snapshot());
    let names: Vec<String> =
        sandbox.read("out/analysis/overall.csv").lines().map(|line| line.split(',').next().unwrap().to_owned()).collect();
    assert_eq!(
        names,
        ["", "count", "mean", "std", "min", "10%", "25%", "50%", "75%", "90%", "max"],
        "more percentiles beside the usual ones"
    );
    analyze(&["--export_original_dataset", "true", "--export_path", "all/rows.jsonl"]);
    assert_eq!(sandbox.read("all/rows.jsonl").lines().next(), Some(r#"{"text": "one", "__dj__stats__": {"text_len": 3}}"#));
}

#[test]
fn quiet_says_only_results_and_errors() {
    let sandbox = ready();
    let loud = sandbox.run(&["process", "--config", "recipe.yaml"]).expect(0);
    let quiet = sandbox.run(&["process", "--config", "recipe.yaml", "--quiet"]).expect(0);
    assert_eq!((quiet.stdout, quiet.stderr), (loud.stdout, String::new()));
    let wrong = sandbox.run(&["-q", "process", "--config", "nothing.yaml"]).expect(2);
    assert!(wrong.stderr.starts_with("error: Failed to read `nothing.yaml`"), "{wrong}");
}

#[test]
fn configurations_may_be_yaml_json_or_toml() {
    let value: Value = serde_yaml::from_str(JOBS).unwrap();
    let toml = "work_dir = \"out/work\"\n[[execution_job_configs]]\nhook = \"ProcessDataHook\"\nmeta_name = \"clean\"\ndj_configs = \"recipe.toml\"\noutput = \"rows\"\n";
    let forms = [
        ("sandbox.yaml", JOBS.to_owned()),
        ("sandbox.yml", JOBS.to_owned()),
        ("sandbox.json", value.to_string()),
        ("sandbox.toml", toml.to_owned()),
    ];
    let recipe = "dataset_path = \"rows.jsonl\"\nexport_path = \"out/rows.jsonl\"\n[[process]]\ntext_length_filter = { min_len = 5 }\n";
    let mut results = forms.iter().map(|(name, text)| {
        let sandbox = ready();
        sandbox.write(name, text);
        sandbox.write("recipe.toml", recipe);
        let ran = sandbox.run(&["run", "--config", name]).expect(0);
        let mut files = sandbox.files("out");
        files.retain(|path, _| !path.contains(".dj-sandbox"));
        (ran.stdout, files)
    });
    let first = results.next().unwrap();
    assert_eq!(first.1.len(), 3, "{:?}", first.1.keys());
    assert!(results.all(|result| result == first));
}

#[test]
fn rows_come_in_many_forms() {
    type Form = (&'static str, &'static str, Vec<(&'static str, Vec<u8>)>);
    let gzip = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(ROWS.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let [first, second, third] = ROWS.lines().collect::<Vec<_>>()[..] else { panic!("three rows") };
    // What it is, how a recipe names it, and the files.
    let forms: [Form; 11] = [
        ("gzip", "rows.jsonl.gz", vec![("rows.jsonl.gz", gzip.clone())]),
        ("zstd", "rows.jsonl.zst", vec![("rows.jsonl.zst", zstd::encode_all(ROWS.as_bytes(), 3).unwrap())]),
        ("an array", "rows.json", vec![("rows.json", format!("[\n  {first},\n  {second},\n{third}]\n").into())]),
        ("lines under the name of an array", "lines.json", vec![("lines.json", ROWS.into())]),
        ("a folder", "d", vec![("d/a.jsonl", first.into()), ("d/b.jsonl", second.into()), ("d/sub/c.jsonl", third.into())]),
        ("a folder of mixed forms", "d", vec![("d/a.jsonl", first.into()), ("d/b.json", format!("[{second},{third}]").into())]),
        ("a pattern", "'d/*.jsonl'", vec![("d/a.jsonl", ROWS.into()), ("d/b.txt", "no rows".into())]),
        ("a list", "[a.jsonl, b.jsonl]", vec![("a.jsonl", format!("{first}\n{second}").into()), ("b.jsonl", third.into())]),
        ("a pattern for folders", "'*/rows.jsonl'", vec![("x/rows.jsonl", ROWS.into())]),
        ("Windows line ends", "crlf.jsonl", vec![("crlf.jsonl", ROWS.replace('\n', "\r\n").into())]),
        ("a byte order mark", "bom.jsonl", vec![("bom.jsonl", format!("\u{feff}{ROWS}").into())]),
    ];
    let kept: String = ROWS.split_inclusive('\n').skip(1).collect();
    for (name, dataset, files) in forms {
        let sandbox = Sandbox::new();
        sandbox.write("recipe.yaml", RECIPE.replace("rows.jsonl\nexport", &format!("{dataset}\nexport")));
        files.iter().for_each(|(path, content)| sandbox.write(path, content));
        let ran = sandbox.run(&["process", "--config", "recipe.yaml"]).expect(0);
        assert!(ran.stdout.starts_with("3 rows in, 2 out"), "{name}\n{ran}");
        assert_eq!(sandbox.read("out/rows.jsonl"), kept, "{name}");
    }
    // Files of gzip that were put one behind the other are one.
    let sandbox = ready();
    sandbox.write("twice.jsonl.gz", gzip.repeat(2));
    sandbox.run(&["process", "--config", "recipe.yaml", "--dataset_path", "twice.jsonl.gz"]).expect(0);
    assert_eq!(sandbox.read("out/rows.jsonl"), kept.repeat(2));
}

#[test]
fn rows_go_out_in_many_forms() {
    let sandbox = ready();
    let kept: Vec<Value> = ROWS.lines().skip(1).map(|row| serde_json::from_str(row).unwrap()).collect();
    let export = |path: &str, more: &[&str]| {
        sandbox.run(&[&["process", "--config", "recipe.yaml", "--export_path", path], more].concat()).expect(0);
        std::fs::read(sandbox.path(path)).unwrap()
    };
    let rows = |text: &[u8]| -> Vec<Value> {
        String::from_utf8(text.to_vec()).unwrap().lines().map(|row| serde_json::from_str(row).unwrap()).collect()
    };
    let array = export("out/rows.json", &[]);
    assert_eq!(serde_json::from_slice::<Vec<Value>>(&array).unwrap(), kept, "one JSON array");
    assert_eq!(serde_json::from_slice::<Vec<Value>>(&export("out/rows.data", &["--export_type", "json"])).unwrap(), kept);
    assert_eq!(rows(&export("out/rows.jsonl", &[])), kept);
    let mut gzip = String::new();
    let bytes = export("out/rows.jsonl.gz", &[]);
    std::io::Read::read_to_string(&mut flate2::read::MultiGzDecoder::new(bytes.as_slice()), &mut gzip).unwrap();
    assert_eq!(rows(gzip.as_bytes()), kept);
    assert_eq!(rows(&zstd::decode_all(export("out/rows.jsonl.zst", &[]).as_slice()).unwrap()), kept);
    assert_eq!(sandbox.files("out").keys().filter(|path| path.ends_with("_stats.jsonl")).collect::<Vec<_>>(), ["rows_stats.jsonl"]);
    let whole = export("rows/out.jsonl", &["--text_length_filter.min_len", "0"]);
    assert_eq!(whole, ROWS.as_bytes(), "what no operator changed has its bytes");
}

/// The README names commands and flags: they are those of the program.
#[test]
fn the_readme_names_what_there_is() {
    let readme = std::fs::read_to_string(project().join("README.md")).unwrap();
    let sandbox = Sandbox::with_configs();
    for verb in ["run", "check", "process", "analyze", "list"] {
        assert!(readme.contains(&format!("`dj-sandbox {verb}")), "{verb}");
        sandbox.run(&[verb, "--help"]).expect(0);
    }
    let command = "cargo run --release -- run --config configs/demo/sandbox.yaml";
    assert!(readme.contains(command));
    sandbox.run(&["check", "--config", "configs/demo/sandbox.yaml"]).expect(0);
}
