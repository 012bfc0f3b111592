//! The names of a run: each is written once and is a number from then on.

use std::borrow::Cow;
use std::collections::HashMap;

use xxhash_rust::xxh3::xxh3_64;

use crate::journal::Journal;
use crate::journal::record;

/// Names of one run; what has a further name is counted as dropped.
const MOST: usize = 100_000;
/// Bytes of a name; a longer one is cut and gets a checksum of the whole.
const LONGEST: usize = 512;

#[derive(Debug, Default)]
pub(super) struct Names {
    ids: HashMap<String, u64>,
    /// The next step of each name that was watched under.
    steps: HashMap<String, i64>,
    record: Vec<u8>,
}

impl Names {
    /// The number of a name; nothing when there are too many.
    pub(super) fn id(&mut self, journal: &Journal, run: u64, name: &str) -> Option<u64> {
        let name = Self::short(name);
        if let Some(id) = self.ids.get(name.as_ref()) {
            return Some(*id);
        }
        if self.ids.len() >= MOST {
            journal.drop_one("a run has too many names");
            return None;
        }
        let id = self.ids.len() as u64;
        self.record.clear();
        record::write_name(&mut self.record, run, id, &name);
        journal.append(&self.record);
        self.ids.insert(name.into_owned(), id);
        Some(id)
    }

    /// The step of a call: the one that is given, or the next one of the name.
    pub(super) fn step(&mut self, name: &str, given: Option<i64>) -> i64 {
        if let Some(next) = self.steps.get_mut(name) {
            let step = given.unwrap_or(*next);
            *next = (*next).max(step.saturating_add(1));
            return step;
        }
        let step = given.unwrap_or(0);
        if self.steps.len() < MOST {
            self.steps.insert(name.to_owned(), step.saturating_add(1));
        }
        step
    }

    /// The name as it is kept.
    pub(super) fn short(name: &str) -> Cow<'_, str> {
        if name.len() <= LONGEST {
            return Cow::Borrowed(name);
        }
        let end = (0..=LONGEST - 17).rev().find(|end| name.is_char_boundary(*end)).unwrap_or(0);
        Cow::Owned(format!("{}~{:016x}", name.get(..end).unwrap_or_default(), xxh3_64(name.as_bytes())))
    }
}
