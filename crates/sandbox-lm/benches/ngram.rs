//! Training and scoring speed on generated prose: words by Zipf's law, sentences, one document of a megabyte.

use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use sandbox_lm::{NgramModel, NgramSettings, NgramTrainer, Scorer, Unit};

const KINDS: [(Unit, usize); 6] =
    [(Unit::Bytes, 3), (Unit::Bytes, 5), (Unit::Bytes, 7), (Unit::Words, 2), (Unit::Words, 3), (Unit::Words, 5)];

fn main() {
    divan::main();
}

/// About `bytes` bytes of words whose length and letters depend on their rank.
fn prose(bytes: usize, seed: u64) -> String {
    let mut state = seed;
    let mut draw = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f64 / (1u64 << 24) as f64
    };
    let mut text = String::with_capacity(bytes + 16);
    while text.len() < bytes {
        // A uniform logarithm of the rank makes frequency fall as one over rank.
        let rank = (30_000f64.powf(draw())) as u64;
        let mut rest = rank.wrapping_mul(0x9E37_79B9);
        for _ in 0..2 + rank.ilog2() / 2 {
            text.push(char::from(b"etaoinshrdlucmfw"[(rest % 16) as usize]));
            rest /= 16;
        }
        text.push_str(if draw() < 0.1 { ". " } else { " " });
    }
    text
}

fn train(text: &str, (unit, order): (Unit, usize)) -> Option<NgramModel> {
    let mut trainer = NgramTrainer::new(NgramSettings { unit, order }).ok()?;
    trainer.add(text);
    Some(trainer.finish())
}

#[divan::bench(args = KINDS, sample_count = 10)]
fn train_megabytes(bencher: Bencher, kind: (Unit, usize)) {
    let text = prose(4 << 20, 1);
    bencher.counter(BytesCount::of_str(&text)).bench(|| train(black_box(&text), kind));
}

#[divan::bench(args = KINDS, sample_count = 10)]
fn score_held_out(bencher: Bencher, kind: (Unit, usize)) {
    let (model, text) = (train(&prose(4 << 20, 1), kind), prose(1 << 20, 2));
    bencher.counter(BytesCount::of_str(&text)).bench(|| model.as_ref().map(|model| model.score("", black_box(&text))));
}
