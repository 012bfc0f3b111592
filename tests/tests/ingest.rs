//! `dj-sandbox ingest`: the metrics of logs, whole and while they are written.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::fs::OpenOptions;
use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use sandbox_tests::{Sandbox, project};
use serde_json::json;

fn ready(log: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.copy(project().join("crates/sandbox-ingest/tests/fixtures").join(log), "train.log");
    sandbox
}

#[test]
fn a_table_of_the_metrics() {
    assert_snapshot!("ingest_auto", ready("hf.log").run(&["ingest", "train.log"]).expect(0).snapshot());
    let named = ready("modelscope.log").run(&["ingest", "train.log", "--grammar", "modelscope"]).expect(0);
    assert_snapshot!("ingest_modelscope", named.snapshot());
    assert_snapshot!("ingest_help", Sandbox::new().run(&["ingest", "--help"]).expect(0).snapshot());
    assert_snapshot!("list_grammars", Sandbox::new().run(&["list", "grammars"]).expect(0).snapshot());
}

#[test]
fn json_and_csv() {
    let sandbox = ready("verl.log");
    let events = sandbox.run(&["ingest", "train.log", "--json"]).expect(0).events();
    assert_eq!(events.len(), 4);
    assert_eq!(
        events[2],
        json!({"event": "record", "line": 4, "step": 35, "values": {"actor/kl_loss": "NaN", "actor/grad_norm": "Infinity"}})
    );
    let last = &events[3];
    assert_eq!((&last["grammar"], &last["records"], &last["metrics"]["actor/lr"]["last"]), (&json!("verl"), &json!(3), &json!(2e-6)));
    let csv = sandbox.run(&["ingest", "train.log", "--csv"]).expect(0).stdout;
    assert!(csv.starts_with("line,step,name,value\n1,0,val-aux/openai/gsm8k/reward/mean@1,0.565\n"), "{csv}");
    assert!(csv.ends_with("4,35,actor/kl_loss,NaN\n4,35,actor/grad_norm,inf\n"), "{csv}");
}

/// What `list` shows of a grammar can be saved and used.
#[test]
fn a_grammar_of_the_users_own() {
    let sandbox = ready("hf.log");
    sandbox.write("mine.yaml", sandbox.run(&["list", "hf"]).expect(0).stdout);
    let (own, built_in) = (["ingest", "train.log", "--grammar", "mine.yaml"], ["ingest", "train.log", "--grammar", "hf"]);
    assert_eq!(sandbox.run(&own).expect(0).stdout, sandbox.run(&built_in).expect(0).stdout);
}

#[test]
fn mistakes_are_told() {
    let sandbox = ready("hf.log");
    sandbox.write("bad.yaml", "name: bad\nmtach: x\n");
    sandbox.write("talk.log", "nothing\nto see\n");
    let said = |words: &[&str], code| sandbox.run(words).expect(code).complaint();
    assert_snapshot!(
        "ingest_mistakes",
        [
            said(&["ingest", "gone.log"], 2),
            said(&["ingest", "train.log", "--grammar", "hff"], 2),
            said(&["ingest", "train.log", "--grammar", "bad.yaml"], 2),
            said(&["ingest", "talk.log"], 3),
            said(&["ingest", "talk.log", "--grammar", "verl"], 3),
            said(&["ingest", "train.log", "--a.b", "3"], 2),
        ]
        .join("\n")
    );
}

#[test]
fn standard_input() {
    let sandbox = Sandbox::new();
    let mut child = sandbox.command(&["ingest", "-", "--csv"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"{'loss': 0.5, 'x': 'a, b'}\r\n{'loss': -1e-05}").unwrap();
    let output = child.wait_with_output().unwrap();
    let expected = "line,step,name,value\n1,,loss,0.5\n1,,x,\"a, b\"\n2,,loss,-0.00001\n";
    assert_eq!((output.status.code(), String::from_utf8(output.stdout).unwrap().as_str()), (Some(0), expected));
}

#[cfg(target_os = "linux")]
#[test]
fn a_log_is_followed_until_its_writer_ends() {
    let sandbox = Sandbox::new();
    sandbox.write("train.log", "loading\n");
    let mut log = OpenOptions::new().append(true).open(sandbox.path("train.log")).unwrap();
    let child =
        sandbox.command(&["ingest", "train.log", "--follow", "--json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // In pieces, as programs write that do not think of lines.
    for piece in ["{'lo", "ss': 0.5, 'epoch'", ": 0.1}\n", "{'loss': 0.25, 'epoch': 0.2}"] {
        log.write_all(piece.as_bytes()).unwrap();
        std::thread::sleep(Duration::from_millis(150));
    }
    std::thread::sleep(Duration::from_millis(1300));
    drop(log);
    let (start, output) = (Instant::now(), child.wait_with_output().unwrap());
    assert!(start.elapsed() < Duration::from_secs(10));
    let losses: Vec<serde_json::Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .filter(|event| event["event"] == "record")
        .map(|event| event["values"]["loss"].clone())
        .collect();
    assert_eq!((output.status.code(), losses), (Some(0), vec![json!(0.5), json!(0.25)]));
}
