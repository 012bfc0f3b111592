//! `document_simhash_deduplicator`: of texts whose 64-bit fingerprints differ in few bits the first is kept.

use std::num::NonZeroUsize;

use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::deduplicators::shingles::{Shingler, Tokenization};
use crate::error::{BuildError, OpError};
use crate::operator::{Deduplicator, Fingerprint, Kind, Likeness, Operator};
use crate::registry::{Entry, Parameter};
use crate::row_view::RowView;
use crate::text::Scratch;

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "document_simhash_deduplicator",
    kind: Kind::Deduplicator,
    summary: "Keep the first of texts whose SimHash differs in few bits",
    doc: "A text is cut into windows of consecutive words or characters. Each window is hashed to 64 bits; a bit of the text's \
          fingerprint is set when more than half of its windows' hashes have it. Texts whose fingerprints differ in at most \
          `hamming_distance` bits are alike, and likeness passes on. Of the texts that are alike the first is kept.\n\nA text \
          shorter than a window is like those equal to it and no others.",
    parameters: &[
        Parameter {
            name: "tokenization",
            kind: "space, punctuation or character",
            default: "\"space\"",
            doc: "What texts are cut into: words between spaces (line breaks and tabs do not separate), what stands between characters of punctuation, or characters.",
        },
        Parameter { name: "window_size", kind: "whole number from 1 on", default: "6", doc: "How many of them make a shingle." },
        Parameter { name: "lowercase", kind: "true or false", default: "true", doc: "Whether upper and lower case are equal." },
        Parameter {
            name: "ignore_pattern",
            kind: "text or null",
            default: "null",
            doc: "Regular expression; what it matches is deleted first, after turning to lower case.",
        },
        Parameter {
            name: "num_blocks",
            kind: "whole number up to 64",
            default: "6",
            doc: "More than `hamming_distance`. The original looks candidates up by so many blocks; it has no effect on the result.",
        },
        Parameter { name: "hamming_distance", kind: "whole number from 0 on", default: "4", doc: "How many of the 64 bits may differ." },
    ],
    example: "- document_simhash_deduplicator:\n    tokenization: character\n    window_size: 3\n\nThe quick brown fox jumps over the lazy dog. -> kept\nTHE quick brown fox jumps over the lazy dog. -> dropped\n!! -> kept: it is shorter than the window",
    stats: &[],
    build,
};

#[derive(Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Parameters {
    tokenization: Tokenization,
    window_size: NonZeroUsize,
    lowercase: bool,
    ignore_pattern: Option<String>,
    num_blocks: u32,
    hamming_distance: u32,
}

impl Default for Parameters {
    fn default() -> Self {
        Self {
            tokenization: Tokenization::Space,
            window_size: NonZeroUsize::MIN.saturating_add(5),
            lowercase: true,
            ignore_pattern: None,
            num_blocks: 6,
            hamming_distance: 4,
        }
    }
}

/// Finds texts with near fingerprints; see [`ENTRY`].
pub struct SimhashDeduplicator {
    common: Common,
    shingler: Shingler,
    distance: u32,
    blocks: u32,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own, common, .. } = Arguments::<Parameters>::read(&ENTRY, arguments)?;
    let (blocks, distance) = (own.num_blocks, own.hamming_distance);
    if own.tokenization == Tokenization::Sentencepiece {
        let message = "`tokenization`: expected `space`, `punctuation` or `character`, got `sentencepiece`";
        return Err(BuildError::parameter("tokenization", message));
    }
    if blocks <= distance || blocks > 64 {
        let message = format!("`num_blocks`: expected a number above `hamming_distance` ({distance}) and up to 64, got {blocks}");
        return Err(BuildError::parameter("num_blocks", message));
    }
    let shingler = Shingler::new(own.tokenization, own.window_size.get(), own.lowercase, own.ignore_pattern.as_deref())?;
    Ok(Operator::Deduplicator(Box::new(SimhashDeduplicator { common, shingler, distance, blocks })))
}

impl Deduplicator for SimhashDeduplicator {
    fn common(&self) -> &Common {
        &self.common
    }

    fn likeness(&self) -> Likeness {
        Likeness::Near { distance: self.distance, blocks: self.blocks }
    }

    fn fingerprint(&self, row: &RowView<'_>) -> Result<Fingerprint, OpError> {
        let text = row.text()?;
        let hash = simhash(&self.shingler, text.text(), text.scratch())?;
        Ok(Fingerprint::Near(hash.unwrap_or_else(|| self.shingler.whole(text.text()))))
    }

