//! A recipe cut where all rows must be known before any can go on.
//!
//! Filters, mappers and exact deduplicators take rows one after the other: a *pass*. Selectors, groupers and deduplicators
//! that compare similar rows need what a pass gathered from all rows: a *barrier*. A recipe is passes with barriers
//! between them; most recipes are one pass.

use sandbox_ops::{Likeness, Operator};

use crate::config::Step;

/// One pass and the barrier that ends it, as places in the recipe's list of operators.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stage {
    /// The operators of the pass.
    pub(super) steps: Vec<usize>,
    /// The operator for which the rows wait behind it; none at the end of the recipe.
    pub(super) barrier: Option<usize>,
    /// Whether rows wait although no operator needs it: what follows would be counted wrongly otherwise.
    pub(super) pause: bool,
}

/// Cuts a recipe. With `spill`, exact deduplicators are barriers too: their digests may then lie on disk.
pub(super) fn stages(steps: &[Step], spill: bool) -> Vec<Stage> {
    let mut stages = Vec::new();
    let mut open = Vec::new();
    let mut has_digests = false;
    for (index, step) in steps.iter().enumerate() {
        let is_barrier = match &step.operator {
            Operator::Deduplicator(deduplicator) => spill || deduplicator.likeness() != Likeness::Equal,
            Operator::Selector(_) | Operator::Grouper(_) => true,
            _ => false,
        };
        // Whether a row is a duplicate is known where the threads come together; only one row can be judged there.
        let multiplies = matches!(step.operator, Operator::Splitter(_) | Operator::Ungrouper(_));
        if is_barrier || (multiplies && has_digests) {
            let barrier = is_barrier.then_some(index);
            stages.push(Stage { steps: std::mem::take(&mut open), barrier, pause: barrier.is_none() });
            has_digests = false;
            if is_barrier {
                continue;
            }
        }
        has_digests |= matches!(step.operator, Operator::Deduplicator(_));
        open.push(index);
    }
    stages.push(Stage { steps: open, barrier: None, pause: false });
    stages
}
