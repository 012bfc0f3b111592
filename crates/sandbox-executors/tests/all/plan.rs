//! Mistakes that show before anything runs.

use serde_json::json;

use crate::support::check;

#[test]
fn keys_are_looked_at_before_anything_runs() {
    let good = json!({"type": "coco_caption_meta_generation", "dataset_path": "<r>", "export_path": "out", "data_root_path": "."});
    assert_eq!(check(good, &["extra_configs.dataset_path"]), [""; 0]);
    let misspelt = json!({"type": "coco_caption_meta_generation", "dataset_paht": "a.jsonl", "export_path": "out"});
    assert_eq!(
        check(misspelt, &[]),
        [
            "Error : missing key `dataset_path`",
            "Error : missing key `data_root_path`",
            "Warning dataset_paht: `dataset_paht` is not a key of this component and has no effect\n  hint: did you mean `dataset_path`?",
        ]
    );
    let wrong = json!({"type": "coco_caption_to_dj_conversion", "dataset_path": 3, "export_path": "out"});
    assert_eq!(check(wrong, &[]), ["Error dataset_path: `dataset_path`: expected a path or a list of paths"]);
    let empty = json!({"type": "coco_caption_to_dj_conversion", "dataset_path": [], "export_path": "out"});
    assert_eq!(check(empty, &[]), ["Error dataset_path: `dataset_path` names nothing"]);
}

#[test]
fn no_output_is_written_twice() {
    let paths = json!({"type": "dj_to_easyanimate_video_dataset_conversion", "dataset_path": ["made/a/x.jsonl", "made/b/x.json"], "export_path": "out"});
    assert_eq!(
        check(paths.clone(), &[]),
        ["Error dataset_path: `made/a/x.jsonl` and `made/b/x.json` would both be written to `out/x_ea_fmt.json`\n  \
          hint: rename one of them, or convert them in two jobs"]
    );
    assert_eq!(check(paths, &["extra_configs.dataset_path"]), [""; 0]);
    let twice = json!({"type": "dj_to_easyanimate_video_dataset_conversion", "dataset_path": ["made/x.jsonl", "made/x.jsonl"], "export_path": "out"});
    assert_eq!(check(twice, &[]), [""; 0]);
}

#[test]
fn missing_inputs_are_told_before_anything_runs() {
    let some = json!({"type": "coco_caption_to_dj_conversion", "dataset_path": ["no/a.jsonl", "made/b.jsonl"], "export_path": "out"});
    assert_eq!(check(some, &[]), ["Warning dataset_path: Failed to find `no/a.jsonl`"]);
    let all = json!({"type": "coco_caption_to_dj_conversion", "dataset_path": ["no/a.jsonl", "no/b.jsonl"], "export_path": "out"});
    assert_eq!(
        check(all.clone(), &[]),
        ["Error dataset_path: Failed to find `no/a.jsonl`", "Error dataset_path: Failed to find `no/b.jsonl`"]
    );
    assert_eq!(check(all, &["extra_configs.dataset_path.1"]), [""; 0]);
}
