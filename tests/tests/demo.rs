//! The demo, as the README's first command runs it: offline, from a copy of `configs`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use insta::assert_snapshot;
use regex::Regex;
use sandbox_core::event::Event;
use sandbox_tests::{Files, Sandbox, program};
use serde_json::Value;

const DEMO: [&str; 3] = ["run", "--config", "configs/demo/sandbox.yaml"];

fn demo(more: &[&'static str]) -> Vec<&'static str> {
    DEMO.iter().chain(more).copied().collect()
}

/// Names of what differs, without the contents.
fn differing(a: &Files, b: &Files) -> BTreeSet<String> {
    a.keys().chain(b.keys()).filter(|path| a.get(*path) != b.get(*path)).cloned().collect()
}

#[test]
fn ends_with_the_table() {
    let sandbox = Sandbox::with_configs();
    let ran = sandbox.run(&DEMO).expect(0);
    assert_snapshot!("the_demo", ran.snapshot());

    let written: Vec<&str> = ran.stdout.lines().skip_while(|line| *line != "Written").skip(1).map(str::trim).collect();
    assert!(written.len() > 5, "{written:?}");
    let outputs = sandbox.outputs();
    for path in &written {
        let content = outputs.get(path.strip_prefix("outputs/").unwrap());
        assert!(content.is_some_and(|content| !content.is_empty()), "{path} is told and not there");
    }
    // Pictures are not named one by one: the page shows them all.
    let (pictures, there): (BTreeSet<String>, BTreeSet<String>) =
        outputs.keys().map(|path| format!("outputs/{path}")).partition(|path| path.ends_with(".png"));
    assert_eq!(pictures.len(), 2 * (2 * 8 + 1), "{pictures:?}");
    assert_eq!(there, written.iter().map(|path| (*path).to_owned()).collect(), "what is there and what is told");
    assert_snapshot!("the_demo_overall.csv", sandbox.read("outputs/demo/raw/analysis/overall.csv"));
    assert_snapshot!("the_demo_overall.md", sandbox.read("outputs/demo/analyzed/analysis/overall.md"));
    assert_snapshot!("the_demo_refined.yaml", sandbox.read("outputs/demo/refined.yaml"));
    // Logarithms end in another digit on another system: nine decimals are the same everywhere.
    let decimals = Regex::new(r"(\d\.\d{9})\d+").unwrap();
    assert_snapshot!("the_demo_context_infos.json", decimals.replace_all(&sandbox.read("outputs/demo/context_infos.json"), "$1"));
}

#[test]
fn twice_gives_the_same_bytes() {
    let (first, second) = (Sandbox::with_configs(), Sandbox::with_configs());
    let told = first.run(&DEMO).expect(0).stdout;
    assert_eq!(second.run(&DEMO).expect(0).stdout, told);
    assert_eq!(differing(&first.outputs(), &second.outputs()), BTreeSet::new());
    // Once more over what is there already.
    assert_eq!(second.run(&DEMO).expect(0).stdout, told);
    assert_eq!(differing(&first.outputs(), &second.outputs()), BTreeSet::new());
}

#[test]
fn resumes_what_is_unchanged_and_says_why_it_runs_again() {
    let sandbox = Sandbox::with_configs();
    let first = sandbox.run(&DEMO).expect(0);
    let (outputs, state) = (sandbox.outputs(), sandbox.read("outputs/demo/.dj-sandbox/state.json"));

    let again = sandbox.run(&demo(&["--resume"])).expect(0);
    assert_eq!(again.stdout, first.stdout, "the same tables from the records");
    assert_snapshot!("resume_of_a_finished_run", again.complaint());
    assert_eq!(differing(&sandbox.outputs(), &outputs), BTreeSet::new());
    assert_eq!(sandbox.read("outputs/demo/.dj-sandbox/state.json"), state, "nothing ran, no time changed");

    // Training settings: the first jobs hold, one model and its score do not.
    let flag = ["--resume", "true", "--demo.train_on_raw.extra_configs.order", "4"];
    let changed = sandbox.run(&demo(&flag)).expect(0);
    assert_snapshot!("resume_with_another_order", changed.complaint());
    sandbox.run(&demo(&["--resume"])).expect(0);
    assert_eq!(differing(&sandbox.outputs(), &outputs), BTreeSet::new(), "back to where it was");

    // The recipe: everything that comes from it.
    let recipe = sandbox.read("configs/demo/recipe.yaml");
    assert!(recipe.contains("rep_len: 10"));
    sandbox.write("configs/demo/recipe.yaml", recipe.replace("rep_len: 10", "rep_len: 12"));
    let changed = sandbox.run(&demo(&["--resume"])).expect(0);
    assert_snapshot!("resume_with_another_recipe", changed.complaint());
    let fresh = Sandbox::with_configs();
    fresh.write("configs/demo/recipe.yaml", recipe.replace("rep_len: 10", "rep_len: 12"));
    fresh.run(&DEMO).expect(0);
    assert_eq!(differing(&sandbox.outputs(), &fresh.outputs()), BTreeSet::new());

    // An output that somebody has touched.
    let path = "outputs/demo/processed/iter_1/speeches.jsonl";
    let processed = sandbox.read(path);
    sandbox.write(path, format!("{processed}{{\"text\": \"added by hand\"}}\n"));
    let mended = sandbox.run(&demo(&["--resume"])).expect(0);
    assert_snapshot!("resume_after_an_output_was_changed", mended.complaint());
    assert_eq!(sandbox.read(path), processed);
}

#[test]
fn tells_programs_every_event_as_a_line() {
    let sandbox = Sandbox::with_configs();
    let ran = sandbox.run(&demo(&["--json"])).expect(0);
    assert_eq!(ran.stderr, "", "talk is for people");
    let mut kinds = Vec::new();
    for value in ran.events() {
        // Read as an event and written again it is the same: every line is an event, with nothing beside it.
        let event: Event = serde_json::from_value(value.clone()).unwrap_or_else(|error| panic!("{error}: {value}"));
        assert_eq!(serde_json::to_value(&event).unwrap(), value);
        kinds.push(value["event"].as_str().unwrap().to_owned());
    }
    assert_eq!((kinds[0].as_str(), kinds[1].as_str(), kinds.last().unwrap().as_str()), ("run_started", "plan", "run_finished"));
    let of = |kind: &str| kinds.iter().filter(|one| *one == kind).count();
    assert_eq!((of("job_started"), of("job_finished"), of("job_failed"), of("warning")), (7, 7, 0, 0));
    assert!(of("metric") > 10 && of("progress") > 0 && of("watched") >= 4, "{kinds:?}");

    let plain = Sandbox::with_configs();
    plain.run(&DEMO).expect(0);
    assert_eq!(differing(&sandbox.outputs(), &plain.outputs()), BTreeSet::new(), "the same files either way");

    let resumed = sandbox.run(&demo(&["--json", "--resume"])).expect(0).events();
    let skipped: Vec<&Value> = resumed.iter().filter(|event| event["event"] == "job_skipped").collect();
    assert_eq!(skipped.len(), 7);
    assert!(skipped.iter().all(|event| event["why"] == "unchanged" && event["outputs"].is_object()));
}

#[test]
fn two_runs_cannot_share_a_work_dir() {
    let sandbox = Sandbox::with_configs();
    let first = sandbox.start(&DEMO);
    assert!(first.saw("[1/7]"));
    let second = sandbox.run(&DEMO).expect(2);
    assert_snapshot!("a_second_run_in_the_same_folder", second.complaint());
    assert_eq!(first.wait().code, Some(0));
}

/// Without any network at all, where the system lets a test take it away.
#[cfg(target_os = "linux")]
#[test]
fn needs_no_network() {
    let sandbox = Sandbox::with_configs();
    let without = |program: &Path, arguments: &[&str]| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--net"]).arg(program).args(arguments).current_dir(sandbox.folder()).output()
    };
    if !without(Path::new("true"), &[]).is_ok_and(|output| output.status.success()) {
        sandbox_tests::skipped("the demo without a network: `unshare --net` is not allowed here");
        return;
    }
    let output = without(program(), &DEMO).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(sandbox.path("outputs/demo/context_infos.json").exists());
}
