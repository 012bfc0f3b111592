//! What a resumed run skips, and why it runs the rest.

use sandbox_core::RunStatus;

use crate::support::Lab;

const CHAIN: &str = "
execution_job_configs:
- hook: DataPoolManipulationHook
  meta_name: first
  output: joined
  extra_configs: {type: join, dataset_path: ROOT/a.txt, export_path: ROOT/one, note: x}
- hook: DataPoolManipulationHook
  meta_name: second
  input: {extra_configs.dataset_path: -1.joined}
  output: joined
  extra_configs: {type: join, dataset_path: <r>, export_path: ROOT/two, fail_if: ROOT/stop.txt}
evaluation_job_configs:
- hook: EvaluateDataHook
  meta_name: size
  input: {extra_configs.dataset_path: anonymous.second.joined}
  output: [results, length]
  extra_configs: {type: length, dataset_path: <r>}
";

fn lab() -> Lab {
    let lab = Lab::new();
    lab.write("a.txt", "aaaa");
    lab
}

#[tokio::test]
async fn a_run_that_died_goes_on_at_the_job_that_died() {
    let lab = lab();
    lab.write("stop.txt", "");
    assert!(lab.run(CHAIN, false).await.result.is_err());
    let after_the_first = lab.read("work/context_infos.json");
    assert!(after_the_first.contains("first") && !after_the_first.contains("second"));
    std::fs::remove_file(lab.path("stop.txt")).unwrap();
    let ran = lab.run(CHAIN, true).await;
    assert_eq!(ran.story(&lab), ["skip 1/first", "run 1/second", "run 1/size"]);
    assert_eq!(ran.report().status, RunStatus::Done);
    let whole = lab.read("work/context_infos.json");

    // A kill between state and context infos loses nothing.
    lab.write("work/context_infos.json", "[]");
    let ran = lab.run(CHAIN, true).await;
    assert_eq!(ran.story(&lab), ["skip 1/first", "skip 1/second", "skip 1/size"]);
    assert_eq!(lab.read("work/context_infos.json"), whole);
    let size = &ran.report().records[2];
    assert!(size.skipped && size.report == Some(serde_json::json!({"length": 5})));

    let fresh = lab.run(CHAIN, false).await;
    assert_eq!(fresh.story(&lab), ["run 1/first", "run 1/second", "run 1/size"]);
}

#[tokio::test]
async fn what_changed_is_run_again_and_named() {
    let lab = lab();
    lab.run(CHAIN, false).await.report();

    lab.write("a.txt", "aaaaaaaa");
    let ran = lab.run(CHAIN, true).await;
    let expected = [
        "rerun 1/first: its input `ROOT/a.txt` changed",
        "run 1/first",
        "rerun 1/second: its input `ROOT/one/iter_1/joined.txt` changed",
        "run 1/second",
        "rerun 1/size: its input `ROOT/two/iter_1/joined.txt` changed",
        "run 1/size",
    ];
    assert_eq!(ran.story(&lab), expected);

    std::fs::remove_file(lab.path("two/iter_1/joined.txt")).unwrap();
    let ran = lab.run(CHAIN, true).await;
    assert_eq!(
        ran.story(&lab),
        ["skip 1/first", "rerun 1/second: its output `ROOT/two/iter_1/joined.txt` is missing", "run 1/second", "skip 1/size"]
    );

    let ran = lab.run(&CHAIN.replace("note: x", "note: y"), true).await;
    assert_eq!(ran.story(&lab)[..2], ["rerun 1/first: its configuration changed: `extra_configs.note`", "run 1/first"]);
    let ran = lab.run(&CHAIN.replace("note: x", "note: y").replace("[results, length]", "[results, n]"), true).await;
    assert_eq!(ran.story(&lab), ["skip 1/first", "skip 1/second", "rerun 1/size: its `output` names changed", "run 1/size"]);
}

