//! One clear message each, and nothing under a final name.

use sandbox_core::component::{Finding, JobSettings};
use sandbox_data_pool::{
    CartesianJoin, Combination, Construction, Downsampling, Duplication, Merging, OnConflict, PoolError, Ranking, Running, VERBS, combine,
    construct, downsample, duplicate, join, merge, rank,
};
use serde_json::{Value, json};

use crate::support::{Folder, Heard, paths};

/// What the plan says about a configuration.
fn check(verb: &str, extra: Value, pending: &[&str]) -> Vec<String> {
    let entry = VERBS.iter().find(|known| known.name == verb).unwrap().entry;
    let settings = JobSettings::new(Value::Null, extra).with_pending(pending.iter().copied());
    let told = |finding: &Finding| finding.problem.to_string();
    (entry.check)(&settings).iter().map(told).collect()
}

fn with(verb: &str, more: Value) -> Vec<String> {
    let mut extra = json!({"dataset_path": ["a.jsonl", "b.jsonl"], "export_path": "out"});
    extra.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    check(verb, extra, &[])
}

#[test]
fn ratios() {
    let hint = "hint: each ratio is a place to cut, for example [1/3, 2/3] for three equal parts";
    assert_eq!(
        with("construct", json!({"split_ratios": [0.5, 1.5]})),
        [format!("`split_ratios[1]` is 1.5: a ratio is above 0 and below 1\n  {hint}")]
    );
    assert_eq!(
        with("construct", json!({"split_ratios": ["0/3"]})),
        [format!("`split_ratios[0]` is 0: a ratio is above 0 and below 1\n  {hint}")]
    );
    let unsorted = "`split_ratios` must rise: 0.25 follows 0.5\n  hint: each ratio is a place to cut, counted from the first row";
    assert_eq!(with("construct", json!({"split_ratios": [0.5, "1/4"]})), [unsorted]);
    assert_eq!(
        with("construct", json!({"split_ratios": ["half"]})),
        ["`split_ratios[0]`: expected a number or a fraction such as 1/3, not `half`"]
    );
    assert_eq!(with("construct", json!({"split_ratios": "1/2"})), [""; 0]);
    assert_eq!(with("construct", json!({"split_ratios": 0.5})), [""; 0]);
    assert_eq!(
        with("construct", json!({"split_ratios": "a/b"})),
        ["`split_ratios`: expected a number or a fraction such as 1/3, not `a/b`"]
    );
    assert_eq!(
        with("construct", json!({"split_num": 0})),
        ["`split_num` is 0: a pool has at least 1 row\n  hint: for example `split_num: 1000`"]
    );
    assert_eq!(with("construct", json!({"split_num": 5, "split_ratios": [7]})), [""; 0]);
}

#[test]
fn other_settings() {
    assert_eq!(with("duplicate", json!({})), ["missing key `duplicating_times`"]);
    assert_eq!(
        with("duplicate", json!({"duplicating_times": [2, 0]})),
        ["`duplicating_times[1]` is 0: a pool is written 1 time or more\n  hint: 1 is the pool as it is"]
    );
    assert_eq!(
        with("downsample", json!({"target_num_samples": 0})),
        ["`target_num_samples` is 0: the samples would be empty\n  hint: null means the size of the smallest pool"]
    );
    let near = "`target_num_sample` is not a key of this component and has no effect\n  hint: did you mean `target_num_samples`?";
    assert_eq!(with("downsample", json!({"target_num_sample": 3})), [near]);
    assert_eq!(
        with("merge", json!({"weights": [1]})),
        ["`weights` has 1 number for 2 data pools\n  hint: one weight per data pool, in the same order"]
    );
    assert_eq!(with("merge", json!({"weights": [1, -2]})), ["`weights[1]` is -2: a weight is 0 or more\n  hint: 0 leaves a pool out"]);
    assert_eq!(
        with("combine", json!({"dataset_path": []})),
        ["`dataset_path` names no data pool\n  hint: give one path or a list of paths"]
    );
    let many: Vec<String> = (0..65).map(|pool| format!("{pool}.jsonl")).collect();
    assert!(
        with("combine", json!({"dataset_path": many}))[0].starts_with("`dataset_path` names 65 data pools: at most 64 can be combined")
    );
}

