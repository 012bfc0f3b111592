//! Either kind of model behind one door.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::{fmt, fs};

use crate::error::Error;
#[cfg(feature = "hugging-face")]
use crate::hugging_face::HuggingFace;
use crate::pieces::Pieces;
use crate::sentence_piece::SentencePiece;

/// A model that cuts texts into pieces, ready to be used from any number of threads.
pub struct Tokenizer {
    path: PathBuf,
    model: Model,
}

enum Model {
    SentencePiece(Box<SentencePiece>),
    #[cfg(feature = "hugging-face")]
    HuggingFace(Box<HuggingFace>),
}

/// The models that were read already.
static SHARED: LazyLock<Mutex<HashMap<PathBuf, Arc<Tokenizer>>>> = LazyLock::new(Mutex::default);

impl Tokenizer {
    /// Reads a model: a SentencePiece file, a `tokenizer.json`, or a folder with the latter.
    ///
    /// # Errors
    /// [`Error::Read`] or [`Error::Broken`].
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, Error> {
        let mut path: PathBuf = path.into();
        if path.is_dir() {
            path.push("tokenizer.json");
        }
        match fs::read(&path) {
            Err(source) => Err(Error::Read { path, source }),
            Ok(bytes) => match Model::read(&bytes) {
                Err(cause) => Err(Error::Broken { path, cause }),
                Ok(model) => Ok(Self { path, model }),
            },
        }
    }

    /// The model of a path, read when it is first asked for in this process and kept.
    ///
    /// # Errors
    /// As for [`open`](Self::open).
    pub fn shared(path: &Path) -> Result<Arc<Self>, Error> {
        let key = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        // Held while reading, so that no two threads read the same model.
        let mut models = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(model) = models.get(&key) {
            return Ok(Arc::clone(model));
        }
        let model = Arc::new(Self::open(path)?);
        models.insert(key, Arc::clone(&model));
        Ok(model)
    }

    /// Where the model was read.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Replaces what is in `pieces` by the pieces of a text.
    ///
    /// # Errors
    /// [`Error::Text`] when a `tokenizer.json` has no piece for a character and none for unknown ones. SentencePiece has
    /// pieces for every text.
    pub fn pieces(&self, text: &str, pieces: &mut Pieces) -> Result<(), Error> {
        pieces.clear();
        match &self.model {
            Model::SentencePiece(model) => model.pieces(text, pieces),
            #[cfg(feature = "hugging-face")]
            Model::HuggingFace(model) => model.pieces(text, pieces).map_err(|cause| self.refuse(cause))?,
        }
        Ok(())
    }

    /// How many pieces a text has. `pieces` is memory; what is in it afterwards is not said.
    ///
    /// # Errors
    /// As for [`pieces`](Self::pieces).
    pub fn count(&self, text: &str, pieces: &mut Pieces) -> Result<usize, Error> {
        #[cfg(feature = "hugging-face")]
        if let Model::HuggingFace(model) = &self.model {
            return model.count(text).map_err(|cause| self.refuse(cause));
        }
        self.pieces(text, pieces)?;
        Ok(pieces.len())
    }

    /// The numbers of a text's tokens, those that a template adds included, as `encode` of Hugging Face's library.
    ///
    /// # Errors
    /// [`Error::Text`] as for [`pieces`](Self::pieces), and for SentencePiece models, whose tokens have no numbers here.
    #[cfg_attr(not(feature = "hugging-face"), allow(unused_variables, reason = "no model of this build has numbers"))]
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, Error> {
        match &self.model {
            #[cfg(feature = "hugging-face")]
            Model::HuggingFace(model) => model.encode(text).map_err(|cause| self.refuse(cause)),
            Model::SentencePiece(_) => Err(self.has_no_numbers()),
        }
    }

    /// The text of tokens, special ones included, as `decode` of Hugging Face's library.
    ///
    /// # Errors
    /// As for [`encode`](Self::encode).
    #[cfg_attr(not(feature = "hugging-face"), allow(unused_variables, reason = "no model of this build has numbers"))]
    pub fn decode(&self, tokens: &[u32]) -> Result<String, Error> {
        match &self.model {
            #[cfg(feature = "hugging-face")]
            Model::HuggingFace(model) => model.decode(tokens).map_err(|cause| self.refuse(cause)),
            Model::SentencePiece(_) => Err(self.has_no_numbers()),
        }
    }

    fn has_no_numbers(&self) -> Error {
        Error::Text { path: self.path.clone(), cause: "tokens of SentencePiece models have no numbers here".to_owned() }
    }

    #[cfg(feature = "hugging-face")]
    fn refuse(&self, cause: String) -> Error {
        Error::Text { path: self.path.clone(), cause }
    }
}

impl Model {
    fn read(bytes: &[u8]) -> Result<Self, String> {
        // A SentencePiece file begins with the tag of its first piece, which is a line feed.
        if bytes.trim_ascii_start().first() != Some(&b'{') {
            return SentencePiece::read(bytes).map(Box::new).map(Self::SentencePiece);
        }
        #[cfg(feature = "hugging-face")]
        return HuggingFace::read(bytes).map(Box::new).map(Self::HuggingFace);
        #[cfg(not(feature = "hugging-face"))]
        Err("this build reads no tokenizer.json: the feature `hugging-face` is off".to_owned())
    }
}

impl fmt::Debug for Tokenizer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokenizer").field("path", &self.path).finish_non_exhaustive()
    }
}
