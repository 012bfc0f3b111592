//! `document_minhash_deduplicator` and `document_minhash_deduplicator_with_uid`: of texts that share most of their shingles
//! one is kept.

use std::num::NonZeroUsize;
use std::path::Path;

use sandbox_tokenizer::Tokenizer;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::deduplicators::shingles::{Shingler, Tokenization};
use crate::error::{BuildError, OpError};
use crate::operator::{Deduplicator, Fingerprint, Kind, Likeness, Operator};
use crate::registry::{Entry, Parameter};
use crate::row_view::RowView;

mod bands;
mod kernel;
mod mersenne;
mod permutations;
mod quadrature;
mod sha1;
mod signature;
pub mod with_uid;

pub use bands::optimal_bands;
pub use permutations::Permutations;
pub use sha1::hash32;
pub use signature::{band_bytes, band_hashes, signature};

/// More permutations than this are refused: choosing the bands would take minutes.
const MOST_PERMUTATIONS: usize = 65_536;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "document_minhash_deduplicator",
    kind: Kind::Deduplicator,
    summary: "Keep one of texts that share most of their shingles (MinHash and bands)",
    doc: DOC,
    parameters: PARAMETERS,
    example: "- document_minhash_deduplicator:\n    tokenization: character\n\nThe quick brown fox jumps over the lazy dog. -> kept\nThe quick brown fox jumps over the lazy dog! -> dropped\nfox -> kept: it is shorter than the window",
    stats: &[],
    build,
};

const DOC: &str = "A text is cut into windows of consecutive words, characters or pieces. Each window is hashed, and the least value of \
    each of many permutations of these hashes makes up the text's signature, which is cut into bands. Texts that have one band \
    in common are alike, and likeness passes on; which share of windows texts must have in common for that is about \
    `jaccard_threshold`. Of the texts that are alike the first is kept.\n\nA text shorter than a window is like those equal to it and no others.";

const PARAMETERS: &[Parameter] = &[
    Parameter {
        name: "tokenization",
        kind: "space, punctuation, character or sentencepiece",
        default: "\"space\"",
        doc: "What texts are cut into: words between spaces (line breaks and tabs do not separate), what stands between characters of punctuation, characters, or pieces of a model.",
    },
    Parameter { name: "window_size", kind: "whole number from 1 on", default: "5", doc: "How many of them make a shingle." },
    Parameter { name: "lowercase", kind: "true or false", default: "true", doc: "Whether upper and lower case are equal." },
    Parameter {
        name: "ignore_pattern",
        kind: "text or null",
        default: "null",
        doc: "Regular expression; what it matches is deleted first, after turning to lower case.",
    },
    Parameter { name: "num_permutations", kind: "whole number from 1 to 65536", default: "256", doc: "How long a signature is." },
    Parameter {
        name: "jaccard_threshold",
        kind: "number from 0 to 1",
        default: "0.7",
        doc: "From which share of common shingles on texts are to be alike; decides bands and rows unless both are given.",
    },
    Parameter {
        name: "num_bands",
        kind: "whole number or null",
        default: "null",
        doc: "How many bands; together with `num_rows_per_band`.",
    },
    Parameter {
        name: "num_rows_per_band",
        kind: "whole number or null",
        default: "null",
        doc: "How many permutations a band has; together with `num_bands`.",
    },
    Parameter {
        name: "tokenizer_model",
        kind: "text or null",
        default: "null",
        doc: "File of the SentencePiece model for the tokenization `sentencepiece`.",
    },
];

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    tokenization: Tokenization,
    window_size: NonZeroUsize,
    lowercase: bool,
    ignore_pattern: Option<String>,
    num_permutations: NonZeroUsize,
    jaccard_threshold: f64,
    num_bands: Option<NonZeroUsize>,
    num_rows_per_band: Option<NonZeroUsize>,
    tokenizer_model: Option<String>,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            tokenization: Tokenization::Space,
            window_size: NonZeroUsize::MIN.saturating_add(4),
            lowercase: true,
            ignore_pattern: None,
            num_permutations: NonZeroUsize::MIN.saturating_add(255),
            jaccard_threshold: 0.7,
            num_bands: None,
            num_rows_per_band: None,
            tokenizer_model: None,
        }
    }
}

