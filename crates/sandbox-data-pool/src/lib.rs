//! The seven manipulations of data pools: construct, combine, duplicate, rank, downsample, merge, join.
//!
//! A *data pool* is a file of rows that takes part in an experiment. Each manipulation makes new pools out of pools (or
//! puts them in order), with names that say what is in them. Rows are copied as bytes: what is not changed keeps its form.
//!
//! ```
//! # let folder = tempfile::tempdir()?;
//! # let (input, export) = (folder.path().join("rows.jsonl"), folder.path().join("pools"));
//! use sandbox_data_pool::{Combination, Construction, Running, combine, construct};
//!
//! let row = |id, words, ratio| format!("{{\"id\": {id}, \"__dj__stats__\": {{\"words\": {words}, \"ratio\": {ratio}}}}}\n");
//! std::fs::write(&input, [row(1, 30, 0.9), row(2, 10, 0.5), row(3, 20, 0.1)].concat())?;
//!
//! // The rows by each of their statistics, in thirds: words/rows_words_0.jsonl and so on.
//! let pools = construct(&Construction::new(input.display().to_string(), &export), &Running::default())?;
//! let read = |pool: usize| std::fs::read_to_string(&pools.paths[pool]);
//! assert_eq!((read(0)?, read(2)?), (row(2, 10, 0.5), row(1, 30, 0.9)));
//! assert!(pools.paths[5].ends_with("ratio/rows_ratio_2.jsonl"));
//!
//! // What the pools of many words and of a high ratio have in common.
//! let best: sandbox_data_pool::Paths = [2, 5].map(|pool| pools.paths[pool].display().to_string()).into_iter().collect();
//! let combined = combine(&Combination::new(best, folder.path().join("best")), &Running::default())?;
//! assert!(combined.paths[2].ends_with("rows__top_0_1_num_1.jsonl"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | module | makes | component |
//! | --- | --- | --- |
//! | [`construction`] | a data set cut along its statistics | `data_pool_construction` |
//! | [`combination`] | every intersection of ranked pools | `data_pool_combination` |
//! | [`duplication`] | a pool several times over | `data_pool_duplication` |
//! | [`ranking`] | the order of pools by metrics | `data_pool_ranking` |
//! | [`downsampling`] | the same number of rows of each pool | `data_pool_downsampling` |
//! | [`merging`] | one pool out of several, whole or mixed by weights | `data_pool_merging` |
//! | [`cartesian_join`] | every row of one pool with every row of another | `data_pool_cartesian_join` |
//!
//! # What all of them share
//!
//! * An input that is missing is named in a warning and left out; when all are missing, that is an error that names them.
//! * A line that is no row is set aside: told as `path:line: reason`, counted, kept in `EXPORT/BASE_rejected.jsonl`.
//! * Outputs get their names together, when all are complete; a job that fails or is stopped leaves nothing.
//! * Beside the outputs stands [`pools.json`](manifest): rows, bytes, parents, operation and seed of each.
//! * Memory does not grow with the rows' sizes: at most 64 bytes per row are kept, and 32 MiB of small inputs.
//! * Same input, same seed, any number of threads: same bytes.
//! * Inputs may be packed (`.gz`, `.zst`) or `.json`: they are unpacked once, see the table in `source.rs`. Outputs are `.jsonl`.

mod blocks;
pub mod cartesian_join;
pub mod combination;
mod component;
pub mod construction;
pub mod downsampling;
pub mod duplication;
mod error;
mod gather;
mod index;
mod inputs;
pub mod manifest;
pub mod merging;
mod observer;
mod paths;
mod pool_file;
pub mod ranking;
mod rejects;
mod scatter;
mod sound;
mod source;
mod staging;
mod threads;

use sandbox_core::component::{Entry, JobSettings};
use sandbox_core::registry::{Registry, RegistryError};
use sandbox_document::Problem;

pub use cartesian_join::{CartesianJoin, OnConflict, join};
pub use combination::{Combination, combine};
pub use component::{DataPoolManipulator, Flaw, Key};
pub use construction::{Construction, construct};
pub use downsampling::{Downsampling, downsample};
pub use duplication::{Duplication, duplicate};
pub use error::PoolError;
pub use manifest::{Manifest, Parent, Pool};
pub use merging::{Merging, WeightBy, merge};
pub use observer::{Observer, Running};
pub use paths::Paths;
pub use ranking::{Ranking, rank};
pub use staging::Made;

/// A manipulation as the command line names it.
#[derive(Debug, Clone, Copy)]
pub struct Verb {
    /// The word, such as `construct`.
    pub name: &'static str,
    /// The component.
    pub entry: Entry,
    /// The keys of its configuration.
    pub keys: &'static [Key],
    /// Says that all inputs are missing, for who has no earlier job that may write them.
    pub missing: fn(&JobSettings) -> Option<Problem>,
}

/// All manipulations, in the order in which they are listed.
pub const VERBS: [Verb; 7] = [
    Verb {
        name: "construct",
        entry: construction::ENTRY,
        keys: <Construction as DataPoolManipulator>::KEYS,
        missing: component::missing::<Construction>,
    },
    Verb {
        name: "combine",
        entry: combination::ENTRY,
        keys: <Combination as DataPoolManipulator>::KEYS,
        missing: component::missing::<Combination>,
    },
    Verb {
        name: "duplicate",
        entry: duplication::ENTRY,
        keys: <Duplication as DataPoolManipulator>::KEYS,
        missing: component::missing::<Duplication>,
    },
    Verb { name: "rank", entry: ranking::ENTRY, keys: <Ranking as DataPoolManipulator>::KEYS, missing: component::missing::<Ranking> },
    Verb {
        name: "downsample",
        entry: downsampling::ENTRY,
        keys: <Downsampling as DataPoolManipulator>::KEYS,
        missing: component::missing::<Downsampling>,
    },
    Verb { name: "merge", entry: merging::ENTRY, keys: <Merging as DataPoolManipulator>::KEYS, missing: component::missing::<Merging> },
    Verb {
        name: "join",
        entry: cartesian_join::ENTRY,
        keys: <CartesianJoin as DataPoolManipulator>::KEYS,
        missing: component::missing::<CartesianJoin>,
    },
];

/// Adds all components of this crate.
///
/// # Errors
/// When the registry has one of them already.
pub fn register(registry: &mut Registry) -> Result<(), RegistryError> {
    VERBS.iter().try_for_each(|verb| registry.register(verb.entry))
}
