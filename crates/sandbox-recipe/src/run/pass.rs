//! A recipe made ready for one pass over the rows: which fields, which statistics, which operators in which order.

use sandbox_ops::{Deduplicator, Filter, Mapper, Operator};

use super::reason::Reasons;
use crate::config::{Recipe, Step};

/// What the rows go through.
pub(super) struct Pass<'r> {
    /// The text fields that are looked at; an operator names one by its index.
    pub(super) fields: Vec<&'r str>,
    /// How many of `fields`, from the first, may be null: such rows are left out at load. Null in the others is an error.
    pub(super) optional: usize,
    /// The statistics' keys in order of name.
    pub(super) keys: Vec<String>,
    /// The operators in the order of the recipe.
    pub(super) operators: Vec<Placed<'r>>,
    /// Whether filters judge; an analysis only computes.
    pub(super) judging: bool,
    /// What the rows look like when they are written.
    pub(super) output: Output,
}

/// One operator with what it works on.
pub(super) struct Placed<'r> {
    /// Index into [`Pass::fields`].
    pub(super) field: usize,
    pub(super) work: Work<'r>,
}

pub(super) enum Work<'r> {
    Mapper(&'r dyn Mapper),
    Filter { filter: &'r dyn Filter, key: usize, reasons: Reasons },
    Deduplicator(&'r dyn Deduplicator),
    None,
}

/// What is written of a row that is kept.
pub(super) struct Output {
    /// The row itself.
    pub(super) rows: bool,
    /// `__dj__stats__` and `__dj__meta__` inside the row.
    pub(super) stats_in_rows: bool,
    /// The deduplicators' digests inside the row.
    pub(super) hashes_in_rows: bool,
    /// Decimals of statistics; `None` keeps all digits.
    pub(super) decimals: Option<usize>,
}

impl<'r> Pass<'r> {
    /// All operators, judging.
    pub(super) fn process(recipe: &'r Recipe) -> Self {
        let output =
            Output { rows: true, stats_in_rows: recipe.keep_stats, hashes_in_rows: recipe.keep_hashes, decimals: recipe.float_decimals };
        Self::new(recipe, recipe.process.iter(), true, output)
    }

    /// The statistics of the filters alone, over unchanged rows.
    pub(super) fn analyze(recipe: &'r Recipe) -> Self {
        let output =
            Output { rows: recipe.export_original_dataset, stats_in_rows: true, hashes_in_rows: false, decimals: recipe.float_decimals };
        let filters = recipe.process.iter().filter(|step| matches!(step.operator, Operator::Filter(_)));
        Self::new(recipe, filters, false, output)
    }

    fn new(recipe: &'r Recipe, steps: impl Iterator<Item = &'r Step> + Clone, judging: bool, output: Output) -> Self {
        let mut fields: Vec<&str> = recipe.text_keys.iter().map(String::as_str).collect();
        let optional = fields.len();
        let mut keys: Vec<String> = steps.clone().filter_map(|step| stat_key(&step.operator)).collect();
        keys.sort_unstable();
        keys.dedup();
        let operators = steps
            .map(|step| {
                let name = step.operator.common().text_key.as_deref().unwrap_or(&recipe.text_key);
                let field = fields.iter().position(|field| *field == name).unwrap_or_else(|| {
                    fields.push(name);
                    fields.len() - 1
                });
                let work = match &step.operator {
                    Operator::Mapper(mapper) => Work::Mapper(mapper.as_ref()),
                    Operator::Filter(filter) => {
                        let key = keys.iter().position(|key| Some(key) == stat_key(&step.operator).as_ref()).unwrap_or(0);
                        Work::Filter { filter: filter.as_ref(), key, reasons: Reasons::of(step) }
                    }
                    Operator::Deduplicator(deduplicator) => Work::Deduplicator(deduplicator.as_ref()),
                    _ => Work::None,
                };
                Placed { field, work }
            })
            .collect();
        Self { fields, optional, keys, operators, judging, output }
    }

    /// The deduplicators in order, with their places among the operators.
    pub(super) fn deduplicators(&self) -> impl Iterator<Item = usize> {
        self.operators.iter().enumerate().filter(|(_, placed)| matches!(placed.work, Work::Deduplicator(_))).map(|(index, _)| index)
    }
}

fn stat_key(operator: &Operator) -> Option<String> {
    match operator {
        Operator::Filter(filter) => filter.stat_keys().first().map(|key| key.clone().into_owned()),
        _ => None,
    }
}
