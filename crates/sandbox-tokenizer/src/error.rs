//! What can go wrong: a model that is not there, that is not one, or that cannot take a text.

use std::io;
use std::path::PathBuf;

/// Why a tokenizer cannot be had, or not be used on a text.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The model, a tokenizer or another, is at none of the places where it may be.
    #[error("Failed to find the model `{name}`: looked at {}", listed(.looked))]
    Missing {
        /// The model's name.
        name: String,
        /// Where it was looked for, in this order.
        looked: Vec<PathBuf>,
    },
    /// The file cannot be read.
    #[error("Failed to read the tokenizer model `{}`: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is no tokenizer model, or of a kind that is not known here.
    #[error("Failed to read the tokenizer model `{}`: {cause}", path.display())]
    Broken {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// The model has no pieces for a text.
    #[error("Failed to tokenize with `{}`: {cause}", path.display())]
    Text {
        /// The model's file.
        path: PathBuf,
        /// Why.
        cause: String,
    },
}

impl Error {
    /// What to do about it.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Missing { .. } => {
                Some("nothing is downloaded: put the model at one of these places, or its folder into DATA_JUICER_EXTERNAL_MODELS_HOME")
            }
            Self::Read { .. } | Self::Text { .. } => None,
            Self::Broken { .. } => Some("put a complete SentencePiece model (unigram or BPE) or tokenizer.json there"),
        }
    }
}

fn listed(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| format!("`{}`", path.display())).collect::<Vec<_>>().join(", ")
}
