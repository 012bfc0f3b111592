//! The model file: the same for the same documents, and a clear error or wrong numbers, never a panic, when it is damaged.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use sandbox_lm::{LmError, NgramModel, NgramSettings, NgramTrainer, Scorer, Unit};

const TEXTS: [&str; 4] = ["the cat sat on the mat", "", "the dog, the cat and the mouse sat", "a mouse sat on the cat"];

fn trainer(unit: Unit, order: usize, block: usize, documents: &[&str]) -> NgramTrainer {
    let mut trainer = NgramTrainer::with_block(NgramSettings { unit, order }, block).unwrap();
    documents.iter().for_each(|document| trainer.add(document));
    trainer
}

fn saved(folder: &Path, model: &NgramModel) -> Vec<u8> {
    let path = folder.join("saved.ngram");
    model.save(&path).unwrap();
    fs::read(path).unwrap()
}

/// Opens `bytes` as a model and asks it everything.
fn open(folder: &Path, bytes: &[u8]) -> Result<(), LmError> {
    let path = folder.join("given.ngram");
    fs::write(&path, bytes).unwrap();
    let model = NgramModel::open(&path)?;
    TEXTS.iter().for_each(|text| _ = model.score("the cat", text));
    model.next_probabilities("the");
    (0..40).for_each(|symbol| _ = model.word(symbol));
    Ok(())
}

#[test]
fn an_opened_model_is_the_saved_one() {
    let folder = tempfile::tempdir().unwrap();
    for (unit, order) in [(Unit::Bytes, 1), (Unit::Bytes, 5), (Unit::Bytes, 7), (Unit::Words, 1), (Unit::Words, 3), (Unit::Words, 5)] {
        let model = trainer(unit, order, 1 << 20, &TEXTS).finish();
        let path = folder.path().join("new folder/model.ngram");
        model.save(&path).unwrap();
        let opened = NgramModel::open(&path).unwrap();
        assert_eq!(opened.settings(), NgramSettings { unit, order });
        assert_eq!((opened.documents(), opened.bytes_seen()), (4, TEXTS.concat().len() as u64));
        assert_eq!(opened.size(), fs::metadata(&path).unwrap().len());
        for text in TEXTS {
            assert_eq!(model.score("on", text), opened.score("on", text));
        }
        assert_eq!(model.score_batch(&[("", "a"), ("b", "c")]), [opened.score("", "a"), opened.score("b", "c")]);
    }
}

#[test]
fn blocks_snapshots_and_the_order_of_documents_do_not_show() {
    let folder = tempfile::tempdir().unwrap();
    for (unit, order) in [(Unit::Bytes, 1), (Unit::Bytes, 2), (Unit::Bytes, 5), (Unit::Words, 1), (Unit::Words, 4)] {
        let expected = saved(folder.path(), &trainer(unit, order, 1 << 20, &TEXTS).finish());
        for block in [1, 2, 5, 40] {
            assert_eq!(
                saved(folder.path(), &trainer(unit, order, block, &TEXTS).finish()),
                expected,
                "{unit} {order} in blocks of {block}"
            );
        }
        let mut reversed = TEXTS;
        reversed.reverse();
        assert_eq!(saved(folder.path(), &trainer(unit, order, 11, &reversed).finish()), expected, "{unit} {order} reversed");

        let mut looked_at = trainer(unit, order, 11, &TEXTS[..2]);
        let early = looked_at.snapshot();
        assert_eq!(saved(folder.path(), &early), saved(folder.path(), &trainer(unit, order, 3, &TEXTS[..2]).finish()));
        TEXTS[2..].iter().for_each(|text| looked_at.add(text));
        let held_out = ["the dog sat".to_owned()];
        assert_eq!(looked_at.snapshot_bits_per_byte(&held_out), looked_at.snapshot().score("", &held_out[0]).bits_per_byte());
        assert_eq!(saved(folder.path(), &looked_at.finish()), expected, "{unit} {order} looked at");
    }
}

#[test]
fn every_truncation_is_told() {
    let folder = tempfile::tempdir().unwrap();
    for unit in [Unit::Bytes, Unit::Words] {
        let bytes = saved(folder.path(), &trainer(unit, 2, 100, &["a b", "a b c"]).finish());
        for length in (0..bytes.len()).step_by(7) {
            let error = open(folder.path(), &bytes[..length]).unwrap_err();
            assert!(error.to_string().contains("cut short"), "{length}: {error}");
        }
        open(folder.path(), &bytes).unwrap();
        open(folder.path(), &[bytes.as_slice(), b"more"].concat()).unwrap_err();
    }
}

#[test]
fn a_foreign_file_is_told_with_path_and_hint() {
    let folder = tempfile::tempdir().unwrap();
    let error = open(folder.path(), b"{\"text\": \"not a model\"}").unwrap_err().to_string();
    let path = folder.path().join("given.ngram");
    assert_eq!(
        error,
        format!(
            "`{}` is not a usable n-gram model: it does not begin as one\n  hint: give a file that `NgramModel::save` wrote",
            path.display()
        )
    );
    fs::remove_file(&path).unwrap();
    assert!(NgramModel::open(&path).unwrap_err().to_string().starts_with("Failed to read `"));
    NgramModel::open(folder.path()).unwrap_err();
}

#[test]
fn a_changed_byte_never_panics() {
    let folder = tempfile::tempdir().unwrap();
    for unit in [Unit::Bytes, Unit::Words] {
        let bytes = saved(folder.path(), &trainer(unit, 3, 100, &TEXTS).finish());
        for place in 0..bytes.len() {
            // The dense first order is mostly zeros: a part of it is enough.
            if place > 1024 && bytes[place] == 0 && place % 16 != 0 {
                continue;
            }
            let mut changed = bytes.clone();
            changed[place] ^= 0xFF;
            // Errors and wrong numbers are both right; only head and table can be told.
            let opened = open(folder.path(), &changed);
            assert!(place >= 24 || opened.is_err(), "{unit}: byte {place}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn spoiled_arrays_never_panic(unit in prop::sample::select(vec![Unit::Bytes, Unit::Words]), start in 0.0..1.0f64, noise in prop::collection::vec(any::<u8>(), 1..200)) {
        // Saving waits for the disk: once per unit is enough.
        static FILES: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| {
            let folder = tempfile::tempdir().unwrap();
            [Unit::Bytes, Unit::Words].map(|unit| saved(folder.path(), &trainer(unit, 4, 100, &TEXTS).finish()))
        });
        let folder = tempfile::tempdir().unwrap();
        let mut bytes = FILES[usize::from(unit == Unit::Words)].clone();
        let start = (bytes.len() as f64 * start) as usize;
        bytes[start..].iter_mut().zip(noise).for_each(|(byte, noise)| *byte = noise);
        let _ = open(folder.path(), &bytes);
    }
}

#[test]
fn an_order_outside_is_refused() {
    for (unit, order) in [(Unit::Bytes, 0), (Unit::Bytes, 8), (Unit::Words, 6)] {
        let error = NgramTrainer::new(NgramSettings { unit, order }).unwrap_err().to_string();
        assert!(error.contains(&format!("not {order}")), "{error}");
    }
    let error = serde_json::from_str::<NgramSettings>(r#"{"ordr": 3}"#).unwrap_err().to_string();
    assert!(error.contains("unknown field `ordr`, expected `unit` or `order`"), "{error}");
}
