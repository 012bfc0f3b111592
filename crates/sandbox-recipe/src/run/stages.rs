//! A recipe cut where all rows must be known before any can go on.
//!
//! Filters, mappers and exact deduplicators take rows one after the other: a *pass*. Selectors, groupers and deduplicators
//! that compare similar rows need what a pass gathered from all rows: a *barrier*. A recipe is passes with barriers
//! between them; most recipes are one pass.

use sandbox_ops::{Likeness, Operator};

use crate::config::Step;

/// One pass and the barrier that ends it, as places in the recipe's list of operators.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Stage {
    /// The operators of the pass.
    pub(super) steps: Vec<usize>,
    /// The operator for which the rows wait behind it; none at the end of the recipe.
    pub(super) barrier: Option<usize>,
    /// More operators of the same barrier: what runs in Data-Juicer runs there together.
    pub(super) joined: Vec<usize>,
    /// Fields in which the rows get their numbers first.
    pub(super) index: Vec<String>,
    /// Whether rows wait although no operator needs it: what follows would be counted wrongly otherwise.
    pub(super) pause: bool,
}

impl Stage {
    fn is_elsewhere(&self, steps: &[Step]) -> bool {
        self.barrier.and_then(|step| steps.get(step)).is_some_and(|step| matches!(step.operator, Operator::Elsewhere(_)))
    }
}

/// The one pass of an analysis, behind one more if rows are numbered for it.
pub(super) fn of_analysis(recipe: &[Step]) -> Vec<Stage> {
    let computes = |operator: &Operator| matches!(operator, Operator::Filter(_) | Operator::Tagger(_));
    let steps: Vec<usize> = recipe.iter().enumerate().filter(|(_, step)| computes(&step.operator)).map(|(index, _)| index).collect();
    let mut index: Vec<String> = steps.iter().filter_map(|step| recipe.get(*step)?.operator.common().index_key.clone()).collect();
    index.sort_unstable();
    index.dedup();
    let before = (!index.is_empty()).then(|| Stage { pause: true, ..Stage::default() });
    before.into_iter().chain([Stage { steps, index, ..Stage::default() }]).collect()
}

/// Cuts a recipe. With `spill`, exact deduplicators are barriers too: their digests may then lie on disk.
pub(super) fn stages(steps: &[Step], spill: bool) -> Vec<Stage> {
    let mut stages = Vec::new();
    let mut open = Vec::new();
    let mut has_digests = false;
    let mut numbered: Vec<&str> = Vec::new();
    let mut index_of_next = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        // Only where all threads come together is it known how many rows stand before one.
        if let Some(key) = step.operator.common().index_key.as_deref().filter(|key| !numbered.contains(key)) {
            numbered.push(key);
            let index = std::mem::replace(&mut index_of_next, vec![key.to_owned()]);
            stages.push(Stage { steps: std::mem::take(&mut open), index, pause: true, ..Stage::default() });
            has_digests = false;
        }
        let is_barrier = match &step.operator {
            Operator::Deduplicator(deduplicator) => spill || deduplicator.likeness() != Likeness::Equal,
            Operator::Selector(_) | Operator::Grouper(_) | Operator::External(_) | Operator::Prompts(_) | Operator::Elsewhere(_) => true,
            _ => false,
        };
        // Whether a row is a duplicate is known where the threads come together; only one row can be judged there.
        let multiplies = matches!(step.operator, Operator::Splitter(_) | Operator::Ungrouper(_));
        let is_elsewhere = matches!(step.operator, Operator::Elsewhere(_));
        let before = stages.last_mut().filter(|stage: &&mut Stage| open.is_empty() && stage.is_elsewhere(steps));
        if let (true, Some(before)) = (is_elsewhere, before) {
            before.joined.push(index);
            continue;
        }
        if is_barrier || (multiplies && has_digests) {
            let barrier = is_barrier.then_some(index);
            let index = std::mem::take(&mut index_of_next);
            stages.push(Stage { steps: std::mem::take(&mut open), barrier, index, pause: barrier.is_none(), ..Stage::default() });
            has_digests = false;
            if is_barrier {
                continue;
            }
        }
        has_digests |= matches!(step.operator, Operator::Deduplicator(_));
        open.push(index);
    }
    stages.push(Stage { steps: open, index: index_of_next, ..Stage::default() });
    stages
}
