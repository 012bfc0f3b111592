//! Recipes of pictures, sounds and videos, through the program: no text is needed, and paths are found beside the data.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::fs;

use sandbox_tests::{Sandbox, compare, project};
use serde_json::{Value, json};

/// A folder with media of the goldens below `data/files`, and rows beside them.
fn prepared(rows: &[Value]) -> Sandbox {
    let sandbox = Sandbox::new();
    let media = project().join("tests/goldens/assets/media");
    for name in ["a.png", "a_copy.png", "tall.png", "exif6.jpg", "tone1.wav", "v1.mp4", "v1_remux.mkv"] {
        sandbox.write(&format!("data/files/{name}"), fs::read(media.join(name)).unwrap());
    }
    sandbox.write("data/rows.jsonl", rows.iter().map(|row| format!("{row}\n")).collect::<String>());
    sandbox
}

/// The exported rows, with the program's folder cut off their paths.
fn run(sandbox: &Sandbox, recipe: &Value, code: i32) -> Vec<Value> {
    sandbox.write("recipe.json", recipe.to_string());
    let ran = sandbox.run(&["process", "--config", "recipe.json"]);
    assert_eq!(ran.code, Some(code), "{}", ran.complaint());
    let exported = sandbox.read(recipe["export_path"].as_str().unwrap());
    compare::rows(&exported.replace(sandbox.folder().to_str().unwrap(), "ROOT")).unwrap()
}

fn recipe(process: Value) -> Value {
    json!({"dataset_path": "data/rows.jsonl", "export_path": "elsewhere/out.jsonl", "process": process})
}

fn ids(rows: &[Value]) -> Vec<i64> {
    rows.iter().map(|row| row["id"].as_i64().unwrap()).collect()
}

#[test]
fn paths_are_those_beside_the_data_and_exported_so() {
    let sandbox = prepared(&[
        json!({"id": 1, "images": ["files/a.png", "http://host/b.png"], "audios": null, "videos": ["./files/v1.mp4"]}),
        json!({"id": 2, "images": [], "audios": ["files/tone1.wav"]}),
    ]);
    let rows = run(&sandbox, &recipe(json!(["audio_duration_filter", {"video_resolution_filter": {"min_width": 10}}])), 0);
    assert_eq!(
        rows,
        [
            json!({"id": 1, "images": ["ROOT/data/files/a.png", "http://host/b.png"], "audios": null,
                   "videos": ["ROOT/data/./files/v1.mp4"]}),
            json!({"id": 2, "images": [], "audios": ["ROOT/data/files/tone1.wav"]}),
        ]
    );
}

#[test]
fn media_alone_need_no_text() {
    let sandbox = prepared(&[
        json!({"id": 1, "images": ["files/a.png"], "videos": ["files/v1.mp4"]}),
        json!({"id": 2, "images": ["files/a_copy.png"], "videos": []}),
        json!({"id": 3, "images": ["files/tall.png"]}),
        json!({"id": 4, "videos": ["files/v1_remux.mkv"]}),
        json!({"id": 5, "images": ["files/none.png"]}),
        json!({"id": 6}),
    ]);
    let process = json!([
        {"image_shape_filter": {"min_width": 40}},
        {"image_size_filter": {"max_size": "1,000 KB"}},
        "image_deduplicator",
        "video_deduplicator",
        {"video_aspect_ratio_filter": {"max_ratio": "16:9"}},
    ]);
    // The fifth row has no file: it is set aside alone.
    assert_eq!(ids(&run(&sandbox, &recipe(process), 5)), [1, 6]);
    let rejected = sandbox.read("elsewhere/out_rejected.jsonl");
    assert!(rejected.lines().count() == 1 && rejected.contains("none.png"), "{rejected}");
}

#[test]
fn fields_of_the_recipe_reach_the_operators() {
    let sandbox = prepared(&[
        json!({"id": 1, "pictures": ["files/a.png"], "sounds": ["files/tone1.wav"], "films": ["files/v1.mp4"]}),
        json!({"id": 2, "pictures": ["files/tall.png"], "sounds": [], "films": []}),
    ]);
    let kept = |fields: Value, process: Value| {
        let mut recipe = recipe(process);
        recipe.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        ids(&run(&sandbox, &recipe, 0))
    };
    let all = json!({"image_key": "pictures", "audio_key": "sounds", "video_key": "films"});
    // Rows without such a list are kept, so what is dropped was looked at.
    assert_eq!(kept(json!({}), json!([{"image_shape_filter": {"min_width": 60}}])), [1, 2]);
    assert_eq!(kept(all.clone(), json!([{"image_shape_filter": {"min_width": 60}}])), [1]);
    assert_eq!(kept(all.clone(), json!([{"image_shape_filter": {"min_width": 60, "image_key": null}}])), [1]);
    assert_eq!(kept(all.clone(), json!([{"image_shape_filter": {"max_width": 10}}])), [0; 0]);
    assert_eq!(kept(all.clone(), json!([{"audio_size_filter": {"max_size": "1"}}])), [2]);
    assert_eq!(kept(all.clone(), json!([{"video_duration_filter": {"min_duration": 1000}}])), [2]);
    // An operator's own field goes before the recipe's.
    assert_eq!(kept(all, json!([{"image_shape_filter": {"max_width": 10, "image_key": "other"}}])), [1, 2]);
}

#[test]
fn bytes_in_rows_go_before_files() {
    // A GIF of 320 x 200.
    let gif = "R0lGODlhQAHIAAAAADs=";
    let sandbox = prepared(&[
        json!({"id": 1, "images": ["nowhere.gif"], "inside": [gif]}),
        json!({"id": 2, "images": ["files/a.png"], "inside": [null]}),
        json!({"id": 3, "images": ["files/a.png"], "inside": ["no-base64"]}),
    ]);
    let mut recipe = recipe(json!([{"image_shape_filter": {"min_width": 300}}, {"image_aspect_ratio_filter": {"min_ratio": 1.6}}]));
    recipe["image_bytes_key"] = json!("inside");
    recipe["keep_stats_in_res_ds"] = json!(true);
    let rows = run(&sandbox, &recipe, 5);
    assert_eq!(ids(&rows), [1]);
    assert_eq!(rows[0]["__dj__stats__"], json!({"aspect_ratios": [1.6], "image_height": [200], "image_width": [320]}));
}
