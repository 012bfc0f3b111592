//! How likely a text is under a model, in units that can be compared.

use std::f64::consts::LN_2;
use std::iter::Sum;
use std::ops::Add;

use serde::{Deserialize, Serialize};

/// A model that says how likely texts are.
///
/// Scores are deterministic: the same model and text give the same bits on every call, in any batch, on any thread.
pub trait Scorer: Send + Sync {
    /// The negative log likelihood of `text`, up to and including its end, after `prefix`.
    ///
    /// The prefix is context alone: neither its bytes nor its likelihood are counted. The document begins before it.
    fn score(&self, prefix: &str, text: &str) -> Score;

    /// The scores of many `(prefix, text)` pairs, in their order. Models that gain from batches replace it.
    fn score_batch(&self, items: &[(&str, &str)]) -> Vec<Score> {
        items.iter().map(|(prefix, text)| self.score(prefix, text)).collect()
    }
}

/// How likely a text was: sums, so that scores of several texts add up.
///
/// ```
/// use sandbox_lm::Score;
/// let both: Score = [Score { nll: 8.0, tokens: 5, bytes: 4 }, Score { nll: 2.0, tokens: 3, bytes: 2 }].into_iter().sum();
/// assert_eq!(both, Score { nll: 10.0, tokens: 8, bytes: 6 });
/// assert_eq!(both.nats_per_token(), Some(1.25));
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// Sum of the negative log likelihoods, in nats.
    pub nll: f64,
    /// Predictions made: the model's own symbols, and one end of document per text.
    pub tokens: u64,
    /// Length of the text in bytes, without the prefix and the end.
    pub bytes: u64,
}

impl Score {
    /// Bits per byte: `nll / ln 2 / bytes`. It does not depend on the model's symbols, so models can be compared by it.
    ///
    /// The cost of the end of document is part of it. `None` for a score without bytes, where only the end was predicted;
    /// sums over documents count that end too.
    pub fn bits_per_byte(&self) -> Option<f64> {
        (self.bytes > 0).then(|| self.nll / LN_2 / self.bytes as f64)
    }

    /// Nats per prediction: `nll / tokens`; `None` when nothing was predicted.
    pub fn nats_per_token(&self) -> Option<f64> {
        (self.tokens > 0).then(|| self.nll / self.tokens as f64)
    }

    /// `exp(nats per token)`; `None` when nothing was predicted. Only comparable between models with the same symbols.
    pub fn perplexity(&self) -> Option<f64> {
        self.nats_per_token().map(f64::exp)
    }
}

impl Add for Score {
    type Output = Score;

    fn add(self, other: Score) -> Score {
        Score { nll: self.nll + other.nll, tokens: self.tokens + other.tokens, bytes: self.bytes + other.bytes }
    }
}

impl Sum for Score {
    fn sum<I: Iterator<Item = Score>>(scores: I) -> Score {
        scores.fold(Score::default(), Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn eight_bits_per_byte_are_eight() {
        let score = Score { nll: 16.0 * LN_2, tokens: 3, bytes: 2 };
        assert_eq!(score.bits_per_byte(), Some(8.0));
        assert_eq!(Score { nll: 2.0 * LN_2, tokens: 2, bytes: 1 }.perplexity(), Some(2.0));
    }

    #[test]
    fn an_empty_text_has_no_bits_per_byte_but_a_likelihood() {
        let score = Score { nll: 1.0, tokens: 1, bytes: 0 };
        assert_eq!(score.bits_per_byte(), None);
        assert_eq!(score.nats_per_token(), Some(1.0));
        assert_eq!(Score::default().perplexity(), None);
    }
}
