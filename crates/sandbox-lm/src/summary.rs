//! Bits per byte over many documents, with intervals.
//!
//! A corpus's bits per byte is a ratio of two sums, total bits over total bytes; the documents are the sample. Its standard
//! error is that of the ratio estimator (Cochran, *Sampling Techniques*, 3rd ed. 1977, section 6.4): with bits `y`, bytes `x`
//! and `R = sum(y) / sum(x)` over `n` documents,
//!
//! ```text
//! se(R)^2 = n / (n - 1) * sum((y_i - R * x_i)^2) / sum(x)^2
//! ```
//!
//! and the interval is `R ± t * se` with Student's `t` at 97.5 % and `n - 1` degrees of freedom. It speaks about documents
//! like these; it does not know of the spread between training runs.

use std::f64::consts::LN_2;

use serde::{Deserialize, Serialize};

use crate::error::LmError;
use crate::score::Score;

/// A 95 % confidence interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Half of the width: the number after `±`.
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }

    /// Whether `value` lies inside, ends included.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// `centre ± t * sqrt(n / (n - 1) * squares)`: `squares` is the sum of squared influences of `n` documents.
    fn around(centre: f64, squares: f64, n: usize) -> Option<Self> {
        let freedom = n.checked_sub(1).filter(|freedom| *freedom > 0)?;
        let half = student_95(freedom) * (squares * n as f64 / freedom as f64).sqrt();
        Some(Self { low: centre - half, high: centre + half })
    }
}

/// Bits per byte of a set of documents.
///
/// ```
/// use sandbox_lm::{Score, Summary};
/// let ln2 = std::f64::consts::LN_2;
/// let scores = [Score { nll: 20.0 * ln2, tokens: 11, bytes: 10 }, Score { nll: 70.0 * ln2, tokens: 31, bytes: 30 }];
/// let summary = Summary::of(&scores).ok_or("no bytes")?;
/// assert!((summary.bits_per_byte - 90.0 / 40.0).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Total bits over total bytes: long documents weigh more.
    pub bits_per_byte: f64,
    /// 95 % interval over documents; `None` for a single document.
    pub interval: Option<Interval>,
    /// Number of documents, empty ones included.
    pub documents: u64,
    /// Total bytes.
    pub bytes: u64,
}

impl Summary {
    /// Sums up the scores of documents, one score each; `None` when they have no bytes at all.
    pub fn of(scores: &[Score]) -> Option<Self> {
        let ratio = Ratio::of(scores)?;
        let squares = scores.iter().map(|score| ratio.influence(score).powi(2)).sum();
        Some(Self {
            bits_per_byte: ratio.value,
            interval: Interval::around(ratio.value, squares, scores.len()),
            documents: scores.len() as u64,
            bytes: scores.iter().map(|score| score.bytes).sum(),
        })
    }

    /// The bits per byte of each document; `None` where a document is empty.
    pub fn per_document(scores: &[Score]) -> Vec<Option<f64>> {
        scores.iter().map(Score::bits_per_byte).collect()
    }
}

/// The difference of two models on the same documents: `b - a` in bits per byte, so below zero means that `b` is better.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PairedDifference {
    /// Corpus bits per byte of `b` minus that of `a`.
    pub difference: f64,
    /// 95 % interval over documents; `None` for a single document.
    pub interval: Option<Interval>,
    /// Number of pairs.
    pub documents: u64,
    /// Bytes of the documents.
    pub bytes: u64,
}

impl PairedDifference {
    /// Whether the interval excludes zero: the models differ by more than the choice of documents explains.
    pub fn is_significant(&self) -> bool {
        self.interval.is_some_and(|interval| !interval.contains(0.0))
    }
}

