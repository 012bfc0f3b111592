//! Metrics of a run, as Prometheus, the node exporter and people get them. `cargo xtask integration prometheus` has the real servers.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::time::Duration;

use sandbox_tests::Sandbox;

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

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("rows.jsonl", "{\"text\": \"a text\"}\n{\"text\": \"tiny\"}\n{\"text\": \"long enough\"}\n{\"text\": 3}\n");
    sandbox.write("sandbox.yaml", CONFIG);
    sandbox
}

const ROWS: [&str; 4] = [
    "sandbox_data_samples_read_total{op=\"text_length_filter\",pipeline=\"anonymous\"} 3\n",
    "sandbox_data_samples_kept_total{op=\"text_length_filter\",pipeline=\"anonymous\"} 2\n",
    "sandbox_data_samples_dropped_total{op=\"text_length_filter\",pipeline=\"anonymous\"} 1\n",
    "sandbox_data_samples_rejected_total{hook=\"clean\",pipeline=\"anonymous\"} 1\n",
];

#[test]
fn a_run_leaves_a_file_behind() {
    let sandbox = sandbox();
    sandbox.write("prom/.keep", "");
    sandbox.run(&["run", "--config", "sandbox.yaml", "--prom_textfile", "prom"]).expect(5);
    let text = sandbox.read("prom/sandbox_anonymous.prom");
    for line in ROWS {
        assert!(text.contains(line), "{line} in\n{text}");
    }
    assert!(text.contains("sandbox_run_last_success_timestamp_seconds{pipeline=\"anonymous\"}"), "{text}");
}

#[test]
fn metrics_are_served_while_the_program_lingers() {
    let sandbox = sandbox();
    let running = sandbox.start(&["run", "--config", "sandbox.yaml", "--metrics", "127.0.0.1:0", "--linger", "60s", "--json"]);
    assert!(running.saw("metrics are served for 60s more"));
    running.interrupt();
    let ran = running.wait_at_most(Duration::from_secs(20)).expect(5);
    assert!(ran.stdout.lines().next().is_some_and(|line| line.starts_with("{\"event\":\"metrics_server\",\"url\":\"http://127.0.0.1:")));
}

#[test]
fn a_page_has_what_the_run_said() {
    let sandbox = sandbox();
    // A port that was free a moment ago.
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let listen = address.to_string();
    let running = sandbox.start(&["run", "--config", "sandbox.yaml", "--metrics", &listen, "--linger", "60s", "--json"]);
    assert!(running.saw("metrics are served for 60s more"));
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /metrics HTTP/1.0\r\nHost: {listen}\r\n\r\n").unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    for line in ROWS {
        assert!(page.contains(line), "{line} in\n{page}");
    }
    assert!(page.contains("\nsandbox_jobs_in_progress{hook=\"clean\",pipeline=\"anonymous\"} 0\n"), "{page}");
    assert!(page.contains("\nsandbox_watcher_in_trouble 0\n") && page.contains("\nprocess_start_time_seconds "), "{page}");
    running.kill();
}

#[test]
fn what_cannot_work_is_said_before_the_first_job() {
    let sandbox = sandbox();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    for (flag, value, words) in [
        ("--metrics", address.as_str(), "Failed to listen on `127.0.0.1:"),
        ("--metrics", "9464", "`--metrics` must be an address and a port, not `9464`"),
        ("--prom_textfile", "gone", "`gone` is not a folder that can be written"),
        ("--push_gateway", "gateway:9091", "`gateway:9091` is not the address of a Pushgateway"),
    ] {
        let ran = sandbox.run(&["run", "--config", "sandbox.yaml", flag, value]).expect(2);
        assert!(ran.stderr.contains(words) && ran.stderr.contains("hint: "), "{words} in\n{}", ran.stderr);
    }
    assert!(!sandbox.path("outputs").exists(), "nothing was run");
    sandbox.run(&["run", "--config", "sandbox.yaml", "--linger", "3s"]).expect(2);
    sandbox.run(&["run", "--config", "sandbox.yaml", "--metrics", "127.0.0.1:0", "--linger", "soon"]).expect(2);
}

#[test]
fn a_gateway_that_is_gone_is_a_warning() {
    let sandbox = sandbox();
    let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let ran = sandbox.run(&["run", "--config", "sandbox.yaml", "--push-gateway", &format!("http://{address}")]).expect(5);
    assert!(ran.stderr.contains(&format!("warning: Failed to push to `http://{address}`")), "{}", ran.stderr);
}

#[test]
fn rules_and_dashboard_are_printed() {
    let sandbox = Sandbox::new();
    let rules: serde_yaml::Value = serde_yaml::from_str(&sandbox.run(&["metrics", "rules"]).expect(0).stdout).unwrap();
    assert_eq!(rules["groups"][0]["rules"][0]["alert"], "SandboxJobFailed");
    let dashboard: serde_json::Value = serde_json::from_str(&sandbox.run(&["metrics", "dashboard"]).expect(0).stdout).unwrap();
    assert_eq!(dashboard["title"], "dj-sandbox");
    sandbox.run(&["metrics", "graphs"]).expect(2);
    sandbox.run(&["metrics"]).expect(2);
}
