//! The kinds of components.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A kind of component: what the original calls a factory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// Runs a recipe over a dataset.
    DataExecutor,
    /// Computes a dataset's statistics by a recipe.
    DataAnalyzer,
    /// Makes data pools out of data pools.
    DataPoolManipulator,
    /// Probes data or results.
    GeneralProbe,
    /// Any other work on data, such as a format conversion.
    GeneralDataExecutor,
    /// Scores data.
    DataEvaluator,
    /// Scores a model.
    ModelEvaluator,
    /// Asks a model about a sample of data.
    ModelInferEvaluator,
    /// Trains a model.
    ModelTrainer,
    /// Runs inference with a model.
    ModelInference,
    /// Narrows a recipe's filters by statistics.
    KSigmaRefiner,
    /// Changes a recipe by what models have shown.
    ModelFeedbackRefiner,
}

impl Category {
    /// Every category, in the order of the reference pages.
    pub const ALL: [Category; 12] = [
        Self::DataExecutor,
        Self::DataAnalyzer,
        Self::DataPoolManipulator,
        Self::GeneralProbe,
        Self::GeneralDataExecutor,
        Self::DataEvaluator,
        Self::ModelEvaluator,
        Self::ModelInferEvaluator,
        Self::ModelTrainer,
        Self::ModelInference,
        Self::KSigmaRefiner,
        Self::ModelFeedbackRefiner,
    ];

    /// The category in the field's words, such as `data-pool manipulator`.
    pub fn name(self) -> &'static str {
        match self {
            Self::DataExecutor => "data executor",
            Self::DataAnalyzer => "data analyzer",
            Self::DataPoolManipulator => "data-pool manipulator",
            Self::GeneralProbe => "general probe",
            Self::GeneralDataExecutor => "general data executor",
            Self::DataEvaluator => "data evaluator",
            Self::ModelEvaluator => "model evaluator",
            Self::ModelInferEvaluator => "model-infer evaluator",
            Self::ModelTrainer => "model trainer",
            Self::ModelInference => "model inference",
            Self::KSigmaRefiner => "recipe refiner k-sigma",
            Self::ModelFeedbackRefiner => "recipe refiner model feedback",
        }
    }

    /// The hook that calls components of this category.
    pub fn hook(self) -> &'static super::Hook {
        super::HOOKS.iter().find(|hook| hook.category == self).unwrap_or(&super::EXTRA)
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
