//! What is told before anything runs.

use sandbox_core::component::Entry;
use sandbox_core::config::{Config, Overrides};
use sandbox_core::hook::Category;
use sandbox_core::plan::Plan;
use sandbox_core::registry::Registry;
use sandbox_document::{Document, Format};

use crate::support::Lab;

#[test]
fn all_mistakes_are_told_at_once_with_their_lines() {
    let lab = Lab::new();
    lab.write("a.txt", "a");
    lab.write("recipe.yaml", "dataset_path: ROOT/a.txt\nprocess:\n- x: {}\n");
    lab.write("pool.yaml", "type: join\nnote:\n- not a text\n");
    let told = lab.problems(
        "\
iter_targets: [p.first.joined >= x, p.first.joind >= 1, q.first.joined > 1]
iter_updater:
  p.first.joined: p.frist.extra_configs.dataset_path
  p.first.nothing: p.first.extra_config.dataset_path
pipelines:
- p:
    probe_job_configs:
    - {hook: ProcesDataHook, meta_name: typo}
    - hook: DataPoolManipulationHook
      meta_name: first
      input: {extra_configs.dataset_path: -1.x}
      output: joined
      extra_configs:
        type: joint
    execution_job_configs:
    - hook: DataPoolManipulationHook
      meta_name: loaded
      output: joined
      extra_configs: ROOT/pool.yaml
    - hook: DataPoolManipulationHook
      meta_name: local
      input: {dj_configs: p.after.joined}
      local:
        extra_configs.dataset_path: ROOT/missing.txt
        dj_configs.np: 4
      extra_configs: {type: join, dataset_path: x, export_path: ROOT/out, noted: 1}
    - {hook: ProcessDataHook, meta_name: auto, dj_configs: <auto>}
    - {hook: ProcessDataHook, meta_name: gone, dj_configs: ROOT/gone.yaml}
    - {hook: ProcessDataHook, meta_name: bare}
    - {hook: TrainModelHook, meta_name: train, extra_configs: {type: gpt}}
    - {hook: DataPoolManipulationHook, meta_name: after, output: joined}
",
    );
    let expected = "\
sandbox.yaml:8: job `typo`: unknown hook `ProcesDataHook`
  hint: did you mean `ProcessDataHook`?
sandbox.yaml:11: job `first`: `-1.x`: the job `typo` has no output `x`
  hint: it has no `output` key, so its outputs are called `0`, `1`, ...
sandbox.yaml:14: job `first`: unknown type `joint` for `DataPoolManipulationHook`
  hint: did you mean `join`? known: join, nothing, panics, stops
ROOT/pool.yaml:2: job `loaded`: `note`: invalid type: sequence, expected a string
sandbox.yaml:22: job `local`: `p.after.joined` is not there yet: the job runs later, or is this one
  hint: a job can take outputs of jobs that run before it in the same iteration
sandbox.yaml:24: job `local`: `ROOT/missing.txt` is missing
sandbox.yaml:27: job `auto`: `dj_configs` is the placeholder `<auto>`, and nothing replaces it before the job runs
  hint: replace the whole block, for example `input: {dj_configs: -1.OUTPUT}`
sandbox.yaml:28: job `gone`: Failed to read `ROOT/gone.yaml`: No such file or directory (os error 2)
  hint: a relative path starts from the current directory
sandbox.yaml:29: job `bare`: missing key `dj_configs`: `ProcessDataHook` needs a recipe
sandbox.yaml:30: job `train`: this build has no component for `TrainModelHook` yet (a model trainer)
sandbox.yaml:31: job `after`: missing key `extra_configs.type`: it chooses the data-pool manipulator
  hint: known: join, nothing, panics, stops
sandbox.yaml:1: the target `p.first.joined >= x` is not of the form PIPELINE.META_NAME.OUTPUT OP NUMBER
  hint: `x` is not a number
sandbox.yaml:1: target: `q.first.joined`: no pipeline `q` with jobs
  hint: did you mean `p`?
sandbox.yaml:1: target: `p.first.joind`: the job `first` has no output `joind`
  hint: did you mean `joined`?
sandbox.yaml:3: `iter_updater`: `p.frist.extra_configs.dataset_path`: the pipeline `p` has no job `frist`
  hint: did you mean `first`?
sandbox.yaml:4: `iter_updater`: `p.first.extra_config.dataset_path`: `extra_config.dataset_path` must begin with `dj_configs` or `extra_configs`
sandbox.yaml:4: `iter_updater`: `p.first.nothing`: the job `first` has no output `nothing`
  hint: known: joined
warning: sandbox.yaml:9: job `first`: `DataPoolManipulationHook` stands in `probe_job_configs`; it belongs in `execution_job_configs`
warning: sandbox.yaml:25: job `local`: `dj_configs.np` in `local` has no effect: `input` replaces what it stands in afterwards";
    assert_eq!(told, expected, "\n{told}\n");
}

