//! Files that are cut short or changed are errors or models, never panics.
#![allow(clippy::unwrap_used, reason = "a test stops at the first result that is not met")]

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use sandbox_kenlm::Model;

const KINDS: [&str; 6] = ["arpa", "probing", "trie", "quant", "array", "qarray"];

fn model(kind: &str) -> Vec<u8> {
    fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/small").with_extension(kind)).unwrap()
}

fn try_out(bytes: Vec<u8>) {
    if let Ok(model) = Model::read(bytes) {
        model.score("a b c d zzz f g h e");
        model.score("");
    }
}

#[test]
fn cut_files_are_errors() {
    for kind in KINDS {
        let bytes = model(kind);
        // At the end stand the words, which scores do not need.
        let words = if kind == "arpa" { 7 } else { 64 };
        for length in 0..bytes.len() - words {
            assert!(Model::read(bytes[..length].to_vec()).is_err(), "{kind} {length}");
        }
        assert_eq!(Model::read(bytes).err().map(|error| error.to_string()), None, "{kind}");
    }
}

#[test]
fn what_is_wrong_is_said() {
    let message = |text: &str| Model::read(text.as_bytes().to_vec()).unwrap_err().to_string();
    let start = "Failed to read the language model: ";
    assert_eq!(message("\\data\\\nngram 1=900\nngram 2=1\n\n"), format!("{start}line 2: the text is too short for 900 n-grams of order 1"));
    assert_eq!(message("\\data\\\nngram 1=1\n\n"), format!("{start}expected an order from 2 to 12, got 1"));
    assert_eq!(message("hello"), format!("{start}it is neither an ARPA text nor a binary file of KenLM"));
    let text = String::from_utf8(model("arpa")).unwrap();
    assert_eq!(message(&text.replace("-99\t<s>", "-99\tx")), format!("{start}it has no word `<s>`"));
    assert!(message(&text.replace("-99\t<s>", "0.5\t<s>")).ends_with("the logarithm 0.5 of a probability is positive"));
    assert!(message(&text.replace("\\2-grams:", "\\3-grams:")).ends_with("expected `\\2-grams:`"));
}

#[test]
fn line_breaks_of_windows_are_read() {
    let text = String::from_utf8(model("arpa")).unwrap();
    let (unix, windows) = (Model::read(text.clone().into_bytes()).unwrap(), Model::read(text.replace('\n', "\r\n").into_bytes()).unwrap());
    assert_eq!(unix.score("a b c"), windows.score("a b c"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn changed_files_do_no_harm(kind in 0..KINDS.len(), changes in prop::collection::vec((any::<usize>(), any::<u8>()), 1..5), at_head: bool) {
        let mut bytes = model(KINDS[kind]);
        let reach = if at_head { 160 } else { bytes.len() };
        for (place, byte) in changes {
            bytes[place % reach] = byte;
        }
        try_out(bytes);
    }
}
