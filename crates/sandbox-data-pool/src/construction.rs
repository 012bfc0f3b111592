//! Construction: one data set cut into pools along its statistics.

mod order;
mod ratios;
mod statistics;
mod table;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use sandbox_core::component::Entry;
use sandbox_core::hook::Category;
use sandbox_dataset::Generator;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::component::{self, DataPoolManipulator, Flaw, Key, key, no_paths, usable};
use crate::error::PoolError;
use crate::gather::Gather;
use crate::index::Index;
use crate::inputs::{self, Input};
use crate::manifest::Parent;
use crate::observer::{Running, Work};
use crate::paths::Paths;
use crate::scatter::{self, Output};
use crate::source::Source;
use crate::staging::{About, Claim, Made, Staging};
use crate::threads::queue;

pub use ratios::{PartNames, Ratio};
use table::Table;

/// The component.
pub const ENTRY: Entry = Entry {
    category: Category::DataPoolManipulator,
    type_name: Some("data_pool_construction"),
    summary: "Cuts a dataset into data pools along each of its statistics",
    doc: "For every key of `__dj__stats__` that holds numbers, or lists of numbers (ranked by their mean, an empty list by 0), \
          the rows are sorted upwards on top of the order that the key before has left, cut at `split_ratios` (or after every \
          `split_num` rows) and written to `EXPORT/KEY/BASE_KEY_I.jsonl`. Rows without the statistic stand behind all others. \
          With `ignore_stats` the rows are cut in their given order, to `EXPORT/BASE_ignore_stats_I.jsonl`. With \
          `random_pools: N`, N random samples as large as the average pool are written beside, as a control: \
          `EXPORT/random_pools/BASE_random_I.jsonl`, number I drawn with the seed `seed` + I. `part_names` names the pools by \
          `index`, by `quantiles` (`BASE_KEY_q0-33.jsonl`) or by a list of names. Returns all paths.",
    example: "hook: DataPoolManipulationHook\n\
              meta_name: construct\n\
              extra_configs:\n  \
                type: data_pool_construction\n  \
                dataset_path: outputs/analyzed.jsonl\n  \
                export_path: outputs/pools\n  \
                split_ratios: [1/3, 2/3]\n\
              output: pools\n",
    check: component::check::<Construction>,
    build: component::build::<Construction>,
};

/// How a data set is cut into pools.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Construction {
    /// The data sets.
    pub dataset_path: Paths,
    /// The folder of the pools.
    pub export_path: PathBuf,
    /// Where to cut, as shares of the rows.
    #[serde(default = "ratios::thirds", deserialize_with = "ratios::one_or_many")]
    pub split_ratios: Vec<Ratio>,
    /// Cut after every so many rows instead.
    #[serde(default)]
    pub split_num: Option<u64>,
    /// Cut the rows in their given order.
    #[serde(default)]
    pub ignore_stats: bool,
    /// How many random control pools to write.
    #[serde(default)]
    pub random_pools: u64,
    /// The seed of the first control pool.
    #[serde(default = "forty_two")]
    pub seed: u64,
    /// What the parts are called.
    #[serde(default)]
    pub part_names: PartNames,
}

fn forty_two() -> u64 {
    42
}

impl Construction {
    /// The construction of pools from `dataset_path` in the folder `export_path`: thirds of every statistic.
    pub fn new(dataset_path: impl Into<Paths>, export_path: impl Into<PathBuf>) -> Self {
        Self {
            dataset_path: dataset_path.into(),
            export_path: export_path.into(),
            split_ratios: ratios::thirds(),
            split_num: None,
            ignore_stats: false,
            random_pools: 0,
            seed: forty_two(),
            part_names: PartNames::default(),
        }
    }
}

