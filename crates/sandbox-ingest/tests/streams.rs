//! Laws of the stream: chunks do not matter, nothing makes it panic, memory stays bounded.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use proptest::prelude::*;
use sandbox_ingest::{AutoParser, Counters, Grammar, LONGEST, LineParser, Record, Summary, builtin, builtins};

/// NaN is not equal to itself; its text is.
fn read(grammar: &Grammar, chunks: &[&[u8]]) -> (String, Counters) {
    let (mut parser, mut records) = (LineParser::new(grammar), Vec::<Record>::new());
    chunks.iter().for_each(|chunk| parser.push(chunk, &mut |record| records.push(record)));
    parser.finish(&mut |record| records.push(record));
    (format!("{records:?}"), parser.counters())
}

fn auto(chunks: &[&[u8]]) -> (String, Counters, Option<String>) {
    let (mut parser, mut records) = (AutoParser::new(), Vec::<Record>::new());
    chunks.iter().for_each(|chunk| parser.push(chunk, &mut |record| records.push(record)));
    parser.finish(&mut |record| records.push(record));
    (format!("{records:?}"), parser.counters(), parser.grammar().map(|grammar| grammar.name.clone()))
}

/// Pieces that logs are made of, right and spoilt.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known = prop::sample::select(vec![
        "{'loss': 0.5, 'learning_rate': 1e-05}",
        "{\"current_steps\": 3, \"loss\": NaN}",
        "{'loss': {'a': [1, (2,",
        "50%|##  | 1/2 [00:01<00:01, 1.0it/s, loss=0.5]",
        "Epoch 1: 450it [00:12, 36.5it/s, v_num=1]",
        "Steps: 1%| | 1/9 [00:01<?, ?it/s, step_loss=1e-3]",
        "epoch [1][2/3]\tlr: 1e-3, eta: 0:00:10, loss: inf",
        "step:3 - a/b:-0.5 - c:np.float64(1)",
        "Step 7: {'x': tensor(1.5)}",
        "dynamic ViT batch size: 4, images per sample: 1",
        "test_acc  0.5",
        "\n",
        "\n",
        "\r",
        "\r\n",
        "\x1b[31m",
        "\x1b]0;",
        "é",
        "{'",
        " ",
    ]);
    prop_oneof![4 => known.prop_map(|text| text.as_bytes().to_vec()), 1 => prop::collection::vec(any::<u8>(), 0..12)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_chunks_give_the_same_records(pieces in prop::collection::vec(piece(), 0..30), cuts in prop::collection::vec(0.0..1.0f64, 0..20)) {
        let log = pieces.concat();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| (cut * log.len() as f64) as usize).collect();
        cuts.extend([0, log.len()]);
        cuts.sort_unstable();
        let chunks: Vec<&[u8]> = cuts.windows(2).map(|cut| &log[cut[0]..cut[1]]).collect();
        for grammar in builtins() {
            prop_assert_eq!(read(grammar, &chunks), read(grammar, &[&log]));
        }
        prop_assert_eq!(auto(&chunks), auto(&[&log]));
        let (_, counters) = read(&builtins()[0], &chunks);
        prop_assert_eq!(counters.lines, counters.matched + counters.unmatched);
    }

    #[test]
    fn no_bytes_make_it_panic(log in prop::collection::vec(any::<u8>(), 0..2000)) {
        builtins().iter().for_each(|grammar| drop(read(grammar, &[&log])));
        auto(&[&log]);
    }

    #[test]
    fn numbers_come_back_as_they_were(number in any::<f64>(), step in 0..1_u64 << 53) {
        let log = format!("step:{step} - x:{number:?} - y:1\n");
        let mut read = Vec::new();
        LineParser::new(builtin("verl").unwrap()).push(log.as_bytes(), &mut |record| read.push(record));
        prop_assert_eq!(read[0].step, Some(step));
        let sandbox_ingest::Value::Number(back) = read[0].values[0].1 else { panic!("{read:?}") };
        prop_assert!(back == number || (back.is_nan() && number.is_nan()));
    }
}

#[test]
fn a_long_line_is_passed_over_and_counted() {
    let long = vec![b'x'; 10 << 20];
    let line = b"{'loss': 0.5}\n";
    for chunk in [1 << 10, 1 << 16, 100 << 20] {
        let log = [line.as_slice(), b"{'loss': 1, 'x': '", &long, b"'}\r", line, line].concat();
        let (records, counters) = read(builtin("hf").unwrap(), &log.chunks(chunk).collect::<Vec<_>>());
        assert_eq!(records.matches("Number(0.5)").count(), 3, "{chunk}");
        assert_eq!((counters.lines, counters.matched, counters.unmatched, counters.too_long), (3, 3, 0, 1));
    }
    // A line that is exactly as long as may be is read.
    let fits = format!("{{'loss': 0.5, 'x': '{}'}}", "y".repeat(LONGEST - 22));
    assert_eq!(fits.len(), LONGEST);
    assert_eq!(read(builtin("hf").unwrap(), &[fits.as_bytes()]).1.matched, 1);
    assert_eq!(read(builtin("hf").unwrap(), &[fits.as_bytes(), b" "]).1.too_long, 1);
}

#[test]
fn a_bar_of_a_million_states_is_one_line() {
    let mut parser = LineParser::new(builtin("tqdm").unwrap());
    let mut summary = Summary::new();
    for index in 0..100_000_u32 {
        let state = format!("\r{:3}%|##   | {index}/100000 [00:01<00:09, 1.0it/s]", index / 1000);
        parser.push(state.as_bytes(), &mut |record| summary.add(&record));
    }
    parser.finish(&mut |record| summary.add(&record));
    assert_eq!((parser.counters().lines, parser.counters().records), (1, 100_000));
    assert_eq!(summary.metrics().next().unwrap().1.count, 100_000);
}

#[test]
fn hostile_lines_end_soon() {
    let lines = ["{'".repeat(400_000), "{'a': [".repeat(100_000), "a: ".repeat(300_000), "0%|".repeat(300_000), "\x1b[".repeat(500_000)];
    let start = std::time::Instant::now();
    for line in &lines {
        builtins().iter().for_each(|grammar| drop(read(grammar, &[line.as_bytes(), b"\n"])));
        let spoilt = format!("epoch [1][2/3]\tloss step:1 - Step 1: 'loss' {line}\n");
        builtins().iter().for_each(|grammar| drop(read(grammar, &[spoilt.as_bytes()])));
    }
    assert!(start.elapsed().as_secs() < 20, "{:?}", start.elapsed());
}
