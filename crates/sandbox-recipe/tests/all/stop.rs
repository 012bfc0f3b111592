//! A recipe stops while it looks through its files, before there is any row.

use std::sync::atomic::{AtomicUsize, Ordering};

use sandbox_recipe::{Observer, RecipeError, RunSettings};
use serde_json::json;

use crate::support::Folder;

/// Wants to stop from the so-many-th question on.
struct Impatient {
    asked: AtomicUsize,
    patience: usize,
}

impl Observer for Impatient {
    fn stop(&self) -> bool {
        self.asked.fetch_add(1, Ordering::Relaxed) >= self.patience
    }
}

/// How many questions it took, and whether the run was stopped.
fn asked(folder: &Folder, more: serde_json::Value, patience: usize) -> (usize, bool) {
    let observer = Impatient { asked: AtomicUsize::new(0), patience };
    let settings = RunSettings { observer: &observer, threads: Some(1), ..RunSettings::default() };
    let result = folder.process_with(json!([{"text_length_filter": {"min_len": 1}}]), more, settings);
    (observer.asked.into_inner(), matches!(result, Err(RecipeError::Stopped)))
}

#[test]
fn while_a_table_s_columns_are_looked_through() {
    let folder = Folder::with(&[]);
    let record = format!("{},{}\n", "a".repeat(500_000), 7);
    folder.write("long.csv", &format!("text,n\n{}", record.repeat(60)));
    let more = || json!({"dataset_path": folder.path("long.csv")});
    // 30 MB in steps of 8 MiB, before the first row.
    assert_eq!(asked(&folder, more(), 3), (4, true));
    assert!(!folder.path("out.jsonl").exists());
    let (questions, stopped) = asked(&folder, more(), usize::MAX);
    assert!(questions > 20 && !stopped, "{questions}");
    let rows = folder.rows("out.jsonl");
    assert_eq!((rows.len(), &rows[59]["n"]), (60, &json!(7)));
}

#[test]
fn while_a_mixture_is_looked_through() {
    let row = json!({"text": "a".repeat(1000)});
    let folder = Folder::with(&vec![row; 4000]);
    let more = json!({"dataset": {"max_sample_num": 10, "configs": [{"type": "local", "path": folder.path("rows.jsonl"), "weight": 1.0}]}, "dataset_path": null});
    assert_eq!(asked(&folder, more.clone(), 2), (3, true));
    let (_, stopped) = asked(&folder, more, usize::MAX);
    assert!(!stopped);
    assert_eq!(folder.rows("out.jsonl").len(), 10);
}
