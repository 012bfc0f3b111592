//! Which settings of a search mattered: the permutation importance of a random forest (Breiman, "Random Forests", 2001).
//!
//! A forest of regression trees learns the results from the settings. Each tree is asked about the trials that it has not seen, once as they
//! are, and once for each setting with that setting's values shuffled among them: how much worse it gets is what the setting is worth. That
//! finds settings that matter in the middle of their range or only together, which a correlation does not. The same trials always give the same numbers.

use serde_json::Value;

/// Trees of the forest.
const TREES: usize = 64;
/// Values of a setting are told apart by this many bins.
const BINS: usize = 64;
/// Questions from the root to a leaf at most.
const DEEPEST: usize = 10;
/// Trials in a leaf at least.
const LEAF: usize = 3;
/// Trials beyond this are left out, evenly.
const MOST: usize = 20_000;

/// What the settings are worth.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Importance {
    /// Of each setting, its part of all that the settings are worth; the parts add up to 1, or are all 0.
    pub(crate) shares: Vec<f64>,
    /// The part of the results' variance that the forest explains in trials that it has not seen; below 0 where it explains nothing.
    pub(crate) explained: f64,
}

/// Of `columns[setting][trial]` for `results[trial]`; nothing for fewer than eight trials or results that are all the same.
pub(crate) fn importance(columns: &[Vec<Value>], results: &[f64]) -> Option<Importance> {
    let stride = results.len().div_ceil(MOST).max(1);
    let results: Vec<f64> = results.iter().copied().step_by(stride).collect();
    let columns: Vec<Vec<u8>> = columns.iter().map(|column| bins(&column.iter().step_by(stride).collect::<Vec<_>>())).collect();
    let count = results.len();
    if count < 8 || columns.is_empty() || columns.iter().any(|column| column.len() != count) {
        return None;
    }
    let mean = results.iter().sum::<f64>() / count as f64;
    let variance = results.iter().map(|result| (result - mean).powi(2)).sum::<f64>() / count as f64;
    if !(variance.is_finite() && variance > 0.0) {
        return None;
    }
    let mut dice = Dice(0x005e_ed0f_7ea1_5000);
    let mut worse = vec![0.0; columns.len()];
    // Of each trial what the trees say that have not seen it, and how many those are.
    let mut said = vec![(0.0, 0_u32); count];
    for _ in 0..TREES {
        let mut times = vec![0_u32; count];
        let mut rows: Vec<u32> = (0..count).map(|_| dice.below(count) as u32).collect();
        rows.iter().for_each(|row| times.get_mut(*row as usize).into_iter().for_each(|times| *times += 1));
        let mut tree = Tree { nodes: Vec::new(), columns: &columns, results: &results };
        tree.grow(&mut rows, 0, &mut dice);
        let out: Vec<usize> = (0..count).filter(|row| times.get(*row) == Some(&0)).collect();
        let miss = |row: usize, say: f64| (results.get(row).copied().unwrap_or_default() - say).powi(2);
        let plain: f64 = out.iter().map(|row| miss(*row, tree.say(|setting| (setting, *row)))).sum();
        for row in &out {
            let say = tree.say(|setting| (setting, *row));
            said.get_mut(*row).into_iter().for_each(|(sum, trees)| (*sum, *trees) = (*sum + say, *trees + 1));
        }
        for (setting, worse) in worse.iter_mut().enumerate().filter(|(setting, _)| tree.asks(*setting)) {
            let mut others = out.clone();
            dice.shuffle(&mut others);
            let shuffled = out
                .iter()
                .zip(&others)
                .map(|(row, other)| miss(*row, tree.say(|asked| (asked, if asked == setting { *other } else { *row }))));
            *worse += shuffled.sum::<f64>() - plain;
        }
    }
    let gains: Vec<f64> = worse.iter().map(|worse| worse.max(0.0)).collect();
    let total: f64 = gains.iter().sum();
    let shares = gains.iter().map(|gain| if total > 0.0 { gain / total } else { 0.0 }).collect();
    let asked = results.iter().zip(&said).filter(|(_, (_, trees))| *trees > 0);
    let misses: Vec<f64> = asked.map(|(result, (sum, trees))| (result - sum / f64::from(*trees)).powi(2)).collect();
    let error = misses.iter().sum::<f64>() / misses.len().max(1) as f64;
    Some(Importance { shares, explained: 1.0 - error / variance })
}

