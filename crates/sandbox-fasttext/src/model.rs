//! A model: a file, and the labels of a text.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use crate::arguments::{Arguments, LossKind};
use crate::best::Best;
use crate::dictionary::Dictionary;
use crate::error::Error;
use crate::loss::{Loss, Sigmoid, Work};
use crate::matrix::Matrix;
use crate::source::{Result, Source};
use crate::tree::Tree;

/// A supervised model, ready to be used from any number of threads.
#[derive(Debug)]
pub struct Model {
    dictionary: Dictionary,
    input: Matrix,
    output: Matrix,
    loss: Loss,
}

/// A label and how probable it is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Prediction<'m> {
    /// The label as the model has it, with its `__label__`.
    pub label: &'m str,
    /// Its probability; a little above 1 where the model is certain, as in the library.
    pub probability: f32,
}

/// The memory of predictions, used again for every text.
#[derive(Debug, Default)]
pub struct Scratch {
    hashes: Vec<u32>,
    word: Vec<u8>,
    rows: Vec<u32>,
    hidden: Vec<f32>,
    best: Best,
    work: Work,
}

/// How many rows are added at once.
const ROWS: usize = 4096;

impl Model {
    /// Reads a model's file, `.bin` or `.ftz`.
    ///
    /// # Errors
    /// [`Error::Read`] or [`Error::Broken`].
    pub fn open(path: impl AsRef<Path>) -> std::result::Result<Self, Error> {
        let path = path.as_ref();
        let failed = |source| Error::Read { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        let length = file.metadata().map_err(failed)?.len();
        let mut source = Source::new(BufReader::with_capacity(1 << 18, file), length);
        Self::from_source(&mut source).map_err(|cause| Error::Broken { path: Some(path.to_owned()), cause })
    }

    /// Reads a model from memory.
    ///
    /// # Errors
    /// [`Error::Broken`].
    pub fn read(bytes: &[u8]) -> std::result::Result<Self, Error> {
        let mut source = Source::new(bytes, bytes.len() as u64);
        Self::from_source(&mut source).map_err(|cause| Error::Broken { path: None, cause })
    }

    fn from_source(source: &mut Source<impl Read>) -> Result<Self> {
        let arguments = Arguments::read(source)?;
        let read = Dictionary::read(source, &arguments)?;
        let quantised = source.flag()?;
        if read.pruned && !quantised {
            return Err("it is pruned without being quantised, as some old models wrongly are".to_owned());
        }
        let input = Matrix::read(source, quantised)?;
        let quantised_output = source.flag()?;
        let output = Matrix::read(source, quantised && quantised_output)?;
        if input.columns() != arguments.dimension || output.columns() != arguments.dimension {
            return Err(format!("its matrices do not have {} columns", arguments.dimension));
        }
        if (input.rows() as u64) < read.rows {
            return Err(format!("expected {} rows of words and n-grams, got {}", read.rows, input.rows()));
        }
        if output.rows() != read.label_counts.len() {
            return Err(format!("expected {} rows of labels, got {}", read.label_counts.len(), output.rows()));
        }
        let loss = match arguments.loss {
            LossKind::HierarchicalSoftmax => Loss::HierarchicalSoftmax(Tree::new(&read.label_counts)?),
            LossKind::Softmax => Loss::Softmax,
            LossKind::EachAlone => Loss::EachAlone(Sigmoid::new()),
        };
        Ok(Self { dictionary: read.dictionary, input, output, loss })
    }

    /// All labels, the most frequent one of the training first.
    pub fn labels(&self) -> &[String] {
        self.dictionary.labels()
    }

    /// The `k` most probable labels of a text, the best first; fewer where the model has fewer, none where it knows
    /// nothing of the text. The text ends at its first line break, if it has one.
    ///
    /// # Errors
    /// [`Error::NotANumber`] when the model's weights are broken.
    pub fn predict(&self, text: &str, k: usize, scratch: &mut Scratch) -> std::result::Result<Vec<Prediction<'_>>, Error> {
        let Scratch { hashes, word, rows, hidden, best, work } = scratch;
        hidden.clear();
        hidden.resize(self.input.columns(), 0.0);
        rows.clear();
        let mut added = 0usize;
        self.dictionary.rows(text.as_bytes(), hashes, word, &mut |row| {
            rows.push(row);
            if rows.len() == ROWS {
                self.input.add_rows(rows, hidden);
                added += ROWS;
                rows.clear();
            }
        });
        self.input.add_rows(rows, hidden);
        added += rows.len();
        let k = k.min(self.labels().len());
        if added == 0 || k == 0 {
            return Ok(Vec::new());
        }
        let share = (1.0 / added as f64) as f32;
        hidden.iter_mut().for_each(|value| *value *= share);
        best.start(k);
        self.loss.predict(&self.output, hidden, best, work)?;
        let prediction = |&(score, label): &(f32, u32)| {
            let label = self.labels().get(label as usize)?;
            Some(Prediction { label, probability: score.exp() })
        };
        Ok(best.sorted().iter().filter_map(prediction).collect())
    }
}
