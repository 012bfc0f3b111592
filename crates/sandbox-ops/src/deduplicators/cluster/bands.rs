//! Rows that have a band in common.

use std::io;

use super::keep::Keep;
use super::sorter::{Sorter, Spill};
use super::too_many_rows;
use super::union::Union;

/// Finds rows that have a band in common, directly or through others.
pub struct BandIndex {
    rows: u32,
    /// Records of a band's hash, told apart from those of other bands, and the row.
    bands: Sorter<3>,
    /// What decides in place of the rows' order, once a row has brought it; 0 for rows that are like no other.
    keys: Option<Vec<i64>>,
    /// The rows that are like no other, among those with keys.
    unique: Vec<u32>,
}

impl BandIndex {
    /// Without rows.
    pub fn new(spill: Spill) -> Self {
        Self { rows: 0, bands: Sorter::new(spill), keys: None, unique: Vec::new() }
    }

    /// The next row: a hash per band, or none for a row that is like no other and kept. With a key, the row of the smallest
    /// key in a group is kept instead of the first; either all rows bring one or none.
    ///
    /// Rows of equal keys count as one row: their bands are put together, and all of them are kept or none.
    ///
    /// # Errors
    /// When a run cannot be written, there are too many rows, or only some bring a key.
    pub fn push(&mut self, bands: Option<&[u64]>, key: Option<i64>) -> io::Result<()> {
        let row = self.rows;
        self.rows = row.checked_add(1).ok_or_else(too_many_rows)?;
        match (&mut self.keys, key) {
            (None, None) => {}
            (None, Some(key)) if row == 0 => self.keys = Some(vec![key]),
            (Some(keys), Some(key)) => keys.push(key),
            _ => return Err(io::Error::new(io::ErrorKind::InvalidInput, "either all rows bring a key or none")),
        }
        let Some(bands) = bands else {
            if key.is_some() {
                self.unique.push(row);
            }
            return Ok(());
        };
        for (number, band) in (0_u64..).zip(bands) {
            let hash = band ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
            self.bands.push([(hash >> 32) as u32, hash as u32, row])?;
        }
        Ok(())
    }

    /// Which rows are kept.
    ///
    /// # Errors
    /// When a run cannot be read or written.
    pub fn finish(self) -> io::Result<Keep> {
        let rows = self.rows as usize;
        let Some(keys) = self.keys else {
            let mut union = joined(rows, self.bands, |row| row)?;
            let mut keep = Keep::all(rows);
            for row in 0..self.rows {
                let root = union.root(row);
                if root != row {
                    keep.drop_row(row, root);
                }
            }
            return Ok(keep);
        };
        let (order, places) = by_key(&keys, &self.unique);
        // Sets of places in the order of the keys: the smallest is the root.
        let mut union = joined(rows, self.bands, |row| places[row as usize])?;
        let mut keep = Keep::all(rows);
        for (row, place) in (0..).zip(&places) {
            let root = union.root(*place);
            if root != *place {
                keep.drop_row(row, order[root as usize]);
            }
        }
        Ok(keep)
    }
}

/// Joins what has a band in common; `name` gives the number of a row.
fn joined(count: usize, bands: Sorter<3>, name: impl Fn(u32) -> u32) -> io::Result<Union> {
    let mut union = Union::new(count);
    let mut bands = bands.sorted()?;
    let mut before: Option<[u32; 3]> = None;
    while let Some(record) = bands.next()? {
        if let Some(before) = before
            && before[..2] == record[..2]
        {
            union.join(name(before[2]), name(record[2]));
        }
        before = Some(record);
    }
    Ok(union)
}

/// The rows in the order of their keys, and per row its place there: for equal keys that of the first of them, except that
/// rows like no other have their own.
fn by_key(keys: &[i64], unique: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let is_unique = |row: u32| unique.binary_search(&row).is_ok();
    let mut order: Vec<u32> = (0..).zip(keys).map(|(row, _)| row).collect();
    order.sort_by_key(|row| keys[*row as usize]);
    let mut places = vec![0; keys.len()];
    let mut first: Option<u32> = None;
    for (place, row) in (0_u32..).zip(&order) {
        if is_unique(*row) {
            places[*row as usize] = place;
            continue;
        }
        let same = first.filter(|first| keys[order[*first as usize] as usize] == keys[*row as usize]);
        first = Some(same.unwrap_or(place));
        places[*row as usize] = same.unwrap_or(place);
    }
    (order, places)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn index(rows: &[Option<Vec<u64>>], keys: Option<&[i64]>, spill: Spill) -> Keep {
        let mut index = BandIndex::new(spill);
        for (number, row) in rows.iter().enumerate() {
            index.push(row.as_deref(), keys.map(|keys| keys[number])).unwrap();
        }
        index.finish().unwrap()
    }

    /// Spreads labels over all rows that are alike until nothing changes.
    fn by_brute_force(rows: &[Option<Vec<u64>>], keys: &[i64]) -> Vec<bool> {
        let mut least: Vec<i64> = keys.to_vec();
        let alike = |x: usize, y: usize| match (&rows[x], &rows[y]) {
            (Some(left), Some(right)) => keys[x] == keys[y] || left.iter().zip(right).any(|(left, right)| left == right),
            _ => false,
        };
        loop {
            let before = least.clone();
            for x in 0..rows.len() {
                for y in 0..rows.len() {
                    if alike(x, y) {
                        least[x] = least[x].min(least[y]);
                    }
                }
            }
            if before == least {
                return least.iter().zip(keys).map(|(least, key)| least == key).collect();
            }
        }
    }

    fn rows() -> impl Strategy<Value = Vec<Option<Vec<u64>>>> {
        prop::collection::vec(prop::option::weighted(0.9, prop::collection::vec(0..40_u64, 3)), 0..40)
    }

    proptest! {
        #[test]
        fn as_by_brute_force(rows in rows(), keys in prop::collection::vec(-20..20_i64, 40)) {
            let order: Vec<i64> = (0..rows.len() as i64).collect();
            let keep = index(&rows, None, Spill::default());
            prop_assert_eq!(keep.iter().collect::<Vec<_>>(), by_brute_force(&rows, &order));
            prop_assert_eq!(index(&rows, Some(&order), Spill::default()), keep.clone());
            for (row, root) in keep.duplicates() {
                prop_assert!(root < row && keep.keeps(*root as usize) && !keep.keeps(*row as usize) && keep.root(*row) == *root);
            }
            prop_assert_eq!(keep.kept(), keep.iter().filter(|kept| *kept).count());
            let keyed = index(&rows, Some(&keys[..rows.len()]), Spill::default());
            prop_assert_eq!(keyed.iter().collect::<Vec<_>>(), by_brute_force(&rows, &keys[..rows.len()]));
        }
    }

    #[test]
    fn the_same_from_disk() {
        let folder = tempfile::tempdir().unwrap();
        let band = |number: u64| {
            let mixed = (number ^ (number >> 7)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            (mixed ^ (mixed >> 29)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 44
        };
        let rows: Vec<_> = (0..30_000).map(|row| Some((0..2).map(|number| band(2 * row + number)).collect())).collect();
        let on_disk = index(&rows, None, Spill { limit: 1, folder: folder.path().to_owned() });
        assert_eq!(on_disk, index(&rows, None, Spill::default()));
        assert!(on_disk.kept() < rows.len() && on_disk.kept() > 1);
    }

    #[test]
    fn keys_come_with_all_rows_or_none() {
        let mut index = BandIndex::new(Spill::default());
        index.push(None, None).unwrap();
        assert!(index.push(None, Some(1)).is_err());
    }
}