#[tokio::test]
async fn a_state_that_cannot_be_read_is_said_and_replaced() {
    let lab = lab();
    lab.run(CHAIN, false).await.report();
    let state = lab.read("work/.dj-sandbox/state.json");
    for broken in
        ["{\"format\":1,\"rec".to_owned(), state.replace("\"format\":1", "\"format\":99"), "{\"format\":1,\"records\":[{}]}".to_owned()]
    {
        lab.write("work/.dj-sandbox/state.json", &broken);
        let story = lab.run(CHAIN, true).await.story(&lab);
        assert!(story[0].starts_with("warning: `ROOT/work/.dj-sandbox/state.json` cannot be taken up"), "{story:?}");
        assert_eq!(story[1..], ["run 1/first", "run 1/second", "run 1/size"]);
    }
}

const REWRITTEN: &str = "
max_iter_num: 2
iter_updater:
  anonymous.process.0: anonymous.watch.dj_configs.dataset_path
probe_job_configs:
- {hook: ProbeViaAnalyzerHook, meta_name: watch, dj_configs: {dataset_path: ROOT/a.txt, export_path: ROOT/out/w.txt}}
refine_recipe_job_configs:
- hook: RefineRecipeViaKSigmaHook
  meta_name: watch
  output: refined
  dj_configs: {dataset_path: ROOT/a.txt, export_path: ROOT/out/p.txt}
  extra_configs: {path_k_sigma_recipe: ROOT/out/refined.yaml}
execution_job_configs:
- {hook: ProcessDataHook, meta_name: process, input: {dj_configs: -1.refined}, dj_configs: <auto>}
- {hook: DataPoolManipulationHook, meta_name: last, input: {extra_configs.dataset_path: -1.0}, extra_configs: {type: join, dataset_path: <r>, export_path: ROOT/last, fail_if: ROOT/stop.txt}}
";

#[tokio::test]
async fn a_file_that_a_later_iteration_wrote_again_is_no_change() {
    let lab = lab();
    let ran = lab.run(REWRITTEN, false).await;
    assert_eq!(ran.report().records.len(), 8);
    assert_eq!((lab.read("out/iter_1/p.txt"), lab.read("out/iter_2/p.txt")), ("aaaa+4".into(), "aaaa+4+6".into()));
    let ran = lab.run(REWRITTEN, true).await;
    assert!(ran.report().records.iter().all(|record| record.skipped), "{:?}", ran.story(&lab));

    // The job before the rewriting runs again with what its recipe said then, not with what the file says now.
    std::fs::remove_file(lab.path("out/iter_1/p.txt")).unwrap();
    let story = lab.run(REWRITTEN, true).await.story(&lab);
    assert!(story[0].ends_with("names 2 jobs; all of them get the value"));
    assert_eq!(story[3..5], ["rerun 1/process: its output `ROOT/out/iter_1/p.txt` is missing", "run 1/process"]);
    assert!(story[5..].iter().all(|line| line.starts_with("skip")), "{story:?}");
    assert_eq!(lab.read("out/iter_1/p.txt"), "aaaa+4");
}

#[tokio::test]
async fn what_was_watched_is_an_input() {
    let lab = lab();
    lab.run(REWRITTEN, false).await.report();
    lab.write("b.txt", "bbbbbbbbb");
    let changed = REWRITTEN
        .replace("meta_name: watch, dj_configs: {dataset_path: ROOT/a.txt", "meta_name: watch, dj_configs: {dataset_path: ROOT/b.txt");
    let story = lab.run(&changed, true).await.story(&lab);
    let expected = [
        "rerun 1/watch: its configuration changed: `dj_configs.dataset_path`",
        "run 1/watch",
        "rerun 1/watch: what was watched under `watch.length` changed",
        "run 1/watch",
        "rerun 1/process: its configuration changed: `dj_configs.add`",
        "run 1/process",
    ];
    assert_eq!(story[1..7], expected);
}
