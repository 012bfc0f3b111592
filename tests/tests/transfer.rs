//! `dj-sandbox runs export` and `runs import`, and logs that are kept as runs.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::fs::OpenOptions;
use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use sandbox_tests::{Sandbox, project};
use serde_json::{Value, json};

/// A sandbox with a log that is kept as the run of the project `p`.
fn kept() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.copy(project().join("crates/sandbox-ingest/tests/fixtures/hf.log"), "train.log");
    let ran = sandbox.run(&["ingest", "train.log", "--store", "p", "--name", "mine", "--quiet"]).expect(0);
    assert_eq!(ran.stderr, "");
    sandbox
}

fn listed(sandbox: &Sandbox) -> Vec<Value> {
    sandbox.run(&["runs", "ls", "--json"]).expect(0).events()
}

#[test]
fn a_log_is_a_run() {
    let sandbox = kept();
    let run = &listed(&sandbox)[0];
    assert_eq!((&run["project"], &run["name"], &run["status"]), (&json!("p"), &json!("mine"), &json!("done")));
    assert_eq!((&run["tags"]["source"], &run["tags"]["source_format"]), (&json!("train.log"), &json!("log")));
    let loss = run["metrics"].as_array().unwrap().iter().find(|metric| metric["name"] == "loss").unwrap();
    assert_eq!((&loss["count"], &loss["last"], &loss["high"][0]), (&json!(5), &json!(0.5), &json!(2.5531)));

    // The same content is refused, whatever its name and whenever it is known, unless it is to be replaced.
    sandbox.copy(sandbox.path("train.log"), "copy.log");
    let again = sandbox.run(&["ingest", "copy.log", "--store", "outputs/p"]).expect(2);
    assert!(again.stderr.contains("`copy.log` is already in the store as the run"), "{again}");
    let mut child = sandbox.command(&["ingest", "-", "--store", "p"]).stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(sandbox.read("train.log").as_bytes()).unwrap();
    assert_eq!(child.wait_with_output().unwrap().status.code(), Some(2));
    assert_eq!(listed(&sandbox).len(), 1);
    let replaced = sandbox.run(&["ingest", "copy.log", "--store", "p", "--replace", "--json"]).expect(0).events();
    let imported = replaced.last().unwrap();
    assert_eq!((&imported["event"], &imported["replaced"]), (&json!("imported"), &json!([run["uid"]])));
    assert_eq!(listed(&sandbox).iter().map(|run| run["name"].clone()).collect::<Vec<_>>(), ["copy.log"]);

    // What holds no metrics makes no run; what is wrong with the command line makes no store.
    sandbox.write("talk.log", "nothing\n");
    sandbox.run(&["ingest", "talk.log", "--store", "p"]).expect(3);
    sandbox.run(&["ingest", "gone.log", "--store", "q"]).expect(2);
    sandbox.run(&["ingest", "train.log", "--store", "q", "--grammar", "hff"]).expect(2);
    sandbox.run(&["ingest", "train.log", "--name", "x"]).expect(2);
    assert!(!sandbox.path("outputs/q").exists());
    assert_eq!(listed(&sandbox).len(), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn a_log_that_is_followed_can_be_looked_at() {
    let sandbox = Sandbox::new();
    sandbox.write("train.log", "");
    let mut log = OpenOptions::new().append(true).open(sandbox.path("train.log")).unwrap();
    log.write_all(b"{'loss': 0.5, 'epoch': 0.1}\n").unwrap();
    let command = ["ingest", "train.log", "--follow", "--store", "p"];
    let mut child = sandbox.command(&command).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let begun = Instant::now();
    loop {
        let runs = listed(&sandbox);
        if runs.first().is_some_and(|run| run["status"] == "running" && run["metrics"].as_array().is_some_and(|all| all.len() == 2)) {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(10), "{runs:?}");
        std::thread::sleep(Duration::from_millis(50));
    }
    log.write_all(b"{'loss': 0.25, 'epoch': 0.2}\n").unwrap();
    std::thread::sleep(Duration::from_millis(1300));
    drop(log);
    assert!(child.wait().unwrap().success());
    let run = &listed(&sandbox)[0];
    let loss = run["metrics"].as_array().unwrap().iter().find(|metric| metric["name"] == "loss").unwrap();
    assert_eq!((&run["status"], &loss["last"], &loss["count"]), (&json!("done"), &json!(0.25), &json!(2)));
    assert!(sandbox.run(&["ingest", "train.log", "--store", "p"]).expect(2).stderr.contains("already in the store"));
}

#[test]
fn out_and_in_again() {
    let sandbox = kept();
    for (format, place) in [
        ("csv", "out/long.csv"),
        ("parquet", "out/runs.parquet"),
        ("openmetrics", "out/runs.om"),
        ("tensorboard", "out/tb"),
        ("dvclive", "out/dvclive"),
    ] {
        let ran = sandbox.run(&["runs", "export", "latest", "--to", format, "--out", place, "--json"]).expect(0);
        let told = &ran.events()[0];
        // A log without times is of one moment: what Prometheus cannot hold of it is told.
        let left_out: u64 = told["left_out"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
        assert!(told["values"].as_u64().unwrap() + left_out == 34 && sandbox.path(place).exists(), "{ran}");
    }
    sandbox.run(&["runs", "export", "latest", "--to", "csv", "--wide", "--out", "out/wide.csv"]).expect(0);
    assert!(sandbox.read("out/wide.csv").starts_with("run,part,step,time,elapsed_seconds,epoch,eval_accuracy,"));
    assert!(sandbox.read("out/runs.om").ends_with("# EOF\n"));
    let metrics: Value = serde_json::from_str(&sandbox.read("out/dvclive/metrics.json")).unwrap();
    assert_eq!(metrics["loss"], 0.5);

    for (format, place) in [("csv", "out/long.csv"), ("csv", "out/wide.csv"), ("tensorboard", "out/tb")] {
        let words = ["runs", "import", place, "--from", format, "--project", "new", "--store", "in/.dj-sandbox/runs.db"];
        let ran = sandbox.run(&words).expect(0);
        assert!(ran.stderr.contains("are kept as the run"), "{ran}");
        assert!(sandbox.run(&words).expect(2).stderr.contains("hint: `--replace` puts what is read now in its place"));
    }
    let runs = sandbox.run(&["runs", "ls", "--store", "in/.dj-sandbox/runs.db", "--json"]).expect(0).events();
    let mut losses: Vec<(Value, Value)> = runs
        .iter()
        .map(|run| {
            let loss = run["metrics"].as_array().unwrap().iter().find(|metric| metric["name"] == "loss").unwrap();
            (run["project"].clone(), loss["high"][0].clone())
        })
        .collect();
    // They began at the same moment, so their order is no matter.
    losses.sort_by(|one, other| one.1.as_f64().unwrap().total_cmp(&other.1.as_f64().unwrap()));
    let float32 = json!(f64::from(2.5531f32));
    assert_eq!(losses, [(json!("new"), json!(2.5531)), (json!("new"), json!(2.5531)), (json!("new"), float32)]);
}

#[test]
fn help_and_mistakes() {
    let sandbox = kept();
    assert_snapshot!("transfer_help_export", sandbox.run(&["runs", "export", "--help"]).expect(0).snapshot());
    assert_snapshot!("transfer_help_import", sandbox.run(&["runs", "import", "--help"]).expect(0).snapshot());
    sandbox.write("bad.csv", "epoch,loss\n1,2\n");
    sandbox.write("bad.tfevents", "this is no event file");
    sandbox.write("full", "a file where a folder is to be");
    let said = |words: &[&str], code| sandbox.run(words).expect(code).complaint();
    let nowhere = said(&["runs", "export", "latest", "--to", "mlflow", "--out", "http://127.0.0.1:9"], 3);
    assert!(
        nowhere.contains("Failed to reach the MLflow server `http://127.0.0.1:9`") && nowhere.contains("hint: is it running?"),
        "{nowhere}"
    );
    assert_snapshot!(
        "transfer_mistakes",
        [
            said(&["runs", "export", "nothing", "--to", "csv", "--out", "x.csv"], 2),
            said(&["runs", "export", "latst", "--to", "csv", "--out", "x.csv"], 2),
            said(&["runs", "export", "latest", "--to", "csw", "--out", "x.csv"], 2),
            said(&["runs", "export", "latest", "--to", "csv", "--out", "full/x.csv"], 3),
            said(&["runs", "import", "gone.csv", "--from", "csv"], 2),
            said(&["runs", "import", "bad.csv", "--from", "csv"], 2),
            said(&["runs", "import", "bad.tfevents", "--from", "tensorboard"], 2),
            said(&["runs", "import", "full", "--from", "csv", "--store", "a.db", "--store", "b.db"], 2),
        ]
        .join("\n")
    );
    // A mistake leaves no half of anything.
    assert!(!sandbox.path("x.csv").exists() && listed(&sandbox).len() == 1);
}
