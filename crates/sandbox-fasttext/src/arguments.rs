//! The head of a model's file: its version, and the arguments of its training that matter for predictions.

use std::io::Read;

use crate::source::{Result, Source};

const MAGIC: i32 = 793_712_314;
/// The newest format; 11 is the one before, whose supervised models have no character n-grams.
const VERSION: i32 = 12;
const SUPERVISED: i32 = 3;
/// Longer n-grams than these make no sense and would take time without end.
const LONGEST: i32 = 64;

/// How the output becomes probabilities.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LossKind {
    HierarchicalSoftmax,
    Softmax,
    /// Negative sampling and one-versus-all: every label by itself.
    EachAlone,
}

/// The arguments of the training.
#[derive(Debug, Clone)]
pub(crate) struct Arguments {
    pub dimension: usize,
    pub word_ngrams: usize,
    pub loss: LossKind,
    /// How many rows n-grams share; 0 when there are none.
    pub buckets: u32,
    pub shortest: i32,
    pub longest: i32,
}

impl Arguments {
    pub fn read(source: &mut Source<impl Read>) -> Result<Self> {
        if source.i32().ok() != Some(MAGIC) {
            return Err("it is no fastText model".to_owned());
        }
        let version = source.i32()?;
        if !(1..=VERSION).contains(&version) {
            return Err(format!("expected a version up to {VERSION}, got {version}"));
        }
        let mut values = [0; 12];
        for value in &mut values {
            *value = source.i32()?;
        }
        source.f64()?;
        let [dimension, _window, _epoch, _min_count, _negatives, word_ngrams, loss, model, buckets, shortest, mut longest, _rate] = values;
        if model != SUPERVISED {
            return Err("it is not supervised, so it has no labels".to_owned());
        }
        if version == 11 {
            longest = 0;
        }
        let loss = match loss {
            1 => LossKind::HierarchicalSoftmax,
            2 | 4 => LossKind::EachAlone,
            3 => LossKind::Softmax,
            other => return Err(format!("expected a loss from 1 to 4, got {other}")),
        };
        if longest > LONGEST || word_ngrams > LONGEST {
            return Err(format!("expected n-grams of at most {LONGEST}, got {}", longest.max(word_ngrams)));
        }
        let has_ngrams = longest > 0 || word_ngrams > 1;
        let buckets = match u32::try_from(buckets) {
            _ if !has_ngrams => 0,
            Ok(buckets) if buckets > 0 => buckets,
            _ => return Err(format!("expected rows for n-grams, got {buckets}")),
        };
        let dimension = usize::try_from(dimension).ok().filter(|dimension| *dimension > 0);
        let dimension = dimension.ok_or("expected a dimension from 1 on")?;
        Ok(Self { dimension, word_ngrams: usize::try_from(word_ngrams).unwrap_or(0), loss, buckets, shortest, longest })
    }
}
