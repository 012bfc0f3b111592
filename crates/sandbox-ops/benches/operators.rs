//! How fast each operator is: `cargo bench -p sandbox-ops`.

use divan::Bencher;
use divan::counter::BytesCount;
use sandbox_ops::{Operator, RowView, Scratch, TextView, build, operators};
use serde_json::Value;

fn main() {
    divan::main();
}

/// Questions and answers of GSM8K, as in the tests.
fn texts() -> Vec<String> {
    let rows = include_str!("../../../tests/goldens/operators/inputs/gsm_open.jsonl");
    let text = |line: &str| Some(serde_json::from_str::<Value>(line).ok()?["text"].as_str()?.to_owned());
    rows.split('\n').filter_map(text).collect()
}

fn work(operator: &Operator, view: &TextView<'_>) -> bool {
    let row = RowView::of_text(view);
    match operator {
        Operator::Mapper(mapper) => mapper.map(view.text()).is_ok(),
        Operator::Splitter(splitter) => splitter.split(view.text()).is_ok(),
        Operator::Tagger(tagger) => tagger.tag(view.text()).is_ok(),
        Operator::Filter(filter) => filter.compute(&row).and_then(|values| filter.keep(&values)).unwrap_or(false),
        Operator::Deduplicator(deduplicator) => deduplicator.fingerprint(&row).is_ok(),
        Operator::Selector(_)
        | Operator::Grouper(_)
        | Operator::Ungrouper(_)
        | Operator::External(_)
        | Operator::Prompts(_)
        | Operator::Elsewhere(_) => false,
    }
}

/// The operators that work on one text.
fn of_texts() -> impl Iterator<Item = &'static str> {
    operators().iter().map(|entry| entry.name).filter(|name| build(name, &Value::Null).is_ok_and(|operator| operator.reads_text()))
}

fn run(bencher: Bencher<'_, '_>, operators: &[Operator]) {
    let texts = texts();
    let mut scratch = Scratch::default();
    bencher.counter(BytesCount::new(texts.iter().map(String::len).sum::<usize>())).bench_local(|| {
        let views = |text| {
            let view = TextView::new(text, &mut scratch);
            operators.iter().filter(|operator| work(operator, &view)).count()
        };
        texts.iter().map(String::as_str).map(views).sum::<usize>()
    });
}

#[divan::bench(args = of_texts())]
fn alone(bencher: Bencher<'_, '_>, name: &str) {
    run(bencher, &build(name, &Value::Null).into_iter().collect::<Vec<_>>());
}

#[divan::bench]
fn together(bencher: Bencher<'_, '_>) {
    let all: Vec<_> = of_texts().filter_map(|name| build(name, &Value::Null).ok()).collect();
    run(bencher, &all);
}