impl Parameters {
    fn shingler(&self) -> Result<Shingler, BuildError> {
        let shingler = Shingler::new(self.tokenization, self.window_size.get(), self.lowercase, self.ignore_pattern.as_deref())?;
        if self.tokenization != Tokenization::Sentencepiece {
            return Ok(shingler);
        }
        let Some(path) = self.tokenizer_model.as_deref() else {
            let message = "`tokenizer_model` is missing: the tokenization `sentencepiece` needs a model";
            return Err(BuildError::parameter("tokenizer_model", message).hint("name the file of a SentencePiece model"));
        };
        let tokenizer = Tokenizer::shared(Path::new(path)).map_err(|error| {
            let hint = error.hint();
            let message = BuildError::parameter("tokenizer_model", error.to_string());
            hint.map_or_else(|| message.clone(), |hint| message.clone().hint(hint))
        })?;
        Ok(shingler.with_tokenizer(tokenizer))
    }

    /// Bands and rows.
    fn bands(&self) -> Result<(usize, usize), BuildError> {
        let permutations = self.num_permutations.get();
        if permutations > MOST_PERMUTATIONS {
            let message = format!("`num_permutations`: expected at most {MOST_PERMUTATIONS}, got {permutations}");
            return Err(BuildError::parameter("num_permutations", message));
        }
        if !(0.0..=1.0).contains(&self.jaccard_threshold) {
            let message = format!("`jaccard_threshold`: expected a number from 0 to 1, got {}", self.jaccard_threshold);
            return Err(BuildError::parameter("jaccard_threshold", message));
        }
        match (self.num_bands, self.num_rows_per_band) {
            (Some(bands), Some(rows)) => match bands.checked_mul(rows) {
                Some(product) if product.get() <= permutations => Ok((bands.get(), rows.get())),
                _ => {
                    let message = format!("`num_bands`: {bands} bands of {rows} rows need more than {permutations} permutations");
                    Err(BuildError::parameter("num_bands", message).hint("make `num_permutations` their product or more"))
                }
            },
            (None, None) => Ok(optimal_bands(self.jaccard_threshold, permutations)),
            (bands, _) => {
                let (given, missing) =
                    if bands.is_some() { ("num_bands", "num_rows_per_band") } else { ("num_rows_per_band", "num_bands") };
                let message = format!("`{given}` has no effect without `{missing}`");
                Err(BuildError::parameter(given, message).hint("give both, or neither to have them chosen by `jaccard_threshold`"))
            }
        }
    }
}

/// Finds texts that share most of their shingles; see [`ENTRY`].
pub struct MinhashDeduplicator {
    common: Common,
    shingler: Shingler,
    permutations: Permutations,
    bands: usize,
    rows: usize,
}

impl MinhashDeduplicator {
    fn new(entry: &Entry, arguments: &Value) -> Result<Self, BuildError> {
        let Arguments { own: parameters, common, .. } = Arguments::<Parameters>::read(entry, arguments)?;
        let shingler = parameters.shingler()?;
        let (bands, rows) = parameters.bands()?;
        // What no band holds is never looked at.
        Ok(Self { common, shingler, permutations: Permutations::new(bands * rows), bands, rows })
    }

    fn signature(&self, row: &RowView<'_>) -> Result<Option<Vec<u32>>, OpError> {
        let text = row.text()?;
        signature(&self.shingler, &self.permutations, text.text(), text.scratch())
    }
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    Ok(Operator::Deduplicator(Box::new(MinhashDeduplicator::new(&ENTRY, arguments)?)))
}

impl Deduplicator for MinhashDeduplicator {
    fn common(&self) -> &Common {
        &self.common
    }

    fn likeness(&self) -> Likeness {
        Likeness::Bands(self.bands)
    }

    fn fingerprint(&self, row: &RowView<'_>) -> Result<Fingerprint, OpError> {
        Ok(Fingerprint::Bands(match self.signature(row)? {
            Some(minima) => band_hashes(&minima, self.bands, self.rows),
            None => vec![self.shingler.whole(row.text()?.text()); self.bands],
        }))
    }

    /// The bands in hexadecimal digits, with a space between them.
    fn hashes(&self, row: &RowView<'_>, _fingerprint: &Fingerprint) -> Result<Vec<(&'static str, String)>, OpError> {
        let hex = |band: Vec<u8>| band.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
        let Some(minima) = self.signature(row)? else { return Ok(vec![("__dj__minhash", String::new())]) };
        let bands: Vec<String> = band_bytes(&minima, self.bands, self.rows).map(hex).collect();
        Ok(vec![("__dj__minhash", bands.join(" "))])
    }
}

#[cfg(test)]
mod tests;
