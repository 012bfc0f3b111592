//! Whether merged pools have the same fields, told by a few rows of each.

use std::path::{Path, PathBuf};

use crate::error::ticked;
use crate::observer::Work;

/// The fields that were seen in each pool.
#[derive(Debug, Default)]
pub(super) struct Fields {
    pools: Vec<(PathBuf, Vec<String>)>,
}

impl Fields {
    pub(super) fn begin(&mut self, pool: &Path) {
        self.pools.push((pool.to_owned(), Vec::new()));
    }

    /// Notes the fields of a row of the last pool.
    pub(super) fn add(&mut self, names: Vec<String>) {
        let Some((_, known)) = self.pools.last_mut() else { return };
        for name in names {
            if !known.contains(&name) {
                known.push(name);
            }
        }
    }

    /// A note about the fields that some pools have and others have not. Rows stay as they are: nothing is filled with null.
    pub(super) fn tell(&self, work: &Work<'_>) {
        let pools: Vec<&(PathBuf, Vec<String>)> = self.pools.iter().filter(|(_, names)| !names.is_empty()).collect();
        let in_all = |name: &String| pools.iter().all(|(_, names)| names.contains(name));
        for (path, names) in &pools {
            let own: Vec<String> = names.iter().filter(|name| !in_all(name)).cloned().collect();
            if !own.is_empty() {
                let s = if own.len() == 1 { "" } else { "s" };
                work.observer.note(&format!("`{}` has the field{s} {} that other pools have not", path.display(), ticked(&own)));
            }
        }
    }
}
