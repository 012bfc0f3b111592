//! Configurations in the form of the original's examples, as they are: see `tests/configs/examples`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use insta::assert_snapshot;
use sandbox_tests::{Ran, Sandbox, project};

/// A machine with the models, word lists and rows that the examples name, as far as they are files to be found.
fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.copy(project().join("tests/configs/examples"), "examples");
    let assets = project().join("tests/goldens/assets");
    let models = ".cache/data_juicer/models";
    sandbox.copy(assets.join("models/dj_models"), models);
    sandbox.copy(assets.join("models/ft_bin/lid.176.bin"), &format!("{models}/lid.176.bin"));
    sandbox.copy(assets.join("models/tok_bpe"), &format!("{models}/EleutherAI/pythia-6.9b-deduped"));
    sandbox.copy(assets.join("words"), ".cache/data_juicer/assets");
    // It is found and not run: nothing of Data-Juicer is looked at before a job begins.
    sandbox.write(".cache/dj-sandbox/data-juicer/bin/dj-process", "");
    sandbox.write("InternVL/internvl_chat/data/coco/annotations/captions.jsonl", sandbox.read("examples/data/captions.jsonl"));
    sandbox.write("outputs/harbour/kept_clips.json", sandbox.read("examples/data/clips.jsonl"));
    sandbox
}

fn run(sandbox: &Sandbox, arguments: &[&str]) -> Ran {
    sandbox.run_with(arguments, &[("HOME", sandbox.folder().to_str().unwrap()), ("OPENAI_BASE_URL", "http://127.0.0.1:8000/v1")])
}

fn passes(name: &str) {
    let sandbox = sandbox();
    let config = format!("examples/{name}.yaml");
    run(&sandbox, &["check", "--config", &config]).expect(0);
    let shown = run(&sandbox, &["run", "--config", &config, "--dry-run"]).expect(0);
    assert_snapshot!(name.replace('/', "_"), shown.snapshot());
}

#[test]
fn first_look() {
    passes("first_look/sandbox");
}

#[test]
fn prompts() {
    passes("prompts/sandbox");
}

#[test]
fn one_filter() {
    passes("videos/one_filter");
}

#[test]
fn two_filters() {
    passes("videos/two_filters");
}

#[test]
fn more_epochs() {
    passes("videos/more_epochs");
}

#[test]
fn captions() {
    passes("captions/sandbox");
}

#[test]
fn reinforce() {
    passes("reinforce/sandbox");
}
