//! Lines a second, of a log's metrics and of lines that say nothing.
#![allow(clippy::unwrap_used, reason = "a bench without its files cannot go on")]

use divan::Bencher;
use divan::counter::ItemsCount;
use sandbox_ingest::{AutoParser, LineParser, builtin};

const LINES: usize = 10_000;

fn main() {
    divan::main();
}

/// One line of metrics and nine of talk, as logs are.
fn talk(metrics: &str) -> Vec<u8> {
    let talk = "2026-11-22 10:00:00,123 - worker - INFO - read 128 samples from shard-00017.tar in 0.031 s, queue 12, step is going on";
    (0..LINES).map(|line| if line % 10 == 0 { metrics } else { talk }).flat_map(|line| [line, "\n"]).collect::<String>().into_bytes()
}

const HF: &str = "{'loss': 2.5531, 'grad_norm': 1.9703, 'learning_rate': 9.774074342405685e-06, 'epoch': 0.2}";
const MODELSCOPE: &str = "2023-05-01 10:00:01,123 - modelscope - INFO - epoch [1][10/100]\tlr: 1.000e-05, eta: 0:01:10, iter_time: 0.512, memory: 7239, loss: 0.5";

fn read(name: &str, log: &[u8]) -> u64 {
    let mut parser = LineParser::new(builtin(name).unwrap());
    log.chunks(64 << 10).for_each(|chunk| parser.push(chunk, &mut |record| drop(divan::black_box(record))));
    parser.counters().records
}

#[divan::bench(args = ["hf", "llama_factory", "internvl"])]
fn every_line_a_dictionary(bencher: Bencher, name: &str) {
    let log = format!("{HF}\n").repeat(LINES).into_bytes();
    bencher.counter(ItemsCount::new(LINES)).bench_local(|| read(name, &log));
}

#[divan::bench]
fn every_line_of_modelscope(bencher: Bencher) {
    let log = format!("{MODELSCOPE}\n").repeat(LINES).into_bytes();
    bencher.counter(ItemsCount::new(LINES)).bench_local(|| read("modelscope", &log));
}

#[divan::bench(args = ["hf", "modelscope", "verl", "lightning", "tqdm"])]
fn one_line_of_ten(bencher: Bencher, name: &str) {
    let log = talk(if name == "modelscope" { MODELSCOPE } else { HF });
    bencher.counter(ItemsCount::new(LINES)).bench_local(|| read(name, &log));
}

/// All grammars at once: nothing is found.
#[divan::bench]
fn auto_over_talk(bencher: Bencher) {
    let log = talk("nothing at all");
    bencher.counter(ItemsCount::new(LINES)).bench_local(|| {
        let mut parser = AutoParser::new();
        parser.push(&log, &mut |record| drop(divan::black_box(record)));
        parser.counters().unmatched
    });
}
