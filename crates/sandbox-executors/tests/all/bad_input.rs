//! Rows and files that are not what they should be.

use std::path::Path;

use sandbox_core::component::ComponentError;
use sandbox_core::event::Event;
use sandbox_executors::conversion::{Conversion, ConversionError, Converted, coco_caption, coco_meta, easyanimate};
use serde_json::json;
use tempfile::TempDir;

use crate::support::{folder, path, read, run};

type Convert = fn(&Conversion<'_>) -> Result<Converted, ConversionError>;

/// Converts the files into `out`.
fn convert(folder: &TempDir, names: &[&str], convert: Convert) -> Result<Converted, String> {
    let paths: Vec<String> = names.iter().map(|name| path(folder, name)).collect();
    let root = format!("{}/", folder.path().display());
    convert(&Conversion::new(&paths, &folder.path().join("out"))).map_err(|error| error.to_string().replace(&root, ""))
}

/// Why each line was set aside.
fn reasons(folder: &TempDir, name: &str) -> Vec<String> {
    let rejects = read(folder, name);
    let rejects = rejects.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    rejects.map(|reject| format!("{}: {}", reject["line"], reject["reason"].as_str().unwrap())).collect()
}

#[test]
fn captions_that_lack_something_are_set_aside() {
    let rows = [
        r#"{"image":"1.jpg","conversations":[{},{"value":"caf\u00e9 \"x\" é"}],"n":1.50,"text":"old"}"#,
        r#"{"conversations": [{}, {"value": "x"}]}"#,
        r#"{"image": ["1.jpg"], "conversations": [{}, {"value": "x"}]}"#,
        r#"{"image": "", "conversations": [{}, {"value": "x"}]}"#,
        r#"{"image": "1.jpg", "conversations": [{"value": "x"}]}"#,
        r#"{"image": "1.jpg", "conversations": null}"#,
        r#"{"image": "1.jpg", "conversations": [{}, {"value": 3}]}"#,
        r#"{"image": null, "conversations": [{}, {"value": "x"}]}"#,
        r#"["1.jpg"]"#,
        "{\"image\": \"1.jpg\"",
    ];
    let folder = folder([("a.jsonl", rows.join("\n").as_str())]);
    let converted = convert(&folder, &["a.jsonl"], coco_caption::convert).unwrap();
    let file = &converted.files[0];
    assert_eq!((file.rows_in, file.rows_out, file.left_out, file.rejected), (10, 1, 0, 9));
    assert_eq!(file.rejected_path.as_deref(), Some(Path::new(&path(&folder, "out/a_dj_fmt_rejected.jsonl"))));
    // Escapes, spacing and the place of `text` are those of the row.
    assert_eq!(
        read(&folder, "out/a_dj_fmt.jsonl"),
        "{\"image\":\"1.jpg\",\"conversations\":[{},{\"value\":\"caf\\u00e9 \\\"x\\\" é\"}],\"n\":1.50,\
         \"text\":\"<__dj__image> caf\\u00e9 \\\"x\\\" é\",\"images\":[\"1.jpg\"]}\n"
    );
    assert_eq!(
        reasons(&folder, "out/a_dj_fmt_rejected.jsonl"),
        [
            "2: field `image` is missing",
            "3: field `image` is a list",
            "4: field `image` is empty",
            "5: field `conversations.1.value` is missing",
            "6: field `conversations.1.value` is missing",
            "7: field `conversations.1.value` is a number",
            "8: field `image` is missing",
            "9: not an object but a list",
            "10: not JSON: expected `,` or `}` at column 18",
        ]
    );
}

#[test]
fn videos_that_are_none_are_told_apart_from_bad_rows() {
    let rows = [
        r#"{"text": "no videos"}"#,
        r#"{"videos": null, "text": "x"}"#,
        r#"{"videos": "v.mp4", "text": "x"}"#,
        r#"{"videos": [3], "text": "x"}"#,
        r#"{"videos": [""], "text": "x"}"#,
        r#"{"videos": ["v.mp4", "w.mp4"]}"#,
        r#"{"videos": ["v\u002emp4", "w.mp4"], "text": "\u3000<__dj__video>a <__dj__video> b\n", "file_path": "old"}"#,
        r#"{"videos":["v.mp4"],"text":"caf\u00e9"}"#,
    ];
    let folder = folder([("a.jsonl", rows.join("\n").as_str())]);
    let converted = convert(&folder, &["a.jsonl"], easyanimate::convert).unwrap();
    let file = &converted.files[0];
    assert_eq!((file.rows_in, file.rows_out, file.left_out, file.rejected), (8, 2, 2, 4));
    assert_eq!(
        read(&folder, "out/a_ea_fmt.json"),
        "[\n{\"videos\": [\"v\\u002emp4\", \"w.mp4\"], \"text\": \"a  b\", \"file_path\": \"v\\u002emp4\"},\n\
         {\"videos\":[\"v.mp4\"],\"text\":\"caf\\u00e9\",\"file_path\":\"v.mp4\"}\n]\n"
    );
    assert_eq!(
        reasons(&folder, "out/a_ea_fmt_rejected.jsonl"),
        [
            "3: field `videos` is a string",
            "4: field `videos.0` is a number",
            "5: the first of `videos` is empty",
            "6: field `text` is missing"
        ]
    );
}

#[test]
fn the_length_of_a_meta_file_is_that_of_its_rows() {
    let folder = folder([("sub/ä.json", "[{\"a\": 1},\n3, {}]"), ("b.jsonl", "\n{}\n\n{}\n"), ("empty.jsonl", "")]);
    let paths = ["sub/ä.json", "b.jsonl", "empty.jsonl"].map(|name| path(&folder, name));
    let root = folder.path().join("sub/deep");
    let converted = coco_meta::generate(&Conversion::new(&paths, &folder.path().join("out")), &root).unwrap();
    assert_eq!(converted.files.iter().map(|file| file.rejected).collect::<Vec<_>>(), [1, 0, 0]);
    let rest = "\"data_augment\": false, \"repeat_time\": 1";
    for (name, base, annotation, length) in
        [("ä", "ä", "../ä.json", 2), ("b", "b", "../../b.jsonl", 2), ("empty", "empty", "../../empty.jsonl", 0)]
    {
        let expected =
            format!("{{\"{base}\": {{\"root\": \"data/coco/\", \"annotation\": \"{annotation}\", {rest}, \"length\": {length}}}}}");
        assert_eq!(read(&folder, &format!("out/{name}_meta.json")), expected);
    }
    assert_eq!(reasons(&folder, "out/ä_meta_rejected.jsonl"), ["2: not an object but a number"]);
}

#[test]
fn a_dataset_without_a_single_fitting_row_is_the_wrong_one() {
    let folder = folder([("a.jsonl", "{\"text\": 1}\n{\"text\": 2}\n")]);
    assert_eq!(
        convert(&folder, &["a.jsonl"], coco_caption::convert).unwrap_err(),
        "not one of the 2 rows of `a.jsonl` can be converted\n  hint: the first is a.jsonl:1: field `image` is missing"
    );
    assert_eq!(std::fs::read_dir(folder.path().join("out")).unwrap().count(), 0);
}

#[tokio::test]
async fn missing_inputs_are_named_and_the_others_converted() {
    let folder = folder([("a.jsonl", "{\"videos\": [], \"text\": \"x\"}\n")]);
    let paths = ["a.jsonl", "b.jsonl", "x/c.jsonl"].map(|name| path(&folder, name));
    let extra = json!({"type": "dj_to_easyanimate_video_dataset_conversion", "dataset_path": paths, "export_path": path(&folder, "out")});
    let (outcome, events) = run(extra).await;
    assert_eq!(outcome.unwrap().values, [json!([path(&folder, "out/a_ea_fmt.json")])]);
    assert_eq!(read(&folder, "out/a_ea_fmt.json"), "[]\n");
    let warnings: Vec<String> =
        events.into_iter().filter_map(|event| if let Event::Warning { message, .. } = event { Some(message) } else { None }).collect();
    assert_eq!(
        warnings,
        [
            format!("Failed to find `{}`, `{}`: the other datasets are converted", paths[1], paths[2]),
            format!("1 of 1 rows of `{}` have no video and are left out", paths[0]),
        ]
    );

    let extra =
        json!({"type": "dj_to_easyanimate_video_dataset_conversion", "dataset_path": paths[1..], "export_path": path(&folder, "no")});
    let (outcome, _) = run(extra).await;
    let Err(ComponentError::Failed { message, hint, .. }) = outcome else { panic!("{outcome:?}") };
    assert_eq!(message, format!("Failed to find `{}`, `{}`", paths[1], paths[2]));
    assert_eq!(hint, Some(format!("did you mean `{}`?", paths[0])));
    assert!(!folder.path().join("no").exists());
}

#[test]
fn one_thread_or_more_is_the_same() {
    let row = |index: usize| {
        format!("{{\"image\": \"{index}.jpg\", \"conversations\": [{{}}, {{\"value\": \"{}\"}}]}}\n", "x ".repeat(index % 700))
    };
    let rows: String = (0..6000).map(|index| if index % 100 == 7 { "broken\n".to_owned() } else { row(index) }).collect();
    let folder = folder([("a.jsonl", rows.as_str())]);
    let paths = [path(&folder, "a.jsonl")];
    let results = [1, 4].map(|threads| {
        let export = folder.path().join(threads.to_string());
        let converted = coco_caption::convert(&Conversion { threads, ..Conversion::new(&paths, &export) }).unwrap();
        let names = ["a_dj_fmt.jsonl", "a_dj_fmt_rejected.jsonl"];
        (names.map(|name| std::fs::read_to_string(export.join(name)).unwrap()), converted.files[0].rejected)
    });
    assert_eq!(results[0].1, 60);
    assert!(results[0] == results[1]);
}
