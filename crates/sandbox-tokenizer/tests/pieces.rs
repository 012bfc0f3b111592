//! The pieces of the original libraries, text by text; see `data/README.md`.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first result that is not met")]

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use proptest::prelude::*;
use sandbox_tokenizer::sentence_piece::SentencePiece;
use sandbox_tokenizer::{Error, Pieces, Tokenizer};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
}

#[cfg(feature = "hugging-face")]
static MODELS: [&str; 5] = ["en.sp.model", "unigram.sp.model", "byte_pair.sp.model", "byte_level", "metaspace"];
#[cfg(not(feature = "hugging-face"))]
static MODELS: [&str; 3] = ["en.sp.model", "unigram.sp.model", "byte_pair.sp.model"];

#[test]
fn every_recorded_piece_is_met() {
    let rows: Vec<serde_json::Value> =
        fs::read_to_string(data("pieces.jsonl")).unwrap().split_terminator('\n').map(|row| serde_json::from_str(row).unwrap()).collect();
    assert!(rows.len() > 150);
    let mut pieces = Pieces::default();
    for model in MODELS {
        let tokenizer = Tokenizer::open(data(model)).unwrap();
        for row in &rows {
            let text = row["text"].as_str().unwrap();
            let expected = row[model.trim_end_matches(".sp.model")].as_array().unwrap();
            tokenizer.pieces(text, &mut pieces).unwrap();
            assert_eq!(&pieces.iter().collect::<Vec<_>>(), expected, "{model} {text:?}");
            assert_eq!(pieces.is_empty(), expected.is_empty());
            assert_eq!(tokenizer.count(text, &mut pieces).unwrap(), expected.len(), "{model} {text:?}");
        }
    }
    let model = SentencePiece::read(&fs::read(data("en.sp.model")).unwrap()).unwrap();
    for row in &rows {
        assert_eq!(model.normalize(row["text"].as_str().unwrap()), row["normalized"], "{}", row["text"]);
    }
}

#[test]
fn a_model_is_read_once() {
    let first = Tokenizer::shared(&data("en.sp.model")).unwrap();
    let again = Tokenizer::shared(&data("../data/en.sp.model")).unwrap();
    assert!(Arc::ptr_eq(&first, &again));
}

#[test]
fn broken_files_are_told_with_their_path() {
    let folder = tempfile::tempdir().unwrap();
    let check = |bytes: &[u8], cause: &str| {
        let path = folder.path().join("broken");
        fs::write(&path, bytes).unwrap();
        let error = Tokenizer::open(&path).unwrap_err();
        let message = error.to_string();
        assert!(message.contains(&format!("`{}`: {cause}", path.display())), "{message}");
        assert!(error.hint().is_some());
    };
    check(b"", "no SentencePiece model: it has no pieces");
    check(b"<html>", "no SentencePiece model, or one that is cut off");
    check(&fs::read(data("en.sp.model")).unwrap()[..5000], "no SentencePiece model, or one that is cut off");
    check(b"\n\x05\n\x03abc\n\x05\n\x03abc", "piece 1 is empty or there twice: `abc`");
    check(b"\n\x05\n\x03abc\x12\x02\x18\x03", "a SentencePiece model of words or characters; unigram and BPE are known");
    #[cfg(feature = "hugging-face")]
    check(b"{}", "");
    let missing = Tokenizer::open(data("nothing")).unwrap_err();
    assert!(matches!(missing, Error::Read { .. }));
}

proptest! {
    #[test]
    fn pieces_joined_are_the_normalized_text(text in prop_oneof!["\\PC*", "[a-zA-Z0-9 .,\n\t]{0,200}", "([ ▁ａéⓂ\u{301}가ﷺ]|\\PC|\\p{Cc}){0,20}"]) {
        let path = data("en.sp.model");
        let model = SentencePiece::read(&fs::read(&path).unwrap()).unwrap();
        let mut pieces = Pieces::default();
        Tokenizer::shared(&path).unwrap().pieces(&text, &mut pieces).unwrap();
        prop_assert_eq!(pieces.joined(), model.normalize(&text));
        prop_assert_eq!(pieces.iter().collect::<String>(), pieces.joined());
        prop_assert!(pieces.iter().all(|piece| !piece.is_empty()));
    }

    #[test]
    fn any_text_has_pieces(text in prop_oneof!["\\PC*", "(\\PC|\\p{Cc}|<sep>|the|abc|▁| |\u{10ffff}){0,40}"]) {
        let mut pieces = Pieces::default();
        for model in MODELS {
            let tokenizer = Tokenizer::shared(&if model.contains('.') { data(model) } else { data(model).join("tokenizer.json") }).unwrap();
            tokenizer.pieces(&text, &mut pieces).unwrap();
            let many = pieces.len();
            prop_assert_eq!(tokenizer.count(&text, &mut pieces).unwrap(), many);
        }
    }

    #[test]
    fn no_bytes_are_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), at in 0usize..6000) {
        let _ = SentencePiece::read(&bytes);
        // A good model with a piece of it overwritten, also within its table of normalisation.
        for model in ["en.sp.model", "byte_pair.sp.model"] {
            let mut damaged = fs::read(data(model)).unwrap();
            let place = if model.starts_with("en") { damaged.len() - 240_000 + at * 37 } else { at };
            damaged.iter_mut().skip(place).zip(&bytes).for_each(|(old, new)| *old = *new);
            if let Ok(model) = SentencePiece::read(&damaged) {
                model.normalize("Janet’s ４ ducks\tﷺ lay e\u{301}ggs");
            }
        }
    }
}
