//! The models against slow implementations written straight from the formulas, and against the laws of probability.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use sandbox_lm::ngram::tokens;
use sandbox_lm::{NgramModel, NgramSettings, NgramTrainer, Scorer, Unit};

const BEGIN: u32 = 9999;
const END: u32 = 9998;

/// Counts of `(context, symbol)` by the context, for contexts of each length below `order`.
type Table = BTreeMap<Vec<u32>, BTreeMap<u32, u64>>;

fn count(documents: &[Vec<u32>], order: usize) -> Table {
    let mut table = Table::new();
    for document in documents {
        let sequence: Vec<u32> = [BEGIN].into_iter().chain(document.iter().copied()).chain([END]).collect();
        for at in 1..sequence.len() {
            for length in 0..order.min(at + 1) {
                *table.entry(sequence[at - length..at].to_vec()).or_default().entry(sequence[at]).or_default() += 1;
            }
        }
    }
    table
}

fn last(history: &[u32], order: usize) -> &[u32] {
    &history[history.len() - history.len().min(order - 1)..]
}

fn witten_bell(table: &Table, context: &[u32], symbol: u32) -> f64 {
    let lower = if context.is_empty() { 1.0 / 257.0 } else { witten_bell(table, &context[1..], symbol) };
    let Some(follow) = table.get(context) else { return lower };
    let kinds = follow.len() as f64;
    (follow.get(&symbol).copied().unwrap_or(0) as f64 + kinds * lower) / (follow.values().sum::<u64>() as f64 + kinds)
}

struct KneserNey {
    adjusted: Table,
    discounts: Vec<[f64; 3]>,
    size: usize,
}

impl KneserNey {
    fn new(documents: &[Vec<u32>], order: usize, size: usize) -> Self {
        let raw = count(documents, order);
        let mut before: BTreeMap<Vec<u32>, BTreeSet<u32>> = BTreeMap::new();
        for (context, follow) in raw.iter().filter(|(context, _)| !context.is_empty()) {
            for symbol in follow.keys() {
                let gram: Vec<u32> = context[1..].iter().copied().chain([*symbol]).collect();
                before.entry(gram).or_default().insert(context[0]);
            }
        }
        let mut adjusted = raw.clone();
        for (context, follow) in &mut adjusted {
            if context.len() + 1 < order && context.first() != Some(&BEGIN) {
                for (symbol, count) in follow {
                    let gram: Vec<u32> = context.iter().copied().chain([*symbol]).collect();
                    *count = before[&gram].len() as u64;
                }
            }
        }
        let discounts = (0..order).map(|length| {
            let n = |wanted: u64| {
                adjusted
                    .iter()
                    .filter(|(context, _)| context.len() == length)
                    .flat_map(|(_, follow)| follow.values())
                    .filter(|c| **c == wanted)
                    .count() as f64
            };
            let (n1, n2, n3, n4) = (n(1), n(2), n(3), n(4));
            let y = n1 / (n1 + 2.0 * n2);
            let d = [1.0 - 2.0 * y * n2 / n1, 2.0 - 3.0 * y * n3 / n2, 3.0 - 4.0 * y * n4 / n3];
            let sound = n1 * n2 * n3 * n4 > 0.0 && d.iter().all(|d| *d > 0.0) && d[0] <= 1.0 && d[1] <= 2.0 && d[2] <= 3.0;
            if sound { d } else { [0.5, 1.0, 1.5] }
        });
        Self { discounts: discounts.collect(), adjusted, size }
    }

    fn probability(&self, context: &[u32], symbol: u32) -> f64 {
        let lower = if context.is_empty() { 1.0 / self.size as f64 } else { self.probability(&context[1..], symbol) };
        let Some(follow) = self.adjusted.get(context) else { return lower };
        let discount = |count: u64| if count == 0 { 0.0 } else { self.discounts[context.len()][(count.min(3) - 1) as usize] };
        let total = follow.values().sum::<u64>() as f64;
        let count = follow.get(&symbol).copied().unwrap_or(0);
        let freed: f64 = follow.values().map(|count| discount(*count)).sum();
        (count as f64 - discount(count)) / total + freed / total * lower
    }
}

fn train(documents: &[String], unit: Unit, order: usize) -> NgramModel {
    let mut trainer = NgramTrainer::with_block(NgramSettings { unit, order }, 7).unwrap();
    documents.iter().for_each(|document| trainer.add(document));
    trainer.finish()
}

