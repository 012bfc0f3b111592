//! Jobs that run programs of others, as their users see them.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::time::{Duration, Instant};

use sandbox_tests::Sandbox;
use serde_json::Value;

const INTEGRATION: &str = "\
name: counter
hook: TrainModelHook
summary: Counts
parameters:
  to: {type: integer, default: 3, doc: the last number}
  data: {type: path, required: true, doc: what it is about}
command: [sh, -c, 'for i in $(seq $1); do echo step $i loss 1e-0$i; done', sh, '{{ to }}', '{{ data }}']
log: {patterns: ['step (?<step>\\d+) loss (?<loss>\\S+)']}
outputs: ['{{ metrics.loss }}']
";

const CONFIG: &str = "\
project_name: p
work_dir: out
execution_job_configs:
- hook: TrainModelHook
  meta_name: first
  extra_configs: {type: command, command: [sh, -c, 'echo done'], outputs: ['it''s']}
  output: [data]
- hook: TrainModelHook
  meta_name: train
  input: {extra_configs.data: anonymous.first.data}
  extra_configs: {type: counter}
  output: [loss]
";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("mine/counter.yaml", INTEGRATION);
    sandbox.write("sandbox.yaml", CONFIG);
    sandbox
}

#[test]
fn a_type_of_the_users_own_is_listed_shown_and_run() {
    let sandbox = sandbox();
    let listed = sandbox.run(&["list", "counter", "--integrations", "mine"]).expect(0);
    assert!(listed.stdout.contains("counter") && listed.stdout.contains("`to` (integer, default 3): the last number"), "{listed}");
    let unknown = sandbox.run(&["check", "--config", "sandbox.yaml"]).expect(2);
    assert!(unknown.stderr.contains("unknown type `counter`"), "{unknown}");
    let shown = sandbox.run(&["run", "--config", "sandbox.yaml", "--integrations", "mine", "--dry-run"]).expect(0);
    assert!(shown.stdout.contains("# anonymous.first\nsh -c 'echo done'\n"), "{shown}");
    assert!(shown.stdout.contains("sh 3 '<data>'\n") && !sandbox.path("out").exists(), "{shown}");

    let ran = sandbox.run(&["run", "--config", "sandbox.yaml", "--integrations", "mine", "--json"]).expect(0);
    let events = ran.events();
    let measured: Vec<&Value> = events.iter().filter(|event| event["event"] == "metrics").collect();
    assert_eq!(measured.iter().map(|event| event["values"]["loss"].as_f64().unwrap()).collect::<Vec<_>>(), [0.1, 0.01, 0.001]);
    assert!(events.iter().any(|event| event["event"] == "log"), "{ran}");
    let infos: Value = serde_json::from_str(&sandbox.read("out/context_infos.json")).unwrap();
    assert_eq!(infos.pointer("/0/pipeline_infos/0/job_infos/1/loss"), Some(&serde_json::json!(0.001)));
    // The same again is nothing to do; what the store has can be asked for.
    let again = sandbox.run(&["run", "--config", "sandbox.yaml", "--integrations", "mine", "--resume"]).expect(0);
    assert!(again.stderr.contains("skipped: unchanged"), "{again}");
    let kept = sandbox.run(&["runs", "show", "latest", "--store", "out/.dj-sandbox/runs.db", "--json"]);
    assert!(kept.code == Some(0) && kept.stdout.contains("train"), "{kept}");
}

#[test]
fn a_stop_ends_what_the_program_started() {
    let sandbox = Sandbox::new();
    let script = "sh -c 'echo $$ > pid.part; mv pid.part pid; sleep 100' & sleep 100";
    let config = serde_json::json!({"work_dir": "out", "execution_job_configs": [{"hook": "TrainModelHook", "meta_name": "train",
        "extra_configs": {"type": "command", "command": ["sh", "-c", script]}}]});
    sandbox.write("sandbox.json", config.to_string());
    let running = sandbox.start(&["run", "--config", "sandbox.json"]);
    let start = Instant::now();
    while !sandbox.path("pid").exists() {
        assert!(start.elapsed() < Duration::from_secs(20), "the program does not begin");
        std::thread::sleep(Duration::from_millis(10));
    }
    running.interrupt();
    running.wait_at_most(Duration::from_secs(20)).expect(130);
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", sandbox.read("pid").trim()));
    assert!(stat.is_err() || stat.unwrap().contains(") Z"), "a grandchild lives on");
}

#[test]
fn what_is_wrong_with_a_folder_of_integrations_has_a_line() {
    let sandbox = Sandbox::new();
    sandbox.write("mine/x.yaml", "name: x\nhook: TrainModelHook\ncomand: [a]\n");
    let wrong = sandbox.run(&["list", "--integrations", "mine"]).expect(2);
    assert!(wrong.stderr.contains("mine/x.yaml:3") && wrong.stderr.contains("command"), "{wrong}");
    let none = sandbox.run(&["list", "--integrations", "nowhere"]).expect(2);
    assert!(none.stderr.contains("Failed to read the folder `nowhere`"), "{none}");
}
