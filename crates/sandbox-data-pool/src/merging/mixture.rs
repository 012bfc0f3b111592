//! Pools mixed by weights.

use sandbox_dataset::{Generator, Written};
use serde::{Deserialize, Serialize};

use crate::component::{Flaw, key};
use crate::error::PoolError;
use crate::gather::Gather;
use crate::index::Index;
use crate::inputs::Input;
use crate::manifest::Parent;
use crate::observer::Work;
use crate::paths::Paths;
use crate::pool_file::PoolFile;
use crate::source::Source;
use crate::staging::Staging;

use super::Merging;

/// What the weights of a mixture measure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum WeightBy {
    /// Rows.
    #[default]
    Rows,
    /// Characters of a text field. A row without the text counts as none.
    Characters,
}

const ONE_EACH: &str = "one weight per data pool, in the same order";

pub(super) fn lengths(weights: usize, pools: usize) -> PoolError {
    PoolError::setting(lengths_told(weights, pools), ONE_EACH)
}

fn lengths_told(weights: usize, pools: usize) -> String {
    let s = |count: usize| if count == 1 { "" } else { "s" };
    format!("`weights` has {weights} number{} for {pools} data pool{}", s(weights), s(pools))
}

pub(super) fn flaws(weights: &[f64], pools: &Paths) -> Vec<Flaw> {
    let mut flaws = Vec::new();
    // A folder or pattern stands for several pools: how many, the run will see.
    let is_plain = pools.0.iter().all(|path| !path.contains(['*', '?', '[', '{']) && !std::path::Path::new(path).is_dir());
    if is_plain && weights.len() != pools.0.len() {
        flaws.push(Flaw::new(key("weights"), lengths_told(weights.len(), pools.0.len()), ONE_EACH).depends_on("dataset_path"));
    }
    for (index, weight) in weights.iter().enumerate().filter(|(_, weight)| !(weight.is_finite() && **weight >= 0.0)) {
        let at = key("weights").index(index);
        flaws.push(Flaw::new(at.clone(), format!("`{at}` is {weight}: a weight is 0 or more"), "0 leaves a pool out"));
    }
    if !weights.is_empty() && weights.iter().all(|weight| *weight == 0.0) {
        flaws.push(Flaw::new(key("weights"), "`weights` are all 0: nothing would be written", "give a pool a weight above 0"));
    }
    flaws
}

/// A mixture, written.
pub(super) struct Mixed {
    pub(super) parents: Vec<Parent>,
    /// Rows taken from each pool.
    pub(super) taken: Vec<u64>,
    pub(super) written: Written,
}

/// One pool, read.
struct Pool {
    source: Source,
    index: Index,
    /// Characters per row, when they count.
    sizes: Option<Vec<u32>>,
    size: u64,
    weight: f64,
}

/// Writes a mixture; without weights, all rows in random order.
pub(super) fn mix(
    settings: &Merging,
    inputs: &[Input],
    writer: PoolFile,
    staging: &Staging<'_>,
    work: &Work<'_>,
) -> Result<Mixed, PoolError> {
    let mut pools = Vec::new();
    for input in inputs {
        let weight = settings.weights.as_ref().map_or(1.0, |weights| weights[input.number]);
        pools.push(read(settings, input, weight, staging, work)?);
    }
    let quotas = match &settings.weights {
        None => pools.iter().map(|pool| pool.size).collect(),
        Some(_) => quotas(settings, &pools, inputs, work)?,
    };
    let mut rows: Vec<(u32, u32)> = Vec::new();
    let mut taken = Vec::new();
    for (number, (pool, quota)) in pools.iter().zip(quotas).enumerate() {
        let before = rows.len();
        take(pool, quota, settings, number, &mut rows);
        taken.push((rows.len() - before) as u64);
    }
    if settings.shuffle {
        Generator::new(settings.shuffle_seed.into()).shuffle(&mut rows);
    }
    let mut gather = Gather::new(writer, work);
    for (pool, row) in rows {
        let Pool { source, index, .. } = &pools[pool as usize];
        gather.push(source, index.get(row as usize))?;
    }
    let parents = inputs.iter().zip(&pools).map(|(input, pool)| Parent { path: input.path.clone(), rows: pool.index.len() as u64 });
    Ok(Mixed { parents: parents.collect(), taken, written: gather.finish()? })
}

