//! What a run leaves in the store of its project, and `dj-sandbox runs`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use sandbox_tests::Sandbox;
use serde_json::Value;

const CONFIG: &str = "\
project_name: p
experiment_name: e
work_dir: outputs/p
execution_job_configs:
- hook: ProcessDataHook
  meta_name: clean
  dj_configs:
    dataset_path: rows.jsonl
    export_path: outputs/p/clean.jsonl
    process:
    - text_length_filter: {min_len: 6}
";

/// A sandbox in which two runs have ended, the second with other arguments.
fn two_runs() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("rows.jsonl", "{\"text\": \"a text\"}\n{\"text\": \"long enough\"}\n{\"text\": 3}\n");
    sandbox.write("sandbox.yaml", CONFIG);
    sandbox.run(&["run", "--config", "sandbox.yaml"]).expect(5);
    sandbox.write("sandbox.yaml", CONFIG.replace("min_len: 6", "min_len: 9"));
    sandbox.run(&["run", "--config", "sandbox.yaml"]).expect(5);
    sandbox
}

fn listed(sandbox: &Sandbox) -> Vec<Value> {
    sandbox.run(&["runs", "ls", "--json"]).expect(0).stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn the_life_of_what_is_kept() {
    let sandbox = two_runs();
    let runs = listed(&sandbox);
    assert_eq!(runs.len(), 2);
    let uids: Vec<&str> = runs.iter().map(|run| run["uid"].as_str().unwrap()).collect();
    assert!(runs.iter().all(|run| run["status"] == "done" && run["project"] == "p" && run["name"] == "e"), "{runs:?}");
    assert!(runs[0]["started"].as_i64() > runs[1]["started"].as_i64(), "the last one first");

    let shown = sandbox.run(&["runs", "show", "latest"]).expect(0).stdout;
    for words in ["anonymous.clean", "ProcessDataHook", "text_length_filter", "done"] {
        assert!(shown.contains(words), "{words} in\n{shown}");
    }
    let all: Value = serde_json::from_str(&sandbox.run(&["runs", "show", uids[1], "--json"]).expect(0).stdout).unwrap();
    let operator = &all["operators"][0];
    assert_eq!((&operator["rows_in"], &operator["rows_out"]), (&2.into(), &2.into()));
    assert_eq!(all["bad_rows"][0]["line"], 3);
    let edges: Vec<_> = all["lineage"].as_array().unwrap().iter().map(|edge| (&edge["from"]["kind"], &edge["to"]["name"])).collect();
    assert!(edges.contains(&(&"dataset".into(), &"outputs/p/iter_1/clean.jsonl".into())), "{edges:?}");
    assert!(edges.contains(&(&"recipe".into(), &"outputs/p/iter_1/clean.jsonl".into())), "{edges:?}");

    let compared = sandbox.run(&["runs", "compare", uids[1], uids[0]]).expect(0).stdout;
    assert!(compared.contains("min_len") && compared.contains('6') && compared.contains('9'), "{compared}");
    assert!(!compared.contains("dataset_path"), "what is the same is left out\n{compared}");
    let tail = sandbox.run(&["runs", "tail", "latest", "--lines", "2"]).expect(0).stdout;
    assert_eq!(tail.lines().count(), 2, "{tail}");

    assert!(sandbox.run(&["runs", "rm", uids[0], "nothing"]).expect(2).stderr.contains("The store has no run `nothing`"));
    assert_eq!(listed(&sandbox).len(), 2, "all or none");
    sandbox.run(&["runs", "rm", uids[0]]).expect(0);
    assert_eq!(listed(&sandbox).iter().map(|run| run["uid"].as_str().unwrap()).collect::<Vec<_>>(), [uids[1]]);
    assert_eq!(sandbox.run(&["runs", "ls", "--status", "failed"]).expect(0).stderr, "no runs\n");
}

#[test]
fn a_run_that_is_not_kept_is_a_run() {
    let sandbox = Sandbox::new();
    sandbox.write("rows.jsonl", "{\"text\": \"a text\"}\n");
    sandbox.write("sandbox.yaml", CONFIG);
    sandbox.run(&["run", "--config", "sandbox.yaml", "--no_store"]).expect(0);
    assert!(listed(&sandbox).is_empty());
    assert!(sandbox.run(&["runs", "show", "latest"]).expect(2).stderr.contains("There is no run store"));
    sandbox.write("outputs/p/.dj-sandbox/runs.db", "something else that is not a store at all\n".repeat(40));
    let ran = sandbox.run(&["run", "--config", "sandbox.yaml"]).expect(0);
    assert!(ran.stderr.contains("warning: this run is not kept: `outputs/p/.dj-sandbox/runs.db` is not a run store"), "{ran}");
}

#[test]
fn a_killed_run_has_crashed() {
    let sandbox = Sandbox::with_configs();
    let running = sandbox.start(&["run", "--config", "configs/demo/sandbox.yaml"]);
    assert!(running.saw("[4/7]"));
    running.kill();
    let runs = listed(&sandbox);
    assert_eq!((runs.len(), &runs[0]["status"]), (1, &"crashed".into()));
    let names: Vec<&str> = runs[0]["metrics"].as_array().unwrap().iter().filter_map(|metric| metric["name"].as_str()).collect();
    assert!(names.contains(&"raw_data.num_words.mean"), "what the first job watched is there: {names:?}");
}
