//! Documents in, model out.

use super::bytes::ByteCounts;
use super::file::{Facts, FileWriter};
use super::model::NgramModel;
use super::settings::{NgramSettings, Unit};
use super::words::WordCounts;
use crate::error::LmError;
use crate::score::{Score, Scorer};

/// Windows that are sorted at a time: 16 MiB of byte windows with their scratch space. Fewer merge more, more miss the caches.
const BLOCK: usize = 1 << 20;

/// Trains an n-gram model in one pass.
///
/// Memory is that of the distinct n-grams of the highest order, 16 bytes each for bytes and 24 for words (and once more while
/// runs are merged), the distinct words, and one block; the text itself is not kept. Finishing a word model needs up to 60 bytes
/// per distinct n-gram. The model does not depend on the order of the documents.
///
/// ```
/// use sandbox_lm::{NgramSettings, NgramTrainer, Scorer, Unit};
/// let mut trainer = NgramTrainer::new(NgramSettings { unit: Unit::Words, order: 3 })?;
/// for document in ["a rose is a rose", "a rose is red"] {
///     trainer.add(document);
/// }
/// let model = trainer.finish();
/// assert!(model.score("a", " rose").nll < model.score("a", " red").nll);
/// # Ok::<(), sandbox_lm::LmError>(())
/// ```
#[derive(Debug)]
pub struct NgramTrainer {
    settings: NgramSettings,
    documents: u64,
    bytes: u64,
    tokens: u64,
    counts: Counts,
}

#[derive(Debug)]
enum Counts {
    Bytes(ByteCounts),
    Words(WordCounts),
}

impl NgramTrainer {
    /// A trainer that has seen nothing.
    ///
    /// # Errors
    /// [`LmError::Order`] for an order that the unit does not allow.
    pub fn new(settings: NgramSettings) -> Result<Self, LmError> {
        Self::with_block(settings, BLOCK)
    }

    /// A trainer that sorts `block` windows at a time: less memory, more merging, the same model.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn with_block(settings: NgramSettings, block: usize) -> Result<Self, LmError> {
        settings.check()?;
        let counts = match settings.unit {
            Unit::Bytes => Counts::Bytes(ByteCounts::new(settings.order, block)),
            Unit::Words => Counts::Words(WordCounts::new(settings.order, block)),
        };
        Ok(Self { settings, documents: 0, bytes: 0, tokens: 0, counts })
    }

    /// Counts one document, from its beginning to its end.
    pub fn add(&mut self, document: &str) {
        self.documents += 1;
        self.bytes += document.len() as u64;
        self.tokens += match &mut self.counts {
            Counts::Bytes(counts) => {
                counts.add(document.as_bytes());
                document.len() as u64 + 1
            }
            Counts::Words(counts) => counts.add(document),
        };
    }

    /// Number of documents so far.
    pub fn documents(&self) -> u64 {
        self.documents
    }

    /// Number of symbols so far, bytes or words, with one end of document each.
    pub fn tokens_seen(&self) -> u64 {
        self.tokens
    }

    /// Number of bytes so far.
    pub fn bytes_seen(&self) -> u64 {
        self.bytes
    }

    /// The model of the documents so far, while training goes on.
    ///
    /// It costs what [`finish`](Self::finish) costs: time and memory in proportion to the distinct n-grams so far. Looking
    /// each time that the text has doubled costs less than the final model again; looking at fixed steps costs quadratic time.
    pub fn snapshot(&mut self) -> NgramModel {
        self.model(false)
    }

    fn model(&mut self, last: bool) -> NgramModel {
        let facts = Facts { settings: self.settings, documents: self.documents, bytes: self.bytes };
        let mut file = FileWriter::new(facts);
        match &mut self.counts {
            Counts::Bytes(counts) => counts.write(&mut file),
            Counts::Words(counts) => counts.write(&mut file, last),
        }
        NgramModel::new(file, facts)
    }

    /// The bits per byte of held-out documents now: one [`snapshot`](Self::snapshot) and one pass over them. `None` when they
    /// have no bytes.
    pub fn snapshot_bits_per_byte(&mut self, documents: &[String]) -> Option<f64> {
        let model = self.snapshot();
        documents.iter().map(|document| model.score("", document)).sum::<Score>().bits_per_byte()
    }

    /// The model.
    pub fn finish(mut self) -> NgramModel {
        self.model(true)
    }
}
