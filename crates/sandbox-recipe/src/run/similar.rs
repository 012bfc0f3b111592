//! Which rows are alike.

use std::io;
use std::path::PathBuf;

use hashbrown::HashMap;
use sandbox_ops::{Fingerprint, Likeness};

/// How much memory the search may take, and where it goes on when that is not enough.
pub(super) struct Settings {
    pub(super) memory: Option<u64>,
    pub(super) folder: PathBuf,
}

/// The fingerprints of all rows, and which of them are alike.
pub(super) struct Clusters {
    likeness: Likeness,
    parents: Vec<u64>,
    ranks: Vec<Option<i64>>,
    bands: HashMap<(usize, u64), u64>,
    digests: HashMap<u128, u64>,
    near: Vec<(u64, u64)>,
}

impl Clusters {
    pub(super) fn new(likeness: Likeness, _settings: Settings) -> Self {
        Self { likeness, parents: Vec::new(), ranks: Vec::new(), bands: HashMap::new(), digests: HashMap::new(), near: Vec::new() }
    }

    pub(super) fn push(&mut self, fingerprint: &Fingerprint, rank: Option<i64>) -> io::Result<()> {
        let row = self.parents.len() as u64;
        self.parents.push(row);
        self.ranks.push(rank);
        match fingerprint {
            Fingerprint::Unique => {}
            Fingerprint::Exact(digest) => {
                let first = *self.digests.entry(*digest).or_insert(row);
                self.union(first, row);
            }
            Fingerprint::Bands(bands) => {
                for (band, hash) in bands.iter().enumerate() {
                    let first = *self.bands.entry((band, *hash)).or_insert(row);
                    self.union(first, row);
                }
            }
            Fingerprint::Near(hash) => {
                let Likeness::Near { distance, .. } = self.likeness else { return Ok(()) };
                let like: Vec<u64> =
                    self.near.iter().filter(|(other, _)| (other ^ hash).count_ones() <= distance).map(|(_, row)| *row).collect();
                for other in like {
                    self.union(other, row);
                }
                self.near.push((*hash, row));
            }
        }
        Ok(())
    }

    fn root(&mut self, mut row: u64) -> u64 {
        while self.parents[row as usize] != row {
            let parent = self.parents[row as usize];
            self.parents[row as usize] = self.parents[parent as usize];
            row = parent;
        }
        row
    }

    fn union(&mut self, a: u64, b: u64) {
        let (a, b) = (self.root(a), self.root(b));
        let (first, second) = if (self.ranks[a as usize], a) <= (self.ranks[b as usize], b) { (a, b) } else { (b, a) };
        self.parents[second as usize] = first;
    }

    /// The rows that are like another one that is kept: (row, the one that is kept).
    pub(super) fn finish(mut self) -> io::Result<Vec<(u64, u64)>> {
        let rows = 0..self.parents.len() as u64;
        Ok(rows.map(|row| (row, self.root(row))).filter(|(row, root)| row != root).collect())
    }
}
