//! Every built-in grammar over a log of its framework: all records, in one table each.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on stops")]

use sandbox_ingest::{AutoParser, Counters, Grammar, LineParser, Record, Value, builtin, builtins};

fn log(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/fixtures/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn read(grammar: &Grammar, log: &[u8]) -> (Vec<Record>, Counters) {
    let (mut parser, mut records) = (LineParser::new(grammar), Vec::new());
    parser.push(log, &mut |record| records.push(record));
    parser.finish(&mut |record| records.push(record));
    (records, parser.counters())
}

fn told(record: &Record) -> String {
    let values = record.values.iter().map(|(name, value)| match value {
        Value::Number(number) => format!("{name}={number}"),
        Value::Text(text) => format!("{name}={text:?}"),
    });
    let step = record.step.map(|step| format!(" step {step}")).unwrap_or_default();
    format!("{}{step}: {}", record.line, values.collect::<Vec<_>>().join(" "))
}

/// The records by the grammar of this name, and that `auto` takes that grammar.
fn check(name: &str, file: &str, expected: &[&str]) -> Counters {
    let (records, counters) = read(builtin(name).unwrap(), &log(file));
    let told: Vec<String> = records.iter().map(told).collect();
    assert_eq!(told, expected, "{file}");
    let (mut auto, mut found) = (AutoParser::new(), Vec::new());
    auto.push(&log(file), &mut |record| found.push(record));
    auto.finish(&mut |record| found.push(record));
    assert_eq!(auto.grammar().map(|grammar| grammar.name.as_str()), Some(name), "{file}");
    let told: Vec<String> = found.iter().map(self::told).collect();
    assert_eq!(told, expected, "{file} by auto");
    assert_eq!(auto.counters(), counters, "{file} by auto");
    counters
}

#[test]
fn hugging_face() {
    let counters = check(
        "hf",
        "hf.log",
        &[
            "2: loss=2.5531 grad_norm=NaN learning_rate=0.00001 epoch=0.1",
            "3: loss=0 grad_norm=inf learning_rate=0.000009774074342405685 epoch=0.2",
            "4: loss=1.25 grad_norm=0.5 learning_rate=0 rewards/chosen=-0.25 epoch=0.3",
            "5: eval_loss=1.125 eval_accuracy=0.75 eval_runtime=12.5 eval_samples_per_second=80 epoch=0.3",
            "7: loss=0.625 grad_norm=1.5 learning_rate=0.000005 epoch=0.4",
            "8 step 15: loss=0.5 token_acc=0.875 learning_rate=0.000002 memory(GiB)=45.21 epoch=0.5 progress_ratio=0.5 \
         elapsed_seconds=3990 remaining_seconds=331853",
            "9: train_runtime=221.9 train_samples_per_second=1.474 train_loss=0.7228 epoch=3",
        ],
    );
    assert_eq!((counters.lines, counters.matched, counters.unmatched, counters.bad_numbers), (10, 7, 3, 0));
}

#[test]
fn llama_factory() {
    check(
        "llama_factory",
        "llama_factory.jsonl",
        &[
            "1 step 10: loss=4.4671 learning_rate=0.000000015 epoch=0.12 progress_ratio=0.122 elapsed_seconds=1675 remaining_seconds=19519",
            "2 step 20: loss=4.25 learning_rate=0.00000000725 epoch=0.24 progress_ratio=0.2439 elapsed_seconds=3600 remaining_seconds=93784 \
         throughput=1234.5 total_tokens=40960",
            "3 step 82: epoch=1 progress_ratio=1 elapsed_seconds=19008 remaining_seconds=0",
        ],
    );
    check(
        "llama_factory",
        "llama_factory.log",
        &[
            "2: loss=0.8125 learning_rate=0.000045 epoch=0.25 throughput=1234.5",
            "3: loss=0.75 grad_norm=1.25 learning_rate=0.00004 epoch=0.5 num_input_tokens_seen=40960",
            "4: train_runtime=2219 train_samples_per_second=1.474 train_steps_per_second=0.185 train_loss=0.7228 epoch=3",
        ],
    );
}

#[test]
fn modelscope() {
    let counters = check(
        "modelscope",
        "modelscope.log",
        &[
            "2 step 10: epoch=1 lr=0.00001 eta_seconds=70 iter_time=0.512 data_load_time=0.02 memory=7239 loss=0.5",
            "3 step 200: epoch=2 lr=0.000005 eta_seconds=86410 iter_time=0.5 data_load_time=0.01 memory=7239 loss=NaN",
            "4 step 220: epoch=3 lr_encoder=0.00001 lr_head=0.0001 eta_seconds=10 loss=-0.25",
            "5: evaluation.epoch=2 evaluation.memory=7239 evaluation.accuracy=0.75 evaluation.evaluation/f1=0.5",
            "6 step 350: lr=0.00002 loss=3.25",
            "7 step 100: epoch=1 lr=0.001 eta_seconds=573766 time=0.539 memory=7239 loss_ce=1.25 loss=1.75 grad_norm=NaN",
            "8 step 230: epoch=3 lr=0.00001",
        ],
    );
    assert_eq!(counters.bad_numbers, 1);
}

#[test]
fn internvl() {
    check(
        "internvl",
        "internvl.log",
        &[
            "2: vit_batch_size=40 images_per_sample=10 token_length=3021",
            "4: loss=2.055 learning_rate=0.00003 epoch=0.02",
            "5: loss=1.9375 learning_rate=0.000029 epoch=0.03",
            "6: Bleu_1=0.756",
            "7: CIDEr=1.125",
            "8: METEOR=0.28",
        ],
    );
}

#[test]
fn trinity() {
    check(
        "trinity",
        "trinity.log",
        &[
            "2 step 12: actor/kl_loss=0.00125 actor/pg_loss=-0.000015 critic/score/mean=0.5 perf/time=NaN",
            "3 step 0: eval/gsm8k-eval/accuracy/mean@4=0.34154662623199394 rollout/n=1319",
        ],
    );
}

#[test]
fn verl() {
    check(
        "verl",
        "verl.log",
        &[
            "1 step 0: val-aux/openai/gsm8k/reward/mean@1=0.565 val-core/openai/gsm8k/acc/mean@1=0.508",
            "3 step 34: global_seqlen/min=419336 actor/entropy=0.22266578674316406 actor/ppo_kl=-0.000008163164312320433 actor/lr=0.000002 \
         training/global_step=34 critic/rewards/min=-1",
            "4 step 35: actor/kl_loss=NaN actor/grad_norm=inf",
        ],
    );
}

#[test]
fn lightning() {
    let counters = check(
        "lightning",
        "lightning.log",
        &[
            "4: epoch=0 batch=1 loss=10.473",
            "6: epoch=0 batch=2 loss=10.224",
            "7: epoch=1 batch=18 train_loss=NaN val_loss=0.0015",
            "11: test_acc=0.9213000535964966",
            "12: test_loss=-0.000015",
        ],
    );
    assert_eq!(counters.repeated, 1);
}

#[test]
fn easyanimate() {
    let counters = check("easyanimate", "easyanimate.log", &["2 step 1115: lr=0.00002 loss=0.025", "2 step 1116: lr=0.00002 loss=0.014"]);
    assert_eq!((counters.matched, counters.repeated), (1, 1));
}

#[test]
fn tqdm() {
    let counters = check(
        "tqdm",
        "tqdm.log",
        &[
            "1 step 0: Epoch.progress_ratio=0",
            "1 step 0: Epoch.progress_ratio=0 Epoch.loss=2.5 Epoch.lr=0.00001",
            "1 step 1: Epoch.progress_ratio=0.25 Epoch.loss=2.5 Epoch.lr=0.00001",
            "1 step 1: Epoch.progress_ratio=0.25 Epoch.loss=2.25 Epoch.lr=0.00002",
            "1 step 2: Epoch.progress_ratio=0.5 Epoch.loss=2.25 Epoch.lr=0.00002",
            "1 step 2: Epoch.progress_ratio=0.5 Epoch.loss=2 Epoch.lr=0.00003",
            "1 step 3: Epoch.progress_ratio=0.75 Epoch.loss=2 Epoch.lr=0.00003",
            "1 step 3: Epoch.progress_ratio=0.75 Epoch.loss=1.75 Epoch.lr=0.00004",
            "1 step 4: Epoch.progress_ratio=1 Epoch.loss=1.75 Epoch.lr=0.00004",
            "2 step 0: Steps.progress_ratio=0",
            "2 step 0: Steps.progress_ratio=0 Steps.loss=2.5 Steps.lr=0.00001",
            "2 step 1: Steps.progress_ratio=0.3333333333333333 Steps.loss=2.5 Steps.lr=0.00001",
            "2 step 1: Steps.progress_ratio=0.3333333333333333 Steps.loss=2.25 Steps.lr=0.00002",
            "2 step 2: Steps.progress_ratio=0.6666666666666666 Steps.loss=2.25 Steps.lr=0.00002",
            "2 step 2: Steps.progress_ratio=0.6666666666666666 Steps.loss=2 Steps.lr=0.00003",
            "2 step 3: Steps.progress_ratio=1 Steps.loss=2 Steps.lr=0.00003",
            "5: model.bin.progress_ratio=0",
            "5: model.bin.progress_ratio=0.3333333333333333",
            "5: model.bin.progress_ratio=0.6666666666666666",
            "5: model.bin.progress_ratio=1",
        ],
    );
    assert_eq!((counters.lines, counters.matched), (5, 3));
}

#[test]
fn a_log_of_talk_has_no_grammar() {
    let mut auto = AutoParser::new();
    auto.push(b"loading\nconfig = {'model_type': 'gpt2'}\nStep 3: done\nepoch 3 begins\n", &mut |record| panic!("{record:?}"));
    auto.finish(&mut |record| panic!("{record:?}"));
    assert!(auto.grammar().is_none());
    assert_eq!((auto.counters().lines, auto.counters().unmatched), (4, 4));
}

#[test]
fn bars_alone_are_taken_after_a_while() {
    let mut auto = AutoParser::new();
    let mut records = 0;
    for index in 0..100 {
        auto.push(format!("{index}%|#  | {index}/100 [00:01<00:09, 1.0it/s]\n").as_bytes(), &mut |_| records += 1);
    }
    assert_eq!((auto.grammar().map(|grammar| grammar.name.as_str()), records), (Some("tqdm"), 100));
}

#[test]
fn a_grammar_of_the_users_own() {
    let text = "name: mine\nrules:\n- match: 'iter (?<iter>\\S+) tokens (?<tokens>\\S+) at (?<when>\\S+) took (?<took>\\S+) (?<note>.+)'\n  \
                step_from: iter\n  wall_from: when\n  prefix: train.\n  fields:\n    tokens: {as: thousands}\n    took: {as: duration, rename: seconds}\n    \
                note: {as: text}\n";
    let (records, counters) =
        read(&Grammar::parse("mine.yaml", text).unwrap(), b"iter 1_0 tokens 1,234 at 2026-11-22T01:32:34+08:00 took 1:00 ok\n");
    assert_eq!(told(&records[0]), "1 step 10: train.tokens=1234 train.seconds=60 train.note=\"ok\"");
    assert_eq!((records[0].wall, counters.bad_numbers), (Some(1_795_282_354.0), 0));
}

#[test]
fn faults_of_a_grammar_are_told_with_their_line() {
    let check = |text: &str, expected: &str| assert_eq!(Grammar::parse("g.yaml", text).unwrap_err().to_string(), expected);
    check("name: g\nmatch: '(?<a>x'\n", "g.yaml:2: Failed to read the regular expression `(?<a>x`: unclosed group");
    check("name: g\nmatch: '(a)'\n", "g.yaml:2: `(a)` has no named group such as `(?<loss>\\S+)`");
    check("name: g\nkind: pattern\n", "g.yaml:1: a rule of the kind `pattern` needs `match`");
    check("name: g\nrules: []\n", "g.yaml:2: a grammar without rules reads nothing");
    check("[1]", "g.yaml:1: a grammar is a map");
    for (text, expected) in [("name: g\nmtach: a\n", "unknown key `mtach`"), ("name: g\nkind: regex\n", "`regex`")] {
        let error = Grammar::parse("g.yaml", text).unwrap_err().to_string();
        assert!(error.starts_with("g.yaml") && error.contains(expected), "{error}");
    }
    let error = Grammar::find("hff").unwrap_err();
    assert_eq!(
        format!("{error}; {}", error.hint().unwrap()),
        "no grammar is called `hff`; did you mean `hf`?; a file has a name such as `mine.yaml`"
    );
    assert_eq!(builtins().iter().filter(|grammar| grammar.weak()).count(), 1);
}