#[test]
fn metrics() {
    let one_each = "`metrics` has 1 value for 2 data pools\n  hint: one metric per data pool, in the same order";
    assert_eq!(with("rank", json!({"metrics": [1]})), [one_each]);
    // NaN and infinity come as null.
    let nan = "`metrics[1].a.b` is NaN or null: it cannot be ranked\n  hint: leave the pool out, or measure it again";
    assert_eq!(with("rank", json!({"metrics": [{"a": {"b": 1}}, {"a": {"b": null}}], "ranking_keys": ["a.b"]})), [nan]);
    let missing = "`metrics[1].a` is missing: the metric cannot be ranked\n  hint: every metric needs the `ranking_keys`";
    assert_eq!(with("rank", json!({"metrics": [{"a": 1}, {"b": 2}], "ranking_keys": "a"})), [missing]);
    let mixed = "`metrics[1]` is a text, but a number in the first metric: they cannot be compared\n  hint: use values of one kind";
    assert_eq!(with("rank", json!({"metrics": [1, "2"]})), [mixed]);
    let map = "`metrics[0]` is a map: it cannot be ranked\n  hint: set `ranking_keys` to the numbers in it";
    assert_eq!(with("rank", json!({"metrics": [{"a": 1}, {"a": 2}], "ranking_keys": ["b"]}))[0], map);
    // What an earlier job will fill is not complained about.
    let pending = json!({"dataset_path": "<r>", "metrics": [1, 2, 3]});
    assert_eq!(check("rank", pending, &["extra_configs.dataset_path"]), [""; 0]);
    assert_eq!(check("rank", json!({"dataset_path": ["a", "b"], "metrics": "<r>"}), &["extra_configs.metrics"]), [""; 0]);
}

#[test]
fn keys_that_the_first_metric_lacks_are_ignored() {
    let folder = Folder::new();
    let pools = [folder.write("a.jsonl", ""), folder.write("b.jsonl", "")];
    let heard = Heard::default();
    let settings = Ranking {
        ranking_keys: vec!["x".into(), "s".into()],
        ..Ranking::new(paths(&pools), vec![json!({"s": 1}), json!({"s": 2, "x": 1})])
    };
    let ranked = rank(&settings, &heard.running()).unwrap();
    assert!(ranked[0].ends_with("b.jsonl"));
    assert_eq!(heard.all(), ["warning the first metric has no `x`: ignored"]);
}

#[test]
fn missing_inputs() {
    let folder = Folder::new();
    let gone = paths(&[folder.path("x.jsonl").display().to_string(), folder.path("y.jsonl").display().to_string()]);
    let (out, running) = (folder.path("out"), Running::default());
    let errors = [
        construct(&Construction::new(gone.clone(), &out), &running).unwrap_err(),
        combine(&Combination::new(gone.clone(), &out), &running).unwrap_err(),
        duplicate(&Duplication::new(gone.clone(), &out, vec![1]), &running).unwrap_err(),
        downsample(&Downsampling::new(gone.clone(), &out), &running).unwrap_err(),
        merge(&Merging::new(gone.clone(), &out), &running).unwrap_err(),
        join(&CartesianJoin::new(gone.clone(), gone.clone(), &out), &running).unwrap_err(),
        rank(&Ranking::new(gone.clone(), vec![json!(1), json!(2)]), &running).unwrap_err(),
    ];
    let expected = "Failed to find any of the inputs: `x.jsonl`, `y.jsonl`\n  hint: paths are relative to the folder in which the program runs; an earlier job may have written elsewhere";
    errors.iter().for_each(|error| assert_eq!(folder.told(error), expected));
    let pools = json!({"dataset_path": gone.0, "dataset_path_1": gone.0, "dataset_path_2": gone.0});
    for verb in VERBS {
        let mut extra = json!({"export_path": out, "duplicating_times": 1, "metrics": [1, 2]});
        extra.as_object_mut().unwrap().extend(pools.as_object().unwrap().clone());
        let problem = (verb.missing)(&JobSettings::new(Value::Null, extra)).map(|problem| folder.told(&problem));
        assert_eq!(problem.as_deref(), Some(expected), "{}", verb.name);
    }
    assert!(!out.exists());

    let there = folder.write("there.jsonl", "{\"a\": 1}\n");
    let heard = Heard::default();
    let some = gone.0.iter().cloned().chain([there]).collect::<Vec<_>>();
    let made = duplicate(&Duplication::new(paths(&some), &out, vec![3]), &heard.running()).unwrap();
    assert_eq!((made.paths.len(), made.pools[0].rows), (1, 3));
    assert_eq!(folder.told(&heard.all()[0]), "warning 2 of 3 inputs are missing and left out: `x.jsonl`, `y.jsonl`");
}

