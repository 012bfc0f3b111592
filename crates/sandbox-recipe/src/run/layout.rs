//! Which statistics a recipe has, and in which slot of a row each stands.

use std::ops::Range;

use sandbox_ops::Operator;

use crate::config::Step;

/// The statistics of a recipe. Filters with the same keys share their slots, so that what one computed the other need not.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// The keys by slot.
    pub(super) keys: Vec<String>,
    /// The slots in the order of their keys' names, in which they are written.
    pub(super) sorted: Vec<usize>,
    /// Per step, its slots; empty for what is no filter.
    slots: Vec<Range<usize>>,
}

impl Layout {
    pub(super) fn of(steps: &[Step]) -> Self {
        let mut layout = Self::default();
        for step in steps {
            let slots = match &step.operator {
                Operator::Filter(filter) => layout.place(&filter.stat_keys()),
                _ => 0..0,
            };
            layout.slots.push(slots);
        }
        layout.sorted = (0..layout.keys.len()).collect();
        layout.sorted.sort_by(|a, b| layout.keys[*a].cmp(&layout.keys[*b]));
        layout.sorted.dedup_by(|a, b| layout.keys[*a] == layout.keys[*b]);
        layout
    }

    fn place(&mut self, keys: &[std::borrow::Cow<'static, str>]) -> Range<usize> {
        if keys.is_empty() {
            return 0..0;
        }
        let found = self.keys.windows(keys.len()).position(|window| window.iter().zip(keys).all(|(known, key)| known == key));
        let start = found.unwrap_or_else(|| {
            self.keys.extend(keys.iter().map(|key| key.clone().into_owned()));
            self.keys.len() - keys.len()
        });
        start..start + keys.len()
    }

    /// The slots of a step of the recipe.
    pub(super) fn slots(&self, step: usize) -> Range<usize> {
        self.slots.get(step).cloned().unwrap_or(0..0)
    }
}
