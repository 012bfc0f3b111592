//! `tokenizer.json`, read by the library that writes it.

use std::str::FromStr;

use crate::pieces::Pieces;

/// A model of Hugging Face's `tokenizers`.
pub(crate) struct HuggingFace(tokenizers::Tokenizer);

impl HuggingFace {
    /// Reads a `tokenizer.json`.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string())?;
        let mut model = tokenizers::Tokenizer::from_str(text).map_err(|error| error.to_string())?;
        // Files carry what they were last used with; `tokenize` neither cuts nor fills up.
        model.with_padding(None);
        model.with_truncation(None).map_err(|error| error.to_string())?;
        Ok(Self(model))
    }

    /// Appends the pieces of a text.
    pub(crate) fn pieces(&self, text: &str, pieces: &mut Pieces) -> Result<(), String> {
        let encoding = self.0.encode(text, false).map_err(|error| error.to_string())?;
        encoding.get_tokens().iter().for_each(|piece| pieces.push(piece));
        Ok(())
    }

    /// How many pieces a text has.
    pub(crate) fn count(&self, text: &str) -> Result<usize, String> {
        Ok(self.0.encode_fast(text, false).map_err(|error| error.to_string())?.len())
    }

    /// The numbers of a text's tokens, those that a template adds included.
    pub(crate) fn encode(&self, text: &str) -> Result<Vec<u32>, String> {
        Ok(self.0.encode_fast(text, true).map_err(|error| error.to_string())?.get_ids().to_vec())
    }

    /// The text of tokens, special ones included.
    pub(crate) fn decode(&self, tokens: &[u32]) -> Result<String, String> {
        self.0.decode(tokens, false).map_err(|error| error.to_string())
    }
}
