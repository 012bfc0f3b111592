//! From the hidden vector to the best labels, each loss in its own way.

use crate::best::Best;
use crate::error::Error;
use crate::matrix::Matrix;
use crate::tree::{Place, Tree};

/// How the output becomes scores: logarithms of probabilities, to which 1e-5 was added.
#[derive(Debug)]
pub(crate) enum Loss {
    HierarchicalSoftmax(Tree),
    Softmax,
    EachAlone(Sigmoid),
}

/// The sigmoid as a table of 512 steps between -8 and 8.
#[derive(Debug)]
pub(crate) struct Sigmoid(Vec<f32>);

const STEPS: usize = 512;
const EDGE: f32 = 8.0;

/// The memory of a search.
#[derive(Debug, Default)]
pub(crate) struct Work {
    output: Vec<f32>,
    /// Nodes of the tree still to see, with their scores.
    open: Vec<(u32, f32)>,
}

/// The library's logarithm: never below that of 1e-5.
fn score(probability: f32) -> f32 {
    (f64::from(probability) + 1e-5).ln() as f32
}

impl Loss {
    /// Puts the best labels of a hidden vector into `best`.
    pub fn predict(&self, output: &Matrix, hidden: &[f32], best: &mut Best, work: &mut Work) -> Result<(), Error> {
        let Work { output: probabilities, open } = work;
        if let Self::HierarchicalSoftmax(tree) = self {
            return walk(tree, output, hidden, best, open);
        }
        probabilities.clear();
        probabilities.extend((0..output.rows()).map(|row| output.dot(row, hidden)));
        if probabilities.iter().any(|value| value.is_nan()) {
            return Err(Error::NotANumber);
        }
        match self {
            Self::EachAlone(sigmoid) => probabilities.iter_mut().for_each(|value| *value = sigmoid.of(*value)),
            _ => softmax(probabilities),
        }
        if probabilities.iter().any(|value| value.is_nan()) {
            return Err(Error::NotANumber);
        }
        for (label, &probability) in probabilities.iter().enumerate() {
            let score = score(probability);
            if !best.refuses(score) {
                best.push((score, label as u32));
            }
        }
        Ok(())
    }
}

/// Down the tree, left before right, leaving out what can no longer be among the best.
fn walk(tree: &Tree, output: &Matrix, hidden: &[f32], best: &mut Best, open: &mut Vec<(u32, f32)>) -> Result<(), Error> {
    let lowest = score(0.0);
    open.clear();
    open.push((tree.root(), 0.0));
    while let Some((node, so_far)) = open.pop() {
        if so_far < lowest || best.refuses(so_far) {
            continue;
        }
        match tree.place(node) {
            Place::Label(label) => best.push((so_far, label)),
            Place::Fork(row, [left, right]) => {
                let dot = output.dot(row, hidden);
                if dot.is_nan() {
                    return Err(Error::NotANumber);
                }
                let to_right = (1.0 / f64::from(1.0 + (-dot).exp())) as f32;
                let to_left = (1.0 - f64::from(to_right)) as f32;
                open.push((right, so_far + score(to_right)));
                open.push((left, so_far + score(to_left)));
            }
        }
    }
    Ok(())
}

fn softmax(values: &mut [f32]) {
    let largest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for value in values.iter_mut() {
        *value = f64::from(*value - largest).exp() as f32;
        sum += *value;
    }
    values.iter_mut().for_each(|value| *value /= sum);
}

impl Sigmoid {
    pub fn new() -> Self {
        let value = |step: usize| {
            let x = (step * 16) as f32 / STEPS as f32 - EDGE;
            (1.0 / (1.0 + f64::from((-x).exp()))) as f32
        };
        Self((0..=STEPS).map(value).collect())
    }

    fn of(&self, x: f32) -> f32 {
        if x < -EDGE {
            0.0
        } else if x > EDGE {
            1.0
        } else {
            let step = (x + EDGE) * STEPS as f32 / EDGE / 2.0;
            self.0.get(step as usize).copied().unwrap_or(1.0)
        }
    }
}