#[test]
fn data_without_statistics() {
    let folder = Folder::new();
    let plain = folder.write("plain.jsonl", "{\"a\": 1}\n");
    let texts = folder.write("texts.jsonl", "{\"__dj__stats__\": {\"lang\": \"en\", \"l\": []}}\n");
    let heard = Heard::default();
    let error = construct(&Construction::new(paths(&[plain.clone(), texts.clone()]), folder.path("out")), &heard.running()).unwrap_err();
    let expected = "Failed to construct data pools: no input has numbers in `__dj__stats__`: `plain.jsonl`, `texts.jsonl`\n  hint: analyse the data first with `export_original_dataset: true`, or set `ignore_stats: true`";
    assert_eq!(folder.told(error), expected);
    let told: Vec<String> = heard.all().iter().map(|words| folder.told(words)).collect();
    assert_eq!(
        told,
        [
            "warning `plain.jsonl` has no `__dj__stats__` and is left out",
            "warning `texts.jsonl` has no number among its statistics and is left out"
        ]
    );
    assert_eq!(folder.files("out"), [""; 0]);
    // One with statistics is enough.
    let good = folder.write("good.jsonl", "{\"__dj__stats__\": {\"s\": 1}}\n");
    assert_eq!(construct(&Construction::new(paths(&[plain, good]), folder.path("out")), &Running::default()).unwrap().paths.len(), 3);
}

#[test]
fn fields_on_both_sides_of_a_join() {
    let folder = Folder::new();
    let left = folder.write("l.jsonl", "{\"id\": 1, \"text\": 2, \"a\": 0}\n");
    let right = folder.write("r.jsonl", "{\"b\": 1}\n{\"text\": 2, \"id\": 3}\n");
    let settings = CartesianJoin::new(left, right, folder.path("out"));
    let error = join(&settings, &Running::default()).unwrap_err();
    let expected = "Failed to join: the fields `id`, `text` stand in both `dataset_path_1` and `dataset_path_2`\n  hint: `on_conflict: suffix` keeps both as NAME_1 and NAME_2, `left` or `right` keeps one";
    assert_eq!(error.to_string(), expected);
    assert_eq!(folder.files("out"), [""; 0]);
    folder.write("l.jsonl", "{\"id\": 1, \"id_2\": 2}\n");
    let error = join(&CartesianJoin { on_conflict: OnConflict::Suffix, ..settings }, &Running::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Failed to join: `id` cannot be renamed to `id_2`, another field has that name\n  hint: set `on_conflict: left` or `right`"
    );
}

#[test]
fn names_that_are_taken() {
    let folder = Folder::new();
    let pools = [folder.write("1/x.jsonl", "{}\n"), folder.write("2/x.jsonl", "{}\n")];
    let error = downsample(&Downsampling::new(paths(&pools), folder.path("out")), &Running::default()).unwrap_err();
    let expected = "Failed to name the outputs of `1/x.jsonl` and `2/x.jsonl` apart: both would be `out/x_1.jsonl`\n  hint: give the inputs different file names, or run the job once per input";
    assert_eq!(folder.told(error), expected);
    let input = folder.write("in/a.jsonl", "{}\n");
    let other = folder.write("in/a_x2.jsonl", "{}\n");
    let error = duplicate(&Duplication::new(paths(&[input, other]), folder.path("in"), vec![2]), &Running::default()).unwrap_err();
    assert_eq!(folder.told(error), "Failed to write `in/a_x2.jsonl`: it is an input of this job\n  hint: set another `export_path`");
    assert_eq!(folder.files("in"), ["a.jsonl", "a_x2.jsonl"]);
    assert_eq!(folder.files("out"), [""; 0]);
}

#[test]
fn a_stopped_job_leaves_what_was_there() {
    let folder = Folder::new();
    let input = folder.write("a.jsonl", "{\"id\": 1}\n");
    let old = folder.write("out/a_x2.jsonl", "old\n");
    let heard = Heard { stop: true, ..Heard::default() };
    let error = duplicate(&Duplication::new(input, folder.path("out"), vec![2]), &heard.running()).unwrap_err();
    assert!(matches!(error, PoolError::Stopped));
    assert_eq!((crate::support::read(old), folder.files("out")), ("old\n".to_owned(), vec!["a_x2.jsonl".to_owned()]));
}

#[test]
fn too_many_intersections() {
    let folder = Folder::new();
    let pools: Vec<String> = (0..20).map(|pool| folder.write(&format!("p{pool}.jsonl"), "{\"id\": 1}\n")).collect();
    let error = combine(&Combination::new(paths(&pools), folder.path("out")), &Running::default()).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("Failed to combine: more than 20000 intersections of the pools are not empty\n  hint: set `top_levels`")
    );
    let made =
        combine(&Combination { top_levels: Some(2), ..Combination::new(paths(&pools), folder.path("out")) }, &Running::default()).unwrap();
    assert_eq!(made.paths.len(), 20 + 190);
}
