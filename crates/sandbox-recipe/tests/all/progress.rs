//! What is told of a recipe at work.

use std::sync::Mutex;

use sandbox_recipe::{Observer, Progress, RunSettings};
use serde_json::json;

use crate::support::Folder;

#[derive(Default)]
struct Seen(Mutex<Vec<Progress>>);

impl Observer for Seen {
    fn progress(&self, progress: Progress) {
        self.0.lock().unwrap().push(progress);
    }
}

#[test]
fn every_pass_says_which_it_is_before_its_first_row() {
    let rows: Vec<_> = (0..20).map(|number| json!({"text": format!("text {number}")})).collect();
    let folder = Folder::with(&rows);
    let passes = |process| {
        let seen = Seen::default();
        folder.process_with(process, json!({}), RunSettings { observer: &seen, ..RunSettings::default() }).unwrap();
        let seen = seen.0.into_inner().unwrap();
        seen.iter().filter(|progress| progress.rows == 0).map(|progress| (progress.pass, progress.passes)).collect::<Vec<_>>()
    };
    let minhash = || json!({"document_minhash_deduplicator": {}});
    assert_eq!(passes(json!([minhash(), {"text_length_filter": {"index_key": "n"}}])), [(1, 3), (2, 3), (3, 3)]);
    assert_eq!(passes(json!([{"text_length_filter": {}}])), []);
}
