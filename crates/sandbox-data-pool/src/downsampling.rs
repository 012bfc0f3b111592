//! Downsampling: the same number of rows from every pool.

use std::path::PathBuf;

use sandbox_core::component::Entry;
use sandbox_core::hook::Category;
use sandbox_dataset::Generator;
use serde::Deserialize;
use serde_json::json;

use crate::component::{self, DataPoolManipulator, Flaw, Key, key, no_paths, usable};
use crate::duplication::forty_two;
use crate::error::PoolError;
use crate::gather::Gather;
use crate::index::Index;
use crate::inputs;
use crate::manifest::Parent;
use crate::observer::{Running, Work};
use crate::paths::Paths;
use crate::source::Source;
use crate::staging::{About, Made, Staging};
use crate::threads::queue;

/// The component.
pub const ENTRY: Entry = Entry {
    category: Category::DataPoolManipulator,
    type_name: Some("data_pool_downsampling"),
    summary: "Draws the same number of rows from every data pool",
    doc: "Every pool is brought into the order of NumPy's `default_rng(shuffle_seed).permutation`, and its first \
          `target_num_samples` rows (as many as the smallest pool has, unless told) are written to `EXPORT/BASE_TARGET.jsonl`. \
          A pool with fewer rows gives all of them, under the same name. Returns all paths.",
    example: "hook: DataPoolManipulationHook\n\
              meta_name: downsample\n\
              extra_configs:\n  \
                type: data_pool_downsampling\n  \
                dataset_path: [outputs/pools/a.jsonl, outputs/pools/b.jsonl]\n  \
                export_path: outputs/small\n\
              output: pools\n",
    check: component::check::<Downsampling>,
    build: component::build::<Downsampling>,
};

/// What is sampled, and how much of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Downsampling {
    /// The pools.
    pub dataset_path: Paths,
    /// The folder of the samples.
    pub export_path: PathBuf,
    /// Rows of a sample; none for the size of the smallest pool.
    #[serde(default)]
    pub target_num_samples: Option<u64>,
    /// The seed of the permutation.
    #[serde(default = "forty_two")]
    pub shuffle_seed: u64,
}

impl Downsampling {
    /// Samples of the pools `dataset_path` in the folder `export_path`, as large as the smallest of them.
    pub fn new(dataset_path: impl Into<Paths>, export_path: impl Into<PathBuf>) -> Self {
        let (dataset_path, export_path) = (dataset_path.into(), export_path.into());
        Self { dataset_path, export_path, target_num_samples: None, shuffle_seed: forty_two() }
    }
}

impl DataPoolManipulator for Downsampling {
    const KEYS: &'static [Key] = &[
        Key::many("dataset_path", "", "The pool, or a list of them"),
        Key::one("export_path", "", "The folder of the samples"),
        Key::one("target_num_samples", "null", "Rows of a sample; null for the size of the smallest pool"),
        Key::one("shuffle_seed", "42", "The seed of the permutation"),
    ];

    fn flaws(&self) -> Vec<Flaw> {
        let mut flaws: Vec<Flaw> = no_paths("dataset_path", &self.dataset_path).into_iter().collect();
        if self.target_num_samples == Some(0) {
            let message = "`target_num_samples` is 0: the samples would be empty";
            flaws.push(Flaw::new(key("target_num_samples"), message, "null means the size of the smallest pool"));
        }
        flaws
    }

    fn inputs(&self) -> Vec<&Paths> {
        vec![&self.dataset_path]
    }

    fn run(&self, running: &Running<'_>) -> Result<Made, PoolError> {
        downsample(self, running)
    }
}

/// Draws samples from pools.
///
/// # Errors
/// As [`DataPoolManipulator::run`].
pub fn downsample(settings: &Downsampling, running: &Running<'_>) -> Result<Made, PoolError> {
    usable(settings)?;
    let work = Work::new(running);
    let inputs = inputs::find(&settings.dataset_path, &work)?.there;
    let staging = Staging::begin(&settings.export_path, &inputs, &work)?;
    let mut pools = Vec::new();
    for input in &inputs {
        let source = Source::open(&input.path, staging.folder(), &work)?;
        let index = Index::of(&source, &work, &staging.rejects)?;
        pools.push((input, source, index));
    }
    let smallest = pools.iter().map(|(_, _, index)| index.len() as u64).min().unwrap_or_default();
    let target = settings.target_num_samples.unwrap_or(smallest);
    let mut tasks = Vec::new();
    for (input, source, index) in &pools {
        let parents = vec![Parent { path: input.path.clone(), rows: index.len() as u64 }];
        let details = [("target_num_samples".to_owned(), json!(target))].into_iter().collect();
        let about = About { operation: "downsampling", parents, seed: Some(settings.shuffle_seed), details };
        let claim = staging.claim(&format!("{}_{target}.jsonl", input.base), &input.path, about)?;
        tasks.push((claim, source, index));
    }
    let produce = |send: &mut dyn FnMut(_) -> bool| {
        let _ = tasks.into_iter().all(send);
        Ok(())
    };
    queue(&work, 1, produce, |(claim, source, index): (_, &Source, &Index)| {
        let mut order: Vec<u32> = (0..index.len() as u32).collect();
        Generator::new(settings.shuffle_seed.into()).shuffle(&mut order);
        let mut gather = Gather::new(staging.writer(claim)?, &work);
        let rows = usize::try_from(target).unwrap_or(usize::MAX).min(index.len());
        for row in &order[..rows] {
            gather.push(source, index.get(*row as usize))?;
        }
        staging.written(claim, gather.finish()?);
        Ok(())
    })?;
    staging.commit()
}