fn assert_distribution(model: &[f64], reference: impl Fn(u32) -> f64, end: u32, what: &str) {
    assert!((model.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{what}: sum {}", model.iter().sum::<f64>());
    for (symbol, probability) in (0..).zip(model) {
        let expected = reference(if symbol == end { END } else { symbol });
        assert!(
            *probability > 0.0 && (probability - expected).abs() <= 1e-12 * expected.max(1e-3),
            "{what}: {symbol}: {probability} {expected}"
        );
    }
}

fn check_bytes(documents: &[String], order: usize, prefix: &str) {
    let model = train(documents, Unit::Bytes, order);
    let numbers: Vec<Vec<u32>> = documents.iter().map(|document| document.bytes().map(u32::from).collect()).collect();
    let table = count(&numbers, order);
    let history: Vec<u32> = [BEGIN].into_iter().chain(prefix.bytes().map(u32::from)).collect();
    let context = last(&history, order);
    assert_distribution(&model.next_probabilities(prefix), |symbol| witten_bell(&table, context, symbol), 256, prefix);
}

/// The tokens of a word model and their numbers, by the documented rule.
fn vocabulary(documents: &[String]) -> BTreeMap<String, u32> {
    let mut counts: BTreeMap<&str, u64> = BTreeMap::new();
    documents.iter().flat_map(|document| tokens(document)).for_each(|token| *counts.entry(token).or_default() += 1);
    let mut kept: Vec<_> = counts.into_iter().filter(|(_, count)| *count >= 2).collect();
    kept.sort_by_key(|(token, count)| (u64::MAX - count, *token));
    (2..).zip(kept).map(|(number, (token, _))| (token.to_owned(), number)).collect()
}

/// Compares the distribution after `prefix`; the discounts that the reference found.
fn check_words(documents: &[String], order: usize, prefix: &str) -> Vec<[f64; 3]> {
    let model = train(documents, Unit::Words, order);
    let vocabulary = vocabulary(documents);
    vocabulary.iter().for_each(|(word, number)| assert_eq!(model.word(*number), Some(word.as_str())));
    let number = |text: &str| tokens(text).map(|token| vocabulary.get(token).copied().unwrap_or(0)).collect::<Vec<u32>>();
    let numbers: Vec<Vec<u32>> = documents.iter().map(|document| number(document)).collect();
    let reference = KneserNey::new(&numbers, order, vocabulary.len() + 2);
    let history: Vec<u32> = [BEGIN].into_iter().chain(number(prefix)).collect();
    let context = last(&history, order);
    let next = model.next_probabilities(prefix);
    assert_eq!(next.len(), vocabulary.len() + 2);
    assert_distribution(&next, |symbol| reference.probability(context, symbol), 1, prefix);
    reference.discounts
}

/// Words by a fixed generator, some much more often than others.
fn prose(words: u32, seed: u32) -> String {
    let mut state = seed;
    let mut draw = |below: u32| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) % below
    };
    let words = (0..words).map(|_| {
        let range = 1 + draw(90);
        let rank = draw(range);
        format!("{}{}", ["a", "the", "of", "cat"][rank as usize % 4], rank / 4)
    });
    words.collect::<Vec<_>>().join(" ")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn bytes_follow_the_formula(documents in prop::collection::vec("[abc]{0,12}|[aé \\n]{0,8}", 0..6), order in 1..=7usize, prefix in "[abcdé]{0,9}") {
        check_bytes(&documents, order, &prefix);
    }

    #[test]
    fn words_follow_the_formula(documents in prop::collection::vec("([ab](\\.| )?){0,15}", 0..6), order in 1..=5usize, prefix in "([abc](\\.| )?){0,6}") {
        check_words(&documents, order, &prefix);
    }

    #[test]
    fn a_score_is_the_chain_of_its_predictions(documents in prop::collection::vec("[ab ]{0,20}", 0..5), prefix in "[ab ]{0,4}", text in "[abc ]{0,6}") {
        let model = train(&documents, Unit::Bytes, 4);
        let score = model.score(&prefix, &text);
        let mut history = prefix.clone();
        let mut expected = 0.0;
        for character in text.chars() {
            expected -= model.next_probabilities(&history)[character as usize].ln();
            history.push(character);
        }
        expected -= model.next_probabilities(&history)[256].ln();
        prop_assert!((score.nll - expected).abs() < 1e-9);
        prop_assert_eq!((score.tokens, score.bytes), (text.len() as u64 + 1, text.len() as u64));
    }
}

#[test]
fn estimated_discounts_follow_the_formula() {
    let documents: Vec<String> = (0..40).map(|seed| prose(200, seed)).collect();
    for order in [1, 2, 3] {
        for prefix in ["", "the1 of0", "a0 the0 cat0", "unseen a0", "of2"] {
            let discounts = check_words(&documents, order, prefix);
            assert!(discounts[1..].iter().all(|discounts| *discounts != [0.5, 1.0, 1.5]), "not estimated: {discounts:?}");
        }
    }
}

#[test]
fn unknown_words_are_spelt_by_what_was_seen_once() {
    let documents = vec!["the cat the dog the cat sat".to_owned(), "the unicorn".to_owned()];
    let model = train(&documents, Unit::Words, 3);
    let vocabulary = vocabulary(&documents);
    let rare: Vec<String> =
        documents.iter().flat_map(|text| tokens(text)).filter(|token| !vocabulary.contains_key(*token)).map(str::to_owned).collect();
    assert_eq!(rare, [" dog", " sat", " unicorn"]);
    let spelling = train(&rare, Unit::Bytes, 5);
    let score = model.score("the", " unicycle");
    let predicted = model.next_probabilities("the")[0] * model.next_probabilities("the unicycle")[1];
    assert!((score.nll - (spelling.score("", " unicycle").nll - predicted.ln())).abs() < 1e-9);
    assert_eq!((score.tokens, score.bytes), (2, 9));
}

#[test]
fn every_text_has_a_finite_likelihood() {
    for unit in [Unit::Bytes, Unit::Words] {
        for documents in [vec![], vec![String::new()], vec!["a".to_owned()], vec!["a b a b".repeat(50)]] {
            let model = train(&documents, unit, 5);
            for text in ["", "a", "\0\u{10FFFF}\n", &"学".repeat(300), &"x".repeat(5000), &"a b".repeat(200)] {
                let score = model.score("", text);
                assert!(score.nll.is_finite() && score.nll >= 0.0, "{unit} {documents:?} {text:?}");
                assert_eq!(score.bits_per_byte().is_some(), !text.is_empty());
            }
        }
    }
}
