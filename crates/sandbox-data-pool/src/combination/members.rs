//! Which rows stand in which pools: about 55 bytes a row, whatever the rows' sizes.

use std::collections::HashMap;

use hashbrown::HashTable;

use crate::index::Span;

/// The distinct rows of ranked pools.
#[derive(Default)]
pub(super) struct Members {
    by_identity: HashTable<u32>,
    identities: Vec<u128>,
    /// A bit for every pool that has the row.
    masks: Vec<u64>,
    /// Where each row was read last.
    places: Vec<Place>,
    /// The distinct rows of each pool in the order of their first appearance there.
    pools: Vec<Vec<u32>>,
}

#[derive(Clone, Copy)]
struct Place {
    start: u64,
    length: u32,
    pool: u8,
}

impl Members {
    /// No rows yet of so many pools; those come in the order of their ranks.
    pub(super) fn new(pools: usize) -> Self {
        Self { pools: vec![Vec::new(); pools], ..Self::default() }
    }

    /// How many distinct rows there are.
    pub(super) fn len(&self) -> usize {
        self.identities.len()
    }

    /// Adds a row of a pool.
    pub(super) fn add(&mut self, pool: usize, identity: u128, span: Span) {
        let place = Place { start: span.start, length: span.length, pool: pool as u8 };
        let identities = &self.identities;
        let found = self.by_identity.find(identity as u64, |row| identities[*row as usize] == identity).copied();
        let row = found.unwrap_or(identities.len() as u32);
        if found.is_none() {
            self.by_identity.insert_unique(identity as u64, row, |row| identities[*row as usize] as u64);
            self.identities.push(identity);
            self.masks.push(0);
            self.places.push(place);
        }
        self.places[row as usize] = place;
        let mask = &mut self.masks[row as usize];
        if *mask & (1 << pool) == 0 {
            *mask |= 1 << pool;
            self.pools[pool].push(row);
        }
    }

    /// The sets of pools in which rows stand, and how many rows each has.
    pub(super) fn masks(&self) -> Vec<(u64, u64)> {
        let mut counts: HashMap<u64, u64> = HashMap::new();
        self.masks.iter().for_each(|mask| *counts.entry(*mask).or_default() += 1);
        counts.into_iter().collect()
    }

    /// Where the rows stand that all of these pools have.
    pub(super) fn of(&self, pools: u64) -> impl Iterator<Item = (usize, Span)> {
        let first = self.pools.get(pools.trailing_zeros() as usize).map(Vec::as_slice).unwrap_or_default();
        let common = first.iter().filter(move |row| self.masks[**row as usize] & pools == pools);
        common.map(|row| {
            let place = self.places[*row as usize];
            (usize::from(place.pool), Span { start: place.start, length: place.length })
        })
    }
}
