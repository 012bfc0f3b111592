//! Bytes of text a second that are given a label. `FASTTEXT_MODEL` names another model than the small one of the tests.
#![allow(clippy::unwrap_used, reason = "a bench without its files cannot go on")]

use std::path::PathBuf;
use std::{env, fs};

use divan::Bencher;
use divan::counter::BytesCount;
use sandbox_fasttext::{Model, Scratch};
use serde_json::Value;

fn main() {
    divan::main();
}

fn texts() -> Vec<String> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/goldens/operators/inputs/mixed_open.jsonl");
    let text = fs::read_to_string(file).unwrap();
    let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.filter_map(|row| Some(row["text"].as_str()?.to_lowercase().replace('\n', " "))).collect()
}

fn file() -> PathBuf {
    let small = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/goldens/assets/models/ft_ftz/lid.176.bin");
    env::var_os("FASTTEXT_MODEL").map_or_else(|| small.into(), PathBuf::from)
}

#[divan::bench]
fn predict(bencher: Bencher) {
    let (model, texts) = (Model::open(file()).unwrap(), texts());
    let mut scratch = Scratch::default();
    let bytes: usize = texts.iter().map(String::len).sum();
    bencher
        .counter(BytesCount::new(bytes))
        .bench_local(|| texts.iter().map(|text| model.predict(text, 1, &mut scratch).unwrap().len()).sum::<usize>());
}

#[divan::bench]
fn open() -> Model {
    Model::open(file()).unwrap()
}
