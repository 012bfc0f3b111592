//! What runs leave behind.

use sandbox_core::event::Event;
use sandbox_core::{RunError, RunOptions, RunStatus};
use serde_json::json;

use crate::support::Lab;

const UPDATER: &str = "
max_iter_num: 3
iter_targets: p.size.length >= 100
iter_updater:
  p.join.joined: p.join.extra_configs.dataset_path
pipelines:
- p:
    execution_job_configs:
    - hook: DataPoolManipulationHook
      meta_name: join
      output: joined
      local: {extra_configs.note: x}
      extra_configs: {type: join, dataset_path: [ROOT/a.txt, ROOT/b.txt], export_path: ROOT/out, note: y}
    evaluation_job_configs:
    - hook: EvaluateDataHook
      meta_name: size
      input: {extra_configs.dataset_path: -1.joined}
      output: [results, length]
      extra_configs: {type: length, dataset_path: <r>}
";

fn lab() -> Lab {
    let lab = Lab::new();
    lab.write("a.txt", "aaaa");
    lab.write("b.txt", "bb");
    lab
}

#[tokio::test]
async fn every_iteration_starts_from_the_pristine_configuration() {
    let lab = lab();
    let ran = lab.run(UPDATER, false).await;
    assert_eq!(ran.report().status, RunStatus::TargetsNotMet);
    for (iteration, text) in [(1, "aaaabbx"), (2, "aaaabbxx"), (3, "aaaabbxxx")] {
        assert_eq!(lab.read(&format!("out/iter_{iteration}/joined.txt")), text);
    }
    let iteration = |number: u64| {
        json!({"iter": number, "pipeline_infos": [{"pipeline_name": "p", "job_infos": [
            {"meta_name": "join", "joined": format!("ROOT/out/iter_{number}/joined.txt")},
            {"meta_name": "size", "results": [{"length": 6 + number}], "length": 6 + number},
        ]}]})
    };
    assert_eq!(lab.context_infos(), json!([iteration(1), iteration(2), iteration(3)]));
    assert!(lab.read("work/context_infos.json").starts_with("[\n    {\n        \"iter\": 1,\n        \"pipeline_infos\": [\n"));
    assert_eq!(ran.report().records.len(), 6);
    assert_eq!(ran.report().written.len(), 3);
}

#[tokio::test]
async fn targets_end_the_run_early() {
    let lab = lab();
    let ran = lab.run(&UPDATER.replace(">= 100", "== 8"), false).await;
    assert_eq!((ran.report().status, ran.report().iterations), (RunStatus::Done, 2));
    let Some(Event::Targets { targets, met: true, .. }) = ran.events.iter().rfind(|event| matches!(event, Event::Targets { .. })) else {
        panic!("{:?}", ran.events)
    };
    assert_eq!((targets[0].value, targets[0].met), (Some(8.0), true));

    let both = UPDATER.replace("p.size.length >= 100", "[p.size.length >= 8, p.size.results.0.length < 1]");
    assert_eq!(lab.run(&both, false).await.report().status, RunStatus::TargetsNotMet);
    let any = format!("{both}\niter_targets_mode: any\n");
    assert_eq!(lab.run(&any, false).await.report().iterations, 2);
    let until_met = UPDATER.replace("max_iter_num: 3", "max_iter_num: 0").replace(">= 100", "> 10");
    assert_eq!(lab.run(&until_met, false).await.report().iterations, 5);
}

#[tokio::test]
async fn a_target_that_is_no_number_is_an_error() {
    let lab = lab();
    let ran = lab.run(&UPDATER.replace("{type: length, ", "{type: length, words: true, "), false).await;
    let error = ran.result.unwrap_err().to_string();
    assert_eq!(
        error,
        "sandbox.yaml:3: the target `p.size.length >= 100` cannot be compared: the output `length` is not a number but \"many\""
    );
}

const K_SIGMA: &str = "
probe_job_configs:
- {hook: ProbeViaAnalyzerHook, meta_name: analysis, output: analyzed, dj_configs: ROOT/analyze.yaml}
refine_recipe_job_configs:
- hook: RefineRecipeViaKSigmaHook
  meta_name: analysis
  output: refined
  dj_configs: ROOT/recipe.yaml
  extra_configs: {path_k_sigma_recipe: ROOT/out/refined.yaml}
execution_job_configs:
- hook: ProcessDataHook
  meta_name: process
  input: {dj_configs: -1.refined}
  output: processed
  dj_configs: <auto>
evaluation_job_configs:
- hook: ProbeViaAnalyzerHook
  meta_name: again
  input: {dj_configs.dataset_path: anonymous.process.processed}
  local: {dj_configs.export_path: ROOT/out/again/a.txt}
  dj_configs: ROOT/analyze.yaml
";

fn k_sigma_lab() -> Lab {
    let lab = lab();
    lab.write("analyze.yaml", "dataset_path: ROOT/a.txt\nexport_path: ROOT/out/analyzed/a.txt\n");
    lab.write("recipe.yaml", "dataset_path: ROOT/b.txt\nexport_path: ROOT/out/processed/p.txt\n");
    lab
}

