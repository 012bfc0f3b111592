//! Several data sets as one, in parts by weight.
//!
//! Without a number of rows, a mixture is all rows of its parts, one part after the other; the weights then say nothing,
//! as in Data-Juicer. With a number of rows, each part gives its share of them:
//!
//! - part *i* of weight *wᵢ* gives ⌈N·wᵢ/Σw⌉ rows, at most what the parts before have left of N;
//! - a part that has just as many rows gives them in their order;
//! - one that has more gives the first of its rows in a random order, NumPy's `default_rng(42).permutation(rows)`;
//! - one that has fewer gives its rows in that order, again and again.
//!
//! The rows are not held in memory: to know where each stands takes 8 bytes a row, and the order 8 more. Files that are
//! not plain JSON lines (packed, tables, standard input) are copied as lines to a temporary file, if rows are picked.
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! # let (a, b) = (folder.path().join("a.jsonl"), folder.path().join("b.jsonl"));
//! use sandbox_dataset::{Mixture, MixturePart, ReadOptions, Reader};
//! std::fs::write(&a, "{\"text\": \"a0\"}\n{\"text\": \"a1\"}\n")?;
//! std::fs::write(&b, "{\"text\": \"b0\"}\n{\"text\": \"b1\"}\n{\"text\": \"b2\"}\n")?;
//! let part = |file, weight| MixturePart { files: vec![file], weight };
//! let mixture = Mixture { parts: vec![part(a, 1.0), part(b, 2.0)], max_sample_num: Some(6) };
//! let plan = mixture.plan(ReadOptions::default())?;
//! assert_eq!(plan.parts().iter().map(|part| (part.rows, part.taken)).collect::<Vec<_>>(), [(Some(2), Some(2)), (Some(3), Some(4))]);
//!
//! let mut reader = Reader::open_mixture(plan, ReadOptions::default());
//! let mut texts = Vec::new();
//! while let Some(chunk) = reader.next_chunk()? {
//!     texts.extend(chunk.rows().map(|row| String::from_utf8_lossy(&row.bytes[10..12]).into_owned()));
//! }
//! assert_eq!(texts, ["a0", "a1", "b2", "b1", "b0", "b2"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use std::fs;
use std::path::PathBuf;

use crate::error::DatasetError;
use crate::permutation::permutation;
use crate::reader::{Index, ReadOptions, Sample, Source};

/// The seed of the original.
const SEED: u64 = 42;

/// Data sets with their weights.
#[derive(Debug, Clone, PartialEq)]
pub struct Mixture {
    /// The parts in their order.
    pub parts: Vec<MixturePart>,
    /// How many rows there shall be; none for all.
    pub max_sample_num: Option<u64>,
}

/// One data set of a mixture.
#[derive(Debug, Clone, PartialEq)]
pub struct MixturePart {
    /// Its files, as [`resolve`](crate::resolve) gives them.
    pub files: Vec<PathBuf>,
    /// Its weight, from 0 up; only the ratio to the others counts.
    pub weight: f64,
}

/// What a mixture takes of its parts, for [`Reader::open_mixture`](crate::Reader::open_mixture).
#[derive(Debug)]
pub struct MixturePlan {
    sources: Vec<(Source, u64)>,
    parts: Vec<PlannedPart>,
}

/// What a plan takes of a part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PlannedPart {
    /// How many rows the part has; unknown when all are taken anyway.
    pub rows: Option<u64>,
    /// How many are taken, those that come twice counted twice; unknown when all are.
    pub taken: Option<u64>,
}

impl MixturePlan {
    /// The parts in their order.
    pub fn parts(&self) -> &[PlannedPart] {
        &self.parts
    }

    pub(crate) fn into_sources(self) -> Vec<(Source, u64)> {
        self.sources
    }
}

impl Mixture {
    /// How many rows each part is to give; `None` when all are taken.
    ///
    /// # Errors
    /// Weights that are negative or no numbers, or all 0.
    pub fn shares(&self) -> Result<Option<Vec<u64>>, DatasetError> {
        let Some(total) = self.max_sample_num else { return Ok(None) };
        let sum: f64 = self.parts.iter().map(|part| part.weight).sum();
        if self.parts.iter().any(|part| !part.weight.is_finite() || part.weight < 0.0) || !(sum.is_finite() && sum > 0.0) {
            let weights = self.parts.iter().map(|part| part.weight.to_string()).collect::<Vec<_>>().join(", ");
            return Err(DatasetError::Weights { weights });
        }
        let mut left = total;
        let share = |part: &MixturePart| {
            let share = ((total as f64 * (part.weight / sum)).ceil() as u64).min(left);
            left -= share;
            share
        };
        Ok(Some(self.parts.iter().map(share).collect()))
    }

    /// Looks through the parts of which only some rows are taken, and picks these.
    ///
    /// # Errors
    /// As [`shares`](Self::shares); a file that is not there, is not known or cannot be read; a full temporary folder.
    pub fn plan(&self, options: ReadOptions) -> Result<MixturePlan, DatasetError> {
        self.plan_until(options, &|| false)
    }

    /// As [`plan`](Self::plan), but asks `stop` every few megabytes and ends with [`DatasetError::Stopped`] when it says so.
    ///
    /// # Errors
    /// As [`plan`](Self::plan), and when it was stopped.
    pub fn plan_until(&self, options: ReadOptions, stop: &dyn Fn() -> bool) -> Result<MixturePlan, DatasetError> {
        let mut plan = MixturePlan { sources: Vec::new(), parts: Vec::with_capacity(self.parts.len()) };
        let Some(shares) = self.shares()? else {
            for part in &self.parts {
                plan.take_all(part)?;
                plan.parts.push(PlannedPart { rows: None, taken: None });
            }
            return Ok(plan);
        };
        for (part, share) in self.parts.iter().zip(shares) {
            plan.take_some(part, share, options, stop)?;
        }
        Ok(plan)
    }
}

impl MixturePlan {
    fn take_all(&mut self, part: &MixturePart) -> Result<(), DatasetError> {
        for file in &part.files {
            let size = if crate::format::is_stream(file) { 0 } else { fs::metadata(file).map_err(DatasetError::read(file))?.len() };
            self.sources.push((Source::File(file.clone()), size));
        }
        Ok(())
    }

    fn take_some(&mut self, part: &MixturePart, share: u64, options: ReadOptions, stop: &dyn Fn() -> bool) -> Result<(), DatasetError> {
        if share == 0 {
            self.parts.push(PlannedPart { rows: None, taken: Some(0) });
            return Ok(());
        }
        let index = Index::of(&part.files, options, stop)?;
        let rows = index.rows();
        let taken = if rows == 0 { 0 } else { share };
        self.parts.push(PlannedPart { rows: Some(rows as u64), taken: Some(taken) });
        if share == rows as u64 && index.is_repeatable() {
            return self.take_all(part);
        }
        let mut order = if share == rows as u64 { (0..rows).collect() } else { permutation(SEED, rows) };
        order.truncate(usize::try_from(share).unwrap_or(usize::MAX));
        order.shrink_to_fit();
        let size = part.files.iter().map(|file| fs::metadata(file).map_or(0, |metadata| metadata.len())).sum();
        self.sources.push((Source::Sample(Sample::new(index, order, share)), size));
        Ok(())
    }
}
