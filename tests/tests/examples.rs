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

/// EasyAnimate runs in its own folder: what it reads is looked for from there.
#[test]
fn a_file_that_easyanimate_misses_is_told_before_job_1() {
    let sandbox = sandbox();
    let generate = sandbox.read("examples/videos/generate.yaml");
    sandbox.write("examples/videos/generate.yaml", generate.replace("data/scenes.json", "data/scene.json"));
    let checked = run(&sandbox, &["check", "--config", "examples/videos/one_filter.yaml"]).expect(2);
    let errors: Vec<&str> = checked.stderr.lines().filter(|line| line.starts_with("error:")).collect();
    let expected = "error: ./examples/videos/generate.yaml:15: job `anonymous_meta_name`: Failed to find `examples/data/scene.json`";
    assert_eq!(errors, [expected]);
}