#[tokio::test]
async fn a_refined_recipe_keeps_the_pristine_paths_and_is_run() {
    let lab = k_sigma_lab();
    let ran = lab.run(K_SIGMA, false).await;
    assert_eq!(ran.report().status, RunStatus::Done);
    assert_eq!(lab.read("out/refined.yaml"), r#"{"dataset_path":"ROOT/b.txt","export_path":"ROOT/out/processed/p.txt","add":"+4"}"#);
    assert_eq!(lab.read("out/processed/iter_1/p.txt"), "bb+4");
    assert_eq!(lab.read("out/analyzed/analysis/overall.csv"), "4");
    assert_eq!(lab.read("out/analyzed/iter_1/a.txt"), "aaaa");
    assert_eq!(lab.read("out/again/analysis/overall.csv"), "4");
    let jobs = &lab.context_infos()[0]["pipeline_infos"][0]["job_infos"];
    assert_eq!(jobs[1], json!({"meta_name": "analysis", "refined": "ROOT/out/refined.yaml"}));
    assert_eq!(jobs[3], json!({"meta_name": "again", "0": "ROOT/out/again/iter_1/a.txt"}));
    let watched: Vec<&str> = ran
        .events
        .iter()
        .filter_map(|event| if let Event::Watched { meta_name, .. } = event { Some(meta_name.as_str()) } else { None })
        .collect();
    assert_eq!(watched, ["analysis", "again"]);
    assert_eq!(ran.report().rejected_rows, 3);
}

#[tokio::test]
async fn a_file_that_an_earlier_job_writes_may_be_named_directly() {
    let lab = k_sigma_lab();
    let direct = K_SIGMA.replace("  input: {dj_configs: -1.refined}\n", "").replace("<auto>", "ROOT/out/refined.yaml");
    lab.run(&direct, false).await.report();
    assert_eq!(lab.read("out/processed/iter_1/p.txt"), "bb+4");
}

#[tokio::test]
async fn a_failing_job_is_named_with_place_cause_and_hint() {
    let lab = lab();
    lab.write("stop.txt", "");
    let ran = lab.run(&UPDATER.replace("note: y", "fail_if: ROOT/stop.txt"), false).await;
    let error = ran.result.unwrap_err();
    assert_eq!(error.to_string(), "sandbox.yaml:9: job `join` of the pipeline `p` failed in iteration 1");
    assert_eq!(std::error::Error::source(&error).unwrap().to_string(), "asked to fail");
    assert_eq!(error.hint(), Some("remove the file"));
    assert!(matches!(&ran.events[ran.events.len() - 2], Event::JobFailed { message, .. } if message == "asked to fail"));
    assert!(matches!(ran.events.last(), Some(Event::RunFinished { status, .. }) if status == "failed"));
    assert!(!lab.path("work/context_infos.json").exists());
}

fn one_pool(kind: &str, output: &str) -> String {
    format!(
        "execution_job_configs:\n- {{hook: DataPoolManipulationHook, meta_name: one, output: {output}, extra_configs: {{type: {kind}}}}}\n"
    )
}

#[tokio::test]
async fn a_panic_ends_the_job_and_not_the_process() {
    let lab = Lab::new();
    let ran = lab.run(&one_pool("panics", "x"), false).await;
    let RunError::Job { source, .. } = ran.result.unwrap_err() else { panic!() };
    assert_eq!(source.to_string(), "its component panicked: out of luck");
}

#[tokio::test]
async fn a_job_that_returns_nothing_has_an_entry() {
    let lab = Lab::new();
    let ran = lab.run(&one_pool("nothing", "null"), false).await;
    ran.report();
    assert_eq!(lab.context_infos()[0]["pipeline_infos"][0]["job_infos"], json!([{"meta_name": "one"}]));
    assert_eq!(
        lab.run(&one_pool("nothing", "x"), false).await.story(&lab),
        ["run 1/one", "warning: it returned nothing, so its `output` names have no values"]
    );
}

#[tokio::test]
async fn the_number_of_names_must_fit() {
    let lab = lab();
    let ran = lab.run(&UPDATER.replace("[results, length]", "[a, length, b]"), false).await;
    let RunError::Job { source, .. } = ran.result.unwrap_err() else { panic!() };
    assert_eq!(source.to_string(), "it returned 2 values for 3 output names: `a`, `length`, `b`");
}

#[tokio::test]
async fn a_run_that_is_asked_to_stop_ends_well() {
    let lab = Lab::new();
    let two = one_pool("nothing", "null") + "- {hook: DataPoolManipulationHook, meta_name: two, extra_configs: {type: stops}}\n";
    let ran = lab.run(&two, false).await;
    assert_eq!(ran.report().status, RunStatus::Interrupted);
    assert_eq!(ran.report().records.len(), 1);
    let options = RunOptions::default();
    options.stop.set();
    assert_eq!(lab.run_with(&two, options).await.report().records.len(), 0);
}

#[tokio::test]
async fn two_runs_do_not_share_a_work_dir() {
    let lab = Lab::new();
    let lock = sandbox_fs::FolderLock::take(&lab.path("work/.dj-sandbox")).unwrap();
    let error = lab.run(&one_pool("nothing", "null"), false).await.result.unwrap_err();
    assert!(error.to_string().ends_with("is in use by another run"), "{error}");
    drop(lock);
    lab.run(&one_pool("nothing", "null"), false).await.report();
}

#[test]
fn a_run_can_be_moved_between_threads() {
    fn is_send(_: impl Send) {}
    let lab = Lab::new();
    let (plan, registry) = (lab.plan("").unwrap(), crate::support::registry());
    is_send(sandbox_core::run(&plan, &registry, RunOptions::default()));
}