/// Values as numbers of bins in their order: numbers by size, everything else by its text; what is missing comes first.
fn bins(column: &[&Value]) -> Vec<u8> {
    let are_numbers = column.iter().all(|value| value.is_null() || value.is_number());
    let key = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let order = |one: &Value, other: &Value| {
        if are_numbers {
            one.as_f64().unwrap_or(f64::NEG_INFINITY).total_cmp(&other.as_f64().unwrap_or(f64::NEG_INFINITY))
        } else {
            (!one.is_null(), key(one)).cmp(&(!other.is_null(), key(other)))
        }
    };
    let mut sorted: Vec<usize> = (0..column.len()).collect();
    let at = |index: &usize| column.get(*index).copied().unwrap_or(&Value::Null);
    sorted.sort_by(|one, other| order(at(one), at(other)));
    let mut out = vec![0_u8; column.len()];
    let different = sorted.windows(2).filter(|pair| pair.first().map(&at) != pair.last().map(&at)).count() + 1;
    let (mut kind, mut first, mut before) = (0_usize, 0_usize, None);
    for (place, index) in sorted.iter().enumerate() {
        // Equal values share a bin: that of the first of them.
        if before.is_some_and(|before| before != at(index)) {
            (kind, first) = (kind + 1, place);
        }
        before = Some(at(index));
        let bin = if different <= BINS { kind } else { first * BINS / column.len() };
        out.get_mut(*index).into_iter().for_each(|out| *out = bin as u8);
    }
    out
}

/// A question or an answer of a tree.
#[derive(Debug, Clone, Copy)]
enum Node {
    Leaf(f64),
    /// Values of `setting` up to `bin` go to the next node, the others to `right`.
    Split {
        setting: usize,
        bin: u8,
        right: usize,
    },
}

struct Tree<'t> {
    nodes: Vec<Node>,
    columns: &'t [Vec<u8>],
    results: &'t [f64],
}

impl Tree<'_> {
    fn bin(&self, setting: usize, row: usize) -> u8 {
        self.columns.get(setting).and_then(|column| column.get(row)).copied().unwrap_or(0)
    }

    fn grow(&mut self, rows: &mut [u32], deep: usize, dice: &mut Dice) {
        let result = |row: &u32| self.results.get(*row as usize).copied().unwrap_or_default();
        let sum: f64 = rows.iter().map(result).sum();
        let here = self.nodes.len();
        self.nodes.push(Node::Leaf(sum / rows.len().max(1) as f64));
        if deep == DEEPEST || rows.len() < 2 * LEAF {
            return;
        }
        let Some((setting, bin)) = self.best(rows, sum, dice) else { return };
        // Those that go left come to the front.
        let mut left = 0;
        for place in 0..rows.len() {
            if rows.get(place).is_some_and(|row| self.bin(setting, *row as usize) <= bin) {
                rows.swap(left, place);
                left += 1;
            }
        }
        let (low, high) = rows.split_at_mut(left);
        self.grow(low, deep + 1, dice);
        let right = self.nodes.len();
        self.grow(high, deep + 1, dice);
        if let Some(node) = self.nodes.get_mut(here) {
            *node = Node::Split { setting, bin, right };
        }
    }

    /// The question that leaves the least variance, among those about two thirds of the settings.
    fn best(&self, rows: &[u32], sum: f64, dice: &mut Dice) -> Option<(usize, u8)> {
        let mut settings: Vec<usize> = (0..self.columns.len()).collect();
        dice.shuffle(&mut settings);
        settings.truncate((2 * settings.len()).div_ceil(3));
        let mut best = (sum * sum / rows.len() as f64 * (1.0 + 1e-12) + 1e-300, None);
        for setting in settings {
            let (mut sums, mut counts) = ([0.0_f64; BINS], [0_usize; BINS]);
            for row in rows {
                let bin = usize::from(self.bin(setting, *row as usize)) % BINS;
                sums[bin] += self.results.get(*row as usize).copied().unwrap_or_default();
                counts[bin] += 1;
            }
            let (mut low, mut below) = (0.0, 0);
            for bin in 0..BINS {
                (low, below) = (low + sums[bin], below + counts[bin]);
                let above = rows.len() - below;
                if counts[bin] == 0 || below < LEAF || above < LEAF {
                    continue;
                }
                let gain = low * low / below as f64 + (sum - low) * (sum - low) / above as f64;
                if gain > best.0 {
                    best = (gain, Some((setting, bin as u8)));
                }
            }
        }
        best.1
    }

    /// What the tree says; `place` tells of which trial a setting's value is taken.
    fn say(&self, place: impl Fn(usize) -> (usize, usize)) -> f64 {
        let mut at = 0;
        loop {
            match self.nodes.get(at) {
                Some(Node::Split { setting, bin, right }) => {
                    let (setting, row) = place(*setting);
                    at = if self.bin(setting, row) <= *bin { at + 1 } else { *right };
                }
                Some(Node::Leaf(mean)) => return *mean,
                None => return 0.0,
            }
        }
    }

    fn asks(&self, wanted: usize) -> bool {
        self.nodes.iter().any(|node| matches!(node, Node::Split { setting, .. } if *setting == wanted))
    }
}

