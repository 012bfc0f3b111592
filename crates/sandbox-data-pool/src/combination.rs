//! Combination: what ranked pools have in common.

mod identity;
mod known;
mod members;
mod subsets;

use std::path::PathBuf;

use sandbox_core::component::Entry;
use sandbox_core::hook::Category;
use sandbox_dataset::RowParser;
use serde::Deserialize;
use serde_json::json;

use crate::component::{self, DataPoolManipulator, Flaw, Key, key, no_paths, usable};
use crate::error::PoolError;
use crate::gather::Gather;
use crate::index::Index;
use crate::inputs;
use crate::manifest::Parent;
use crate::observer::{Running, Work};
use crate::paths::Paths;
use crate::source::Source;
use crate::staging::{About, Claim, Made, Staging};
use crate::threads::{in_order, queue};

use known::Known;
use members::Members;

/// The component.
pub const ENTRY: Entry = Entry {
    category: Category::DataPoolManipulator,
    type_name: Some("data_pool_combination"),
    summary: "Writes every intersection of ranked data pools that is not empty",
    doc: "The pools are ordered by rank, 0 first, at most 64 of them. Rows are identified by value: equal rows are one, and of \
          equal rows that are written differently the last one read is kept. The order of keys makes no difference, nor does a \
          field that is null instead of missing; `1` and `1.0` are different. Every intersection of some of the pools that has \
          rows is written to `EXPORT/PREFIX_top_R_num_M.jsonl`: R the ranks joined by `_`, M the number of rows, PREFIX the \
          longest common beginning of the file names (`default_prefix` when there is none). Rows stand in the order of their \
          first appearance in the pool of the smallest rank. `top_levels: K` combines at most K pools at a time. Returns the \
          paths: single pools first, then pairs, and so on.",
    example: "hook: DataPoolManipulationHook\n\
              meta_name: combine\n\
              extra_configs:\n  \
                type: data_pool_combination\n  \
                dataset_path: [outputs/pools/rank_a.jsonl, outputs/pools/rank_b.jsonl]\n  \
                export_path: outputs/combined\n\
              output: combined\n",
    check: component::check::<Combination>,
    build: component::build::<Combination>,
};

/// The most pools: one bit each.
const MOST_POOLS: usize = 64;
/// The most intersections that are written.
const MOST_SUBSETS: usize = 20_000;

/// What is combined.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Combination {
    /// The pools, ordered by rank.
    pub dataset_path: Paths,
    /// The folder of the intersections.
    pub export_path: PathBuf,
    /// How many pools are combined at a time at most.
    #[serde(default)]
    pub top_levels: Option<u32>,
}

impl Combination {
    /// All intersections of the pools `dataset_path`, in the folder `export_path`.
    pub fn new(dataset_path: impl Into<Paths>, export_path: impl Into<PathBuf>) -> Self {
        Self { dataset_path: dataset_path.into(), export_path: export_path.into(), top_levels: None }
    }
}

impl DataPoolManipulator for Combination {
    const KEYS: &'static [Key] = &[
        Key::many("dataset_path", "", "The pools, ordered by rank, at most 64"),
        Key::one("export_path", "", "The folder of the intersections"),
        Key::one("top_levels", "null", "How many pools are combined at a time at most"),
    ];

    fn flaws(&self) -> Vec<Flaw> {
        let mut flaws: Vec<Flaw> = no_paths("dataset_path", &self.dataset_path).into_iter().collect();
        if self.dataset_path.0.len() > MOST_POOLS {
            let (path, message) = (key("dataset_path"), too_many(self.dataset_path.0.len()));
            flaws.push(Flaw::new(path, message, RANK_FIRST));
        }
        if self.top_levels == Some(0) {
            flaws.push(Flaw::new(
                key("top_levels"),
                "`top_levels` is 0: nothing would be written",
                "1 writes the pools themselves, 2 also pairs",
            ));
        }
        flaws
    }

    fn inputs(&self) -> Vec<&Paths> {
        vec![&self.dataset_path]
    }

    fn run(&self, running: &Running<'_>) -> Result<Made, PoolError> {
        combine(self, running)
    }
}

const RANK_FIRST: &str = "rank them first and keep the best: `data_pool_ranking` with `top_n`";

fn too_many(pools: usize) -> String {
    format!("`dataset_path` names {pools} data pools: at most {MOST_POOLS} can be combined")
}

/// Writes the intersections of pools.
///
/// # Errors
/// As [`DataPoolManipulator::run`]; also when there are more than 64 pools or more than 20,000 intersections.
pub fn combine(settings: &Combination, running: &Running<'_>) -> Result<Made, PoolError> {
    usable(settings)?;
    let work = Work::new(running);
    let inputs = inputs::find(&settings.dataset_path, &work)?.there;
    if inputs.len() > MOST_POOLS {
        return Err(PoolError::setting(too_many(inputs.len()), RANK_FIRST));
    }
    let staging = Staging::begin(&settings.export_path, &inputs, &work)?;
    let mut sources = Vec::with_capacity(inputs.len());
    let open = |(): &mut (), pool: u64| Source::open(&inputs[pool as usize].path, staging.folder(), &work);
    in_order(
        inputs.len() as u64,
        &work,
        || (),
        open,
        |source| {
            sources.push(source);
            Ok(())
        },
    )?;
    let (mut members, mut rows) = (Members::new(inputs.len()), vec![0_u64; inputs.len()]);
    let keep = |pool, span, identity| {
        rows[pool] += 1;
        members.add(pool, identity, span);
    };
    let known = Known::new(sources.iter().map(|source| source.length).sum());
    let identity = |parser: &mut RowParser, bytes: &[u8]| known.identity(parser, bytes);
    Index::with_all(&sources, &work, &staging.rejects, identity, keep)?;
    drop(known);
    if members.len() > u32::MAX as usize {
        return Err(PoolError::TooManyRows(inputs.last().map(|input| input.path.clone()).unwrap_or_default()));
    }
    let levels = settings.top_levels.unwrap_or(u32::MAX);
    let subsets = subsets::not_empty(&members.masks(), levels, MOST_SUBSETS).ok_or(PoolError::TooManySubsets { most: MOST_SUBSETS })?;
    let prefix = inputs::prefix(&inputs);
    let mut claims = Vec::new();
    for subset in &subsets {
        let ranks: Vec<usize> = subsets::ranks(subset.pools).collect();
        let names: Vec<String> = ranks.iter().map(ToString::to_string).collect();
        let name = format!("{prefix}_top_{}_num_{}.jsonl", names.join("_"), subset.rows);
        let parents = ranks.iter().map(|rank| Parent { path: inputs[*rank].path.clone(), rows: rows[*rank] }).collect();
        let details = [("ranks".to_owned(), json!(ranks))].into_iter().collect();
        let first = &inputs[ranks.first().copied().unwrap_or_default()].path;
        claims.push(staging.claim(&name, first, About { operation: "combination", parents, seed: None, details })?);
    }
    let produce = |send: &mut dyn FnMut((u64, Claim)) -> bool| {
        let _ = subsets.iter().zip(&claims).all(|(subset, claim)| send((subset.pools, *claim)));
        Ok(())
    };
    queue(&work, work.threads, produce, |(pools, claim)| {
        let mut gather = Gather::new(staging.writer(claim)?, &work);
        for (pool, span) in members.of(pools) {
            gather.push(&sources[pool], span)?;
        }
        staging.written(claim, gather.finish()?);
        Ok(())
    })?;
    staging.commit()
}
