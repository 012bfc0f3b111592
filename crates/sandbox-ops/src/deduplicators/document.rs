//! `document_deduplicator`: of equal texts the first is kept.

use std::hash::{BuildHasher, RandomState};
use std::sync::OnceLock;

use md5::{Digest, Md5};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use xxhash_rust::xxh3::xxh3_128_with_secret;

use crate::arguments::Arguments;
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Deduplicator, Fingerprint, Kind, Operator};
use crate::registry::{Entry, Parameter};
use crate::row_view::RowView;
use crate::unicode::lower::push_lower;
use crate::unicode::{Classes, REGEX_DIGIT, REGEX_SPACE, classes, strip};

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "document_deduplicator",
    kind: Kind::Deduplicator,
    summary: "Keep the first of equal texts",
    doc: "Texts are equal when their MD5 is: of the text in UTF-8, with white space at both ends taken off, after it was turned \
          to lower case and its white space, digits and ASCII punctuation were deleted, if asked.",
    parameters: &[
        Parameter { name: "lowercase", kind: "true or false", default: "false", doc: "Whether upper and lower case are equal." },
        Parameter {
            name: "ignore_non_character",
            kind: "true or false",
            default: "false",
            doc: "Whether white space, digits and ASCII punctuation are deleted before comparing.",
        },
    ],
    example: "- document_deduplicator:\n    lowercase: true\n\nOne text -> 35f5311619054061454209c660f81574, kept\none text -> the same, dropped",
    stats: &[],
    build,
};

#[derive(Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(super) struct Parameters {
    pub lowercase: bool,
    pub ignore_non_character: bool,
}

impl Parameters {
    /// The MD5 of a row's text.
    pub fn digest(&self, row: &RowView<'_>) -> Result<u128, OpError> {
        self.compared(row, |text| u128::from_be_bytes(Md5::digest(text).into()))
    }

    /// What `hash` makes of the text that is compared.
    fn compared(&self, row: &RowView<'_>, hash: impl FnOnce(&[u8]) -> u128) -> Result<u128, OpError> {
        let text = row.text()?;
        let mut copies = text.scratch().copies.borrow_mut();
        let [lowered, reduced] = &mut *copies;
        let mut text = text.text();
        if self.lowercase {
            lowered.clear();
            push_lower(text, lowered);
            text = lowered;
        }
        if self.ignore_non_character {
            let classes = classes();
            reduced.clear();
            reduced.extend(text.chars().filter(|character| !is_ignored(classes, *character)));
            text = reduced;
        }
        Ok(hash(strip(text).as_bytes()))
    }
}

/// Finds equal texts; see [`ENTRY`].
pub struct DocumentDeduplicator {
    common: Common,
    parameters: Parameters,
}

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    let Arguments { own: parameters, common, .. } = Arguments::read(&ENTRY, arguments)?;
    Ok(Operator::Deduplicator(Box::new(DocumentDeduplicator { common, parameters })))
}

impl Deduplicator for DocumentDeduplicator {
    fn common(&self) -> &Common {
        &self.common
    }

    fn fingerprint(&self, row: &RowView<'_>) -> Result<Fingerprint, OpError> {
        self.parameters.digest(row).map(Fingerprint::Exact)
    }

    fn identity(&self, row: &RowView<'_>) -> Result<Fingerprint, OpError> {
        self.parameters.compared(row, quick_hash).map(Fingerprint::Exact)
    }

    fn hashes(&self, _row: &RowView<'_>, fingerprint: &Fingerprint) -> Result<Vec<(&'static str, String)>, OpError> {
        let Fingerprint::Exact(digest) = fingerprint else { return Ok(Vec::new()) };
        Ok(vec![("__dj__hash", format!("{digest:032x}"))])
    }
}

/// A hash of 128 bits at memory's speed, where MD5 would take most of a run's time.
///
/// Of a billion different texts, two share it with a chance below 2 in 10^21. Its key is drawn anew for every process, so nobody
/// can make texts beforehand that share it; with MD5 that is easy.
fn quick_hash(text: &[u8]) -> u128 {
    static KEY: OnceLock<[u8; 192]> = OnceLock::new();
    let key = KEY.get_or_init(|| {
        let random = RandomState::new();
        let mut key = [0; 192];
        key.as_chunks_mut::<8>().0.iter_mut().enumerate().for_each(|(number, part)| *part = random.hash_one(number).to_le_bytes());
        key
    });
    xxh3_128_with_secret(text, key)
}

fn is_ignored(classes: &Classes, character: char) -> bool {
    character.is_ascii_punctuation() || classes.is(character, REGEX_SPACE | REGEX_DIGIT)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::check_parameters;
    use crate::text::{Scratch, TextView};

    fn hash(arguments: Value, text: &str) -> String {
        let Operator::Deduplicator(deduplicator) = build(&arguments).unwrap() else { panic!() };
        let (mut scratch, empty) = (Scratch::default(), ());
        let text = TextView::new(text, &mut scratch);
        let row = RowView::new(Some(&text), &empty);
        let fingerprint = deduplicator.fingerprint(&row).unwrap();
        deduplicator.hashes(&row, &fingerprint).unwrap().remove(0).1
    }

    #[test]
    fn parameters_are_those_of_the_table() {
        check_parameters::<Parameters>(&ENTRY);
    }

    #[test]
    fn example() {
        let same = hash(json!({"lowercase": true}), "One text");
        assert_eq!(same, hash(json!({"lowercase": true}), "one text"));
        assert!(ENTRY.example.contains(&same), "{same}");
        assert_ne!(hash(json!({}), "One text"), hash(json!({}), "one text"));
    }

    #[test]
    fn identities_are_equal_where_digests_are() {
        let texts =
            ["", " ", "a", "A", "a-b", "ab ", "a b", "x".repeat(1000).as_str(), &"X".repeat(1000), &"x".repeat(1001)].map(str::to_owned);
        for arguments in [json!({}), json!({"lowercase": true}), json!({"lowercase": true, "ignore_non_character": true})] {
            let Operator::Deduplicator(deduplicator) = build(&arguments).unwrap() else { panic!() };
            let both = texts.each_ref().map(|text| {
                let (mut scratch, empty) = (Scratch::default(), ());
                let text = TextView::new(text, &mut scratch);
                let row = RowView::new(Some(&text), &empty);
                [deduplicator.fingerprint(&row).unwrap(), deduplicator.identity(&row).unwrap()]
            });
            for [one, one_identity] in &both {
                for [other, other_identity] in &both {
                    assert_eq!(one == other, one_identity == other_identity, "{arguments}");
                }
            }
        }
    }

    #[test]
    fn white_space_at_the_ends_never_counts() {
        assert_eq!(hash(json!({}), ""), "d41d8cd98f00b204e9800998ecf8427e");
        assert_eq!(hash(json!({}), "\u{1f} \u{a0}"), hash(json!({"ignore_non_character": true}), "1, 2: ٣"));
        assert_eq!(hash(json!({"ignore_non_character": true}), "a-b 1 c。"), hash(json!({}), "abc。"));
    }
}
