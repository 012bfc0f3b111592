//! How fast near duplicates are found: `cargo bench -p sandbox-ops --bench deduplicators`.

use divan::Bencher;
use divan::counter::{BytesCount, ItemsCount};
use sandbox_ops::deduplicators::cluster::{BandIndex, ExactIndex, ExactSet, HammingIndex, Spill};
use sandbox_ops::deduplicators::minhash::{Permutations, band_hashes, hash32};
use sandbox_ops::deduplicators::shingles::{Shingler, Tokenization};
use sandbox_ops::{Operator, RowView, Scratch, TextView, build};
use serde_json::{Value, json};

fn main() {
    divan::main();
}

const ROWS: usize = 1_000_000;

/// Questions and answers of GSM8K, as in the tests.
fn texts() -> Vec<String> {
    let rows = include_str!("../../../tests/goldens/operators/inputs/gsm_open.jsonl");
    let text = |line: &str| Some(serde_json::from_str::<Value>(line).ok()?["text"].as_str()?.to_owned());
    rows.split('\n').filter_map(text).collect()
}

fn fingerprints(bencher: Bencher<'_, '_>, name: &str, arguments: &Value, texts: &[String]) {
    let Ok(Operator::Deduplicator(deduplicator)) = build(name, arguments) else { return };
    let mut scratch = Scratch::default();
    bencher.counter(BytesCount::new(texts.iter().map(String::len).sum::<usize>())).bench_local(|| {
        let fingerprint = |text: &String| deduplicator.fingerprint(&RowView::of_text(&TextView::new(text, &mut scratch))).is_ok();
        texts.iter().map(fingerprint).filter(|done| *done).count()
    });
}

#[divan::bench(args = ["space", "character", "punctuation"])]
fn minhash_32_bands_of_8(bencher: Bencher<'_, '_>, tokenization: &str) {
    let arguments = json!({"tokenization": tokenization, "num_bands": 32, "num_rows_per_band": 8});
    fingerprints(bencher, "document_minhash_deduplicator", &arguments, &texts());
}

#[divan::bench(args = ["space", "character"])]
fn minhash_one_long_text(bencher: Bencher<'_, '_>, tokenization: &str) {
    let arguments = json!({"tokenization": tokenization, "num_bands": 32, "num_rows_per_band": 8});
    fingerprints(bencher, "document_minhash_deduplicator", &arguments, &[texts().join(" ")]);
}

#[divan::bench(args = ["space", "character"])]
fn simhash(bencher: Bencher<'_, '_>, tokenization: &str) {
    fingerprints(bencher, "document_simhash_deduplicator", &json!({"tokenization": tokenization}), &texts());
}

#[divan::bench]
fn shingles_alone(bencher: Bencher<'_, '_>) {
    let texts = texts();
    let Ok(shingler) = Shingler::new(Tokenization::Space, 5, true, None) else { return };
    let scratch = Scratch::default();
    bencher.counter(BytesCount::new(texts.iter().map(String::len).sum::<usize>())).bench_local(|| {
        let mut bytes = 0;
        for text in &texts {
            drop(shingler.each(text, &scratch, |shingle| bytes += shingle.len()));
        }
        bytes
    });
}

#[divan::bench]
fn sha1_of_shingles(bencher: Bencher<'_, '_>) {
    let mut shingles = Vec::new();
    if let Ok(shingler) = Shingler::new(Tokenization::Space, 5, true, None) {
        let scratch = Scratch::default();
        texts().iter().for_each(|text| drop(shingler.each(text, &scratch, |shingle| shingles.push(shingle.to_vec()))));
    }
    bencher.counter(ItemsCount::new(shingles.len())).bench_local(|| shingles.iter().fold(0, |all, shingle| all ^ hash32(shingle)));
}

/// An item is a permutation of a hash.
#[divan::bench]
fn permutations_alone(bencher: Bencher<'_, '_>) {
    let permutations = Permutations::new(256);
    let hashes: Vec<u32> = (0..2048_u32).map(|number| number.wrapping_mul(2_654_435_761)).collect();
    let mut minima = vec![u32::MAX; 256];
    bencher.counter(ItemsCount::new(hashes.len() * 256)).bench_local(|| permutations.lower(&hashes, &mut minima));
}

#[divan::bench]
fn hashes_of_32_bands(bencher: Bencher<'_, '_>) {
    let minima: Vec<u32> = (0..256).collect();
    bencher.bench_local(|| band_hashes(&minima, 32, 8));
}

fn random(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    state.wrapping_mul(0x2545_f491_4f6c_dd1d)
}

#[divan::bench(args = ["memory", "disk"], sample_count = 1)]
fn a_million_rows_of_25_bands(bencher: Bencher<'_, '_>, place: &str) {
    bencher.counter(ItemsCount::new(ROWS)).bench_local(|| {
        let limit = if place == "disk" { 64 << 20 } else { usize::MAX };
        let mut index = BandIndex::new(Spill { limit, ..Spill::default() });
        let mut state = 1;
        let mut bands = [0; 25];
        for row in 0..ROWS {
            // Every tenth row has bands of the one before.
            let kept = if row % 10 == 0 { 3 } else { 0 };
            bands.iter_mut().skip(kept).for_each(|band| *band = random(&mut state));
            if index.push(Some(&bands), None).is_err() {
                return 0;
            }
        }
        index.finish().map_or(0, |keep| keep.kept())
    });
}

#[divan::bench(args = ["random", "clustered", "skewed", "apart"], sample_count = 1)]
fn near_hashes(bencher: Bencher<'_, '_>, kind: &str) {
    let rows = if matches!(kind, "skewed" | "apart") { 100_000 } else { ROWS };
    let mut state = 7;
    let mut hash = |row: usize| match kind {
        "random" => random(&mut state),
        // Groups of ten within three bits of their centre.
        "clustered" => {
            (row as u64 / 10).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 1 << (random(&mut state) >> 58) ^ 1 << (random(&mut state) >> 58)
        }
        // All within eight bits of one value.
        "skewed" => (0..8).fold(0, |hash, _| hash | 1 << (random(&mut state) >> 58)),
        // All equal in half of their bits.
        _ => random(&mut state) >> 32,
    };
    let hashes: Vec<u64> = (0..rows).map(&mut hash).collect();
    bencher.counter(ItemsCount::new(rows)).bench_local(|| {
        let Ok(mut index) = HammingIndex::new(4, 6, Spill::default()) else { return 0 };
        hashes.iter().for_each(|hash| drop(index.push(Some(*hash))));
        index.finish().map_or(0, |keep| keep.kept())
    });
}

#[divan::bench(sample_count = 1)]
fn a_million_digests_in_a_set(bencher: Bencher<'_, '_>) {
    bencher.counter(ItemsCount::new(ROWS)).bench_local(|| {
        let mut set = ExactSet::default();
        let mut state = 3;
        (0..ROWS).filter(|_| set.insert(u128::from(random(&mut state)) << 64 | u128::from(random(&mut state)))).count()
    });
}

#[divan::bench(sample_count = 1)]
fn a_million_digests_sorted(bencher: Bencher<'_, '_>) {
    bencher.counter(ItemsCount::new(ROWS)).bench_local(|| {
        let mut index = ExactIndex::new(Spill::default());
        let mut state = 3;
        for _ in 0..ROWS {
            drop(index.push(Some(u128::from(random(&mut state)) << 64)));
        }
        index.finish().map_or(0, |keep| keep.kept())
    });
}