    /// A decimal number; 0 for a text shorter than a window.
    fn hashes(&self, row: &RowView<'_>, _fingerprint: &Fingerprint) -> Result<Vec<(&'static str, String)>, OpError> {
        let text = row.text()?;
        let hash = simhash(&self.shingler, text.text(), text.scratch())?;
        Ok(vec![("__dj__simhash", hash.unwrap_or(0).to_string())])
    }
}

/// The fingerprint of a text; none when it has no shingle.
///
/// # Errors
/// When the text cannot be cut into shingles.
pub fn simhash(shingler: &Shingler, text: &str, scratch: &Scratch) -> Result<Option<u64>, OpError> {
    let mut majority = Majority::default();
    shingler.each(text, scratch, |shingle| majority.add(hash64(shingle)))?;
    Ok(majority.bits())
}

/// The first eight bytes of MD5, the highest first.
fn hash64(bytes: &[u8]) -> u64 {
    let digest: [u8; 16] = Md5::digest(bytes).into();
    (u128::from_be_bytes(digest) >> 64) as u64
}

/// Counts the ones of each bit, all 64 at a time: plane `p` holds bit `p` of each count.
#[derive(Default)]
struct Majority {
    planes: [u64; 8],
    in_planes: u32,
    ones: Vec<u64>,
    hashes: u64,
}

impl Majority {
    fn add(&mut self, hash: u64) {
        let mut carry = hash;
        for plane in &mut self.planes {
            (*plane, carry) = (*plane ^ carry, *plane & carry);
            if carry == 0 {
                break;
            }
        }
        self.hashes += 1;
        self.in_planes += 1;
        if self.in_planes == 255 {
            self.empty_planes();
        }
    }

    fn empty_planes(&mut self) {
        self.ones.resize(64, 0);
        for (weight, plane) in self.planes.iter().enumerate() {
            for (bit, ones) in self.ones.iter_mut().enumerate() {
                *ones += (plane >> bit & 1) << weight;
            }
        }
        self.planes = [0; 8];
        self.in_planes = 0;
    }

    /// The bits with strictly more ones than zeros.
    fn bits(mut self) -> Option<u64> {
        self.empty_planes();
        let set = |(bit, ones): (usize, &u64)| u64::from(2 * ones > self.hashes) << bit;
        (self.hashes > 0).then(|| self.ones.iter().enumerate().map(set).sum())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::testing::check_parameters;
    use crate::text::TextView;

    fn fingerprint(arguments: Value, text: &str) -> Fingerprint {
        let Operator::Deduplicator(deduplicator) = build(&arguments).unwrap() else { panic!() };
        deduplicator.fingerprint(&RowView::of_text(&TextView::new(text, &mut Scratch::default()))).unwrap()
    }

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
    }

    #[test]
    fn example() {
        let arguments = || json!({"tokenization": "character", "window_size": 3});
        let first = fingerprint(arguments(), "The quick brown fox jumps over the lazy dog.");
        assert_eq!(first, fingerprint(arguments(), "THE quick brown fox jumps over the lazy dog."));
        assert!(matches!(first, Fingerprint::Near(_)));
        assert_eq!(fingerprint(arguments(), "!"), fingerprint(arguments(), "! "));
        assert_ne!(fingerprint(arguments(), "!!"), fingerprint(arguments(), "!?"));
    }

    #[test]
    fn parameters_that_do_not_fit() {
        for (arguments, parameter) in [
            (json!({"num_blocks": 4}), "num_blocks"),
            (json!({"num_blocks": 65}), "num_blocks"),
            (json!({"hamming_distance": 6}), "num_blocks"),
            (json!({"hamming_distance": -1}), "hamming_distance"),
            (json!({"window_size": 0}), "window_size"),
            (json!({"tokenization": "sentencepiece"}), "tokenization"),
            (json!({"ignore_pattern": "["}), "ignore_pattern"),
        ] {
            assert_eq!(build(&arguments).unwrap_err().path.to_string(), parameter, "{arguments}");
        }
    }

    proptest! {
        #[test]
        fn majority_as_defined(few in prop::collection::vec(any::<u64>(), 0..40), repeat in 1..20_usize) {
            let mut majority = Majority::default();
            let hashes: Vec<u64> = few.iter().copied().cycle().take(few.len() * repeat).collect();
            hashes.iter().for_each(|hash| majority.add(*hash));
            let ones = |bit: u32| hashes.iter().filter(|hash| *hash >> bit & 1 == 1).count();
            let expected = (0..64).map(|bit| u64::from(2 * ones(bit) > hashes.len()) << bit).sum();
            prop_assert_eq!(majority.bits(), (!hashes.is_empty()).then_some(expected));
        }
    }
}
