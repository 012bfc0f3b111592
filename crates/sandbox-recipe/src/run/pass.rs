//! A stage of a recipe made ready for one pass over its rows: which fields, which statistics, which operators in which order.

use std::ops::Range;
use std::path::PathBuf;

use sandbox_ops::{Deduplicator, Filter, Grouper, Mapper, Operator, Selector, Splitter, Tagger, Ungrouper};

use super::keep::Keep;
use super::layout::Layout;
use super::reason::Reasons;
use super::trace::Tracer;
use crate::config::Recipe;

/// What the rows go through.
pub(super) struct Pass<'r> {
    /// The text fields of the recipe; an operator names one by its index.
    pub(super) fields: &'r [String],
    /// Which of `fields` are looked at in this pass.
    pub(super) looked_at: Vec<bool>,
    /// How many of `fields`, from the first, may be null: such rows are left out at load.
    pub(super) optional: usize,
    /// Where each statistic stands.
    pub(super) layout: &'r Layout,
    /// All fields in which rows may get their numbers.
    pub(super) index_keys: &'r [String],
    /// Those in which rows get their numbers in this pass.
    pub(super) index: Vec<String>,
    /// The operators in the order of the recipe.
    pub(super) operators: Vec<Placed<'r>>,
    /// What is gathered of each row for the barrier behind the pass.
    pub(super) tail: Option<(usize, Tail<'r>)>,
    /// Whether filters judge; an analysis only computes.
    pub(super) judging: bool,
    /// Where the rows come from.
    pub(super) source: Source,
    /// What the rows look like when they are written.
    pub(super) output: Output,
    /// The fields that hold paths of media; relative ones are below the folder.
    pub(super) media: Option<(PathBuf, [&'r str; 3])>,
    /// Whether rows carry their deduplicators' columns to the export.
    pub(super) keeps_hashes: bool,
    /// The text field of the operator behind the pass, if it looks at one.
    pub(super) tail_field: Option<usize>,
    /// Whether rows become values of lists behind the pass.
    pub(super) regroups: bool,
    /// Who notes what operators did to some rows.
    pub(super) tracer: Option<&'r Tracer>,
}

/// Where a pass has its rows from.
pub(super) enum Source {
    /// The recipe's files.
    Files,
    /// What an earlier pass wrote; of these rows only some when a barrier dropped others.
    Spool(Option<Keep>),
}

/// One operator with what it works on.
pub(super) struct Placed<'r> {
    /// Its place in the recipe.
    pub(super) step: usize,
    /// Index into [`Pass::fields`].
    pub(super) field: usize,
    /// Whether it looks at the text.
    pub(super) reads_text: bool,
    /// Whether the rows go to a file with the statistics so far.
    pub(super) exports_stats: bool,
    pub(super) work: Work<'r>,
}

pub(super) enum Work<'r> {
    Mapper(&'r dyn Mapper),
    Splitter(&'r dyn Splitter),
    Tagger(&'r dyn Tagger),
    Filter { filter: &'r dyn Filter, slots: Range<usize>, reasons: Reasons },
    Deduplicator(&'r dyn Deduplicator),
    Ungrouper(&'r dyn Ungrouper),
}

/// What the operator behind a pass asks of each row.
pub(super) enum Tail<'r> {
    Deduplicator(&'r dyn Deduplicator),
    Selector(&'r dyn Selector),
    Grouper(&'r dyn Grouper),
}

/// What is written of a row that is kept.
#[derive(Clone, Copy)]
pub(super) struct Output {
    /// The row goes on to another pass, with its luggage.
    pub(super) spool: bool,
    /// The row itself.
    pub(super) rows: bool,
    /// `__dj__stats__` and `__dj__meta__` inside the row.
    pub(super) stats_in_rows: bool,
    /// The deduplicators' digests inside the row.
    pub(super) hashes_in_rows: bool,
    /// Decimals of statistics; `None` keeps all digits.
    pub(super) decimals: Option<usize>,
}

/// The text fields of a recipe: its `text_keys`, and those that operators name.
pub(super) fn fields(recipe: &Recipe) -> Vec<String> {
    let mut fields = recipe.text_keys.clone();
    for step in &recipe.process {
        let name = step.operator.common().text_key.as_deref().unwrap_or(&recipe.text_key);
        if !fields.iter().any(|field| field == name) {
            fields.push(name.to_owned());
        }
    }
    fields
}

/// The fields in which rows may get their numbers.
pub(super) fn index_keys(recipe: &Recipe) -> Vec<String> {
    let mut keys: Vec<String> = recipe.process.iter().filter_map(|step| step.operator.common().index_key.clone()).collect();
    keys.sort_unstable();
    keys.dedup();
    keys
}

impl<'r> Placed<'r> {
    /// What a statistic was computed from when it was no single text.
    pub(super) const WHOLE_ROW: usize = usize::MAX;

    /// What a filter computes its statistics from: a field, or the whole row.
    pub(super) fn origin(&self) -> usize {
        if self.reads_text { self.field } else { Self::WHOLE_ROW }
    }

    /// The operator at a place of the recipe; `None` for one that is no part of a pass.
    pub(super) fn new(recipe: &'r Recipe, fields: &[String], layout: &Layout, index: usize) -> Option<Self> {
        let step = &recipe.process[index];
        let work = match &step.operator {
            Operator::Mapper(mapper) => Work::Mapper(mapper.as_ref()),
            Operator::Splitter(splitter) => Work::Splitter(splitter.as_ref()),
            Operator::Tagger(tagger) => Work::Tagger(tagger.as_ref()),
            Operator::Filter(filter) => Work::Filter { filter: filter.as_ref(), slots: layout.slots(index), reasons: Reasons::of(step) },
            Operator::Deduplicator(deduplicator) => Work::Deduplicator(deduplicator.as_ref()),
            Operator::Ungrouper(ungrouper) => Work::Ungrouper(ungrouper.as_ref()),
            Operator::Selector(_) | Operator::Grouper(_) | Operator::External(_) | Operator::Prompts(_) | Operator::Elsewhere(_) => {
                return None;
            }
        };
        Some(Self {
            step: index,
            field: field_of(recipe, fields, index),
            reads_text: step.operator.reads_text(),
            exports_stats: recipe.stats_exports().contains_key(&index),
            work,
        })
    }
}

/// The text field of an operator, as an index into the recipe's.
pub(super) fn field_of(recipe: &Recipe, fields: &[String], index: usize) -> usize {
    let name = recipe.process[index].operator.common().text_key.as_deref().unwrap_or(&recipe.text_key);
    fields.iter().position(|field| field == name).unwrap_or(0)
}

impl<'r> Tail<'r> {
    pub(super) fn new(operator: &'r Operator) -> Option<Self> {
        match operator {
            Operator::Deduplicator(deduplicator) => Some(Self::Deduplicator(deduplicator.as_ref())),
            Operator::Selector(selector) => Some(Self::Selector(selector.as_ref())),
            Operator::Grouper(grouper) => Some(Self::Grouper(grouper.as_ref())),
            _ => None,
        }
    }
}

impl Pass<'_> {
    /// The exact deduplicators in order, by their places in the recipe.
    pub(super) fn deduplicators(&self) -> impl Iterator<Item = usize> {
        self.operators.iter().filter(|placed| matches!(placed.work, Work::Deduplicator(_))).map(|placed| placed.step)
    }
}