impl DataPoolManipulator for Construction {
    const KEYS: &'static [Key] = &[
        Key::many("dataset_path", "", "The dataset, or a list of them, with statistics"),
        Key::one("export_path", "", "The folder of the pools"),
        Key::many("split_ratios", "[1/3, 2/3]", "Where to cut, as shares of the rows: numbers or fractions"),
        Key::one("split_num", "null", "Cut after every so many rows instead"),
        Key::one("ignore_stats", "false", "Cut the rows in their given order"),
        Key::one("random_pools", "0", "How many random pools to write as a control"),
        Key::one("seed", "42", "The seed of the first random pool"),
        Key::many("part_names", "index", "`index`, `quantiles`, or a list of names for the parts"),
    ];

    fn flaws(&self) -> Vec<Flaw> {
        let mut flaws: Vec<Flaw> = no_paths("dataset_path", &self.dataset_path).into_iter().collect();
        if self.split_num == Some(0) {
            flaws.push(Flaw::new(key("split_num"), "`split_num` is 0: a pool has at least 1 row", "for example `split_num: 1000`"));
        }
        if self.split_num.is_none() {
            flaws.extend(ratios::flaws(&self.split_ratios));
            flaws.extend(self.part_names.flaws(self.split_ratios.len() + 1));
        } else {
            flaws.extend(self.part_names.flaws_of_names());
        }
        flaws
    }

    fn inputs(&self) -> Vec<&Paths> {
        vec![&self.dataset_path]
    }

    fn run(&self, running: &Running<'_>) -> Result<Made, PoolError> {
        construct(self, running)
    }
}

/// Cuts data sets into pools.
///
/// # Errors
/// As [`DataPoolManipulator::run`]; also when no data set has numbers among its statistics.
pub fn construct(settings: &Construction, running: &Running<'_>) -> Result<Made, PoolError> {
    usable(settings)?;
    let work = Work::new(running);
    let inputs = inputs::find(&settings.dataset_path, &work)?;
    let staging = Staging::begin(&settings.export_path, &inputs.there, &work)?;
    let mut cut = 0;
    for input in &inputs.there {
        let source = Source::open(&input.path, staging.folder(), &work)?;
        let job = Job { settings, input, source: &source, work: &work, staging: &staging };
        cut += usize::from(if settings.ignore_stats { job.in_given_order()? } else { job.by_statistics()? });
        source.close(&work);
    }
    if cut == 0 {
        return Err(PoolError::NoStatistics(settings.dataset_path.0.clone()));
    }
    staging.commit()
}

/// One data set at work.
struct Job<'j> {
    settings: &'j Construction,
    input: &'j Input,
    source: &'j Source,
    work: &'j Work<'j>,
    staging: &'j Staging<'j>,
}

/// Some rows that become a pool.
struct Part {
    claim: Claim,
    from: usize,
    to: usize,
}

/// Pools that are cut out of one order of the rows.
struct Cut {
    order: Arc<Vec<u32>>,
    parts: Vec<Part>,
}

