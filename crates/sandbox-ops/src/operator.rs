//! The kinds of operator, as traits.
//!
//! An operator only computes: it changes a text, gives a statistic and says keep or drop, gives a fingerprint, or chooses
//! among all rows. Reading rows, trusting statistics that are already there, counting, timing and writing belong to
//! whoever runs it.

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use crate::common::Common;
use crate::elsewhere::Elsewhere;
use crate::error::OpError;
use crate::external::{Answers, External};
use crate::prompts::Prompts;
use crate::row_view::RowView;
use crate::stat::{StatValue, Stats};

/// What an operator is, by the word at the end of its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Rewrites a row's text.
    Mapper,
    /// Computes a statistic of a row and keeps the row if the statistic is in range.
    Filter,
    /// Keeps the first row of each group of equal rows.
    Deduplicator,
    /// Chooses among all rows.
    Selector,
    /// Makes one row of several, or several of one.
    Grouper,
}

impl Kind {
    /// The word at the end of the operators' names: `mapper`, `filter`, `deduplicator`, `selector`, `grouper`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mapper => "mapper",
            Self::Filter => "filter",
            Self::Deduplicator => "deduplicator",
            Self::Selector => "selector",
            Self::Grouper => "grouper",
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
    /// Makes several rows of one by cutting its text.
    Splitter(Box<dyn Splitter>),
    /// Notes what it finds in a text under `__dj__meta__`.
    Tagger(Box<dyn Tagger>),
    /// Keeps or drops rows.
    Filter(Box<dyn Filter>),
    /// Finds equal rows.
    Deduplicator(Box<dyn Deduplicator>),
    /// Chooses among all rows.
    Selector(Box<dyn Selector>),
    /// Makes one row of all rows with the same key.
    Grouper(Box<dyn Grouper>),
    /// Makes several rows of one whose fields are lists.
    Ungrouper(Box<dyn Ungrouper>),
    /// A program of the user's.
    External(External),
    /// A model that writes new prompts.
    Prompts(Box<Prompts>),
    /// An operator that Data-Juicer runs.
    Elsewhere(Elsewhere),
}

impl Operator {
    /// The kind.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Mapper(_) | Self::Splitter(_) | Self::Tagger(_) | Self::Prompts(_) => Kind::Mapper,
            Self::Filter(_) => Kind::Filter,
            Self::Deduplicator(_) => Kind::Deduplicator,
            Self::Selector(_) => Kind::Selector,
            Self::Grouper(_) | Self::Ungrouper(_) => Kind::Grouper,
            Self::External(external) => match external.answers {
                Answers::Rows => Kind::Mapper,
                Answers::Verdicts => Kind::Filter,
            },
            Self::Elsewhere(elsewhere) => elsewhere.kind,
        }
    }

    /// The arguments that every operator accepts.
    pub fn common(&self) -> &Common {
        match self {
            Self::Mapper(mapper) => mapper.common(),
            Self::Splitter(splitter) => splitter.common(),
            Self::Tagger(tagger) => tagger.common(),
            Self::Filter(filter) => filter.common(),
            Self::Deduplicator(deduplicator) => deduplicator.common(),
            Self::Selector(selector) => selector.common(),
            Self::Grouper(grouper) => grouper.common(),
            Self::Ungrouper(ungrouper) => ungrouper.common(),
            Self::External(external) => &external.common,
            Self::Prompts(prompts) => &prompts.common,
            Self::Elsewhere(elsewhere) => &elsewhere.common,
        }
    }

    /// Whether it looks at the text, so that a row without one cannot pass it.
    pub fn reads_text(&self) -> bool {
        match self {
            Self::Mapper(_) | Self::Splitter(_) | Self::Tagger(_) => true,
            Self::Filter(filter) => filter.reads_text(),
            Self::Deduplicator(deduplicator) => deduplicator.reads_text(),
            Self::Selector(_) | Self::Grouper(_) | Self::Ungrouper(_) | Self::External(_) | Self::Prompts(_) | Self::Elsewhere(_) => false,
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

/// Cuts the text of a row into several; every piece becomes a row with the other fields repeated.
pub trait Splitter: Send + Sync {
    /// The arguments that every operator accepts.
    fn common(&self) -> &Common;

    /// The pieces in order; none takes the row away.
    ///
    /// # Errors
    /// When this text cannot be worked on; see [`OpError`].
    fn split<'t>(&self, text: &'t str) -> Result<Vec<Cow<'t, str>>, OpError>;
}

/// Notes what it finds in a text under a key of `__dj__meta__`; the text stays. A row that has the key already is left alone.
pub trait Tagger: Send + Sync {
    /// The arguments that every operator accepts.
    fn common(&self) -> &Common;

    /// The key under `__dj__meta__`.
    fn meta_key(&self) -> &str;

    /// The value for one text.
    ///
    /// # Errors
    /// When this text cannot be worked on; see [`OpError`].
    fn tag(&self, text: &str) -> Result<Value, OpError>;
}

/// Computes statistics of a row and keeps the row if they are in range.
///
/// The two steps are apart because a run trusts statistics that a row already has, and an analysis wants them alone.
pub trait Filter: Send + Sync {
    /// The arguments that every operator accepts.
    fn common(&self) -> &Common;

    /// The keys of the statistics under `__dj__stats__`, in the order in which [`compute`](Self::compute) gives them. A
    /// filter without any judges by the row alone.
    fn stat_keys(&self) -> Vec<Cow<'static, str>>;

    /// The statistics of one row, one per key.
    ///
    /// # Errors
    /// When this row cannot be worked on; see [`OpError`].
    fn compute(&self, row: &RowView<'_>) -> Result<Stats, OpError>;

    /// Whether a row with these statistics, one per key, is kept. They may also come from the data instead of
    /// [`compute`](Self::compute).
    ///
    /// # Errors
    /// When a value is not one that this filter can judge, such as null.
    fn keep(&self, values: &[StatValue]) -> Result<bool, OpError>;

    /// Whether it looks at the text.
    fn reads_text(&self) -> bool {
        true
    }
}

/// How a deduplicator's fingerprints are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Likeness {
    /// Rows are equal when their fingerprints are.
    Equal,
    /// Rows are alike when they have one of this many bands in common; likeness passes on.
    Bands(usize),
    /// Rows are alike when their fingerprints differ in at most so many bits; likeness passes on.
    Near {
        /// The most bits.
        distance: u32,
        /// How many blocks the original looks candidates up by; more than `distance`, at most 64.
        blocks: u32,
    },
}

/// What a deduplicator compares rows by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fingerprint {
    /// Like no other row, such as a text too short for a single shingle.
    Unique,
    /// 128 bits, the first byte highest.
    Exact(u128),
    /// A hash per band.
    Bands(Vec<u64>),
    /// 64 bits of which some may differ.
    Near(u64),
}

