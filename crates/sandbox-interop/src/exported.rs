//! What went out, and how far it is.

use std::collections::BTreeMap;
use std::path::PathBuf;

/// What went out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exported {
    /// Files that were written, in order.
    pub files: Vec<PathBuf>,
    /// Values that went out.
    pub values: u64,
    /// Values that did not, because the format has no place for them: their number by reason.
    pub left_out: BTreeMap<String, u64>,
    /// Numbers that the format cannot hold to the last digit.
    pub rounded: u64,
    /// Names that had to be changed: as they were and as they went out. The first thousand.
    pub renamed: Vec<(String, String)>,
    /// Runs that were found as they are, and those that went on where an earlier export ended.
    pub resumed: u64,
    /// Where they can be looked at, for a server.
    pub urls: Vec<String>,
}

const MOST_RENAMED: usize = 1000;

impl Exported {
    pub(crate) fn leave_out(&mut self, reason: &str, count: u64) {
        if count > 0 {
            *self.left_out.entry(reason.to_owned()).or_default() += count;
        }
    }

    pub(crate) fn rename(&mut self, name: &str, other: &str) {
        let is_told = self.renamed.iter().any(|(before, after)| before == name && after == other);
        if name != other && !is_told && self.renamed.len() < MOST_RENAMED {
            self.renamed.push((name.to_owned(), other.to_owned()));
        }
    }
}

/// Counts values on their way, and tells now and then.
pub struct Meter<'t> {
    done: u64,
    next: u64,
    tell: Option<&'t mut dyn FnMut(u64)>,
}

impl std::fmt::Debug for Meter<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Meter").field("done", &self.done).finish_non_exhaustive()
    }
}

/// How many values pass before it is told.
const OFTEN: u64 = 2048;

impl<'t> Meter<'t> {
    /// Tells `tell` how many values are through.
    pub fn new(tell: &'t mut dyn FnMut(u64)) -> Self {
        Self { done: 0, next: OFTEN, tell: Some(tell) }
    }

    /// Tells nobody.
    pub fn silent() -> Self {
        Self { done: 0, next: u64::MAX, tell: None }
    }

    pub(crate) fn add(&mut self, values: u64) {
        self.done += values;
        if self.done >= self.next {
            self.next = self.done + OFTEN;
            if let Some(tell) = &mut self.tell {
                tell(self.done);
            }
        }
    }
}