#[test]
fn placeholders_are_fine_when_something_replaces_them() {
    let lab = Lab::new();
    lab.write("a.txt", "a");
    let yaml = "
iter_targets: [p.two.nothing == 5, p.two.joined >= 1]
iter_targets_mode: any
pipelines:
  p:
    execution_job_configs:
    - {hook: DataPoolManipulationHook, meta_name: one, extra_configs: {type: join, dataset_path: ROOT/a.txt, export_path: x}}
    - hook: DataPoolManipulationHook
      meta_name: two
      input: {extra_configs.dataset_path: p.one.res_0}
      local: {extra_configs.export_path: ROOT/out}
      output: joined
      extra_configs: {type: join, dataset_path: <r>, export_path: <replaced>, note: <r>}
";
    let plan = lab.plan(yaml).unwrap();
    let warnings: Vec<String> = plan.warnings().iter().map(ToString::to_string).collect();
    assert_eq!(
        warnings,
        [
            "sandbox.yaml:13: job `two`: `extra_configs.note` is still the placeholder `<r>`: no `input` or `local` replaces it",
            "sandbox.yaml:2: target: `p.two.nothing`: the job `two` has no output `nothing`\n  hint: known: joined",
        ]
    );
    let line = &plan.lines()[1];
    assert_eq!((line.list.as_str(), line.type_name.as_deref()), ("execution_job_configs", Some("join")));
    assert_eq!(line.inputs, [("extra_configs.dataset_path".to_owned(), "p.one.res_0".to_owned())]);
}

/// Entries that accept everything, for configurations whose components live elsewhere.
fn accepting(types: &[(Category, Option<&'static str>)]) -> Registry {
    let mut registry = Registry::new();
    for (category, type_name) in types {
        let entry = Entry {
            category: *category,
            type_name: *type_name,
            summary: "",
            doc: "",
            example: "",
            check: |_| Vec::new(),
            build: |_| Err(Vec::new()),
        };
        registry.register(entry).unwrap();
    }
    registry
}

#[test]
fn recorded_configurations_are_plans_as_they_are() {
    let registry = accepting(&[
        (Category::DataPoolManipulator, Some("data_pool_construction")),
        (Category::DataPoolManipulator, Some("data_pool_combination")),
        (Category::DataPoolManipulator, Some("data_pool_duplication")),
        (Category::DataPoolManipulator, Some("data_pool_downsampling")),
        (Category::DataPoolManipulator, Some("data_pool_merging")),
        (Category::GeneralProbe, Some("data_pool_ranking")),
        (Category::DataEvaluator, Some("accuracy")),
    ]);
    for (name, text, jobs, warnings) in [
        ("pipelines_mapping", include_str!("../data/pipelines_mapping.sandbox.yaml"), 5, 0),
        ("iterate_updater", include_str!("../data/iterate_updater.sandbox.yaml"), 4, 0),
        // One of its two targets names an output that no job has; the other is enough.
        ("iterate_target", include_str!("../data/iterate_target.sandbox.yaml"), 3, 1),
    ] {
        let document = Document::parse(name, text, Format::Yaml).unwrap();
        let plan =
            Plan::new(&Config::from_document(document, &Overrides::new()), &registry).unwrap_or_else(|problems| panic!("{problems}"));
        assert_eq!((plan.jobs().len(), plan.warnings().len()), (jobs, warnings), "{name}: {:?}", plan.warnings());
        assert_eq!(plan.work_dir(), std::path::Path::new("./work"));
    }
}
