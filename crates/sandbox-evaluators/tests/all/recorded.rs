//! Runs of the original, reproduced.

use serde_json::{Value, json};

use crate::support::{data, run};

/// The recorded job with the paths as they are here.
fn recorded(name: &str) -> Value {
    let text = std::fs::read_to_string(data(&format!("{name}.context_infos.json"))).unwrap();
    let text = text.replace("data/preds.jsonl", &data("preds.jsonl")).replace("data/preds2.jsonl", &data("preds2.jsonl"));
    serde_json::from_str::<Value>(&text).unwrap()[0]["pipeline_infos"][0]["job_infos"][0].clone()
}

#[tokio::test]
async fn accuracy_is_that_of_the_original() {
    let paths = [data("preds.jsonl"), data("preds2.jsonl")];
    let keys =
        json!({"type": "accuracy", "predicted_dataset_path": paths, "predicted_label_key": "pred.label", "ground_truth_label_key": "gold"});
    let (outcome, _) = run(keys).await;
    let (outcome, expected) = (outcome.unwrap(), recorded("accuracy"));
    assert_eq!(outcome.values, [expected["results"].clone(), expected["max_accuracy"].clone()]);
    assert_eq!(outcome.rejected_rows, 0);
    let watched = json!({"max_accuracy": 0.675, "accuracy": {(data("preds.jsonl")): 0.35, (data("preds2.jsonl")): 0.675}});
    assert_eq!(outcome.watched, Some(watched));
    let report = outcome.report.unwrap();
    assert_eq!((&report["kind"], &report["max_accuracy"]), (&json!("accuracy"), &json!(0.675)));
    assert_eq!(report["rows"], json!([{"compared": 40, "rejected": 0}, {"compared": 40, "rejected": 0}]));
}

#[tokio::test]
async fn mse_is_that_of_the_original() {
    let paths = [data("preds.jsonl"), data("preds2.jsonl")];
    let keys = json!({"type": "mse", "predicted_dataset_path": paths, "predicted_value_key": "score", "ground_truth_value_key": "truth"});
    let (outcome, _) = run(keys).await;
    let (outcome, expected) = (outcome.unwrap(), recorded("mse"));
    assert_eq!(outcome.values, [expected["results"].clone(), expected["min_mse"].clone()]);
    assert_eq!(outcome.rejected_rows, 0, "what is no number is counted in `format_error`, not set aside");
    assert_eq!(outcome.watched.unwrap()["format_error"], json!({(data("preds.jsonl")): 1, (data("preds2.jsonl")): 0}));
    assert_eq!(outcome.report.unwrap()["kind"], "mse");
}
