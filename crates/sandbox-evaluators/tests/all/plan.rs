//! Mistakes that show before anything runs.

use serde_json::json;

use crate::support::check;

#[test]
fn keys_are_looked_at_before_anything_runs() {
    let good = json!({"type": "accuracy", "predicted_dataset_path": ["made/a", "made/b"], "ground_truth_dataset_path": "made/t", "predicted_label_key": "p"});
    assert_eq!(check(good, &[]), [""; 0]);
    let misspelt =
        json!({"type": "accuracy", "predicted_dataset_path": "made/a", "predicted_label_kye": "p", "ground_truth_label_key": "g"});
    assert_eq!(
        check(misspelt, &[]),
        [
            "Error : missing key `predicted_label_key`",
            "Warning predicted_label_kye: `predicted_label_kye` is not a key of this component and has no effect\n  hint: did you mean `predicted_label_key`?",
        ]
    );
    let labels = json!({"type": "mse", "predicted_dataset_path": 3, "predicted_value_key": "p"});
    assert_eq!(check(labels, &[]), ["Error predicted_dataset_path: `predicted_dataset_path`: expected a path or a list of paths"]);
}

#[test]
fn lists_must_fit_together() {
    let lists = json!({"type": "mse", "predicted_dataset_path": ["made/a", "made/b", "made/c"], "ground_truth_dataset_path": ["made/t", "made/u"], "predicted_value_key": "p"});
    let found = "Error ground_truth_dataset_path: the datasets cannot be paired: 3 of predictions, 2 of the truth\n  hint: give one truth for each, or one for all";
    assert_eq!(check(lists.clone(), &[]), [found]);
    assert_eq!(check(lists, &["extra_configs.predicted_dataset_path"]), [""; 0]);
    let none = json!({"type": "mse", "predicted_dataset_path": [], "predicted_value_key": ""});
    assert_eq!(
        check(none, &[]),
        [
            "Error predicted_value_key: `predicted_value_key` is empty: it names the field to compare",
            "Error predicted_dataset_path: `predicted_dataset_path` names nothing",
        ]
    );
}

#[test]
fn predictions_against_themselves_are_worth_a_look() {
    let same = json!({"type": "accuracy", "predicted_dataset_path": "made/a.jsonl", "predicted_label_key": "label", "ground_truth_dataset_path": null});
    assert_eq!(
        check(same.clone(), &[]),
        ["Warning predicted_dataset_path: the predictions are compared with themselves: `label` is both prediction and truth\n  \
          hint: `ground_truth_label_key` names the field of the truth, `ground_truth_dataset_path` the datasets that hold it"]
    );
    assert_eq!(check(same, &["extra_configs.ground_truth_label_key"]), [""; 0]);
}

#[test]
fn missing_paths_are_told_before_anything_runs() {
    let extra = json!({
        "type": "accuracy", "predicted_dataset_path": ["no/a.jsonl", "made/b.jsonl", "no/*.jsonl"], "ground_truth_dataset_path": "no/t.jsonl",
        "predicted_label_key": "p",
    });
    let (predicted, truth) = (
        "Error predicted_dataset_path: Failed to find `no/a.jsonl`".to_owned(),
        "Error ground_truth_dataset_path: Failed to find `no/t.jsonl`".to_owned(),
    );
    assert_eq!(check(extra.clone(), &[]), [predicted, truth.clone()]);
    assert_eq!(check(extra, &["extra_configs.predicted_dataset_path.0"]), [truth]);
}
