//! Duplication: a pool several times over.

use std::path::PathBuf;

use sandbox_core::component::Entry;
use sandbox_core::hook::Category;
use sandbox_dataset::{Generator, Written};
use serde::Deserialize;
use serde_json::json;

use crate::component::{self, DataPoolManipulator, Flaw, Key, key, no_paths, usable};
use crate::error::PoolError;
use crate::gather::Gather;
use crate::index::Index;
use crate::inputs::{self, Input};
use crate::manifest::Parent;
use crate::observer::{Running, Work};
use crate::paths::{Paths, one_or_many};
use crate::pool_file::{self, PoolFile};
use crate::sound;
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
    duplicate_by(settings, &Work::new(running))
}

fn duplicate_by(settings: &Duplication, work: &Work<'_>) -> Result<Made, PoolError> {
    let inputs = inputs::find(&settings.dataset_path, work)?.there;
    let staging = Staging::begin(&settings.export_path, &inputs, work)?;
    for input in &inputs {
        let source = Source::open(&input.path, staging.folder(), work)?;
        // Rows in their order are copied whole; of a small pool, row by row is as fast.
        if settings.shuffle || source.is_in_memory() {
            by_rows(settings, input, &source, &staging, work)?;
        } else {
            whole(settings, input, &source, &staging, work)?;
        }
        source.close(work);
    }
    staging.commit()
}

/// What the manifest says of a pool so many times.
fn about(settings: &Duplication, input: &Input, rows: u64, times: u64) -> About {
    let parents = vec![Parent { path: input.path.clone(), rows }];
    let details = [("times".to_owned(), json!(times))].into_iter().collect();
    About { operation: "duplication", parents, seed: settings.shuffle.then_some(settings.shuffle_seed), details }
}

/// The name of a pool so many times.
fn name_of(input: &Input, times: u64) -> String {
    format!("{}_x{times}.jsonl", input.base)
}

/// The outputs of one pool, row by row.
fn by_rows(settings: &Duplication, input: &Input, source: &Source, staging: &Staging<'_>, work: &Work<'_>) -> Result<(), PoolError> {
    let index = Index::of(source, work, &staging.rejects)?;
    let times_in_all: u64 = settings.duplicating_times.iter().fold(0, |sum, times| sum.saturating_add(*times));
    work.expect(index.bytes().saturating_mul(times_in_all));
    let produce = |send: &mut dyn FnMut((u64, Claim)) -> bool| {
        for times in &settings.duplicating_times {
            let claim = staging.claim(&name_of(input, *times), &input.path, about(settings, input, index.len() as u64, *times))?;
            if !send((*times, claim)) {
                break;
            }
        }
        Ok(())
    };
    queue(work, 1, produce, |(times, claim)| {
        let mut gather = Gather::new(staging.writer(claim)?, work);
        if settings.shuffle {
            let rows = u64::try_from(index.len()).unwrap_or(u64::MAX).saturating_mul(times);
            let rows = u32::try_from(rows).map_err(|_| PoolError::TooManyRows(input.path.clone()))?;
            let mut order: Vec<u32> = (0..rows).collect();
            Generator::new(settings.shuffle_seed.into()).shuffle(&mut order);
            for row in order {
                gather.push(source, index.get(row as usize % index.len()))?;
            }
        } else {
            for _ in 0..times {
                index.spans().try_for_each(|span| gather.push(source, span))?;
            }
        }
        staging.written(claim, gather.finish()?);
        Ok(())
    })
}

/// The outputs of one pool: the first is written while its lines are checked, the others are copies of what then stands there.
fn whole(settings: &Duplication, input: &Input, source: &Source, staging: &Staging<'_>, work: &Work<'_>) -> Result<(), PoolError> {
    let mut outputs = Vec::new();
    for times in &settings.duplicating_times {
        let claim = staging.claim(&name_of(input, *times), &input.path, about(settings, input, 0, *times))?;
        outputs.push((*times, claim, staging.writer(claim)?));
    }
    let Some((_, _, first)) = outputs.first_mut() else { return Ok(()) };
    let rows = sound::pass_on(source, first, &staging.rejects, work, |_| ())?;
    let (first, length) = (first.path().to_owned(), first.bytes());
    let copies = || {
        let of = |(number, (times, _, file)): (usize, &(u64, Claim, PoolFile))| {
            let path = file.path().to_owned();
            (u64::from(number == 0)..*times).map(move |copy| (path.clone(), copy))
        };
        outputs.iter().enumerate().flat_map(of)
    };
    let times_in_all: u64 = settings.duplicating_times.iter().fold(0, |sum, times| sum.saturating_add(*times));
    work.expect(length.saturating_mul(times_in_all - 1));
    let produce = |send: &mut dyn FnMut((PathBuf, u64)) -> bool| {
        let _ = length > 0 && copies().all(send);
        Ok(())
    };
    queue(work, 1, produce, |(path, copy)| pool_file::copy(&first, length, &path, copy.saturating_mul(length), work))?;
    for (times, claim, file) in outputs {
        staging.about(claim, |known| *known = about(settings, input, rows, times));
        let rows = rows.saturating_mul(times);
        staging.written(claim, Written { bytes: length.saturating_mul(times), ..file.finish(rows) });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::Ordering;

    use super::*;

    #[test]
    fn whole_copies_are_those_that_are_written_row_by_row() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("in.jsonl");
        let mut text: String = (0..40_000).map(|id| format!("{{\"id\": {id}, \"text\": \"{}\"}}\n", "x".repeat(id % 90))).collect();
        text.push_str("\n no row\r\n{\"id\": 1}\r\n[1]\n{\"id\": 2}");
        std::fs::write(&path, text).unwrap();
        let made = [true, false].map(|in_memory| {
            let export = folder.path().join(in_memory.to_string());
            let settings = Duplication::new(path.display().to_string(), &export, vec![2, 1, 3]);
            let running = Running { threads: 2, observer: &() };
            let work = Work::new(&running);
            if !in_memory {
                work.room.store(0, Ordering::Relaxed);
            }
            let made = duplicate_by(&settings, &work).unwrap();
            assert_eq!(made.rejected_rows, 2);
            let pools =
                made.pools.iter().map(|pool| (pool.rows, pool.bytes, pool.parents.clone(), pool.details.clone())).collect::<Vec<_>>();
            let contents = made.paths.iter().map(|path| std::fs::read_to_string(path).unwrap()).collect::<Vec<_>>();
            (pools, contents)
        });
        assert!(made[0] == made[1]);
        assert_eq!(made[0].1[0], made[0].1[1].repeat(2));
        assert_eq!(made[0].1[0].lines().count(), 2 * 40_002);
    }
}