/// Random numbers that are the same each time (SplitMix64).
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^= word >> 31;
        ((u128::from(word) * end as u128) >> 64) as usize
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last + 1));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use serde_json::json;

    use super::*;

    fn trials(count: usize) -> (Vec<Vec<Value>>, Vec<f64>) {
        let mut dice = Dice(7);
        let mut unit = || dice.below(1 << 24) as f64 / f64::from(1 << 24);
        let rows: Vec<[f64; 4]> = (0..count).map(|_| [unit(), unit(), unit(), unit()]).collect();
        let column = |index: usize| rows.iter().map(|row| json!(row[index])).collect::<Vec<_>>();
        let kinds = rows.iter().map(|row| json!(["adam", "lion", "sgd"][(row[2] * 3.0) as usize])).collect();
        // A valley, which no correlation sees; a text; and one that does nothing.
        let results =
            rows.iter().map(|row| 4.0 * (row[0] - 0.5).powi(2) + if row[2] < 1.0 / 3.0 { 0.3 } else { 0.0 } + 0.05 * row[3]).collect();
        (vec![column(0), column(1), kinds], results)
    }

    #[test]
    fn what_matters_is_found() {
        let (columns, results) = trials(300);
        let found = importance(&columns, &results).unwrap();
        let [valley, nothing, text] = found.shares[..] else { panic!("{found:?}") };
        assert!(valley > 0.5 && text > 0.1 && nothing < 0.03, "{found:?}");
        assert!(found.explained > 0.9, "{found:?}");
        assert!((found.shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        assert_eq!(found, importance(&columns, &results).unwrap());
    }

    #[test]
    fn chance_explains_nothing() {
        let (columns, _) = trials(200);
        let mut dice = Dice(99);
        let noise: Vec<f64> = (0..200).map(|_| dice.below(1000) as f64).collect();
        assert!(importance(&columns, &noise).unwrap().explained < 0.1);
    }

    #[test]
    fn little_or_strange_is_no_trouble() {
        assert_eq!(importance(&[vec![json!(1); 7]], &[1.0; 7]), None);
        assert_eq!(importance(&[vec![json!(1); 20]], &[1.0; 20]), None);
        let results: Vec<f64> = (0..20).map(f64::from).collect();
        assert_eq!(importance(&[vec![json!(1); 20]], &results).unwrap().shares, [0.0]);
        let mixed: Vec<Value> = (0..20)
            .map(|i| {
                if i % 3 == 0 {
                    Value::Null
                } else if i % 3 == 1 {
                    json!(i)
                } else {
                    json!("x")
                }
            })
            .collect();
        assert!(importance(&[mixed], &results).is_some());
        assert_eq!(importance(&[vec![json!(1); 3]], &results), None);
    }

    #[test]
    fn a_thousand_trials_take_no_time() {
        let (mut columns, results) = trials(1000);
        (0..7).for_each(|_| columns.push(columns[1].clone()));
        let start = Instant::now();
        importance(&columns, &results).unwrap();
        // A tenth of a second is the promise; a busy machine only must not lose it.
        assert!(start.elapsed().as_millis() < 1000, "{:?}", start.elapsed());
        println!("{:?}", start.elapsed());
    }
}
