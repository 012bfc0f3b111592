//! The run ends at any moment, by `kill -9` or by Ctrl-C, and `--resume` brings it to the same bytes as if nothing had happened.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use insta::assert_snapshot;
use sandbox_tests::{Files, Ran, Sandbox};

const DEMO: [&str; 3] = ["run", "--config", "configs/demo/sandbox.yaml"];
const RESUME: [&str; 5] = ["run", "--config", "configs/demo/sandbox.yaml", "--resume", "true"];

/// A run that nobody disturbed.
struct Undisturbed {
    outputs: Files,
    tables: String,
    took: Duration,
}

static UNDISTURBED: LazyLock<Undisturbed> = LazyLock::new(|| {
    let sandbox = Sandbox::with_configs();
    let started = Instant::now();
    let tables = sandbox.run(&DEMO).expect(0).stdout;
    Undisturbed { took: started.elapsed(), outputs: sandbox.outputs(), tables }
});

/// Nothing under a final name is half-written, whatever the moment: each file is the one it will be, or is not there.
#[track_caller]
fn assert_whole(sandbox: &Sandbox, when: &str) {
    for (path, content) in sandbox.outputs() {
        // Context infos grow with each job; that they are whole JSON is all that can be said.
        if path.ends_with("context_infos.json") {
            serde_json::from_slice::<serde_json::Value>(&content).unwrap();
        } else if !path.ends_with(".partial") {
            assert!(UNDISTURBED.outputs.get(&path) == Some(&content), "{when}: `{path}` is not what it will be");
        }
    }
}

#[track_caller]
fn assert_resumes(sandbox: &Sandbox, when: &str) -> Ran {
    assert_whole(sandbox, when);
    let ran = sandbox.run(&RESUME).expect(0);
    let outputs = sandbox.outputs();
    assert_eq!(outputs.keys().collect::<Vec<_>>(), UNDISTURBED.outputs.keys().collect::<Vec<_>>(), "{when}");
    for (path, content) in &UNDISTURBED.outputs {
        assert!(&outputs[path] == content, "{when}: `{path}` differs after the resumed run");
    }
    assert!(sandbox.files("outputs").keys().all(|path| !path.ends_with(".partial")), "{when}: a partial file is left");
    assert_eq!(ran.stdout, UNDISTURBED.tables, "{when}");
    ran
}

#[test]
fn killed_at_any_moment() {
    const MOMENTS: u32 = 16;
    let mut cut_short = 0;
    for moment in 1..=MOMENTS {
        let sandbox = Sandbox::with_configs();
        let wait = UNDISTURBED.took * moment / (MOMENTS + 1);
        let running = sandbox.start(&DEMO);
        std::thread::sleep(wait);
        let when = format!("killed after {wait:?}");
        cut_short += u32::from(running.kill().code.is_none());
        assert_resumes(&sandbox, &when);
    }
    assert!(cut_short >= MOMENTS / 2, "only {cut_short} of {MOMENTS} runs were still going when they were killed");
}

#[test]
fn killed_at_the_beginning_of_each_job() {
    for job in 1..=7 {
        let sandbox = Sandbox::with_configs();
        let running = sandbox.start(&DEMO);
        assert!(running.saw(&format!("[{job}/7]")));
        // A fast machine may come through the last, short job.
        let code = running.kill().code;
        assert!(code.is_none() || job == 7, "it was still running in job {job}, not ended with {code:?}");
        let resumed = assert_resumes(&sandbox, &format!("killed in job {job}"));
        let skipped = resumed.stderr.lines().filter(|line| line.contains("skipped: unchanged")).count();
        // What is told as begun may not have been recorded by then, what came before it has been.
        assert!(skipped >= job - 1, "{skipped} jobs taken over after a kill in job {job}\n{resumed}");
    }
}

/// Resumed runs are killed as well: each goes on where the last one stopped.
#[test]
fn killed_again_and_again() {
    let sandbox = Sandbox::with_configs();
    for job in 1..=7 {
        let running = sandbox.start(&RESUME);
        assert!(running.saw(&format!("[{job}/7]")));
        running.kill();
        assert_whole(&sandbox, &format!("killed in job {job}"));
    }
    assert_resumes(&sandbox, "killed in each job, one run after the other");
}

#[test]
fn ctrl_c_stops_within_two_seconds_and_can_be_resumed() {
    for job in [1, 3, 4] {
        let sandbox = Sandbox::with_configs();
        let running = sandbox.start(&DEMO);
        assert!(running.saw(&format!("[{job}/7]")));
        running.interrupt();
        let ran = running.wait_at_most(Duration::from_secs(2)).expect(130);
        assert!(ran.stderr.contains("stopped; run it again with `--resume` to go on"), "{ran}");
        assert!(sandbox.files("outputs").keys().all(|path| !path.ends_with(".partial")), "a run that stops cleans up");
        assert_resumes(&sandbox, &format!("Ctrl-C in job {job}"));
    }
}

/// One job that takes seconds stops in its middle, not at its end.
#[test]
fn ctrl_c_in_the_middle_of_a_recipe() {
    let sandbox = Sandbox::new();
    let row = format!("{{\"text\": \"{}\"}}\n", "some words of no great length, over and over. ".repeat(40));
    sandbox.write("rows.jsonl", row.repeat(40_000));
    let operators = "- alphanumeric_filter:\n- character_repetition_filter:\n- special_characters_filter:\n- word_repetition_filter:\n";
    let twice = format!("process:\n{operators}{}", operators.replace(":\n", ":\n    text_key: text\n"));
    sandbox.write("recipe.yaml", format!("dataset_path: rows.jsonl\nexport_path: out/rows.jsonl\n{twice}"));
    let running = sandbox.start(&["process", "--config", "recipe.yaml"]);
    assert!(running.saw("[1/1]"));
    std::thread::sleep(Duration::from_millis(150));
    running.interrupt();
    let ran = running.wait_at_most(Duration::from_secs(2)).expect(130);
    assert_snapshot!("ctrl_c_in_a_recipe", ran.snapshot());
    assert!(sandbox.files("out").is_empty(), "{:?}", sandbox.files("out").keys());
}
