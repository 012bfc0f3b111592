//! The three kinds of operator, as traits.
//!
//! An operator only computes: it changes a text, or gives a statistic and says keep or drop, or gives a digest. Reading
//! rows, trusting statistics that are already there, counting, timing and writing belong to whoever runs it.

use std::borrow::Cow;
use std::fmt;

use crate::common::Common;
use crate::error::OpError;
use crate::stat::StatValue;
use crate::text::TextView;

/// What an operator is, by what a run does with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Rewrites a row's text.
    Mapper,
    /// Computes a statistic of a row and keeps the row if the statistic is in range.
    Filter,
    /// Keeps the first row of each group of equal rows.
    Deduplicator,
}

impl Kind {
    /// The word at the end of the operators' names: `mapper`, `filter`, `deduplicator`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mapper => "mapper",
            Self::Filter => "filter",
            Self::Deduplicator => "deduplicator",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An operator built from a recipe's arguments, ready to be used from any number of threads.
pub enum Operator {
    /// Rewrites texts.
    Mapper(Box<dyn Mapper>),
    /// Keeps or drops rows.
    Filter(Box<dyn Filter>),
    /// Finds equal rows.
    Deduplicator(Box<dyn Deduplicator>),
}

impl Operator {
    /// The kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Mapper(_) => Kind::Mapper,
            Self::Filter(_) => Kind::Filter,
            Self::Deduplicator(_) => Kind::Deduplicator,
        }
    }

    /// The arguments that every operator accepts.
    pub fn common(&self) -> &Common {
        match self {
            Self::Mapper(mapper) => mapper.common(),
            Self::Filter(filter) => filter.common(),
            Self::Deduplicator(deduplicator) => deduplicator.common(),
        }
    }
}

impl fmt::Debug for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Operator").field(&self.kind()).field(self.common()).finish()
    }
}

/// Rewrites the text of a row.
pub trait Mapper: Send + Sync {
    /// The arguments that every operator accepts.
    fn common(&self) -> &Common;

    /// The new text. [`Cow::Borrowed`] is the whole of `text`, unchanged; [`Cow::Owned`] is a text that differs.
    ///
    /// # Errors
    /// When this text cannot be worked on; see [`OpError`].
    fn map<'t>(&self, text: &'t str) -> Result<Cow<'t, str>, OpError>;
}

/// Computes a statistic of a row and keeps the row if the statistic is in range.
///
/// The two steps are apart because a run trusts a statistic that a row already has, and an analysis wants it alone.
pub trait Filter: Send + Sync {
    /// The arguments that every operator accepts.
    fn common(&self) -> &Common;

    /// The keys of the statistics under `__dj__stats__`. A filter with several gives a [`StatValue::List`] in their order.
    fn stat_keys(&self) -> &[&'static str];

    /// The statistic of one text.
    ///
    /// # Errors
    /// When this text cannot be worked on; see [`OpError`].
    fn compute(&self, text: &TextView<'_>) -> Result<StatValue, OpError>;

    /// Whether a row with this statistic is kept. The value may also come from the data instead of [`compute`](Self::compute).
    ///
    /// # Errors
    /// When the value is not one that this filter can judge, such as null.
    fn keep(&self, value: &StatValue) -> Result<bool, OpError>;
}

/// Gives each text a digest; of the rows with equal digests the first one is kept.
pub trait Deduplicator: Send + Sync {
    /// The arguments that every operator accepts.
    fn common(&self) -> &Common;

    /// The column in which the original keeps the digest, `__dj__hash` for documents.
    fn hash_key(&self) -> &'static str;

    /// The digest of one text: 128 bits, the first byte highest.
    fn digest(&self, text: &TextView<'_>) -> u128;

    /// A digest as the original writes it into [`hash_key`](Self::hash_key): 32 hexadecimal digits.
    fn hash_text(&self, digest: u128) -> String {
        format!("{digest:032x}")
    }
}
