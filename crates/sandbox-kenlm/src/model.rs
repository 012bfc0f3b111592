//! A model: a file, and the scores of sentences.

use std::fs::File;
use std::path::Path;

use crate::arpa;
use crate::bits::u32_at;
use crate::error::Error;
use crate::header::{Header, Kind};
use crate::probing::Probing;
use crate::score::{Search, sentence};
use crate::storage::Storage;
use crate::trie::Trie;

/// A language model, ready to be used from any number of threads.
#[derive(Debug)]
pub struct Model {
    bytes: Storage,
    structure: Structure,
}

#[derive(Debug)]
enum Structure {
    Probing(Probing),
    Trie(Trie),
}

impl Model {
    /// Opens a model's file: an ARPA text, or a binary file of any kind.
    ///
    /// # Errors
    /// [`Error::Read`] or [`Error::Broken`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let failed = |source| Error::Read { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        let bytes = Storage::map(&file).map_err(failed)?;
        Self::of(bytes).map_err(|cause| Error::Broken { path: Some(path.to_owned()), cause })
    }

    /// Reads a model from memory.
    ///
    /// # Errors
    /// [`Error::Broken`].
    pub fn read(bytes: Vec<u8>) -> Result<Self, Error> {
        Self::of(Storage::Owned(bytes)).map_err(|cause| Error::Broken { path: None, cause })
    }

    fn of(bytes: Storage) -> Result<Self, String> {
        let Some(header) = Header::read(&bytes)? else {
            let (probing, bytes) = arpa::read(&bytes)?;
            return Ok(Self { bytes: Storage::Owned(bytes), structure: Structure::Probing(probing) });
        };
        let structure = match header.kind {
            Kind::Trie { quantised, array } => Structure::Trie(Trie::read(&bytes, header.end, &header.counts, quantised, array)?),
            kind @ Kind::Probing { .. } => {
                let probing = Probing::layout(header.end, kind, header.multiplier, &header.counts);
                let probing = probing.filter(|probing| probing.end <= bytes.len()).ok_or("it ends too early")?;
                match u32_at(&bytes, header.end) {
                    Some(0) => Structure::Probing(probing),
                    _ => return Err("its vocabulary is of another version".to_owned()),
                }
            }
        };
        Ok(Self { bytes, structure })
    }

    /// The length of its longest n-grams.
    pub fn order(&self) -> usize {
        match &self.structure {
            Structure::Probing(probing) => probing.order(),
            Structure::Trie(trie) => trie.order(),
        }
    }

    /// The logarithm to the base 10 of a sentence's probability, its begin given and its end included. Words are what
    /// stands between white space of ASCII; as in KenLM, the sentence ends at a NUL.
    pub fn score(&self, sentence: &str) -> f32 {
        match &self.structure {
            Structure::Probing(probing) => self.score_with(probing, sentence),
            Structure::Trie(trie) => self.score_with(trie, sentence),
        }
    }

    fn score_with(&self, search: &impl Search, text: &str) -> f32 {
        let text = text.split('\0').next().unwrap_or_default().as_bytes();
        let words = text.split(|byte| matches!(byte, b' ' | b'\t'..=b'\r')).filter(|word| !word.is_empty());
        let index = |word: &[u8]| search.word(&self.bytes, word);
        sentence(search, &self.bytes, words.map(index), index(b"<s>"), index(b"</s>"))
    }
}
