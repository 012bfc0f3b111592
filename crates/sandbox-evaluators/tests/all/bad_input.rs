//! Rows and files that are not what they should be.

use sandbox_core::component::ComponentError;
use sandbox_core::event::Event;
use sandbox_evaluators::accuracy::accuracy;
use sandbox_evaluators::mse::mse;
use sandbox_evaluators::pairs::{Observer, Pairs};
use serde_json::json;
use tempfile::TempDir;

use crate::support::{folder, path, run};

/// A message without the folder.
fn told(error: &dyn std::error::Error, folder: &TempDir) -> String {
    error.to_string().replace(&format!("{}/", folder.path().display()), "")
}

fn fails(rows: &str, key: &str) -> String {
    let folder = folder([("a.jsonl", rows)]);
    let pairs = Pairs::within([path(&folder, "a.jsonl")], key, "t");
    told(&mse(&pairs, &()).unwrap_err(), &folder)
}

#[tokio::test]
async fn bad_rows_are_set_aside_and_shift_nothing() {
    let predicted = "{\"p\": 1}\n{\"p\": 2}\nbroken\n\n{\"q\": 4}\n{\"p\": 5}\n{\"p\": 6}\n{\"p\": 7}\n";
    let folder = folder([("p.jsonl", predicted), ("t.json", "[{\"t\": \"1\"}, 2, {\"t\": 3},\n{\"t\": 4}, {\"t\": 5}, {\"t\": 0}]")]);
    let (p, t) = (path(&folder, "p.jsonl"), path(&folder, "t.json"));
    let extra = json!({"type": "accuracy", "predicted_dataset_path": p, "ground_truth_dataset_path": [t], "predicted_label_key": "p", "ground_truth_label_key": "t"});
    let (outcome, events) = run(extra).await;
    let outcome = outcome.unwrap();
    // 1 = 1, 5 = 5, 6 ≠ 0; of the others one side or both cannot be used.
    assert_eq!(outcome.values, [json!([{"pred_path": p, "gt_path": t, "accuracy": 2.0 / 3.0}]), json!(2.0 / 3.0)]);
    assert_eq!(outcome.rejected_rows, 3);
    let bad: Vec<(String, u64, String)> = events
        .iter()
        .filter_map(|event| match event {
            Event::BadRow { file, line, reason, .. } => {
                Some((file.file_name().unwrap().to_string_lossy().into_owned(), *line, reason.clone()))
            }
            _ => None,
        })
        .collect();
    let bad: Vec<_> = bad.iter().map(|(file, line, reason)| (file.as_str(), *line, reason.as_str())).collect();
    assert_eq!(
        bad,
        [
            ("p.jsonl", 3, "not JSON: expected a value at column 1"),
            ("p.jsonl", 5, "field `p` is missing"),
            ("t.json", 1, "not an object but a number"),
        ]
    );
    let warning = events.iter().find_map(|event| if let Event::Warning { message, .. } = event { Some(message.clone()) } else { None });
    assert_eq!(warning, Some(format!("`{p}` has 7 rows and `{t}` has 6: only the first 6 of each are compared")));
}

#[test]
fn one_truth_serves_all() {
    let folder = folder([("a.jsonl", "{\"x.y\": 1}\n"), ("b.jsonl", "{\"x\": {\"y\": 3}}\n"), ("t.jsonl", "{\"x\": {\"y\": 1}}\n")]);
    let pairs = Pairs {
        predicted: vec![path(&folder, "a.jsonl"), path(&folder, "b.jsonl")],
        truth: vec![path(&folder, "t.jsonl")],
        predicted_key: "x.y".to_owned(),
        truth_key: "x.y".to_owned(),
    };
    let scored = mse(&pairs, &()).unwrap();
    assert_eq!(scored.results.iter().map(|result| result.mse).collect::<Vec<_>>(), [0.0, 4.0]);
    assert_eq!(scored.min_mse, 0.0);
    assert_eq!(accuracy(&pairs, &()).unwrap().max_accuracy, 1.0);
}

#[test]
fn a_field_that_no_row_has_is_named_with_what_there_is() {
    assert_eq!(
        fails("{\"scroe\": 1, \"t\": 1, \"meta\": {\"id\": 3}}\nbroken\n", "score"),
        "no row of `a.jsonl` has the field `score`, there are `scroe`, `t`, `meta.id`\n  hint: did you mean `scroe`?"
    );
    assert_eq!(fails("{}\n", "score"), "no row of `a.jsonl` has the field `score`: its rows have no fields");
    assert_eq!(
        fails("{\"pred\": {\"lable\": 1}, \"t\": 1}\n", "pred.label"),
        "no row of `a.jsonl` has the field `pred.label`, there are `pred.lable`, `t`\n  hint: did you mean `pred.lable`?"
    );
}

#[test]
fn without_anything_to_compare_there_is_no_result() {
    assert_eq!(fails("", "p"), "no row of `a.jsonl` can be compared with one of `a.jsonl`");
    assert_eq!(
        fails("[]\n", "p"),
        "no row of `a.jsonl` can be compared with one of `a.jsonl`\n  hint: the first bad row is a.jsonl:1: not an object but a list"
    );
    assert_eq!(
        fails("{\"p\": \"n/a\", \"t\": 1}\n{\"p\": 1, \"t\": \"nan\"}\n", "p"),
        "no pair of rows of `a.jsonl` and `a.jsonl` has two numbers: there is nothing to average\n  hint: row 1 has `\"n/a\"`"
    );
    assert_eq!(fails("{\"p\": 1e200, \"t\": 0}\n", "p"), "the squared errors of `a.jsonl` are too large for a 64-bit float");
}

#[tokio::test]
async fn all_missing_paths_are_named() {
    let folder = folder([("pred.jsonl", "{\"p\": 1}\n")]);
    let paths = ["a.jsonl", "pred.jsonl", "perd.jsonl"].map(|name| path(&folder, name));
    let (outcome, _) = run(json!({"type": "mse", "predicted_dataset_path": paths, "predicted_value_key": "p"})).await;
    let Err(ComponentError::Failed { message, hint, .. }) = outcome else { panic!("{outcome:?}") };
    assert_eq!(message, format!("Failed to find `{}`, `{}`", paths[0], paths[2]));
    assert_eq!(hint, Some(format!("did you mean `{}`?", paths[1])));
}

#[test]
fn lists_that_do_not_fit_are_refused_without_a_plan_too() {
    let pairs = Pairs { truth: vec!["t".into(), "u".into()], ..Pairs::within(["a"], "p", "t") };
    assert_eq!(
        accuracy(&pairs, &()).unwrap_err().to_string(),
        "the datasets cannot be paired: 1 of predictions, 2 of the truth\n  hint: give one truth for each, or one for all"
    );
    assert_eq!(
        accuracy(&Pairs::within([""; 0], "p", "t"), &()).unwrap_err().to_string(),
        "there are no predictions: the list of datasets is empty"
    );
}

#[test]
fn who_asks_to_stop_is_heard() {
    struct Stop;
    impl Observer for Stop {
        fn stop(&self) -> bool {
            true
        }
    }
    let rows = "{\"p\": 1, \"t\": 1}\n".repeat(5000);
    let folder = folder([("a.jsonl", rows.as_str())]);
    let error = mse(&Pairs::within([path(&folder, "a.jsonl")], "p", "t"), &Stop).unwrap_err();
    assert_eq!(error.to_string(), "interrupted");
}