/// Compares two models by their scores on the same documents in the same order.
///
/// Pairs take the difficulty of each document out of the comparison, so the interval is far narrower than that of two separate
/// summaries. It is the ratio estimator's, as in the [module](self)'s description, with `y_i` = bits of `b` minus bits of `a`.
/// Returns `None` inside `Ok` when the documents have no bytes.
///
/// # Errors
/// [`LmError::Unpaired`] when the lists have different lengths, or a pair different numbers of bytes.
pub fn paired_difference(a: &[Score], b: &[Score]) -> Result<Option<PairedDifference>, LmError> {
    if a.len() != b.len() {
        return Err(LmError::Unpaired { problem: format!("{} scores against {}", a.len(), b.len()) });
    }
    if let Some((index, (a, b))) = a.iter().zip(b).enumerate().find(|(_, (a, b))| a.bytes != b.bytes) {
        return Err(LmError::Unpaired {
            problem: format!("document {} has {} bytes in one list and {} in the other", index + 1, a.bytes, b.bytes),
        });
    }
    let (Some(ratio_a), Some(ratio_b)) = (Ratio::of(a), Ratio::of(b)) else { return Ok(None) };
    let difference = ratio_b.value - ratio_a.value;
    let squares = a.iter().zip(b).map(|(a, b)| (ratio_b.influence(b) - ratio_a.influence(a)).powi(2)).sum();
    Ok(Some(PairedDifference {
        difference,
        interval: Interval::around(difference, squares, a.len()),
        documents: a.len() as u64,
        bytes: a.iter().map(|score| score.bytes).sum(),
    }))
}

struct Ratio {
    value: f64,
    bytes: f64,
}

impl Ratio {
    fn of(scores: &[Score]) -> Option<Self> {
        let total: Score = scores.iter().copied().sum();
        Some(Self { value: total.bits_per_byte()?, bytes: total.bytes as f64 })
    }

    /// `(y_i - R * x_i) / sum(x)`: what one document adds to the ratio.
    fn influence(&self, score: &Score) -> f64 {
        (score.nll / LN_2 - self.value * score.bytes as f64) / self.bytes
    }
}

/// Student's t at 97.5 %, exact to three digits.
fn student_95(freedom: usize) -> f64 {
    const TABLE: [f64; 30] = [
        12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101,
        2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042,
    ];
    // Beyond the table, two terms of the expansion in 1 / freedom (Abramowitz and Stegun 26.7.5).
    freedom.checked_sub(1).and_then(|index| TABLE.get(index)).copied().unwrap_or(1.959_964 + 2.372_3 / freedom as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn score(bits: f64, bytes: u64) -> Score {
        Score { nll: bits * LN_2, tokens: bytes + 1, bytes }
    }

    #[test]
    fn equal_lengths_give_the_mean_and_its_standard_error() {
        let summary = Summary::of(&[score(20.0, 10), score(30.0, 10), score(40.0, 10)]).unwrap();
        assert!((summary.bits_per_byte - 3.0).abs() < 1e-12);
        // The standard error of the mean of 2, 3, 4 is 1 / sqrt(3).
        assert!((summary.interval.unwrap().half_width() - 4.303 / 3f64.sqrt()).abs() < 1e-9);
    }

    #[test]
    fn one_document_has_no_interval_and_none_no_summary() {
        assert_eq!(Summary::of(&[score(20.0, 10)]).unwrap().interval, None);
        assert_eq!(Summary::of(&[]), None);
        assert_eq!(Summary::of(&[score(3.0, 0)]), None);
    }

    #[test]
    fn pairs_take_the_difficulty_of_documents_out() {
        let a: Vec<Score> = (1..40).map(|i| score(f64::from(i) * 100.0, 100)).collect();
        let b: Vec<Score> = (1..40).map(|i| score(f64::from(i) * 100.0 - 9.0 - f64::from(i % 3), 100)).collect();
        let difference = paired_difference(&a, &b).unwrap().unwrap();
        assert!((difference.difference + 0.1).abs() < 1e-9, "{difference:?}");
        assert!(difference.is_significant());
        assert!(difference.interval.unwrap().half_width() < 0.01);
        assert!(Summary::of(&a).unwrap().interval.unwrap().half_width() > 1.0);
    }

    #[test]
    fn unlike_lists_are_refused() {
        let error = paired_difference(&[score(1.0, 1)], &[]).unwrap_err();
        assert!(error.to_string().starts_with("Failed to pair scores: 1 scores against 0"), "{error}");
        assert!(paired_difference(&[score(1.0, 1)], &[score(1.0, 2)]).is_err());
    }

    #[test]
    fn students_t_goes_on_beyond_the_table() {
        assert!((student_95(40) - 2.021).abs() < 2e-3);
        assert!((student_95(120) - 1.980).abs() < 1e-3);
    }
}
