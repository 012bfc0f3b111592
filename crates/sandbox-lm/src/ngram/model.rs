//! A trained model: scoring, saving, opening.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use sandbox_fs::{AtomicFile, FsError};

use super::bytes::SYMBOLS;
use super::column::Column;
use super::file::{self, Facts, Flaw};
use super::settings::{NgramSettings, Unit};
use super::storage::Storage;
use super::witten_bell::ByteTrie;
use super::words::WordModel;
use crate::error::LmError;
use crate::score::{Score, Scorer};

/// An n-gram language model, in memory or mapped from its file.
///
/// Scoring takes no locks and no memory beyond the stack: one model serves all threads.
#[derive(Debug)]
pub struct NgramModel {
    storage: Storage,
    facts: Facts,
    parts: Parts,
}

#[derive(Debug)]
enum Parts {
    Bytes(Box<ByteTrie>),
    Words(Box<WordModel>),
}

impl Parts {
    fn new(bytes: &[u8], settings: NgramSettings, sections: &[Column]) -> Self {
        match settings.unit {
            Unit::Bytes => Parts::Bytes(Box::new(ByteTrie::new(bytes, settings.order, sections))),
            Unit::Words => Parts::Words(Box::new(WordModel::new(bytes, settings.order, sections))),
        }
    }

    fn flaw(&self) -> Option<String> {
        match self {
            Parts::Bytes(trie) => trie.flaw(),
            Parts::Words(model) => model.flaw(),
        }
    }
}

impl NgramModel {
    pub(super) fn new(file: file::FileWriter, facts: Facts) -> Self {
        let (bytes, sections) = file.finish();
        let parts = Parts::new(&bytes, facts.settings, &sections);
        Self { storage: Storage::Owned(bytes), facts, parts }
    }

    /// Opens a model file by memory map: the time does not depend on its size, and processes share its memory.
    ///
    /// The head and the table of arrays are checked, the arrays are not read: see [`save`](Self::save).
    ///
    /// # Errors
    /// A file that cannot be read; [`LmError::Format`] for one that is foreign, cut short, of another version or damaged.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, LmError> {
        let path = path.as_ref();
        let read = |source| FsError::io("read", path)(source);
        let storage = Storage::map(&File::open(path).map_err(read)?).map_err(read)?;
        let flaw = |Flaw { problem, hint }| LmError::Format { path: path.to_owned(), problem, hint };
        let (facts, sections) = file::parse(storage.bytes()).map_err(flaw)?;
        let parts = Parts::new(storage.bytes(), facts.settings, &sections);
        match parts.flaw() {
            Some(problem) => Err(flaw(Flaw { problem, hint: file::DAMAGED })),
            None => Ok(Self { storage, facts, parts }),
        }
    }

    /// Writes the model as one file, complete or not at all; folders are made when missing.
    ///
    /// The same documents and settings give the same bytes, whatever the machine. The file must not be changed afterwards, only
    /// replaced: numbers changed inside its arrays are not noticed and give wrong scores.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<(), LmError> {
        let path = path.as_ref();
        let mut file = AtomicFile::create(path)?;
        file.write_all(self.storage.bytes()).map_err(FsError::io("write", path))?;
        Ok(file.commit()?)
    }

    /// What the model was trained with.
    pub fn settings(&self) -> NgramSettings {
        self.facts.settings
    }

    /// Number of documents it was trained on.
    pub fn documents(&self) -> u64 {
        self.facts.documents
    }

    /// Number of bytes it was trained on.
    pub fn bytes_seen(&self) -> u64 {
        self.facts.bytes
    }

    /// Size of the model in bytes, in memory and as a file.
    pub fn size(&self) -> u64 {
        self.storage.bytes().len() as u64
    }

    /// The probability of each symbol after `prefix` at the beginning of a document; they sum to one.
    ///
    /// For bytes, index 0 to 255 is the byte and 256 the end of the document. For words, 0 is the unknown word, 1 the end, and
    /// the others are those that [`word`](Self::word) tells.
    pub fn next_probabilities(&self, prefix: &str) -> Vec<f64> {
        let bytes = self.storage.bytes();
        match &self.parts {
            Parts::Words(model) => model.next(bytes, prefix),
            Parts::Bytes(trie) => {
                let view = trie.view(bytes);
                let context = prefix.bytes().fold(view.begin(), |context, byte| view.step(&context, u16::from(byte)).1);
                (0..SYMBOLS as u16).map(|symbol| view.step(&context, symbol).0).collect()
            }
        }
    }

    /// The word of a symbol of a word model: from 2 on, by falling count. `None` for 0 and 1, for symbols that the vocabulary
    /// does not have, and for byte models.
    pub fn word(&self, symbol: u32) -> Option<&str> {
        match &self.parts {
            Parts::Bytes(_) => None,
            Parts::Words(model) => std::str::from_utf8(model.vocabulary(self.storage.bytes()).word(symbol)?).ok(),
        }
    }
}

impl Scorer for NgramModel {
    fn score(&self, prefix: &str, text: &str) -> Score {
        let bytes = self.storage.bytes();
        match &self.parts {
            Parts::Bytes(trie) => trie.view(bytes).score(prefix.as_bytes(), text.as_bytes()),
            Parts::Words(model) => model.score(bytes, prefix, text),
        }
    }
}
