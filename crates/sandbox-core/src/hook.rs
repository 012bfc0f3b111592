//! The twelve hooks, as one table.
//!
//! A hook is data, a component is code: every hook takes the same path through the pipeline, and what sets one apart
//! from another is its row here.

mod blocks;
mod category;

use sandbox_document::{Problem, did_you_mean};

pub use blocks::{JobList, Side};
pub use category::Category;

/// One hook: which component a job calls, and how its configuration is prepared.
#[derive(Debug, PartialEq, Eq)]
pub struct Hook {
    /// The name in a job's `hook` key.
    pub name: &'static str,
    /// What it does, in one line.
    pub doc: &'static str,
    /// The job lists in which the documentation puts it; elsewhere it deserves a warning.
    pub lists: &'static [JobList],
    /// The kind of component that it calls.
    pub category: Category,
    /// The block that holds the component's configuration.
    pub block: Side,
    /// The component in words when no `type` chooses one; `None` where `extra_configs.type` is required.
    pub default_component: Option<&'static str>,
    /// Whether its result goes to the watcher under the job's `meta_name`.
    pub watched: bool,
    /// Whether `dj_configs.export_path` gets the iteration's directory.
    pub maps_export_path: bool,
}

/// The hooks, in the order in which a pipeline usually runs them.
pub static HOOKS: [Hook; 12] = [
    Hook {
        name: "ProbeViaAnalyzerHook",
        doc: "Analyses a dataset by a recipe; the overall statistics are watched",
        lists: &[JobList::Probe, JobList::Evaluation],
        category: Category::DataAnalyzer,
        block: Side::Dj,
        default_component: Some("the analyzer"),
        watched: true,
        maps_export_path: true,
    },
    Hook {
        name: "ProbeViaModelInferHook",
        doc: "Samples a dataset and asks a model about the sample; the result is watched",
        lists: &[JobList::Probe, JobList::Evaluation],
        category: Category::ModelInferEvaluator,
        ..EXTRA
    },
    Hook {
        name: "GeneralProbeHook",
        doc: "Probes data or results, for example ranks data pools by metrics",
        lists: &[JobList::Probe],
        category: Category::GeneralProbe,
        watched: false,
        ..EXTRA
    },
    Hook {
        name: "RefineRecipeViaKSigmaHook",
        doc: "Narrows a recipe's filters to mean ± k·sigma of the statistics watched under the same `meta_name`",
        lists: &[JobList::RefineRecipe],
        category: Category::KSigmaRefiner,
        default_component: Some("k-sigma"),
        watched: false,
        ..EXTRA
    },
    Hook {
        name: "RefineRecipeViaModelFeedbackHook",
        doc: "Changes a recipe by what models trained or probed on the data have shown",
        lists: &[JobList::RefineRecipe],
        category: Category::ModelFeedbackRefiner,
        default_component: Some("model feedback"),
        watched: false,
        ..EXTRA
    },
    Hook {
        name: "ProcessDataHook",
        doc: "Runs a recipe over a dataset",
        lists: &[JobList::Execution],
        category: Category::DataExecutor,
        block: Side::Dj,
        default_component: Some("the recipe executor"),
        watched: false,
        maps_export_path: true,
    },
    Hook {
        name: "DataPoolManipulationHook",
        doc: "Makes data pools out of data pools: construction, combination, duplication, downsampling, merging, joining",
        lists: &[JobList::Execution],
        category: Category::DataPoolManipulator,
        watched: false,
        ..EXTRA
    },
    Hook {
        name: "GeneralDataExecutorHook",
        doc: "Runs another data executor, for example a format converter",
        lists: &[JobList::Execution],
        category: Category::GeneralDataExecutor,
        watched: false,
        ..EXTRA
    },
    Hook {
        name: "TrainModelHook",
        doc: "Trains a model, watched while it runs",
        lists: &[JobList::Execution],
        category: Category::ModelTrainer,
        ..EXTRA
    },
    Hook {
        name: "InferModelHook",
        doc: "Runs inference with a model, watched while it runs",
        lists: &[JobList::Execution],
        category: Category::ModelInference,
        ..EXTRA
    },
    Hook {
        name: "EvaluateDataHook",
        doc: "Scores data; the result is watched",
        lists: &[JobList::Evaluation],
        category: Category::DataEvaluator,
        ..EXTRA
    },
    Hook {
        name: "EvaluateModelHook",
        doc: "Scores a model; the result is watched",
        lists: &[JobList::Evaluation],
        category: Category::ModelEvaluator,
        ..EXTRA
    },
];

/// What most hooks have in common.
const EXTRA: Hook = Hook {
    name: "",
    doc: "",
    lists: &[],
    category: Category::GeneralProbe,
    block: Side::Extra,
    default_component: None,
    watched: true,
    maps_export_path: false,
};

impl Hook {
    /// The hook of a name.
    ///
    /// # Errors
    /// A problem with the nearest name, or with all of them.
    pub fn named(name: &str) -> Result<&'static Hook, Problem> {
        HOOKS
            .iter()
            .find(|hook| hook.name == name)
            .ok_or_else(|| Problem::error(format!("unknown hook `{name}`")).hint(did_you_mean(name, HOOKS.iter().map(|hook| hook.name))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_category_has_one_hook_and_every_hook_a_list() {
        for category in Category::ALL {
            assert_eq!(HOOKS.iter().filter(|hook| hook.category == category).count(), 1, "{category}");
        }
        assert!(HOOKS.iter().all(|hook| !hook.name.is_empty() && !hook.doc.is_empty() && !hook.lists.is_empty()));
    }

    #[test]
    fn a_misspelt_hook_gets_the_near_miss() {
        let problem = Hook::named("ProcesDataHook").unwrap_err();
        assert_eq!(problem.to_string(), "unknown hook `ProcesDataHook`\n  hint: did you mean `ProcessDataHook`?");
    }
}
