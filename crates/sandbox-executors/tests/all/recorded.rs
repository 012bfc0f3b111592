//! Runs of the original, reproduced.

use serde_json::{Value, json};

use crate::support::{data, folder, path, read, run};

#[tokio::test]
async fn coco_captions_become_the_rows_of_the_original() {
    let folder = folder([]);
    let export = path(&folder, "out/dj/iter_1");
    let (outcome, _) =
        run(json!({"type": "coco_caption_to_dj_conversion", "dataset_path": data("coco.jsonl"), "export_path": export})).await;
    let outcome = outcome.unwrap();
    let written = path(&folder, "out/dj/iter_1/coco_dj_fmt.jsonl");
    assert_eq!(outcome.values, [json!([written])]);
    assert_eq!((outcome.rejected_rows, outcome.files.len()), (0, 1));
    assert_eq!(read(&folder, "out/dj/iter_1/coco_dj_fmt.jsonl"), std::fs::read_to_string(data("coco_dj_fmt.jsonl")).unwrap());

    let metas = path(&folder, "out/metas");
    let root = folder.path().display().to_string();
    let extra = json!({"type": "coco_caption_meta_generation", "dataset_path": [written], "export_path": metas, "data_root_path": root});
    let (outcome, _) = run(extra).await;
    assert_eq!(outcome.unwrap().values, [json!([path(&folder, "out/metas/coco_dj_fmt_meta.json")])]);
    assert_eq!(read(&folder, "out/metas/coco_dj_fmt_meta.json"), std::fs::read_to_string(data("coco_dj_fmt_meta.json")).unwrap());
}

#[tokio::test]
async fn videos_become_the_array_of_the_original() {
    let folder = folder([]);
    let (outcome, _) = run(json!({
        "type": "dj_to_easyanimate_video_dataset_conversion", "dataset_path": data("videos.json"), "export_path": path(&folder, "ea"),
    }))
    .await;
    let outcome = outcome.unwrap();
    assert_eq!(outcome.values, [json!([path(&folder, "ea/videos_ea_fmt.json")])]);
    assert_eq!(outcome.rejected_rows, 0, "rows without videos are left out, not set aside");
    let written = read(&folder, "ea/videos_ea_fmt.json");
    let expected = std::fs::read_to_string(data("videos_ea_fmt.json")).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&written).unwrap(), serde_json::from_str::<Value>(&expected).unwrap());
    // The bytes too, but for one row per line.
    assert_eq!(written.replace(",\n", ", ").replace('\n', ""), expected);
    let report = outcome.report.unwrap();
    assert_eq!((&report["kind"], &report["files"][0]["left_out"]), (&json!("conversion"), &json!(3)));
}
