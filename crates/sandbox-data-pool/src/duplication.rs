//! Duplication: a pool several times over.

use std::path::PathBuf;

use sandbox_core::component::Entry;
use sandbox_core::hook::Category;
use sandbox_dataset::Generator;
use serde::Deserialize;
use serde_json::json;

use crate::component::{self, DataPoolManipulator, Flaw, Key, key, no_paths, usable};
use crate::error::PoolError;
use crate::gather::Gather;
use crate::index::Index;
use crate::inputs;
use crate::manifest::Parent;
use crate::observer::{Running, Work};
use crate::paths::{Paths, one_or_many};
use crate::source::Source;
use crate::staging::{About, Claim, Made, Staging};
use crate::threads::queue;

/// The component.
pub const ENTRY: Entry = Entry {
    category: Category::DataPoolManipulator,
    type_name: Some("data_pool_duplication"),
    summary: "Writes data pools several times over, shuffled or not",
    doc: "For every pool and every T of `duplicating_times`, the pool T times in a row is written to `EXPORT/BASE_xT.jsonl`; \
          with `shuffle`, all of its rows in the order of NumPy's `default_rng(shuffle_seed).permutation`. Returns all paths.",
    example: "hook: DataPoolManipulationHook\n\
              meta_name: duplicate\n\
              extra_configs:\n  \
                type: data_pool_duplication\n  \
                dataset_path: outputs/best.jsonl\n  \
                export_path: outputs/duplicated\n  \
                duplicating_times: [1, 2, 4]\n  \
                shuffle: true\n\
              output: pools\n",
    check: component::check::<Duplication>,
    build: component::build::<Duplication>,
};

/// What is duplicated, and how often.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Duplication {
    /// The pools.
    pub dataset_path: Paths,
    /// The folder of the results.
    pub export_path: PathBuf,
    /// How often; one result per number.
    #[serde(deserialize_with = "one_or_many")]
    pub duplicating_times: Vec<u64>,
    /// Whether the rows of a result are shuffled.
    #[serde(default)]
    pub shuffle: bool,
    /// The seed of the shuffle.
    #[serde(default = "forty_two")]
    pub shuffle_seed: u64,
}

pub(crate) fn forty_two() -> u64 {
    42
}

impl Duplication {
    /// The pools `dataset_path` each so many times in the folder `export_path`, not shuffled.
    pub fn new(dataset_path: impl Into<Paths>, export_path: impl Into<PathBuf>, times: Vec<u64>) -> Self {
        Self {
            dataset_path: dataset_path.into(),
            export_path: export_path.into(),
            duplicating_times: times,
            shuffle: false,
            shuffle_seed: forty_two(),
        }
    }
}

impl DataPoolManipulator for Duplication {
    const KEYS: &'static [Key] = &[
        Key::many("dataset_path", "", "The pool, or a list of them"),
        Key::one("export_path", "", "The folder of the results"),
        Key::many("duplicating_times", "", "How often: a number, or a list for one result each"),
        Key::one("shuffle", "false", "Whether the rows of a result are shuffled"),
        Key::one("shuffle_seed", "42", "The seed of the shuffle"),
    ];

    fn flaws(&self) -> Vec<Flaw> {
        let mut flaws: Vec<Flaw> = no_paths("dataset_path", &self.dataset_path).into_iter().collect();
        let at = || key("duplicating_times");
        if self.duplicating_times.is_empty() {
            flaws.push(Flaw::new(at(), "`duplicating_times` is empty: nothing would be written", "for example [2, 4]"));
        }
        for (index, times) in self.duplicating_times.iter().enumerate() {
            if *times == 0 {
                let message = format!("`{}` is 0: a pool is written 1 time or more", at().index(index));
                flaws.push(Flaw::new(at().index(index), message, "1 is the pool as it is"));
            } else if self.duplicating_times[..index].contains(times) {
                let message = format!("`{}` is {times} again: both results would have one name", at().index(index));
                flaws.push(Flaw::new(at().index(index), message, "name every number once"));
            }
        }
        flaws
    }

    fn inputs(&self) -> Vec<&Paths> {
        vec![&self.dataset_path]
    }

    fn run(&self, running: &Running<'_>) -> Result<Made, PoolError> {
        duplicate(self, running)
    }
}

/// Writes pools several times over.
///
/// # Errors
/// As [`DataPoolManipulator::run`].
pub fn duplicate(settings: &Duplication, running: &Running<'_>) -> Result<Made, PoolError> {
    usable(settings)?;
    let work = Work::new(running);
    let inputs = inputs::find(&settings.dataset_path, &work)?.there;
    let staging = Staging::begin(&settings.export_path, &inputs, &work)?;
    for input in &inputs {
        let source = Source::open(&input.path, staging.folder(), &work)?;
        let index = Index::of(&source, &work, &staging.rejects)?;
        let times_in_all: u64 = settings.duplicating_times.iter().fold(0, |sum, times| sum.saturating_add(*times));
        work.expect(index.bytes().saturating_mul(times_in_all));
        let produce = |send: &mut dyn FnMut((u64, Claim)) -> bool| {
            for times in &settings.duplicating_times {
                let parents = vec![Parent { path: input.path.clone(), rows: index.len() as u64 }];
                let details = [("times".to_owned(), json!(times))].into_iter().collect();
                let seed = settings.shuffle.then_some(settings.shuffle_seed);
                let about = About { operation: "duplication", parents, seed, details };
                let claim = staging.claim(&format!("{}_x{times}.jsonl", input.base), &input.path, about)?;
                if !send((*times, claim)) {
                    break;
                }
            }
            Ok(())
        };
        queue(&work, 1, produce, |(times, claim)| {
            let mut gather = Gather::new(staging.writer(claim)?, &work);
            if settings.shuffle {
                let rows = u64::try_from(index.len()).unwrap_or(u64::MAX).saturating_mul(times);
                let rows = u32::try_from(rows).map_err(|_| PoolError::TooManyRows(input.path.clone()))?;
                let mut order: Vec<u32> = (0..rows).collect();
                Generator::new(settings.shuffle_seed.into()).shuffle(&mut order);
                for row in order {
                    gather.push(&source, index.get(row as usize % index.len()))?;
                }
            } else {
                for _ in 0..times {
                    index.spans().try_for_each(|span| gather.push(&source, span))?;
                }
            }
            staging.written(claim, gather.finish()?);
            Ok(())
        })?;
        source.close(&work);
    }
    staging.commit()
}
