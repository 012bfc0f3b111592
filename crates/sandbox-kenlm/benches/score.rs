//! Bytes of text a second that are scored. `KENLM_MODEL` names another model than the small one of the tests.
#![allow(clippy::unwrap_used, reason = "a bench without its files cannot go on")]

use std::env;
use std::path::PathBuf;

use divan::Bencher;
use divan::counter::BytesCount;
use sandbox_kenlm::Model;

fn main() {
    divan::main();
}

#[divan::bench(args = ["arpa", "probing", "trie", "quant", "array", "qarray"])]
fn score(bencher: Bencher, kind: &str) {
    let small = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/small");
    let file = env::var_os("KENLM_MODEL").map_or_else(|| small.into(), PathBuf::from).with_extension(kind);
    let model = Model::open(file).unwrap();
    let text = "a b c d e f g h ".repeat(200);
    bencher.counter(BytesCount::of_str(&text)).bench_local(|| model.score(&text));
}
