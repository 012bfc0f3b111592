//! The answer: which rows stay.

/// Per row whether it is kept, and for the others in whose place.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Keep {
    rows: usize,
    /// A bit per row, set when it is dropped.
    dropped: Vec<u64>,
    /// The dropped rows in order, each with the row that is kept instead.
    roots: Vec<(u32, u32)>,
}

impl Keep {
    /// All of these rows.
    pub(super) fn all(rows: usize) -> Self {
        Self { rows, dropped: vec![0; rows.div_ceil(64)], roots: Vec::new() }
    }

    /// Drops a row in favour of another. Rows are dropped in order, each once.
    pub(super) fn drop_row(&mut self, row: u32, root: u32) {
        if let Some(word) = self.dropped.get_mut(row as usize / 64) {
            *word |= 1 << (row % 64);
            self.roots.push((row, root));
        }
    }

    /// How many rows there are, kept or not.
    pub fn len(&self) -> usize {
        self.rows
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.rows == 0
    }

    /// Whether a row, by its number from 0 on, is kept.
    pub fn keeps(&self, row: usize) -> bool {
        self.dropped.get(row / 64).is_none_or(|word| word >> (row % 64) & 1 == 0)
    }

    /// How many rows are kept.
    pub fn kept(&self) -> usize {
        self.rows - self.roots.len()
    }

    /// Per row in order whether it is kept.
    pub fn iter(&self) -> impl Iterator<Item = bool> + '_ {
        (0..self.rows).map(|row| self.keeps(row))
    }

    /// The dropped rows in order, each with the row that is kept instead.
    pub fn duplicates(&self) -> &[(u32, u32)] {
        &self.roots
    }

    /// The row that is kept for a row: itself unless it is dropped.
    pub fn root(&self, row: u32) -> u32 {
        let found = self.roots.binary_search_by_key(&row, |(dropped, _)| *dropped).ok();
        found.and_then(|index| self.roots.get(index)).map_or(row, |(_, root)| *root)
    }
}
