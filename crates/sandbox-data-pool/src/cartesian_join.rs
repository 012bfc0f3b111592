//! Cartesian join: every row of one pool with every row of another.

mod fragments;

use std::path::PathBuf;

use sandbox_core::component::Entry;
use sandbox_core::hook::Category;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::component::{self, DataPoolManipulator, Flaw, Key, no_paths, usable};
use crate::error::PoolError;
use crate::inputs::{self, Input};
use crate::manifest::Parent;
use crate::observer::{Running, Work};
use crate::paths::Paths;
use crate::source::Source;
use crate::staging::{About, Made, Staging};
use crate::threads::queue;

use fragments::{Fields, Fragments, Side};

/// The component.
pub const ENTRY: Entry = Entry {
    category: Category::DataPoolManipulator,
    type_name: Some("data_pool_cartesian_join"),
    summary: "Joins every row of some data pools with every row of others",
    doc: "For every pool I of `dataset_path_1` and every pool J of `dataset_path_2`: every row of the first with every row of the \
          second, their fields side by side, is written to `EXPORT/P1_P2_cartesian_join_I_J.jsonl`; P1 and P2 are the longest \
          common beginnings of the file names (`default_prefix` when both are empty). A field that stands in both is an error, \
          unless `on_conflict` says what to do: `suffix` keeps both as NAME_1 and NAME_2, `left` and `right` keep that side's \
          only. Returns all paths.",
    example: "hook: DataPoolManipulationHook\n\
              meta_name: join\n\
              extra_configs:\n  \
                type: data_pool_cartesian_join\n  \
                dataset_path_1: data/prompts.jsonl\n  \
                dataset_path_2: data/questions.jsonl\n  \
                export_path: outputs/joined\n\
              output: joined\n",
    check: component::check::<CartesianJoin>,
    build: component::build::<CartesianJoin>,
};

/// What is joined.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct CartesianJoin {
    /// The pools of the left side.
    pub dataset_path_1: Paths,
    /// The pools of the right side.
    pub dataset_path_2: Paths,
    /// The folder of the results.
    pub export_path: PathBuf,
    /// What to do with a field of both sides.
    #[serde(default)]
    pub on_conflict: OnConflict,
}

/// What becomes of a field that stands on both sides of a join.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum OnConflict {
    /// Nothing is joined.
    #[default]
    Error,
    /// Both are kept, as `NAME_1` and `NAME_2`.
    Suffix,
    /// The left side's is kept; the right side's is left out of all rows.
    Left,
    /// The right side's is kept; the left side's is left out of all rows.
    Right,
}

impl CartesianJoin {
    /// The pools `first` with the pools `second`, in the folder `export_path`.
    pub fn new(first: impl Into<Paths>, second: impl Into<Paths>, export_path: impl Into<PathBuf>) -> Self {
        let (dataset_path_1, dataset_path_2) = (first.into(), second.into());
        Self { dataset_path_1, dataset_path_2, export_path: export_path.into(), on_conflict: OnConflict::Error }
    }
}

impl DataPoolManipulator for CartesianJoin {
    const KEYS: &'static [Key] = &[
        Key::many("dataset_path_1", "", "The pools of the left side"),
        Key::many("dataset_path_2", "", "The pools of the right side"),
        Key::one("export_path", "", "The folder of the results"),
        Key::one("on_conflict", "error", "A field on both sides: `error`, `suffix`, `left` or `right`"),
    ];

    fn flaws(&self) -> Vec<Flaw> {
        let lists = [("dataset_path_1", &self.dataset_path_1), ("dataset_path_2", &self.dataset_path_2)];
        lists.into_iter().filter_map(|(name, paths)| no_paths(name, paths)).collect()
    }

    fn inputs(&self) -> Vec<&Paths> {
        vec![&self.dataset_path_1, &self.dataset_path_2]
    }

    fn run(&self, running: &Running<'_>) -> Result<Made, PoolError> {
        join(self, running)
    }
}

/// Joins pools.
///
/// # Errors
/// As [`DataPoolManipulator::run`]; also when a field stands on both sides and nothing says what to do with it.
pub fn join(settings: &CartesianJoin, running: &Running<'_>) -> Result<Made, PoolError> {
    usable(settings)?;
    let work = Work::new(running);
    let first = inputs::find(&settings.dataset_path_1, &work)?.there;
    let second = inputs::find(&settings.dataset_path_2, &work)?.there;
    let staging = Staging::begin(&settings.export_path, first.iter().chain(&second), &work)?;
    let open =
        |inputs: &[Input]| inputs.iter().map(|input| Source::open(&input.path, staging.folder(), &work)).collect::<Result<Vec<_>, _>>();
    let sources = [open(&first)?, open(&second)?];
    let mut fields = [Fields::default(), Fields::default()];
    for (side, sources) in sources.iter().enumerate() {
        for source in sources {
            fields[side].read(source, &work, &staging.rejects)?;
        }
    }
    let common = fields[0].common(&fields[1]);
    if !common.is_empty() && settings.on_conflict == OnConflict::Error {
        return Err(PoolError::SameField(common));
    }
    if settings.on_conflict == OnConflict::Suffix {
        fragments::names_are_free(&common, &fields)?;
    }
    let make = |side: Side, sources: &[Source]| {
        let rule = fragments::Rule { common: &common, side, on_conflict: settings.on_conflict };
        sources.iter().map(|source| Fragments::of(source, &rule, staging.folder(), &work)).collect::<Result<Vec<_>, _>>()
    };
    let (left, right) = (make(Side::Left, &sources[0])?, make(Side::Right, &sources[1])?);
    let prefix = match (inputs::common_prefix(&first), inputs::common_prefix(&second)) {
        (first, second) if first.is_empty() && second.is_empty() => "default_prefix".to_owned(),
        (first, second) => format!("{first}_{second}"),
    };
    let mut tasks = Vec::new();
    for (i, (one, left)) in first.iter().zip(&left).enumerate() {
        for (j, (two, right)) in second.iter().zip(&right).enumerate() {
            let parent = |input: &Input, fragments: &Fragments| Parent { path: input.path.clone(), rows: fragments.rows() };
            let details = [("on_conflict".to_owned(), json!(settings.on_conflict))].into_iter().collect();
            let about = About { operation: "cartesian_join", parents: vec![parent(one, left), parent(two, right)], seed: None, details };
            work.expect(left.bytes().saturating_mul(right.rows()).saturating_add(right.bytes().saturating_mul(left.rows())));
            tasks.push((staging.claim(&format!("{prefix}_cartesian_join_{i}_{j}.jsonl"), &one.path, about)?, left, right));
        }
    }
    let produce = |send: &mut dyn FnMut(_) -> bool| {
        let _ = tasks.into_iter().all(send);
        Ok(())
    };
    queue(&work, 1, produce, |(claim, left, right): (_, &Fragments, &Fragments)| {
        staging.written(claim, fragments::write_all(left, right, staging.writer(claim)?, &work)?);
        Ok(())
    })?;
    staging.commit()
}
