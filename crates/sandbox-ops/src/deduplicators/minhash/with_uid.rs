//! `document_minhash_deduplicator_with_uid`: as without, but the row with the smallest `__dj__uid` is kept.

use serde_json::Value;

use super::{MinhashDeduplicator, PARAMETERS};
use crate::common::Common;
use crate::error::{BuildError, OpError};
use crate::operator::{Deduplicator, Fingerprint, Kind, Likeness, Operator};
use crate::registry::Entry;
use crate::row_view::RowView;

/// The field of the numbers.
const UID: &str = "__dj__uid";

/// The operator's words and constructor.
pub static ENTRY: Entry = Entry {
    name: "document_minhash_deduplicator_with_uid",
    kind: Kind::Deduplicator,
    summary: "Keep that of texts sharing most of their shingles whose `__dj__uid` is smallest",
    doc: "As `document_minhash_deduplicator`, but of the texts that are alike the one with the smallest whole number in the field `__dj__uid` \
          is kept, wherever it stands; rows without that field are set aside.",
    parameters: PARAMETERS,
    example: "- document_minhash_deduplicator_with_uid:\n    tokenization: character\n\n{\"text\": \"The quick brown fox jumps over the lazy dog.\", \"__dj__uid\": 7} -> dropped\n{\"text\": \"The quick brown fox jumps over the lazy dog!\", \"__dj__uid\": 3} -> kept",
    stats: &[],
    build,
};

/// Finds texts that share most of their shingles; see [`ENTRY`].
pub struct MinhashDeduplicatorWithUid(MinhashDeduplicator);

fn build(arguments: &Value) -> Result<Operator, BuildError> {
    MinhashDeduplicator::new(&ENTRY, arguments).map(|plain| Operator::Deduplicator(Box::new(MinhashDeduplicatorWithUid(plain))))
}

impl Deduplicator for MinhashDeduplicatorWithUid {
    fn common(&self) -> &Common {
        self.0.common()
    }

    fn likeness(&self) -> Likeness {
        self.0.likeness()
    }

    fn fingerprint(&self, row: &RowView<'_>) -> Result<Fingerprint, OpError> {
        self.0.fingerprint(row)
    }

    fn hashes(&self, row: &RowView<'_>, fingerprint: &Fingerprint) -> Result<Vec<(&'static str, String)>, OpError> {
        self.0.hashes(row, fingerprint)
    }

    fn rank(&self, row: &RowView<'_>) -> Result<Option<i64>, OpError> {
        let found = row.json(UID);
        match found.as_deref().map(|json| json.trim().parse()) {
            Some(Ok(uid)) => Ok(Some(uid)),
            _ => {
                let found = found.map_or_else(|| "nothing".to_owned(), |json| json.chars().take(40).collect());
                Err(OpError::Row(format!("field `{UID}`: expected a whole number, got {found}")))
            }
        }
    }
}
