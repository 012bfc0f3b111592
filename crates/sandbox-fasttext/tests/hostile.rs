//! Files that are cut short or changed are errors or models, never panics.
#![allow(clippy::unwrap_used, reason = "a test stops at the first result that is not met")]

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use sandbox_fasttext::{Model, Scratch};

fn models() -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data");
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let models = files.filter(|file| file.extension().is_some_and(|extension| extension == "bin" || extension == "ftz"));
    models.map(|file| fs::read(file).unwrap()).collect()
}

fn try_out(bytes: &[u8]) {
    if let Ok(model) = Model::read(bytes) {
        drop(model.predict("a text of words, один 一人", 3, &mut Scratch::default()));
    }
}

#[test]
fn cut_files_are_errors() {
    for model in models() {
        for length in (0..300).chain((300..model.len()).step_by(97)) {
            assert!(Model::read(&model[..length]).is_err(), "{length}");
        }
        assert!(Model::read(&model).is_ok());
    }
}

#[test]
fn impossible_sizes_are_errors() {
    let model = &models()[0];
    // The head, then the numbers of entries, words and labels.
    for place in (64..=100).step_by(4) {
        let mut changed = model.clone();
        changed[place..place + 4].copy_from_slice(&i32::MAX.to_le_bytes());
        try_out(&changed);
    }
    let mut changed = model.clone();
    changed[64..68].copy_from_slice(&i32::MAX.to_le_bytes());
    assert!(Model::read(&changed).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn changed_files_do_no_harm(which in 0usize..6, changes in prop::collection::vec((0usize..30_000, any::<u8>()), 1..4), at_head: bool) {
        let models = models();
        let mut bytes = models[which % models.len()].clone();
        let reach = if at_head { 300 } else { bytes.len() };
        for (place, byte) in changes {
            bytes[place % reach] = byte;
        }
        try_out(&bytes);
    }
}
