//! Which of the rows of a pass go on.

/// One bit per row: whether it is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Keep {
    words: Vec<u64>,
}

impl Keep {
    /// All of so many rows.
    pub(super) fn all(rows: u64) -> Self {
        Self { words: vec![u64::MAX; rows.div_ceil(64) as usize] }
    }

    /// Whether a row is kept; rows beyond the end are not.
    pub(super) fn has(&self, row: u64) -> bool {
        self.words.get((row / 64) as usize).is_some_and(|word| word >> (row % 64) & 1 == 1)
    }

    /// Drops a row.
    pub(super) fn drop_row(&mut self, row: u64) {
        if let Some(word) = self.words.get_mut((row / 64) as usize) {
            *word &= !(1 << (row % 64));
        }
    }
}