impl Job<'_> {
    fn in_given_order(&self) -> Result<bool, PoolError> {
        let index = Index::of(self.source, self.work, &self.staging.rejects)?;
        let points = self.points(index.len());
        let names = self.settings.part_names.all(&points, index.len(), &self.settings.split_ratios, self.settings.split_num);
        self.work.expect(index.bytes());
        let produce = |send: &mut dyn FnMut(Part) -> bool| {
            for (part, range) in parts(&points, index.len()).enumerate() {
                let name = format!("{}_ignore_stats_{}.jsonl", self.input.base, names[part]);
                let claim = self.claim(&name, index.len(), json!({"part": part}), None)?;
                if !send(Part { claim, from: range.0, to: range.1 }) {
                    break;
                }
            }
            Ok(())
        };
        queue(self.work, 1, produce, |part: Part| self.write(&index, part.claim, part.from..part.to))?;
        self.random_pools(&index, points.len() + 1)?;
        Ok(true)
    }

    fn by_statistics(&self) -> Result<bool, PoolError> {
        let mut table = Table::read(self.source, self.work, &self.staging.rejects)?;
        let rows = table.index().len();
        let ranked = table.ranked();
        if ranked.is_empty() {
            let what = if table.has_statistics() { "no number among its statistics" } else { "no `__dj__stats__`" };
            self.work.observer.warning(&format!("`{}` has {what} and is left out", self.input.path.display()));
            return Ok(false);
        }
        let points = self.points(rows);
        let names = self.settings.part_names.all(&points, rows, &self.settings.split_ratios, self.settings.split_num);
        let mut order: Vec<u32> = (0..rows as u32).collect();
        for group in ranked.chunks(table::AT_ONCE) {
            table.fill(group, self.source, self.work)?;
            let columns = table.take_columns(group);
            let index = table.index();
            self.work.expect(index.bytes() * columns.len() as u64);
            // With fewer columns than threads, the parts of one are shared out.
            let share_out = columns.len() < self.work.threads;
            let produce = |send: &mut dyn FnMut(Cut) -> bool| {
                for (name, column) in columns {
                    // NaN stands for a missing statistic and goes behind all numbers.
                    order::sort(&mut order, &column);
                    drop(column);
                    let sorted = Arc::new(order.clone());
                    let mut cut = Vec::new();
                    for (part, (from, to)) in parts(&points, rows).enumerate() {
                        let folder = file_name_of(&name);
                        let path = format!("{folder}/{}_{folder}_{}.jsonl", self.input.base, names[part]);
                        let claim = self.claim(&path, rows, json!({"statistic": name, "part": part}), None)?;
                        cut.push(Part { claim, from, to });
                    }
                    let size = if share_out { 1 } else { cut.len() };
                    while !cut.is_empty() {
                        let parts = cut.drain(..size.min(cut.len())).collect();
                        if !send(Cut { order: sorted.clone(), parts }) {
                            return Ok(());
                        }
                    }
                }
                Ok(())
            };
            queue(self.work, 0, produce, |cut: Cut| {
                let parts = cut.parts.iter().map(|part| (part.claim, &cut.order[part.from..part.to])).collect();
                self.write_all(index, parts)
            })?;
        }
        self.random_pools(table.index(), points.len() + 1)?;
        Ok(true)
    }

    /// Samples as large as the average part.
    fn random_pools(&self, index: &Index, parts: usize) -> Result<(), PoolError> {
        let size = (index.len() as f64 / parts as f64 + 0.5).floor() as usize;
        let size = size.min(index.len());
        for number in 0..self.settings.random_pools {
            self.work.go_on()?;
            let seed = self.settings.seed.wrapping_add(number);
            let name = format!("random_pools/{}_random_{number}.jsonl", self.input.base);
            let claim = self.claim(&name, index.len(), json!({"random": number}), Some(seed))?;
            let mut order: Vec<u32> = (0..index.len() as u32).collect();
            Generator::new(seed.into()).shuffle(&mut order);
            self.write_all(index, vec![(claim, &order[..size])])?;
        }
        Ok(())
    }

    fn points(&self, rows: usize) -> Vec<usize> {
        match self.settings.split_num {
            Some(step) => {
                let step = usize::try_from(step).unwrap_or(usize::MAX).max(1);
                (1..).map_while(|part: usize| part.checked_mul(step).filter(|point| *point < rows)).collect()
            }
            None => self.settings.split_ratios.iter().map(|ratio| ratio.of(rows)).collect(),
        }
    }

    fn claim(&self, name: &str, rows: usize, details: Value, seed: Option<u64>) -> Result<Claim, PoolError> {
        let parents = vec![Parent { path: self.input.path.clone(), rows: rows as u64 }];
        let details = if let Value::Object(details) = details { details } else { Map::new() };
        self.staging.claim(name, &self.input.path, About { operation: "construction", parents, seed, details })
    }

    /// Writes pools of which none has a row of another.
    fn write_all(&self, index: &Index, pools: Vec<(Claim, &[u32])>) -> Result<(), PoolError> {
        let rows = pools.iter().map(|(_, rows)| rows.len()).sum();
        if !scatter::is_worth_it(self.source, index, rows) {
            return pools.into_iter().try_for_each(|(claim, rows)| self.write(index, claim, rows.iter().map(|row| *row as usize)));
        }
        let (mut claims, mut outputs) = (Vec::new(), Vec::new());
        for (claim, rows) in pools {
            claims.push(claim);
            outputs.push(Output { file: self.staging.writer(claim)?, rows });
        }
        let written = scatter::write(self.source, index, outputs, self.work)?;
        claims.into_iter().zip(written).for_each(|(claim, written)| self.staging.written(claim, written));
        Ok(())
    }

    fn write(&self, index: &Index, claim: Claim, rows: impl Iterator<Item = usize>) -> Result<(), PoolError> {
        let mut gather = Gather::new(self.staging.writer(claim)?, self.work);
        for row in rows {
            gather.push(self.source, index.get(row))?;
        }
        self.staging.written(claim, gather.finish()?);
        Ok(())
    }
}

/// From where to where each part goes.
fn parts(points: &[usize], rows: usize) -> impl Iterator<Item = (usize, usize)> {
    let ends = points.iter().copied().chain([rows]);
    let mut from = 0;
    ends.map(move |end| {
        let part = (from, end.max(from));
        from = part.1;
        part
    })
}

/// A statistic's name as the name of a folder: what would lead elsewhere is replaced.
fn file_name_of(statistic: &str) -> String {
    let name = statistic.replace(['/', '\0'], "_");
    if Path::new(&name).file_name().is_none() { format!("_{name}") } else { name }
}