fn read(settings: &Merging, input: &Input, weight: f64, staging: &Staging<'_>, work: &Work<'_>) -> Result<Pool, PoolError> {
    let source = Source::open(&input.path, staging.folder(), work)?;
    let by_characters = settings.weights.is_some() && settings.weight_by == WeightBy::Characters;
    let (mut index, mut sizes) = (Index::default(), Vec::new());
    let characters = |row: &sandbox_dataset::Row<'_>| {
        let text = if by_characters { row.text(&settings.text_key).ok().flatten() } else { None };
        text.map_or(0, |text| text.chars().count() as u32)
    };
    Index::with(&source, work, &staging.rejects, characters, |span, size| {
        index.push(span);
        if by_characters {
            sizes.push(size);
        }
    })?;
    let size = if by_characters { sizes.iter().map(|size| u64::from(*size)).sum() } else { index.len() as u64 };
    if size == 0 && weight > 0.0 {
        let what = if by_characters { format!("no characters under `{}`", settings.text_key) } else { "no rows".to_owned() };
        let hint =
            if by_characters { "`text_key` names the text field; or give the pool the weight 0" } else { "give the pool the weight 0" };
        if settings.weights.is_some() {
            return Err(PoolError::setting(format!("`{}` has {what} to mix", input.path.display()), hint));
        }
    }
    Ok(Pool { source, index, sizes: by_characters.then_some(sizes), size, weight })
}

/// How much each pool gives, in rows or characters.
fn quotas(settings: &Merging, pools: &[Pool], inputs: &[Input], work: &Work<'_>) -> Result<Vec<u64>, PoolError> {
    let sum: f64 = pools.iter().map(|pool| pool.weight).sum();
    if sum <= 0.0 {
        return Err(PoolError::setting("no pool with a weight above 0 is there", "an earlier job may have written elsewhere"));
    }
    let limit = |pool: &Pool| pool.size.saturating_mul(settings.max_repeats);
    let fits = pools.iter().filter(|pool| pool.weight > 0.0).map(|pool| limit(pool) as f64 * sum / pool.weight);
    let total = settings.total.map_or_else(|| fits.fold(f64::INFINITY, f64::min), |total| total as f64);
    let mut quotas = Vec::new();
    for (pool, input) in pools.iter().zip(inputs) {
        // Just below a whole number is what is left of it by rounding.
        let wanted = (total * pool.weight / sum + 1e-6).floor().max(0.0) as u64;
        if wanted > limit(pool) {
            let unit = if settings.weight_by == WeightBy::Rows { "rows" } else { "characters" };
            work.observer.warning(&format!(
                "`{}` gives {} instead of {wanted} {unit}: with `max_repeats: {}` it has no more",
                input.path.display(),
                limit(pool),
                settings.max_repeats
            ));
        }
        quotas.push(wanted.min(limit(pool)));
    }
    Ok(quotas)
}

/// Adds the rows that a pool gives: whole passes, then a random sample in the pool's order.
fn take(pool: &Pool, quota: u64, settings: &Merging, number: usize, rows: &mut Vec<(u32, u32)>) {
    if pool.size == 0 {
        return;
    }
    let all = 0..pool.index.len() as u32;
    for _ in 0..quota / pool.size {
        rows.extend(all.clone().map(|row| (number as u32, row)));
    }
    let mut rest = quota % pool.size;
    if rest == 0 {
        return;
    }
    let mut order: Vec<u32> = all.collect();
    Generator::new(settings.shuffle_seed.into()).shuffle(&mut order);
    let mut sample = Vec::new();
    for row in order {
        let size = pool.sizes.as_ref().map_or(1, |sizes| u64::from(sizes[row as usize]));
        // The last row may go beyond when that is nearer.
        if size > rest * 2 || rest == 0 {
            break;
        }
        rest = rest.saturating_sub(size);
        sample.push(row);
    }
    sample.sort_unstable();
    rows.extend(sample.into_iter().map(|row| (number as u32, row)));
}