/// Gives each row a fingerprint; of the rows that are alike the first one is kept.
pub trait Deduplicator: Send + Sync {
    /// The arguments that every operator accepts.
    fn common(&self) -> &Common;

    /// How fingerprints are compared.
    fn likeness(&self) -> Likeness {
        Likeness::Equal
    }

    /// The fingerprint of one row: of the form that [`likeness`](Self::likeness) compares, or [`Fingerprint::Unique`].
    ///
    /// # Errors
    /// When this row cannot be worked on; see [`OpError`].
    fn fingerprint(&self, row: &RowView<'_>) -> Result<Fingerprint, OpError>;

    /// What tells rows apart within one run when nobody will see the fingerprint: rows are alike as their fingerprints are. It may
    /// be quicker to find, and another one in the next run.
    ///
    /// # Errors
    /// As for [`fingerprint`](Self::fingerprint).
    fn identity(&self, row: &RowView<'_>) -> Result<Fingerprint, OpError> {
        self.fingerprint(row)
    }

    /// The columns in which the original keeps the fingerprint, with its text, for rows exported with their hashes.
    ///
    /// # Errors
    /// As for [`fingerprint`](Self::fingerprint).
    fn hashes(&self, row: &RowView<'_>, fingerprint: &Fingerprint) -> Result<Vec<(&'static str, String)>, OpError>;

    /// What decides which of the rows that are alike is kept, when it is not their order: the smallest.
    ///
    /// # Errors
    /// A row without it.
    fn rank(&self, _row: &RowView<'_>) -> Result<Option<i64>, OpError> {
        Ok(None)
    }

    /// Whether it looks at the text.
    fn reads_text(&self) -> bool {
        true
    }
}

/// What a selector chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// All rows in their order.
    All,
    /// These rows, by their numbers from 0 on, in this order; a row may be there several times.
    Rows(Vec<u64>),
}

/// Chooses among all rows.
pub trait Selector: Send + Sync {
    /// The arguments that every operator accepts.
    fn common(&self) -> &Common;

    /// The field by which it chooses, which may have dots; `None` when only the number of rows matters.
    fn field(&self) -> Option<&str>;

    /// The rows that are chosen. `values` are those of [`field`](Self::field), one per row, `None` where it is missing; empty
    /// without a field.
    ///
    /// # Errors
    /// Values that cannot be compared.
    fn select(&self, rows: u64, values: &[Option<Value>]) -> Result<Selection, OpError>;
}

/// Makes one row of all rows with the same key: every field becomes the list of their values, null where a row lacks it.
pub trait Grouper: Send + Sync {
    /// The arguments that every operator accepts.
    fn common(&self) -> &Common;

    /// The key of a row; rows with the same key become one, in order of first appearance.
    ///
    /// # Errors
    /// When this row cannot be worked on; see [`OpError`].
    fn key(&self, row: &RowView<'_>) -> Result<String, OpError>;
}

/// Rows made of one.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Ungrouped {
    /// The rows in order.
    pub rows: Vec<serde_json::Map<String, Value>>,
    /// What belongs to the group as a whole: `__dj__batch_meta__`.
    pub batch_meta: Option<Value>,
}

/// Makes several rows of one whose fields are lists.
pub trait Ungrouper: Send + Sync {
    /// The arguments that every operator accepts.
    fn common(&self) -> &Common;

    /// The rows that a row becomes.
    ///
    /// # Errors
    /// Fields that are no lists of one length.
    fn ungroup(&self, row: &serde_json::Map<String, Value>) -> Result<Ungrouped, OpError>;

    /// Where the groups' `__dj__batch_meta__` goes, one a line.
    fn batch_meta_path(&self) -> Option<&str>;
}
